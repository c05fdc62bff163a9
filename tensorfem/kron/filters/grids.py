"""Coordinates of a grid: the Kronecker product of one axis' points with ones along the others."""

import functools
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tensorfem.kron.mode_product import Array
from tensorfem.kron.product import KroneckerProduct


def coordinates(*axes: ArrayLike) -> tuple[Array, ...]:
    """One array per axis with that coordinate of every grid point, equal to ``np.meshgrid(*axes, indexing="ij")``.

    Coordinate i is ``1 (x) ... (x) x_i (x) ... (x) 1``, with x_i at place i. Most computations need less: the vectors alone
    broadcast (`numpy.ix_`), and `coordinate_products` keeps the factors.

    Parameters
    ----------
    *axes : (n_i,) arrays
        The coordinates along each axis.

    Returns
    -------
    tuple of (n_0, n_1, ...) arrays, each of its axis' dtype

    Raises
    ------
    ValueError
        Without axes, or if one is not one-dimensional.

    Examples
    --------
    >>> x, y = coordinates([1, 2], [3, 4, 5])
    >>> x
    array([[1, 1, 1],
           [2, 2, 2]])
    >>> y
    array([[3, 4, 5],
           [3, 4, 5]])
    """
    return tuple(functools.reduce(np.multiply.outer, vectors) for vectors in _with_ones(axes))


def coordinate_products(*axes: ArrayLike) -> tuple[KroneckerProduct, ...]:
    """The coordinates as lazy Kronecker products of columns: each maps one number to a field, and its transpose sums with that weight.

    Parameters and errors are those of `coordinates`. Storage is the sum of the axes' lengths, not their product.

    Examples
    --------
    >>> x, y = coordinate_products([1.0, 2.0], [3.0, 4.0, 5.0])
    >>> y @ np.ones((1, 1))
    array([[3., 4., 5.],
           [3., 4., 5.]])
    >>> (x.T @ np.ones((2, 3))).item()
    9.0
    """
    return tuple(KroneckerProduct(*(vector[:, None] for vector in vectors)) for vectors in _with_ones(axes))


def grid_points(*axes: ArrayLike) -> Array:
    """All points of a grid as the rows of one (N, d) array, in C order: the last coordinate varies fastest.

    Parameters and errors are those of `coordinates`. Row ``ravel_multi_index((i, j, ...), shape)`` is the point (x_i, y_j, ...), so
    that values at the points reshape to the grid as they are.

    Examples
    --------
    >>> grid_points([1, 2], [3, 4, 5])
    array([[1, 3],
           [1, 4],
           [1, 5],
           [2, 3],
           [2, 4],
           [2, 5]])
    """
    return np.stack([array.ravel() for array in coordinates(*axes)], axis=1)


def _with_ones(axes: tuple[ArrayLike, ...]) -> list[list[Any]]:
    """For each axis its vector at its own place, and ones of its dtype at the others."""
    vectors = [np.asarray(axis) for axis in axes]
    if not vectors or any(vector.ndim != 1 for vector in vectors):
        raise ValueError(f"axes: got shapes {[vector.shape for vector in vectors]}; give at least one axis, each a vector")
    return [[own if i == j else np.ones(len(other), own.dtype) for j, other in enumerate(vectors)] for i, own in enumerate(vectors)]
