"""Weighted, incomplete, scattered, robust and counted data: the fits are those of the dense formulas."""

import functools
import itertools
from typing import Any

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.regression import OneHot, SeparableRegressor
from tensorfem.regression import weighted_solve as solves

RNG = np.random.default_rng(21_377)
X, Y = np.linspace(0, 1, 14), np.linspace(0, 2, 11)
TRUTH = np.sin(4 * X)[:, None] * np.cos(2 * Y) + Y
NOISY = TRUTH + 0.2 * RNG.standard_normal(TRUTH.shape)
WEIGHTS = RNG.uniform(0.2, 3.0, TRUTH.shape)
TABLE = np.array(list(itertools.product(X, Y)))
SMOOTHING = (1e-4, 3e-4)
BASES = (5, 4)


@pytest.fixture(params=["dense", "iterative"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of solving the normal equations."""
    if request.param == "iterative":
        monkeypatch.setattr(solves, "DENSE", 0)
    return str(request.param)


def matrices(fitted: SeparableRegressor, table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The design at points row by row, and the penalty, written out."""
    rows = [basis.matrix(x).toarray() for basis, x in zip(fitted.bases_, table.T, strict=True)]
    design = np.stack([functools.reduce(np.kron, row) for row in zip(*rows, strict=True)])
    axes = (X, Y) if table is TABLE else tuple(table.T)
    grams = [(B.T @ B / len(B)) for B in (basis.matrix(x).toarray() for basis, x in zip(fitted.bases_, axes, strict=True))]
    rough = [np.asarray((basis.root(2).T @ basis.root(2)).toarray()) for basis in fitted.bases_]
    penalty = fitted.smoothing_[0] * np.kron(rough[0], grams[1]) + fitted.smoothing_[1] * np.kron(grams[0], rough[1])
    return design, penalty


def dense(fitted: SeparableRegressor, weights: np.ndarray, values: np.ndarray, table: np.ndarray = TABLE) -> tuple[np.ndarray, ...]:
    """Coefficients, the inverse of the normal matrix, and the trace of the hat matrix."""
    design, penalty = matrices(fitted, table)
    count = np.count_nonzero(weights)
    squares = design.T @ (weights[:, None] * design) / count
    inverse = np.linalg.inv(squares + penalty)
    return inverse @ (design.T @ (weights * values)) / count, inverse, np.trace(inverse @ squares)


def test_equal_weights_change_nothing(way: str) -> None:
    plain = SeparableRegressor(BASES, smoothing=SMOOTHING).fit((X, Y), NOISY)
    weighted = SeparableRegressor(BASES, smoothing=SMOOTHING).fit((X, Y), NOISY, np.ones_like(NOISY))
    assert weighted.coefficients_ == pytest.approx(plain.coefficients_, abs=1e-8)
    assert weighted.noise_ == pytest.approx(plain.noise_, rel=1e-6)
    assert weighted.degrees_of_freedom_ == pytest.approx(plain.degrees_of_freedom_, rel=1e-6)
    assert weighted.standard_error((X, Y)) == pytest.approx(plain.standard_error((X, Y)), rel=1e-6)


def test_weights_and_missing_cells_are_those_of_the_normal_equations(way: str) -> None:
    weights, values = WEIGHTS.copy(), NOISY.copy()
    values[RNG.random(values.shape) < 0.3] = np.nan
    values[6] = np.nan  # a whole line
    weights[0, :4] = 0.0
    kept = values.copy()
    fitted = SeparableRegressor(BASES, smoothing=SMOOTHING).fit((X, Y), values, weights)
    used = np.where(np.isnan(values), 0.0, weights).ravel()
    expected, inverse, trace = dense(fitted, used, np.nan_to_num(values).ravel())
    assert fitted.coefficients_.ravel() == pytest.approx(expected, abs=1e-7)
    residuals = np.nan_to_num(values).ravel() - matrices(fitted, TABLE)[0] @ expected
    noise = np.sqrt(np.sum(used * residuals**2) / (np.count_nonzero(used) - trace))
    if way == "dense":
        assert fitted.degrees_of_freedom_ == pytest.approx(trace, rel=1e-9)
        assert fitted.noise_ == pytest.approx(noise, rel=1e-9)
    else:
        assert fitted.degrees_of_freedom_ == pytest.approx(trace, rel=0.15)
    design = matrices(fitted, TABLE)[0]
    variances = np.einsum("ki,ij,kj->k", design, inverse, design) / np.count_nonzero(used)
    assert fitted.standard_error((X, Y)).ravel() == pytest.approx(fitted.noise_ * np.sqrt(variances), rel=1e-6)
    assert np.array_equal(np.isnan(fitted.residuals_), (used == 0).reshape(values.shape))
    assert np.array_equal(values, kept, equal_nan=True)


def test_rows_of_a_grid_are_the_grid(way: str) -> None:
    """Also shuffled, and with weights: axes have the same mean squares, so the roughness is the same."""
    order = RNG.permutation(len(TABLE))
    grid = SeparableRegressor(BASES, smoothing=SMOOTHING).fit((X, Y), NOISY, WEIGHTS)
    rows = SeparableRegressor(BASES, smoothing=SMOOTHING).fit(TABLE[order], NOISY.ravel()[order], WEIGHTS.ravel()[order])
    assert rows.coefficients_ == pytest.approx(grid.coefficients_, abs=1e-7)
    assert rows.predict(TABLE) == pytest.approx(grid.predict((X, Y)).ravel(), abs=1e-7)
    assert rows.standard_error(TABLE[:5]) == pytest.approx(grid.standard_error((X, Y)).ravel()[:5], rel=1e-5 if way == "dense" else 0.1)


def test_scattered_points_are_those_of_the_normal_equations(way: str) -> None:
    table = RNG.uniform([0.0, 0.0], [1.0, 2.0], (90, 2))
    values = np.sin(4 * table[:, 0]) * table[:, 1]
    fitted = SeparableRegressor((4, 3), smoothing=SMOOTHING).fit(table, values)
    expected, _, trace = dense(fitted, np.ones(90), values, table)
    assert fitted.coefficients_.ravel() == pytest.approx(expected, abs=1e-7)
    assert fitted.degrees_of_freedom_ == pytest.approx(trace, rel=1e-9 if way == "dense" else 0.1)


def test_three_axes_of_scattered_points(way: str) -> None:
    table = RNG.uniform(0, 1, (400, 3)) * [3.0, 2.0, 1.0]
    values = table[:, 0] ** 2 - table[:, 1] * table[:, 2]
    fitted = SeparableRegressor((3, 2, 1), smoothing=1e-9).fit(table, values)
    assert fitted.predict(table) == pytest.approx(values, abs=1e-4)


@pytest.mark.parametrize("criterion", ["gcv", "reml"])
def test_the_smoothing_found_is_that_of_the_grid(criterion: str) -> None:
    grid = SeparableRegressor(BASES, smoothing=criterion).fit((X, Y), NOISY)
    weighted = SeparableRegressor(BASES, smoothing=criterion).fit((X, Y), NOISY, np.ones_like(NOISY))
    assert np.log(weighted.smoothing_) == pytest.approx(np.log(grid.smoothing_), abs=0.3)
    assert weighted.predict((X, Y)) == pytest.approx(grid.predict((X, Y)), abs=0.02)


def test_missing_data_are_filled_by_what_is_smooth() -> None:
    holes = NOISY.copy()
    holes[5:8, 3:6] = np.nan
    fitted = SeparableRegressor(BASES).fit((X, Y), holes)
    assert np.abs(fitted.predict((X, Y)) - TRUTH)[5:8, 3:6].max() < 3 * 0.2
    lower, upper = fitted.band((X, Y))
    assert (upper - lower)[6, 4] > (upper - lower)[11, 4]


@pytest.mark.parametrize("loss", ["huber", "bisquare", True])
def test_outliers_count_less(loss: Any) -> None:
    x, y = np.linspace(0, 1, 40), np.linspace(0, 2, 30)
    truth = np.sin(4 * x)[:, None] * np.cos(2 * y)
    values = truth + 0.1 * RNG.standard_normal(truth.shape)
    far = RNG.random(truth.shape) < 0.1
    values[far] += RNG.choice([-6.0, 6.0], int(far.sum()))
    plain = SeparableRegressor((8, 6)).fit((x, y), values)
    robust = SeparableRegressor((8, 6), robust=loss).fit((x, y), values)
    error = [np.sqrt(np.mean((f.predict((x, y)) - truth) ** 2)) for f in (plain, robust)]
    assert error[1] < error[0] / 2
    assert robust.robust_weights_ is not None
    assert robust.robust_weights_[far].max() < 0.2
    assert np.median(robust.robust_weights_[~far]) > 0.85
    assert plain.robust_weights_ is None
    assert robust.noise_ == pytest.approx(0.1, rel=0.25)


@pytest.mark.parametrize("loss", ["huber", "bisquare"])
def test_a_robust_fit_is_where_its_slope_is_nothing(loss: str) -> None:
    """The weighted residuals are orthogonal to the functions but for the roughness."""
    values = NOISY.copy()
    values[3, 3] += 20.0
    fitted = SeparableRegressor(BASES, smoothing=SMOOTHING, robust=loss).fit((X, Y), values)
    design, penalty = matrices(fitted, TABLE)
    assert fitted.robust_weights_ is not None
    slope = design.T @ (fitted.robust_weights_ * fitted.residuals_).ravel() / values.size - penalty @ fitted.coefficients_.ravel()
    assert np.abs(slope).max() < 1e-4 * np.abs(design.T @ values.ravel() / values.size).max()


COUNTS = {
    "poisson": (RNG.poisson(np.exp(TRUTH)).astype(float), None),
    "binomial": (RNG.binomial(7, 1 / (1 + np.exp(-TRUTH))) / 7, np.full(TRUTH.shape, 7.0)),
}


@pytest.mark.parametrize("family", COUNTS)
@pytest.mark.parametrize("form", ["grid", "rows"])
def test_counts_and_shares_meet_their_score_equations(family: str, form: str, way: str) -> None:
    """``B^T W (y - mean) = count penalty c``: where the penalized likelihood is largest (its logarithm is concave)."""
    values, weights = COUNTS[family]
    data = ((X, Y), values, weights) if form == "grid" else (TABLE, values.ravel(), None if weights is None else weights.ravel())
    fitted = SeparableRegressor(BASES, smoothing=SMOOTHING, family=family).fit(*data)
    design, penalty = matrices(fitted, TABLE)
    mean = fitted.predict(TABLE)
    linear = design @ fitted.coefficients_.ravel()
    assert fitted.predictor(TABLE) == pytest.approx(linear, abs=1e-10)
    assert mean == pytest.approx(np.exp(linear) if family == "poisson" else 1 / (1 + np.exp(-linear)), rel=1e-10)
    score = design.T @ ((1.0 if weights is None else 7.0) * (values.ravel() - mean)) / values.size
    assert np.abs(score - penalty @ fitted.coefficients_.ravel()).max() < 1e-6
    lower, upper = fitted.band(TABLE[:9])
    assert np.all((lower < mean[:9]) & (mean[:9] < upper))
    assert np.all(lower > 0)


@pytest.mark.parametrize("family", COUNTS)
@pytest.mark.parametrize("criterion", ["gcv", "reml"])
def test_counts_and_shares_are_smoothed(family: str, criterion: str) -> None:
    x, y = np.linspace(0, 1, 40), np.linspace(0, 2, 30)
    truth = np.sin(4 * x)[:, None] * np.cos(2 * y)
    generator = np.random.default_rng(4_409)
    values = generator.poisson(5 * np.exp(truth)) if family == "poisson" else generator.random(truth.shape) < 1 / (1 + np.exp(-truth))
    fitted = SeparableRegressor((8, 6), family=family, smoothing=criterion).fit((x, y), values.astype(float))
    offset = np.log(5) if family == "poisson" else 0.0
    assert np.sqrt(np.mean((fitted.predictor((x, y)) - truth - offset) ** 2)) < (0.08 if family == "poisson" else 0.3)
    assert fitted.noise_ == 1.0


def test_perfectly_separated_successes_still_have_a_fit() -> None:
    values = (X[:, None] + 0 * Y > 0.5).astype(float)
    fitted = SeparableRegressor(BASES, smoothing=1e-3, family="binomial").fit((X, Y), values)
    assert np.all(np.abs(fitted.predict((X, Y)) - values)[[0, -1]] < 0.05)


def test_cells_that_nobody_saw_are_zero_at_minimum_norm(way: str) -> None:
    """Scattered observations of one-hot cells: means of the cells, and 0 in those unseen."""
    cells = RNG.integers(0, (6, 5), (25, 2))
    values = RNG.standard_normal(25)
    fitted = SeparableRegressor((OneHot(6), OneHot(5)), smoothing="minimum norm").fit(cells, values)
    sums, counts = np.zeros((2, 6, 5))
    np.add.at(sums, tuple(cells.T), values)
    np.add.at(counts, tuple(cells.T), 1.0)
    assert fitted.coefficients_ == pytest.approx(sums / np.maximum(counts, 1.0), abs=1e-8)


REFUSED = {
    "too few": ({"smoothing": 0.0}, NOISY[:7, :6], "smoothing: got 0, but 42 observations do not fix 56 coefficients; smooth"),
    "family": ({"family": "gamma"}, NOISY, "family: got 'gamma'; allowed are 'gaussian', 'poisson', 'binomial'"),
    "negative count": ({"family": "poisson"}, NOISY - 5, "y: for the family 'poisson', the count .* is negative; allowed are numbers >= 0"),
    "no share": ({"family": "binomial"}, NOISY + 3, "y: for the family 'binomial', the share .* is no number from 0 to 1"),
    "loss": ({"robust": "cauchy"}, NOISY, "robust: got 'cauchy'; allowed are True, False, 'huber', 'bisquare'"),
    "robust counts": (
        {"robust": True, "family": "poisson"},
        NOISY,
        "robust: got True with the family 'poisson'; allowed is the family 'gaussian'",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_one_clear_error(name: str) -> None:
    settings, values, message = REFUSED[name]
    axes = (X[: values.shape[0]], Y[: values.shape[1]])
    with pytest.raises(ValueError, match=message):
        SeparableRegressor(BASES, **settings).fit(axes, values)


def test_a_determinant_of_too_many_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solves, "DENSE", 0)
    monkeypatch.setattr(solves, "EXACT", 0)
    with pytest.raises(ValueError, match="smoothing: got 'reml', whose determinant is known up to 0 coefficients where data are weighted"):
        SeparableRegressor(BASES, smoothing="reml").fit((X, Y), NOISY, WEIGHTS)


def test_a_fit_that_does_not_settle_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tensorfem.regression.reweighting.STEPS", 2)
    with pytest.raises(tfem.ConvergenceError, match=r"fit: the function still changed by .* in the last of 2 reweighted fits; use more"):
        SeparableRegressor(BASES, smoothing=1e-6, family="poisson").fit((X, Y), COUNTS["poisson"][0])


@pytest.mark.parametrize(("criterion", "level"), [("gcv", 1e6), ("reml", 1e3)])
def test_the_units_of_weights_and_the_level_of_the_data_do_not_change_the_function(criterion: str, level: float) -> None:
    x, y = np.linspace(0, 1, 30), np.linspace(0, 2, 20)
    values = np.sin(4 * x)[:, None] + y**2 + 0.1 * np.random.default_rng(50_923).standard_normal((30, 20))
    values[3], values[::4, ::3] = np.nan, np.nan
    plain = SeparableRegressor(smoothing=criterion).fit((x, y), values)
    for unit in (1e-8, 1e8):
        weighted = SeparableRegressor(smoothing=criterion).fit((x, y), values, np.full(values.shape, unit))
        assert weighted.predict((x, y)) == pytest.approx(plain.predict((x, y)), abs=1e-6)
    raised = SeparableRegressor(smoothing=criterion).fit((x, y), values + level)
    assert raised.predict((x, y)) - level == pytest.approx(plain.predict((x, y)), abs=1e-4)
