"""The pictures show the samples where they are: every vertex of a band lies where the field has the values of that band."""

import pickle
import subprocess
import sys
from collections.abc import Iterator
from itertools import permutations
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.contour import ContourSet
from mpl_toolkits.mplot3d.proj3d import proj_transform

from tensorfem.plotting import draw
from tensorfem.plotting.samples import Samples
from tensorfem.plotting.slices import pieces

NAMES = ("x", "y", "z")
SLOPES = (1.0, -10.0, 100.0)
AXES = (np.array([1.0, 1.2, 1.9, 3.1, 4.0]), np.array([-1.0, -0.9, 0.2, 1.0]), np.array([5.0, 5.25, 6.0]))
POINT = (1.5, 0.2, 5.9)  # no node, a node, no node
PLACES = [np.array([place]) for place in POINT]


def linear(*coordinates: Any) -> Any:
    """A field that linear interpolation reproduces and every exchange of axes changes."""
    return sum(slope * coordinate for slope, coordinate in zip(SLOPES, coordinates, strict=False))


def samples(d: int) -> tuple[np.ndarray, tuple[np.ndarray, ...], tuple[str, ...]]:
    return linear(*np.ix_(*AXES[:d])), AXES[:d], NAMES[:d]


def contour_sets(ax: Any) -> list[Any]:
    return [artist for artist in ax.collections if isinstance(artist, ContourSet)]


def bar(ax: Any) -> Any:
    ax.figure.canvas.draw()
    (child,) = ax.child_axes
    return child


@pytest.mark.parametrize("d", [1, 2, 3])
class TestEveryDimension:
    def test_without_ax_in_a_new_figure_that_is_not_shown(self, d, monkeypatch):
        monkeypatch.setattr(plt, "show", lambda *_, **__: pytest.fail("shown"))
        before = set(plt.get_fignums())
        assert {draw(*samples(d)).figure.number} == set(plt.get_fignums()) - before

    def test_changes_neither_its_inputs_nor_the_settings(self, d):
        values, coordinates, names = samples(d)
        kept, settings = [array.copy() for array in (values, *coordinates)], dict(mpl.rcParams)
        draw(values, coordinates, names).figure.canvas.draw()
        assert all((now == then).all() for now, then in zip((values, *coordinates), kept, strict=True))
        assert dict(mpl.rcParams) == settings

    def test_labels(self, d):
        ax = draw(*samples(d), label="temperature")
        shown = [ax.get_xlabel(), *([ax.get_ylabel()] if d > 1 else []), *([ax.get_zlabel()] if d > 2 else [])]
        assert shown == list(NAMES[:d])
        assert (ax if d == 1 else bar(ax)).get_ylabel() == "temperature"

    @pytest.mark.parametrize("scale", [0.0, 5e-324, -1e-300, 3e-7, 1e200, 1.7e308])
    def test_any_size_and_constants_of_any_size_draw_without_warnings(self, d, scale):
        values, coordinates, names = samples(d)
        draw(scale * (values / np.abs(values).max()), coordinates, names).figure.canvas.draw()
        draw(np.full_like(values, scale), coordinates, names).figure.canvas.draw()

    def test_graded_axes(self, d):
        sizes = np.geomspace(1e-10, 1.0, 5 - d)
        coordinates = tuple(np.concatenate([[0.0], np.cumsum(sizes)]) for _ in range(d))
        draw(linear(*np.ix_(*coordinates)), coordinates, NAMES[:d]).figure.canvas.draw()

    def test_figure_can_be_pickled(self, d):
        values, coordinates, names = samples(d)
        pickle.loads(pickle.dumps(draw(1e-300 * values, coordinates, names).figure)).canvas.draw()

    @pytest.mark.parametrize("layout", [None, "constrained", "tight"])
    def test_ax_in_the_same_ax_out_in_every_layout(self, d, layout):
        figure = plt.figure(layout=layout)
        for k in (1, 2):
            assert draw(*samples(d), ax=(ax := figure.add_subplot(1, 2, k, projection="3d" if d == 3 else None))) is ax
        figure.canvas.draw()


