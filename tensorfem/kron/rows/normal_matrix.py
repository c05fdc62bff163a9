"""The weighted normal matrix of a face-splitting product, summed up support by support."""

import functools
import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sparse

from tensorfem.kron.memory import require_memory
from tensorfem.kron.mode_product import Array
from tensorfem.kron.rows.support import LocalRows, design_rows, face_split, same_support, support_keys
from tensorfem.kron.slabs import slabs

# What one group of rows costs besides its arithmetic, in multiply-adds of a sparse product (measured: 50 microseconds against 5 ns).
GROUP_COST = 10_000


def gram(axes: Sequence[LocalRows], weights: Array) -> Any:
    """``B^H diag(weights) B`` as a CSR array, where the rows of B are Kronecker products of the axes' rows; see `RowKronecker.gram`.

    Rows of one support give one small dense matrix product. Where nearly every row has its own support, a sparse product is quicker.
    """
    width = math.prod(axis.width for axis in axes)
    weights = weights.astype(np.finfo(np.result_type(*(axis.values for axis in axes))).dtype, copy=False)
    if (int(support_keys(axes).max()) + 1) * GROUP_COST > len(weights) * width**2:
        return _sparse_gram(axes, weights, width)
    return _grouped_gram(axes, weights, width)


def _sparse_gram(axes: Sequence[LocalRows], weights: Array, width: int) -> Any:
    parts = (_design_gram(design_rows([axis[rows] for axis in axes]), weights[rows]) for rows in slabs(len(weights), width))
    result = sparse.csr_array(functools.reduce(operator.add, parts))
    result.eliminate_zeros()
    return result


def _design_gram(design: Any, weights: Array) -> Any:
    scaled = design.copy()
    scaled.data *= np.repeat(weights, np.diff(design.indptr))
    return design.conj().T.tocsr() @ scaled


def _grouped_gram(axes: Sequence[LocalRows], weights: Array, width: int) -> Any:
    pairs = [_pairs(axis) for axis in axes]
    shape = tuple(len(keys) for keys, _ in pairs)
    require_memory(32 * math.prod(shape), "the normal matrix", "use fewer basis functions, or solve with matvec and rmatvec")
    sums = np.zeros(shape, dtype=np.result_type(weights, *(axis.values for axis in axes)))
    for rows, numbers in same_support(axes):
        lengths = [int(axis.lengths[rows[0]]) for axis in axes]
        places = [ids[number, :n, :n].ravel() for (_, ids), number, n in zip(pairs, numbers, lengths, strict=True)]
        block = sum(
            _weighted([axis.values[rows[piece], :n] for axis, n in zip(axes, lengths, strict=True)], weights[rows[piece]])
            for piece in slabs(len(rows), width)
        )
        sums[np.ix_(*places)] += _paired(np.asarray(block), lengths)
    return _assembled(sums, [keys for keys, _ in pairs], [axis.size for axis in axes])


def _weighted(values: Sequence[Array], weights: Array) -> Array:
    design = face_split(values)
    product: Array = design.conj().T @ (weights[:, None] * design)
    return product


def _paired(block: Array, lengths: Sequence[int]) -> Array:
    """From ``((i, j, ...), (I, J, ...))`` to ``((i, I), (j, J), ...)``."""
    dimension = len(lengths)
    order = [axis for pair in zip(range(dimension), range(dimension, 2 * dimension), strict=True) for axis in pair]
    return block.reshape(*lengths, *lengths).transpose(order).reshape([n * n for n in lengths])


def _pairs(axis: LocalRows) -> tuple[Array, Array]:
    """All pairs (i, I) of columns that meet in a row, as i size + I; and their numbers by support, i and I (-1: none)."""
    supports, _ = axis.supports
    left, right = supports[:, :, None], supports[:, None, :]
    inside = (left >= 0) & (right >= 0)
    keys, number = np.unique((left * axis.size + right)[inside], return_inverse=True)
    ids = np.full(inside.shape, -1, dtype=np.int64)
    ids[inside] = number.reshape(-1)
    return keys, ids


def _assembled(sums: Array, keys: Sequence[Array], sizes: Sequence[int]) -> Any:
    """The CSR array of the entries, one axis of pairs per factor."""
    rows: Array = np.zeros((), dtype=np.int64)
    columns: Array = np.zeros((), dtype=np.int64)
    for pair, size in zip(keys, sizes, strict=True):
        rows = rows[..., None] * size + pair // size
        columns = columns[..., None] * size + pair % size
    count = math.prod(sizes)
    result = sparse.csr_array((sums.ravel(), (rows.ravel(), columns.ravel())), shape=(count, count))
    result.eliminate_zeros()
    return result
