"""A prepared solve by fast diagonalization, in 3D with 127^3 unknowns, against the bare transforms that it is made of.

The uniform mesh is compared with two sine transforms (one there, one back), the graded one with six matrix products along the axes,
written into two arrays that exist already.
"""

import numpy as np
import scipy.fft

import tensorfem as tfem
from benchmarks.timing import interleaved, machine, show

CELLS = 128
TARGET_UNIFORM, TARGET_GRADED = 1.5, 1.3


def prepared(mesh):
    """A function that solves for one right-hand side, and such a side."""
    problem = tfem.Poisson(tfem.Space(*[tfem.Lagrange(mesh, degree=1)] * 3), source=1.0, boundary=0.0)
    solve = tfem.FastDiagonalization().prepare(problem.operator)
    rhs = np.random.default_rng().standard_normal(problem.operator.output_shape)
    return (lambda: solve(rhs).value), rhs


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


def main():
    solve, rhs = prepared(tfem.interval(0, 1, CELLS))
    seconds = interleaved({"solve": solve, "bare": lambda: two_transforms(rhs)})
    show("uniform mesh: prepared solve", 1e3 * seconds["solve"], "ms")
    show("uniform mesh: two dstn of the same array", 1e3 * seconds["bare"], "ms")
    show("uniform mesh: ratio", seconds["solve"] / seconds["bare"], "", TARGET_UNIFORM)
    solve, rhs = prepared(tfem.graded(0, 1, CELLS, size_ratio=100))
    seconds = interleaved({"solve": solve, "bare": six_products(rhs)})
    show("graded mesh: prepared solve", 1e3 * seconds["solve"], "ms")
    show("graded mesh: six matrix products", 1e3 * seconds["bare"], "ms")
    show("graded mesh: ratio", seconds["solve"] / seconds["bare"], "", TARGET_GRADED)


if __name__ == "__main__":
    print(machine())
    main()
