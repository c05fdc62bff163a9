"""What is asked of the matrix of one axis: its dense form, its symmetries, its bandwidth."""

from typing import Any

import numpy as np
import scipy.linalg as linalg
import scipy.sparse as sparse

from tensorfem.kron.mode_product import Array

ROUNDING = 16.0  # times eps times the largest entry: asymmetry that a product such as A^T D A, computed, may have


def dense(matrix: Any) -> Array:
    """The matrix as an array in double precision, in which all 1D decompositions are computed."""
    full: Array = matrix.toarray() if hasattr(matrix, "toarray") else matrix
    return full.astype(np.result_type(full.dtype, np.float64), copy=False)


def same(one: Any, other: Any) -> bool:
    """Whether two matrices are equal up to rounding.

    Examples
    --------
    >>> same(np.array([[1.0, 2.0]]), np.array([[1.0, 2.0 + 1e-15]])), same(np.array([[1.0, 2.0]]), np.array([[1.0, 3.0]]))
    (True, False)
    """
    return bool(abs(one - other).max() <= ROUNDING * np.finfo(one.dtype).eps * abs(one).max())


def is_hermitian(matrix: Any) -> bool:
    """Whether the matrix is its own adjoint, up to rounding."""
    return same(matrix, matrix.conj().T)


def is_positive_definite(matrix: Any) -> bool:
    """Whether a Hermitian matrix has a Cholesky factor."""
    try:
        linalg.cholesky(dense(matrix), check_finite=False)
    except linalg.LinAlgError:
        return False
    return True


def is_tridiagonal(matrix: Any) -> bool:
    """Whether all entries lie on the diagonal and beside it."""
    if sparse.issparse(matrix):
        entries: Any = sparse.coo_array(matrix)  # type: ignore[call-overload]
        return bool(np.abs(entries.row - entries.col).max(initial=0) <= 1)
    return max(linalg.bandwidth(matrix)) <= 1


def all_finite(matrix: Any) -> bool:
    """Whether no entry is NaN or infinite."""
    return bool(np.isfinite(matrix.data if hasattr(matrix, "indptr") else matrix).all())
