"""Cubic splines through 40^3 values on a grid, against `scipy.interpolate.RegularGridInterpolator(method="cubic")`.

Timed is all that a user does, from the values to values elsewhere: the construction, then the evaluation on a grid of as many points in
other places. tensorfem takes the grid as its axes; SciPy's class takes points only, and gets their table ready made, at no cost. Both are
then asked for the values that they were made from: SciPy solves for its coefficients by an iteration that stops at 1e-6.
"""

import numpy as np
from scipy.interpolate import RegularGridInterpolator

import tensorfem as tfem
from benchmarks.timing import interleaved, machine, show

POINTS = 40
TARGET, EXACT = 0.01, 1e-12


def table(axes):
    """All points of a grid, one row each."""
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))


def main():
    axes = [np.linspace(0, length, POINTS) for length in (3, 2, 1)]
    others = [(x[1:] + x[:-1]) / 2 for x in axes]
    values = np.random.default_rng().standard_normal([POINTS] * 3)
    elsewhere, points = table(others), table(axes)
    ours, theirs = tfem.interpolate_grid(axes, values), RegularGridInterpolator(axes, values, method="cubic")
    seconds = interleaved(
        {
            "ours": lambda: tfem.interpolate_grid(axes, values).on_grid(*others),
            "theirs": lambda: RegularGridInterpolator(axes, values, method="cubic")(elsewhere),
            "construction": lambda: tfem.interpolate_grid(axes, values),
            "their construction": lambda: RegularGridInterpolator(axes, values, method="cubic"),
        },
        rounds=9,
    )
    show("interpolate_grid, then on_grid", 1e3 * seconds["ours"], "ms")
    show("  of that the construction", 1e3 * seconds["construction"], "ms")
    show("RegularGridInterpolator, then a call", 1e3 * seconds["theirs"], "ms")
    show("  of that the construction", 1e3 * seconds["their construction"], "ms")
    show("ratio", seconds["ours"] / seconds["theirs"], "", TARGET)
    show("SciPy's time over ours", seconds["theirs"] / seconds["ours"], "")
    missed = np.abs(ours.on_grid(*axes) - values).max() / np.abs(values).max()
    show("largest miss of the values, in 1e-12 of the largest value", 1e12 * missed, "", 1e12 * EXACT)
    missed = np.abs(theirs(points) - values.ravel()).max() / np.abs(values).max()
    show("the same of SciPy's", 1e12 * missed, "")


if __name__ == "__main__":
    print(machine())
    main()
