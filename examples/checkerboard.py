"""A checkerboard of two materials conducts exactly like their geometric mean, and finite elements close in on that from both sides.

The plate has 4 x 4 fields. Turned by a quarter it is the same with the materials exchanged, and from that alone its conductance follows:
the square root of the product (Keller 1964, Dykhne 1970). Where potentials are held, the computed conductance is too large; where a
flow is given, it is too small; the truth lies between.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import tensorfem as tfem

poor, good, fields = 1.0, 20.0, 4


def board(cells):
    """One conductivity per cell."""
    number = np.arange(cells) * fields // cells
    return np.where((number[:, None] + number) % 2, good, poor)


def problem_of(cells, right, degree=1):
    space = tfem.box(x=(0, 1), y=(0, 1), cells=cells, degree=degree)
    boundary = {"x-": tfem.Dirichlet(0.0), "x+": right, "*": tfem.Neumann(0.0)}
    return tfem.Poisson(space, source=0.0, diffusion=board(cells), boundary=boundary)


def from_above(cells):
    """The conductance where both potentials are held: the energy of the computed potential, which is the least possible in the space."""
    u = problem_of(cells, tfem.Dirichlet(1.0)).solve()
    slope = np.diff(u.values, axis=0) * cells
    return u, float(np.mean(board(cells) * (slope[:, 1:] + slope[:, :-1]) / 2))


def from_below(cells):
    """The conductance where a flow of 1 is given on the right: over the mean potential there."""
    u = problem_of(cells, tfem.Neumann(1.0)).solve()
    edge = u.values[-1]
    return float(1 / np.mean((edge[1:] + edge[:-1]) / 2))


exact = float(np.sqrt(poor * good))
sizes = (16, 32, 64, 128)
pairs = {cells: (from_below(cells), from_above(cells)[1]) for cells in sizes}
u = from_above(sizes[-1])[0]


def draw(axes=None):
    """The potential on the board, and the two bounds."""
    if axes is None:
        axes = plt.subplots(1, 2, figsize=(9.5, 3.8), layout="constrained")[1]
    u.plot(ax=axes[0], cmap="viridis", label="potential", levels=21)
    axes[0].set_title("potential")
    for row, name in enumerate(("a flow is given", "potentials are held")):
        axes[1].semilogx(sizes, [pair[row] / exact for pair in pairs.values()], "o-", label=name, base=2)
    axes[1].axhline(1.0, color="0.6", linestyle=":")
    axes[1].set(xlabel="cells along each side", ylabel="conductance over the exact one", title="bounds from both sides")
    axes[1].legend()
    return axes


if __name__ == "__main__":
    print("cells   from below   from above    exact")
    for cells, (below, above) in pairs.items():
        print(f"{cells:5d}   {below:10.6f}   {above:10.6f}   {exact:.6f}")
    Path("out").mkdir(exist_ok=True)
    draw()[0].figure.savefig("out/checkerboard.png", dpi=150)
    print("picture out/checkerboard.png")
