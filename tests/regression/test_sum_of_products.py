"""Sums of products of 1D functions: recovered exactly where data are one, optimal where they are not, with gaps, on 1 to 3 axes."""

from typing import Any

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.regression import SumOfProducts, fit_sum_of_products

SEED = 1931
SHAPE = (9, 7, 5)
AXES = tuple(np.sort(np.random.default_rng(SEED).uniform(0, k + 1, n)) for k, n in enumerate(SHAPE))
FUNCTIONS = [  # cubic at most: their spline interpolation is exact
    (lambda x: 1 + x**3, lambda y: 2 - y, lambda z: 1 + z**2),
    (lambda x: x - 0.3, lambda y: y**2, lambda z: 3 - z**3),
]


def exact(*xs: Any) -> Any:
    """The sum of one product of the first functions of each axis, and one of the second."""
    terms = [[f(x) for f, x in zip(functions, xs, strict=False)] for functions in FUNCTIONS]
    return sum(weight * np.prod(np.broadcast_arrays(*term), axis=0) for weight, term in zip((1.0, -0.5), terms, strict=True))


def opened(axes: Any) -> Any:
    return np.meshgrid(*axes, indexing="ij", sparse=True)


def data(dimension: int) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
    axes = AXES[:dimension]
    return axes, exact(*opened(axes))


def fitted(dimension: int, rank: int | None = None) -> SumOfProducts:
    return fit_sum_of_products(*data(dimension), rank=rank or min(2, dimension))


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_a_sum_of_products_is_recovered(dimension: int) -> None:
    axes, values = data(dimension)
    fit = fitted(dimension)
    assert fit.converged
    assert fit.relative_error <= 1e-7
    assert np.abs(fit.values() - values).max() <= 1e-6 * np.abs(values).max()
    between = [np.linspace(x[0], x[-1], 6 + i) for i, x in enumerate(axes)]
    assert np.abs(fit.on_grid(*between) - exact(*opened(between))).max() <= 1e-5 * np.abs(values).max()


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_the_normal_form(dimension: int) -> None:
    """Weights positive and falling, columns of norm 1, the sign of a term in its first column."""
    fit = fitted(dimension)
    assert (np.diff(fit.weights) <= 0).all()
    assert (fit.weights > 0).all()
    for axis, factor in enumerate(fit.factors):
        assert factor.shape == (SHAPE[axis], fit.rank)
        assert np.allclose(np.linalg.norm(factor, axis=0), 1)
        largest = factor[np.abs(factor).argmax(axis=0), np.arange(fit.rank)]
        assert axis == 0 or (largest > 0).all()
    letters = "abc"[:dimension]
    direct = np.einsum("r," + ",".join(f"{c}r" for c in letters) + "->" + letters, fit.weights, *fit.factors)
    assert np.allclose(fit.values(), direct, rtol=0, atol=1e-13 * fit.weights[0])


def test_the_truncated_decomposition_is_the_closest() -> None:
    """Eckart and Young: what rank r misses are the singular values from r on."""
    values = np.random.default_rng(SEED).standard_normal(SHAPE[:2])
    singular = np.linalg.svd(values, compute_uv=False)
    for rank in (1, 3, 7):
        fit = fit_sum_of_products(AXES[:2], values, rank)
        tail = np.linalg.norm(singular[rank:])
        assert abs(np.linalg.norm(fit.values() - values) - tail) <= 1e-13 * singular[0]
        assert abs(fit.relative_error * np.linalg.norm(values) - tail) <= 1e-13 * singular[0]
        assert np.allclose(fit.singular_values, singular)
        assert np.allclose(fit.weights, singular[:rank])


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("as_nan", [True, False])
def test_missing_cells_are_filled(dimension: int, as_nan: bool) -> None:
    axes, values = data(dimension)
    known = np.random.default_rng(SEED).random(values.shape) > 0.15
    holed = np.where(known, values, np.nan if as_nan else 1e3)
    fit = fit_sum_of_products(axes, holed, rank=2, mask=None if as_nan else known)
    assert np.abs(fit.values() - values).max() <= 1e-3 * np.abs(values).max()
    assert fit.relative_error <= 1e-5
    assert len(fit.history) > 1


def test_gaps_do_not_count_in_the_error() -> None:
    axes, values = data(2)
    holed = values.copy()
    holed[3, 2] = np.nan
    fit = fit_sum_of_products(axes, holed, rank=1)
    known = np.isfinite(holed)
    missed = np.linalg.norm((fit.values() - values)[known]) / np.linalg.norm(values[known])
    assert missed > 1e-2
    assert abs(fit.relative_error - missed) <= 1e-12
    assert abs(fit.history[-1] - missed) <= 1e-9


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_it_is_called_like_a_function(dimension: int) -> None:
    fit = fitted(dimension)
    points = np.random.default_rng(SEED).random((dimension, 11)) * [[x[-1] - x[0]] for x in fit.axes] + [[x[0]] for x in fit.axes]
    field = fit.to_field()
    assert np.allclose(fit(*points), field(*points), rtol=0, atol=1e-12 * fit.weights[0])
    assert fit(*points[:, 0]).shape == ()
    grid = opened([p[:4] for p in points])
    assert np.allclose(fit(*grid), fit.on_grid(*(p[:4] for p in points)))
    assert np.allclose(fit(*opened(fit.axes)), fit.values(), rtol=0, atol=1e-12 * fit.weights[0])
    by_terms = sum(np.prod(np.broadcast_arrays(*(f(p) for f, p in zip(term.functions, points, strict=True))), axis=0) for term in fit.terms)
    assert np.allclose(by_terms, fit(*points), rtol=0, atol=1e-12 * fit.weights[0])