class TestLine:
    def test_goes_through_the_samples(self):
        values, coordinates, names = samples(1)
        (line,) = draw(values, coordinates, names).lines
        np.testing.assert_array_equal(line.get_xydata(), np.column_stack([*coordinates, values]))

    def test_extreme_values_are_in_units_that_the_axis_names(self):
        ax = draw([0.0, 2e-300, -3e-300], [[0, 1, 3]], ["x"])
        ax.figure.canvas.draw()
        np.testing.assert_allclose(ax.lines[0].get_ydata(), [0, 2, -3], rtol=1e-14)
        assert ax.yaxis.get_offset_text().get_text() == r"$\times10^{-300}$"

    def test_round_off_is_no_field(self):
        low, high = draw(3 + 1e-14 * np.arange(5), AXES[:1], NAMES[:1]).get_ylim()
        assert low < 2.8 < 3.2 < high

    def test_a_logarithmic_axis_keeps_its_formatter(self):
        ax = plt.figure().add_subplot()
        ax.set_yscale("log")
        formatter = ax.yaxis.get_major_formatter()
        draw(*samples(1), ax=ax)
        assert ax.yaxis.get_major_formatter() is formatter


class TestContours:
    def test_bands_cover_the_rectangle_and_every_vertex_lies_in_its_band(self):
        (contours,) = contour_sets(draw(*samples(2)))
        for low, high, band in zip(contours.levels[:-1], contours.levels[1:], contours.get_paths(), strict=True):
            values = linear(*band.vertices.T)
            assert ((low - 1e-12 <= values) & (values <= high + 1e-12)).all()
        vertices = np.concatenate([band.vertices for band in contours.get_paths()])
        np.testing.assert_allclose([vertices.min(axis=0), vertices.max(axis=0)], [[1, -1], [4, 1]])

    @pytest.mark.parametrize(("width", "aspect"), [(1, 1), (8, 1), (0.125, 1), (8.1, "auto"), (0.12, "auto")])
    def test_to_scale_up_to_eight_to_one(self, width, aspect):
        assert draw(np.eye(2), [[0, width], [0, 1]], "xy").get_aspect() == aspect

    @pytest.mark.parametrize("sides", [(5, 1), (1, 5), (20, 1)])
    @pytest.mark.parametrize("layout", [None, "constrained", "compressed", "tight"])
    def test_bar_is_as_high_as_the_axes_and_stands_right_of_them(self, sides, layout):
        ax = plt.figure(layout=layout).add_subplot()
        draw(np.eye(2), [[0, side] for side in sides], "xy", ax=ax)
        column, frame = bar(ax).get_window_extent(), ax.get_window_extent()
        np.testing.assert_allclose([column.y0, column.y1], [frame.y0, frame.y1], atol=0.5)
        assert column.x0 > frame.x1

    @pytest.mark.parametrize("sides", [(1, 1), (5, 1), (1, 2), (1, 5), (20, 1)])
    def test_nothing_is_cut_off(self, sides):
        ax = draw(1e-3 * np.eye(2), [[0, side] for side in sides], "xy", label="temperature")
        ax.figure.canvas.draw()
        everything, (width, height) = ax.get_tightbbox(), ax.figure.canvas.get_width_height()
        assert 0 <= everything.x0 < everything.x1 <= width
        assert 0 <= everything.y0 < everything.y1 <= height

    @pytest.mark.parametrize(("value", "text"), [(0, "0"), (-2.5, "\N{MINUS SIGN}2.5"), (2e-300, r"$2\times10^{-300}$")])
    def test_a_constant_is_one_colour_with_one_mark(self, value, text):
        ax = draw(np.full((5, 4), value), AXES[:2], NAMES[:2])
        assert [mark.get_text() for mark in bar(ax).get_yticklabels()] == [text]
        assert len(contour_sets(ax)[0].get_paths()) == 1

    def test_drawing_again_replaces_the_bar(self):
        ax = draw(*samples(2))
        assert bar(draw(*samples(2), ax=ax, label="v")).get_ylabel() == "v"
        assert draw(*samples(2), ax=ax, colorbar=False).child_axes == []

    def test_a_diverging_map_is_centred_on_zero_if_there_are_both_signs(self):
        for cmap, shift, centred in [("viridis", 0, False), ("RdBu_r", 0, True), (mpl.colormaps["coolwarm"], 0, True), ("RdBu", 20, False)]:
            (contours,) = contour_sets(draw(shift + samples(2)[0], *samples(2)[1:], cmap=cmap))
            assert (contours.norm.vmin == -contours.norm.vmax) == centred

    def test_number_of_levels(self):
        (few,), (many,) = (contour_sets(draw(*samples(2), levels=number)) for number in (4, 40))
        assert len(few.levels) <= 6 < 17 <= len(many.levels) <= 42

    @pytest.mark.parametrize(("levels", "extend"), [((-10, 15), "neither"), ((0, 5, 15), "min"), ((-10, 5), "max"), ((0, 5), "both")])
    @pytest.mark.parametrize(("scale", "unit"), [(1.0, 1.0), (1e-301, 0.1)])
    def test_levels_of_the_caller_and_what_is_beyond(self, levels, extend, scale, unit):
        (contours,) = contour_sets(draw(scale * samples(2)[0], *samples(2)[1:], levels=scale * np.array(levels)))
        np.testing.assert_allclose(contours.levels, unit * np.array(levels), rtol=1e-14)
        assert contours.extend == extend


