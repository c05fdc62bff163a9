"""The tables by which the functions of a cell are taken to values and slopes at its points."""

import numpy as np

from tensorfem.cells.axis_cells import AxisCells
from tensorfem.kron import Array


def cell_tables(axis: AxisCells) -> Array:
    """Values of the functions at the points; slopes there from these values; the points' weights.

    Returns
    -------
    (cells, degree + 1 + points + 1, points) array
        Values are `folded` where they are symmetric; slopes always are antisymmetric, and folded.
    """
    slopes = _differentiation(axis.rule.reference[: axis.points]).T / axis.weights.sum(axis=1)[:, None, None]
    values = _values(axis)
    return np.concatenate([folded(values) if is_symmetric(axis) else values, folded(slopes), axis.weights[:, None]], axis=1)


def is_symmetric(axis: AxisCells) -> bool:
    """Whether in each cell the functions, taken in the other order, are the mirror images of themselves."""
    values = _values(axis)
    return bool(np.abs(values - values[:, ::-1, ::-1]).max() <= 8 * axis.points * np.finfo(float).eps)


def folded(tables: Array) -> Array:
    """Of tables with ``T[..., m-1-c, n-1-r] = +-T[..., c, r]`` the part that is even in r, for r < n / 2, and then the odd one, mirrored.

    Examples
    --------
    >>> folded(np.array([[3.0, 1.0], [1.0, 3.0]]))[0].tolist()
    [2.0, 1.0]
    """
    mirrored, half = tables[..., ::-1], tables.shape[-1] // 2
    even, odd = (tables + mirrored) / 2, (tables - mirrored) / 2
    return np.concatenate([even[..., : tables.shape[-1] - half], odd[..., :half][..., ::-1]], axis=-1)


def _values(axis: AxisCells) -> Array:
    return np.swapaxes(axis.table(0), 1, 2)


def _differentiation(points: Array) -> Array:
    """The matrix that takes a polynomial's values at points to its derivatives there (Berrut & Trefethen, SIAM Review 46, 2004)."""
    distance = points[:, None] - points + np.eye(len(points))
    weights = 1 / distance.prod(axis=1)
    matrix = weights / weights[:, None] / distance
    np.fill_diagonal(matrix, 0.0)
    result: Array = matrix - np.diag(matrix.sum(axis=1))
    return result
