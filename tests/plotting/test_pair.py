"""Two fields on one scale, and errors in symmetric colours or on a logarithmic scale."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.contour import ContourSet

from tensorfem.plotting import compare, draw_error

NAMES = ("x", "y", "z")
AXES = (np.array([1.0, 1.2, 1.9, 3.1, 4.0]), np.array([-1.0, -0.9, 0.2, 1.0]), np.array([5.0, 5.25, 6.0]))


def field(d: int, *slopes: float) -> tuple[np.ndarray, tuple[np.ndarray, ...], tuple[str, ...]]:
    """A linear field that is zero somewhere in the middle."""
    parts = (slope * (c - c.mean()) for slope, c in zip(slopes, np.ix_(*AXES[:d]), strict=False))
    return sum(parts), AXES[:d], NAMES[:d]


def contour_sets(ax: Any) -> list[Any]:
    return [artist for artist in ax.collections if isinstance(artist, ContourSet)]


def new_axes(d: int) -> list[Any]:
    """Two axes in a figure that lays nothing out, which is quicker."""
    figure = plt.figure()
    return [figure.add_subplot(1, 2, k, projection="3d" if d == 3 else None) for k in (1, 2)]


@pytest.mark.parametrize("d", [1, 2, 3])
class TestCompare:
    def test_one_scale_for_both(self, d):
        large, coordinates, names = field(d, 5, -10, 100)
        small = 7 + field(d, -1, 1, 1)[0]
        left, right = compare(large, small, coordinates, names)
        low, high = min(large.min(), small.min()), max(large.max(), small.max())
        if d == 1:
            assert left.get_ylim() == right.get_ylim()
            assert left.get_ylim()[0] < low < high < left.get_ylim()[1]
        for ax in (left, right):
            for contours in contour_sets(ax):
                assert contours.levels.tolist() == contour_sets(left)[0].levels.tolist()
                assert contours.norm.vmin <= low < high <= contours.norm.vmax

    def test_left_is_the_first(self, d):
        values, coordinates, names = field(d, 5, -10, 100)
        left, right = compare(values, np.zeros_like(values), coordinates, names, titles=("one", "zero"))
        assert [left.get_title(), right.get_title()] == ["one", "zero"]
        if d == 1:
            assert left.lines[0].get_ydata().tolist() == values.tolist()
            assert not right.lines[0].get_ydata().any()
        else:
            bands = [sum(len(path.vertices) > 0 for c in contour_sets(ax) for path in c.get_paths()) for ax in (left, right)]
            assert bands[0] > bands[1] > 0

    def test_one_bar(self, d):
        values, coordinates, names = field(d, 5, -10, 100)
        left, right = compare(values, 2 * values, coordinates, names)
        assert [len(left.child_axes), len(right.child_axes)] == [0, int(d > 1)]
        assert not compare(values, values, coordinates, names, colorbar=False)[1].child_axes

    def test_on_given_axes_of_equal_size(self, d):
        axes = new_axes(d)
        values, coordinates, names = field(d, 5, -10, 100)
        assert compare(values, values, coordinates, names, axes=axes) == tuple(axes)
        axes[0].figure.canvas.draw()
        left, right = (ax.get_window_extent() for ax in axes)
        assert left.size == pytest.approx(right.size, abs=0.5)

    def test_constants_of_any_size(self, d):
        values, coordinates, names = field(d, 1, 1, 1)
        for pair in [(2.0, 2.0), (3e-300, 0.0)]:
            left, _ = compare(*(np.full_like(values, value) for value in pair), coordinates, names, axes=new_axes(d))
            left.figure.canvas.draw()


class TestCompareKinds:
    def test_surfaces(self):
        values, coordinates, names = field(2, 5, -10)
        left, right = compare(values, 3 * values, coordinates, names, kind="surface")
        assert left.get_zlim() == right.get_zlim() == (3 * values.min(), 3 * values.max())

    @pytest.mark.parametrize(
        ("wishes", "message"),
        [
            ({"titles": ("a", "b", "c")}, r"^titles and axes: two of each are needed, got \('a', 'b', 'c'\)"),
            ({"axes": [None]}, r"^titles and axes: two of each .* \[None\]"),
            ({"kind": "map"}, "^kind: got 'map'"),
            ({"at": (0, 0)}, "^at: "),
        ],
    )
    def test_errors(self, wishes, message):
        values, coordinates, names = field(2, 5, -10)
        with pytest.raises(ValueError, match=message):
            compare(values, values, coordinates, names, **wishes)
        assert not plt.get_fignums()

    def test_another_shape(self):
        values, coordinates, names = field(2, 5, -10)
        with pytest.raises(ValueError, match=r"^coordinates: axis x has 5 nodes, the values have 4 there"):
            compare(values, values.T, coordinates, names)


@pytest.mark.parametrize("d", [1, 2, 3])
class TestError:
    def test_is_symmetric_about_zero(self, d):
        values, coordinates, names = field(d, 5, -10, 100)
        values = values + 0.3 * values.max()
        ax = draw_error(values, coordinates, names)
        ax.figure.canvas.draw()
        if d == 1:
            low, high = ax.get_ylim()
            assert high == -low > values.max()
        for contours in contour_sets(ax):
            np.testing.assert_allclose(contours.levels, -contours.levels[::-1])
            assert contours.norm.vmax == -contours.norm.vmin >= np.abs(values).max()
            red, _, blue, _ = contours.to_rgba(contours.norm.vmax)
            assert red > blue
            np.testing.assert_allclose(contours.to_rgba(0.0), [0.97, 0.97, 0.97, 1], atol=0.01)

    def test_logarithm_of_its_size(self, d):
        values, coordinates, names = field(d, 5, -10, 100)
        values = 1e-3 * values / np.abs(values).max()
        ax = draw_error(values, coordinates, names, log=True)
        ax.figure.canvas.draw()
        if d == 1:
            assert ax.get_yscale() == "log"
            np.testing.assert_allclose(ax.lines[0].get_ydata(), np.maximum(np.abs(values), 1e-8))
        for contours in contour_sets(ax):
            np.testing.assert_allclose(contours.levels[[0, 1, -1]], [1e-7, 2e-7, 1e-3])
            assert contours.cmap.name == "magma"
        labels = [ax.get_ylabel()] if d == 1 else [child.get_ylabel() for child in ax.child_axes]
        assert labels == ["|error|"]

    @pytest.mark.parametrize("log", [False, True])
    @pytest.mark.parametrize("scale", [0.0, 5e-324, 1e-16, 1.7e308])
    def test_of_any_size(self, d, log, scale):
        values, coordinates, names = field(d, 5, -10, 100)
        ax = new_axes(d)[0]
        draw_error(scale * (values / np.abs(values).max()), coordinates, names, ax=ax, log=log).figure.canvas.draw()


class TestErrorOnARectangle:
    def test_marks_of_the_bar_are_powers_of_ten(self):
        values, coordinates, names = field(2, 5, -10)
        ax = draw_error(1e-150 * values / np.abs(values).max(), coordinates, names, log=True)
        ax.figure.canvas.draw()
        (bar,) = ax.child_axes
        marks = [mark.get_text() for mark in bar.get_yticklabels()]
        assert marks == [f"$10^{{-{k}}}$" for k in (154, 153, 152, 151, 150)]

    def test_bands_have_the_colours_of_the_bar(self):
        values, coordinates, names = field(2, 5, -10)
        values[0, 0] = 0.0
        for log in (False, True):
            ax = draw_error(values, coordinates, names, log=log)
            ax.figure.canvas.draw()
            (contours,), (bar,) = contour_sets(ax), ax.child_axes
            drawn = contours.get_facecolor()[int(log) :]  # on the logarithmic bar what is beyond the scale is an arrow
            (mesh,) = (artist for artist in bar.collections if hasattr(artist, "get_coordinates"))
            np.testing.assert_allclose(mesh.to_rgba(mesh.get_array()).reshape(-1, 4), drawn, atol=1e-12)

    def test_a_logarithm_of_a_single_size(self):
        ax = draw_error(np.full((5, 4), -2.0), *field(2)[1:], log=True)
        ax.figure.canvas.draw()
        assert contour_sets(ax)[0].levels[-1] == 2

    def test_inputs_stay_as_they_are(self):
        values, coordinates, names = field(2, 5, -10)
        kept = values.copy()
        draw_error(values, coordinates, names, log=True)
        compare(values, kept, coordinates, names)
        assert (values == kept).all()

    def test_errors(self):
        with pytest.raises(ValueError, match=r"^values: 1 of 4 are NaN"):
            draw_error([[0, 1], [np.nan, 1]], [[0, 1], [0, 1]], "xy")
