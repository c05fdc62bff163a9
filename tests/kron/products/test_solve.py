"""Solves, inverses and pseudo-inverses of Kronecker products are those of the explicit matrix, from the factors alone."""

import re

import numpy as np
import pytest
import scipy.linalg as linalg
import scipy.sparse as sparse

from tensorfem.kron import KroneckerProduct
from tensorfem.kron.factorwise.factorization import Factorization, _dense_lu, _sparse_lu, inverse_norm

# The factors are drawn well conditioned; four of them have a condition number below 1e3, which multiplies the rounding.
LOSS = 1e3


def gap(result: np.ndarray, expected: np.ndarray) -> float:
    assert result.shape == expected.shape
    return float(np.abs(result - expected).max() / np.abs(expected).max())


def test_a_solve_undoes_the_product_in_every_form_of_vector(square_factors, rng) -> None:
    matrices, dense, eps = square_factors
    product = KroneckerProduct(*matrices)
    rhs = rng.standard_normal((len(dense), 3)).astype(np.finfo(product.dtype).dtype)
    kept, expected = rhs.copy(), np.linalg.solve(dense, rhs)
    fields, solved = rhs.T.reshape(3, *product.output_shape), expected.T.reshape(3, *product.input_shape)
    for given, right in [(rhs, expected), (rhs[:, 0], expected[:, 0]), (fields, solved), (fields[1], solved[1])]:
        result = product.solve(given)
        assert gap(result, right) < LOSS * eps
        assert result.dtype == product.dtype
    assert np.array_equal(rhs, kept)


def test_a_complex_right_hand_side_is_solved_for(square_factors, rng) -> None:
    matrices, dense, _ = square_factors
    rhs = rng.standard_normal(len(dense)) + 1j * rng.standard_normal(len(dense))
    result = KroneckerProduct(*matrices).solve(rhs)
    assert result.dtype == np.complex128
    assert gap(result, np.linalg.solve(dense, rhs)) < LOSS * np.finfo(float).eps, "single precision data are solved with in double"
    assert gap(KroneckerProduct(*matrices).solve(list(rhs)), result) == 0


def test_the_inverse_is_an_inverse_on_both_sides(square_factors) -> None:
    matrices, dense, eps = square_factors
    product = KroneckerProduct(*matrices)
    inverse = product.inverse()
    assert isinstance(inverse, KroneckerProduct)
    assert inverse.dtype == product.dtype
    assert gap(inverse.toarray(), np.linalg.inv(dense)) < LOSS * eps
    for identity in (inverse @ product, product @ inverse):
        assert gap(identity.toarray(), np.eye(len(dense))) < LOSS * eps


def test_negative_powers_are_powers_of_the_inverse(square_factors) -> None:
    matrices, dense, eps = square_factors
    assert gap((KroneckerProduct(*matrices) ** -2).toarray(), np.linalg.inv(dense @ dense)) < LOSS * eps


def test_the_pseudo_inverse_is_that_of_the_explicit_matrix(rectangular_factors) -> None:
    matrices, dense, eps = rectangular_factors
    product = KroneckerProduct(*matrices)
    inverse = product.pinv()
    assert inverse.dtype == product.dtype
    assert inverse.shape == dense.T.shape
    # The rank of the whole is known here: numpy's bound would take roundings of float32 for singular values.
    left, values, right = np.linalg.svd(dense, full_matrices=False)
    rank = int(np.prod([np.linalg.matrix_rank(m.toarray() if sparse.issparse(m) else m) for m in matrices]))
    expected = (right[:rank].conj().T / values[:rank]) @ left[:, :rank].conj().T
    assert gap(inverse.toarray(), expected) < 100 * eps * values[0] / values[rank - 1]


def test_the_pseudo_inverse_drops_what_is_small_in_each_factor() -> None:
    A, B = np.diag([1.0, 1e-3]), np.diag([1.0, 1e-3])
    assert KroneckerProduct(A, B).pinv(rtol=1e-2).toarray() == pytest.approx(np.diag([1.0, 0.0, 0.0, 0.0]))
    assert KroneckerProduct(A, B).pinv(rtol=1e-4).toarray() == pytest.approx(np.diag([1.0, 1e3, 1e3, 1e6]))
    # A bound of 1e-4 on the whole product would drop 1e-6, the product of two that are kept.
    assert np.linalg.pinv(np.kron(A, B), rcond=1e-4)[3, 3] == 0
    for rtol in (-1e-3, 1.0, np.nan):
        with pytest.raises(ValueError, match=rf"rtol: got {rtol}; allowed is a number from 0 to 1"):
            KroneckerProduct(A, B).pinv(rtol=rtol)


