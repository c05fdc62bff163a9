"""The sums of outer products that are closest to an array."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.linalg as linalg
from numpy.typing import NDArray

from tensorfem.kron import cp
from tensorfem.kron.approximation.canonical_polyadic import normal_form

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class OuterProducts:
    """The array ``sum_r weights[r] (x)_i factors[i][:, r]``, and how it was found."""

    weights: FloatArray
    factors: tuple[FloatArray, ...]
    history: tuple[float, ...]
    converged: bool
    reason: str
    singular_values: FloatArray | None = None

    def times(self, exponent: int) -> "OuterProducts":
        """The sum times a power of two."""
        values = None if self.singular_values is None else np.ldexp(self.singular_values, exponent)
        return replace(self, weights=np.ldexp(self.weights, exponent), singular_values=values)


def unit(array: FloatArray) -> tuple[FloatArray, int]:
    """An array over a power of two, exactly, that has its largest entry between 1/2 and 1: squares neither vanish nor overflow.

    Examples
    --------
    >>> unit(np.array([-3.0, 1.0]))
    (array([-0.75,  0.25]), 2)
    """
    exponent = int(np.frexp(np.max(np.abs(array), initial=0.0))[1])
    return np.ldexp(array, -exponent), exponent


def closest_products(array: FloatArray, rank: int, mask: Any = None, **settings: Any) -> OuterProducts:
    """A sum of `rank` outer products close to an array in the Euclidean norm: for two axes without gaps the closest there is.

    That is the truncated singular value decomposition (Eckart & Young 1936); else the canonical decomposition by alternating least squares
    (`tensorfem.kron.cp`), which is a local optimum.

    Parameters
    ----------
    array : (n_0, n_1, ...) array
    rank : int
    mask : array of bool, optional
        True where the array is known.
    **settings
        Of `tensorfem.kron.cp`: tol, maxiter, seed, starts, proximity.
    """
    if mask is None and array.ndim <= 2:
        return _truncated(array, rank)
    if not array.any():
        return OuterProducts(np.zeros(rank), tuple(np.zeros((n, rank)) for n in array.shape), (0.0,), True, "all values are zero")
    found = cp(array, rank, mask=mask, **settings)
    return OuterProducts(found.weights, found.factors, found.history, found.converged, found.reason)


def _truncated(array: FloatArray, rank: int) -> OuterProducts:
    """One axis is a matrix of one column."""
    U, values, V = linalg.svd(array.reshape(array.shape[0], -1), full_matrices=False)
    pair = [U[:, :rank] * values[:rank], V[:rank].T]
    weights, factors = normal_form(pair if array.ndim == 2 else [pair[0] * pair[1][0]])
    size = float(np.linalg.norm(values)) or 1.0
    missed = float(np.linalg.norm(values[rank:])) / size
    return OuterProducts(weights, factors, (missed,), True, "the truncated singular value decomposition is optimal", values)


def signed(factors: Sequence[FloatArray], shown: Sequence[FloatArray]) -> tuple[tuple[FloatArray, ...], tuple[FloatArray, ...]]:
    """Factors, and what is shown of them, with the columns of all axes but the first turned such that what is shown is largest upwards.

    Examples
    --------
    >>> one, two = np.array([[1.0]]), np.array([[-2.0], [1.0]])
    >>> signed((one, two), (one, two))[0]
    (array([[-1.]]), array([[ 2.],
           [-1.]]))
    """
    turns = [np.where(_largest(columns) < 0, -1.0, 1.0) for columns in shown[1:]]
    signs = [np.prod([np.ones(shown[0].shape[1]), *turns], axis=0), *turns]
    return (
        tuple(sign * factor for sign, factor in zip(signs, factors, strict=True)),
        tuple(sign * columns for sign, columns in zip(signs, shown, strict=True)),
    )


def _largest(columns: FloatArray) -> FloatArray:
    """Of each column the entry of largest modulus."""
    return np.asarray(columns[np.abs(columns).argmax(axis=0), np.arange(columns.shape[1])])
