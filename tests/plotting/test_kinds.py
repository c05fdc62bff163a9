"""Contour lines, surfaces, cell lines, slices at several places, common scales: what is drawn lies where the field has its value."""

from itertools import permutations
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.contour import ContourSet

from tensorfem.plotting import draw
from tensorfem.plotting.samples import Samples
from tensorfem.plotting.slices import pieces, slice_places
from tensorfem.plotting.surface import FACETS

NAMES = ("x", "y", "z")
SLOPES = (1.0, -10.0, 100.0)
AXES = (np.array([1.0, 1.2, 1.9, 3.1, 4.0]), np.array([-1.0, -0.9, 0.2, 1.0]), np.array([5.0, 5.25, 6.0]))
CELLS = (np.array([1.0, 1.9, 4.0]), np.array([-1.0, 0.2, 1.0]), np.array([5.0, 5.5, 6.0]))  # 5.5 is no sample
PLACES = ([1.5, 3.1], [], [5.9])


def linear(*coordinates: Any) -> Any:
    return sum(slope * coordinate for slope, coordinate in zip(SLOPES, coordinates, strict=False))


def samples(d: int) -> tuple[np.ndarray, tuple[np.ndarray, ...], tuple[str, ...]]:
    return linear(*np.ix_(*AXES[:d])), AXES[:d], NAMES[:d]


def contour_sets(ax: Any) -> list[Any]:
    return [artist for artist in ax.collections if isinstance(artist, ContourSet)]


def lines(ax: Any) -> np.ndarray:
    """The ends of all lines between cells."""
    (collection,) = (artist for artist in ax.collections if type(artist) is LineCollection)
    return np.array(collection.get_segments())


def bar(ax: Any) -> Any:
    ax.figure.canvas.draw()
    (child,) = ax.child_axes
    return child


class TestContourLines:
    def test_every_vertex_has_the_value_of_its_line(self):
        (contours,) = contour_sets(draw(*samples(2), kind="contours"))
        assert len(contours.levels) > 4
        for level, line in zip(contours.levels, contours.get_paths(), strict=True):
            np.testing.assert_allclose(linear(*line.vertices.T), level, atol=1e-12)

    def test_the_values_written_on_them_are_theirs(self):
        ax = draw(*samples(2), kind="contours")
        assert ax.texts
        for text in ax.texts:
            written = float(text.get_text().replace("\N{MINUS SIGN}", "-"))
            assert abs(linear(*text.get_position()) - written) < 0.3  # labels lie between vertices, matplotlib rounds to pixels

    def test_no_value_is_cut_by_the_edge(self):
        ax = draw(*samples(2), kind="contours", levels=np.linspace(-9, 14, 24))
        ax.figure.canvas.draw()
        frame = ax.get_window_extent()
        centres = [text.get_window_extent().get_points().mean(axis=0) for text in ax.texts]
        assert all(frame.x0 + 10 < x < frame.x1 - 10 and frame.y0 + 8 < y < frame.y1 - 8 for x, y in centres)

    def test_has_colours_of_the_bar(self):
        ax = draw(*samples(2), kind="contours", levels=[-3.0, 0.0, 9.0])
        (contours,) = contour_sets(ax)
        assert [contours.norm.vmin, contours.norm.vmax] == [-3, 9] == list(bar(ax).get_ylim())

    @pytest.mark.parametrize("levels", [None, 5, (100.0, 200.0)])
    @pytest.mark.parametrize("value", [0.0, 2e-300])
    def test_a_constant_has_none(self, levels, value):
        ax = draw(np.full((5, 4), value), AXES[:2], NAMES[:2], kind="contours", levels=levels)
        ax.figure.canvas.draw()
        assert not contour_sets(ax)
        assert [*ax.get_xlim(), *ax.get_ylim()] == [1, 4, -1, 1]

    def test_levels_beyond_the_values_are_left_out(self):
        (contours,) = contour_sets(draw(*samples(2), kind="contours", levels=[-1e3, 0.0, 1e3]))
        assert contours.levels.tolist() == [0]


