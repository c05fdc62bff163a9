"""Sums of products of vectors: recovery, optimality, missing cells, and what is refused."""

import functools

import numpy as np
import pytest

from tensorfem.kron import cp
from tensorfem.kron.approximation.alternating import LeastSquaresFit, balanced, contracted, sum_of_products

SHAPES = {2: (9, 7), 3: (9, 7, 5), 4: (7, 6, 4, 3)}


def drawn(rng, shape, rank, kind="real"):
    """Factors of a tensor, and the tensor, term by term."""
    factors = [rng.standard_normal((n, rank)) + (1j * rng.standard_normal((n, rank)) if kind == "complex" else 0) for n in shape]
    terms = [functools.reduce(np.multiply.outer, [factor[:, r] for factor in factors]) for r in range(rank)]
    return factors, sum(terms)


@pytest.fixture(params=SHAPES)
def shape(request):
    return SHAPES[request.param]


@pytest.mark.parametrize("kind", ["real", "complex"])
@pytest.mark.parametrize("rank", [1, 3])
def test_a_sum_of_products_is_found_again(rng, shape, rank, kind) -> None:
    _, tensor = drawn(rng, shape, rank, kind)
    kept = tensor.copy()
    found = cp(tensor, rank)
    assert found.converged
    assert np.linalg.norm(found.toarray() - tensor) < 1e-6 * np.linalg.norm(tensor)
    assert found.relative_error == pytest.approx(np.linalg.norm(found.toarray() - tensor) / np.linalg.norm(tensor), abs=1e-12)
    assert np.array_equal(tensor, kept)


@pytest.mark.parametrize("kind", ["real", "complex"])
def test_the_factors_are_unique_for_three_axes(rng, kind) -> None:
    """Kruskal: up to order and signs, where two axes leave a rotation free. So each found column is parallel to a drawn one."""
    factors, tensor = drawn(rng, (9, 7, 5), 3, kind)
    found = cp(tensor, 3, tol=1e-12)
    for ours, theirs in zip(found.factors, factors, strict=True):
        cosines = np.abs(ours.conj().T @ (theirs / np.linalg.norm(theirs, axis=0)))
        assert np.sort(cosines.max(axis=1)) == pytest.approx(1, abs=1e-8)
        assert sorted(cosines.argmax(axis=1)) == [0, 1, 2]


@pytest.mark.parametrize("kind", ["real", "complex"])
def test_it_comes_in_normal_form(rng, shape, kind) -> None:
    found = cp(drawn(rng, shape, 3, kind)[1], 3)
    assert found.rank == 3
    assert (np.diff(found.weights) <= 0).all()
    assert (found.weights >= 0).all()
    for axis, factor in enumerate(found.factors):
        assert np.linalg.norm(factor, axis=0) == pytest.approx(1)
        largest = np.take_along_axis(factor, np.abs(factor).argmax(axis=0)[None], axis=0)
        assert axis == 0 or np.abs(largest - np.abs(largest)).max() < 1e-14


@pytest.mark.parametrize("kind", ["real", "complex"])
@pytest.mark.parametrize("rank", [1, 4, 7])
def test_two_axes_are_the_truncated_singular_value_decomposition(rng, rank, kind) -> None:
    tensor = rng.standard_normal((9, 7)) + (1j * rng.standard_normal((9, 7)) if kind == "complex" else 0)
    U, sigma, adjoint = np.linalg.svd(tensor, full_matrices=False)
    found = cp(tensor, rank)
    assert found.weights == pytest.approx(sigma[:rank], rel=1e-12)
    assert found.toarray() == pytest.approx((U[:, :rank] * sigma[:rank]) @ adjoint[:rank], abs=1e-12)
    assert found.history == pytest.approx([np.linalg.norm(sigma[rank:]) / np.linalg.norm(sigma)], abs=1e-13)
    assert "truncated singular value decomposition" in found.reason


def test_the_error_never_rises(rng) -> None:
    history = np.array(cp(rng.standard_normal((8, 6, 5)), 4, maxiter=60).history)
    assert len(history) > 5
    assert (np.diff(history) < 1e-13).all()


def test_where_it_converges_the_gradient_vanishes(rng) -> None:
    """The derivative of the squared error by each factor, by differences of the error itself."""
    tensor = rng.standard_normal((6, 5, 4))
    found = cp(tensor, 2, tol=1e-14, maxiter=3000)
    factors = balanced([found.factors[0] * found.weights, *found.factors[1:]])
    for axis, factor in enumerate(factors):
        direction = rng.standard_normal(factor.shape)
        moved = [
            np.linalg.norm(tensor - sum_of_products([f + sign * 1e-5 * (direction if i == axis else 0) for i, f in enumerate(factors)]))
            ** 2
            for sign in (1, -1)
        ]
        assert abs(moved[0] - moved[1]) / 2e-5 < 1e-5 * np.linalg.norm(tensor) ** 2


