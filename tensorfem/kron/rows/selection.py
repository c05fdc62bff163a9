"""Selections of entries of a field: from what a user writes to indices, and back into fields."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sparse

from tensorfem.kron.mode_product import Array

Index = tuple[Array, ...]


def multi_index(selection: Any, shape: tuple[int, ...], name: str) -> Index:
    """One array of indices per axis, from flat indices, such a tuple already, or a mask of the field's shape.

    Raises
    ------
    ValueError
        If it is none of them, empty, or an index is out of bounds (negative ones are).

    Examples
    --------
    >>> multi_index([0, 5], (2, 3), "rows")
    (array([0, 1]), array([0, 2]))
    """
    given = selection if isinstance(selection, tuple) else np.asarray(selection)
    if isinstance(given, np.ndarray) and given.dtype.kind == "b":
        if given.shape != shape:
            raise ValueError(f"{name}: got a mask of shape {given.shape}; allowed is the field's, {shape}")
        index: Index = np.nonzero(given)
    elif isinstance(given, np.ndarray):
        index = _unraveled(given, shape, name)
    else:
        index = _per_axis(given, shape, name)
    if index[0].size == 0:
        raise ValueError(f"{name}: nothing is selected of a field of shape {shape}; select at least one entry")
    return index


def _unraveled(flat: Array, shape: tuple[int, ...], name: str) -> Index:
    if flat.ndim != 1 or flat.dtype.kind not in "iu":
        raise ValueError(
            f"{name}: got an array of shape {flat.shape} and type {flat.dtype}; allowed are flat indices, "
            f"a tuple of {len(shape)} index arrays, or a mask of shape {shape}"
        )
    _check_bounds(flat, math.prod(shape), name)
    return np.unravel_index(flat, shape)


def _per_axis(given: Sequence[Any], shape: tuple[int, ...], name: str) -> Index:
    arrays = [np.asarray(axis) for axis in given]
    if len(arrays) != len(shape) or any(array.ndim != 1 or array.dtype.kind not in "iu" for array in arrays):
        shapes = [array.shape for array in arrays]
        raise ValueError(f"{name}: got a tuple of arrays of shapes {shapes}; allowed are {len(shape)} index arrays of one length")
    if len({array.size for array in arrays}) != 1:
        raise ValueError(f"{name}: got index arrays of lengths {[array.size for array in arrays]}; all must have one length")
    for axis, (array, size) in enumerate(zip(arrays, shape, strict=True)):
        _check_bounds(array, size, f"{name}[{axis}]")
    return tuple(arrays)


def _check_bounds(array: Array, size: int, name: str) -> None:
    bad = np.flatnonzero((array < 0) | (array >= size))
    if bad.size:
        raise ValueError(f"{name}: entry {bad[0]} is {array[bad[0]]}; allowed are indices from 0 to {size - 1}")


def occurring(index: Index | None, shape: tuple[int, ...]) -> tuple[list[Any], Index | None]:
    """The indices that occur on each axis, and the same selection counted in them; slices where all are selected."""
    if index is None:
        return [slice(None)] * len(shape), None
    found = [np.unique(axis, return_inverse=True) for axis in index]
    return [values for values, _ in found], tuple(places.reshape(-1) for _, places in found)


def all_or(index: Index | None, shape: tuple[int, ...]) -> Index:
    """The selection, or every entry of a field in C order."""
    return np.unravel_index(np.arange(math.prod(shape)), shape) if index is None else index


def entries_at(factor: Any, rows: Array, columns: Array) -> Array:
    """One entry of a dense or sparse matrix for each pair of indices."""
    found: Any = factor[rows, columns]
    return np.asarray(found.toarray() if hasattr(found, "toarray") else found).reshape(-1)


def gather(array: Array, index: Index | None) -> Array:
    """The selected entries of each field, as vectors; the fields themselves without a selection."""
    where: Any = (..., *(index or ()))
    return array if index is None else array[where]


def scatter(array: Array, index: Index | None, shape: tuple[int, ...]) -> Array:
    """Vectors put into fields of zeros, the transpose of `gather`: entries that are selected twice add up."""
    if index is None:
        return array
    flat, count = np.ravel_multi_index(index, shape), array.shape[-1]
    placing = sparse.csr_array((np.ones(count, dtype=np.int8), (flat, np.arange(count))), shape=(math.prod(shape), count))
    fields = np.asarray(placing @ array.reshape(-1, count).T)
    return np.ascontiguousarray(fields.T).reshape(*array.shape[:-1], *shape)
