"""Determinant, trace, norms, rank and condition number are those of the explicit matrix."""

import math

import numpy as np
import pytest
import scipy.sparse as sparse

from tensorfem.kron import KroneckerProduct

ORDERS = ("fro", "nuc", 1, 2, np.inf)


def signed(sizes: tuple[int, ...], rng: np.random.Generator) -> list[np.ndarray]:
    return [rng.standard_normal((n, n)) for n in sizes]


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize("kind", ["real", "complex"])
@pytest.mark.parametrize("sizes", [(5, 4), (3, 2), (5, 3), (4, 3, 2), (3, 3, 1), (3, 2, 2, 2)])
def test_the_determinant_is_that_of_the_explicit_matrix(rng, sizes, kind, form) -> None:
    for _ in range(4):  # of both signs
        factors = [m * np.exp(0.7j) if kind == "complex" else m for m in signed(sizes, rng)]
        dense = np.linalg.slogdet(KroneckerProduct(*factors).toarray())
        product = KroneckerProduct(*map(form, factors))
        sign, logarithm = product.slogdet()
        assert sign == pytest.approx(dense.sign, abs=1e-11)
        assert logarithm == pytest.approx(dense.logabsdet, abs=1e-11)
        assert product.det() == pytest.approx(dense.sign * np.exp(dense.logabsdet), rel=1e-10)


@pytest.mark.parametrize("kind", ["real", "complex"])
def test_the_sign_of_a_sparse_determinant_is_right_however_it_is_pivoted(rng, kind) -> None:
    phase = np.exp(0.7j) if kind == "complex" else 1.0
    for size in rng.integers(2, 12, 30):
        matrix = phase * (np.eye(size)[rng.permutation(size)] + rng.standard_normal((size, size)) * (rng.random((size, size)) < 0.2))
        expected = np.linalg.slogdet(matrix)
        result = KroneckerProduct(sparse.csr_array(matrix)).slogdet()
        assert result.sign == pytest.approx(expected.sign, abs=1e-10)
        assert np.exp(result.logabsdet) == pytest.approx(np.exp(expected.logabsdet), rel=1e-8, abs=1e-12)


def test_single_precision_takes_nothing_from_the_determinant(rng) -> None:
    factors = [m.astype(np.float32) for m in signed((5, 4, 3), rng)]
    exact = KroneckerProduct(*(m.astype(float) for m in factors))
    assert KroneckerProduct(*factors).slogdet() == pytest.approx(exact.slogdet(), rel=1e-14)


def test_determinants_neither_overflow_nor_forget_their_sign() -> None:
    size = 301
    flipped = np.eye(size)
    flipped[0, 0] = -1.0
    large = KroneckerProduct(1e3 * flipped, 1e3 * np.eye(size))
    sign, logarithm = large.slogdet()
    assert sign == -1
    assert logarithm == pytest.approx(size * size * math.log(1e6), rel=1e-13)
    assert large.det() == -math.inf
    assert KroneckerProduct(1e3 * np.eye(size), 1e-3 * np.eye(size)).det() == pytest.approx(1.0, rel=1e-9)
    with pytest.raises(ValueError, match=r"logdet: the determinant has the sign -1; .* use slogdet\(\)"):
        large.logdet()
    assert (large @ large).logdet() == pytest.approx(2 * logarithm)


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
def test_a_singular_matrix_has_determinant_zero(form) -> None:
    product = KroneckerProduct(np.diag([1.0, 2.0]), form([[0.0, 1.0], [0.0, 3.0]]))
    assert product.slogdet() == (0.0, -math.inf)
    assert product.det() == 0
    with pytest.raises(ValueError, match=r"logdet: the determinant has the sign 0"):
        product.logdet()


# Square as a whole, of factors that are not: neither diagonal nor trace is made of theirs, and the determinant is 0.
MISFITS = [((2, 3), (3, 2)), ((4, 2), (3, 6)), ((2, 3), (5, 5), (3, 2)), ((3, 2), (1, 3), (2, 1)), ((4, 3), (3, 2), (2, 2), (1, 2))]


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize("shapes", MISFITS)
def test_square_products_of_rectangular_factors(rng, shapes, form) -> None:
    matrices = [rng.standard_normal(shape) + 1j * rng.standard_normal(shape) for shape in shapes]
    product = KroneckerProduct(*map(form, matrices))
    dense = product.toarray()
    assert product.shape[0] == product.shape[1]
    assert product.diagonal().shape == product.output_shape
    assert product.diagonal().ravel() == pytest.approx(np.diag(dense), rel=1e-14)
    assert product.trace() == pytest.approx(np.trace(dense), rel=1e-13)
    assert product.det() == 0
    assert product.slogdet() == (0, -math.inf)
    assert product.rank() == np.linalg.matrix_rank(dense) < len(dense)
    assert product.cond() == math.inf


