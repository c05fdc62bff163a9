"""A checkerboard of two materials: it conducts exactly like the geometric mean of the two, and its corners are hard on finite elements.

Turned by a quarter the board is the same with the materials exchanged, and from that alone its conductance follows: the square root of
the product (Keller 1964, Dykhne 1970). Where four fields meet, the potential behaves like r^s with s = (4 / pi) arctan(sqrt(poor / good))
(Kellogg 1975): the error of the conductance falls like h^(2 s) and no faster, whatever the degree. Who knows the order can extrapolate.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import tensorfem as tfem

poor, good, fields = 1.0, 9.0, 4
sizes = (16, 32, 64, 128, 256)


def board(cells):
    """One conductivity per cell."""
    number = np.arange(cells) * fields // cells
    return np.where((number[:, None] + number) % 2, good, poor)


def conductance(cells):
    """The potential where the sides are held at 0 and 1, and the flow through the layers of cells, averaged: never too small."""
    space = tfem.box(x=(0, 1), y=(0, 1), cells=cells)
    boundary = {"x-": tfem.Dirichlet(0.0), "x+": tfem.Dirichlet(1.0), "*": tfem.Neumann(0.0)}
    u = tfem.Poisson(space, source=0.0, diffusion=board(cells), boundary=boundary).solve()
    slope = np.diff(u.values, axis=0) * cells
    return u, float(np.mean(board(cells) * (slope[:, 1:] + slope[:, :-1]) / 2))


exact = float(np.sqrt(poor * good))
order = 8 / np.pi * float(np.arctan(np.sqrt(poor / good)))
found = {cells: conductance(cells) for cells in sizes}
u, computed = found[sizes[-1]][0], {cells: value for cells, (_, value) in found.items()}
last, before = computed[sizes[-1]], computed[sizes[-2]]
extrapolated = last - (before - last) / (2**order - 1)


def draw(axes=None):
    """The potential on the board, and the errors."""
    if axes is None:
        axes = plt.subplots(1, 2, figsize=(9.5, 3.8), layout="constrained")[1]
    u.plot(ax=axes[0], label="potential", levels=21)
    axes[0].set_title("potential")
    errors = np.array(list(computed.values())) - exact
    axes[1].loglog(sizes, errors, "C3o-", label="computed")
    axes[1].loglog(sizes, errors[-1] * (np.array(sizes) / sizes[-1]) ** -order, color="0.6", linestyle=":", label=f"$h^{{{order:.2f}}}$")
    axes[1].set_xticks(sizes, [str(size) for size in sizes], minor=False)
    axes[1].set_yticks([0.03, 0.1, 0.3], ["0.03", "0.1", "0.3"])
    axes[1].minorticks_off()
    axes[1].set(xlabel="cells along each side", title="error of the conductance")
    axes[1].legend()
    return axes


if __name__ == "__main__":
    print("cells   conductance   error")
    for cells, value in computed.items():
        print(f"{cells:5d}   {value:11.6f}   {value - exact:.1e}")
    print(f"extrapolated {extrapolated:9.6f}   {extrapolated - exact:.1e}")
    Path("out").mkdir(exist_ok=True)
    draw()[0].figure.savefig("out/checkerboard.png", dpi=150)
    print("picture out/checkerboard.png")
