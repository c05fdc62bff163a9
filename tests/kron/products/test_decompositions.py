"""Decompositions of Kronecker products: their parts have the properties that define them, and multiply to the product."""

import numpy as np
import pytest
import scipy.sparse as sparse

from tensorfem.kron import KroneckerArray, KroneckerProduct, diagonal_product, outer


def hermitian(matrices: tuple) -> list:
    """Hermitian positive definite matrices of the sizes and kinds of some matrices."""
    squares = [m @ m.conj().T for m in matrices]
    return [(s + s.conj().T) / 2 for s in squares]


def close(result, dense: np.ndarray, eps: float) -> bool:
    array = np.asarray(result)
    return array.shape == dense.shape and np.abs(array - dense).max() < 300 * eps * max(1.0, np.abs(dense).max())


def orthonormal(product: KroneckerProduct, eps: float) -> bool:
    return close(product.H @ product, np.eye(product.shape[1]), eps)


def test_eig_gives_eigenvectors(square_factors) -> None:
    matrices, dense, eps = square_factors
    product = KroneckerProduct(*matrices)
    values, vectors = product.eig()
    left, right = product @ vectors, vectors @ diagonal_product(values)
    assert isinstance(left, KroneckerProduct)
    assert isinstance(values, KroneckerArray)
    scale = np.abs(dense).sum(axis=1).max()
    assert np.abs(np.asarray(left) - np.asarray(right)).max() < 100 * eps * scale
    assert np.linalg.norm(np.asarray(vectors), axis=0) == pytest.approx(np.ones(len(dense)), abs=100 * eps)
    assert vectors.rank() == len(dense), "a zero matrix has the first property too"
    for own in (values, product.eigenvalues()):
        expected = np.linalg.eigvals(dense)
        distance = np.abs(np.asarray(own)[:, None] - expected).min(axis=1)
        assert distance.max() < 1e4 * eps * scale
        assert abs(own.sum() - np.trace(dense)) < 100 * eps * scale * len(dense)


def test_eigh_diagonalizes(square_factors) -> None:
    matrices, _, eps = square_factors
    product = KroneckerProduct(*hermitian(matrices))
    values, vectors = product.eigh()
    dense = product.toarray().astype(np.result_type(product.dtype, np.float64))
    assert np.isrealobj(np.asarray(values))
    assert vectors.dtype == product.dtype
    assert orthonormal(vectors, eps)
    assert close(vectors @ diagonal_product(values) @ vectors.H, dense, eps)
    assert np.sort(values) == pytest.approx(np.linalg.eigvalsh(dense), abs=300 * eps * float(np.abs(dense).max()))
    assert np.sort(product.eigenvalues()) == pytest.approx(np.sort(values), rel=1e3 * eps)
    assert np.array_equal(outer(values.factors).ravel(), np.asarray(values))


def test_svd_multiplies_to_the_product(rectangular_factors) -> None:
    matrices, dense, eps = rectangular_factors
    product = KroneckerProduct(*matrices)
    U, S, V = product.svd()
    assert orthonormal(U, eps)
    assert orthonormal(V.H, eps)
    assert close(U @ diagonal_product(S) @ V, dense, eps)
    expected = np.linalg.svd(dense, compute_uv=False)
    for values in (S, product.singular_values()):
        assert np.asarray(values).min() >= 0
        assert np.sort(values)[::-1] == pytest.approx(expected[: S.size], abs=300 * eps * expected[0])
    # Factors that are wide and tall: the rest of the matrix' singular values are zero.
    assert np.abs(expected[S.size :]).max(initial=0) < 100 * eps * expected[0]


def test_cholesky_gives_the_lower_triangle(square_factors) -> None:
    matrices, _, eps = square_factors
    product = KroneckerProduct(*hermitian(matrices))
    lower = product.cholesky()
    assert lower.dtype == product.dtype
    assert np.array_equal(np.tril(lower), np.asarray(lower))
    assert np.diag(np.asarray(lower)).real.min() > 0
    assert close(lower @ lower.H, product.toarray(), eps)


def test_qr_multiplies_to_the_product(rectangular_factors) -> None:
    matrices, dense, eps = rectangular_factors
    Q, R = KroneckerProduct(*matrices).qr()
    assert orthonormal(Q, eps)
    assert np.array_equal(np.triu(R), np.asarray(R))
    assert close(Q @ R, dense, eps)


def test_what_has_no_such_decomposition_is_refused(rng) -> None:
    symmetric, skew = np.array([[2.0, 1.0], [1.0, 2.0]]), np.array([[0.0, 1.0], [-1.0, 0.0]])
    for name in ("eigh", "cholesky"):
        with pytest.raises(ValueError, match=rf"{name}: factor 1 of shape \(2, 2\) differs from its adjoint by 2; use eig\(\) or svd\(\)"):
            getattr(KroneckerProduct(symmetric, skew), name)()
    with pytest.raises(
        ValueError, match=r"cholesky: factor 0 of shape \(2, 2\) is not positive definite, its least eigenvalue is -3; use eigh"
    ):
        KroneckerProduct(-symmetric, symmetric).cholesky()
    misfit = KroneckerProduct(rng.standard_normal((2, 3)), rng.standard_normal((3, 2)))
    for name in ("eig", "eigh", "eigenvalues", "cholesky"):
        with pytest.raises(ValueError, match=rf"{name}: factor 0 has shape \(2, 3\); allowed are square factors"):
            getattr(misfit, name)()
    with pytest.raises(ValueError, match=r"diagonal_product: got an array of shape \(1, 3\); allowed is a product of vectors"):
        diagonal_product(KroneckerArray(np.ones((1, 3))))


def test_a_sparse_factor_too_large_to_be_dense_is_refused(monkeypatch) -> None:
    product = KroneckerProduct(np.eye(2), sparse.eye_array(1000))
    monkeypatch.setattr("tensorfem.kron.memory.available_memory", lambda: 10**6)
    with pytest.raises(MemoryError, match=r"a dense factor of shape \(1000, 1000\) needs about 0.008 GB"):
        product.svd()
    with pytest.raises(MemoryError, match=r"the dense inverse of factor 0 of shape \(1000, 1000\) needs about 0.008 GB.*use solve\(\)"):
        KroneckerProduct(sparse.eye_array(1000) + sparse.eye_array(1000, k=1)).inverse()
