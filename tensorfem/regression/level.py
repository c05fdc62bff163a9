"""The level of data, taken off before a fit and put back after it: what is left has no digits to lose."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.kron import outer
from tensorfem.regression.observations import Observations

FloatArray = NDArray[np.float64]
ROUNDING = 1e-12  # relative, of what counts as constant and as smooth


def constant(matrices: Sequence[Any], roots: Sequence[Any]) -> FloatArray | None:
    """The coefficients of the function 1, if it is a sum of the functions and not rough along any axis; else None.

    Only then is the fit of ``y + level`` that of y, plus the level. Not so if order 0 penalizes the size; nor if an axis is not smoothed,
    as what the data do not fix is of minimum norm then.

    Examples
    --------
    >>> constant([np.array([[1.0, 1.0], [1.0, -1.0]])], [np.array([[0.0, 1.0]])])
    array([1., 0.])
    """
    columns = [_one(matrix, root) for matrix, root in zip(matrices, roots, strict=True)]
    found = [column for column in columns if column is not None]
    return np.asarray(outer(found)) if len(found) == len(columns) else None


def _one(matrix: Any, root: Any) -> FloatArray | None:
    """Along one axis: of a partition of unity the sum, of polynomials the first or the last; other matrices of a user's go without."""
    size = int(matrix.shape[1])
    scale = float(np.max(np.abs(root @ np.eye(size)), initial=0.0))
    for column in (np.ones(size), np.eye(size)[0], np.eye(size)[-1]):
        level, rough = np.abs(matrix @ column - 1), np.abs(root @ column)
        if level.max() < ROUNDING and rough.max(initial=0.0) <= ROUNDING * scale:
            return column
    return None


def level_of(data: Observations) -> float:
    """The weighted mean of the data."""
    return float(np.average(data.values, weights=data.weights))


def lowered(data: Observations, level: float) -> Observations:
    """The data less a level; 0 stays where nothing was observed."""
    values = data.values - level
    return Observations(data.axes, values if data.weights is None else np.where(data.weights > 0, values, 0.0), data.weights, data.grid)
