"""A heat sink of filled polymer: how much better does a polymer conduct with grains of aluminium in it?

The grains conduct 1000 times better than the polymer. Each cell of the grid belongs to one material, so that the coefficient jumps on
cell faces. Heat flows from a hot bottom to a cold top; the sides are insulated. No arrangement of the two materials can conduct better
than layers along the heat's way, or worse than layers across it (Wiener 1912).
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import tensorfem as tfem

polymer, aluminium = 0.2, 200.0  # W/(m K)
cells = 40
hot, cold = 60.0, 20.0  # C

rng = np.random.default_rng(1912)
centres, radii = rng.random((28, 3)), rng.uniform(0.08, 0.16, 28)
middles = (np.arange(cells) + 0.5) / cells
x, y, z = np.meshgrid(middles, middles, middles, indexing="ij", sparse=True)
inside = np.zeros((cells, cells, cells), dtype=bool)
for (cx, cy, cz), radius in zip(centres, radii, strict=True):
    inside |= (x - cx) ** 2 + (y - cy) ** 2 + (z - cz) ** 2 < radius**2
conductivity = np.where(inside, aluminium, polymer)

space = tfem.box(x=(0, 1), y=(0, 1), z=(0, 1), cells=cells)
problem = tfem.Poisson(
    space,
    source=0.0,
    diffusion=conductivity,
    boundary={"z-": tfem.Dirichlet(hot), "z+": tfem.Dirichlet(cold), "*": tfem.Neumann(0.0)},
)
u = problem.solve(tfem.CG(rtol=1e-8, preconditioner=tfem.Multigrid()))


def effective(temperature):
    """What a uniform block would have to conduct for the same flow: the flow through the layers of cells, averaged."""
    cubes = temperature.values
    rise = np.diff(cubes, axis=2) * cells
    slope = (rise[1:, 1:] + rise[:-1, 1:] + rise[1:, :-1] + rise[:-1, :-1]) / 4  # the mean of du/dz over each cell
    return float(np.mean(conductivity * slope) / (cold - hot))


share = float(inside.mean())
across, along = float(1 / np.mean(1 / conductivity)), float(conductivity.mean())
conducted = effective(u)


def draw(axes=None):
    """The grains and the temperature in one slice."""
    if axes is None:
        axes = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")[1]
    place = float(middles[cells // 2])
    axes[0].imshow(inside[cells // 2].T, origin="lower", extent=(0, 1, 0, 1), cmap="Greys", vmax=1.6)
    axes[0].set(xlabel="y", ylabel="z", title=f"grains, {100 * share:.0f} % of the volume")
    u.plot(ax=axes[1], at={"x": place}, cmap="inferno", label="temperature [°C]")
    axes[1].set_title(f"conducts {conducted / polymer:.1f} times as well")
    return axes


if __name__ == "__main__":
    print(u.report)
    print(f"grains            {100 * share:.1f} % of the volume")
    print(f"layers across     {across:8.4f} W/(m K)")
    print(f"this arrangement  {conducted:8.4f} W/(m K)")
    print(f"layers along      {along:8.4f} W/(m K)")
    Path("out").mkdir(exist_ok=True)
    draw()[0].figure.savefig("out/filled_polymer.png", dpi=150)
    print("picture           out/filled_polymer.png")
