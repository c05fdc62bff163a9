"""Compressed fields: optimal in the L2 norm, exact at the right rank, on 1 to 3 axes."""

from typing import Any

import numpy as np
import pytest

import tensorfem as tfem

SEED = 7321
BASES = (
    tfem.Lagrange(tfem.graded(0, 1, cells=6, size_ratio=50), degree=3),
    tfem.BSpline(tfem.interval(0, 3, cells=7), degree=2),
    tfem.Lagrange(tfem.interval(-1, 1, cells=5, periodic=True), degree=1),
)


def space(dimension: int) -> tfem.Space:
    return tfem.Space(*BASES[:dimension])


def drawn(dimension: int, rank: int | None = None) -> tfem.Field:
    """A field of coefficients drawn; with a rank, a sum of so many products."""
    rng, whole = np.random.default_rng(SEED), space(dimension)
    if rank is None:
        return tfem.Field(whole, rng.standard_normal(whole.shape))
    letters = "abc"[:dimension]
    factors = [rng.standard_normal((n, rank)) for n in whole.shape]
    return tfem.Field(whole, np.einsum(",".join(f"{c}r" for c in letters) + "->" + letters, *factors))


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_sums_of_products_are_recovered(dimension: int) -> None:
    rank = min(dimension, 2)
    u = drawn(dimension, rank)
    fit = tfem.fit_separable(u, rank)
    assert fit.converged
    assert u.l2_error(fit.to_field()) <= 1e-6 * u.l2_norm()
    assert u.l2_error(fit) <= 1e-6 * u.l2_norm()


@pytest.mark.parametrize("rank", [1, 2, 5, 9])
def test_the_error_is_the_tail_of_the_singular_values(rank: int) -> None:
    """And no sum of so many products is closer in L2: the plain singular value decomposition of the coefficients is not."""
    u = drawn(2)
    fit = tfem.fit_separable(u, rank)
    error, tail = u.l2_error(fit.to_field()), np.linalg.norm(fit.singular_values[rank:])
    assert abs(error - tail) <= 1e-12 * u.l2_norm()
    assert abs(np.linalg.norm(fit.singular_values) - u.l2_norm()) <= 1e-12 * u.l2_norm()
    assert abs(fit.relative_error * u.l2_norm() - tail) <= 1e-12 * u.l2_norm()
    U, values, V = np.linalg.svd(u.coefficients, full_matrices=False)
    plain = tfem.Field(u.space, (U[:, :rank] * values[:rank]) @ V[:rank])
    assert rank == 9 or u.l2_error(plain) > 1.01 * error


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_the_functions_have_norm_one(dimension: int) -> None:
    fit = tfem.fit_separable(drawn(dimension), 1)
    for axis, functions in enumerate(fit.functions):
        for column, function in zip(fit.factors[axis].T, functions, strict=True):
            assert function.space.bases == (BASES[axis],)
            assert function.l2_norm() == pytest.approx(1, abs=1e-12)
            assert np.allclose(function.values, column, rtol=0, atol=1e-12 * np.abs(column).max())
            assert axis == 0 or column[np.abs(column).argmax()] > 0
    for axis, x in enumerate(fit.axes):
        assert np.array_equal(x, fit.space.nodes[axis])


def test_the_functions_are_orthogonal_for_two_axes() -> None:
    fit = tfem.fit_separable(drawn(2), 4)
    for mass, coefficients in zip(fit.space.mass.factors, fit.coefficients, strict=True):
        assert np.allclose(coefficients.T @ mass @ coefficients, np.eye(4), rtol=0, atol=1e-12)


def test_more_axes_by_a_local_optimum() -> None:
    """The relative error is that in L2, and at most that of the best term alone."""
    u = drawn(3)
    one, three = tfem.fit_separable(u, 1), tfem.fit_separable(u, 3)
    for fit in (one, three):
        assert u.l2_error(fit.to_field()) / u.l2_norm() == pytest.approx(fit.relative_error, rel=1e-6)
    assert three.relative_error < one.relative_error


