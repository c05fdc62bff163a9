"""The pictures of an estimator show its own numbers."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import QuadMesh
from matplotlib.contour import ContourSet

import tensorfem as tfem
from tensorfem.regression import Columns, NotFittedError, OneHot, Polynomials, SeparableRegressor, fit_sum_of_products

GENERATOR = np.random.default_rng(31337)
X, Y, Z = np.linspace(0, 3, 24), np.array([0.0, 0.5, 1.5, 2.0, 2.5, 4.0, 5.0, 5.5, 7.0]), np.linspace(0, 1, 6)
DATA = np.sin(X)[:, None] * Y + 0.2 * GENERATOR.standard_normal((24, 9))


def surface_fit(**settings: Any) -> SeparableRegressor:
    return SeparableRegressor(bases=(6, 4), **settings).fit((X, Y), DATA)


def artist(ax: Any, kind: type) -> Any:
    (found,) = (artist for artist in ax.collections if isinstance(artist, kind))
    return found


class TestPlot:
    def test_one_axis_is_data_curve_and_band(self):
        fit = SeparableRegressor().fit((X,), DATA[:, 3])
        ax = fit.plot((X,), DATA[:, 3], level=0.8, names=["t"], label="T")
        dots, curve = ax.lines
        np.testing.assert_array_equal(dots.get_xydata(), np.column_stack([X, DATA[:, 3]]))
        x, values = curve.get_data()
        assert (x[0], x[-1]) == (0, 3)
        np.testing.assert_allclose(values, fit.predict((x,)))
        lower, upper = fit.band((x,), 0.8)
        vertices = artist(ax, object).get_paths()[0].vertices
        assert vertices[:, 1].min() == pytest.approx(lower.min())
        assert vertices[:, 1].max() == pytest.approx(upper.max())
        assert [ax.get_xlabel(), ax.get_ylabel()] == ["t", "T"]
        assert ax.get_legend().get_texts()[-1].get_text() == "80 % band of the mean"
        assert len(fit.plot().lines) == 1

    def test_two_axes_with_data_are_panels(self):
        fit = surface_fit()
        data, middle, residual = fit.plot((X, Y), DATA, names=("a", "b"), label="T")
        np.testing.assert_allclose(artist(data, QuadMesh).get_array(), DATA.T)
        np.testing.assert_allclose(artist(residual, QuadMesh).get_array(), (DATA - fit.predict((X, Y))).T)
        contours = artist(middle, ContourSet)
        for low, high, band in zip(contours.levels[:-1], contours.levels[1:], contours.get_paths(), strict=True):
            if len(band.vertices):  # linear between samples: off by their distance squared
                values = fit.predict(np.clip(band.vertices, 0, (3, 7)))  # rounding
                assert (low - 0.02 <= values).all()
                assert (values <= high + 0.02).all()
        assert [middle.get_xlabel(), middle.get_ylabel()] == ["a", "b"]

    def test_the_order_of_the_data_does_not_matter(self):
        fit, order = surface_fit(), np.random.default_rng(8).permutation(24)
        sorted_axes, shuffled = fit.plot((X, Y), DATA), fit.plot((X[order], Y), DATA[order])
        for one, other in ((0, 0), (2, 2)):
            first, second = (artist(axes[k], QuadMesh).get_array() for axes, k in ((sorted_axes, one), (shuffled, other)))
            np.testing.assert_allclose(first, second)

    def test_gaps_and_scattered_data(self):
        fit = surface_fit()
        holes = np.where(DATA > 4, np.nan, DATA)
        data, _, residual = fit.plot((X, Y), holes)
        assert artist(data, QuadMesh).get_array().mask.sum() == artist(residual, QuadMesh).get_array().mask.sum() == (DATA > 4).sum()
        points = GENERATOR.uniform((0, 0), (3, 7), (30, 2))
        _, _, residual = fit.plot(points, np.ones(30))
        dots = residual.collections[0]
        np.testing.assert_array_equal(dots.get_offsets(), points)
        np.testing.assert_allclose(dots.get_array(), 1 - fit.predict(points))

    def test_cells_are_tiles(self):
        fit = SeparableRegressor((OneHot(4), OneHot(3)), smoothing=1e-3).fit((np.arange(4), np.arange(3)), np.arange(12.0).reshape(4, 3))
        ax = fit.plot()
        np.testing.assert_allclose(artist(ax, QuadMesh).get_array(), fit.coefficients_.T)
        assert [*ax.get_xlim(), *ax.get_ylim()] == [-0.5, 3.5, -0.5, 2.5]

    def test_every_basis_has_points_to_show(self):
        bases = (Polynomials(2, (0, 3)), Columns(Y, np.vander(Y, 3)))
        ax = SeparableRegressor(bases, smoothing=0.0).fit((X, Y), DATA).plot()
        assert [*ax.get_xlim(), *ax.get_ylim()] == [0, 3, 0, 7]
        basis = tfem.BSpline(tfem.interval(0, 6, cells=5, periodic=True), 3)
        x, _ = SeparableRegressor(basis).fit((np.arange(6.0),), np.sin(np.arange(6.0))).plot().lines[0].get_data()
        assert (x[0], x[-1]) == (0, 6)

    def test_more_axes(self):
        values = DATA[:, :, None] * Z
        fit = SeparableRegressor(bases=3, smoothing=1e-4).fit((X, Y, Z), values)
        assert fit.plot().get_zlabel() == "z"
        ax = fit.plot((X, Y, Z), values)
        np.testing.assert_allclose(ax.lines[0].get_xydata(), np.column_stack([values.ravel(), fit.predict((X, Y, Z)).ravel()]))
        four = SeparableRegressor(bases=1, smoothing=1.0).fit((Z, Z, Z, Z), np.ones((6,) * 4))
        with pytest.raises(ValueError, match=r"^plot: got a function of 4 axes, at most 3 can be drawn; give the data: plot\(X, y\)"):
            four.plot()
        with pytest.raises(ValueError, match=r"^plot_standard_error: got a function of 4 axes"):
            four.plot_standard_error()

    def test_errors(self):
        fit = surface_fit()
        with pytest.raises(ValueError, match=r"^X: got points with 1 features, but the estimator was fitted with 2"):
            fit.plot((X,), X)
        with pytest.raises(ValueError, match=r"^names: got 'xy'; allowed is a sequence of 2 names, one per axis"):
            fit.plot(names="xy")
        for draw in (SeparableRegressor().plot, SeparableRegressor().plot_search, SeparableRegressor().plot_standard_error):
            with pytest.raises(NotFittedError, match="not fitted yet"):
                draw()


def test_standard_error():
    fit = surface_fit()
    ax = plt.figure().add_subplot()
    assert fit.plot_standard_error(ax, names=("a", "b")) is ax
    contours = artist(ax, ContourSet)
    x, y = (np.linspace(*limits, 50) for limits in (ax.get_xlim(), ax.get_ylim()))
    errors = fit.standard_error((x, y))
    step = np.diff(contours.levels).max()
    assert contours.levels[0] <= errors.min() < contours.levels[0] + 2 * step
    assert 0.9 < np.mean(errors <= contours.levels[-1]) < 1  # the corners have the colour of the arrow
    assert contours.levels[-1] < errors.max() / 1.25
    assert contours.extend == "max"
    assert ax.child_axes[0].get_ylabel() == "standard error"


def test_an_even_standard_error_has_its_whole_range():
    """A constant, fitted by one polynomial: the same error everywhere."""
    fit = SeparableRegressor((Polynomials(0, (0, 3)), Polynomials(0, (0, 7))), smoothing=0.0).fit((X, Y), DATA)
    assert artist(fit.plot_standard_error(), ContourSet).extend == "neither"


@pytest.mark.parametrize(
    ("family", "data", "mean", "has"),
    [("poisson", "count", "mean count", "the log of the mean"), ("binomial", "share", "probability", "the logit")],
)
def test_counts_and_shares_are_called_so(family, data, mean, has):
    values = np.round(np.abs(DATA)) if family == "poisson" else (DATA > 0).astype(float)
    fit = SeparableRegressor(4, family=family, smoothing=1.0).fit((X,), values[:, 3])
    ax = fit.plot((X,), values[:, 3])
    assert ax.get_ylabel() == data
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["data", mean, "95 % band of the mean"]
    surface = SeparableRegressor((6, 4), family=family, smoothing=1.0).fit((X, Y), values)
    assert surface.plot().child_axes[0].get_ylabel() == mean
    assert surface.plot((X, Y), values)[1].child_axes[0].get_ylabel() == data
    assert surface.plot_standard_error().child_axes[0].get_ylabel() == f"standard error of {has}"
    assert surface.plot_standard_error(label="s").child_axes[0].get_ylabel() == "s"


def test_scattered_searches_show_their_minimum():
    table = np.random.default_rng(77).uniform(0, 1, (150, 2))
    fit = SeparableRegressor((4, 4)).fit(table, table.sum(axis=1) + 0.1 * np.random.default_rng(78).standard_normal(150))
    ax = fit.plot_search()
    (x, y), ((left, right), (low, high)) = np.log10(fit.smoothing_), (ax.get_xlim(), ax.get_ylim())
    assert left < x < right
    assert low < y < high


@pytest.mark.parametrize("criterion", ["gcv", "reml"])
def test_search(criterion):
    fit = surface_fit(smoothing=criterion)
    ax = fit.plot_search(names=("a", "b"))
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [np.log10(fit.smoothing_)])
    assert criterion.upper() in ax.child_axes[0].get_ylabel()
    line = SeparableRegressor(smoothing=criterion).fit((X,), DATA[:, 3])
    curve, minimum = line.plot_search().lines
    np.testing.assert_array_equal(curve.get_ydata(), line.search_.values)
    assert minimum.get_xdata()[0] == line.smoothing_[0]
    assert minimum.get_ydata()[0] <= curve.get_ydata().min()


def test_nothing_was_searched():
    with pytest.raises(ValueError, match=r"^plot_search: the smoothing was given, and nothing searched"):
        surface_fit(smoothing=1.0).plot_search()


def test_factors_are_the_functions_of_a_sum():
    fit = fit_sum_of_products((X, Y), DATA, rank=2)
    axes = fit.plot_factors(names=("a", "b"))
    for axis, ax in enumerate(axes):
        for line, function in zip(ax.lines, fit.functions[axis], strict=False):
            points, values = line.get_data()
            np.testing.assert_allclose(values, function(points), atol=1e-12)
    assert [ax.get_xlabel() for ax in axes] == ["a", "b"]
    assert [text.get_text() for text in axes[0].get_legend().get_texts()] == [f"term {k + 1}: {w:.3g}" for k, w in enumerate(fit.weights)]
    assert fit.plot_factors(plt.figure().subplots(1, 2))[1].get_xlabel() == "y"
