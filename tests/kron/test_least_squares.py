"""Least squares by factors is least squares with the explicit matrix."""

import numpy as np
import pytest
import scipy.sparse as sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from tensorfem.kron import KroneckerProduct, LeastSquares, lstsq

# Tall, wide and square factors; one, two, three and four of them.
SHAPES = [[(7, 4)], [(6, 4), (5, 3)], [(3, 5), (6, 2)], [(5, 5), (2, 4)], [(5, 4), (3, 4), (3, 2)], [(4, 3), (3, 3), (2, 3), (3, 2)]]


def drawn(rng, shape, kind="real"):
    matrix = rng.standard_normal(shape)
    return matrix + 1j * rng.standard_normal(shape) if kind == "complex" else matrix


def deficient(rng, shape, rank, kind="real"):
    return drawn(rng, (shape[0], rank), kind) @ drawn(rng, (rank, shape[1]), kind)


def rows_of(factors):
    return tuple(factor.shape[0] for factor in factors)


@pytest.mark.parametrize("kind", ["real", "complex"])
@pytest.mark.parametrize("shapes", SHAPES)
def test_it_is_the_least_squares_solution_of_least_norm(rng, explicit_kron, shapes, kind) -> None:
    factors = [drawn(rng, shape, kind) for shape in shapes]
    Y = drawn(rng, rows_of(factors), kind)
    kept, matrix = Y.copy(), explicit_kron(*factors)
    found = lstsq(factors, Y)
    expected = np.linalg.lstsq(matrix, Y.ravel(), rcond=None)[0]
    assert found.solution.shape == tuple(factor.shape[1] for factor in factors)
    assert np.abs(found.solution.ravel() - expected).max() < 1e-10 * np.abs(expected).max()
    assert found.ranks == tuple(map(min, shapes))
    assert float(found.residual_norm) == pytest.approx(np.linalg.norm(matrix @ expected - Y.ravel()), abs=1e-11)
    assert np.array_equal(Y, kept)


@pytest.mark.parametrize("kind", ["real", "complex"])
@pytest.mark.parametrize("deficient_axes", [(0,), (1,), (0, 2)])
def test_deficient_factors_too(rng, explicit_kron, kind, deficient_axes) -> None:
    shapes = [(6, 4), (3, 5), (4, 3)]
    factors = [(deficient(rng, s, 2, kind) if axis in deficient_axes else drawn(rng, s, kind)) for axis, s in enumerate(shapes)]
    Y = drawn(rng, (6, 3, 4), kind)
    found = lstsq(factors, Y)
    expected = np.linalg.lstsq(explicit_kron(*factors), Y.ravel(), rcond=None)[0]
    assert found.ranks == tuple(2 if axis in deficient_axes else min(s) for axis, s in enumerate(shapes))
    assert np.abs(found.solution.ravel() - expected).max() < 1e-10 * np.abs(expected).max()


def test_two_factors_stand_left_and_right(rng) -> None:
    A, B, X = drawn(rng, (6, 4)), drawn(rng, (5, 3)), drawn(rng, (4, 3))
    found = lstsq([A, B], A @ X @ B.T)
    assert found.solution == pytest.approx(X, abs=1e-12)
    assert float(found.residual_norm) < 1e-13 * np.linalg.norm(A @ X @ B.T) * 30


@pytest.mark.parametrize("damping", [0.02, 0.3, 40.0])
@pytest.mark.parametrize("shapes", SHAPES)
def test_damping_is_tikhonov_s(rng, explicit_kron, shapes, damping) -> None:
    factors = [drawn(rng, shape) for shape in shapes]
    matrix, Y = explicit_kron(*factors), drawn(rng, rows_of(factors))
    stacked = np.vstack([matrix, np.sqrt(damping) * np.eye(matrix.shape[1])])
    expected = np.linalg.lstsq(stacked, np.concatenate([Y.ravel(), np.zeros(matrix.shape[1])]), rcond=None)[0]
    found = lstsq(factors, Y, damping=damping)
    assert np.abs(found.solution.ravel() - expected).max() < 1e-10 * np.abs(expected).max()
    assert float(found.residual_norm) == pytest.approx(np.linalg.norm(matrix @ expected - Y.ravel()), abs=1e-10)