@pytest.mark.parametrize("dimension", [2, 3])
def test_the_rank_for_a_tolerance(dimension: int) -> None:
    u = tfem.interpolate(space(dimension), lambda *xs: np.exp(-(sum(xs) ** 2) / 3))
    fit = tfem.fit_separable(u, rtol=0.01)
    assert u.l2_error(fit.to_field()) <= 0.01 * u.l2_norm() * (1 + 1e-9)
    assert tfem.fit_separable(u, fit.rank - 1).relative_error > 0.01
    assert fit.storage_ratio < 1


def test_a_solution_is_compressed() -> None:
    u = tfem.Poisson(tfem.box(x=(0, 2), y=(0, 1), cells=(40, 30), degree=2), 1.0, boundary=0.0).solve()
    fit = tfem.fit_separable(u, rtol=1e-6)
    assert fit.rank < 10
    assert fit.storage_ratio < 0.3
    assert abs(float(fit(1.0, 0.5)) - float(u(1.0, 0.5))) < 1e-4 * u.max()


@pytest.mark.parametrize("dimension", [1, 2, 3])
@pytest.mark.parametrize("wish", [{"rtol": 1e-3}, {"rank": 1}])
def test_zero_is_zero(dimension: int, wish: dict[str, Any]) -> None:
    u = tfem.interpolate(space(dimension), 0.0)
    fit = tfem.fit_separable(u, **wish)
    assert (fit.rank, fit.relative_error, fit.weights.tolist()) == (1, 0.0, [0.0])
    assert not fit.to_field().coefficients.any()
    assert not fit(*[np.array([0.25, 0.5])] * dimension).any()
    assert u.space.load(fit).tolist() == u.space.load(0.0).tolist()


@pytest.mark.parametrize("dimension", [1, 2, 3])
@pytest.mark.parametrize("exponent", [-660, 660])
def test_neither_small_nor_large_fields_lose_their_error(dimension: int, exponent: int) -> None:
    """Of 2**-660, 1e-199, every square is 0, and of 2**660 infinite: a power of two changes the weights and nothing else."""
    u = drawn(dimension)
    scaled = tfem.Field(u.space, np.ldexp(u.coefficients, exponent))
    for wish in ({"rank": 1}, {"rtol": 0.5}):
        plain, fit = tfem.fit_separable(u, **wish), tfem.fit_separable(scaled, **wish)
        assert (fit.rank, fit.relative_error) == (plain.rank, plain.relative_error)
        assert dimension == 1 or fit.relative_error > 0.1
        assert np.array_equal(fit.weights, np.ldexp(plain.weights, exponent))
        assert all(np.array_equal(a, b) for a, b in zip(fit.factors, plain.factors, strict=True))
        if plain.singular_values is not None:
            assert np.array_equal(fit.singular_values, np.ldexp(plain.singular_values, exponent))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "got rank=None and rtol=None; give one of them"),
        ({"rank": 2, "rtol": 0.1}, "got rank=2 and rtol=0.1; give one of them"),
        ({"rank": 0}, "rank: got 0; allowed is an integer from 1 to 9"),
        ({"rank": 10}, "rank: got 10; allowed is an integer from 1 to 9"),
        ({"rtol": 0.0}, "rtol: got 0; allowed is a number > 0"),
    ],
)
def test_mistakes_are_named(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        tfem.fit_separable(drawn(2), **given)


def test_what_is_no_field_is_named() -> None:
    with pytest.raises(ValueError, match="u: got an object of type ndarray; allowed is a Field"):
        tfem.fit_separable(np.ones((3, 3)), 1)  # type: ignore[arg-type]


def test_a_tolerance_out_of_reach() -> None:
    u = drawn(3)
    small = tfem.Field(tfem.box(x=(0, 1), y=(0, 1), z=(0, 1), cells=1), u.coefficients[:2, :2, :2])
    with pytest.raises(ValueError, match=r"rtol: got 1e-300, but 4 products still miss"):
        tfem.fit_separable(small, rtol=1e-300)