class TestSlices:
    def vertices(self, ax: Any) -> Iterator[tuple[float, float, np.ndarray]]:
        """Band and vertices (unprojected) of each drawn path; four pieces of each slice, x first."""
        ax.set_proj_type("ortho")
        ax.figure.canvas.draw()
        origin, *corners = np.array([proj_transform(*point, ax.get_proj())[:2] for point in np.vstack([np.zeros(3), np.eye(3)])])
        directions = corners - origin
        for k, piece in enumerate(contour_sets(ax)):
            normal = k // 4
            in_plane = np.delete(directions, normal, axis=0)
            for low, high, band in zip(piece.levels[:-1], piece.levels[1:], piece.get_paths(), strict=True):
                flat = np.linalg.solve(in_plane.T, (band.vertices - origin - POINT[normal] * directions[normal]).T).T
                yield low, high, np.insert(flat, normal, POINT[normal], axis=1)

    def test_every_vertex_lies_in_its_slice_and_band(self):
        drawn = list(self.vertices(draw(*samples(3), at=POINT)))
        for low, high, points in drawn:
            values = linear(*points.T)
            assert ((low - 1e-9 <= values) & (values <= high + 1e-9)).all()
        everything = np.concatenate([points for *_, points in drawn])
        np.testing.assert_allclose([everything.min(axis=0), everything.max(axis=0)], [[1, -1, 5], [4, 1, 6]])

    def test_pieces_interpolate_linearly_and_tile_the_slices(self):
        area = np.zeros(3)
        for axis, place, sides, values in pieces(Samples.of(*samples(3)), PLACES):
            (points := [*np.ix_(*sides)]).insert(axis, np.array(place))
            np.testing.assert_allclose(values, linear(*points), rtol=1e-13)
            area[axis] += np.prod([np.ptp(side) for side in sides])
        np.testing.assert_allclose(area, [2 * 1, 3 * 1, 3 * 2])

    def test_by_default_through_the_middle(self):
        lines = [artist for artist in draw(*samples(3)).collections if not isinstance(artist, ContourSet)]
        assert len(lines) == 12 + 24  # frames of the pieces, halves of the edges
        corners = np.concatenate([np.asarray(line._segments3d)[0] for line in lines])
        assert [np.unique(places).tolist() for places in corners.T] == [[1, 2.5, 4], [-1, 0, 1], [5, 5.5, 6]]

    @pytest.mark.parametrize(("at", "number"), [(POINT, 12), ((4.0, 0.0, 5.5), 8), ((4.0, -1.0, 5.5), 5), ((4.0, -1.0, 6.0), 3)])
    def test_slices_on_faces_have_fewer_pieces(self, at, number):
        assert len(contour_sets(draw(*samples(3), at=at))) == number

    def test_axes_hold_the_box_and_not_the_values(self):
        ax = draw(*samples(3))
        assert [ax.get_xlim(), ax.get_ylim(), ax.get_zlim()] == [(1, 4), (-1, 1), (5, 6)]
        np.testing.assert_allclose(ax._box_aspect / ax._box_aspect.max(), [1, 2 / 3, 1 / 3])

    def test_few_marks_along_a_short_side(self):
        ax = draw(np.zeros((2, 2, 2)), [[0, 1], [0, 1], [0, 14]], NAMES)
        assert len(ax.get_yticks()) < len(ax.get_xticks()) <= 3 < len(ax.get_zticks()) <= 7

    def test_axes_keep_what_was_drawn_before(self):
        ax = plt.figure().add_subplot(projection="3d")
        ax.set(xticks=[3, 5])
        ax.scatter([9.0], [0.0], [0.0])
        draw(*samples(3), ax=ax)
        (left, right), (bottom, top) = ax.get_xlim(), ax.get_zlim()
        assert (left <= 1 < 9 <= right, bottom <= 0 < 6 <= top) == (True, True)
        assert ax.get_xticks().tolist() == [3, 5]

    @pytest.mark.parametrize(("elevation", "azimuth"), [(30, -60), (20, 130), (-35, 15), (70, -160)])
    def test_what_is_nearer_is_drawn_later(self, elevation, azimuth):
        """A ray from a point of one piece towards the eye that meets another piece: the other one is above."""
        ax = draw(*samples(3), at=POINT)
        ax.view_init(elevation, azimuth)
        ax.figure.canvas.draw()
        lengths = np.array([np.ptp(c) for c in AXES])
        up, around = np.deg2rad([elevation, azimuth])
        ray = np.array([np.cos(up) * np.cos(around), np.cos(up) * np.sin(around), np.sin(up)]) * lengths / ax._box_aspect
        rng, met = np.random.default_rng(7302946158), 0
        drawn = list(zip(pieces(Samples.of(*samples(3)), PLACES), contour_sets(ax), strict=True))
        for ((axis, _, sides, _), artist), ((other, _, others, _), above) in permutations(drawn, 2):
            for fractions in rng.uniform(size=(20, 2)):
                start = np.insert([s[0] + f * np.ptp(s) for s, f in zip(sides, fractions, strict=True)], axis, POINT[axis])
                time = (POINT[other] - start[other]) / ray[other]
                end = np.delete(start + time * ray, other)
                if time > 0 and all(s[0] < e < s[-1] for s, e in zip(others, end, strict=True)):
                    met += 1
                    assert above.zorder > artist.zorder
        assert met > 10