@pytest.mark.parametrize("damping", [0.0, 0.2])
def test_leading_axes_are_many_right_hand_sides(rng, damping) -> None:
    factors = [drawn(rng, (6, 4)), drawn(rng, (3, 5)), deficient(rng, (4, 3), 2)]
    Y = drawn(rng, (3, 2, 6, 3, 4))
    found = lstsq(factors, Y, damping=damping)
    assert found.solution.shape == (3, 2, 4, 5, 3)
    assert found.residual_norm.shape == (3, 2)
    for index in np.ndindex(3, 2):
        one = lstsq(factors, Y[index], damping=damping)
        assert found.solution[index] == pytest.approx(one.solution, abs=1e-12)
        assert found.residual_norm[index] == pytest.approx(one.residual_norm, rel=1e-12)


def test_no_right_hand_sides_have_no_solutions(rng) -> None:
    for damping in (0.0, 0.2):
        found = lstsq([drawn(rng, (6, 4)), drawn(rng, (3, 5))], np.ones((0, 6, 3)), damping=damping)
        assert (found.solution.shape, found.residual_norm.shape) == ((0, 4, 5), (0,))


@pytest.mark.parametrize("damping", [0.0, 0.2])
def test_sparse_and_integer_factors_are_as_dense_ones(rng, damping) -> None:
    A, B = np.round(3 * drawn(rng, (6, 4))).astype(int), sparse.coo_array(np.round(drawn(rng, (5, 3)), 1))
    Y = drawn(rng, (6, 5))
    found, dense = lstsq([A, B], Y, damping=damping), lstsq([A.astype(float), B.toarray()], Y, damping=damping)
    assert np.array_equal(found.solution, dense.solution)


@pytest.mark.parametrize("damping", [0.0, 0.2])
def test_single_precision_stays_single(rng, damping) -> None:
    factors = [drawn(rng, shape) for shape in ((6, 4), (2, 5))]
    Y = drawn(rng, (6, 2))
    single = lstsq([factor.astype(np.float32) for factor in factors], Y.astype(np.float32), damping=damping)
    assert single.solution.dtype == np.float32
    condition = np.prod([np.linalg.cond(factor) for factor in factors])
    double = lstsq(factors, Y, damping=damping).solution
    assert np.abs(single.solution - double).max() < 30 * np.finfo(np.float32).eps * condition**2 * np.abs(double).max()


def test_singular_values_multiply_to_those_of_the_whole(rng, explicit_kron) -> None:
    factors = [drawn(rng, (6, 4)), sparse.csr_array(drawn(rng, (3, 5)))]
    values = lstsq(factors, drawn(rng, (6, 3))).singular_values
    whole = np.linalg.svd(explicit_kron(*factors), compute_uv=False)[:12]
    assert np.sort(np.multiply.outer(*values).ravel())[::-1] == pytest.approx(whole, rel=1e-12)


def test_rcond_cuts_factor_by_factor(rng) -> None:
    rotate = [np.linalg.qr(drawn(rng, (n, n)))[0] for n in (4, 4, 3, 3)]
    A = rotate[0] @ np.diag([1.0, 0.5, 1e-3, 1e-7]) @ rotate[1]
    B = rotate[2] @ np.diag([2.0, 1.0, 1e-3]) @ rotate[3]
    Y = drawn(rng, (4, 3))
    ranks = {rcond: lstsq([A, B], Y, rcond=rcond).ranks for rcond in (None, 1e-8, 1e-5, 1e-2)}
    assert ranks == {None: (4, 3), 1e-8: (4, 3), 1e-5: (3, 3), 1e-2: (2, 2)}
    expected = np.linalg.pinv(A, rcond=1e-5) @ Y @ np.linalg.pinv(B, rcond=1e-5).T
    assert lstsq([A, B], Y, rcond=1e-5).solution == pytest.approx(expected, rel=1e-9)


def test_the_rank_rule_of_factors_keeps_what_that_of_the_whole_drops(rng) -> None:
    A = np.linalg.qr(drawn(rng, (3, 3)))[0] * [1.0, 1.0, 1e-10]
    X = drawn(rng, (3, 3))
    found = lstsq([A, A], A @ X @ A.T)
    assert found.ranks == (3, 3)
    assert np.linalg.lstsq(np.kron(A, A), (A @ X @ A.T).ravel(), rcond=None)[2] == 8  # 1e-20 counts as zero there
    resolved = np.multiply.outer([1, 1, 0], [1, 1, 1]) + np.multiply.outer([0, 0, 1], [1, 1, 0])  # the last coefficient drowns in rounding
    assert (resolved * found.solution) == pytest.approx(resolved * X, abs=1e-4)
    assert float(found.residual_norm) < 1e-13


AXIS = st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(1, 6))


