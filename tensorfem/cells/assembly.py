"""The explicit matrix of a cell operator, from one small matrix per axis."""

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from tensorfem.cells.axis_cells import AxisCells
from tensorfem.kron import Array, mode_product
from tensorfem.kron.slabs import nonzero_rows, slabs

SLAB = 1 << 22  # entries made at once
Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Pattern:
    """The entries of an axis' mass matrix, row by row, each row as long as the longest.

    Attributes
    ----------
    columns : (size, width) array
    valid : (size, width) array
        Whether there is such an entry.
    """

    columns: Indices
    valid: NDArray[np.bool_]

    @classmethod
    def of(cls, axis: AxisCells) -> "Pattern":
        """That of an axis."""
        matrix = sparse.csr_array(abs(axis.values).T @ abs(axis.values))
        matrix.sort_indices()
        counts = np.diff(matrix.indptr)
        valid = np.arange(counts.max(initial=0)) < counts[:, None]
        columns = np.zeros(valid.shape, dtype=np.intp)
        columns[valid] = matrix.indices
        return cls(columns, valid)

    def integrals(self, axis: AxisCells, derived: tuple[bool, bool], count: int) -> Any:
        """The integrals of products of functions, over each cell or at each point: (size * width, samples), sparse."""
        test, trial = (sparse.csc_array(axis.slopes if one else axis.values) for one in derived)
        rows = np.repeat(np.arange(len(self.columns)), self.columns.shape[1])
        return sparse.csr_array(axis.integrals(test[:, rows] * trial[:, self.columns.ravel()], count))


def assembled(operator: Any) -> Any:
    """The matrix without its faces, row by row as it is stored: nothing is sorted or added up.

    Its pattern is the Kronecker product of those of the axes. With T_k the matrix that takes a coefficient along axis k, sample by
    sample, to the integrals of the products of functions, one row for each entry of the axis' pattern, all entries together are the
    mode products ``T_0 T_1 ... a``, one for each part of the form. They are made in slabs of rows of axis 0.
    """
    patterns = [Pattern.of(axis) for axis in operator.axes]
    counts = functools.reduce(np.multiply.outer, [pattern.valid.sum(axis=1) for pattern in patterns]).ravel()
    ends = np.concatenate([[0], np.cumsum(counts)])
    index = np.int32 if ends[-1] < np.iinfo(np.int32).max else np.int64
    data, columns = np.empty(ends[-1], dtype=operator.dtype), np.empty(ends[-1], dtype=index)
    across = math.prod(operator.output_shape[1:])
    parts = [(samples, _factors(operator, patterns, entry, samples)) for entry, samples in _parts(operator)]
    for rows in slabs(operator.output_shape[0], across * math.prod(pattern.valid.shape[1] for pattern in patterns), SLAB):
        own = slice(ends[rows.start * across], ends[rows.stop * across])
        valid = _ordered(functools.reduce(np.logical_and.outer, [p.valid for p in _cut(patterns, rows)]))
        data[own] = _ordered(np.asarray(sum(_entries(samples, factors, patterns, rows) for samples, factors in parts)))[valid]
        columns[own] = _ordered(_flat_columns(_cut(patterns, rows), operator.output_shape))[valid]
    return sparse.csr_array((data, columns, ends.astype(index)), shape=operator.shape)


def _parts(operator: Any) -> Iterator[tuple[tuple[int, int], Array]]:
    for (i, j), samples in operator.components():
        yield (i, j), samples
        if i != j:
            yield (j, i), samples
    if operator.reaction is not None:
        yield (-1, -1), operator.reaction


def _factors(operator: Any, patterns: list[Pattern], entry: tuple[int, int], samples: Array) -> list[Any]:
    axes = zip(operator.axes, patterns, samples.shape, strict=True)
    return [pattern.integrals(axis, (k == entry[0], k == entry[1]), count) for k, (axis, pattern, count) in enumerate(axes)]


def _cut(patterns: list[Pattern], rows: slice) -> list[Pattern]:
    return [Pattern(patterns[0].columns[rows], patterns[0].valid[rows]), *patterns[1:]]


def _entries(samples: Array, factors: list[Any], patterns: list[Pattern], rows: slice) -> Array:
    """The entries of some rows of axis 0: of shape (size, width) per axis."""
    width = patterns[0].columns.shape[1]
    first = factors[0][rows.start * width : rows.stop * width]
    needed = nonzero_rows(sparse.csr_array(first.T))
    entries = samples[needed]
    for k in range(len(factors) - 1, 0, -1):
        entries = mode_product(factors[k], entries, k)
    entries = mode_product(sparse.csr_array(first[:, needed]), entries, 0)
    return entries.reshape([n for pattern in _cut(patterns, rows) for n in pattern.columns.shape])


def _flat_columns(patterns: list[Pattern], size: tuple[int, ...]) -> Indices:
    """The columns in the flat field, in the shape of the entries."""
    strides = [math.prod(size[k + 1 :]) for k in range(len(size))]
    return np.asarray(functools.reduce(np.add.outer, [stride * p.columns for stride, p in zip(strides, patterns, strict=True)]))


def _ordered(entries: Array) -> Array:
    """From (size, width) axis by axis to all sizes first."""
    return np.transpose(entries, [*range(0, entries.ndim, 2), *range(1, entries.ndim, 2)])