@pytest.mark.parametrize("kind", ["real", "complex"])
@pytest.mark.parametrize("rank", [1, 2])
def test_missing_cells_are_filled(rng, shape, rank, kind) -> None:
    _, tensor = drawn(rng, shape, rank, kind)
    mask = rng.random(shape) < 0.75
    found = cp(np.where(mask, tensor, np.nan), rank, mask=mask, tol=1e-12, maxiter=5000)
    assert found.converged
    assert np.abs(found.toarray() - tensor).max() < 1e-6 * np.abs(tensor).max()
    assert found.relative_error < 1e-8
    # What stands in a missing cell does not matter.
    other = cp(np.where(mask, tensor, 1e6), rank, mask=mask, tol=1e-12, maxiter=5000)
    assert np.array_equal(found.toarray(), other.toarray())


@pytest.mark.parametrize("kind", ["real", "complex"])
def test_a_row_fits_its_known_cells_in_the_least_squares_sense(rng, kind) -> None:
    """One update of axis 1, against `numpy.linalg.lstsq` row by row on the known cells."""
    tensor, mask = drawn(rng, (5, 4, 3), 5, kind)[1], rng.random((5, 4, 3)) < 0.7
    factors = drawn(rng, (5, 4, 3), 2, kind)[0]
    updated = LeastSquaresFit(tensor * mask, mask.astype(float), 1e-14)._updated(factors, 1)
    design = np.einsum("ir,kr->ikr", factors[0], factors[2])
    for j in range(4):
        known = mask[:, j]
        expected = np.linalg.lstsq(design[known], tensor[:, j][known], rcond=None)[0]
        assert updated[j] == pytest.approx(expected, abs=1e-10)


def test_a_mask_that_hides_nothing_changes_nothing(rng) -> None:
    _, tensor = drawn(rng, (6, 5, 4), 2)
    plain, masked = cp(tensor, 2), cp(tensor, 2, mask=np.ones(tensor.shape, bool))
    assert np.array_equal(plain.toarray(), masked.toarray())
    assert plain.history == masked.history


def test_the_same_seed_gives_the_same_and_more_starts_no_worse(rng) -> None:
    tensor = rng.standard_normal((6, 5, 4))
    seed = int(rng.integers(1 << 30))
    once, again, more = (cp(tensor, 3, seed=seed, starts=n, maxiter=200) for n in (1, 1, 4))
    assert np.array_equal(once.toarray(), again.toarray())
    assert more.relative_error <= once.relative_error


def test_a_ridge_bounds_the_weights_of_a_tensor_without_a_nearest(rng) -> None:
    """a a b + a b a + b a a has rank 3 but is a limit of rank 2: weights grow without bound, the more the longer one iterates."""
    a, b = np.linalg.qr(rng.standard_normal((5, 2)))[0].T
    tensor = sum(functools.reduce(np.multiply.outer, order) for order in ((a, a, b), (a, b, a), (b, a, a)))
    free, bounded = (cp(tensor, 2, ridge=ridge, maxiter=400, tol=1e-12) for ridge in (0.0, 1e-3))
    assert not free.converged
    assert "maxiter: after 400 sweeps" in free.reason
    earlier = cp(tensor, 2, maxiter=100, tol=1e-12)
    assert free.weights[0] > 1.2 * earlier.weights[0]
    assert free.weights[0] > 1.5 * bounded.weights[0]
    assert free.relative_error < bounded.relative_error < 0.4


def test_orthogonal_products_do_not_stay_at_zero() -> None:
    """The singular vectors of the unfolded tensor, paired in order, may be orthogonal to it."""
    tensor = np.zeros((3, 3, 3))
    tensor[0, 1, 2], tensor[1, 2, 0], tensor[2, 0, 1] = 3.0, 2.0, 1.0
    assert cp(tensor, 3, maxiter=3000, tol=1e-12).relative_error < 1e-6


def test_a_rank_beyond_an_axis_length(rng) -> None:
    _, tensor = drawn(rng, (8, 7, 2), 3)
    assert cp(tensor, 3, maxiter=3000, tol=1e-12).relative_error < 1e-6


def test_the_proximity_leaves_an_exact_sum_where_it_is(rng) -> None:
    """An exact sum is the fixed point of the proximal step, whatever its weight; of a ridge it would be none."""
    factors, tensor = drawn(rng, (9, 7, 5), 3)
    fit = LeastSquaresFit(tensor, None, proximity=0.5)
    assert fit.error(fit.swept(balanced(factors))) < 1e-13


def test_the_ridge_does_not_depend_on_the_units_of_the_data(rng) -> None:
    tensor = rng.standard_normal((6, 5, 4))
    small, large = (cp(units * tensor, 2, ridge=1e-2, maxiter=50) for units in (1.0, 2.0**12))
    assert large.history[-1] == pytest.approx(small.history[-1], abs=1e-9)
    assert large.weights == pytest.approx(2.0**12 * small.weights, rel=1e-6)


