"""A box with mixed boundaries: how hot does a chip get on a cooled block of aluminium?

The block is 80 x 50 x 20 mm. A chip of 20 x 20 mm on its top feeds in 60 W. Water holds the end x = 0 at 20 C, the bottom
has fins and a fan in air of 25 C, and the other faces are insulated. Lengths are in mm, powers in W, temperatures in C.
"""

from pathlib import Path

import numpy as np

import tensorfem as tfem

conductivity = 0.167  # W/(mm K), alloy 6061
transfer = 5e-4  # W/(mm^2 K), fins and fan together
water, air = 20.0, 25.0
power, side = 60.0, 20.0

space = tfem.box(x=(0, 80), y=(0, 50), z=(0, 20), cells=(32, 20, 8), degree=2)  # cells of 2.5 mm: the chip ends where cells end


def heat_from_chip(x, y, z):
    return np.where((x >= 40) & (x <= 60) & (y >= 20) & (y <= 40), power / side**2, 0.0)


problem = tfem.Poisson(
    space,
    source=0.0,
    diffusion=conductivity,
    boundary={
        "x-": tfem.Dirichlet(water),
        "z-": tfem.Robin(transfer, ambient=air),
        "z+": tfem.Neumann(heat_from_chip),
        "*": tfem.Neumann(0.0),
    },
)


def heat_out(temperature):
    """Heat that leaves through the face x = 0 and through the bottom, in W: what a field is on a face is a field of two axes."""
    along_x, along_y, along_z = temperature.space.bases
    end, bottom = tfem.Space(along_y, along_z), tfem.Space(along_x, along_y)
    into_water = tfem.interpolate(end, lambda y, z: conductivity * temperature.gradient(0.0, y, z)[0])
    into_air = tfem.interpolate(bottom, lambda x, y: transfer * (temperature(x, y, 0.0) - air))
    return into_water.integral(), into_air.integral()


u = problem.solve()
into_water, into_air = heat_out(u)
hottest = u.max()


def draw(ax=None):
    """Three slices that meet under the middle of the chip."""
    ax = u.plot(ax=ax, at=(50, 30, 20), cmap="inferno", label="temperature [°C]")
    ax.set(xlabel="x [mm]", ylabel="y [mm]", zlabel="z [mm]")
    ax.xaxis.labelpad = 12
    ax.set_title(f"{power:g} W from a chip: {hottest:.1f} °C at the hottest point", y=0.88)
    return ax


if __name__ == "__main__":
    print(u.report)
    print(f"hottest     {hottest:.2f} C")
    print(f"heat        {power:g} W in, {into_water:.3f} W into the water, {into_air:.3f} W into the air")
    Path("out").mkdir(exist_ok=True)
    draw().figure.savefig("out/mixed_box.png", dpi=150, bbox_inches="tight")
    print("picture     out/mixed_box.png")
