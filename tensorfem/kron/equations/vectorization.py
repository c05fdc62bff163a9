"""Matrices as vectors, and back."""

from typing import Any, Literal

import numpy as np

from tensorfem.kron.mode_product import Array

Order = Literal["C", "F"]


def vec(X: Any, order: Order = "C") -> Array:
    """The entries of an array as a vector: row by row ("C", the order of this package) or column by column ("F", the textbook's).

    ``vec(A X B) = (A (x) B^T) vec(X)`` in order "C", ``vec(A X B) = (B^T (x) A) vec(X)`` in order "F".

    Parameters
    ----------
    X : array
        Of any number of axes; in order "F" the first one runs fastest.
    order : "C" or "F"

    Returns
    -------
    vector : a new array

    Raises
    ------
    ValueError
        If the order is another.

    Examples
    --------
    >>> X = np.array([[1, 2], [3, 4]])
    >>> vec(X), vec(X, order="F")
    (array([1, 2, 3, 4]), array([1, 3, 2, 4]))
    """
    return np.asarray(X).flatten(order=_known(order))


def unvec(x: Any, shape: tuple[int, ...], order: Order = "C") -> Array:
    """The inverse of `vec`: the array of a shape whose entries, in an order, are these.

    Parameters
    ----------
    x : vector
    shape : tuple of int
    order : "C" or "F"

    Returns
    -------
    array : a new array

    Raises
    ------
    ValueError
        If the shape has not as many entries as the vector, or the order is neither.

    Examples
    --------
    >>> unvec([1, 3, 2, 4], (2, 2), order="F")
    array([[1, 2],
           [3, 4]])
    """
    vector = np.array(x)
    if vector.ndim != 1 or vector.size != np.prod(shape, dtype=object):
        raise ValueError(
            f"unvec: got an array of shape {vector.shape} for the shape {tuple(shape)}; allowed is a vector of as many entries"
        )
    return vector.reshape(shape, order=_known(order))


def _known(order: str) -> Any:
    if order not in {"C", "F"}:
        raise ValueError(f'order: got {order!r}; allowed are "C" (row by row) and "F" (column by column)')
    return order
