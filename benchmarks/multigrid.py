"""Multigrid on coefficients of all coordinates: iterations to 1e-8 that the grid hardly changes, and what a V-cycle takes.

The coefficients are smooth, jump on a ball or on blocks, or are drawn cell by cell; the box is a cube of equal cells, and then some
are solved on stretched and graded cells, where lines are smoothed if coefficients jump.

    python -m benchmarks.multigrid [--cells 32 64] [--degree 1]
"""

import argparse
import time

import numpy as np

import tensorfem as tfem
from benchmarks.comparison.table import markdown
from benchmarks.timing import interleaved, machine, show
from tensorfem.axis import Lagrange
from tensorfem.cells import AxisCells, CellOperator
from tensorfem.kron import outer

CELLS, SEED, RTOL = (32, 64), 31_337, 1e-8
HEADINGS = ("coefficient", "cells", "iterations", "making ms", "solve ms", "cycle ms", "cycle in applications")


def distance(x, y, z):
    return (x - 0.5) ** 2 + (y - 0.5) ** 2 + (z - 0.5) ** 2


def ball(inside):
    return lambda x, y, z: np.where(distance(x, y, z) < 1 / 16, inside, 1.0)


def checkers(contrast):
    return lambda x, y, z: np.where((np.floor(8 * x) + np.floor(8 * y) + np.floor(8 * z)) % 2 == 1, contrast, 1.0)


def lognormal(x, y, z):
    shape = np.broadcast_shapes(np.shape(x), np.shape(y), np.shape(z))
    return np.exp(2 * np.random.default_rng(SEED).standard_normal(shape))


CASES = {  # the coefficient, and the iterations allowed
    "1 + 10 sin^2(pi x y) sin^2(2 pi z)": (lambda x, y, z: 1 + 10 * np.sin(np.pi * x * y) ** 2 * np.sin(2 * np.pi * z) ** 2, 8),
    "exp(4 sin(3 x y) + z)": (lambda x, y, z: np.exp(4 * np.sin(3 * x * y) + z), 8),
    "1 + 1000 exp(-50 |x - x0|^2)": (lambda x, y, z: 1 + 1000 * np.exp(-50 * distance(x + 0.1, y, z - 0.1)), 8),
    "ball of 1e4 in 1": (ball(1e4), 16),
    "ball of 1e-4 in 1": (ball(1e-4), 16),
    "checkerboard 100:1": (checkers(100.0), 16),
    "checkerboard 1e6:1": (checkers(1e6), 16),
    "log-normal per cell, variance 4": (lognormal, 30),
}


def operator_on(meshes, degree, function):
    """The operator on the box's image of the unit cube, held on all faces."""
    axes = [AxisCells(basis, slice(1, basis.size - 1), degree + 1) for basis in (Lagrange(mesh, degree) for mesh in meshes)]
    points = [(mesh.quadrature(1).points - mesh.bounds[0]) / mesh.length for mesh in meshes]
    return CellOperator(
        axes, np.asarray(function(*np.meshgrid(*points, indexing="ij", sparse=True)) * np.ones([len(p) for p in points]))[None]
    )


def measured(operator):
    """Iterations, and seconds: of the making of the levels, a solve, a V-cycle and an application."""
    load = outer([axis.values.T @ axis.weights.ravel() for axis in operator.axes])
    solver = tfem.Multigrid(rtol=RTOL)
    prepared = solver.prepare(operator)  # which loads the kernels
    record = prepared(load)
    start = time.perf_counter()
    solver.prepare(operator)
    making = time.perf_counter() - start
    cycle, out = solver.approximate_inverse(operator), np.empty(operator.output_shape)
    ways = {"solve": lambda: prepared(load), "cycle": lambda: cycle.into(load, out), "application": lambda: operator.apply(load, out=out)}
    return record.iterations, {"making": making, **interleaved(ways, rounds=3)}


def row(name, cells, operator, most):
    """A line of the table, with the figure shown."""
    iterations, seconds = measured(operator)
    show(f"{name}, {cells}: iterations to 1e-8", iterations, "", most)
    times = [f"{1e3 * seconds[part]:.1f}" for part in ("making", "solve", "cycle")]
    return iterations, [name, cells, str(iterations), *times, f"{seconds['cycle'] / seconds['application']:.1f}"]


def main(sizes=CELLS, degree=1):
    rows, found = [], {}
    for name, (function, most) in CASES.items():
        for n in sizes:
            found[name, n], line = row(name, f"{n}^3", operator_on([tfem.interval(0, 1, n)] * 3, degree, function), most)
            rows.append(line)
        show(f"{name}: iterations more than on the coarsest grid", found[name, sizes[-1]] - found[name, sizes[0]], "", 3)
    n = sizes[0]
    plain = tfem.interval(0, 1, n)
    boxes = {
        "stretched 1000:1": [tfem.interval(0, 1e3, n), plain, plain],
        "flat 1:1000": [plain, plain, tfem.interval(0, 1e-3, n)],
        "graded 1e6": [tfem.graded(0, 1, n, 1e6), plain, tfem.graded(0, 1, n, 1e6, toward="both")],
    }
    for name in ("exp(4 sin(3 x y) + z)", "checkerboard 1e6:1", "log-normal per cell, variance 4"):
        for box, meshes in boxes.items():
            operator = operator_on(meshes, degree, CASES[name][0])
            rows.append(row(name, f"{n}^3, {box}", operator, 1.5 * found[name, n])[1])
    print(f"\n{markdown(HEADINGS, rows)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.multigrid")
    parser.add_argument("--cells", type=int, nargs="+", default=CELLS)
    parser.add_argument("--degree", type=int, default=1)
    print(machine())
    arguments = parser.parse_args()
    main(arguments.cells, arguments.degree)
