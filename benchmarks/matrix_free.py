"""The apply of operators whose coefficient depends on all coordinates, cell by cell: against the explicit matrix, and by degree.

The explicit matrix is taken in part where it is large (some planes of rows), and its time is extrapolated per row. CEED's bake-off
problems BP3 and BP5 apply the Laplacian with degree + 2 Gauss points, or with degree + 1 collocated Gauss-Lobatto points, per axis, on
mapped hexahedra, whose tensors of geometry are stored at the points. Ours has a coefficient at the points and no tensor of geometry; BP5's
points are degree + 1 Gauss points here, not collocated with the nodes, which costs the interpolation that BP5 saves.
"""

import functools

import numpy as np
import scipy.sparse as sparse

import tensorfem as tfem
from benchmarks.timing import interleaved, machine, show
from tensorfem.axis import interval
from tensorfem.cells import AxisCells, CellOperator

UNKNOWNS, DEGREES = 96, range(1, 9)
TARGETS = {1: 6.0, 4: 15.0}  # times the explicit matrix


def operator(degree, cells, points, *, per_cell=False, dtype=float):
    """A random coefficient in the unit cube, with zero boundary values."""
    basis = tfem.Lagrange(interval(0, 1, cells=cells), degree=degree)
    axes = [AxisCells(basis, slice(1, basis.size - 1), points)] * 3
    grid = (cells if per_cell else cells * points,) * 3
    return CellOperator(axes, 1 + np.random.default_rng().random((1, *grid)).astype(dtype))


def rows_of_matrix(A):
    """Some rows of a matrix of the operator's pattern, and how many times they fit into all."""
    axes = [abs(axis.values.T @ axis.values) for axis in A.axes]
    some = max(1, axes[0].shape[0] // 8)
    part = functools.reduce(sparse.kron, [axes[0][:some], *axes[1:]]).tocsr()
    return part, axes[0].nnz / axes[0][:some].nnz


def apply(A, dtype):
    u = np.random.default_rng().standard_normal(A.input_shape).astype(dtype)
    out = np.zeros_like(u)
    return lambda: A.apply(u, out=out)


def against_matrix(degree, cells):
    A = operator(degree, cells, degree + 1, per_cell=degree == 1)
    part, times = rows_of_matrix(A)
    single = operator(degree, cells, degree + 1, per_cell=degree == 1, dtype=np.float32)
    u = np.ones(part.shape[1])
    compared = {"matrix": lambda: part @ u, "double": apply(A, float), "single": apply(single, np.float32)}
    seconds = interleaved(compared, rounds=7)
    name = " x ".join(map(str, A.output_shape)) + f", degree {degree}"
    show(f"{name}: apply", 1e3 * seconds["double"], "ms")
    show(f"{name}: explicit matrix over apply", times * seconds["matrix"] / seconds["double"], "times", TARGETS[degree], at_least=True)
    show(f"{name}: double over single precision", seconds["double"] / seconds["single"], "times")


def throughput(degree):
    """Unknowns per second where a coefficient is known at the points."""
    cells = UNKNOWNS // degree
    problems = {"BP3": operator(degree, cells, degree + 2), "BP5": operator(degree, cells, degree + 1)}
    seconds = interleaved({name: apply(A, float) for name, A in problems.items()}, rounds=3)
    for name, A in problems.items():
        show(f"{name}, degree {degree}: millions of unknowns per second", A.shape[0] / seconds[name] / 1e6, "")


def main():
    against_matrix(1, 129)
    against_matrix(4, 24)
    for degree in DEGREES:
        throughput(degree)


if __name__ == "__main__":
    print(machine())
    main()
