"""Counts and shares: the score equations, an iteration written out, and what the links promise."""

from typing import Any

import numpy as np
import pytest

from tensorfem.regression import OneHot, Polynomials, SeparableRegressor, weighted_fit, weighted_solve
from tests.regression.reference import Reference, axes_of, estimator, reference, table_of

RNG = np.random.default_rng(44_207)
WAYS = {"dense": (10**6, 10**6), "iterative": (0, 0)}
FAMILIES = ("poisson", "binomial")
NAMES = ("one axis", "two axes", "three axes")


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    few, exact = WAYS[request.param]
    for module in (weighted_solve, weighted_fit):
        monkeypatch.setattr(module, "DENSE", few)
    monkeypatch.setattr(weighted_solve, "EXACT", exact)
    return str(request.param)


def drawn(family: str, function: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Data, and weights: trials of shares, or how many counts a mean of counts is of."""
    weights = RNG.integers(1, 6, function.shape).astype(float)
    if family == "poisson":
        return RNG.poisson(weights * np.exp(function)) / weights, weights
    return RNG.binomial(weights.astype(int), logistic(function)) / weights, weights


def logistic(function: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-function))


def mean_and_variance(family: str, function: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean = np.exp(function) if family == "poisson" else logistic(function)
    return mean, mean if family == "poisson" else mean * (1 - mean)


def problem(name: str, form: str, family: str) -> tuple[Any, np.ndarray, np.ndarray]:
    X: Any = axes_of(name) if form == "grid" else table_of(name)
    columns = np.meshgrid(*X, indexing="ij") if form == "grid" else list(X.T)
    values, weights = drawn(family, np.asarray(sum(np.sin(3 * c) for c in columns)) - 0.5)
    if form == "grid":
        values[RNG.uniform(size=values.shape) < 0.1] = np.nan
    return X, values, weights


def scored(full: Reference, family: str) -> np.ndarray:
    """Newton's method for the penalized likelihood, written out."""
    coefficients = np.zeros(full.design.shape[1])
    for _ in range(60):
        mean, variance = mean_and_variance(family, full.design @ coefficients)
        gradient = full.design.T @ (full.weights * (full.values - mean)) / full.count - full.penalty @ coefficients
        hessian = (full.design.T * (full.weights * variance)) @ full.design / full.count + full.penalty
        coefficients = coefficients + np.linalg.solve(hessian, gradient)
    return coefficients


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("form", ["grid", "table"])
@pytest.mark.parametrize("name", NAMES)
def test_it_is_the_maximum_of_the_penalized_likelihood(name: str, form: str, family: str, way: str) -> None:
    X, values, weights = problem(name, form, family)
    fitted = estimator(name, family=family).fit(X, values, weights)
    full = reference(fitted, X, values, weights)
    best = full.design @ scored(full, family)
    assert fitted.predictor(X).ravel() == pytest.approx(best, abs=1e-6)
    mean, variance = mean_and_variance(family, best)
    assert fitted.predict(X).ravel() == pytest.approx(mean, abs=1e-6)
    score = full.design.T @ (full.weights * (full.values - mean)) / full.count - full.penalty @ fitted.coefficients_.ravel()
    assert np.abs(score).max() < 1e-7
    last = full._replace(weights=full.weights * variance)
    if way == "dense":
        assert fitted.degrees_of_freedom_ == pytest.approx(last.degrees, rel=1e-4)
    expected = np.sqrt(last.variances(last.design[:9]))
    points = X if form == "table" else np.stack([c.ravel() for c in np.meshgrid(*X, indexing="ij")], axis=1)
    assert fitted.standard_error(points[:9]) == pytest.approx(expected, rel=1e-4)
    assert fitted.noise_ == 1.0


@pytest.mark.parametrize("family", FAMILIES)
def test_the_deviance_is_twice_the_loss_of_likelihood(family: str) -> None:
    from scipy import stats

    X, values, weights = problem("two axes", "table", family)
    fitted = estimator("two axes", family=family).fit(X, values, weights)
    mean = fitted.predict(X)
    totals = np.rint(values * weights)
    if family == "poisson":
        gain = stats.poisson.logpmf(totals, totals) - stats.poisson.logpmf(totals, weights * mean)
    else:
        gain = stats.binom.logpmf(totals, weights, totals / weights) - stats.binom.logpmf(totals, weights, mean)
    assert fitted.deviance_ == pytest.approx(2 * np.sum(gain), rel=1e-9)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("criterion", ["gcv", "reml"])
def test_the_smoothing_finds_the_truth(family: str, criterion: str) -> None:
    x, y = np.linspace(0, 1, 50), np.linspace(0, 2, 40)
    function = np.sin(5 * x)[:, None] * np.cos(2 * y) + 0.5
    values, weights = drawn(family, function)
    fitted = SeparableRegressor((9, 8), family=family, smoothing=criterion).fit((x, y), values, weights)
    assert np.sqrt(np.mean((fitted.predictor((x, y)) - function) ** 2)) < 0.15
    truth, _ = mean_and_variance(family, function)
    lower, upper = fitted.band((x, y))
    assert 0.85 < np.mean((lower < truth) & (truth < upper)) <= 1.0
    assert lower.min() > 0
    assert family == "poisson" or upper.max() < 1
    half = 1.6448536269514722 * fitted.standard_error((x, y))
    assert fitted.band((x, y), 0.9)[1] == pytest.approx(mean_and_variance(family, fitted.predictor((x, y)) + half)[0], rel=1e-12)


@pytest.mark.parametrize("family", FAMILIES)
def test_one_mean_for_all_is_the_mean(family: str) -> None:
    X, values, weights = problem("two axes", "table", family)
    constant = SeparableRegressor(tuple(Polynomials(0, (0, 1)) for _ in range(2)), family=family, smoothing="minimum norm")
    fitted = constant.fit(X, values, weights)
    assert fitted.predict(X) == pytest.approx(np.average(values, weights=weights), rel=1e-8)
    assert fitted.standard_error(X[:1]) ** 2 == pytest.approx(
        1 / np.sum(weights * mean_and_variance(family, fitted.predictor(X))[1]), rel=1e-6
    )


def test_trials_are_single_successes_and_failures() -> None:
    """Shares with trials as weights, or a row per trial: the same likelihood, the same fit."""
    places, trials = np.linspace(0, 1, 12), RNG.integers(2, 9, 12)
    successes = np.minimum(RNG.integers(1, 9, 12), trials - 1)
    rows = np.repeat(places, trials)[:, None]
    single = np.concatenate([np.arange(n) < k for n, k in zip(trials, successes, strict=True)]).astype(float)
    polynomials = SeparableRegressor((Polynomials(3, (0, 1)),), family="binomial", smoothing="minimum norm")
    alone = polynomials.fit(rows, single).coefficients_
    together = polynomials.fit(places[:, None], successes / trials, trials.astype(float)).coefficients_
    assert together == pytest.approx(alone, abs=1e-6)


@pytest.mark.parametrize("smoothing", [1e-4, "gcv", "reml"])
def test_perfectly_separated_shares_still_have_a_fit(smoothing: Any) -> None:
    x, y = np.linspace(0, 1, 24), np.linspace(0, 1, 16)
    steps = np.broadcast_to((x[:, None] > 0.5).astype(float), (24, 16))
    fitted = SeparableRegressor((6, 4), family="binomial", smoothing=smoothing).fit((x, y), steps)
    assert np.abs(fitted.predict((x, y)) - steps).max() < 0.1
    assert np.isfinite(fitted.coefficients_).all()


def test_nothing_was_counted_anywhere() -> None:
    x, y = np.linspace(0, 1, 24), np.linspace(0, 1, 16)
    fitted = SeparableRegressor((6, 4), family="poisson", smoothing=1e-3).fit((x, y), np.zeros((24, 16)))
    assert 0 <= fitted.predict((x, y)).max() < 1e-6


@pytest.mark.parametrize("scale", [1.0, 1e4, 1e8])
def test_large_counts_do_not_overflow(scale: float) -> None:
    """A range of seven decades, and steps that would be too long."""
    x, y = np.linspace(0, 1, 24), np.linspace(0, 1, 16)
    counts = np.floor(scale * np.exp(16 * x[:, None] * y))
    fitted = SeparableRegressor((6, 4), family="poisson", smoothing=1e-8).fit((x, y), counts)
    assert fitted.predict((x, y)).sum() == pytest.approx(counts.sum(), rel=1e-6)
    assert fitted.score((x, y), counts) > 0.999


@pytest.mark.parametrize(
    ("settings", "values", "message"),
    [
        ({"family": "poisson"}, [[1.0, -2.0]], r"y: for the family 'poisson', the count -2 is negative; allowed are numbers >= 0"),
        (
            {"family": "binomial"},
            [[0.5, 1.5]],
            r"y: for the family 'binomial', the share 1\.5 is no number from 0 to 1; give shares of succ",
        ),
        ({"family": "gamma"}, [[0.5, 1.5]], r"family: got 'gamma'; allowed are 'gaussian', 'poisson', 'binomial'"),
    ],
)
def test_what_is_no_such_data_is_refused(settings: dict[str, Any], values: list[list[float]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SeparableRegressor((OneHot(1), OneHot(2)), **settings).fit((np.zeros(1), np.arange(2.0)), values)
