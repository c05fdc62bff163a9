"""What pictures of fields show: the right axes, places and cells, of the field itself and not of its nodes only."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.contour import ContourSet
from matplotlib.quiver import Quiver

import tensorfem as tfem
from tensorfem.pictures import View, animate

SLOPES = (1.0, -10.0, 100.0, 1000.0)
BOX = {"x": (0, 4), "y": (0, 3), "z": (1, 3)}


def linear(*coordinates: Any) -> Any:
    return sum(slope * coordinate for slope, coordinate in zip(SLOPES, coordinates, strict=False))


def field(d: int, **wishes: Any) -> tfem.Field:
    sides = dict(list(BOX.items())[:d])
    return tfem.interpolate(tfem.box(**sides, cells=(4, 3, 2)[:d], **wishes), linear)


def four() -> tfem.Field:
    bases = [tfem.Lagrange(tfem.interval(0, length, cells=cells), 1) for length, cells in ((4, 4), (3, 3), (2, 2), (1, 1))]
    return tfem.interpolate(tfem.Space(*bases), linear)


def bands_hold(ax: Any, function: Any) -> bool:
    """Whether every vertex of a band lies where the function, of the axes drawn, has the values of the band."""
    contours = next(artist for artist in ax.collections if isinstance(artist, ContourSet))
    bands = list(zip(contours.levels[:-1], contours.levels[1:], contours.get_paths(), strict=True))
    values = [(low, high, function(*band.vertices.T)) for low, high, band in bands if len(band.vertices)]
    return bool(values) and all((low - 1e-9 <= v).all() and (v <= high + 1e-9).all() for low, high, v in values)


def bar_label(ax: Any) -> str:
    return str(ax.child_axes[0].get_ylabel())


class TestPlaces:
    @pytest.mark.parametrize("basis", ["lagrange", "bspline"])
    def test_a_slice_of_a_box(self, basis):
        u = field(3, degree=2, basis=basis)
        ax = u.plot(at={"y": 0.7})
        assert [ax.get_xlabel(), ax.get_ylabel(), bar_label(ax)] == ["x", "z", "u at y = 0.7"]
        assert [*ax.get_xlim(), *ax.get_ylim()] == [0, 4, 1, 3]
        assert bands_hold(ax, lambda x, z: linear(x, 0.7, z))
        assert bands_hold(u.plot(at={"x": 0.3}, label="T"), lambda y, z: linear(0.3, y, z))

    def test_a_line_through_a_box(self):
        ax = field(3).plot(at={"x": 0.5, "z": 2})
        assert [ax.get_xlabel(), ax.get_ylabel()] == ["y", "u at x = 0.5, z = 2"]
        y, values = ax.lines[0].get_data()
        np.testing.assert_allclose(values, linear(0.5, y, 2), rtol=1e-13)

    def test_slices_in_a_box(self):
        u = field(3)
        assert len(u.plot(at={"z": [1.5, 2.5]}).collections) == 2 * 2 + 8 + 4 * 3  # slices, their frames, edges of the box
        assert bar_label(u.plot(at=(1, 1, 2))) == "u"

    def test_more_axes_than_three(self):
        u = four()
        assert bands_hold(u.plot(at={"x1": 1.5, "x3": 0.5}), lambda x2, x4: linear(1.5, x2, 0.5, x4))
        assert u.plot(at={"x2": 0.5}).get_zlabel() == "x4"

    @pytest.mark.parametrize(
        ("d", "at", "message"),
        [
            (3, {"w": 1.0}, "^at: got the axis 'w'; the axes of this field are x, y, z"),
            (3, {"z": 3.5}, r"^at: z = 3\.5 lies outside the box, where z goes from 1 to 3"),
            (2, {"x": np.nan}, "^at: x: got nan"),
            (2, {"x": 1, "y": 1}, "^at: all axes are fixed; call the field"),
            (3, {"x": 1.0, "z": [2.0]}, r"^at: \(\(\), \[2\.0\]\) places the slices through a box"),
            (2, (1, 1), r"^at: \(1, 1\) places the slices"),
            (3, {"z": [7.0]}, r"^at: \(\(\), \(\), \[7\.0\]\); the slices"),
            (4, None, r'^at: 4 axes are left, at most 3 can be drawn; .* at=\{"x3": 1, "x4": 0\.5\}'),
        ],
    )
    def test_errors(self, d, at, message):
        with pytest.raises(ValueError, match=message):
            (four() if d == 4 else field(d)).plot(at=at)
        assert not plt.get_fignums()


class TestPlot:
    def test_cells_are_those_of_the_mesh(self):
        mesh = tfem.graded(0, 1, cells=5, size_ratio=10, toward="left")
        u = tfem.interpolate(tfem.Space(tfem.Lagrange(mesh, 3), tfem.Lagrange(tfem.interval(0, 2, cells=3), 1)), "x*y")
        segments = np.array(u.plot(mesh=True, kind="contours").collections[0].get_segments())
        np.testing.assert_allclose(segments[:6, :, 0].mean(axis=1), mesh.nodes)
        np.testing.assert_allclose(segments[6:, :, 1].mean(axis=1), [0, 2 / 3, 4 / 3, 2])

    def test_arrows_are_the_gradient(self):
        u = field(3, degree=2)
        (quiver,) = (a for a in u.plot(at={"y": 1.0}, arrows=True).collections if isinstance(a, Quiver))
        np.testing.assert_allclose(quiver.V, 100 * quiver.U, rtol=1e-9)
        bowl = tfem.interpolate(tfem.box(x=(0, 4), y=(0, 3), cells=4, degree=2), "(x - 1)**2 + 5*(y - 2)**2")
        (quiver,) = (a for a in bowl.plot(arrows=True).collections if isinstance(a, Quiver))
        x, y = quiver.XY.T
        np.testing.assert_allclose(quiver.U * 10 * (y - 2), quiver.V * 2 * (x - 1), atol=1e-12)
        assert (quiver.U * (x - 1) >= 0).all()

    @pytest.mark.parametrize(("d", "wishes"), [(1, {}), (3, {}), (2, {"kind": "surface"})])
    def test_arrows_need_a_flat_picture(self, d, wishes):
        with pytest.raises(ValueError, match=r'^arrows: they need a flat picture of two axes; .*at=\{"z": 0\.5\}'):
            field(d).plot(arrows=True, **wishes)

    def test_a_periodic_axis_is_closed(self):
        space = tfem.box(x=(0, 1), y=(0, 2), cells=(5, 4), degree=3, periodic="x", basis="bspline")
        u = tfem.interpolate(space, "sin(2*pi*x)")
        assert u.plot(mesh=True, arrows=True).get_xlim() == (0, 1)
        x, values = u.plot(at={"y": 1.0}).lines[0].get_data()
        assert [x[0], x[-1]] == [0, 1]
        assert values[0] == pytest.approx(values[-1])

    def test_options_arrive(self):
        ax = plt.figure().add_subplot()
        u = field(2)
        assert u.plot(ax, cmap="coolwarm", levels=[-20, 0, 3], limits=(-20, 3), label="T") is ax
        (contours,) = (a for a in ax.collections if isinstance(a, ContourSet))
        assert [contours.cmap.name, *contours.levels, bar_label(ax)] == ["coolwarm", -20, 0, 3, "T"]
        assert u.plot(kind="surface", colorbar=False, limits=(-50, 50)).get_zlim() == (-50, 50)


class TestCompare:
    def test_two_fields_on_different_cells(self):
        u, v = field(2), tfem.interpolate(tfem.box(x=(0, 4), y=(0, 3), cells=(7, 5), degree=2), lambda x, y: linear(x, y) + x * y)
        left, right = u.compare(v, titles=("coarse", "fine"))
        assert [left.get_title(), right.get_title()] == ["coarse", "fine"]
        assert bands_hold(left, linear)
        first, second = (next(a for a in ax.collections if isinstance(a, ContourSet)) for ax in (left, right))
        assert first.levels.tolist() == second.levels.tolist()
        assert [first.norm.vmin, first.norm.vmax] == [second.norm.vmin, second.norm.vmax]

    def test_a_function_on_a_slice(self):
        left, right = field(3).compare(lambda x, y, z: 2 * linear(x, y, z), at={"x": 1.5})
        assert bands_hold(left, lambda y, z: linear(1.5, y, z))
        assert bands_hold(right, lambda y, z: 2 * linear(1.5, y, z))
        assert right.get_title() == "v at x = 1.5"

    def test_is_seen_between_the_nodes(self):
        """Linear elements that interpolate a parabola are wrong within the cells only, by h^2/4 times half the second derivative."""
        u = tfem.interpolate(tfem.box(x=(0, 2), cells=4), "x**2")
        (line,) = u.plot_error("x**2").lines
        assert line.get_ydata().max() == pytest.approx(0.5**2 / 4, rel=1e-3)
        assert line.get_ydata().min() == pytest.approx(0, abs=1e-14)
        assert u.plot_error("x**2").get_ylim()[0] == pytest.approx(-u.plot_error("x**2").get_ylim()[1])

    def test_errors_of_a_box_on_a_logarithmic_scale(self):
        u = field(3)
        ax = u.plot_error(lambda x, y, z: linear(x, y, z) * (1 + 1e-6), log=True, at={"z": 2.0}, mesh=True)
        assert bar_label(ax) == "|error| at z = 2"
        assert bands_hold(ax, lambda x, y: np.maximum(1e-6 * np.abs(linear(x, y, 2.0)), 1e-6 * 200 * 1e-4))
        assert bar_label(u.plot_error(0.0, label="e")) == "e"

    def test_the_sign_is_that_of_field_minus_exact(self):
        (line,) = tfem.interpolate(tfem.box(x=(0, 1), cells=2), "3 + x").plot_error("x").lines
        np.testing.assert_allclose(line.get_ydata(), 3)

    @pytest.mark.parametrize(("method", "name"), [("compare", "other"), ("plot_error", "exact")])
    def test_bad_partners(self, method, name):
        draw = getattr(field(2), method)
        with pytest.raises(ValueError, match=rf"^{name}: a field on the box \[0, 4\]; this one lives on \[0, 4\] x \[0, 3\]"):
            draw(field(1))
        with pytest.raises(ValueError, match=rf"^{name}: "):
            draw(lambda x, y: np.full((3, 2), 1.0))
        with pytest.raises(ValueError, match=rf"^{name}: got None"):
            draw(None)


class TestAnimate:
    def test_fields_of_different_spaces(self, tmp_path):
        fields = [field(2), tfem.interpolate(tfem.box(x=(0, 4), y=(0, 3), cells=9), "x")]
        animation = animate(fields, times=[0, 1.5], at={"y": 1.0})
        (ax,) = plt.gcf().axes
        animation._func(0)
        x, values = ax.lines[0].get_data()
        np.testing.assert_allclose(values, linear(x, 1.0))
        animation._func(1)
        np.testing.assert_allclose(ax.lines[0].get_ydata(), x)
        assert [ax.get_title(), ax.get_ylabel()] == ["t = 1.5", "u at y = 1"]
        animation.save(tmp_path / "u.gif", writer="pillow", dpi=30)

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ([], r"^fields: got \[\]; allowed is a sequence of one Field or more"),
            ([1.0], r"^fields: got \[1\.0\]"),
            ([field(2), field(1)], r"^fields\[1\]: a field on the box \[0, 4\]"),
        ],
    )
    def test_errors(self, fields, message):
        with pytest.raises(ValueError, match=message):
            animate(fields)


def test_isosurface_hands_over_samples_of_three_axes(monkeypatch):
    seen: list[Any] = []
    monkeypatch.setattr("tensorfem.plotting.isosurface", lambda *arguments, **options: seen.append((arguments, options)))
    four().isosurface(at={"x3": 0.5}, levels=[7.0])
    (((values, coordinates, names), options),) = seen
    assert (values.shape, names) == ((5, 4, 2), ("x1", "x2", "x4"))
    np.testing.assert_allclose(values[1, 2, 1], linear(1, 2, 0.5, 1))
    assert [c.size for c in coordinates] == [5, 4, 2]
    assert [options["levels"], options["label"]] == [[7.0], "u at x3 = 0.5"]


def test_a_view_samples_finer_beside_a_function_and_as_fine_as_the_finer_field():
    space, finer = tfem.box(x=(0, 4), y=(0, 3), cells=(4, 3)), tfem.interpolate(tfem.box(x=(0, 4), y=(0, 3), cells=90), 0.0)
    assert View.of(space).shape == (5, 4)
    assert View.of(space, beside="x").shape == (49, 37)
    assert View.of(space, beside=finer).shape == (361, 361)
    assert np.isin(finer.space.nodes[0], View.of(space, beside=finer).points[0]).all()
