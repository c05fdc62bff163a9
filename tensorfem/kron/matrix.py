"""What is asked of the matrix of one axis: its dense form, its symmetries, its bandwidth."""

import math
from typing import Any

import numpy as np
import scipy.linalg as linalg
import scipy.sparse as sparse

from tensorfem.kron.memory import require_memory
from tensorfem.kron.mode_product import Array

ROUNDING = 16.0  # times eps times the largest entry: asymmetry that a product such as A^T D A, computed, may have


def dense(matrix: Any) -> Array:
    """The matrix as an array in double precision, in which all 1D decompositions are computed.

    Raises
    ------
    MemoryError
        If it would not fit into this machine's memory.
    """
    if hasattr(matrix, "toarray"):
        require_memory(16.0 * math.prod(matrix.shape), f"the dense form of a matrix of shape {matrix.shape}", "use shorter axes")
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


def bandwidth(matrix: Any) -> int:
    """How far entries lie from the diagonal.

    Examples
    --------
    >>> bandwidth(np.diag([1.0, 2.0])), bandwidth(sparse.csr_array(np.ones((3, 3))))
    (0, 2)
    """
    if sparse.issparse(matrix):
        entries: Any = sparse.coo_array(matrix)  # type: ignore[call-overload]
        return int(np.abs(entries.row - entries.col).max(initial=0))
    return int(max(linalg.bandwidth(matrix)))


def all_finite(matrix: Any) -> bool:
    """Whether no entry is NaN or infinite."""
    return bool(np.isfinite(matrix.data if hasattr(matrix, "indptr") else matrix).all())


def require_inverse(eigenvalues: Array, mass: Any) -> None:
    """Refuse a singular mass matrix, by the infinite eigenvalues that it makes.

    Raises
    ------
    ValueError
        If one is not finite; the mass matrix is named by its shape.
    """
    if not np.isfinite(eigenvalues).all():
        raise ValueError(f"masses: one of shape {mass.shape} is singular; eigenvalues need masses that have inverses")
