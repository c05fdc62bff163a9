"""Separable filters on an image: a two-dimensional convolution is one along the columns and one along the rows.

The image is a formula: rings that grow finer to the right (a zone plate), a disk and noise. One sees the Gaussian blur remove the noise
and the finest rings, Sobel's kernel find the edges, and the unsharp mask, which is a sum of two products, sharpen the blurred image.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import scipy.ndimage

from tensorfem.kron import coordinates, gaussian_kernel, outer, separable_filter, separate

x, y = coordinates(np.linspace(-1, 1, 240), np.linspace(0, 1.5, 180))
rings = 0.5 + 0.5 * np.cos(70 * (x**2 + y**2)) * np.exp(-(x**2) - y**2)
disk = np.hypot(x + 0.45, y - 1.0) < 0.28
image = np.where(disk, 1.0, 0.6 * rings) + 0.1 * np.random.default_rng(90_417).standard_normal(x.shape)

gauss = gaussian_kernel(1.5)
smooth = separable_filter(image, gauss)

difference, mean = np.array([1.0, 0.0, -1.0]) / 2, np.array([1.0, 2.0, 1.0]) / 4
edges = np.hypot(separable_filter(smooth, [difference, mean]), separable_filter(smooth, [mean, difference]))

# Four times the image less three times its blur: a kernel of two dimensions and rank two, taken apart by its singular values.
delta = np.zeros(len(gauss))
delta[len(gauss) // 2] = 1
unsharp = 4 * outer([delta, delta]) - 3 * outer([gauss, gauss])
terms = separate(unsharp, rank=2)
sharp = sum(separable_filter(smooth, term) for term in terms)

references = {
    "Gauss": (smooth, scipy.ndimage.gaussian_filter(image, 1.5)),
    "Sobel": (edges, np.hypot(*(scipy.ndimage.sobel(smooth, axis) / 8 for axis in (0, 1)))),
    "unsharp mask": (sharp, scipy.ndimage.convolve(smooth, unsharp)),
}
differences = {name: float(np.abs(ours - theirs).max()) for name, (ours, theirs) in references.items()}


def draw(axes=None):
    """The image, and what the three filters make of it."""
    if axes is None:
        axes = plt.subplots(1, 4, figsize=(11, 4.1), sharex=True, sharey=True, layout="constrained")[1]
    pictures = {"image": image, "Gaussian blur": smooth, "edges of that (Sobel)": edges, "blur sharpened again": sharp}
    for ax, (name, values) in zip(axes, pictures.items(), strict=True):
        limits = (0, np.quantile(values, 0.995)) if values is edges else (0, 1.05)
        ax.imshow(values, cmap="gray", vmin=limits[0], vmax=limits[1])
        ax.set(title=name, xlabel="column")
    axes[0].set_ylabel("row")
    return axes


if __name__ == "__main__":
    for name, difference in differences.items():
        print(f"{name:<12} off scipy.ndimage by {difference:.1e}")
    Path("out").mkdir(exist_ok=True)
    draw()[0].figure.savefig("out/separable_filters.png", dpi=150)
    print("picture      out/separable_filters.png")
