"""Values and derivatives of a function of a space: at scattered points, and on tensor grids."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.axis import Basis
from tensorfem.kron import mode_product, slabs
from tensorfem.space import Space

FloatArray = NDArray[np.float64]
SMALL = 64  # columns up to which a table is multiplied as a dense matrix: of cubes of this size, BLAS beats the sparse loop


def at_points(space: Space, coefficients: FloatArray, derivatives: Sequence[int], points: Sequence[Any]) -> FloatArray:
    """Values at points, one array per axis, which broadcast against one another.

    Open arrays, as callers' functions get them, are a tensor grid and taken axis by axis; other points slab by slab.

    Raises
    ------
    ValueError
        If there is not one array per axis, they are not real, do not broadcast, or leave the box.
    """
    given = _checked(space, points)
    if all(array.ndim == space.dimension and array.size == array.shape[axis] for axis, array in enumerate(given)):
        return _contracted(coefficients, _tables(space, [array.ravel() for array in given], derivatives))
    try:
        arrays = np.broadcast_arrays(*given)
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in zip(space.names, given, strict=True))
        raise ValueError(f"points: the coordinates have shapes {shapes}, which do not broadcast; on_grid takes one axis each") from None
    flat = [np.ravel(array) for array in arrays]
    result = np.empty(flat[0].size)
    for slab in slabs(result.size, math.prod(basis.degree + 1 for basis in space.bases)):
        result[slab] = _gathered(coefficients, _tables(space, [array[slab] for array in flat], derivatives))
    return result.reshape(arrays[0].shape)


def on_grid(space: Space, coefficients: FloatArray, axes: Sequence[Any]) -> FloatArray:
    """Values on the tensor grid of one array of points per axis.

    Raises
    ------
    ValueError
        If there is not one array per axis, they are not real, not one-dimensional, or leave the box.
    """
    points = [np.atleast_1d(values) for values in _checked(space, axes)]
    for name, values in zip(space.names, points, strict=True):
        if values.ndim != 1:
            raise ValueError(f"{name}: got points of shape {values.shape}; a grid takes one axis of points per coordinate")
    return _contracted(coefficients, _tables(space, points, (0,) * space.dimension))


def _checked(space: Space, points: Sequence[Any]) -> list[FloatArray]:
    if len(points) != space.dimension:
        raise ValueError(f"points: got {len(points)} coordinates; this field has {space.dimension} ({', '.join(space.names)})")
    arrays = [np.asarray(values) for values in points]
    for name, array in zip(space.names, arrays, strict=True):
        if array.dtype.kind not in "iuf":
            raise ValueError(f"{name}: got points of type {array.dtype}; allowed are real numbers")
    return [array.astype(np.float64, copy=False) for array in arrays]


def _tables(space: Space, points: Sequence[FloatArray], derivatives: Sequence[int]) -> list[Any]:
    def table(name: str, basis: Basis, values: FloatArray, derivative: int) -> Any:
        try:
            return basis.evaluate(values, derivative)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error

    return [table(*row) for row in zip(space.names, space.bases, points, derivatives, strict=True)]


def _contracted(coefficients: FloatArray, tables: Sequence[Any]) -> FloatArray:
    """Values on a tensor grid, by one mode product per axis."""
    for axis, table in enumerate(tables):
        coefficients = mode_product(table.toarray() if table.shape[1] <= SMALL else table, coefficients, axis)
    return coefficients


def _gathered(coefficients: FloatArray, tables: Sequence[Any]) -> FloatArray:
    """Scattered values: at each point the (degree + 1)^d functions that are alive there, gathered axis by axis."""
    count = tables[0].shape[0]
    offsets = np.zeros((count, 1), dtype=np.intp)
    weights = np.ones((count, 1))
    for table, length in zip(tables, coefficients.shape, strict=True):
        columns, values = _padded_rows(table, int(np.max(np.diff(table.indptr), initial=0)))
        offsets = (offsets[:, :, None] * length + columns[:, None, :]).reshape(count, -1)
        weights = (weights[:, :, None] * values[:, None, :]).reshape(count, -1)
    return np.asarray(np.sum(weights * coefficients.ravel()[offsets], axis=1))


def _padded_rows(table: Any, count: int) -> tuple[NDArray[np.intp], FloatArray]:
    """The columns and values of a CSR array's rows, each padded with zeros to `count` entries."""
    lengths = np.diff(table.indptr)
    filled = np.arange(count) < lengths[:, None]
    columns, values = np.zeros(filled.shape, dtype=np.intp), np.zeros(filled.shape)
    columns[filled], values[filled] = table.indices, table.data
    return columns, values