def test_diagonal_sparse_factors_stay_sparse() -> None:
    diagonal = sparse.diags_array([2.0, 4.0, 5.0], format="csr")
    product = KroneckerProduct(diagonal, sparse.eye_array(2))
    for inverse in (product.inverse(), product.pinv(), product**-1):
        assert all(sparse.issparse(factor) for factor in inverse.factors)
        assert inverse.toarray() == pytest.approx(np.diag([0.5, 0.5, 0.25, 0.25, 0.2, 0.2]))
    singular = KroneckerProduct(sparse.diags_array([2.0, 0.0, 1e-17]))
    assert np.array_equal(singular.pinv().diagonal(), [0.5, 0.0, 0.0])


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize("name", ["solve", "inverse"])
@pytest.mark.parametrize(
    ("matrix", "condition"),
    [
        ([[1.0, 2.0], [2.0, 4.0]], r"\d(\.\d+)?e\+\d\d"),
        ([[1.0, 2.0], [0.0, 0.0]], "inf"),
        ((np.arange(9.0) + 0.1).reshape(3, 3), r"\d.*e\+1\d"),
    ],
)
def test_a_singular_factor_is_named_with_its_condition_number(form, name, matrix, condition) -> None:
    factor = form(matrix)
    product = KroneckerProduct(np.eye(2), factor)
    shape = re.escape(str(factor.shape))
    with pytest.raises(ValueError, match=rf"factor 1: the matrix of shape {shape} is singular to .* number is {condition}; use pinv"):
        product.solve(np.ones(product.shape[0])) if name == "solve" else product.inverse()


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
def test_a_factor_of_many_scales_is_not_singular(form) -> None:
    scales = np.array([1.0, 1e-30, 1e20])
    matrix = scales[:, None] * np.array([[3.0, 1.0, -1.0], [1.0, 3.0, 1.0], [2.0, 1.0, 3.0]]) * scales[::-1]
    assert np.linalg.cond(matrix) > 1e16
    expected = np.array([1.0, -2.0, 3.0]) / scales[::-1]
    assert KroneckerProduct(form(matrix)).solve(matrix @ expected) == pytest.approx(expected, rel=1e-13)


def test_the_estimate_of_the_condition_is_close(rng) -> None:
    for size in (1, 2, 7, 40):
        matrix = rng.standard_normal((size, size))
        exact = np.linalg.norm(np.linalg.inv(matrix), 1)
        solve = lambda columns, mode, matrix=matrix: np.linalg.solve(matrix if mode == "N" else matrix.T, columns)  # noqa: E731
        assert exact / 10 <= inverse_norm(solve, size, float) <= exact * (1 + 1e-10)


@pytest.mark.parametrize("lu", [_dense_lu, _sparse_lu])
def test_both_factorizations_solve_with_the_adjoint(rng, lu) -> None:
    matrix = rng.standard_normal((5, 5)) + 1j * rng.standard_normal((5, 5))
    columns = rng.standard_normal((5, 2)) + 0j
    solve = lu(matrix)
    assert solve(columns, "N") == pytest.approx(np.linalg.solve(matrix, columns), rel=1e-11)
    assert solve(columns, "H") == pytest.approx(np.linalg.solve(matrix.conj().T, columns), rel=1e-11)


def test_large_singular_factors_are_told_by_the_estimate() -> None:
    size = 1200
    second = sparse.diags_array([np.full(size - 1, -1.0), np.full(size, 2.0), np.full(size - 1, -1.0)], offsets=(-1, 0, 1)).tocsr()
    assert Factorization(second, "factor 0").solve(np.ones((size, 1))).max() == pytest.approx((size + 1) ** 2 / 8, rel=1e-4)
    second[0, 0] = second[-1, -1] = 1.0  # natural ends: the constant is in the null space
    with pytest.raises(ValueError, match=r"factor 3: the matrix of shape \(1200, 1200\) is singular"):
        Factorization(second, "factor 3")


def test_what_cannot_be_solved_is_refused(rng) -> None:
    product = KroneckerProduct(np.eye(3), np.eye(2))
    with pytest.raises(ValueError, match=r"solve: entry \(1, 0\) is nan; all must be finite"):
        product.solve(np.array([[1.0, 1.0], [np.nan, 1.0], [1.0, 1.0]]))
    with pytest.raises(ValueError, match=r"solve: got an array of shape \(2,\) and type <U1; allowed are numbers"):
        product.solve(["a", "b"])
    with pytest.raises(ValueError, match=r"solve: got an array of shape \(7,\); allowed are \(3, 2\), batches of it"):
        product.solve(np.ones(7))
    for form in (np.asarray, sparse.csr_array):
        broken = KroneckerProduct(np.eye(2), form([[1.0, np.inf], [0.0, 1.0]]))
        for call in (lambda p=broken: p.solve(np.ones(4)), broken.inverse, broken.pinv):
            with pytest.raises(ValueError, match=r"factor 1: the matrix of shape \(2, 2\) holds NaN or infinity"):
                call()
    # Square as a whole, but of factors that are not: such a product is singular.
    misfit = KroneckerProduct(rng.standard_normal((2, 3)), rng.standard_normal((3, 2)))
    for name, call in (("solve", lambda: misfit.solve(np.ones(6))), ("inverse", misfit.inverse), ("inverse", lambda: misfit**-1)):
        with pytest.raises(ValueError, match=rf"{name}: factor 0 has shape \(2, 3\); allowed are square factors: use pinv"):
            call()


def test_a_solve_agrees_with_scipy_on_long_axes(rng) -> None:
    sizes = (60, 50)
    factors = [rng.standard_normal((n, n)) + 20 * np.eye(n) for n in sizes]
    rhs = rng.standard_normal(sizes)
    expected = linalg.solve(factors[1], linalg.solve(factors[0], rhs).T).T
    assert gap(KroneckerProduct(*factors).solve(rhs), expected) < 1e-13
    assert gap(KroneckerProduct(*map(sparse.csr_array, factors)).solve(rhs), expected) < 1e-13
