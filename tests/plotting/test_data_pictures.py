"""Pictures of data and fits: every tile, dot, curve and mark is where the numbers say."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import QuadMesh
from matplotlib.contour import ContourSet

from tensorfem.plotting import draw_agreement, draw_band, draw_criterion, draw_factors, draw_fit, draw_points, draw_tiles

X, Y = np.array([0.0, 1.0, 3.0, 4.0, 8.0]), np.array([-1.0, 0.0, 2.0])
VALUES = np.array([[1.0, 2.0, np.nan], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0], [-3.0, 11.0, 12.0], [13.0, 14.0, 15.0]])


def mesh(ax: Any) -> QuadMesh:
    (found,) = (artist for artist in ax.collections if isinstance(artist, QuadMesh))
    return found


def bar(ax: Any) -> Any:
    (child,) = ax.child_axes
    return child


class TestTiles:
    def test_each_value_has_its_tile(self):
        ax = draw_tiles(VALUES, (X, Y), ("x", "y"), label="T")
        tiles = mesh(ax)
        corners = tiles.get_coordinates()  # (y, x, 2)
        np.testing.assert_allclose(corners[0, :, 0], [-0.5, 0.5, 2.0, 3.5, 6.0, 10.0])
        np.testing.assert_allclose(corners[:, 0, 1], [-1.5, -0.5, 1.0, 3.0])
        shown = tiles.get_array()
        np.testing.assert_array_equal(np.ma.filled(shown, -99), np.where(np.isnan(VALUES), -99, VALUES).T)
        assert shown.mask.sum() == 1
        assert [ax.get_xlabel(), ax.get_ylabel(), bar(ax).get_ylabel()] == ["x", "y", "T"]
        assert [*ax.get_xlim(), *ax.get_ylim()] == [-0.5, 10, -1.5, 3]

    def test_bounds_cut_the_outermost_tiles(self):
        ax = draw_tiles(VALUES, (X, Y), ("x", "y"), bounds=[(0, 8), (-1, 2)], colorbar=False)
        assert [*ax.get_xlim(), *ax.get_ylim()] == [0, 8, -1, 2]
        assert not ax.child_axes

    def test_limits_and_diverging_colours(self):
        tiles = mesh(draw_tiles(VALUES, (X, Y), ("x", "y"), limits=(-4, 2), cmap="RdBu_r"))
        assert (tiles.norm.vmin, tiles.norm.vmax) == (-4, 4)
        assert tiles.cmap.name == "RdBu_r"

    def test_errors(self):
        with pytest.raises(ValueError, match=r"^values: all 15 are NaN; at least one must be observed"):
            draw_tiles(np.full((5, 3), np.nan), (X, Y), ("x", "y"))
        with pytest.raises(ValueError, match=r"^values: got an array of shape \(5,\); tiles are drawn for two axes"):
            draw_tiles(X, (X,), ("x",))
        with pytest.raises(ValueError, match=r"^coordinates: axis y has 3 nodes, the values have 5 there"):
            draw_tiles(VALUES.T, (Y, Y), ("x", "y"))


class TestPoints:
    def test_each_value_has_its_dot(self):
        points = np.array([[0.5, 3.0], [2.0, 1.0], [1.0, 7.0]])
        ax = draw_points([5.0, -1.0, 2.0], points, ("a", "b"), label="T")
        (dots,) = (artist for artist in ax.collections if len(artist.get_offsets()) == 3)
        np.testing.assert_array_equal(dots.get_offsets(), points)
        np.testing.assert_array_equal(dots.get_array(), [5, -1, 2])
        assert [*ax.get_xlim(), *ax.get_ylim()] == [0.5, 2, 1, 7]
        assert [ax.get_xlabel(), ax.get_ylabel(), bar(ax).get_ylabel()] == ["a", "b", "T"]

    def test_dots_in_the_colour_of_the_paper_have_a_rim(self):
        dots = draw_points([0.0, 1.0, -1.0], [[0, 0], [1, 1], [2, 2]], ("x", "y"), cmap="RdBu_r").collections[0]
        assert dots.get_linewidths() == pytest.approx([0.4])
        assert dots.get_edgecolors()[0, :3] == pytest.approx((0.5,) * 3)

    def test_errors(self):
        with pytest.raises(ValueError, match=r"^points: got shape \(2, 3\) and 2 names; allowed is \(2, 2\), a row per value"):
            draw_points([1.0, 2.0], np.zeros((2, 3)), ("x", "y"))


class TestBand:
    def test_curve_band_and_data(self):
        ax = draw_band(X, X**2, (X**2 - 1, X**2 + 2), "x", data=(X[:3], [0.5, np.nan, 8.0]), label="u", band_label="90 %")
        dots, curve = ax.lines
        np.testing.assert_array_equal(dots.get_xydata(), [[0, 0.5], [1, np.nan], [3, 8]])
        np.testing.assert_array_equal(curve.get_xydata(), np.column_stack([X, X**2]))
        vertices = ax.collections[0].get_paths()[0].vertices
        for x in X:
            heights = vertices[vertices[:, 0] == x, 1]
            assert (heights.min(), heights.max()) == (x**2 - 1, x**2 + 2)
        assert [text.get_text() for text in ax.get_legend().get_texts()] == ["data", "u", "90 %"]
        assert [ax.get_xlabel(), ax.get_ylabel()] == ["x", "u"]

    def test_errors(self):
        with pytest.raises(ValueError, match=r"^curve: got 5 values and a band of \[3, 3\] for 5 points"):
            draw_band(X, X, (Y, Y), "x")


class TestCriterion:
    def test_one_axis(self):
        ax = draw_criterion([[0.1, 1.0, 10.0, 100.0]], [np.inf, 3.0, 1.0, 2.0], [8.0], 0.9, ["x"], label="GCV")
        curve, minimum = ax.lines
        np.testing.assert_array_equal(curve.get_xydata(), [[1, 3], [10, 1], [100, 2]])
        np.testing.assert_array_equal(minimum.get_xydata(), [[8, 0.9]])
        assert [ax.get_xscale(), ax.get_xlabel(), ax.get_ylabel()] == ["log", "smoothing along x", "GCV"]

    def test_two_axes(self):
        tried = [np.geomspace(1e-3, 1, 7), np.geomspace(10, 1e4, 5)]
        values = 2 + np.log10(tried[0] / 0.1)[:, None] ** 2 + 5 * np.log10(tried[1] / 100) ** 2
        ax = draw_criterion(tried, values, [0.1, 100.0], 2.0, ["x", "t"], label="REML")
        (minimum,) = ax.lines
        np.testing.assert_allclose(minimum.get_xydata(), [[-1, 2]])
        assert [*ax.get_xlim(), *ax.get_ylim()] == pytest.approx([-3, 0, 1, 4])
        (bands,) = (artist for artist in ax.collections if isinstance(artist, ContourSet))
        inside = [path for path, low in zip(bands.get_paths(), bands.levels, strict=False) if len(path.vertices) and low < 0.5]
        assert all(np.all(np.abs(path.vertices - [-1, 2]) <= 1.5) for path in inside)
        assert "smoothing 0.1 along x, 100 along t" in ax.get_title()
        assert bar(ax).get_ylabel() == "REML above its minimum"

    @pytest.mark.parametrize(
        ("best", "limits", "told"),
        [
            ((0.1, 100.0), (-3, 0, 1, 4), None),
            ((1e-3, 100.0), (-3, 0, 1, 4), "minimum at the edge along x"),
            ((10.0, 1.0), (-3, 1.2, -0.2, 4), "minimum beyond the edge along x and t"),
            ((1.0, 1e5), (-3, 0, 1, 5.2), "minimum at the edge along x, beyond the edge along t"),
            ((0.1, 1e5), (-3, 0, 1, 5.2), "minimum beyond the edge along t"),
        ],
    )
    def test_a_map_holds_its_minimum(self, best, limits, told):
        """With a twentieth of it beyond; what was not tried is grey."""
        tried = [np.geomspace(1e-3, 1, 7), np.geomspace(10, 1e4, 5)]
        values = 2 + np.abs(np.add.outer(np.log10(tried[0] / best[0]), np.log10(tried[1] / best[1])))
        ax = draw_criterion(tried, values, best, 1.9, ["x", "t"])
        assert [*ax.get_xlim(), *ax.get_ylim()] == pytest.approx(limits)
        assert ax.get_title().split("\n")[1:] == ([told] if told else [])
        assert ax.get_facecolor()[:3] == pytest.approx((0.82,) * 3)
        mapped = np.concatenate([path.vertices for c in ax.collections for path in c.get_paths()])
        assert mapped.min(axis=0) == pytest.approx([-3, 1])
        assert mapped.max(axis=0) == pytest.approx([0, 4])

    @pytest.mark.parametrize(("best", "told"), [(2.0, "2"), (10.0, "10 (at the edge)"), (0.01, "0.01 (beyond the edge)")])
    def test_a_curve_tells_an_edge_too(self, best, told):
        ax = draw_criterion([[0.1, 1.0, 10.0]], [3.0, 1.0, 2.0], [best], 0.9, ["x"])
        assert ax.get_legend().get_texts()[0].get_text() == f"minimum at {told}"

    def test_one_value_is_a_dot(self):
        assert draw_criterion([[1.0]], [3.0], [1.2], 0.9, ["x"]).lines[0].get_marker() == "."

    def test_more_axes_show_the_least_over_the_others(self):
        tried = [np.array([1.0, 10.0]), np.array([1.0, 2.0, 4.0]), np.array([5.0, 50.0])]
        values = np.add.outer(np.add.outer([1.0, 2.0], [0.3, 0.1, 0.2]), [10.0, 14.0])
        ax = draw_criterion(tried, values, [1.0, 2.0, 5.0], 11.1, ["x", "y", "z"])
        np.testing.assert_allclose(ax.lines[2].get_ydata()[[0, 2]], [0.2, 0.1])
        np.testing.assert_allclose(ax.lines[0].get_ydata()[1], 1.0)
        assert [line.get_xdata().tolist() for line in ax.lines[1::2]] == [[1.0], [2.0], [5.0]]
        assert [ax.get_xscale(), ax.get_yscale()] == ["log", "log"]

    def test_an_axis_without_a_choice_is_left_out(self):
        ax = draw_criterion([[1.0], [0.1, 1.0, 10.0]], [[3.0, 1.0, 2.0]], [1.0, 1.0], 1.0, ["x", "y"])
        assert ax.lines[0].get_ydata().tolist() == [3, 1, 2]
        assert ax.get_xlabel() == "smoothing along y"

    def test_errors(self):
        with pytest.raises(ValueError, match=r"^values: got shape \(2,\) and 1 best; allowed is one of each for \[3\]"):
            draw_criterion([[1.0, 2.0, 3.0]], [1.0, 2.0], [1.0], 1.0, ["x"])
        with pytest.raises(ValueError, match=r"^values: none of 2 is finite"):
            draw_criterion([[1.0, 2.0]], [np.inf, np.inf], [1.0], 1.0, ["x"])


class TestFactors:
    def test_columns_are_terms(self):
        factors = [np.arange(10.0).reshape(5, 2), -np.arange(6.0).reshape(3, 2)]
        axes = draw_factors((X, Y), factors, ("x", "t"), weights=[20.0, 0.5])
        for ax, points, table, name in zip(axes, (X, Y), factors, ("x", "t"), strict=True):
            for line, column in zip(ax.lines, table.T, strict=False):
                np.testing.assert_array_equal(line.get_xydata(), np.column_stack([points, column]))
            assert [ax.get_xlabel(), ax.get_ylabel()] == [name, f"factors of {name}"]
        assert axes[0].lines[1].get_color() == axes[1].lines[1].get_color() != axes[0].lines[0].get_color()
        assert [text.get_text() for text in axes[0].get_legend().get_texts()] == ["term 1: 20", "term 2: 0.5"]

    @pytest.mark.parametrize(
        ("factors", "wishes", "message"),
        [
            ([np.ones((5, 2)), np.ones((3, 1))], {}, r"^factors: got \[1, 2\] terms and no weights; all must have as many"),
            ([np.ones((5, 2)), np.ones((3, 2))], {"weights": [1.0]}, r"^factors: got \[2\] terms and 1 weights"),
            ([np.ones((3, 2)), np.ones((3, 2))], {}, r"^factors: axis x has shape \(3, 2\); allowed is \(5, r\)"),
            ([np.ones((5, 2)), np.ones((3, 2))], {"axes": []}, "^axes: got 0; one is needed for each of the 2 axes"),
        ],
    )
    def test_errors(self, factors, wishes, message):
        with pytest.raises(ValueError, match=message):
            draw_factors((X, Y), factors, ("x", "y"), **wishes)


class TestAgreement:
    def test_errors(self):
        with pytest.raises(ValueError, match=r"^fitted: got shape \(2,\), observed has shape \(3,\)"):
            draw_agreement([1.0, 2.0, 3.0], [1.0, 2.0])
        with pytest.raises(ValueError, match=r"^observed: none of 2 values is observed and fitted"):
            draw_agreement([np.nan, 1.0], [1.0, np.nan])


class TestFit:
    FINE = (np.linspace(0, 8, 9), np.linspace(-1, 2, 7))

    def surface(self) -> np.ndarray:
        return self.FINE[0][:, None] + self.FINE[1]

    def test_three_panels_the_first_two_on_one_scale(self):
        data = X[:, None] + Y + 0.1
        axes = draw_fit(data, np.where(data > 9, np.nan, 0.1), (X, Y), self.surface(), self.FINE, ("x", "y"), label="T")
        left, middle, right = axes
        np.testing.assert_allclose(mesh(left).get_array(), data.T)
        (bands,) = (artist for artist in middle.collections if isinstance(artist, ContourSet))
        assert (bands.norm.vmin, bands.norm.vmax) == (mesh(left).norm.vmin, mesh(left).norm.vmax)
        assert mesh(right).get_array().mask.sum() == 1
        assert mesh(right).norm.vmin == -mesh(right).norm.vmax
        assert [ax.get_title() for ax in axes] == ["data", "fit", "residual"]
        assert [bar(ax).get_ylabel() for ax in (middle, right)] == ["T", "residual"]
        assert not left.child_axes
        above = bar(middle).yaxis.label
        assert (above.get_rotation(), above.get_position()[1]) == (0, 1.06)  # not beside the ordinate of the residual
        assert {(ax.get_xlim(), ax.get_ylim()) for ax in axes} == {((0, 8), (-1, 2))}

    def test_an_outlier_does_not_wash_out_the_colours(self):
        data = np.zeros((40, 40))
        data[3, 4] = 1e6
        points = np.linspace(0, 8, 40), np.linspace(-1, 2, 40)
        left, _, right = draw_fit(data, data, points, self.surface(), self.FINE, ("x", "y"))
        assert mesh(left).norm.vmax <= 12
        assert mesh(right).norm.vmax <= 2

    def test_scattered_data_and_tiles(self):
        points = np.array([[1.0, 0.0], [2.0, 1.0]])
        given = plt.figure().subplots(1, 3)
        axes = draw_fit([1.0, 3.0], [0.2, -0.2], points, self.surface(), self.FINE, ("x", "y"), axes=given, tiles=True)
        assert axes == tuple(given)
        np.testing.assert_allclose(mesh(axes[1]).get_array(), self.surface().T)
        np.testing.assert_array_equal(axes[0].collections[0].get_offsets(), points)

    def test_errors(self):
        with pytest.raises(ValueError, match=r"^titles and axes: three of each are needed"):
            draw_fit(VALUES, VALUES, (X, Y), self.surface(), self.FINE, ("x", "y"), titles=("a", "b"))
