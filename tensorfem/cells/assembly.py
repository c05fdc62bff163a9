"""The explicit matrix of a cell operator, from one small matrix per axis."""

import math
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from tensorfem.cells.axis_cells import AxisCells
from tensorfem.kron import Array, mode_product

Pattern = tuple[NDArray[np.intp], NDArray[np.intp]]


def assembled(operator: Any) -> Any:
    """The matrix without its faces.

    Its pattern is the Kronecker product of those of the axes. With T_k the matrix that takes a coefficient along axis k, sample by
    sample, to the integrals of the products of functions, one row for each entry of the axis' pattern, all entries together are the
    mode products ``T_0 T_1 ... a``, one for each part of the form.
    """
    patterns = [_pattern(axis) for axis in operator.axes]
    total: Any = 0.0
    for (i, j), samples in _parts(operator):
        entries = samples
        for k, (axis, pattern) in enumerate(zip(operator.axes, patterns, strict=True)):
            entries = mode_product(_integrals(axis, pattern, k == i, k == j, samples.shape[k]), entries, k)
        total = total + entries
    size = operator.output_shape
    rows, columns = (_flat([pattern[side] for pattern in patterns], size) for side in (0, 1))
    return sparse.csr_array(sparse.coo_array((np.ravel(total), (rows, columns)), shape=(math.prod(size),) * 2))


def _parts(operator: Any) -> list[tuple[tuple[int, int], Array]]:
    parts = list(operator.components())
    parts += [((j, i), samples) for (i, j), samples in parts if i != j]
    return parts if operator.reaction is None else [*parts, ((-1, -1), operator.reaction)]


def _pattern(axis: AxisCells) -> Pattern:
    """Rows and columns of the entries of an axis' mass matrix."""
    matrix = sparse.coo_array(abs(axis.values).T @ abs(axis.values))
    return matrix.row.astype(np.intp), matrix.col.astype(np.intp)


def _integrals(axis: AxisCells, pattern: Pattern, derived: bool, trial_derived: bool, count: int) -> Any:
    """The integrals of products of functions, over each cell or at each point: (entries, samples), sparse."""
    test, trial = (sparse.csc_array(axis.slopes if one else axis.values) for one in (derived, trial_derived))
    return axis.integrals(test[:, pattern[0]] * trial[:, pattern[1]], count)


def _flat(places: list[NDArray[np.intp]], size: tuple[int, ...]) -> NDArray[np.intp]:
    """The places in the flat field of the product of places along each axis."""
    return np.ravel_multi_index(np.ix_(*places), size).ravel() if len(size) > 1 else places[0]