class TestSurface:
    def faces(self, ax: Any) -> tuple[np.ndarray, np.ndarray]:
        """The corners of the facets, and of the strokes, which have no area."""
        (surface,) = ax.collections
        polygons = np.asarray(surface._faces)
        flat = (polygons[:, 1] == polygons[:, 2]).all(axis=1)
        return polygons[~flat], polygons[flat]

    def test_facets_lie_on_the_field_and_cover_the_rectangle(self):
        facets, strokes = self.faces(draw(*samples(2), kind="surface"))
        np.testing.assert_allclose(facets[..., 2], linear(facets[..., 0], facets[..., 1]), atol=1e-12)
        widths = np.ptp(facets, axis=1)
        np.testing.assert_allclose(np.sum(widths[:, 0] * widths[:, 1]), 3 * 2)
        assert not strokes.size

    def test_colours_are_those_of_the_values(self):
        ax = draw(*samples(2), kind="surface", cmap="coolwarm")
        (surface,) = ax.collections
        facets, _ = self.faces(ax)
        norm = plt.Normalize(*bar(ax).get_ylim())
        np.testing.assert_allclose(surface._facecolor3d, plt.get_cmap("coolwarm")(norm(facets[..., 2].mean(axis=1))))
        assert norm.vmin == -norm.vmax

    def test_the_lines_between_cells_lie_on_it(self):
        _, strokes = self.faces(draw(*samples(2), kind="surface", mesh=CELLS[:2]))
        np.testing.assert_allclose(strokes[..., 2], linear(strokes[..., 0], strokes[..., 1]), atol=1e-12)
        lengths = [np.ptp(strokes[(strokes[:, :, k] == end).all(axis=1)][:, :, 1 - k], axis=1).sum() for k in (0, 1) for end in CELLS[k]]
        np.testing.assert_allclose(lengths, [2, 2, 2, 3, 3, 3])

    def test_many_samples_are_thinned_to_the_ends_and_some_between(self):
        x, y = np.linspace(0, 1, 1001), np.linspace(0, 2, 31)
        facets, _ = self.faces(draw(x[:, None] + y, (x, y), "xy", kind="surface"))
        assert len(facets) == FACETS * 30
        assert facets.min() == 0
        assert facets[..., 0].max() == 1

    def test_names_the_field_once(self):
        with_bar, without = (draw(*samples(2), kind="surface", label="temperature", colorbar=wish) for wish in (True, False))
        assert [with_bar.get_zlabel(), bar(with_bar).get_ylabel(), without.get_zlabel()] == ["", "temperature", "temperature"]
        assert [with_bar.get_xlabel(), with_bar.get_ylabel()] == ["x", "y"]

    @pytest.mark.parametrize("scale", [0.0, 1e-300, 3e-7, 1.7e308])
    def test_any_size(self, scale):
        values, coordinates, names = samples(2)
        draw(scale * (values / np.abs(values).max()), coordinates, names, kind="surface").figure.canvas.draw()


