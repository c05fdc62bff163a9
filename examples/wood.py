"""Heat in a board of wood: along the rings it spreads 2.5 times as easily as across them, and the rings turn through the board.

The tensor of conductivity has its axes along and across circles around the heart of the tree, which lies below the board. For such
a tensor r^m cos(t), m^2 = along / across, solves the equation without a source (r and t are polar coordinates around the heart): the
error against it falls with the order of the elements.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import tensorfem as tfem

across, along = 0.12, 0.30  # W/(m K)
heart = (0.06, -0.05)  # m
board = {"x": (0.0, 0.2), "y": (0.0, 0.08)}


def polar(x, y):
    return np.hypot(x - heart[0], y - heart[1]), np.arctan2(y - heart[1], x - heart[0])


def entry(i, j):
    """One entry of the tensor, as a function of all coordinates: across e_r e_r^T + along e_t e_t^T."""

    def value(x, y):
        angle = polar(x, y)[1]
        radial = (np.cos(angle), np.sin(angle))
        return along * (i == j) + (across - along) * radial[i] * radial[j]

    return value


conductivity = [[entry(0, 0), entry(0, 1)], [entry(1, 0), entry(1, 1)]]


def exact(x, y):
    radius, angle = polar(x, y)
    return radius ** np.sqrt(along / across) * np.cos(angle)


def nail(x, y):
    """Heat from a hot nail, in W/m^3."""
    return 4e5 * np.exp(-((x - 0.12) ** 2 + (y - 0.04) ** 2) / 0.004**2)


def errors(degree, sizes=((10, 4), (20, 8), (40, 16))):
    """The L2 error against the exact solution on finer and finer meshes."""
    for cells in sizes:
        space = tfem.box(**board, cells=cells, degree=degree)
        u = tfem.Poisson(space, source=0.0, diffusion=conductivity, boundary=tfem.Dirichlet(exact)).solve()
        yield u.l2_error(exact)


table = {degree: list(errors(degree)) for degree in (1, 2, 3)}
orders = {degree: float(np.log2(row[-2] / row[-1])) for degree, row in table.items()}
space = tfem.box(**board, cells=(80, 32), degree=2)
u = tfem.Poisson(space, source=nail, diffusion=conductivity, boundary=20.0).solve()


def draw(ax=None):
    """The temperature around the nail, and some rings."""
    if ax is None:
        ax = plt.subplots(figsize=(9, 4), layout="constrained")[1]
    u.plot(ax=ax, cmap="inferno", label="temperature [°C]", levels=21)
    angle = np.linspace(0, np.pi, 200)
    for radius in np.arange(0.06, 0.2, 0.02):
        ax.plot(heart[0] + radius * np.cos(angle), heart[1] + radius * np.sin(angle), color="w", linewidth=0.6, alpha=0.6)
    ax.set(xlim=board["x"], ylim=board["y"], xlabel="x [m]", ylabel="y [m]", title="a hot nail in wood: heat follows the rings")
    return ax


if __name__ == "__main__":
    print(u.report)
    print("degree   L2 errors, cells halved           order")
    for degree, row in table.items():
        print(f"{degree:6d}   {'   '.join(f'{value:.2e}' for value in row)}   {orders[degree]:8.2f}")
    Path("out").mkdir(exist_ok=True)
    draw().figure.savefig("out/wood.png", dpi=150)
    print("picture  out/wood.png")
