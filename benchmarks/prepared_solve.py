"""A prepared solve by fast diagonalization in 3D, with 127^3 and 255^3 unknowns, against the bare transforms that it is made of.

The uniform mesh is compared with two sine transforms of the same array (one there, one back), the graded one with six matrix products
along the axes, written into two arrays that exist already. Each is solved into a fresh array, and in the right-hand side's own memory.
With every axis transformed there are all six products; with one axis left to banded systems, four of them.
"""

import sys

import numpy as np
import scipy.fft

import tensorfem as tfem
from benchmarks.timing import interleaved, machine, show

SIZES = {127: 0.85, 255: 0.6}  # unknowns a side, and what the solve may take of two sine transforms
TARGETS_GRADED = {"left": 1.1, "both": 0.75}  # of six products; toward both ends the mesh is its own mirror image
ROUNDS = {127: 9, 255: 3}


def problem_on(mesh):
    return tfem.Poisson(tfem.Space(*[tfem.Lagrange(mesh, degree=1)] * 3), source=1.0, boundary=0.0).operator


def solves(operator, rhs):
    """Functions that solve: as `FastDiagonalization` does by default, in place too, and with all axes transformed."""
    solve, spectrum, own = tfem.FastDiagonalization().prepare(operator), operator.spectrum(), rhs.copy()
    return {
        "solve": lambda: solve(rhs).value,
        "in place": lambda: solve(own, overwrite_rhs=True).value,
        "all axes": lambda: spectrum.solve(rhs),
    }


def two_transforms(rhs):
    for _ in range(2):
        scipy.fft.dstn(rhs, type=1, workers=2)


def six_products(rhs):
    """A function that multiplies along each axis, there and back."""
    n = rhs.shape[0]
    matrix = np.random.default_rng().standard_normal((n, n)) / np.sqrt(n)
    one, two = np.zeros_like(rhs), np.zeros_like(rhs)

    def along_all_axes(source, first, second):
        np.matmul(matrix, source.reshape(n, n * n), out=first.reshape(n, n * n))
        np.matmul(matrix, first, out=second)
        np.matmul(second.reshape(n * n, n), matrix, out=first.reshape(n * n, n))

    def run():
        along_all_axes(rhs, one, two)
        along_all_axes(one, two, one)

    return run


def compare(name, mesh, n, bare, target):
    """Print the times of the solves and of what they are compared with, and their ratios."""
    operator = problem_on(mesh)
    rhs = np.random.default_rng().standard_normal(operator.output_shape)
    seconds = interleaved({**solves(operator, rhs), "bare": bare(rhs)}, ROUNDS[n])
    for what, value in seconds.items():
        show(f"{name}, {n}^3: {what}", 1e3 * value, "ms")
    for what in ("solve", "in place", "all axes"):
        show(f"{name}, {n}^3: {what}, ratio to bare", seconds[what] / seconds["bare"], "", target)


def main(sizes=tuple(SIZES)):
    for n in sizes:
        compare("uniform mesh", tfem.interval(0, 1, n + 1), n, lambda rhs: lambda: two_transforms(rhs), SIZES[n])
    for toward, target in TARGETS_GRADED.items():
        for n in sizes:
            compare(f"graded toward {toward}", tfem.graded(0, 1, n + 1, size_ratio=100, toward=toward), n, six_products, target)


if __name__ == "__main__":
    print(machine())
    main(tuple(map(int, sys.argv[1:])) or tuple(SIZES))