class TestCells:
    def test_strokes_on_a_line(self):
        curve, strokes = draw(*samples(1), mesh=[np.array([1.0, 2.0, 4.0])]).lines
        assert strokes.get_xydata().tolist() == [[1, 1], [2, 2], [4, 4]]
        assert strokes.get_color() == curve.get_color()

    @pytest.mark.parametrize("kind", ["auto", "contours"])
    def test_lines_across_a_rectangle(self, kind):
        segments = lines(draw(*samples(2), kind=kind, mesh=CELLS[:2])).tolist()
        assert segments == [[[x, -1], [x, 1]] for x in CELLS[0]] + [[[1, y], [4, y]] for y in CELLS[1]]

    def test_dense_cells_are_thinned_and_the_ends_stay(self):
        x = np.concatenate([np.linspace(0, 0.1, 301), np.linspace(0.1, 1, 10)[1:]])
        segments = lines(draw(x[:, None] + x, (x, x), "xy", mesh=(x, x)))
        drawn = segments[segments[:, 0, 0] == segments[:, 1, 0]][:, 0, 0]
        assert drawn[0] == 0
        assert drawn[-1] == 1
        assert np.diff(drawn).min() >= 1 / 64
        assert np.isin(x[305:], drawn).all()

    def test_lines_on_slices_stay_in_their_pieces(self):
        ax = draw(*samples(3), at=PLACES, mesh=CELLS)
        found = set()
        for artist in (artist for artist in ax.collections if not isinstance(artist, ContourSet)):
            for segment in np.asarray([part for part in artist._segments3d if len(part) == 2]):
                normal = [k for k in range(3) if (segment[:, k] == segment[0, k]).all() and segment[0, k] in PLACES[k]]
                cell = [k for k in range(3) if (segment[:, k] == segment[0, k]).all() and segment[0, k] in CELLS[k][1:-1]]
                found.update((n, c) for n in normal for c in cell if n != c)
        assert found == {(0, 1), (0, 2), (2, 0), (2, 1)}  # on slices normal to x and z, lines of the other two axes


class TestSlices:
    def test_at_several_places_of_some_axes(self):
        area: dict[tuple[int, float], float] = {}
        for axis, place, sides, values in pieces(Samples.of(*samples(3)), [np.array(places) for places in PLACES]):
            points = [*np.ix_(*sides)]
            points.insert(axis, np.array(place))
            np.testing.assert_allclose(values, linear(*points), rtol=1e-13)
            area[axis, place] = area.get((axis, place), 0) + np.prod([np.ptp(side) for side in sides])
        assert area == pytest.approx({(0, 1.5): 2 * 1, (0, 3.1): 2 * 1, (2, 5.9): 3 * 2})

    def test_are_drawn(self):
        assert len(contour_sets(draw(*samples(3), at=PLACES))) == 2 * 2 + 3
        assert len(contour_sets(draw(*samples(3), at=([], [0.0, 0.2, 0.5], [])))) == 3

    def test_places_may_come_in_any_order_and_twice(self):
        assert [places.tolist() for places in slice_places(Samples.of(*samples(3)), ([3, 2.0, 3], 0.5, []))] == [[2, 3], [0.5], []]

    @pytest.mark.parametrize(("elevation", "azimuth"), [(30, -60), (-35, 15), (70, -160)])
    def test_what_is_nearer_is_drawn_later(self, elevation, azimuth):
        places = [np.array([1.5, 3.1]), np.array([-0.2, 0.6]), np.array([5.4])]
        ax = draw(*samples(3), at=places)
        ax.set_proj_type("ortho")
        ax.view_init(elevation, azimuth)
        ax.figure.canvas.draw()
        up, around = np.deg2rad([elevation, azimuth])
        lengths = np.array([np.ptp(c) for c in AXES])
        ray = np.array([np.cos(up) * np.cos(around), np.cos(up) * np.sin(around), np.sin(up)]) * lengths / ax._box_aspect
        rng, met = np.random.default_rng(5528_1093), 0
        drawn = list(zip(pieces(Samples.of(*samples(3)), places), contour_sets(ax), strict=True))
        for ((axis, place, sides, _), artist), ((other, there, others, _), above) in permutations(drawn, 2):
            for fractions in rng.uniform(size=(3, 2)):
                start = np.insert([s[0] + f * np.ptp(s) for s, f in zip(sides, fractions, strict=True)], axis, place)
                time = (there - start[other]) / ray[other]
                end = np.delete(start + time * ray, other)
                if time > 0 and all(s[0] < e < s[-1] for s, e in zip(others, end, strict=True)):
                    met += 1
                    assert above.zorder > artist.zorder
        assert met > 10


