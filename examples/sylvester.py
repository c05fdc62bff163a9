"""A plume in the wind: -eps (u_xx + u_yy) + b . grad u + k u = f on a box, with u = 0 on its boundary, by finite differences.

Upwind differences make both 1D matrices non-symmetric. The unknowns stay a matrix U, with x down its rows, and the equation is
Sylvester's, A U + U B = F: Schur forms of the two small matrices solve it (Bartels & Stewart 1972). One sees what a chimney emits drift
with the wind, spread and decay.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import scipy.linalg

from tensorfem.kron import coordinates, solve_sylvester

eps, wind, decay = 0.02, (1.0, 0.4), 0.3
lengths, cells = (3.0, 2.0), (150, 100)
chimney, radius = (0.5, 0.6), 0.06


def upwind(length, cells, speed, reaction):
    """The nodes inside, and -eps u'' + speed u' + reaction u on them; `speed` is positive, so that the wind comes from the left."""
    h = length / cells
    size = cells - 1
    near, here, far = -eps / h**2 - speed / h, 2 * eps / h**2 + speed / h + reaction, -eps / h**2
    return np.linspace(h, length - h, size), near * np.eye(size, k=-1) + here * np.eye(size) + far * np.eye(size, k=1)


(x, A), (y, B) = (upwind(length, n, speed, decay / 2) for length, n, speed in zip(lengths, cells, wind, strict=True))
X, Y = coordinates(x, y)
F = np.exp(-((X - chimney[0]) ** 2 + (Y - chimney[1]) ** 2) / radius**2)
U = solve_sylvester(A, B.T, F)

residual = np.linalg.norm(A @ U + U @ B.T - F) / np.linalg.norm(F)
reference = scipy.linalg.solve_sylvester(A, B.T, F)
difference = np.linalg.norm(U - reference) / np.linalg.norm(reference)
centre = (float(np.sum(X * U) / U.sum()), float(np.sum(Y * U) / U.sum()))


def draw(axes=None):
    """The concentration from above, and along the line of the wind through the chimney."""
    if axes is None:
        axes = plt.subplots(1, 2, figsize=(10.5, 3.7), layout="constrained", width_ratios=(1.45, 1))[1]
    closed = [np.concatenate([[0], nodes, [length]]) for nodes, length in zip((x, y), lengths, strict=True)]
    picture = axes[0].contourf(*closed, np.pad(U, 1).T, levels=12, cmap="YlGnBu")
    if axes[0].figure.axes[-1] is axes[1]:
        axes[0].figure.colorbar(picture, ax=axes[0], label="concentration u")
    axes[0].plot(*chimney, "C3^", markersize=8)
    axes[0].annotate("chimney", chimney, xytext=(-6, -24), textcoords="offset points", ha="center")
    axes[0].quiver(0.25, 1.55, *wind, angles="xy", scale=12, width=0.006)
    axes[0].text(0.3, 1.42, "wind")
    axes[0].set(aspect="equal", xlabel="x", ylabel="y", xlim=(0, lengths[0]), ylim=(0, lengths[1]), title="what a chimney emits")
    axes[0].locator_params(nbins=6)
    axes[1].locator_params(nbins=5)
    for place in (0.5, 1.0, 1.5, 2.5):
        column = np.argmin(abs(x - place))
        axes[1].plot(closed[1], np.pad(U[column], 1), label=f"x = {x[column]:.1f}")
    axes[1].set(xlabel="y", ylabel="u", title="across the plume", xlim=(0, lengths[1]), ylim=(0, None))
    axes[1].legend()
    return axes


if __name__ == "__main__":
    print(f"unknowns    {U.size}, matrices of {A.shape[0]} and {B.shape[0]} rows")
    print(f"residual    {residual:.1e}, off scipy.linalg.solve_sylvester by {difference:.1e}")
    Path("out").mkdir(exist_ok=True)
    draw()[0].figure.savefig("out/sylvester.png", dpi=150)
    print("picture     out/sylvester.png")
