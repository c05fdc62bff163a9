"""Grids with weights and gaps: the dense weighted fit, by Cholesky's factor and by conjugate gradients."""

import math
from typing import Any

import numpy as np
import pytest

from tensorfem.regression import OneHot, SeparableRegressor, normal, weighted_fit, weighted_solve
from tests.regression.reference import SETTINGS, axes_of, estimator, reference

RNG = np.random.default_rng(50_923)
# Coefficients up to which all is dense, and up to which determinants and errors at many points are.
WAYS = {"dense": (10**6, 10**6), "iterative": (0, 0), "both": (0, 10**6)}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    dense, exact = WAYS[request.param]
    for module in (weighted_solve, weighted_fit):
        monkeypatch.setattr(module, "DENSE", dense)
    monkeypatch.setattr(weighted_solve, "EXACT", exact)
    return str(request.param)


def gappy(name: str) -> tuple[tuple[np.ndarray, ...], np.ndarray, np.ndarray]:
    """Values with a sixth missing, and weights over two decades."""
    axes = axes_of(name)
    values = 3.0 + RNG.standard_normal([x.size for x in axes])
    values[RNG.uniform(size=values.shape) < 1 / 6] = np.nan
    return axes, values, np.exp(RNG.uniform(-2.3, 2.3, values.shape))


@pytest.mark.parametrize("name", SETTINGS)
def test_it_is_the_dense_weighted_fit(name: str, way: str) -> None:
    axes, values, weights = gappy(name)
    copies = values.copy(), weights.copy()
    fitted = estimator(name).fit(axes, values, weights)
    full = reference(fitted, axes, values, weights)
    bound = (1e4 * np.finfo(float).eps if way == "dense" else 1e-9) * np.linalg.cond(full.matrix)
    assert np.abs(fitted.coefficients_.ravel() - full.coefficients).max() < bound * np.abs(full.coefficients).max()
    assert fitted.predict(axes).ravel() == pytest.approx(full.design @ full.coefficients, abs=1e-7)
    missing = np.isnan(values)
    assert np.array_equal(np.isnan(fitted.residuals_), missing)
    assert fitted.residuals_[~missing] == pytest.approx((values - fitted.predict(axes))[~missing], abs=1e-12)
    assert np.array_equal(values, copies[0], equal_nan=True)
    assert np.array_equal(weights, copies[1])


@pytest.mark.parametrize("name", SETTINGS)
def test_degrees_of_freedom_noise_and_standard_errors_are_exact(name: str, way: str) -> None:
    """Those that random signs estimate are so within a few standard deviations: sqrt(2 |hat|_F^2 / probes) at most."""
    axes, values, weights = gappy(name)
    fitted = estimator(name).fit(axes, values, weights)
    full = reference(fitted, axes, values, weights)
    slack = 1e-8 if way == "dense" else 4 * math.sqrt(2 * full.degrees / normal.PROBES)
    assert fitted.degrees_of_freedom_ == pytest.approx(full.degrees, abs=slack)
    assert fitted.noise_ == pytest.approx(np.sqrt(full.squares / (full.count - fitted.degrees_of_freedom_)), rel=1e-7)
    expected = fitted.noise_ * np.sqrt(full.variances(full.design)).reshape(values.shape)
    some = tuple(slice(None, None, 3) for _ in axes)
    assert fitted.standard_error(tuple(x[::3] for x in axes)) == pytest.approx(expected[some], rel=1e-6)
    table = np.stack([x[[0, -1]] for x in axes], axis=1)
    assert fitted.standard_error(table) == pytest.approx(expected.ravel()[[0, -1]], rel=1e-6)


@pytest.mark.parametrize("name", SETTINGS)
def test_equal_weights_are_none(name: str, way: str) -> None:
    axes = axes_of(name)
    values = RNG.standard_normal([x.size for x in axes])
    plain, weighted = estimator(name).fit(axes, values), estimator(name).fit(axes, values, np.ones(values.shape))
    assert weighted.coefficients_ == pytest.approx(plain.coefficients_, abs=1e-8)
    assert weighted.degrees_of_freedom_ == pytest.approx(plain.degrees_of_freedom_, rel=1e-6)
    assert weighted.noise_ == pytest.approx(plain.noise_, rel=1e-6)
    assert weighted.standard_error(axes) == pytest.approx(plain.standard_error(axes), rel=1e-6)


def test_weight_zero_is_missing_and_weights_scale_with_the_smoothing(way: str) -> None:
    axes, values, weights = gappy("two axes")
    smoothing = SETTINGS["two axes"][3]
    fitted = estimator("two axes").fit(axes, values, weights)
    zero = estimator("two axes").fit(axes, np.where(np.isnan(values), 1e6, values), np.where(np.isnan(values), 0.0, weights))
    assert np.array_equal(zero.coefficients_, fitted.coefficients_)
    heavier = estimator("two axes", smoothing=tuple(8 * s for s in smoothing)).fit(axes, values, 8 * weights)
    assert heavier.coefficients_ == pytest.approx(fitted.coefficients_, abs=1e-7)
    assert heavier.standard_error(axes) == pytest.approx(fitted.standard_error(axes), rel=1e-6)


