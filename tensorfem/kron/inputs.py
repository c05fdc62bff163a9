"""Checks of arrays and factors: what came, where it is wrong, what to do."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import scipy.sparse as sparse

from tensorfem.kron.mode_product import Array, Factor, as_factor


def first_bad(array: Array, good: Array) -> str:
    """The value and the place of the first entry that is not good.

    Examples
    --------
    >>> first_bad(np.array([[1.0, 2.0], [np.nan, 3.0]]), np.array([[True, True], [False, True]]))
    'got nan at (1, 0)'
    """
    place = tuple(int(i) for i in np.argwhere(~good)[0])
    return f"got {array[place]} at {place}"


def finite_array(values: Any, name: str, advice: str = "all must be finite") -> Array:
    """An array of finite numbers in floating point; one that is so already comes back as it is.

    Raises
    ------
    ValueError
        If something in it is not a number, or not finite; the first place is named.
    """
    array = np.asarray(values)
    if array.dtype.kind not in "biufc":
        raise ValueError(f"{name}: got an array of type {array.dtype}; allowed are real and complex numbers")
    if array.dtype.kind in "biu":
        return array.astype(float)
    if not np.isfinite(array).all():
        raise ValueError(f"{name}: {first_bad(array, np.isfinite(array))}; {advice}")
    return array


def finite_matrix(factor: Factor, name: str) -> Factor:
    """A matrix, dense or sparse, with at least one row and one column, all entries finite.

    Raises
    ------
    ValueError
        If it is not one.
    """
    matrix = as_factor(factor)
    if 0 in matrix.shape:
        raise ValueError(f"{name}: got shape {matrix.shape}; allowed is a matrix with at least one row and one column")
    finite_array(matrix.data if sparse.issparse(matrix) else matrix, name)  # type: ignore[attr-defined]
    return matrix


def finite_factors(factors: Iterable[Factor], name: str = "factors") -> tuple[Factor, ...]:
    """Such matrices, one per axis.

    Raises
    ------
    ValueError
        Without any factor, or if one is no such matrix.
    """
    checked = tuple(finite_matrix(factor, f"{name}[{axis}]") for axis, factor in enumerate(factors))
    if not checked:
        raise ValueError(f"{name}: got none; give one matrix per axis")
    return checked
