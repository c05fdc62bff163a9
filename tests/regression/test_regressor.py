"""The estimator: its manners, those that scikit-learn asks for, and what it refuses."""

import re
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sparse
from sklearn.base import clone

import tensorfem as tfem
from tensorfem.regression import NotFittedError, SeparableRegressor

X, Y = np.linspace(0, 1, 12), np.linspace(0, 2, 9)
VALUES = np.sin(3 * X)[:, None] + Y**2
RNG = np.random.default_rng(30_211)


@pytest.fixture(scope="module")
def fitted() -> SeparableRegressor:
    return SeparableRegressor((4, 3), smoothing=1e-4).fit((X, Y), VALUES)


def test_it_can_be_cloned_and_changed() -> None:
    estimator = SeparableRegressor((4, 3), penalty=1, smoothing="reml")
    copy = clone(estimator)
    assert copy is not estimator
    assert copy.get_params() == estimator.get_params()
    assert copy.set_params(penalty=3) is copy
    assert (copy.penalty, estimator.penalty) == (3, 1)
    with pytest.raises(ValueError, match="set_params: got 'order'; the settings are bases, degree, domain, penalty, smoothing"):
        copy.set_params(order=3)


def test_a_family_changed_after_the_fit_awaits_the_next_fit() -> None:
    estimator = SeparableRegressor((4, 3), smoothing=1e-4).fit((X, Y), VALUES)
    before = estimator.predict((X, Y))
    assert np.array_equal(estimator.set_params(family="poisson").predict((X, Y)), before)
    assert np.array_equal(estimator.set_params(family="gamma").predict((X, Y)), before)


def test_its_repr_shows_what_was_changed() -> None:
    assert repr(SeparableRegressor()) == "SeparableRegressor()"
    assert repr(SeparableRegressor((4, 3), smoothing="reml")) == "SeparableRegressor(bases=(4, 3), smoothing='reml')"