def test_the_trace_is_that_of_the_explicit_matrix(square_factors) -> None:
    matrices, dense, eps = square_factors
    trace = KroneckerProduct(*matrices).trace()
    assert isinstance(trace, float | complex)
    assert abs(trace - np.trace(dense)) < 30 * eps * np.abs(np.diag(dense)).sum()


def test_every_square_operator_has_a_trace(square_case) -> None:
    operator, dense = square_case
    assert abs(operator.trace() - np.trace(dense)) <= 1e-13 * np.abs(dense).sum()


def test_diagonal_and_trace_need_a_square_matrix(rng) -> None:
    wide = KroneckerProduct(rng.standard_normal((2, 5)), rng.standard_normal((6, 4)))
    for name in ("diagonal", "trace", "det", "slogdet", "logdet"):
        with pytest.raises(ValueError, match=rf"{name}: got an operator of shape \(12, 20\); allowed is a square one"):
            getattr(wide, name)()
    for operator in (wide + wide, wide @ KroneckerProduct(np.eye(20)), wide + sparse.csr_array((12, 20))):
        with pytest.raises(ValueError, match=r"diagonal: got an operator of shape \(12, 20\)"):
            operator.diagonal()


@pytest.mark.parametrize("order", ORDERS)
def test_norms_multiply(rectangular_factors, order) -> None:
    matrices, dense, eps = rectangular_factors
    assert KroneckerProduct(*matrices).norm(order) == pytest.approx(np.linalg.norm(dense, order), rel=100 * eps)


def test_the_default_norm_is_that_of_frobenius_and_others_are_refused(rng) -> None:
    product = KroneckerProduct(rng.standard_normal((3, 2)))
    assert product.norm() == pytest.approx(np.linalg.norm(product.toarray()))
    for order in (3, "max", None, []):
        with pytest.raises(ValueError, match=r"norm: got the order .*; allowed are 'fro', 'nuc', 1, 2, inf"):
            product.norm(order)


def test_rank_is_that_of_the_explicit_matrix(rng) -> None:
    low = [rng.standard_normal((m, r)) @ rng.standard_normal((r, n)) for m, r, n in ((6, 2, 4), (3, 2, 5), (4, 4, 4))]
    product = KroneckerProduct(*low)
    assert product.rank() == 16 == np.linalg.matrix_rank(product.toarray())
    assert KroneckerProduct(low[0], np.zeros((2, 3))).rank() == 0
    # Each factor is far from singular; a bound on the whole would count fewer.
    graded = KroneckerProduct(np.diag([1.0, 1e-10]), np.diag([1.0, 1e-10]))
    assert graded.rank() == 4 > np.linalg.matrix_rank(graded.toarray())
    assert KroneckerProduct(np.diag([1.0, 1e-10]).astype(np.float32)).rank() == 1


def test_the_condition_number_multiplies(square_factors, rng) -> None:
    matrices, dense, eps = square_factors
    exact = np.linalg.cond(dense)
    assert KroneckerProduct(*matrices).cond() == pytest.approx(exact, rel=100 * eps * exact)
    tall = KroneckerProduct(rng.standard_normal((5, 2)), rng.standard_normal((4, 3)))
    assert tall.cond() == pytest.approx(np.linalg.cond(tall.toarray()), rel=1e-12)
    assert KroneckerProduct(np.zeros((2, 2))).cond() == math.inf


def test_numbers_that_are_not_finite_are_refused() -> None:
    broken = KroneckerProduct(np.eye(2), np.full((3, 3), np.nan))
    for call in (
        broken.det,
        broken.rank,
        broken.cond,
        broken.norm,
        lambda: broken.norm(2),
        broken.eigenvalues,
        broken.svd,
        broken.qr,
        broken.cholesky,
        broken.eig,
    ):
        with pytest.raises(ValueError, match=r"factor 1: the matrix of shape \(3, 3\) holds NaN or infinity"):
            call()