def test_degree_one_interpolates_linearly() -> None:
    x = np.array([0.0, 1.0, 3.0])
    fit = fit_sum_of_products((x,), [1.0, 2.0, 0.0], rank=1, degree=1)
    assert np.allclose(fit([0.5, 2.0]), [1.5, 1.0])


def test_storage_and_words() -> None:
    fit = fitted(3, rank=2)
    assert fit.storage_ratio == pytest.approx(2 * (9 + 7 + 5 + 1) / (9 * 7 * 5))
    assert repr(fit).startswith("SumOfProducts(rank 2 on 9 x 7 x 5, relative error ")


def test_zeros_are_zero() -> None:
    for dimension in (1, 2, 3):
        fit = fit_sum_of_products(AXES[:dimension], np.zeros(SHAPE[:dimension]), rank=1)
        assert not fit.values().any()
        assert fit.relative_error == 0


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_neither_small_nor_large_data_lose_their_error(size: float, gaps: bool) -> None:
    axes = tuple(np.arange(float(n)) for n in (7, 6))
    values = np.random.default_rng(7_411).standard_normal((7, 6))
    values[2, 3] = np.nan if gaps else 1.0
    plain, fit = (fit_sum_of_products(axes, v, rank=1) for v in (values, size * values))
    assert plain.relative_error > 0.3
    assert fit.relative_error == pytest.approx(plain.relative_error, rel=1e-9)
    assert fit.weights / size == pytest.approx(plain.weights, rel=1e-6)
    missed = np.where(np.isnan(values), 0.0, values - fit.values() / size)
    assert np.linalg.norm(missed) == pytest.approx(fit.relative_error * np.linalg.norm(values[~np.isnan(values)]), rel=1e-9)


def test_nothing_given_is_changed() -> None:
    axes, values = data(2)
    holed = np.where(values > 0.95 * values.max(), np.nan, values)
    before = holed.copy()
    fit_sum_of_products(axes, holed, rank=1)
    assert np.array_equal(before, holed, equal_nan=True)


X, Y = np.arange(4.0), np.arange(3.0)
GRID = np.ones((4, 3))


@pytest.mark.parametrize(
    ("axes", "values", "given", "said"),
    [
        ((X, Y), np.ones((3, 4)), {}, r"values: got an array of shape \(3, 4\), but the axes have \(4, 3\) points"),
        ((X, Y[::-1]), GRID, {}, r"axes\[1\]: point 1 \(1\) does not lie right of point 0 \(2\)"),
        (X, X, {}, r"axes: got array\(.*allowed is a tuple"),
        ((X, Y), GRID, {"rank": 4}, r"rank: got 4; an array of shape \(4, 3\) is a sum of 3 products at most"),
        ((X, Y), GRID, {"rank": 0}, "rank: got 0; allowed is an integer >= 1"),
        ((X, Y), GRID, {"mask": np.ones((3, 4), bool)}, r"mask: got an array of shape \(3, 4\)"),
        ((X, Y), GRID, {"mask": np.ones((4, 3))}, "mask: got an array of shape .* and type float64"),
        ((X, Y), np.where(X[:, None] == 2, np.nan, GRID), {}, r"nothing is observed on the line at index 2 of axis 0 \(2\)"),
        ((X, Y), np.where(Y == 1, np.nan, GRID), {}, r"nothing is observed on the line at index 1 of axis 1 \(1\)"),
        ((X, Y), np.where((X[:, None] == 2) & (Y == 0), np.nan, GRID), {"rank": 3}, "rank: got 3, which has 12 numbers .* 11 cells"),
        ((X, Y), np.where(X[:, None] == 2, np.inf, GRID), {}, r"the value at index \(2, 0\) is inf"),
        ((X, Y), GRID * 1j, {}, "values: got complex128 data"),
        (
            (X, Y),
            np.where((X[:, None] == 2) & (Y == 0), np.nan, GRID),
            {"mask": np.ones((4, 3), bool)},
            r"index \(2, 0\) is nan, and the mask",
        ),
    ],
)
def test_mistakes_are_named(axes: Any, values: Any, given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        fit_sum_of_products(axes, values, **{"rank": 1, **given})


def test_calls_that_do_not_fit() -> None:
    fit = fitted(2)
    with pytest.raises(ValueError, match=r"got 1 coordinates; this function has 2 \(x, y\)"):
        fit(0.5)
    with pytest.raises(ValueError, match=r"shapes x \(2,\), y \(3,\), which do not broadcast"):
        fit(np.ones(2), np.ones(3))
    with pytest.raises(ValueError, match="lies outside the axis"):
        fit(AXES[0][-1] + 1, 1.0)


def test_a_sum_of_products_is_no_field_of_other_axes() -> None:
    with pytest.raises(ValueError, match="source: got a function of 2 coordinates; this space has 1"):
        tfem.Poisson(tfem.box(x=(0, 1), cells=4), fitted(2), boundary=0.0)
