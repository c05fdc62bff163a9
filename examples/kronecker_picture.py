"""What a Kronecker product looks like: A, B, and A x B, which holds a copy of B for each entry of A, multiplied by it.

One sees the block structure: in the frame at block row i and block column j stands a_ij B. The product of two 4 x 4 matrices has 256
entries, and everything about it is known from 32.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from tensorfem.kron import kron

A = np.array([[2.0, -1, 0, 0], [-1, 2, -1, 0], [0, -1, 2, -1], [0, 0, -1, 2]])
B = np.array([[1.0, 2, 0, -1], [0, 3, 1, 0], [-2, 0, 1, 2], [0, 1, 0, -3]])
product = kron(A, B)
explicit = np.asarray(product)


def show(ax, matrix, name, size):
    """The entries as colours and as numbers."""
    ax.imshow(matrix, cmap="RdBu_r", vmin=-6, vmax=6, origin="upper")
    for (i, j), value in np.ndenumerate(matrix):
        shade = "0.75" if value == 0 else "white" if abs(value) > 3 else "black"
        ax.text(j, i, f"{value + 0:.0f}".replace("-", "\N{MINUS SIGN}"), ha="center", va="center", color=shade, fontsize=size)
    ticks = np.arange(0, len(matrix), max(1, len(matrix) // 4))
    ax.set(title=name, xticks=ticks, yticks=ticks, xlabel="column", xlim=(-0.5, len(matrix) - 0.5), ylim=(len(matrix) - 0.5, -0.5))


def draw(axes=None):
    """The two factors, and their product with a frame around each block."""
    if axes is None:
        axes = plt.subplots(1, 3, figsize=(12.6, 6.1), layout="constrained", width_ratios=(1, 1, 2))[1]
    show(axes[0], A, "A", 11)
    show(axes[1], B, "B", 11)
    show(axes[2], explicit, r"$A \otimes B$", 9)
    for line in np.arange(3.5, 15, 4):
        axes[2].axhline(line, color="black", linewidth=1.2)
        axes[2].axvline(line, color="black", linewidth=1.2)
    axes[0].set_ylabel("row")
    return axes


if __name__ == "__main__":
    print(f"{product!r}: {A.size + B.size} numbers kept, {explicit.size} in the explicit matrix")
    Path("out").mkdir(exist_ok=True)
    draw()[0].figure.savefig("out/kronecker_picture.png", dpi=150)
    print("picture out/kronecker_picture.png")
