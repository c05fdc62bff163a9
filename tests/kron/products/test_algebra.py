"""Sums, products, multiples and powers of operators stay operators, and are what the explicit matrices give."""

import operator as python
import re
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from tensorfem.kron import (
    CombinedOperator,
    ComposedOperator,
    ConjugateOperator,
    KroneckerOperator,
    KroneckerProduct,
    KroneckerSum,
    PartialSum,
    SeparableOperator,
    kron,
)


def close(result: Any, expected: np.ndarray, eps: float = 1e-15) -> bool:
    """An operator that is the matrix: in its action, and written out."""
    assert isinstance(result, KroneckerOperator)
    scale = 1e3 * eps * np.abs(expected).max()
    vector = np.cos(np.arange(expected.shape[1]))
    assert result.shape == expected.shape
    return bool(
        np.abs(np.asarray(result) - expected).max() <= scale and np.abs(result @ vector - expected @ vector).max() <= len(vector) * scale
    )


@pytest.mark.parametrize("number", [2, -0.5, 2j, np.float64(3), np.float32(0.5), np.int64(-2), np.complex128(1 - 1j), np.array(1.5)])
def test_multiples(case, number) -> None:
    operator, dense = case
    for result in (operator * number, number * operator):
        assert close(result, dense * number)
    assert close(operator / number, dense / number)
    assert close(-operator, -dense)
    if isinstance(operator, KroneckerProduct | SeparableOperator | ComposedOperator | CombinedOperator):
        assert type(number * operator) is type(operator)


def test_sums_and_differences(case) -> None:
    operator, dense = case
    rows, columns = operator.output_shape, operator.input_shape
    other = KroneckerProduct(*(np.cos(np.arange(m * n)).reshape(m, n) for m, n in zip(rows, columns, strict=False)))
    assert close(operator + operator, 2 * dense)
    assert close(operator - 3 * operator, -2 * dense)
    assert close(sum([operator, operator]), 2 * dense)
    if other.shape == operator.shape:
        for sign, result in ((1, operator + other), (-1, operator - other)):
            assert close(result, dense + sign * other.toarray())
            if hasattr(operator, "terms"):
                assert isinstance(result, SeparableOperator)
                assert len(result.terms) == len(operator.terms) + 1


def test_sparse_matrices_are_operators_with_one_factor(case) -> None:
    operator, dense = case
    matrix = sparse.csr_array(np.arange(1.0, 1 + dense.size).reshape(dense.shape))
    for result, expected in [
        (operator + matrix, dense + matrix.toarray()),
        (matrix - operator, matrix.toarray() - dense),
        (operator @ matrix.T, dense @ matrix.toarray().T),
        (KroneckerProduct(matrix.T) @ operator, matrix.toarray().T @ dense),
    ]:
        assert close(result, expected)
    with pytest.raises(AttributeError, match=r"write KroneckerProduct\(sparse\) @ operator, or sparse @ operator.tosparse\(\)"):
        _ = matrix.T @ operator


def test_products_of_operators_with_their_adjoints(case) -> None:
    operator, dense = case
    assert close(operator.H, dense.conj().T)
    assert close(operator.conj(), dense.conj())
    assert close(operator.T @ operator, dense.T @ dense)
    assert close(operator.H @ operator, dense.conj().T @ dense)
    assert close((operator @ operator.H).H, dense @ dense.conj().T)
    if hasattr(operator, "terms"):
        expected = KroneckerProduct if len(operator.terms) == 1 else SeparableOperator
        assert type(operator.T @ operator) is expected
        assert len((operator.T @ operator).terms) == len(operator.terms) ** 2
    if not np.iscomplexobj(dense):
        assert operator.conj() is operator


def test_powers(square_case) -> None:
    operator, dense = square_case
    assert close(operator**1, dense)
    assert close(operator**3, np.linalg.matrix_power(dense, 3))
    assert close(operator**0, np.eye(len(dense)))
    assert all(sparse.issparse(factor) for factor in (operator**0).factors)


