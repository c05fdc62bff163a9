"""Sums of outer products, found and brought into the form in which they are given."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg as linalg
from numpy.typing import NDArray

from tensorfem.kron import cp

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


def normal_form(weights: FloatArray, factors: Sequence[FloatArray]) -> tuple[FloatArray, tuple[FloatArray, ...]]:
    """Columns of norm 1, positive weights that fall, and the sign of a term in its first column.

    Examples
    --------
    >>> normal_form(np.ones(1), [np.array([[3.0], [4.0]]), np.array([[0.0], [-2.0]])])[0]
    array([10.])
    """
    norms = [np.linalg.norm(factor, axis=0) for factor in factors]
    size = np.abs(weights) * np.prod(norms, axis=0)
    columns = [factor / np.where(norm > 0, norm, 1.0) for factor, norm in zip(factors, norms, strict=True)]
    signs = [np.where(_largest(column) < 0, -1.0, 1.0) for column in columns[1:]]
    first = columns[0] * np.where(weights < 0, -1.0, 1.0) * np.prod([np.ones(size.size), *signs], axis=0)
    order = np.argsort(-size, kind="stable")
    turned = [first, *(column * sign for column, sign in zip(columns[1:], signs, strict=True))]
    return size[order], tuple(np.ascontiguousarray(column[:, order]) for column in turned)


def _largest(columns: FloatArray) -> FloatArray:
    """Of each column the entry of largest modulus."""
    return np.asarray(columns[np.abs(columns).argmax(axis=0), np.arange(columns.shape[1])])


def closest_products(array: FloatArray, rank: int, mask: Any = None) -> OuterProducts:
    """A sum of `rank` outer products close to an array in the Euclidean norm: for two axes without gaps the closest there is.

    That is the truncated singular value decomposition (Eckart & Young 1936); else the canonical decomposition by alternating least squares
    (`tensorfem.kron.cp`), which is a local optimum.

    Parameters
    ----------
    array : (n_0, n_1, ...) array
    rank : int
    mask : array of bool, optional
        True where the array is known.
    """
    size = float(np.linalg.norm(array))
    if mask is None and array.ndim <= 2:
        return _svd(array, rank, size)
    if not size:
        return OuterProducts(np.zeros(rank), tuple(np.zeros((n, rank)) for n in array.shape), (0.0,), True, "all data are zero")
    found = cp(array, rank, mask=mask)
    weights, factors = normal_form(np.asarray(found.weights), [np.asarray(factor) for factor in found.factors])
    return OuterProducts(weights, factors, tuple(map(float, found.history)), bool(found.converged), str(found.reason))


def _svd(array: FloatArray, rank: int, size: float) -> OuterProducts:
    U, values, V = linalg.svd(array.reshape(array.shape[0], -1), full_matrices=False)
    factors = [U[:, :rank], V[:rank].T][: array.ndim]
    turn = np.ones(rank) if array.ndim == 2 else V[:rank, 0]
    weights, normal = normal_form(values[:rank] * turn, factors)
    missed = float(np.linalg.norm(values[rank:])) / size if size else 0.0
    return OuterProducts(weights, normal, (missed,), True, "singular value decomposition", values)
