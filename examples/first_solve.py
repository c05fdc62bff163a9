"""First solve: u_xx + u_yy = 10 sin(8x(y - 1)) on the square from -1 to 1, with u = 0 on its boundary.

Program 16 of L. N. Trefethen, Spectral Methods in MATLAB (2000), solves this too: at x = y = 1/sqrt(2) it gives 0.320715945.
"""

from math import sqrt
from pathlib import Path

import tensorfem as tfem

space = tfem.box(x=(-1, 1), y=(-1, 1), cells=64, degree=4)
problem = tfem.Poisson(space, source="-10*sin(8*x*(y - 1))", boundary=0.0)  # the equation is -div(grad u) = source
u = problem.solve()

book = 0.320715945
value = float(u(1 / sqrt(2), 1 / sqrt(2)))


def draw(ax=None):
    """The solution as filled contours, and the point at which the book gives it."""
    ax = u.plot(ax=ax, cmap="RdBu_r")
    ax.plot(1 / sqrt(2), 1 / sqrt(2), "ko", markersize=4)
    ax.annotate(f"{value:.9f}", (1 / sqrt(2), 1 / sqrt(2)), xytext=(0, 6), textcoords="offset points", ha="center")
    ax.locator_params(nbins=5)
    ax.set_title(r"$u_{xx} + u_{yy} = 10\,\sin(8x(y-1))$")
    return ax


if __name__ == "__main__":
    print(u.report)
    print(f"value       {value:.9f}, and {book} in the book")
    Path("out").mkdir(exist_ok=True)
    draw().figure.savefig("out/first_solve.png", dpi=150)
    print("picture     out/first_solve.png")
