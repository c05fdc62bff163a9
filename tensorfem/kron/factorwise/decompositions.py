"""Eigen-, singular-value, Cholesky and QR decompositions of Kronecker products: those of the factors, multiplied."""

from collections.abc import Sequence

import numpy as np
import scipy.linalg as linalg

from tensorfem.kron.factorwise.inverse import finite, square
from tensorfem.kron.mode_product import Array, Factor, as_dense

Factors = Sequence[Factor]
Pairs = tuple[tuple[Array, ...], tuple[Array, ...]]


def eig(factors: Factors) -> Pairs:
    """Eigenvalues and eigenvectors (columns) of each factor:
    if ``A v = a v`` and ``B w = b w``, then ``(A (x) B)(v (x) w) = a b (v (x) w)``.

    Raises
    ------
    ValueError
        If a factor is not square, or not finite.
    """
    return _pairs([np.linalg.eig(matrix) for matrix in _dense(factors, "eig")])


def eigh(factors: Factors) -> Pairs:
    """Eigenvalues, increasing, and orthonormal eigenvectors of each factor, all Hermitian.

    Raises
    ------
    ValueError
        If a factor is not Hermitian to rounding, or not finite.
    """
    return _pairs([np.linalg.eigh(matrix) for matrix in _hermitian(factors, "eigh")])


def eigenvalues(factors: Factors) -> list[Array]:
    """The eigenvalues of each factor: real and increasing for Hermitian ones.

    Examples
    --------
    >>> eigenvalues([np.array([[2.0, 1.0], [1.0, 2.0]]), np.array([[3.0]])])
    [array([1., 3.]), array([3.])]
    """
    matrices = _dense(factors, "eigenvalues")
    return [np.linalg.eigvalsh(matrix) if is_hermitian(matrix) else np.linalg.eigvals(matrix) for matrix in matrices]


def svd(factors: Factors) -> tuple[tuple[Array, ...], tuple[Array, ...], tuple[Array, ...]]:
    """The thin decompositions ``A_i = U_i diag(s_i) V_i^H`` of the factors: left vectors, singular values, right vectors conjugated.

    Examples
    --------
    >>> left, values, right = svd([np.array([[3.0], [4.0]]), np.diag([2.0, 1.0])])
    >>> values
    (array([5.]), array([2., 1.]))
    """
    decomposed = [np.linalg.svd(as_dense(finite(factor, i)), full_matrices=False) for i, factor in enumerate(factors)]
    left, values, right = zip(*decomposed, strict=True)
    return left, values, right


def singular_values(factors: Factors) -> list[Array]:
    """The singular values of each factor, decreasing."""
    return [linalg.svdvals(as_dense(finite(factor, i))) for i, factor in enumerate(factors)]


def cholesky(factors: Factors) -> list[Array]:
    """The lower triangular L_i with ``A_i = L_i L_i^H``.

    Raises
    ------
    ValueError
        If a factor is not Hermitian, or is not positive definite. The product of two negative definite
        factors is positive definite: change their signs.

    Examples
    --------
    >>> cholesky([np.array([[4.0]]), np.array([[9.0, 3.0], [3.0, 2.0]])])
    [array([[2.]]), array([[3., 0.],
           [1., 1.]])]
    """
    return [_cholesky(matrix, i) for i, matrix in enumerate(_hermitian(factors, "cholesky"))]


def _cholesky(matrix: Array, position: int) -> Array:
    try:
        return np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        least = np.linalg.eigvalsh(matrix)[0]
        raise ValueError(
            f"cholesky: factor {position} of shape {matrix.shape} is not positive definite, its least eigenvalue is {least:.3g}; use eigh()"
        ) from None


def qr(factors: Factors) -> Pairs:
    """The thin decompositions ``A_i = Q_i R_i`` of the factors; the product of the upper triangles is one."""
    return _pairs([np.linalg.qr(as_dense(finite(factor, i))) for i, factor in enumerate(factors)])


def is_hermitian(matrix: Array) -> bool:
    """Whether a square matrix is its own adjoint up to rounding."""
    scale = np.abs(matrix).max() * len(matrix) * np.finfo(matrix.dtype).eps
    return bool(np.abs(matrix - matrix.conj().T).max() <= scale)


def _dense(factors: Factors, name: str) -> list[Array]:
    square(factors, name)
    return [as_dense(finite(factor, i)) for i, factor in enumerate(factors)]


def _hermitian(factors: Factors, name: str) -> list[Array]:
    matrices = _dense(factors, name)
    for i, matrix in enumerate(matrices):
        if not is_hermitian(matrix):
            off = np.abs(matrix - matrix.conj().T).max()
            raise ValueError(f"{name}: factor {i} of shape {matrix.shape} differs from its adjoint by {off:.3g}; use eig() or svd()")
    return matrices


def _pairs(decomposed: Sequence[tuple[Array, Array]]) -> Pairs:
    first, second = zip(*decomposed, strict=True)
    return first, second
