"""Inverses of Kronecker products, and solves with them, factor by factor: the inverse of ``A (x) B`` is ``A^-1 (x) B^-1``."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.linalg as linalg
import scipy.sparse as sparse

from tensorfem.kron.factorwise.factorization import Factorization
from tensorfem.kron.forms import mapped, numeric
from tensorfem.kron.memory import require_memory
from tensorfem.kron.mode_product import Array, Factor, as_dense, is_sparse

Factors = Sequence[Factor]


def solve(factors: Factors, rhs: Any) -> Array:
    """Solve ``(A (x) B (x) ...) x = rhs`` by one LU factorization per factor.

    Parameters
    ----------
    factors : square matrices, dense or sparse
    rhs : field, batch of fields, flat vector or columns

    Raises
    ------
    ValueError
        If a factor is not square, singular, or not finite: its position is named; or if `rhs` does not fit, or is not finite.

    Examples
    --------
    >>> solve([np.diag([1.0, 2.0]), np.diag([4.0, 8.0])], np.array([[4.0, 8.0], [8.0, 16.0]]))
    array([[1., 1.],
           [1., 1.]])
    """
    vector = numeric(rhs, "solve")
    common = precision(np.result_type(vector, *(factor.dtype for factor in factors)))
    shape = square(factors, "solve")

    def apply(array: Array) -> Array:
        for axis, factor in enumerate(factors):
            array = _along(Factorization(finite(factor, axis, common), f"factor {axis}"), array, array.ndim - len(factors) + axis)
        return array

    return mapped(apply, vector.astype(_kind(vector.dtype, common), copy=False), shape, shape, "solve")


def _along(factorization: Factorization, array: Array, position: int) -> Array:
    moved = np.moveaxis(array, position, 0)
    solved = factorization.solve(moved.reshape(moved.shape[0], math.prod(moved.shape[1:])))
    return np.ascontiguousarray(np.moveaxis(solved.reshape(moved.shape), 0, position))


def inverses(factors: Factors) -> list[Factor]:
    """The inverse of each factor; that of a sparse diagonal matrix stays sparse, others are dense.

    Raises
    ------
    ValueError
        As `solve` does.
    """
    square(factors, "inverse")
    return [_inverse(finite(factor, i), i) for i, factor in enumerate(factors)]


def _inverse(factor: Factor, position: int) -> Factor:
    factorization = Factorization(factor, f"factor {position}")
    if is_diagonal(factor):
        return sparse.csr_array(sparse.diags_array(1 / factor.diagonal()))
    size = factor.dtype.itemsize * factor.shape[0] ** 2
    require_memory(size, f"the dense inverse of factor {position} of shape {factor.shape}", "use solve(), which keeps it sparse")
    return factorization.solve(np.eye(factor.shape[0], dtype=factor.dtype))


def pseudoinverses(factors: Factors, rtol: float | None = None) -> list[Factor]:
    """The Moore-Penrose inverse of each factor: their Kronecker product is that of the Kronecker product.

    Parameters
    ----------
    factors : matrices, dense or sparse
    rtol : float, optional
        In each factor, singular values below `rtol` times the largest count as zero; by default max(m, n) eps.

    Raises
    ------
    ValueError
        If a factor is not finite, or `rtol` is not a number from 0 to 1.

    Examples
    --------
    >>> pseudoinverses([np.array([[2.0, 0.0], [0.0, 0.0]])])
    [array([[0.5, 0. ],
           [0. , 0. ]])]
    """
    if rtol is not None and not 0 <= rtol < 1:
        raise ValueError(f"rtol: got {rtol!r}; allowed is a number from 0 to 1, relative to the largest singular value of each factor")
    return [_pseudoinverse(finite(factor, i), rtol) for i, factor in enumerate(factors)]


def _pseudoinverse(factor: Factor, rtol: float | None) -> Factor:
    if not is_diagonal(factor):
        inverse: Array = linalg.pinv(as_dense(factor), rtol=rtol)
        return inverse
    values = factor.diagonal()
    cutoff = np.abs(values).max() * (max(factor.shape) * np.finfo(factor.dtype).eps if rtol is None else rtol)
    kept = np.abs(values) > cutoff
    return sparse.csr_array(sparse.diags_array(np.where(kept, 1 / np.where(kept, values, 1), 0)))


def is_diagonal(factor: Factor) -> bool:
    """Whether a factor is square, sparse and diagonal."""
    if not is_sparse(factor) or factor.shape[0] != factor.shape[1]:
        return False
    entries: Any = sparse.coo_array(factor)
    return bool(np.array_equal(entries.row, entries.col))


def square(factors: Factors, name: str) -> tuple[int, ...]:
    """The sizes of square factors.

    Raises
    ------
    ValueError
        If one is not square; its position and shape are named.
    """
    for i, factor in enumerate(factors):
        if factor.shape[0] != factor.shape[1]:
            raise ValueError(f"{name}: factor {i} has shape {factor.shape}; allowed are square factors: use pinv() or lstsq for others")
    return tuple(int(factor.shape[0]) for factor in factors)


def finite(factor: Factor, position: int, common: Any = None) -> Factor:
    """A factor in single or double precision, checked.

    Raises
    ------
    ValueError
        If it holds NaN or infinity; its position and shape are named.
    """
    data = factor.data if is_sparse(factor) else factor
    if not np.isfinite(data).all():
        raise ValueError(f"factor {position}: the matrix of shape {factor.shape} holds NaN or infinity; all entries must be finite")
    return factor.astype(_kind(factor.dtype, precision(factor.dtype) if common is None else common), copy=False)


def precision(dtype: Any) -> np.dtype[Any]:
    """The real type, single or double, that LAPACK offers for numbers of a type."""
    return np.dtype(np.float32 if np.issubdtype(dtype, np.inexact) and np.finfo(dtype).bits <= 32 else np.float64)


def _kind(dtype: Any, common: Any) -> np.dtype[Any]:
    """Real or complex as `dtype` is, as precise as `common`."""
    return np.dtype(np.result_type(common, np.complex64) if np.issubdtype(dtype, np.complexfloating) else common)
