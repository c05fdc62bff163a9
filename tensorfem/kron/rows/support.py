"""The rows of a matrix that has few nonzeros in each, as two arrays: which columns, and what values."""

import dataclasses
import functools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import scipy.sparse as sparse

from tensorfem.kron.mode_product import Array, Factor

# Rows are windows if these are at most so many times wider than the largest number of nonzeros.
WIDEST = 1.5


@dataclasses.dataclass(frozen=True, eq=False)
class LocalRows:
    """The nonzeros of each row, padded to the longest row with zeros in column 0.

    Attributes
    ----------
    columns, values : (rows, width) arrays
    lengths : (rows,) array
        How many of a row's entries are meant.
    size : int
        Columns of the matrix.
    """

    columns: Array
    values: Array
    lengths: Array
    size: int

    @property
    def width(self) -> int:
        """The largest number of nonzeros in a row."""
        return int(self.columns.shape[1])

    def __getitem__(self, rows: Any) -> "LocalRows":
        return LocalRows(self.columns[rows], self.values[rows], self.lengths[rows], self.size)

    @functools.cached_property
    def supports(self) -> tuple[Array, Array]:
        """The sets of columns that occur, one in each row with -1 behind its end, and for each row of the matrix the number of its set."""
        marked = np.where(np.arange(self.width) < self.lengths[:, None], self.columns, -1)
        if (marked == marked[:1]).all():
            return marked[:1], np.zeros(len(marked), dtype=np.int64)
        found, number = np.unique(marked, axis=0, return_inverse=True)
        return found, number.reshape(-1)


def local_rows(matrix: Factor) -> LocalRows:
    """The rows of a dense or sparse matrix; a dense one has all columns in each row.

    Where each row's nonzeros are neighbours, or nearly, as those of spline bases, a row is a window of a width common to all, so that few
    different sets of columns occur though some entries in the windows are zero.

    Examples
    --------
    >>> rows = local_rows(sparse.csr_array(np.array([[0.0, 2.0, 0.0], [0.0, 0.0, 3.0]])))
    >>> rows.columns, rows.lengths
    (array([[1],
           [2]]), array([1, 1]))
    """
    count, size = matrix.shape
    if not hasattr(matrix, "tocsr"):
        return LocalRows(np.broadcast_to(np.arange(size), (count, size)), np.asarray(matrix), np.full(count, size), size)
    csr: Any = matrix.tocsr(copy=True)
    csr.sum_duplicates()
    lengths = np.diff(csr.indptr).astype(np.int64)
    row = np.repeat(np.arange(count), lengths)
    longest = max(1, int(lengths.max(initial=0)))
    starts, window = _windows(csr, lengths)
    if window <= WIDEST * longest:
        columns = np.minimum(starts, size - window)[:, None] + np.arange(window)
        places, lengths = csr.indices - columns[row, 0], np.full(count, window)
    else:
        columns = np.zeros((count, longest), dtype=np.int64)
        places = np.arange(csr.nnz) - np.repeat(csr.indptr[:-1], lengths)
        columns[row, places] = csr.indices
    values = np.zeros(columns.shape, dtype=csr.dtype)
    values[row, places] = csr.data
    return LocalRows(columns, values, lengths, size)


def _windows(csr: Any, lengths: Array) -> tuple[Array, int]:
    """The first column with a nonzero in each row (0 in an empty one), and how many columns the widest row spans."""
    filled = lengths > 0
    first, last = np.zeros((2, len(lengths)), dtype=np.int64)
    first[filled] = csr.indices[csr.indptr[:-1][filled]]
    last[filled] = csr.indices[csr.indptr[1:][filled] - 1]
    return first, int((last - first).max(initial=0)) + 1


def face_split(arrays: Sequence[Array]) -> Array:
    """The Kronecker product of corresponding rows.

    Examples
    --------
    >>> face_split([np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])])
    array([[3., 4., 6., 8.]])
    """
    return functools.reduce(lambda left, right: (left[:, :, None] * right[:, None, :]).reshape(len(left), -1), arrays)


def design_rows(axes: Sequence[LocalRows]) -> Any:
    """The explicit sparse rows: Kronecker products of the axes' rows, whose columns count in C order."""
    columns = axes[0].columns
    for axis in axes[1:]:
        columns = (columns[:, :, None] * axis.size + axis.columns[:, None, :]).reshape(len(columns), -1)
    count, width = columns.shape
    size = functools.reduce(lambda product, axis: product * axis.size, axes, 1)
    data = face_split([axis.values for axis in axes]).ravel()
    return sparse.csr_array((data, columns.ravel(), np.arange(count + 1, dtype=np.int64) * width), shape=(count, size))


def support_keys(axes: Sequence[LocalRows]) -> Array:
    """For each row a number that tells on which columns of all axes it is nonzero, counted anew after each axis, so that it stays small."""
    key: Array = np.zeros(len(axes[0].lengths), dtype=np.int64)
    for axis in axes:
        found, number = axis.supports
        key = np.unique(key * len(found) + number, return_inverse=True)[1].reshape(-1)
    return key


def same_support(axes: Sequence[LocalRows]) -> Iterator[tuple[Array, tuple[int, ...]]]:
    """Groups of rows that have the same columns on every axis: the rows' numbers, and the number of the set on each axis."""
    key = support_keys(axes)
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.diff(key[order])) + 1
    for rows in np.split(order, starts):
        yield rows, tuple(int(axis.supports[1][rows[0]]) for axis in axes)