def test_powers_of_products_are_powers_of_the_factors(square_factors) -> None:
    matrices, dense, eps = square_factors
    for exponent in (1, 2, 5):
        power = KroneckerProduct(*matrices) ** exponent
        assert isinstance(power, KroneckerProduct)
        assert close(power, np.linalg.matrix_power(dense, exponent), eps)
        assert [sparse.issparse(f) for f in power.factors] == [sparse.issparse(f) for f in matrices]


def test_the_mixed_product(rectangular_factors, rng) -> None:
    matrices, dense, eps = rectangular_factors
    left = KroneckerProduct(*matrices)
    right = KroneckerProduct(*(rng.standard_normal((m.shape[1], n)).astype(m.dtype) for m, n in zip(matrices, (4, 3, 2, 2), strict=False)))
    product = left @ right
    assert isinstance(product, KroneckerProduct)
    assert product.dtype == left.dtype
    assert close(product, dense @ right.toarray().astype(np.result_type(right.dtype, float)), eps)
    assert [factor.shape for factor in product.factors] == [
        (a.shape[0], b.shape[1]) for a, b in zip(left.factors, right.factors, strict=True)
    ]


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=4), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_products_of_sums_of_any_shape(sizes, seed) -> None:
    rng = np.random.default_rng(seed)
    draw = lambda i, j: KroneckerProduct(*(rng.integers(-3, 4, (size[i], size[j])) for size in sizes))  # noqa: E731
    A, B, C, D = draw(0, 1), draw(0, 1), draw(1, 2), draw(1, 2)
    expected = (np.asarray(A) - 2 * np.asarray(B)) @ (np.asarray(C) + 1j * np.asarray(D))
    result = (A - 2 * B) @ (C + 1j * D)
    assert len(result.terms) == 4
    assert np.array_equal(np.asarray(result), expected)
    assert np.array_equal(np.asarray(result.H), expected.conj().T)


def test_sparse_factors_stay_sparse(rng) -> None:
    thin = sparse.random_array((6, 6), density=0.3, rng=rng)
    product = KroneckerProduct(thin, sparse.eye_array(4))
    for result in (product @ product, product**3, product.T, 2 * product, product.conj(), product.H, kron(product, sparse.eye_array(2))):
        assert all(sparse.issparse(factor) for factor in result.factors)
    assert isinstance((product + product).terms[1].factors[0], sparse.csr_array)


def test_single_precision_stays_single(rng) -> None:
    A, B = (KroneckerProduct(*(rng.standard_normal((n, n)).astype(np.float32) for n in (4, 3))) for _ in range(2))
    misfit = KroneckerProduct(*(rng.standard_normal((n, n)).astype(np.float32) for n in (3, 4)))
    field = rng.standard_normal(12).astype(np.float32)
    for operator in (2 * A, A / 3, A + B, A - 2.5 * B, A @ B, A**3, (A + B) @ A, A @ misfit, A + misfit, (A @ misfit) * 2.0, A.inverse()):
        assert operator.dtype == (operator @ field).dtype == np.float32
    assert (A * 1j).dtype == ((A @ misfit) * 1j).dtype == ((A + misfit) * 1j).dtype == np.complex64
    assert (np.float64(2) * A).dtype == np.float64


def test_many_terms_are_composed_and_few_expanded(rng) -> None:
    A = KroneckerProduct(*(rng.standard_normal((n, n)) for n in (3, 2)))
    total = A + A.T + 2 * A @ A
    assert len((total**3).terms) == 27
    assert isinstance(total**4, ComposedOperator)
    assert len((total**4).operators) == 2
    assert close(total**4, np.linalg.matrix_power(total.toarray(), 4))


def test_what_is_no_sum_of_products_says_so(case) -> None:
    operator, dense = case
    if not isinstance(operator, KroneckerProduct | SeparableOperator | KroneckerSum | PartialSum):
        assert not hasattr(operator, "terms")
        with pytest.raises(AttributeError, match=r"\(.*\) is no sum of Kronecker products, so it has no terms; tosparse\(\)"):
            _ = operator.terms
    else:
        assert np.abs(sum(term.toarray() for term in operator.terms) - dense).max() < 1e-13 * np.abs(dense).max()


