"""From `Poisson(...)` to the field, true residual included: 2D and 3D of degree 1, and 97^3 nodes of degree 4.

The sources are callables of all coordinates, as a user writes them, and one that is a product of functions of one coordinate each. The
phases are those of the report of the median run; what they leave over is the making of the problem and of the field.
"""

import statistics
import time
from typing import NamedTuple

import numpy as np

import tensorfem as tfem
from benchmarks.timing import machine, show

ROUNDS = 7


def planes(x, y, z):
    return np.exp(x * y) * z


def surface(x, y):
    return np.exp(x * y)


def inseparable(x, y, z):
    return np.exp(x * y * z)


class Case(NamedTuple):
    """A cube in so many dimensions, its source, and the seconds that a solve may take."""

    dimension: int
    cells: int
    degree: int
    source: object
    target: float | None
    options: dict[str, str]


CASES = {
    "2D, degree 1, 2048 cells, exp(x*y)": Case(2, 2048, 1, surface, 0.4, {}),
    "3D, degree 1, 128 cells, exp(x*y)*z": Case(3, 128, 1, planes, 0.15, {}),
    "3D, degree 1, 128 cells, exp(x*y)*z, interpolated": Case(3, 128, 1, planes, None, {"load": "interpolate"}),
    "3D, degree 1, 128 cells, exp(x*y*z)": Case(3, 128, 1, inseparable, None, {}),
    "3D, degree 1, 128 cells, separable": Case(3, 128, 1, tfem.Product("exp(x)", "sin(y)", "z"), 0.05, {}),
    "3D, degree 1, 128 cells, a formula that splits": Case(3, 128, 1, "exp(x)*sin(y)*z + x*y", 0.05, {}),
    "3D, degree 1, 256 cells, exp(x*y)*z": Case(3, 256, 1, planes, 1.2, {}),
    "3D, degree 4, 24 cells, exp(x*y)*z": Case(3, 24, 4, planes, 0.25, {}),
}


def solve(case):
    """Seconds from the problem to the field, and by phase; the residual and the solver."""
    sides = dict(zip("xyz", [(0, 1)] * case.dimension, strict=False))
    space = tfem.box(**sides, cells=case.cells, degree=case.degree)
    start = time.perf_counter()
    u = tfem.Poisson(space, source=case.source, boundary=0.0, **case.options).solve()
    seconds = time.perf_counter() - start
    phases = {**u.report.seconds, "rest": seconds - sum(u.report.seconds.values())}
    return seconds, phases, f"residual {u.report.residual:.0e}, {u.report.solver}"


def main():
    runs = {name: [] for name in CASES}
    for _ in range(ROUNDS + 1):
        for name, case in CASES.items():
            runs[name].append(solve(case))
    for name, case in CASES.items():
        timed = runs[name][1:]  # the first run warms up, and compiles
        median = statistics.median(seconds for seconds, _, _ in timed)
        seconds, phases, how = min(timed, key=lambda run: abs(run[0] - median))  # of an odd number of runs the median is one of them
        show(name, seconds, "s", case.target)
        print(f"    {', '.join(f'{phase} {value:.3f}' for phase, value in phases.items())}; {how}")
        print(f"    best run {min(seconds for seconds, _, _ in timed):.3f} s, the first {runs[name][0][0]:.3f} s")


if __name__ == "__main__":
    print(machine())
    main()
