"""Robust fits: outliers count less, the iteration ends at its fixed point, and clean data are fitted as ever."""

from typing import Any

import numpy as np
import pytest

from tensorfem.regression import SeparableRegressor
from tensorfem.regression.reweighting import LOSSES
from tests.regression.reference import estimator, reference

RNG = np.random.default_rng(12_917)
X, Y = np.linspace(0, 1, 40), np.linspace(0, 2, 30)
TRUTH = np.sin(5 * X)[:, None] * np.cos(2 * Y)
CLEAN = TRUTH + 0.1 * RNG.standard_normal(TRUTH.shape)
WRONG = RNG.uniform(size=TRUTH.shape) < 0.1
DIRTY = CLEAN + np.where(WRONG, RNG.choice([-8.0, 5.0], TRUTH.shape), 0.0)
TABLE = np.stack(np.broadcast_arrays(X[:, None], Y), axis=-1).reshape(-1, 2)


def error(fitted: SeparableRegressor) -> float:
    return float(np.sqrt(np.mean((fitted.predict((X, Y)) - TRUTH) ** 2)))


@pytest.mark.parametrize("smoothing", ["gcv", "reml"])
@pytest.mark.parametrize("form", ["grid", "gaps", "table"])
def test_a_tenth_of_outliers_does_no_harm(form: str, smoothing: str) -> None:
    gaps = RNG.uniform(size=TRUTH.shape) < (0.1 if form == "gaps" else 0.0)
    clean, dirty = (np.where(gaps, np.nan, values) for values in (CLEAN, DIRTY))
    data = [(TABLE, values.ravel()) if form == "table" else ((X, Y), values) for values in (clean, dirty)]
    best, plain = (SeparableRegressor((9, 7), smoothing=smoothing).fit(*d) for d in data)
    robust = SeparableRegressor((9, 7), smoothing=smoothing, robust=True).fit(*data[1])
    assert error(robust) < 1.25 * error(best)
    assert error(plain) > 5 * error(best)
    assert robust.noise_ == pytest.approx(0.1, rel=0.2)
    assert robust.robust_weights_ is not None
    shares = robust.robust_weights_.reshape(TRUTH.shape)
    assert shares[WRONG | gaps].max() == 0.0
    assert shares[~WRONG & ~gaps].mean() > 0.85
    lower, upper = robust.band((X, Y))
    assert np.mean((lower < TRUTH) & (upper > TRUTH)) > 0.85


@pytest.mark.parametrize("loss", ["huber", "bisquare"])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_fit_is_the_weighted_one_of_its_own_shares(loss: str, weighted: bool) -> None:
    """The noise is the scaled median of the residuals, a share follows from the residual over it, and the fit from the shares."""
    weights = np.exp(RNG.uniform(-1, 1, TRUTH.shape)) if weighted else np.ones(TRUTH.shape)
    fitted = SeparableRegressor((6, 5), smoothing=1e-4, robust=loss).fit((X, Y), DIRTY, weights)
    sizes = np.abs(DIRTY - fitted.predict((X, Y))) * np.sqrt(weights)
    assert fitted.noise_ == pytest.approx(1.4826 * np.median(sizes), rel=1e-12)
    ratio = sizes / fitted.noise_ / LOSSES[loss]
    shares = np.minimum(1, 1 / ratio) if loss == "huber" else np.clip(1 - ratio**2, 0, None) ** 2
    assert fitted.robust_weights_ == pytest.approx(shares, abs=1e-3)
    full = reference(fitted, (X, Y), DIRTY, weights * fitted.robust_weights_)
    full = full._replace(smoothing=tuple(s * weights.size / full.count for s in full.smoothing))
    assert fitted.coefficients_.ravel() == pytest.approx(full.coefficients, abs=1e-5)


def test_huber_is_the_least_of_its_convex_loss() -> None:
    """Against a dense iteration of the test's own, from another start, at the scale that was found."""
    fitted = estimator("two axes", robust="huber").fit(X_SMALL, Y_SMALL)
    full = reference(fitted, X_SMALL, Y_SMALL)
    limit, coefficients = 1.345 * fitted.noise_, np.zeros(full.design.shape[1])
    for _ in range(300):
        residuals = np.abs(full.values - full.design @ coefficients)
        weights = np.minimum(1.0, limit / np.maximum(residuals, 1e-300))
        matrix = (full.design.T * weights) @ full.design / full.count + full.penalty
        coefficients = np.linalg.solve(matrix, full.design.T @ (weights * full.values) / full.count)
    assert fitted.predict(X_SMALL).ravel() == pytest.approx(full.design @ coefficients, abs=1e-3)


X_SMALL = np.linspace(0, 1, 17), np.linspace(0, 1, 12)
Y_SMALL = np.sin(3 * X_SMALL[0])[:, None] + X_SMALL[1] + 0.1 * RNG.standard_t(2, (17, 12))


@pytest.mark.parametrize("loss", ["huber", "bisquare"])
def test_clean_data_are_fitted_as_ever(loss: str) -> None:
    plain = SeparableRegressor((9, 7)).fit((X, Y), CLEAN)
    robust = SeparableRegressor((9, 7), robust=loss).fit((X, Y), CLEAN)
    assert error(robust) < 1.2 * error(plain)
    assert robust.noise_ == pytest.approx(plain.noise_, rel=0.1)
    assert plain.robust_weights_ is None


def test_units_do_not_matter() -> None:
    one = SeparableRegressor((6, 5), smoothing=1e-4, robust=True).fit((X, Y), DIRTY)
    milli = SeparableRegressor((6, 5), smoothing=1e-4, robust=True).fit((X, Y), 1000 * DIRTY)
    assert milli.coefficients_ == pytest.approx(1000 * one.coefficients_, rel=1e-6, abs=1e-4)
    assert milli.robust_weights_ == pytest.approx(one.robust_weights_, abs=1e-6)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"robust": "tukey"}, r"robust: got 'tukey'; allowed are True, False, 'huber', 'bisquare'"),
        ({"robust": True, "family": "poisson"}, r"robust: got True with the family 'poisson'; allowed is the family 'gaussian'"),
    ],
)
def test_what_is_no_loss_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SeparableRegressor((6, 5), **settings).fit((X, Y), np.abs(DIRTY))