def test_turned_axes_turn_the_fit(way: str) -> None:
    axes, values, weights = gappy("three axes")
    bases, _, _, smoothing = SETTINGS["three axes"]
    fitted = estimator("three axes").fit(axes, values, weights)
    order = (2, 0, 1)
    turned = SeparableRegressor([bases[i] for i in order], penalty=1, smoothing=[smoothing[i] for i in order])
    turned.fit(tuple(axes[i] for i in order), values.transpose(order), weights.transpose(order))
    assert turned.coefficients_ == pytest.approx(fitted.coefficients_.transpose(order), abs=1e-7)


@pytest.mark.parametrize("smoothing", [1e-3, 1e3, "gcv"])
def test_missing_lines_are_filled_by_the_smoothness(smoothing: Any, way: str) -> None:
    """A plane has no roughness: it comes back whole, whatever is missing, at the lines that are missing too."""
    x, y = np.linspace(0, 1, 14), np.linspace(0, 2, 9)
    plane = 1 + 2 * x[:, None] - 3 * y
    seen = np.where(RNG.uniform(size=plane.shape) < 0.3, np.nan, plane)
    seen[4:6], seen[:, 3] = np.nan, np.nan
    fitted = SeparableRegressor((8, 6), smoothing=smoothing).fit((x, y), seen)
    assert fitted.predict((x, y)) == pytest.approx(plane, abs=1e-6)


@pytest.mark.parametrize("smoothing", ["minimum norm", (1e-2, 0.0)])
def test_what_nothing_fixes_has_the_minimum_norm(smoothing: Any) -> None:
    """Cells that were not seen, and smoothing along the other axis alone: a line that is missing whole stays 0."""
    values = 2.0 + RNG.standard_normal((6, 5))
    values[:, 2] = np.nan
    values[1, 3] = np.nan
    axes = np.arange(6.0), np.arange(5.0)
    fitted = SeparableRegressor((OneHot(6), OneHot(5)), smoothing=smoothing).fit(axes, values)
    assert np.abs(fitted.coefficients_[:, 2]).max() < 1e-12
    if smoothing == "minimum norm":
        assert fitted.coefficients_ == pytest.approx(np.nan_to_num(values), abs=1e-12)


def test_fewer_observations_than_coefficients_without_smoothing() -> None:
    axes = np.arange(6.0), np.arange(5.0)
    values = np.where(np.eye(6, 5) > 0, 1.0, np.nan)
    message = r"smoothing: got 0, but 5 observations do not fix 30 coefficients; smooth .*smoothing='minimum norm', or use fewer functions"
    with pytest.raises(ValueError, match=message):
        SeparableRegressor((OneHot(6), OneHot(5)), smoothing=0).fit(axes, values)


@pytest.mark.parametrize("name", ["one axis", "two axes", "three axes"])
@pytest.mark.parametrize("criterion", ["gcv", "reml"])
def test_the_criteria_are_those_of_the_dense_fit(name: str, criterion: str) -> None:
    axes, values, weights = gappy(name)
    fitted = estimator(name, smoothing=criterion).fit(axes, values, weights)
    found = fitted.search_
    assert found is not None
    assert found.value <= found.values.min()
    full = reference(fitted, axes, values, weights)

    def expected(smoothing: tuple[float, ...]) -> float:
        return float(getattr(full._replace(smoothing=smoothing), criterion))

    places = [(0,) * found.values.ndim, tuple(n - 1 for n in found.values.shape)]
    tried = [tuple(float(axis[i]) for axis, i in zip(found.candidates, place, strict=True)) for place in places]
    shift = {"gcv": 0.0, "reml": expected(fitted.smoothing_) - found.value}[criterion]
    assert [found.values[place] + shift for place in places] == pytest.approx([expected(s) for s in tried], rel=1e-6)
    assert found.value + shift == pytest.approx(expected(fitted.smoothing_), rel=1e-6)


@pytest.mark.parametrize("criterion", ["gcv", "reml"])
def test_the_truth_is_found_where_a_third_is_missing(criterion: str) -> None:
    x, y = np.linspace(0, 1, 50), np.linspace(0, 2, 40)
    truth = np.sin(5 * x)[:, None] * np.cos(2 * y)
    values = np.where(RNG.uniform(size=truth.shape) < 1 / 3, np.nan, truth + 0.2 * RNG.standard_normal(truth.shape))
    fitted = SeparableRegressor((12, 10), smoothing=criterion).fit((x, y), values)
    assert fitted.noise_ == pytest.approx(0.2, rel=0.1)
    lower, upper = fitted.band((x, y))
    assert 0.88 < np.mean((lower < truth) & (truth < upper)) <= 1.0
    assert np.sqrt(np.mean((fitted.predict((x, y)) - truth) ** 2)) < 0.2 / 4


def test_many_standard_errors_of_many_coefficients_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"DENSE": 0, "EXACT": 0, "MANY": 150}.items():
        monkeypatch.setattr(weighted_solve, name, value)
    axes, values, weights = gappy("two axes")
    fitted = estimator("two axes").fit(axes, values, weights)
    with pytest.raises(
        ValueError, match=r"X: got 204 points; standard errors of a fit with 48 coefficients .*allowed are 150 at a time: ask"
    ):
        fitted.band(axes)