GRID = (X, Y)
REFUSED: dict[str, tuple[dict[str, Any], tuple[Any, ...], str]] = {
    "shape of y": ({}, (GRID, VALUES.T), "y: got an array of shape (9, 12), but the axes have 12, 9 points; allowed is shape (12, 9)"),
    "rows": ({}, (np.ones((5, 2)), np.ones(4)), "y: got an array of shape (4,), but X has 5 rows; allowed is shape (5,)"),
    "no axes": ({}, ((), VALUES), "X: got an empty tuple; give one array of points per axis of the grid, or a table"),
    "one axis as a vector": ({}, (X, X), "X: got an array of shape (12,); allowed are a table with one row per point"),
    "text": ({}, ([["a", "b"]], [1.0]), "X: got <U1 data of shape (1, 2); allowed are real numbers (array-like), not text or objects"),
    "complex": (
        {},
        (GRID, VALUES * 1j),
        "y: got complex128 data of shape (12, 9); allowed are real numbers (array-like), not complex",
    ),
    "nothing": ({}, (GRID, None), "y: got object data of shape (); allowed are real numbers (array-like), not None"),
    "objects": ({}, (GRID, np.full((12, 9), "a", dtype=object)), "y: got object data of shape (12, 9); allowed are real numbers"),
    "sparse": ({}, (sparse.eye_array(3), X), "X: got a sparse array; sparse data are not supported: pass X.toarray()"),
    "one point": ({}, ((X, np.ones(9)), VALUES), "bases[1]: the points of the axis are all 1 (1 sample along it), which makes no interval"),
    "NaN in X": ({}, ([[0.0, 1.0], [np.nan, 2.0]], [1.0, 2.0]), "X: row 1, column 0 is nan; all must be finite"),
    "NaN along an axis": ({}, ((X * np.nan, Y), VALUES), "X: axis 0: entry 0 is nan; all must be finite"),
    "inf in y": ({}, (GRID, np.where(X[:, None] > 0.9, VALUES, np.inf)), "y: the value at index (0, 0) is "),
    "NaN in rows": (
        {},
        (np.ones((2, 2)), [1.0, np.nan]),
        "y: the value at index (1,) is nan; all must be finite, not NaN or inf; leave its row out",
    ),
    "all missing": ({}, (GRID, VALUES * np.nan), "y: nothing is observed: all 108 values are NaN or of weight 0"),
    "shape of weights": ({}, (GRID, VALUES, np.ones(12)), "sample_weight: got an array of shape (12,); allowed is the shape of y, (12, 9)"),
    "negative weight": (
        {},
        (GRID, VALUES, -np.eye(12, 9)),
        "sample_weight: the weight at index (0, 0) is -1.0; allowed are finite numbers >= 0",
    ),
    "NaN weight": ({}, (GRID, VALUES, VALUES * np.nan), "sample_weight: the weight at index (0, 0) is nan; allowed"),
    "number of bases": ({"bases": (4, 3, 2)}, (GRID, VALUES), "bases: got 3; the data have 2 axes"),
    "a basis": ({"bases": (4, "cubic")}, (GRID, VALUES), "bases[1] (or a BSpline"),
    "order": ({"penalty": 1.5}, (GRID, VALUES), "penalty: got 1.5 (float); allowed is an integer from 0 to 8"),
    "orders": ({"penalty": (1, 2, 3)}, (GRID, VALUES), "penalty: got 3 values; the data have 2 axes"),
    "criterion": ({"smoothing": "aic"}, (GRID, VALUES), "smoothing: got 'aic'; allowed are 'gcv', 'reml', 'minimum norm', or numbers >= 0"),
    "negative smoothing": ({"smoothing": (1.0, -1.0)}, (GRID, VALUES), "smoothing[1]: got -1; allowed are numbers >= 0"),
    "extrapolation": ({"extrapolation": "cubic"}, (GRID, VALUES), "extrapolation: got 'cubic'; allowed are 'error', 'linear'"),
    "outside the basis": (
        {"bases": (4, tfem.BSpline(tfem.interval(0, 1, cells=4), 3))},
        (GRID, VALUES),
        "points: 1.25 lies outside the fitted axis",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_one_clear_error(name: str) -> None:
    settings, data, message = REFUSED[name]
    with pytest.raises(ValueError, match=re.escape(message)):
        SeparableRegressor(**settings).fit(*data)


@pytest.mark.parametrize("ask", ["predict", "standard_error", "band", "to_field"])
def test_before_the_fit_nothing_can_be_asked(ask: str) -> None:
    with pytest.raises(NotFittedError, match="SeparableRegressor: this estimator is not fitted yet; call fit") as caught:
        getattr(SeparableRegressor(), ask)(*[(X, Y)][: ask != "to_field"])
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, AttributeError)


def test_points_of_another_number_of_axes_are_refused(fitted: SeparableRegressor) -> None:
    for points in ((X,), np.ones((4, 3))):
        with pytest.raises(ValueError, match=r"X has [13] features, but SeparableRegressor is expecting 2 features as input: one per axis"):
            fitted.predict(points)


def test_a_list_of_axes_is_told_that_a_grid_is_a_tuple(fitted: SeparableRegressor) -> None:
    """By the shape of the values, by lengths that differ, or by too many columns; a list of points stays a table."""
    for axes in ([X, Y], [X, X], [X]):
        with pytest.raises(ValueError, match=r"X: got a list of arrays of .* a grid is a tuple: fit\(\(x, y\), \.\.\.\)"):
            SeparableRegressor(3, smoothing=1.0).fit(axes, np.ones([x.size for x in axes]))
    with pytest.raises(ValueError, match=r"X: got a list of arrays of 12, 9 points; a grid is a tuple: .*predict\(\(x, y\)\)"):
        fitted.predict([X, Y])
    with pytest.raises(ValueError, match=r"X has 12 features, .*: one per axis that it was fitted with; a grid is a tuple: predict"):
        fitted.predict([X, X])
    assert fitted.predict([np.array([0.5, 1.0]), np.array([0.25, 0.5])]) == pytest.approx(fitted.predict([[0.5, 1.0], [0.25, 0.5]]))


def test_outside_the_box_is_an_error_or_the_tangent(fitted: SeparableRegressor) -> None:
    with pytest.raises(ValueError, match=r"points: 1\.5 lies outside the fitted axis, which goes from 0 to 1; .* extrapolation=\"linear\""):
        fitted.predict([[1.5, 1.0]])
    linear = SeparableRegressor((4, 3), smoothing=1e-4, extrapolation="linear").fit((X, Y), VALUES)
    inside, ahead = linear.predict([[1.0, 1.0], [1.5, 1.0]])
    assert ahead - inside == pytest.approx(0.5 * linear.to_field().gradient(1.0, 1.0)[0], rel=1e-9)
    assert linear.standard_error([[1.5, 1.0]]) > linear.standard_error([[1.0, 1.0]])


@pytest.mark.parametrize("level", [0, 1, -0.5, np.nan, "high"])
def test_a_band_needs_a_level_between_0_and_1(fitted: SeparableRegressor, level: Any) -> None:
    with pytest.raises(ValueError, match=r"level: got .*; allowed is a"):
        fitted.band((X, Y), level)


def test_the_score_is_r_squared(fitted: SeparableRegressor) -> None:
    noisy = VALUES + RNG.standard_normal(VALUES.shape)
    residual, around = noisy - fitted.predict((X, Y)), noisy - noisy.mean()
    assert fitted.score((X, Y), noisy) == pytest.approx(1 - np.sum(residual**2) / np.sum(around**2), rel=1e-12)
    weights = np.zeros_like(noisy)
    weights[:6] = 2.0
    part = noisy[:6] - noisy[:6].mean()
    assert fitted.score((X, Y), noisy, weights) == pytest.approx(1 - np.sum(residual[:6] ** 2) / np.sum(part**2), rel=1e-12)
    constant = SeparableRegressor((4, 3), smoothing=1.0).fit((X, Y), np.zeros((12, 9)))
    assert constant.score((X, Y), np.zeros((12, 9))) == 1.0


def test_the_default_basis_follows_the_data() -> None:
    """A cell for every four points of an axis, and no more than 40."""
    sizes = [b.size for b in SeparableRegressor(smoothing=1.0).fit((np.linspace(0, 1, 400), Y), np.zeros((400, 9))).bases_]
    assert sizes == [43, 5]
    table = RNG.uniform(0, 1, (400, 2))
    assert [b.size for b in SeparableRegressor(smoothing=1.0).fit(table, np.zeros(400)).bases_] == [13, 13]
    assert [b.size for b in SeparableRegressor(smoothing=1.0).fit((X, Y), VALUES).bases_] == [6, 5]
