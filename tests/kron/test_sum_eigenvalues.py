"""Eigenvalues of a Kronecker sum with their multiplicities, and its determinant."""

import numpy as np
import pytest
import scipy.linalg as linalg
import scipy.sparse as sparse
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from tensorfem.kron import KroneckerSum, kronsum, smallest_sums

SINGLE = float(np.finfo(np.float32).eps)
EPS = float(np.finfo(float).eps)


def distance(values: np.ndarray, others: np.ndarray) -> float:
    """The largest distance between two multisets of numbers, paired as well as can be."""
    distances = np.abs(values.ravel()[:, None] - others.ravel())
    return float(distances[linear_sum_assignment(distances**2)].max())


def tolerance(matrix: np.ndarray) -> float:
    """By Bauer and Fike: rounding moves an eigenvalue by as much as the eigenvectors' condition number times it."""
    return 30 * EPS * len(matrix) * np.linalg.norm(matrix, 2) * float(np.linalg.cond(np.linalg.eig(matrix)[1]))


@pytest.mark.parametrize("masses", [False, True], ids=["", "masses"])
def test_all_eigenvalues_are_those_of_the_dense_matrix(make_matrix_sum, sum_kind, sum_sizes, masses) -> None:
    operator, dense, mass = make_matrix_sum(sum_kind, sum_sizes, masses=masses, shift=0.5)
    matrix = np.linalg.solve(mass, dense).astype(complex)
    exactness = 4 * SINGLE / EPS if sum_kind == "single" else 1
    values = operator.eigenvalues()
    assert values.shape == sum_sizes
    assert distance(values, np.linalg.eigvals(matrix)) < exactness * tolerance(matrix)
    assert np.isrealobj(values) is operator.is_hermitian
    assert np.array_equal(operator.eigenvalues(sort=True), np.sort(values.ravel()))


@pytest.mark.parametrize("kind", ["symmetric", "hermitian", "tridiagonal", "non-symmetric"])
def test_eigenvalues_are_the_same_whether_eigenvectors_are_known(make_matrix_sum, kind) -> None:
    operator, dense, _ = make_matrix_sum(kind, (5, 4))
    alone = operator.eigenvalues()
    other = kronsum(*(pencil.stiffness for pencil in operator.pencils))
    other.solve(np.ones((5, 4)))
    assert distance(alone, other.eigenvalues()) < tolerance(dense.astype(complex))


def test_complex_tridiagonal_matrices(rng) -> None:
    beside = rng.standard_normal(5) + 1j * rng.standard_normal(5)
    matrix = sparse.diags_array([beside, rng.standard_normal(6), beside.conj()], offsets=[-1, 0, 1], format="csr").astype(complex)
    expected = np.linalg.eigvalsh(matrix.toarray())
    for given_form in (matrix, matrix.toarray()):
        assert kronsum(given_form).eigenvalues() == pytest.approx(expected, abs=30 * EPS * np.abs(expected).max())
    rhs = rng.standard_normal(6)
    solution = kronsum(matrix).solve(rhs)
    assert np.linalg.norm(matrix @ solution - rhs) < 30 * EPS * np.abs(expected).max() * np.linalg.norm(solution)


@pytest.mark.parametrize("k", [1, 2, 3, 50])
def test_few_eigenvalues_of_long_axes(make_matrix, rng, k) -> None:
    long, short = (sparse.diags_array([e, rng.standard_normal(len(e) + 1), e], offsets=[-1, 0, 1]) for e in map(np.ones, (69, 39)))
    operator, expected = kronsum(long, short), np.add.outer(*(np.linalg.eigvalsh(m.toarray()) for m in (long, short)))
    assert operator.eigenvalues(k) == pytest.approx(np.sort(expected, axis=None)[:k], abs=30 * EPS * 70 * np.abs(expected).max())
    assert operator.eigenvalues() == pytest.approx(expected, abs=30 * EPS * 70 * np.abs(expected).max())
    assert np.array_equal(operator.eigenvalues(k), operator.eigenvalues(sort=True)[:k])


@pytest.mark.parametrize("width", [2, 3, 5, 6])
@pytest.mark.parametrize("kind", ["symmetric", "hermitian"])
def test_banded_matrices(make_matrix, kind, width) -> None:
    matrix = np.triu(np.tril(make_matrix(kind, 40), width), -width)
    expected = np.linalg.eigvalsh(matrix)
    for form in (matrix, sparse.csr_array(matrix)):
        assert kronsum(form).eigenvalues() == pytest.approx(expected, abs=30 * EPS * 40 * np.abs(expected).max())


