"""What is observed: values on a grid, or at scattered points."""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from tensorfem.checks import real_vector

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Observations:
    """Values at points, each with a weight.

    Attributes
    ----------
    axes : tuple of (n_i,) arrays
        On a grid the points of each axis; scattered, the coordinates of all points along it.
    values : array of shape (n_0, n_1, ...), or (n,) where scattered
        0 where nothing was observed.
    weights : array of the shape of `values`, or None
        None where all are 1; 0 where nothing was observed.
    grid : bool
    """

    axes: tuple[FloatArray, ...]
    values: FloatArray
    weights: FloatArray | None
    grid: bool

    @functools.cached_property
    def count(self) -> int:
        """Number of values observed: those of weight above 0."""
        return self.values.size if self.weights is None else int(np.count_nonzero(self.weights))


def observations(X: Any, y: Any, sample_weight: Any = None, *, family: str = "gaussian") -> Observations:
    """Check what a user gives.

    Parameters
    ----------
    X : tuple of (n_i,) arrays, or (n, d) array_like
        A tuple has the points of each axis of a grid; anything else is a table of scattered points, one row each.
    y : (n_0, n_1, ...) or (n,) array_like
        NaN on a grid where nothing was observed.
    sample_weight : array_like of the shape of y, optional
        At least 0; 0 leaves a value out.

    Raises
    ------
    ValueError
        If shapes do not fit (both named), something is not finite, a weight is negative, or nothing is observed.
    """
    values = _real(y, "y")
    if listed_axes(X) and values.shape == tuple(axis.size for axis in X):
        raise ValueError(_told_list(X))
    axes, shape, grid = points_of(X)
    if values.shape != shape:
        what = f"the axes have {', '.join(str(n) for n in shape)} points" if grid else f"X has {shape[0]} rows"
        raise ValueError(f"y: got an array of shape {values.shape}, but {what}; allowed is shape {shape}")
    missing = ~np.isfinite(values)
    weights = _weights(sample_weight, shape)
    if weights is not None:
        missing &= weights > 0
    if missing.any() and (not grid or np.isinf(values).any()):
        place = tuple(int(i) for i in np.argwhere(missing)[0])
        hint = "leave its row out" if not grid else "use NaN for what was not observed, or weight 0"
        raise ValueError(f"y: the value at index {place} is {values[place]}; all must be finite, not NaN or inf; {hint}")
    if weights is None and missing.any():
        weights = np.ones(shape)
    if weights is not None:
        weights = np.where(np.isfinite(values), weights, 0.0)
        if not weights.any():
            raise ValueError(f"y: nothing is observed: all {values.size} values are NaN or of weight 0")
        values = np.where(weights > 0, values, 0.0)
    return Observations(axes, values, weights, grid)


def points_of(X: Any) -> tuple[tuple[FloatArray, ...], tuple[int, ...], bool]:
    """The coordinates per axis, the shape of values there, and whether the points are a grid.

    Raises
    ------
    ValueError
        If the points are no tuple of axes and no table, or not finite.
    """
    if isinstance(X, tuple):
        if not X:
            raise ValueError("X: got an empty tuple; give one array of points per axis of the grid, or a table with one row per point")
        axes = tuple(real_vector(axis, f"X: axis {i}", shortest=1) for i, axis in enumerate(X))
        return axes, tuple(axis.size for axis in axes), True
    if listed_axes(X) and len({axis.size for axis in X}) > 1:
        raise ValueError(_told_list(X))
    table = _real(X, "X")
    if table.ndim != 2 or 0 in table.shape:
        raise ValueError(
            f"X: got an array of shape {table.shape}; allowed are a table with one row per point and one column per axis (Reshape your "
            "data to (n, 1) if there is a single axis), or a tuple with one array per axis of a grid"
        )
    bad = np.argwhere(~np.isfinite(table))
    if bad.size:
        raise ValueError(f"X: row {bad[0][0]}, column {bad[0][1]} is {table[tuple(bad[0])]}; all must be finite, not NaN or inf")
    return tuple(np.ascontiguousarray(table.T)), (table.shape[0],), False


def listed_axes(X: Any) -> bool:
    """Whether points are a list of vectors: the axes of a grid, perhaps, whose brackets should be round."""
    return isinstance(X, list) and len(X) > 0 and all(isinstance(axis, np.ndarray) and axis.ndim == 1 for axis in X)


def _told_list(X: Any) -> str:
    sizes = ", ".join(str(axis.size) for axis in X)
    return f"X: got a list of arrays of {sizes} points; a grid is a tuple: fit((x, y), ...), predict((x, y)); a list is a table of points"


def _real(given: Any, name: str) -> FloatArray:
    if sparse.issparse(given):
        raise ValueError(f"{name}: got a sparse array; sparse data are not supported: pass {name}.toarray()")
    array = np.asarray(given)
    try:
        numbers = array.astype(np.float64) if array.dtype.kind in "biufO" and given is not None else None
    except (TypeError, ValueError):
        numbers = None
    if numbers is None:
        what = f"{array.dtype} data of shape {array.shape}"
        raise ValueError(f"{name}: got {what}; allowed are real numbers (array-like), not {_told(given)}")
    return numbers


def _told(given: Any) -> str:
    return "None" if given is None else "complex data" if np.iscomplexobj(given) else "text or objects"


def _weights(given: Any, shape: tuple[int, ...]) -> FloatArray | None:
    if given is None:
        return None
    weights = _real(given, "sample_weight")
    if weights.shape != shape:
        raise ValueError(f"sample_weight: got an array of shape {weights.shape}; allowed is the shape of y, {shape}")
    wrong = np.argwhere(~(weights >= 0) | ~np.isfinite(weights))
    if wrong.size:
        place = tuple(int(i) for i in wrong[0])
        raise ValueError(f"sample_weight: the weight at index {place} is {weights[place]}; allowed are finite numbers >= 0")
    return weights
