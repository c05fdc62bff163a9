"""Cubic splines through 40^3 values on a grid, against `scipy.interpolate.RegularGridInterpolator(method="cubic")`.

Timed is all that a user does, from the values to values elsewhere: the construction, then the evaluation in the middles of the cells.
tensorfem takes these as axes; SciPy's class takes points only, and gets their table ready made, at no cost. SciPy finds the coefficients by
an iteration whose default tolerance misses the data in the fifth digit; it is timed so, and with the tolerance at which it meets them as
tensorfem does, to 1e-12.
"""

import numpy as np
from scipy.interpolate import RegularGridInterpolator

import tensorfem as tfem
from benchmarks.timing import interleaved, machine, show

POINTS = 40
TARGET, EXACT = 0.01, 1e-12
TIGHT = {"rtol": 1e-13, "atol": 1e-13}


def table(axes):
    """All points of a grid, one row each."""
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))


def scipys(axes, values, settings):
    return RegularGridInterpolator(axes, values, method="cubic", solver_args=settings)


def main():
    axes = [np.linspace(0, length, POINTS) for length in (3, 2, 1)]
    middles = [(x[1:] + x[:-1]) / 2 for x in axes]
    values = np.random.default_rng().standard_normal([POINTS] * 3)
    elsewhere, points = table(middles), table(axes)
    seconds = interleaved(
        {
            "ours": lambda: tfem.interpolate_grid(axes, values).on_grid(*middles),
            "construction": lambda: tfem.interpolate_grid(axes, values),
            "default": lambda: scipys(axes, values, {})(elsewhere),
            "tight": lambda: scipys(axes, values, TIGHT)(elsewhere),
        }
    )
    show("interpolate_grid, then on_grid", 1e3 * seconds["ours"], "ms")
    show("  of that the construction", 1e3 * seconds["construction"], "ms")
    size = np.abs(values).max()
    missed = np.abs(tfem.interpolate_grid(axes, values).on_grid(*axes) - values).max() / size
    show("  largest miss of the data, over 1e-12 of their size", missed / EXACT, "", 1.0)
    for name, settings in (("tight", TIGHT), ("default", {})):
        missed = np.abs(scipys(axes, values, settings)(points) - values.ravel()).max() / size
        show(f"RegularGridInterpolator, then a call; tolerance: {name}", 1e3 * seconds[name], "ms")
        show("  largest miss of the data, over 1e-12 of their size", missed / EXACT, "")
        show("  SciPy's time over ours", seconds[name] / seconds["ours"], "")
        show("  our time over SciPy's", seconds["ours"] / seconds[name], "", TARGET)


if __name__ == "__main__":
    print(machine())
    main()
