"""Least squares with a 300 x 200 and a 200 x 100 factor, in milliseconds; the explicit matrix, 60,000 x 20,000, would take 9.6 GB.

A smaller pair, whose explicit matrix fits, is compared with `numpy.linalg.lstsq` on that matrix.
"""

import numpy as np

from benchmarks.timing import interleaved, machine, show
from tensorfem.kron import lstsq

LARGE, SMALL = ((300, 200), (200, 100)), ((24, 16), (18, 12))
TARGET_MILLISECONDS, TARGET_DIFFERENCE = 50.0, 1e-10


def drawn(shapes):
    """Factors of the given shapes, and a right-hand side."""
    rng = np.random.default_rng()
    return [rng.standard_normal(shape) for shape in shapes], rng.standard_normal([rows for rows, _ in shapes])


def main():
    factors, field = drawn(LARGE)
    cases = {"plain": lambda: lstsq(factors, field), "damped": lambda: lstsq(factors, field, damping=1e-3)}
    seconds = interleaved(cases)
    show("300 x 200 and 200 x 100: least squares", 1e3 * seconds["plain"], "ms", TARGET_MILLISECONDS)
    show("300 x 200 and 200 x 100: with Tikhonov damping", 1e3 * seconds["damped"], "ms", TARGET_MILLISECONDS)
    factors, field = drawn(SMALL)
    matrix = np.kron(*factors)
    seconds = interleaved(
        {"ours": lambda: lstsq(factors, field), "explicit": lambda: np.linalg.lstsq(matrix, field.ravel(), rcond=None)}, rounds=5
    )
    explicit = np.linalg.lstsq(matrix, field.ravel(), rcond=None)[0]
    difference = np.abs(lstsq(factors, field).solution.ravel() - explicit).max() / np.abs(explicit).max()
    show("24 x 16 and 18 x 12: least squares", 1e3 * seconds["ours"], "ms")
    show("24 x 16 and 18 x 12: numpy.linalg.lstsq on the explicit matrix", 1e3 * seconds["explicit"], "ms")
    show("24 x 16 and 18 x 12: difference in units of 1e-10", difference / TARGET_DIFFERENCE, "", 1.0)


if __name__ == "__main__":
    print(machine())
    main()