class TestLimits:
    def test_set_the_scale_of_colours(self):
        (contours,) = contour_sets(draw(*samples(2), limits=(-50, 5)))
        assert [contours.norm.vmin, contours.norm.vmax, contours.extend] == [-50, 5, "max"]

    def test_set_the_ordinate(self):
        low, high = draw(*samples(1), limits=(0, 10)).get_ylim()
        assert [low, high] == [-0.5, 10.5]

    def test_set_the_height(self):
        assert draw(*samples(2), kind="surface", limits=(-20, 30)).get_zlim() == (-20, 30)

    def test_share_the_unit_of_extreme_values(self):
        samples_ = Samples.of([0.0, 1e-310], [[0, 1]], ["x"], (0, 2e-200))
        assert samples_.exponent == -200
        assert samples_.limits == pytest.approx((0, 2))

    def test_of_a_constant(self):
        (contours,) = contour_sets(draw(np.full((5, 4), 3.0), *samples(2)[1:], limits=(0, 4)))
        assert contours.norm.vmax == 4
        shown = contours.to_rgba(3.0)
        (band,) = (k for k, path in enumerate(contours.get_paths()) if len(path.vertices))
        assert np.abs(np.array(contours.get_facecolor()[band]) - shown).max() < 0.1


@pytest.mark.parametrize(
    ("d", "wishes", "message"),
    [
        (1, {"kind": "surface"}, r'^kind: got \'surface\'; allowed for values with 1 axes: "auto"$'),
        (2, {"kind": "lines"}, r'^kind: got \'lines\'; .* 2 axes: "auto", "contours", "surface"'),
        (3, {"kind": "contours"}, r'^kind: .* 3 axes: "auto"$'),
        (2, {"mesh": AXES}, r"^mesh: got 3 array\(s\) of cell ends; one is needed for each of the 2 axes"),
        (2, {"mesh": [[1, 5], [0, 1]]}, r"^mesh: the cells of axis x go from 1 to 5, .* coordinates, 1 to 4"),
        (1, {"mesh": [["a", "b"]]}, r"^mesh: axis x: got an array .* real numbers"),
        (1, {"limits": (2, 1)}, r"^limits: got \(2, 1\); allowed are two numbers"),
        (1, {"limits": (0, 1, 2)}, r"^limits: got \(0, 1, 2\)"),
        (2, {"limits": (0, np.inf)}, r"^limits: entry 1 is inf"),
        (3, {"at": ([], [], [])}, r"^at: \(\[\], \[\], \[\]\); .* at least one in all"),
        (3, {"at": ([0.5], [], [])}, r"^at: \(\[0\.5\], \[\], \[\]\); .* \[1, 4\] x \[-1, 1\] x \[5, 6\]"),
        (3, {"at": ([2.0], [0.0])}, r"^at: "),
        (3, {"at": (["a"], [], [])}, r"^at: got an array"),
    ],
)
def test_errors_leave_no_figure_behind(d, wishes, message):
    with pytest.raises(ValueError, match=message):
        draw(*samples(d), **wishes)
    assert not plt.get_fignums()


@pytest.mark.parametrize(("d", "kind"), [(1, "auto"), (2, "contours"), (2, "surface"), (3, "auto")])
def test_inputs_stay_as_they_are(d, kind):
    values, coordinates, names = samples(d)
    mesh, at = [ends.copy() for ends in CELLS[:d]], [[3.0, 2.0], [], [5.5]] if d == 3 else None
    levels, limits = np.array([-30.0, 0.0, 700.0]), np.array([-30.0, 700.0])
    given = [values, *coordinates, *mesh, levels, limits]
    kept = [array.copy() for array in given]
    draw(values, coordinates, names, kind=kind, mesh=mesh, at=at, levels=levels, limits=limits).figure.canvas.draw()
    assert all((now == then).all() for now, then in zip(given, kept, strict=True))
    assert at in (None, [[3.0, 2.0], [], [5.5]])


@pytest.mark.parametrize(("d", "kind", "other"), [(2, "surface", None), (2, "contours", "3d")])
def test_axes_of_another_kind(d, kind, other):
    ax = plt.figure().add_subplot(projection=other)
    with pytest.raises(ValueError, match=r"^ax: .* axes; a picture|^ax: .* axes; a flat"):
        draw(*samples(d), kind=kind, ax=ax)
    assert not ax.has_data()
