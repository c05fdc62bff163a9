"""Groundwater through random ground: how much water passes, where the conductivity varies by a factor of a thousand?

The logarithm of the conductivity is a Gaussian random field with a correlation length of a tenth of the width. Water enters at the
left, where its level is held 1 m higher than at the right. In two dimensions such ground conducts like a uniform one with the geometric
mean of the conductivities, on average (Matheron 1967); a single sample scatters around it.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import tensorfem as tfem

cells, width, height = (192, 128), 150.0, 100.0  # m
variance, length = 2.0, 10.0  # of the logarithm; correlation length in m


def random_field(seed):
    """A Gaussian random field on the cells, with the covariance exp(-distance^2 / (2 length^2)): white noise, smoothed along each axis."""
    noise = np.random.default_rng(seed).standard_normal(cells)
    for axis, (number, side) in enumerate(zip(cells, (width, height), strict=True)):
        middle = (np.arange(number) + 0.5) * side / number
        root = np.exp(-(((middle[:, None] - middle) / length) ** 2))
        root /= np.sqrt((root**2).sum(axis=1, keepdims=True))
        noise = np.moveaxis(np.tensordot(root, noise, axes=(1, axis)), 0, axis)
    return np.sqrt(variance) * noise


space = tfem.box(x=(0, width), y=(0, height), cells=cells)
level = {"x-": tfem.Dirichlet(1.0), "x+": tfem.Dirichlet(0.0), "*": tfem.Neumann(0.0)}


def flow(conductivity):
    """The water level, and the conductivity of uniform ground that lets the same water through."""
    head = tfem.Poisson(space, source=0.0, diffusion=conductivity, boundary=level).solve()
    slope = np.diff(head.values, axis=0) * cells[0] / width
    slope = (slope[:, 1:] + slope[:, :-1]) / 2  # the mean of dh/dx over each cell
    return head, float(-np.mean(conductivity * slope) * width)


conductivity = np.exp(random_field(1967))
head, passed = flow(conductivity)
geometric = float(np.exp(np.mean(np.log(conductivity))))
worst, best = float(1 / np.mean(1 / conductivity)), float(conductivity.mean())


def draw(axes=None):
    """The ground, and the level of the water with the way it takes."""
    if axes is None:
        axes = plt.subplots(1, 2, figsize=(11, 3.6), layout="constrained")[1]
    picture = axes[0].imshow(np.log10(conductivity).T, origin="lower", extent=(0, width, 0, height), cmap="copper")
    axes[0].figure.colorbar(picture, ax=axes[0], label="log10 of conductivity", shrink=0.85)
    axes[0].set(xlabel="x [m]", ylabel="y [m]", title="ground")
    head.plot(ax=axes[1], cmap="Blues", label="level [m]")
    axes[1].set(xlabel="x [m]", ylabel="y [m]", title=f"water: {passed / geometric:.2f} of the geometric mean's")
    return axes


if __name__ == "__main__":
    print(head.report)
    print(f"harmonic mean    {worst:.3f}")
    print(f"this ground      {passed:.3f}")
    print(f"geometric mean   {geometric:.3f}")
    print(f"arithmetic mean  {best:.3f}")
    Path("out").mkdir(exist_ok=True)
    draw()[0].figure.savefig("out/groundwater.png", dpi=150)
    print("picture          out/groundwater.png")
