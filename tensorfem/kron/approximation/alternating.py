"""Alternating least squares for sums of outer products: one linear least squares problem per axis in turn."""

import dataclasses
import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tensorfem.kron.mode_product import Array


def contracted(tensor: Array, factors: Sequence[Array], axis: int) -> Array:
    """The tensor contracted with the columns of all factors but one: ``sum_jk tensor[i, j, k] U[j, r] V[k, r]`` at (i, r).

    Examples
    --------
    >>> contracted(np.array([[1.0, 2.0], [3.0, 4.0]]), [np.zeros((2, 1)), np.ones((2, 1))], axis=0)
    array([[3.],
           [7.]])
    """
    dimension = tensor.ndim
    operands: list[Any] = [tensor, list(range(dimension))]
    for other, factor in enumerate(factors):
        if other != axis:
            operands += [factor, [other, dimension]]
    return _einsum(operands, [axis, dimension])


def sum_of_products(factors: Sequence[Array], weights: Array | None = None) -> Array:
    """The sum over r of the outer products of the columns r, times their weights.

    Examples
    --------
    >>> sum_of_products([np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([[1.0, 1.0], [0.0, 1.0]])], np.array([2.0, 3.0]))
    array([[2., 0.],
           [3., 3.]])
    """
    dimension = len(factors)
    first = factors[0] if weights is None else factors[0] * weights
    operands: list[Any] = []
    for axis, factor in enumerate([first, *factors[1:]]):
        operands += [factor, [axis, dimension]]
    return _einsum(operands, list(range(dimension)))


def _einsum(operands: Sequence[Any], indices: Sequence[int]) -> Array:
    return without_false_flags(lambda: np.einsum(*operands, indices, optimize="greedy"))


def without_false_flags(product: Callable[[], Array]) -> Array:
    """What a function gives that multiplies matrices, without the floating-point warnings that this may raise by itself.

    BLAS fills its registers from beyond the end of an array, and leaves flags in the processor for what it found there. Where the result
    is finite there was nothing to tell; else the function is called again under the caller's rules.

    Examples
    --------
    >>> without_false_flags(lambda: np.array([[2.0]]) @ np.array([[3.0]]))
    array([[6.]])
    """
    with np.errstate(all="ignore"):
        result = product()
    return result if np.isfinite(result).all() else product()


@dataclasses.dataclass(frozen=True, eq=False)
class LeastSquaresFit:
    """A tensor, which of its cells are known, how strongly a sweep holds on to what it has, and what large factors cost.

    Attributes
    ----------
    tensor : array, zero where a cell is missing
    known : array of 0 and 1 of its shape, or None where all are known
    proximity : float
    ridge : float
        The penalty is ``ridge size^(2 - 2/d) sum_k |U_k|^2`` for d axes: its weight does not depend on the units of the data.
    """

    tensor: Array
    known: Array | None
    proximity: float
    ridge: float = 0.0

    @functools.cached_property
    def size(self) -> float:
        """The norm of the known cells, or 1 where all of these are zero."""
        return float(np.linalg.norm(self.tensor)) or 1.0

    def error(self, factors: Sequence[Array]) -> float:
        """The norm of the misfit in the known cells over that of the data in them."""
        misfit = self.tensor - sum_of_products(factors)
        return float(np.linalg.norm(misfit if self.known is None else misfit * self.known)) / self.size

    def swept(self, factors: Sequence[Array]) -> list[Array]:
        """New factors, one axis after the other, each the best for the others as they are."""
        current = list(factors)
        for axis in range(len(current)):
            current[axis] = self._updated(current, axis)
        return balanced(current)

    def _updated(self, factors: Sequence[Array], axis: int) -> Array:
        """Solve ``(G + (mu + ridge) I) u = b + mu u_before`` for each row u of the factor, mu relative to the mean diagonal of G."""
        grams = self._grams(factors, axis)
        right = contracted(self.tensor, [factor.conj() for factor in factors], axis)
        rank = right.shape[1]
        trace = np.trace(grams, axis1=-2, axis2=-1).real[..., None]
        hold = trace * (self.proximity / rank) + np.finfo(trace.dtype).tiny
        shift = hold + trace.dtype.type(self.ridge * self.size ** (2 - 2 / self.tensor.ndim))
        solved = np.linalg.solve(grams + shift[..., None] * np.eye(rank, dtype=trace.dtype), (right + hold * factors[axis])[..., None])
        result: Array = solved[..., 0]
        return result

    def _grams(self, factors: Sequence[Array], axis: int) -> Array:
        """The normal matrix of each row; where all cells are known, one for all rows, given once."""
        rank = factors[0].shape[1]
        if self.known is None:
            ours = [_einsum([factor.conj(), [0, 1], factor, [0, 2]], [1, 2]) for other, factor in enumerate(factors) if other != axis]
            return functools.reduce(np.multiply, ours)[None]
        pairs = [(factor.conj()[:, :, None] * factor[:, None, :]).reshape(len(factor), -1) for factor in factors]
        return contracted(self.known, pairs, axis).reshape(-1, rank, rank)


def balanced(factors: Sequence[Array]) -> list[Array]:
    """The same sum of products, where the columns r of all factors have one norm."""
    norms = np.stack([np.linalg.norm(factor, axis=0) for factor in factors])
    common = np.prod(norms ** (1 / len(factors)), axis=0)
    return [factor * np.where(norm > 0, common / np.where(norm > 0, norm, 1), 1) for factor, norm in zip(factors, norms, strict=True)]


def leading_vectors(tensor: Array, rank: int, rng: np.random.Generator) -> list[Array]:
    """A start: the leading left singular vectors of the tensor unfolded along each axis, slightly disturbed; noise beyond an axis' length.

    The disturbance keeps products of singular vectors that happen to be orthogonal to the tensor from staying at zero. See De Lathauwer,
    De Moor & Vandewalle, "A multilinear singular value decomposition" (2000).
    """
    factors = []
    for axis, size in enumerate(tensor.shape):
        unfolded = np.moveaxis(tensor, axis, 0).reshape(size, -1)
        gram = _einsum([unfolded, [0, 2], unfolded.conj(), [1, 2]], [0, 1])
        vectors = np.linalg.eigh(gram)[1][:, ::-1][:, :rank]
        start = np.zeros((size, rank), dtype=tensor.dtype)
        start[:, : vectors.shape[1]] = vectors
        scale = np.where(np.arange(rank) < size, 0.01, 1.0) / np.sqrt(size)
        factors.append((start + scale * rng.standard_normal((size, rank))).astype(tensor.dtype))
    return factors
