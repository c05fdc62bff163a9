"""The constants of this machine, measured on miniatures of the work itself."""

import functools
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sparse

from tensorfem.kron import Array, KroneckerSum, Pencil, TrigonometricEigenbasis, dense_eigenbasis, mode_product
from tensorfem.kron.trigonometric import transform_cost
from tensorfem.solvers.cost import factorization_operations
from tensorfem.solvers.direct import DEFINITE
from tensorfem.solvers.effort import CALLS_PER_APPLICATION, CALLS_PER_SLAB, CYCLE_ROWS, GRADED_START, eigenbasis_operations
from tensorfem.solvers.hierarchy import Hierarchy
from tensorfem.solvers.machine import FAR_ENTRIES, Machine

ENOUGH, PATIENCE, ALIKE = 0.008, 0.05, 1.2  # seconds of runs of one kind; the most, while the two shortest are less alike than this
NEAR_ENTRIES = 100_000
PASSES = 4  # of the sequence that is timed
AXIS, GRADED_AXIS = 240, 96  # unknowns of the eigenbases
RATIO = 1e4  # of the largest stiffness to the smallest on an axis that counts as graded
CELLS = 256  # of the axis that is transformed
GRID, COARSE_GRID = (110, 90), (17, 15, 13)


@functools.cache
def this_machine() -> Machine:
    """The constants of this machine: measured at the first call, in a fraction of a second, and kept."""
    far = _passes(int(FAR_ENTRIES))  # first: the memory allocator then behaves as it will in a solve
    return Machine(
        call=_call(),
        near=_passes(NEAR_ENTRIES),
        far=far,
        product=_product(),
        band=_band(),
        transform=_transform(),
        eigenbasis=_eigenbasis(),
        graded=_graded(),
        **_sparse(),
        **_hierarchy(),
    )


def _seconds(work: Callable[[], object]) -> float:
    """The shortest of some runs: what disturbs a run only lengthens it. There are more runs while they differ much."""
    begin = start = time.perf_counter()
    runs: list[float] = []
    while len(runs) < 2 or (start - begin < ENOUGH or sorted(runs)[1] > ALIKE * min(runs)) * (start - begin < PATIENCE):
        work()
        start, last = time.perf_counter(), start
        runs.append(start - last)
    return min(runs)


def _passes(entries: int) -> float:
    one, other = np.ones(entries), np.ones(entries)

    def work() -> Array:
        np.multiply(one, 1.0, out=one)
        np.add(one, other, out=one)
        np.subtract(one, other, out=one)
        return np.asarray(one + other)

    return _seconds(work) / PASSES / entries


def _pencil(size: int) -> Pencil:
    """Linear elements of length 1 between Dirichlet ends."""
    ends = sparse.eye_array(size + 1, size, format="csr"), sparse.eye_array(size + 1, size, k=-1, format="csr")
    root, mean = sparse.csr_array(ends[0] - ends[1]), sparse.csr_array(ends[0] + ends[1])
    mass = sparse.csr_array((mean.T @ mean) / 6 + sparse.eye_array(size) / 3)
    return Pencil(stiffness=sparse.csr_array(root.T @ root), mass=mass, root=root)


def _call() -> float:
    operator, field = KroneckerSum([_pencil(4), _pencil(3)]), np.ones((4, 3))
    return _seconds(lambda: operator.apply(field)) / (CALLS_PER_APPLICATION + CALLS_PER_SLAB)


def _product() -> float:
    field = np.ones((AXIS, 2 * AXIS))
    matrix = field[:, :AXIS].copy()
    return _seconds(lambda: mode_product(matrix, field, 0)) / (field.size * AXIS)


def _band() -> float:
    mass, field = _pencil(AXIS).mass, np.ones((AXIS, 2 * AXIS))
    return _seconds(lambda: mode_product(mass, field, 0)) / (int(mass.nnz) * 2 * AXIS)


def _transform() -> float:
    basis, field = TrigonometricEigenbasis("dirichlet-dirichlet", 1.0, CELLS), np.ones((CELLS - 1, CELLS - 1))
    seconds = _seconds(lambda: basis.analyse(basis.analyse(field, 0), 1))
    return seconds / (2 * field.size * transform_cost("dirichlet-dirichlet", CELLS))


def _eigenbasis() -> float:
    pencil = _pencil(AXIS)
    root, mass = pencil.root.toarray(), pencil.mass.toarray()
    return _seconds(lambda: dense_eigenbasis(root, mass)) / eigenbasis_operations(AXIS, AXIS + 1)


def _graded() -> float:
    pencil = _pencil(GRADED_AXIS)
    root = pencil.root.toarray() * np.geomspace(1.0, RATIO, GRADED_AXIS + 1)[:, None]
    mass = pencil.mass.toarray()
    return _seconds(lambda: dense_eigenbasis(root, mass)) / (GRADED_AXIS**3 * (1 + GRADED_START / GRADED_AXIS))


def _sparse() -> dict[str, float]:
    from scipy.sparse.linalg import splu

    operator = KroneckerSum([_pencil(n) for n in GRID])
    matrix, vector = operator.tosparse(), np.ones(operator.shape[0])
    columns = matrix.tocsc()
    options: dict[str, Any] = DEFINITE
    return {
        "assembly": _seconds(operator.tosparse) / (matrix.nnz * len(GRID)),
        "sparse": _seconds(lambda: matrix @ vector) / matrix.nnz,
        "factorization": _seconds(lambda: splu(columns, **options)) / factorization_operations(operator),
    }


def _hierarchy() -> dict[str, float]:
    matrix = KroneckerSum([_pencil(n) for n in COARSE_GRID]).tosparse()
    vector = np.ones(matrix.shape[0])
    made: list[Hierarchy] = []
    seconds = _seconds(lambda: made.append(Hierarchy(matrix, vector, singular=False, strength="evolution")))
    return {"hierarchy": seconds / matrix.nnz, "cycle": _seconds(lambda: made[-1].cycle(vector)) / (matrix.nnz + CYCLE_ROWS * vector.size)}
