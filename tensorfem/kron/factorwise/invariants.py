"""Numbers that belong to a Kronecker product, from those of its factors: determinant, norms, rank and condition number."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.linalg as linalg
import scipy.sparse as sparse

from tensorfem.kron.factorwise.inverse import finite
from tensorfem.kron.log_determinant import LogDeterminant
from tensorfem.kron.mode_product import Array, Factor, as_dense, is_sparse

Factors = Sequence[Factor]


def slogdet(factors: Factors) -> LogDeterminant:
    """Sign and logarithm of ``det(A_0 (x) A_1 (x) ...) = prod_i det(A_i)^(N / n_i)``, with N all unknowns, n_i those of factor i.

    Parameters
    ----------
    factors : matrices, dense or sparse
        Their product must be square. Where they are not, its rank is too small, and the determinant is 0.

    Examples
    --------
    >>> slogdet([-np.eye(3), np.eye(2), -np.eye(5)])
    LogDeterminant(sign=1.0, logabsdet=0.0)
    """
    if any(factor.shape[0] != factor.shape[1] for factor in factors):
        return LogDeterminant(0.0, -math.inf)
    size = math.prod(int(factor.shape[0]) for factor in factors)
    parts = [(*_slogdet(finite(factor, i)), size // int(factor.shape[0])) for i, factor in enumerate(factors)]
    signs = [_raised(sign, power) for sign, _, power in parts]
    return LogDeterminant(math.prod(signs), sum(power * logarithm for _, logarithm, power in parts))


def _raised(sign: Any, power: int) -> Any:
    """An integer power of a number on the unit circle, or of 0: real ones are not rounded, whatever the power."""
    return sign ** (2 - power % 2) if sign.imag == 0 else sign**power


def _slogdet(factor: Factor) -> tuple[Any, float]:
    if not is_sparse(factor):
        sign, logarithm = np.linalg.slogdet(factor.astype(np.result_type(factor.dtype, np.float64), copy=False))
        return sign.item(), float(logarithm)
    from scipy.sparse.linalg import splu

    try:
        solver = splu(sparse.csc_array(factor))
    except RuntimeError:  # "Factor is exactly singular"
        return 0.0, -math.inf
    pivots = solver.U.diagonal()
    sign = np.prod(pivots / np.abs(pivots)).item() * _parity(solver.perm_r) * _parity(solver.perm_c)
    return sign, float(np.log(np.abs(pivots).astype(np.float64)).sum())


def _parity(permutation: Array) -> int:
    """The sign of a permutation: its cycles of even length count."""
    unseen, even = set(range(len(permutation))), 0
    while unseen:
        place, length = unseen.pop(), 1
        while (place := int(permutation[place])) in unseen:
            unseen.remove(place)
            length += 1
        even += length % 2 == 0
    return -1 if even % 2 else 1


def diagonal(factors: Factors) -> Array:
    """The flat diagonal of a square product whose factors need not be square: entry ``(i, i)`` is at other places in each of them."""
    rows, columns = (tuple(int(factor.shape[side]) for factor in factors) for side in (0, 1))
    places = np.arange(math.prod(rows))
    picked = zip(factors, np.unravel_index(places, rows), np.unravel_index(places, columns), strict=True)
    return np.asarray(math.prod(as_dense(factor)[i, j] for factor, i, j in picked))


def norm(factors: Factors, order: Any = "fro") -> float:
    """A norm of the product, which is that of the factors multiplied (Lancaster & Farahat, Math. Comp. 26 (1972)).

    Parameters
    ----------
    factors : matrices, dense or sparse
    order : {"fro", "nuc", 1, 2, inf}
        As in `numpy.linalg.norm`.

    Raises
    ------
    ValueError
        For another order, or if a factor is not finite.

    Examples
    --------
    >>> norm([np.array([[1.0, -2.0]]), np.array([[3.0], [4.0]])], np.inf)
    12.0
    """
    own = NORMS.get(order) if isinstance(order, str | int | float) else None
    if own is None:
        raise ValueError(f"norm: got the order {order!r}; allowed are {', '.join(map(repr, NORMS))}")
    return math.prod(float(own(finite(factor, i))) for i, factor in enumerate(factors))


NORMS: dict[Any, Any] = {
    "fro": lambda factor: np.linalg.norm(factor.data if is_sparse(factor) else factor),
    "nuc": lambda factor: _singular_values(factor).sum(),
    1: lambda factor: abs(factor).sum(axis=0).max(),
    2: lambda factor: _singular_values(factor).max(),
    np.inf: lambda factor: abs(factor).sum(axis=1).max(),
}


def _singular_values(factor: Factor) -> Array:
    values: Array = linalg.svdvals(as_dense(factor))
    return values


def rank(factors: Factors) -> int:
    """The rank, which is that of the factors multiplied.

    In each factor, singular values above max(m, n) eps times the largest count, as in `numpy.linalg.matrix_rank`. One such bound on the
    whole product would be larger, and would count fewer: the products of singular values that are all well above rounding.

    Examples
    --------
    >>> rank([np.diag([1.0, 1e-10]), np.diag([1.0, 1e-10, 0.0])])
    4
    """
    return math.prod(_rank(_singular_values(finite(factor, i)), factor.shape) for i, factor in enumerate(factors))


def _rank(values: Array, shape: tuple[int, ...]) -> int:
    return int(np.count_nonzero(values > values.max() * max(shape) * np.finfo(values.dtype).eps))


def cond(factors: Factors) -> float:
    """The condition number: the largest over the smallest of the min(M, N) singular values of the (M, N) matrix, infinite if that is 0.

    It is that of the factors multiplied, unless some are wide and others tall: the product has more singular values then than there are
    products of theirs, and the others are 0.

    Examples
    --------
    >>> cond([np.diag([1.0, 2.0]), np.diag([1.0, 4.0])])
    8.0
    >>> cond([np.ones((1, 2)), np.ones((2, 1))])
    inf
    """
    values = [_singular_values(finite(factor, i)) for i, factor in enumerate(factors)]
    rows, columns = (math.prod(int(factor.shape[side]) for factor in factors) for side in (0, 1))
    if math.prod(map(len, values)) < min(rows, columns) or any(own[-1] == 0 for own in values):
        return math.inf
    return math.prod(float(own[0]) / float(own[-1]) for own in values)