def test_what_is_known_to_be_definite_stays_so(make_pencil) -> None:
    nearest = KroneckerSum([make_pencil(3), make_pencil(2)], 1.0)
    operator = SeparableOperator(nearest.terms, approximation=nearest)
    for known in (operator * 2, operator / 3, operator + nearest, nearest + nearest, 2 * nearest):
        assert known.definite
    for unknown in (
        -operator,
        -1 * nearest,
        2j * nearest,
        operator * 2j,
        operator - nearest,
        operator + nearest.mass,
        operator @ operator,
        operator * 0,
    ):
        assert not unknown.definite


def test_conjugates_of_what_does_not_know_its_own(case) -> None:
    operator, dense = case
    twice = ConjugateOperator(operator)
    assert close(twice, dense.conj())
    assert close(twice.T, dense.conj().T)
    assert twice.conj() is operator
    assert close(twice * 2j, dense.conj() * 2j)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda A, B: A + B, "+: got operators of shapes (6, 6) and (6, 4); allowed are equal shapes"),
        (lambda A, B: B - A, "+: got operators of shapes (6, 4) and (6, 6); allowed are equal shapes"),
        (lambda A, B: B @ A, "@: got operators of shapes (6, 4) and (6, 6); the columns of the first must be the rows of the second"),
        (lambda A, B: A + np.ones((6, 6)), "+: got ndarray of shape (6, 6); allowed beside an operator are operators and sparse matrices"),
        (lambda A, B: 1 + A, "+: got 1; allowed"),
        (lambda A, B: A * np.ones(6), "*: got ndarray of shape (6,); allowed beside an operator are numbers"),
        (lambda A, B: np.ones(6) * A, "*: got ndarray of shape (6,); allowed"),
        (lambda A, B: A * A, "*: got KroneckerProduct of shape (6, 6); allowed beside an operator are numbers; products of"),
        (lambda A, B: A * True, "*: got bool; allowed"),
        (lambda A, B: A / "2", "/: got str; allowed"),
        (lambda A, B: A / 0, "/: got 0; an operator is divided by a number that is not zero"),
        (lambda A, B: A * np.nan, "*: got nan, which multiplies the operator by nan; allowed are finite numbers"),
        (lambda A, B: A / 1e-310, "/: got 1e-310, which multiplies the operator by inf; allowed are finite numbers"),
        (lambda A, B: A**0.5, "**: got the exponent 0.5; allowed are integers"),
        (lambda A, B: A**True, "**: got the exponent True; allowed are integers"),
        (lambda A, B: B**2, "**: got an operator of shape (6, 4); allowed is a square one"),
        (lambda A, B: (A + A) ** -1, "**: got the exponent -1, but SeparableOperator(3 x 2 from 3 x 2) has no inverse() from its factors"),
        (lambda A, B: ComposedOperator(), "ComposedOperator: got no operators"),
        (lambda A, B: ComposedOperator(B, A), "ComposedOperator: got shapes (6, 4) and (6, 6); columns and rows must agree"),
        (lambda A, B: CombinedOperator([]), "CombinedOperator: the operators must share one shape; got no operators"),
        (lambda A, B: CombinedOperator([A, B]), "CombinedOperator: the operators must share one shape; got [(6, 4), (6, 6)]"),
        (lambda A, B: CombinedOperator([A, A], [1.0]), "weights: got 1 for 2 operators; give one for each"),
    ],
)
def test_what_does_not_fit_is_refused(act, words) -> None:
    A, B = KroneckerProduct(np.eye(3), np.eye(2)), KroneckerProduct(np.ones((3, 2)), np.ones((2, 2)))
    with pytest.raises(ValueError, match="^" + re.escape(words)):
        act(A, B)


def test_nothing_of_the_operands_is_changed(rng) -> None:
    arrays = [rng.standard_normal((n, n)) for n in (3, 2)]
    kept = [array.copy() for array in arrays]
    A = KroneckerProduct(*arrays)
    for act in (python.add, python.sub, python.matmul):
        result = act(A, A)
        result.toarray()
    for made in (2 * A, A**2, A.inverse(), A.svd(), A.diagonal()):
        del made
    A.diagonal()[...] = 7.0
    (A**1 @ np.eye(6))[...] = 7.0
    assert all(np.array_equal(array, before) for array, before in zip(arrays, kept, strict=True))
