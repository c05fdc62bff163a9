"""A boundary layer: -eps u'' + u = 1 with u = 0 at both ends, on equal cells and on cells that shrink towards the ends.

The solution is 1 but for two layers of the width sqrt(eps). With equal cells, each forty times as long, it overshoots; the same number
of graded cells, and the same degree, give six digits.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import tensorfem as tfem

eps, cells, degree = 1e-6, 24, 6
meshes = {
    "equal cells": tfem.interval(0, 1, cells),
    "graded cells": tfem.graded(0, 1, cells, size_ratio=200, toward="both"),
}


def exact(x, eps=eps):
    """1 - cosh((2x - 1) / (2 sqrt(eps))) / cosh(1 / (2 sqrt(eps))), written without overflow."""
    width = np.sqrt(eps)
    return 1 - (np.exp(-x / width) + np.exp((x - 1) / width)) / (1 + np.exp(-1 / width))


fields = {
    name: tfem.Poisson(tfem.Space(tfem.Lagrange(mesh, degree)), source=1.0, diffusion=eps, reaction=1.0, boundary=0.0).solve()
    for name, mesh in meshes.items()
}
errors = {name: field.linf_error(exact) for name, field in fields.items()}


def draw(axes=None):
    """The left layer on either mesh; ticks mark the cells' ends."""
    if axes is None:
        axes = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True, layout="constrained")[1]
    for ax, (name, field), end in zip(axes, fields.items(), (0.24, 0.014), strict=True):
        x = np.linspace(0, end, 1000)
        ax.plot(x, exact(x), color="0.6", linewidth=4, label="exact")
        ax.plot(x, field(x), color="C3", label=f"{cells} {name}")
        ends = meshes[name].nodes
        ax.plot(ends[ends <= end], field(ends[ends <= end]), "C3|", markersize=12)
        ax.set(xlim=(0, end), xlabel="x", title=f"largest error {errors[name]:.1g}")
        ax.legend(loc="lower right")
    axes[0].set_ylabel("u")
    return axes


if __name__ == "__main__":
    for name, error in errors.items():
        print(f"{name:<13} smallest {meshes[name].sizes.min():.1e}, largest error {error:.1e}")
    Path("out").mkdir(exist_ok=True)
    draw()[0].figure.savefig("out/boundary_layer.png", dpi=150)
    print("picture       out/boundary_layer.png")