EYE, SQUARE = np.eye(2), [[0, 1], [0, 1]]
BAD_DATA = [
    ([[0, 1], [np.nan, -np.inf]], SQUARE, "xy", r"^values: 2 of 4 are NaN or infinite, the first at index \(1, 0\)"),
    (1j * EYE, SQUARE, "xy", r"^values: type complex128; .*\.real, \.imag or abs\(\)"),
    (EYE, SQUARE[:1], "xy", r"^values: shape \(2, 2\) with 1 coordinate array\(s\) and 2 name\(s\)"),
    (EYE, SQUARE, "x", r"^values: shape \(2, 2\) with 2 coordinate array\(s\) and 1 name\(s\)"),
    (3.0, [], [], r"^values: shape \(\) .* at least one"),
    (np.zeros((2, 2, 2, 2)), SQUARE * 2, "abcd", r"^values: 4 dimensions, at most 3 .* a, b, c, d: values\[\.\.\., k\]"),
    (EYE, [[0, 1], [0, 1, 2]], "xy", r"^coordinates: axis y has 3 nodes, the values have 2 there"),
    (EYE[:1], [[0], [0, 1]], "xy", r"^coordinates: axis x: .* at least 2"),
    (EYE, [[0, 0], [0, 1]], "xy", r"^coordinates: axis x must increase, but has 0.0 before 0.0 at node 0"),
]
BAD_WISHES = [
    (2, {"at": (1, 0)}, r"^at: \(1, 0\) places the slices through a box; these values have 2 dimension"),
    (3, {"at": (1, 0, 7)}, r"^at: \(1.0, 0.0, 7.0\); .* \(x, y, z\) of the box \[1, 4\] x \[-1, 1\] x \[5, 6\]"),
    (2, {"levels": 0}, "^levels: got 0; allowed is an integer >= 1"),
    (3, {"levels": [1, 1]}, r"^levels: \[1, 1\] must increase"),
    (3, {"cmap": "rainboww"}, "'rainboww' is not a (valid value for|known colormap)"),
]


@pytest.mark.parametrize(
    ("data", "wishes", "message"),
    [(data, {}, message) for *data, message in BAD_DATA] + [(samples(d), wishes, message) for d, wishes, message in BAD_WISHES],
)
def test_errors_leave_no_figure_behind(data, wishes, message):
    before = plt.get_fignums()
    with pytest.raises(ValueError, match=message):
        draw(*data, **wishes)
    assert plt.get_fignums() == before


@pytest.mark.parametrize(("d", "other"), [(1, "3d"), (2, "3d"), (2, "polar"), (3, None), (3, "polar")])
def test_axes_of_another_kind_are_left_alone(d, other):
    ax = plt.figure().add_subplot(projection=other)
    needed = r'add_subplot\(projection="3d"\)' if d == 3 else r"plt\.subplots\(\)"
    with pytest.raises(ValueError, match=rf"^ax: {ax.name} axes; .*{needed}"):
        draw(*samples(d), ax=ax)
    assert not ax.has_data()


def test_several_axes():
    with pytest.raises(ValueError, match=r"^ax: ndarray; one matplotlib axes"):
        draw(*samples(1), ax=plt.subplots(2)[1])


def test_matplotlib_is_imported_at_the_first_picture():
    program = "import sys, tensorfem.plotting; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