@settings(max_examples=60, deadline=None)
@given(st.lists(AXIS, min_size=1, max_size=3), st.integers(0, 1 << 30), st.booleans())
def test_any_shapes_and_ranks(axes, seed, is_complex) -> None:
    """Factors with singular values from 1 to 2, of any rank: the solution is the pseudo-inverse of the whole applied to Y."""
    rng, kind = np.random.default_rng(seed), "complex" if is_complex else "real"
    ranks = [min(axis) for axis in axes]
    bases = [[np.linalg.qr(drawn(rng, (n, r), kind))[0] for n in axis[:2]] for axis, r in zip(axes, ranks, strict=True)]
    values = [rng.uniform(1, 2, r) for r in ranks]
    factors = [(U * s) @ V.conj().T for (U, V), s in zip(bases, values, strict=True)]
    inverses = [(V / s) @ U.conj().T for (U, V), s in zip(bases, values, strict=True)]
    Y = drawn(rng, rows_of(factors), kind)
    found = lstsq(factors, Y)
    assert found.ranks == tuple(ranks)
    expected = KroneckerProduct(*inverses).apply(Y)
    assert np.abs(found.solution - expected).max() < 1e-12 * np.linalg.norm(Y)


def test_a_factor_of_zeros_has_rank_zero(rng) -> None:
    found = lstsq([np.zeros((3, 2)), drawn(rng, (2, 2))], np.ones((3, 2)))
    assert found.ranks == (0, 2)
    assert not found.solution.any()
    assert float(found.residual_norm) == pytest.approx(np.sqrt(6))


def test_the_record_is_frozen_and_brief(rng) -> None:
    found = lstsq([drawn(rng, (3, 2))], np.ones(3))
    assert isinstance(found, LeastSquares)
    assert "factors" not in repr(found)
    with pytest.raises(AttributeError):
        found.solution = None


def test_bad_input_is_refused(rng) -> None:
    A, B, Y = drawn(rng, (6, 4)), drawn(rng, (5, 3)), np.ones((6, 5))
    with pytest.raises(ValueError, match=r"^factors: got none; give one matrix per axis"):
        lstsq([], Y)
    with pytest.raises(
        ValueError, match=r"^Y: got shape \(5, 6\) with factors of shapes \(6, 4\), \(5, 3\); the last axes must be \(6, 5\)"
    ):
        lstsq([A, B], Y.T)
    with pytest.raises(ValueError, match=r"^factors\[1\]: got shape \(5, 0\); allowed is a matrix with at least one row"):
        lstsq([A, B[:, :0]], Y)
    with pytest.raises(ValueError, match=r"^factors\[1\]: got nan at \(2, 1\); all must be finite"):
        lstsq([A, np.where(np.arange(15).reshape(5, 3) == 7, np.nan, B)], Y)
    with pytest.raises(ValueError, match=r"^factors\[0\]: got inf at \(0,\)"):
        lstsq([sparse.diags_array(np.full(6, np.inf)), B], Y)
    with pytest.raises(ValueError, match=r"^Y: got nan at \(0, 0\)"):
        lstsq([A, B], np.nan * Y)
    with pytest.raises(ValueError, match=r"^Y: got an array of type <U1; allowed are real and complex numbers"):
        lstsq([A, B], np.full((6, 5), "1"))
    with pytest.raises(ValueError, match=r"^damping: got -0.5; allowed is a number >= 0"):
        lstsq([A, B], Y, damping=-0.5)
    with pytest.raises(ValueError, match=r"^rcond: got -1.0; allowed is a number >= 0"):
        lstsq([A, B], Y, rcond=-1)


def test_what_would_not_fit_is_refused(monkeypatch) -> None:
    monkeypatch.setattr("tensorfem.kron.memory.available_memory", lambda: 8 * 30 - 1)
    with pytest.raises(MemoryError, match=r"a dense factor needs about .* lstsq factorizes each factor as a dense matrix"):
        lstsq([sparse.csr_array(np.ones((6, 5)))], np.ones(6))


def test_it_tells_what_it_holds_in_a_line(rng) -> None:
    A, B = drawn(rng, (6, 4)), drawn(rng, (5, 3))
    one, many, none = (lstsq([A, B], np.zeros((*batch, 6, 5))) for batch in ((), (2, 3), (0,)))
    assert repr(one) == "LeastSquares(solution: array of shape (4, 3), residual_norm: 0, ranks: (4, 3))"
    assert repr(many) == "LeastSquares(solution: array of shape (2, 3, 4, 3), residual_norm: 0 to 0, ranks: (4, 3))"
    assert repr(none) == "LeastSquares(solution: array of shape (0, 4, 3), residual_norm: none, ranks: (4, 3))"
