"""Scattered observations: the dense fit of the rows, and the grid's fit where the points are a grid."""

import itertools
import time

import numpy as np
import pytest

from tensorfem.regression import OneHot, SeparableRegressor, normal, weighted_fit, weighted_solve
from tests.regression.reference import SETTINGS, axes_of, dense, estimator, reference, rows, table_of

RNG = np.random.default_rng(83_311)
WAYS = {"dense": 10**6, "iterative": 0}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    for module in (weighted_solve, weighted_fit):
        monkeypatch.setattr(module, "DENSE", WAYS[request.param])
    return str(request.param)


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("weighted", [False, True])
def test_it_is_the_dense_fit_of_the_rows(name: str, weighted: bool, way: str) -> None:
    table = table_of(name)
    values, weights = 2.0 + RNG.standard_normal(len(table)), np.exp(RNG.uniform(-2, 2, len(table))) if weighted else None
    fitted = estimator(name).fit(table, values, weights)
    full = reference(fitted, table, values, weights)
    bound = {"dense": 1e4 * np.finfo(float).eps, "iterative": 1e-9}[way] * np.linalg.cond(full.matrix)
    assert np.abs(fitted.coefficients_.ravel() - full.coefficients).max() < bound * np.abs(full.coefficients).max()
    assert fitted.residuals_ == pytest.approx(values - full.design @ full.coefficients, abs=1e-7)
    slack = 1e-8 if way == "dense" else 4 * np.sqrt(2 * full.degrees / normal.PROBES)
    assert fitted.degrees_of_freedom_ == pytest.approx(full.degrees, abs=slack)
    expected = fitted.noise_ * np.sqrt(full.variances(full.design[:20]))
    assert fitted.standard_error(table[:20]) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_table_that_is_a_grid_gives_what_the_grid_gives(name: str, way: str) -> None:
    axes = axes_of(name)
    values = RNG.standard_normal([x.size for x in axes])
    order = RNG.permutation(values.size)
    table = np.array(list(itertools.product(*axes)))[order]
    scattered, gridded = estimator(name).fit(table, values.ravel()[order]), estimator(name).fit(axes, values)
    assert scattered.coefficients_ == pytest.approx(gridded.coefficients_, abs=1e-8)
    assert scattered.degrees_of_freedom_ == pytest.approx(gridded.degrees_of_freedom_, rel=1e-6)
    assert scattered.noise_ == pytest.approx(gridded.noise_, rel=1e-6)
    assert scattered.standard_error(table[:9]) == pytest.approx(gridded.standard_error(table[:9]), rel=1e-6)


@pytest.mark.parametrize("criterion", ["gcv", "reml"])
def test_a_table_that_is_a_grid_has_its_smoothing(criterion: str) -> None:
    x, y = np.linspace(0, 1, 25), np.linspace(0, 2, 18)
    values = np.sin(5 * x)[:, None] * np.cos(2 * y) + 0.2 * RNG.standard_normal((25, 18))
    gridded = SeparableRegressor((9, 7), smoothing=criterion).fit((x, y), values)
    scattered = SeparableRegressor((9, 7), smoothing=criterion).fit(np.array(list(itertools.product(x, y))), values.ravel())
    assert scattered.degrees_of_freedom_ == pytest.approx(gridded.degrees_of_freedom_, rel=0.05)
    assert scattered.predict((x, y)) == pytest.approx(gridded.predict((x, y)), abs=0.02)


@pytest.mark.parametrize("criterion", ["gcv", "reml"])
@pytest.mark.parametrize("name", ["one axis", "two axes", "three axes"])
def test_the_criteria_are_those_of_the_dense_fit(name: str, criterion: str) -> None:
    table = table_of(name)
    values = table.sum(axis=1) ** 2 + RNG.standard_normal(len(table))
    fitted = estimator(name, smoothing=criterion).fit(table, values)
    found, full = fitted.search_, reference(fitted, table, values)
    assert found is not None
    tried = tuple(float(axis[0]) for axis in found.candidates)
    first = float(getattr(full._replace(smoothing=tried), criterion))
    best = float(getattr(full, criterion))
    assert found.value - found.values.flat[0] == pytest.approx(best - first, rel=1e-5, abs=1e-7 * abs(best))


def test_unseen_cells_are_0_or_filled() -> None:
    """150 observations of 120 cells, some unseen: the means of the cells that were seen, or a smooth surface."""
    x, y = np.arange(12.0), np.arange(10.0)
    truth = np.sin(x / 2)[:, None] * np.cos(y / 2)
    places = np.stack([RNG.integers(0, 12, 150), RNG.integers(0, 10, 150)], axis=1)
    values = truth[tuple(places.T)] + 0.1 * RNG.standard_normal(150)
    sums, counts = np.zeros((12, 10)), np.zeros((12, 10))
    np.add.at(sums, tuple(places.T), values)
    np.add.at(counts, tuple(places.T), 1.0)
    assert 0 < np.count_nonzero(counts == 0) < 60
    bases = OneHot(12), OneHot(10)
    least = SeparableRegressor(bases, smoothing="minimum norm").fit(places.astype(float), values)
    assert least.predict((x, y)) == pytest.approx(sums / np.maximum(counts, 1.0), abs=1e-12)
    smooth = SeparableRegressor(bases).fit(places.astype(float), values)
    errors = [np.sqrt(np.mean((fit.predict((x, y)) - truth) ** 2)) for fit in (least, smooth)]
    assert errors[1] < errors[0] / 3


def test_repeated_rows_have_the_minimum_norm_between_them() -> None:
    """Two points far apart and nothing between, nothing smoothed: the pseudo-inverse of the rows."""
    table, values = np.repeat([[0.0, 0.0], [1.0, 1.0]], 3, axis=0), np.array([1.0, 2.0, 3.0, 7.0, 8.0, 9.0])
    fitted = SeparableRegressor((2, 2), smoothing="minimum norm").fit(table, values)
    assert fitted.predict([[0.0, 0.0], [1.0, 1.0]]) == pytest.approx([2.0, 8.0], abs=1e-10)
    assert fitted.degrees_of_freedom_ == pytest.approx(2.0, abs=1e-8)
    design = rows([dense(b.matrix(x)) for b, x in zip(fitted.bases_, table.T, strict=True)], grid=False)
    assert fitted.coefficients_.ravel() == pytest.approx(np.linalg.pinv(design) @ values, abs=1e-10)


def test_many_points_take_seconds() -> None:
    """20,000 points in 11 x 11 x 11 cubic splines, too many for a dense factor: the truth to a fraction of the noise."""
    table = RNG.uniform(size=(20_000, 3))
    truth = np.sin(5 * table[:, 0]) * np.cos(3 * table[:, 1]) + table[:, 2] ** 2
    start = time.perf_counter()
    fitted = SeparableRegressor(8).fit(table, truth + 0.1 * RNG.standard_normal(len(table)))
    assert time.perf_counter() - start < 20
    assert fitted.noise_ == pytest.approx(0.1, rel=0.05)
    inside = table.min(axis=0), table.max(axis=0)
    fresh = RNG.uniform(*inside, size=(500, 3))
    exact = np.sin(5 * fresh[:, 0]) * np.cos(3 * fresh[:, 1]) + fresh[:, 2] ** 2
    assert np.sqrt(np.mean((fitted.predict(fresh) - exact) ** 2)) < 0.1 / 5
