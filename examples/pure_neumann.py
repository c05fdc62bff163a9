"""Pure Neumann: the resistance of a metal sheet between two contacts on its edges.

Along the edge the current density is given everywhere, and nothing fixes the potential but for a constant: the solution of mean zero
is given. The currents in and out must balance, or there is no solution, and tensorfem says so. The sheet has 1 ohm per square.
"""

from pathlib import Path

import numpy as np

import tensorfem as tfem

current, contact = 1.0, 0.25  # A; length of each contact in cm
space = tfem.box(x=(0, 2), y=(0, 1), cells=(64, 32), degree=3)  # contacts end where cells end


def into_left(x, y):
    return np.where(y <= contact, current / contact, 0.0)


def out_of_right(x, y):
    return np.where(y >= 1 - contact, -current / contact, 0.0)


insulated = tfem.Neumann(0.0)
boundary = {"x-": tfem.Neumann(into_left), "x+": tfem.Neumann(out_of_right), "*": insulated}
u = tfem.Poisson(space, source=0.0, boundary=boundary).solve()

# The potential on a contact is a field of one axis; the cells are those of the sheet, and so it is exact.
left = tfem.box(x=(0, contact), cells=8, degree=3)
right = tfem.box(x=(1 - contact, 1), cells=8, degree=3)
voltage = tfem.interpolate(left, lambda y: u(0, y)).mean() - tfem.interpolate(right, lambda y: u(2, y)).mean()
resistance = voltage / current
dissipated = u.h1_seminorm() ** 2  # W: the integral of |grad u|^2 at 1 S

try:
    tfem.Poisson(space, source=0.0, boundary={"x-": tfem.Neumann(into_left), "*": insulated}).solve()
    refusal = ""
except ValueError as error:
    refusal = str(error)


def draw(ax=None):
    """The potential, and in black the contacts."""
    ax = u.plot(ax=ax, cmap="RdBu_r", label="potential [V]")
    ax.plot([0, 0], [0, contact], [2, 2], [1 - contact, 1], color="k", linewidth=8, solid_capstyle="butt")
    ax.annotate("1 A in", (0, contact / 2), xytext=(10, 0), textcoords="offset points", va="center", color="w")
    ax.annotate("1 A out", (2, 1 - contact / 2), xytext=(-10, 0), textcoords="offset points", ha="right", va="center", color="w")
    ax.set(xlabel="x [cm]", ylabel="y [cm]", title=f"1 A from contact to contact: {resistance:.3f} Ω")
    return ax


if __name__ == "__main__":
    print(u.report)
    print(f"resistance  {resistance:.6f} ohm, {dissipated:.6f} W at {current:g} A; mean potential {u.mean():.1e} V")
    print(f"one contact {refusal}")
    Path("out").mkdir(exist_ok=True)
    draw().figure.savefig("out/pure_neumann.png", dpi=150)
    print("picture     out/pure_neumann.png")
