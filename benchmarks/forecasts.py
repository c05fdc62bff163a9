"""Forecasts of `explain` against the solves: 2D and 3D, every solver, 1e4 to 1e7 unknowns; each total must be within a factor of 2.

What would take longer than a limit (60 s, or as many as the argument says) or would not fit is left out, and said so. Solves of less than
50 ms are shown, and not judged. Nothing else should run meanwhile: matrix products on two threads wait for whatever takes one of them.
"""

import functools
import sys
import time

import numpy as np
import pyamg  # noqa: F401  its import belongs to no solve

import tensorfem as tfem
from benchmarks.timing import machine
from tensorfem.problems.explanation import SOLVERS

LIMIT, JUDGED, FACTOR = 60.0, 0.05, 2.0
LONG, PAUSE = 1.0, 0.2  # seconds
SIZES = (1e4, 1e5, 1e6, 1e7)
BASES = ((1, "lagrange"), (2, "lagrange"), (4, "lagrange"), (2, "bspline"), (3, "bspline"))
SIDES = {2: (1.25, 0.8), 3: (1.25, 1.0, 0.8)}  # unequal numbers of cells
BOX = {"x": (0, 1.0), "y": (0, 2.0), "z": (0, 1.5)}


def source(*x):
    """Smooth, without symmetry, and no product."""
    return np.exp(x[0] * x[1]) * (1.0 + x[-1])


def problem(dimension, unknowns, degree, basis, **options):
    """A problem of about so many unknowns."""
    per_cell = degree if basis == "lagrange" else 1
    cells = tuple(max(3, round(side * unknowns ** (1 / dimension) / per_cell)) for side in SIDES[dimension])
    box = {name: BOX[name] for name in "xyz"[:dimension]}
    return tfem.Poisson(tfem.box(**box, cells=cells, degree=degree, basis=basis), source, boundary=0.0, **options)


def cases():
    """Problems by name: all bases and sizes, and some operators that are no Kronecker sum, singular or lifted."""
    for dimension in SIDES:
        for unknowns in SIZES:
            for degree, basis in BASES:
                yield f"{dimension}D {basis} {degree}", (dimension, unknowns, degree, basis), {}
            product = tfem.Product(*[f"1 + 3*{name}" for name in "xyz"[:dimension]])
            yield f"{dimension}D product diffusion", (dimension, unknowns, 2, "lagrange"), {"diffusion": product, "reaction": 2.0}


def seconds_of(run):
    """The time of a solve: of a short one the shortest of five, as disturbances only lengthen, with pauses for threads to come to rest."""
    times = []
    while len(times) < 5 and sum(times) < LONG:
        time.sleep(PAUSE)
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def measured(name, data, options, limit):
    """Forecast and actual seconds of every solver on one problem; None for what is left out."""
    explanation = problem(*data, **options).explain()
    for forecast, solver in zip(explanation.forecasts, SOLVERS, strict=False):
        total, what = explanation.seconds(forecast), f"{name:<22}{explanation.unknowns:>11,}  {forecast.solver:<42}"
        left_out = forecast.note.partition(" (")[0] or "it takes too long" * (total > limit)
        if left_out:
            yield what, total if forecast.treats else 0.0, None, left_out
        else:
            yield what, total, seconds_of(functools.partial(solve, data, options, solver)), ""


def solve(data, options, solver):
    """From the problem to the field."""
    problem(*data, **options).solve(solver)


def main(limit=LIMIT):
    """Print a line per solver and problem, then what was judged."""
    problem(2, 1e3, 1, "lagrange").explain()  # measures the machine
    ratios, skipped = [], 0
    print(f"{'problem':<22}{'unknowns':>11}  {'solver':<42}{'forecast':>9}{'actual':>9}{'ratio':>7}")
    for case in cases():
        for what, forecast, actual, left_out in measured(*case, limit):
            if actual is None:
                skipped += 1
                print(f"{what}{forecast:>9.3g}  {left_out}")
                continue
            ratio, judged = forecast / actual, actual >= JUDGED
            ratios += [(ratio, what)] * judged
            mark = "" if not judged else "  inside" if 1 / FACTOR <= ratio <= FACTOR else "  OUTSIDE"
            print(f"{what}{forecast:>9.3g}{actual:>9.3g}{ratio:>7.2f}{mark}", flush=True)
    inside = sum(1 / FACTOR <= ratio <= FACTOR for ratio, _ in ratios)
    print(f"\n{len(ratios)} judged, {inside} within a factor of {FACTOR:g}; {skipped} left out; the extremes:")
    for ratio, what in sorted(ratios)[:3] + sorted(ratios)[-3:]:
        print(f"  {ratio:.2f}  {' '.join(what.split())}")


if __name__ == "__main__":
    print(machine())
    main(*map(float, sys.argv[1:]))
