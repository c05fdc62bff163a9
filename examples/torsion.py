"""Torsion of rectangular bars: how stiff is a bar of sides a and b against being twisted?

Prandtl's stress function solves -(phi_xx + phi_yy) = 2 with phi = 0 on the boundary; the torsional constant is J = 2 * integral of phi,
and J / (a b^3) grows from 0.1406 for the square to 1/3 for the thin strip. Saint-Venant (1855) found the series.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import tensorfem as tfem

ratios = (1.0, 1.5, 2.0, 3.0, 5.0, 10.0)


def stress_function(a, b=1.0):
    space = tfem.box(x=(0, a), y=(0, b), cells=(24, 16), degree=6)
    return tfem.Poisson(space, source=2.0, boundary=0.0).solve()


def series(ratio):
    """J / (a b^3) for a / b = ratio by Saint-Venant's series."""
    n = np.arange(1, 400, 2)
    return (1 - 192 / np.pi**5 / ratio * np.sum(np.tanh(n * np.pi * ratio / 2) / n**5)) / 3


fields = {ratio: stress_function(ratio) for ratio in ratios}
factors = {ratio: 2 * phi.integral() / ratio for ratio, phi in fields.items()}


def draw(axes=None):
    """The stress function of the bar 2 : 1, and J / (a b^3) for all."""
    if axes is None:
        axes = plt.subplots(1, 2, figsize=(10, 3.1), layout="constrained", width_ratios=(1.9, 1))[1]
    fields[2.0].plot(ax=axes[0], label=r"$\varphi$", cmap="YlGnBu_r")
    axes[0].set_title("stress function, a : b = 2 : 1")
    ratio = np.linspace(1, 10, 100)
    axes[1].plot(ratio, [series(r) for r in ratio], color="0.6", label="Saint-Venant's series")
    axes[1].plot(ratios, list(factors.values()), "C3o", label="tensorfem")
    axes[1].axhline(1 / 3, color="0.6", linestyle=":")
    axes[1].text(1, 1 / 3, "1/3", va="bottom")
    axes[1].set(xlabel="a / b", ylabel=r"$J / (a b^3)$", title="torsional constant", ylim=(0.12, 0.36))
    axes[1].legend(loc="lower right")
    return axes


if __name__ == "__main__":
    print("a / b   J / (a b^3)   series")
    for ratio, factor in factors.items():
        print(f"{ratio:5.1f}   {factor:.9f}   {series(ratio):.9f}")
    Path("out").mkdir(exist_ok=True)
    draw()[0].figure.savefig("out/torsion.png", dpi=150)
    print("picture out/torsion.png")
