"""From `Poisson(...)` to the field with a coefficient of all coordinates, against assembly and pyamg's smoothed aggregation.

The coefficients are callables, as a user writes them: smooth ones, and ones that jump. pyamg gets the assembled matrix from tensorfem,
which assembles faster than a user of pyamg would; both go down to the same relative residual.

    python -m benchmarks.variable_coefficients [--cells N] [--large] [--no-peer]
"""

import argparse
import time

import numpy as np
import pyamg

import tensorfem as tfem
from benchmarks.comparison.process import peak_above, reset_peak
from benchmarks.timing import machine, show

RTOL = 1e-8
PEER_ITERATIONS = 1000


def waves(x, y, z):
    return 1 + 10 * np.sin(np.pi * x * y) ** 2 * np.sin(2 * np.pi * z) ** 2


def exponential(x, y, z):
    return np.exp(4 * np.sin(3 * x * y) + z)


def bump(x, y, z):
    return 1 + 1000 * np.exp(-50 * ((x - 0.4) ** 2 + (y - 0.5) ** 2 + (z - 0.6) ** 2))


def ball(x, y, z):
    return np.where((x - 0.45) ** 2 + (y - 0.5) ** 2 + (z - 0.55) ** 2 < 0.09, 1e4, 1.0)


def hole(x, y, z):
    return 1 / ball(x, y, z)


def checkerboard(x, y, z):
    return np.where((np.floor(8 * x) + np.floor(8 * y) + np.floor(8 * z)) % 2 == 0, 100.0, 1.0)


SMOOTH = {"waves": waves, "exponential": exponential, "bump": bump}
JUMPS = {"ball of 1e4": ball, "ball of 1e-4": hole, "checkerboard of 100": checkerboard}


def source(x, y, z):
    return np.exp(x * y) * z


def problem_of(diffusion, cells, degree=1):
    space = tfem.box(x=(0, 1), y=(0, 1), z=(0, 1), cells=cells, degree=degree)
    return tfem.Poisson(space, source=source, diffusion=diffusion, boundary=0.0)


def ours(diffusion, cells, degree=1):
    """Seconds from the problem to the field, and the field: by the solver that `Auto` chooses, to a relative residual of RTOL."""
    start = time.perf_counter()
    u = problem_of(diffusion, cells, degree).solve(tfem.Auto(rtol=RTOL))
    return time.perf_counter() - start, u


def theirs(problem):
    """Seconds of assembly, of pyamg's hierarchy and of its conjugate gradients, and the iterations."""
    start = time.perf_counter()
    matrix = problem.operator.tosparse()
    hierarchy = pyamg.smoothed_aggregation_solver(matrix)
    residuals = []
    _, info = hierarchy.solve(problem.rhs.ravel(), tol=RTOL, accel="cg", maxiter=PEER_ITERATIONS, residuals=residuals, return_info=True)
    if info != 0:
        raise ArithmeticError(f"pyamg: no convergence in {PEER_ITERATIONS} iterations")
    return time.perf_counter() - start, len(residuals) - 1


def compare(coefficients, cells, seconds, share, peer):
    """Show the time of each coefficient, and its share of the peer's."""
    for name, diffusion in coefficients.items():
        ours(diffusion, cells)  # kernels compiled, machine measured
        runs = sorted((ours(diffusion, cells) for _ in range(3)), key=lambda run: run[0])
        elapsed, u = runs[1]
        phases = ", ".join(f"{phase} {value:.3f}" for phase, value in u.report.seconds.items())
        show(f"{cells}^3, {name}", elapsed, "s", seconds)
        print(f"    {u.report.iterations} iterations, residual {u.report.residual:.1g}, {phases}; {u.report.solver}")
        if peer:
            other, iterations = theirs(problem_of(diffusion, cells))
            show(f"{cells}^3, {name}: over assembly and pyamg ({other:.1f} s, {iterations} iterations)", elapsed / other, "", share)


def large(cells=256):
    """Time and memory at 256^3."""
    for name, diffusion in {"waves": waves, "ball of 1e4": ball}.items():
        before = reset_peak()
        elapsed, u = ours(diffusion, cells)
        show(f"{cells}^3, {name}", elapsed, "s", 6.0)
        peak = peak_above(before)
        if peak is not None:
            show(f"{cells}^3, {name}: peak above what was resident, in fields", peak / u.values.nbytes, "", 12.0)
        print(f"    {u.report.iterations} iterations, residual {u.report.residual:.1g}; {u.report.solver}")


def high_degree():
    """Degree 4, 97^3 nodes."""
    ours(waves, 24, 4)
    elapsed, u = ours(waves, 24, 4)
    show("degree 4, 97^3 nodes, waves", elapsed, "s", 2.0)
    print(f"    {u.report.iterations} iterations, residual {u.report.residual:.1g}; {u.report.solver}")


def main(cells=128, with_large=False, peer=True):
    print(machine())
    compare(SMOOTH, cells, 0.6, 1 / 40, peer)
    compare(JUMPS, cells, 1.0, 1 / 25, peer)
    high_degree()
    if with_large:
        large()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.variable_coefficients", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cells", type=int, default=128)
    parser.add_argument("--large", action="store_true", help="256^3 too")
    parser.add_argument("--no-peer", action="store_true", help="tensorfem alone")
    given = parser.parse_args()
    main(given.cells, given.large, not given.no_peer)