def test_a_rank_beyond_the_lengths_of_two_axes(rng) -> None:
    """A product that starts at zero along two axes has no gradient along any, and would stay there."""
    _, tensor = drawn(rng, (7, 2, 2), 3)
    assert cp(tensor, 3).relative_error < 1e-6


def test_zeros_are_fitted_by_zeros() -> None:
    found = cp(np.zeros((4, 3, 2)), 2)
    assert found.converged
    assert max(found.relative_error, found.weights[0]) < 1e-30


@pytest.mark.parametrize("masked", [False, True])
def test_single_precision_stays_single(rng, masked) -> None:
    tensor = drawn(rng, (8, 6, 5), 2)[1].astype(np.float32)
    mask = rng.random(tensor.shape) < 0.8 if masked else None
    found = cp(tensor, 2, mask=mask)
    assert found.toarray().dtype == np.float32
    assert found.converged
    assert found.relative_error < 1e-4


def test_bad_input_is_refused(rng) -> None:
    tensor = rng.standard_normal((5, 4, 3))
    broken, mask, thin = tensor.copy(), np.ones((5, 4, 3), bool), np.ones((5, 4, 3), bool)
    broken[1, 2, 0], mask[:, 3], thin[2] = np.nan, False, False
    thin[2, 0, 0] = True
    for call, words in [
        (lambda: cp(broken, 2), r"^tensor: got nan at \(1, 2, 0\); if such cells are missing, pass mask=~np.isnan\(x\)"),
        (
            lambda: cp(broken, 2, mask=np.isnan(tensor) | True),
            r"^tensor: got nan at \(1, 2, 0\), where the mask says that the cell is known",
        ),
        (lambda: cp(tensor, 2, mask=mask), r"^mask: all cells at index 3 of axis 1 are missing; .*: drop that index"),
        (lambda: cp(tensor, 2, mask=thin), r"^rank: got 2; only 1 cells are known at index 2 of axis 0, .* allowed is 1 to 1, or drop"),
        (lambda: cp(tensor, 13), r"^rank: got 13; any tensor of shape \(5, 4, 3\) is a sum of at most 12 products: allowed is 1 to 12"),
        (lambda: cp(tensor[0], 4), r"^rank: got 4; any tensor of shape \(4, 3\) is a sum of at most 3 products"),
        (lambda: cp(tensor, 0), r"^rank: got 0; allowed is an integer >= 1"),
        (lambda: cp(tensor[0, 0], 1), r"^tensor: got shape \(3,\); allowed are at least 2 axes"),
        (lambda: cp(tensor[:0], 1), r"^tensor: got shape \(0, 4, 3\); allowed are at least 2 axes, none of them empty"),
        (
            lambda: cp(tensor, 2, mask=mask[0]),
            r"^mask: got shape \(4, 3\) and type bool; allowed is bool, of the tensor's shape \(5, 4, 3\)",
        ),
        (lambda: cp(tensor, 2, mask=tensor), r"^mask: got shape \(5, 4, 3\) and type float64"),
        (lambda: cp(tensor, 2, tol=0), r"^tol: got 0.0; allowed is a number > 0"),
        (lambda: cp(tensor, 2, proximity=-1.0), r"^proximity: got -1.0; allowed is a number > 0"),
        (lambda: cp(tensor, 2, ridge=-1.0), r"^ridge: got -1.0; allowed is a number >= 0"),
        (lambda: cp(tensor, 2, maxiter=0), r"^maxiter: got 0; allowed is an integer >= 1"),
        (lambda: cp(tensor, 2, starts=0), r"^starts: got 0; allowed is an integer >= 1"),
    ]:
        with pytest.raises(ValueError, match=words):
            call()


def with_a_flag(result):
    """A product that leaves the processor's flag for an invalid operation behind, as BLAS may without any reason."""

    def product(*_, **__):
        np.sqrt(np.array(-1.0))
        return result

    return product


@pytest.mark.parametrize("function", [contracted, sum_of_products])
def test_flags_without_a_reason_are_no_warnings(rng, monkeypatch, function) -> None:
    factors, tensor = drawn(rng, (4, 3), 2)
    arguments = (tensor, factors, 0) if function is contracted else (factors,)
    expected = function(*arguments)
    monkeypatch.setattr(np, "einsum", with_a_flag(expected))
    np.testing.assert_array_equal(function(*arguments), expected)
    monkeypatch.setattr(np, "einsum", with_a_flag(np.full_like(expected, np.nan)))
    with pytest.warns(RuntimeWarning, match="invalid value"):
        function(*arguments)
    with np.errstate(invalid="raise"), pytest.raises(FloatingPointError, match="invalid value"):
        function(*arguments)
