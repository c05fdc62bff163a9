"""The constants of this machine, measured on miniatures of the work itself."""

import functools
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sparse

from tensorfem.kron import Array, KroneckerSum, Pencil, TrigonometricEigenbasis, dense_eigenbasis, mode_product
from tensorfem.kron.trigonometric import transform_cost
from tensorfem.solvers.cost import factorization_operations
from tensorfem.solvers.direct import DEFINITE
from tensorfem.solvers.effort import CALLS_PER_APPLICATION, CALLS_PER_SLAB, CYCLE_ROWS, GRADED_START, eigenbasis_operations
from tensorfem.solvers.hierarchy import Hierarchy
from tensorfem.solvers.machine import FAR_ENTRIES, Machine

BUDGET, ALIKE = 0.15, 1.3  # seconds from which on there are no more rounds than two, though the two best runs of some kind be less alike
ROW = 0.002  # seconds of short runs in a row
NEAR_ENTRIES, PASSES = 100_000, 4
AXIS, GRADED_AXIS = 200, 96  # unknowns of the eigenbases
RATIO = 1e4  # of the largest stiffness to the smallest on an axis that counts as graded
CELLS = 256  # of the axis that is transformed
GRID, COARSE_GRID = (110, 90), (17, 15, 13)


class Task(NamedTuple):
    """Work that measures one constant, and how many units of it there are."""

    constant: str
    work: Callable[[], object]
    units: float


@functools.cache
def this_machine() -> Machine:
    """The constants of this machine: measured at the first call, in a fraction of a second, and kept."""
    tasks = list(_tasks())
    runs: dict[str, list[float]] = {task.constant: [] for task in tasks}
    begin = time.perf_counter()
    while not _settled(runs.values(), time.perf_counter() - begin):
        for task in tasks:  # in turn: what disturbs for a while does not disturb all runs of one kind
            runs[task.constant].append(_shortest(task.work))
    return Machine(**{task.constant: min(runs[task.constant]) / task.units for task in tasks})


def _settled(runs: Iterable[list[float]], elapsed: float) -> bool:
    """Whether the two shortest runs of every kind are alike, or enough time has gone by."""
    return all(len(times) > 1 and (elapsed > BUDGET or sorted(times)[1] <= ALIKE * min(times)) for times in runs)


def _shortest(work: Callable[[], object]) -> float:
    """The shortest of some runs in a row: what disturbs only lengthens, and the first finds the caches cold."""
    begin = start = time.perf_counter()
    shortest = float("inf")
    while start - begin < ROW:
        work()
        start, last = time.perf_counter(), start
        shortest = min(shortest, start - last)
    return shortest


def _tasks() -> Iterator[Task]:
    yield Task("far", _passes(int(FAR_ENTRIES)), FAR_ENTRIES * PASSES)  # first: the memory allocator then behaves as it will in a solve
    yield Task("near", _passes(NEAR_ENTRIES), NEAR_ENTRIES * PASSES)
    small, few = KroneckerSum([_pencil(4), _pencil(3)]), np.ones((4, 3))
    yield Task("call", lambda: small.apply(few), CALLS_PER_APPLICATION + CALLS_PER_SLAB)
    yield from _mode_products()
    yield from _eigenbases()
    yield from _matrices()
    yield from _multigrid()


def _passes(entries: int) -> Callable[[], Array]:
    one, other = np.ones(entries), np.ones(entries)

    def work() -> Array:
        np.multiply(one, 1.0, out=one)
        np.add(one, other, out=one)
        np.subtract(one, other, out=one)
        return np.asarray(one + other)

    return work


def _pencil(size: int) -> Pencil:
    """Linear elements of length 1 between Dirichlet ends."""
    ends = sparse.eye_array(size + 1, size, format="csr"), sparse.eye_array(size + 1, size, k=-1, format="csr")
    root, mean = sparse.csr_array(ends[0] - ends[1]), sparse.csr_array(ends[0] + ends[1])
    mass = sparse.csr_array((mean.T @ mean) / 6 + sparse.eye_array(size) / 3)
    return Pencil(stiffness=sparse.csr_array(root.T @ root), mass=mass, root=root)


def _mode_products() -> Iterator[Task]:
    field, mass = np.ones((AXIS, 2 * AXIS)), _pencil(AXIS).mass
    matrix = field[:, :AXIS].copy()
    yield Task("product", lambda: mode_product(matrix, field, 0), field.size * AXIS)
    yield Task("band", lambda: mode_product(mass, field, 0), float(mass.nnz) * 2 * AXIS)
    basis, square = TrigonometricEigenbasis("dirichlet-dirichlet", 1.0, CELLS), np.ones((CELLS - 1, CELLS - 1))
    yield Task(
        "transform",
        lambda: basis.analyse(basis.analyse(square, 0), 1),
        2 * square.size * transform_cost("dirichlet-dirichlet", CELLS),
    )


def _eigenbases() -> Iterator[Task]:
    pencil, graded = _pencil(AXIS), _pencil(GRADED_AXIS)
    root, mass = pencil.root.toarray(), pencil.mass.toarray()
    yield Task("eigenbasis", lambda: dense_eigenbasis(root, mass), eigenbasis_operations(AXIS, AXIS + 1))
    steep = graded.root.toarray() * np.geomspace(1.0, RATIO, GRADED_AXIS + 1)[:, None]
    light = graded.mass.toarray()
    yield Task("graded", lambda: dense_eigenbasis(steep, light), GRADED_AXIS**3 * (1 + GRADED_START / GRADED_AXIS))


def _matrices() -> Iterator[Task]:
    from scipy.sparse.linalg import splu

    operator = KroneckerSum([_pencil(n) for n in GRID])
    matrix, vector, options = operator.tosparse(), np.ones(operator.shape[0]), dict[str, Any](DEFINITE)
    columns = matrix.tocsc()
    yield Task("assembly", operator.tosparse, float(matrix.nnz) * len(GRID))
    yield Task("sparse", lambda: matrix @ vector, float(matrix.nnz))
    yield Task("factorization", lambda: splu(columns, **options), factorization_operations(operator))


def _multigrid() -> Iterator[Task]:
    matrix = KroneckerSum([_pencil(n) for n in COARSE_GRID]).tosparse()
    vector = np.ones(matrix.shape[0])

    made: list[Hierarchy] = []
    yield Task("hierarchy", lambda: made.append(Hierarchy(matrix, vector, singular=False, strength="evolution")), float(matrix.nnz))
    yield Task("cycle", lambda: made[-1].cycle(vector), float(matrix.nnz) + CYCLE_ROWS * vector.size)
