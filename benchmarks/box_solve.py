"""From `Poisson(...)` to the field, true residual included: 3D, 128 cells a side of degree 1, and 97^3 nodes of degree 4.

The sources are callables of all coordinates, as a user writes them. The phases are those of the report of the median run.
"""

import statistics
import time

import numpy as np

import tensorfem as tfem
from benchmarks.timing import machine, show

ROUNDS = 7
TARGET, TARGET_LOAD, TARGET_MORE = 0.25, 0.12, 0.1


def planes(x, y, z):
    return np.exp(x * y) * z


def inseparable(x, y, z):
    return np.exp(x * y * z)


CASES = {
    "degree 1, 128 cells, exp(x*y)*z": (128, 1, planes),
    "degree 1, 128 cells, exp(x*y*z)": (128, 1, inseparable),
    "degree 4, 24 cells, exp(x*y)*z": (24, 4, planes),
}


def solve(cells, degree, source):
    """Seconds from the problem to the field, and the field's report."""
    space = tfem.box(x=(0, 1), y=(0, 1), z=(0, 1), cells=cells, degree=degree)
    start = time.perf_counter()
    u = tfem.Poisson(space, source=source, boundary=0.0).solve()
    return time.perf_counter() - start, u.report


def main():
    runs = {name: [] for name in CASES}
    for _ in range(ROUNDS + 1):
        for name, case in CASES.items():
            runs[name].append(solve(*case))
    # The first run warms up. Of an odd number of runs the median is one of them.
    medians = {name: min(r[1:], key=lambda run: abs(run[0] - statistics.median(s for s, _ in r[1:]))) for name, r in runs.items()}
    first, second, _ = CASES
    for name, (seconds, report) in medians.items():
        show(name, seconds, "s", TARGET if name != second else None)
        phases = ", ".join(f"{phase} {value:.3f}" for phase, value in report.seconds.items())
        print(f"    {phases}; residual {report.residual:.0e}, {report.solver}")
    show(f"{first}: load", medians[first][1].seconds["load"], "s", TARGET_LOAD)
    show("exp(x*y*z) more than exp(x*y)*z", medians[second][0] - medians[first][0], "s", TARGET_MORE)


if __name__ == "__main__":
    print(machine())
    main()