@pytest.mark.parametrize("size", [1, 2])
def test_short_axes(size, rng) -> None:
    matrix = np.diag(np.arange(2.0, 2.0 + size))
    assert kronsum(matrix, [[3.0]]).eigenvalues(sort=True) == pytest.approx(np.arange(5.0, 5.0 + size), rel=1e-15)
    assert kronsum(matrix, [[3.0]]).solve(np.ones(size)) == pytest.approx(1 / np.arange(5.0, 5.0 + size), rel=1e-15)


def test_the_eigenvalues_of_finite_elements(make_pencil, make_explicit_sum) -> None:
    pencils = [make_pencil(size, null=True) for size in (5, 4, 3)]
    operator, mass = KroneckerSum(pencils, 0.25), KroneckerSum(pencils).mass.toarray()
    expected = linalg.eigh(make_explicit_sum(pencils, 0.25), mass, eigvals_only=True)
    assert operator.eigenvalues(sort=True) == pytest.approx(expected, abs=1e-13 * expected[-1])
    assert operator.eigenvalues(7) == pytest.approx(expected[:7], abs=1e-13 * expected[-1])
    assert operator.eigenvalues(1)[0] == 0.25


@pytest.mark.parametrize("kind", ["symmetric", "non-symmetric"])
@pytest.mark.parametrize("sizes", [(6,), (4, 4), (3, 3, 3), (3, 2, 3, 2)], ids=str)
def test_equal_axes_give_each_eigenvalue_as_often_as_it_occurs(make_matrix, kind, sizes) -> None:
    made = {size: make_matrix(kind, size) for size in sizes}
    operator = kronsum(*(made[size] for size in sizes), shift=-0.5)
    values, indices = operator.smallest_eigenvalues(operator.shape[0])
    assert np.array_equal(np.sort(values.real), values.real)
    assert np.array_equal(np.sort(values), operator.eigenvalues(sort=True))
    assert {tuple(index) for index in indices.tolist()} == set(np.ndindex(sizes))
    for k in (1, 2, operator.shape[0] // 2):
        assert np.array_equal(operator.eigenvalues(k), values[:k])
    assert np.array_equal(values, operator.eigenvalues()[tuple(indices.T)])


@given(
    st.lists(st.lists(st.integers(-3, 3) | st.floats(-1e3, 1e3), min_size=1, max_size=6), min_size=1, max_size=4),
    st.floats(-10, 10),
    st.data(),
)
def test_the_heap_finds_the_smallest_sums(values, shift, data) -> None:
    axes = [np.sort(np.array(axis_values, dtype=float)) for axis_values in values]
    totals = np.full((), shift)
    for axis_values in axes:
        totals = totals[..., None] + axis_values
    k = data.draw(st.integers(1, totals.size))
    sums, indices = smallest_sums(axes, k, shift)
    assert np.array_equal(sums, np.sort(totals, axis=None)[:k])
    assert len({tuple(index) for index in indices.tolist()}) == k


@pytest.mark.parametrize("k", [0, 21, -1])
def test_as_many_as_there_are(make_matrix_sum, k) -> None:
    with pytest.raises(ValueError, match=rf"k: got {k}; allowed are 1 to 20, the number of eigenvalues"):
        make_matrix_sum("symmetric", (5, 4)).operator.eigenvalues(k)


@pytest.mark.parametrize("masses", [False, True], ids=["", "masses"])
def test_the_determinant_is_numpy_s(make_matrix_sum, sum_kind, sum_sizes, masses) -> None:
    operator, dense, _ = make_matrix_sum(sum_kind, sum_sizes, masses=masses, shift=0.5)
    sign, logarithm = operator.slogdet()
    expected_sign, expected = np.linalg.slogdet(dense.astype(np.result_type(dense, float)))
    accuracy = 30 * len(dense) * (SINGLE if sum_kind == "single" else EPS) * float(np.linalg.cond(dense))
    assert logarithm == pytest.approx(expected, abs=accuracy)
    assert abs(sign - expected_sign) < accuracy
    assert isinstance(sign, complex if np.iscomplexobj(dense) else float)


def test_logdet_is_that_of_a_positive_determinant(make_pencil, make_explicit_sum) -> None:
    pencils = [make_pencil(size) for size in (5, 4, 3)]
    dense = make_explicit_sum(pencils, 0.5)
    assert KroneckerSum(pencils, 0.5).logdet() == pytest.approx(2 * np.log(np.diag(np.linalg.cholesky(dense))).sum(), rel=1e-12)
    with pytest.raises(ValueError, match=r"logdet: the determinant has the sign -1; .* use slogdet\(\)"):
        kronsum(np.diag([1.0, -2.0])).logdet()


def test_a_singular_sum_has_no_determinant(make_pencil) -> None:
    assert KroneckerSum([make_pencil(5, null=True), make_pencil(4, null=True)]).slogdet() == (0.0, -np.inf)
