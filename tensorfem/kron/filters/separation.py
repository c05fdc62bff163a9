"""A kernel of several dimensions as a sum of products of 1D kernels."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from tensorfem.kron.mode_product import Array


class _Term(NamedTuple):
    """weight times the outer product of unit vectors."""

    weight: float
    vectors: tuple[Array, ...]


def separate(kernel: ArrayLike, *, rank: int | None = None, rtol: float = 1e-10) -> tuple[tuple[Array, ...], ...]:
    """The 1D kernels whose outer products add up to a kernel of several dimensions.

    Two dimensions: the singular value decomposition ``kernel = sum_k s_k u_k v_k^H``, of which the first `rank` terms are the nearest
    kernel of that rank (Eckart & Young 1936). More: axis 0 is split off by an SVD, and each right singular vector is split in turn.
    The terms are orthogonal, so that the error of leaving some out is the root of the sum of their squares; for d > 2 the largest
    ones are near, but not the nearest of their number.

    Parameters
    ----------
    kernel : array
    rank : int, optional
        How many terms to give at most. By default the kernel must be one product, and there is one term.
    rtol : float
        How far a kernel may be off its one product, relative in the Frobenius norm.

    Returns
    -------
    tuple of terms, the largest first; a term is a tuple of vectors of equal norm, one per axis

    Raises
    ------
    ValueError
        If the kernel is empty, zero, not finite or without axes, or `rank` is below 1; without a rank, if the kernel is not one product.

    Examples
    --------
    >>> ((u, v),) = separate([[1.0, 3.0, -1.0], [2.0, 6.0, -2.0]])
    >>> (u / u[0]).round(12), (v / v[0]).round(12)
    (array([1., 2.]), array([ 1.,  3., -1.]))
    """
    array = np.asarray(kernel)
    array = array if np.issubdtype(array.dtype, np.inexact) else array.astype(float)
    _check(array, rank)
    terms = sorted(_split(array), key=lambda term: term.weight, reverse=True)
    if rank is None:
        _check_separable([term.weight for term in terms], rtol, float(np.finfo(array.dtype).eps))
    return tuple(tuple(vector * term.weight ** (1 / array.ndim) for vector in term.vectors) for term in terms[: rank or 1])


def _check(array: Array, rank: int | None) -> None:
    if array.ndim == 0 or array.size == 0 or not np.isfinite(array).all() or not array.any():
        what = "zero or not finite" if array.size and array.ndim else "without entries or axes"
        raise ValueError(f"kernel: got shape {array.shape}, {what}; allowed are finite numbers, not all 0, with one axis or more")
    if rank is not None and rank < 1:
        raise ValueError(f"rank: got {rank}; allowed are 1, 2, ..., or None for a kernel that is one product")


def _check_separable(weights: list[float], rtol: float, eps: float) -> None:
    """Refuse where more than one term is there."""
    tails = np.sqrt(np.cumsum(np.square(weights[::-1]))[::-1]) / np.linalg.norm(weights)
    missing = float(tails[1]) if len(tails) > 1 else 0.0
    if missing > max(rtol, len(weights) * eps):
        enough = int((tails > max(rtol, len(weights) * eps)).sum())
        raise ValueError(
            f"kernel: no product of 1D kernels to rtol={rtol:g}, the nearest one is off by {missing:.2g} of its norm; "
            f"rank={enough} terms give it to that tolerance"
        )


def _split(array: Array) -> Iterator[_Term]:
    """Terms of successive singular value decompositions, without those that are rounding."""
    if array.ndim == 1:
        norm = float(np.linalg.norm(array))
        yield _Term(norm, (array / norm,))
        return
    U, weights, rest = np.linalg.svd(array.reshape(len(array), -1), full_matrices=False)
    floor = weights[0] * max(array.shape) * np.finfo(array.dtype).eps
    for u, weight, row in zip(U.T, weights, rest, strict=True):
        if weight > floor:
            turn = u[np.argmax(np.abs(u))]
            turn = turn / abs(turn)  # a singular vector is known up to its sign or phase: the largest entry is made positive
            for inner in _split((row * turn).reshape(array.shape[1:])):
                yield _Term(float(weight) * inner.weight, (u / turn, *inner.vectors))
