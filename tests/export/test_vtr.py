"""VTK reads what we write, and finds every value at its place: each point and cell is asked for its coordinates."""

from typing import Any, NamedTuple

import numpy as np
import pytest
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkIOXML import vtkXMLRectilinearGridReader

import tensorfem as tfem
from tensorfem.export import vtr, write_vtr

AXES = (np.array([1.0, 1.2, 1.9, 3.1, 4.0]), np.array([-1.0, -0.9, 0.2, 1.0]), np.array([5.0, 5.25, 6.0]))
EVERY_DIMENSION = pytest.mark.parametrize("d", [1, 2, 3])


class Read(NamedTuple):
    grid: Any
    points: np.ndarray  # (n, 3)
    middles: np.ndarray  # of the cells
    point_data: dict[str, np.ndarray]
    cell_data: dict[str, np.ndarray]


def read(path) -> Read:
    reader, errors = vtkXMLRectilinearGridReader(), []
    reader.AddObserver("ErrorEvent", lambda *_: errors.append(1))
    assert reader.CanReadFile(str(path))
    reader.SetFileName(str(path))
    reader.Update()
    assert not errors
    grid = reader.GetOutput()
    points = np.array([grid.GetPoint(i) for i in range(grid.GetNumberOfPoints())])
    middles = np.array([np.reshape(grid.GetCell(i).GetBounds(), (3, 2)).mean(axis=1) for i in range(grid.GetNumberOfCells())])
    return Read(grid, points, middles, arrays(grid.GetPointData()), arrays(grid.GetCellData()))


def arrays(data) -> dict[str, np.ndarray]:
    return {data.GetArrayName(k): vtk_to_numpy(data.GetArray(k)).copy() for k in range(data.GetNumberOfArrays())}


def numbered(axes, *lead, dtype=np.float64):
    """An array of different entries."""
    shape = (*lead, *(len(axis) for axis in axes))
    return np.arange(np.prod(shape)).reshape(shape).astype(dtype)


def at(array, axes, place):
    """The entry of an array at the grid point of these coordinates."""
    return array[(..., *(int(np.argmin(abs(axis - x))) for axis, x in zip(axes, place, strict=False)))]


@EVERY_DIMENSION
@pytest.mark.parametrize("components", [None, 1, 2, 3, 6])
def test_every_value_is_at_its_place(d, components, tmp_path):
    axes, lead = AXES[:d], () if components is None else (components,)
    middles = [axis[:-1] + np.diff(axis) / 2 for axis in axes]
    point, cell = numbered(axes, *lead), -numbered(middles, *lead)
    write_vtr(tmp_path / "u.vtr", axes, point_data={"u": point}, cell_data={"v": cell})
    found = read(tmp_path / "u.vtr")
    for places, values, ours, grid in (
        (found.points, found.point_data["u"], point, axes),
        (found.middles, found.cell_data["v"], cell, middles),
    ):
        assert len(places) == len(values) == np.prod([len(axis) for axis in grid])
        for place, value in zip(places, values, strict=True):
            expected = np.atleast_1d(at(ours, grid, place))
            np.testing.assert_array_equal(np.atleast_1d(value)[: expected.size], expected)
            assert not np.atleast_1d(value)[expected.size :].any()
    assert found.point_data["u"].shape[1:] == (() if components is None else (max(3, components),))
    assert not found.points[:, d:].any()


@EVERY_DIMENSION
@pytest.mark.parametrize("block", [1, 8, 24, 100, 1 << 18])
def test_blocks_of_any_size(d, block, tmp_path, monkeypatch):
    monkeypatch.setattr(vtr, "BLOCK", block)
    write_vtr(tmp_path / "u.vtr", AXES[:d], point_data={"u": numbered(AXES[:d])})
    np.testing.assert_array_equal(read(tmp_path / "u.vtr").point_data["u"], numbered(AXES[:d]).ravel("F"))


@pytest.mark.parametrize("dtype", ["f8", "f4", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?", ">f8", ">i4"])
def test_types(dtype, tmp_path):
    values = numbered(AXES[:2], dtype=dtype)
    write_vtr(tmp_path / "u.vtr", AXES[:2], point_data={"u": values})
    found = read(tmp_path / "u.vtr").point_data["u"]
    np.testing.assert_array_equal(found, values.ravel("F"))
    assert found.dtype.itemsize == values.dtype.itemsize


def test_names_and_what_is_shown_first(tmp_path):
    name, u, v = "a<b> & 'c' \"d\" \N{GREEK SMALL LETTER PHI}", numbered(AXES[:2]), numbered(AXES[:2], 2)
    write_vtr(tmp_path / "u.vtr", AXES[:2], point_data={"six": numbered(AXES[:2], 6), "v": v, name: u, "later": u})
    found = read(tmp_path / "u.vtr")
    assert list(found.point_data) == ["six", "v", name, "later"]
    assert found.grid.GetPointData().GetScalars().GetName() == name
    assert found.grid.GetPointData().GetVectors().GetName() == "v"


def test_special_values(tmp_path):
    values = np.array([0.0, -0.0, 5e-324, -np.inf, np.nan])
    write_vtr(tmp_path / "u.vtr", AXES[:1], point_data={"u": values})
    assert read(tmp_path / "u.vtr").point_data["u"].tobytes() == values.tobytes()


def test_inputs_are_not_changed(tmp_path):
    values = numbered(AXES, 2)
    values.setflags(write=False)
    write_vtr(tmp_path / "u.vtr", AXES, point_data={"u": values})


@pytest.mark.parametrize(
    ("axes", "data", "words"),
    [
        ([], {}, "coordinates: got 0 axes; a .vtr file holds one to three"),
        ([[0, 1]] * 4, {}, "coordinates: got 4 axes"),
        ([[0, 1], [0, 2, 1]], {}, "coordinates: axis y must increase, but has 2.0 before 1.0 at node 1"),
        ([[0, 0]], {}, "coordinates: axis x must increase"),
        ([[0]], {}, "coordinates: axis x: .*at least 2 real numbers"),
        ([[0, np.nan]], {}, "coordinates: axis x: entry 1 is nan"),
        (
            [[0, 1]],
            {"point_data": {"u": [0, 1, 2]}},
            r"point_data: 'u' has the shape \(3,\); allowed are \(2,\), or \(components, 2,\) for",
        ),
        ([[0, 1], [0, 1, 2]], {"cell_data": {"v": np.zeros((2, 1))}}, r"cell_data: 'v' has the shape \(2, 1\); allowed are \(1, 2\)"),
        ([[0, 1]], {"point_data": {"u": np.zeros((0, 2))}}, "point_data: 'u' has the shape"),
        ([[0, 1]], {"point_data": {"u": [0j, 1j]}}, "point_data: 'u' has the type complex128; allowed are real numbers"),
        ([[0, 1]], {"point_data": {"u": np.array([0, 1], np.float16)}}, "has the type float16"),
        ([[0, 1]], {"point_data": {"u": ["a", "b"]}}, "has the type <U1"),
        ([[0, 1]], {"point_data": {"": [0, 1]}}, "point_data: got the name ''; allowed is a text of printable characters"),
        ([[0, 1]], {"point_data": {"a\0": [0, 1]}}, "point_data: got the name"),
        ([[0, 1]], {"cell_data": {3: [0]}}, "cell_data: got the name 3"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_written(axes, data, words, tmp_path):
    with pytest.raises(ValueError, match=words):
        write_vtr(tmp_path / "u.vtr", axes, **data)
    assert not list(tmp_path.iterdir())


class TestField:
    def bases(self, d):
        return (
            tfem.Lagrange(tfem.graded(0, 1, 3, 5), 4),
            tfem.BSpline(tfem.interval(-1, 1, 4), 3, continuity=1),
            tfem.Lagrange(tfem.interval(2, 5, 2), 1),
        )[:d]

    @EVERY_DIMENSION
    def test_values_and_gradient_of_a_polynomial(self, d, tmp_path):
        space = tfem.Space(*self.bases(d))
        u = tfem.interpolate(space, ["x**3 - x", "(x**3 - x)*y**2", "(x**3 - x)*y**2*(1 + z)"][d - 1])
        for where in ("points", "cells"):
            u.to_vtk(tmp_path / "u.vtr", name="temperature", gradient=where)
            found = read(tmp_path / "u.vtr")
            assert found.grid.GetDimensions() == (*space.shape, 1, 1)[:3]
            np.testing.assert_array_equal(found.point_data["temperature"], u.values.ravel("F"))
            places, data = (found.points, found.point_data) if where == "points" else (found.middles, found.cell_data)
            x, y, z = places.T if d == 3 else (*places.T[:2], 0 * places[:, 0]) if d == 2 else (places[:, 0], 1.0, 0 * places[:, 0])
            cubic, line = x**3 - x, 1 + z
            exact = [(3 * x**2 - 1) * y**2 * line, cubic * 2 * y * line, cubic * y**2][:d]
            np.testing.assert_allclose(data["grad_temperature"][:, :d].T, exact, atol=1e-12)
            assert not data["grad_temperature"][:, d:].any()

    def test_gradient_between_cells_is_the_mean_of_both_sides(self, tmp_path):
        for periodic in (False, True):
            space = tfem.Space(tfem.Lagrange(tfem.interval(0, 3, 3, periodic=periodic), 2))
            u = tfem.interpolate(space, lambda x: np.abs(x - 1))
            u.to_vtk(tmp_path / "u.vtr", gradient="points")
            found = read(tmp_path / "u.vtr")
            slope = found.point_data["grad_u"][found.points[:, 0] == 1.0, 0]
            assert slope == pytest.approx([0.0], abs=1e-13)
            ends = found.point_data["grad_u"][[0, -1], 0]
            inner = np.diff(u.on_grid([0, 1e-6, 3 - 1e-6, 3]))[[0, -1]] / 1e-6
            np.testing.assert_allclose(ends, [inner.mean()] * 2 if periodic else inner, rtol=1e-5)

    @pytest.mark.parametrize(("degree", "ends"), [(1, 1), (2, 2), (3, 1), (4, 2)])
    def test_periodic_axes_are_closed(self, degree, ends, tmp_path):
        """Splines of even degree have their nodes within the cells: then both ends are added."""
        axis = tfem.BSpline(tfem.interval(0, 1, 7, periodic=True), degree)
        u = tfem.interpolate(tfem.Space(axis, *self.bases(1)), "sin(2*pi*x)*(2 - y)")
        u.to_vtk(tmp_path / "u.vtr")
        found = read(tmp_path / "u.vtr")
        values = found.point_data["u"].reshape(found.grid.GetDimensions(), order="F")
        assert values.shape == (7 + ends, 13, 1)
        assert found.grid.GetBounds()[:2] == (0, 1)
        np.testing.assert_array_equal(values[0], values[-1])
        np.testing.assert_allclose(values[ends - 1 : -1, :, 0], u.values, atol=1e-15)

    def test_refusals(self, tmp_path):
        line = tfem.Lagrange(tfem.interval(0, 1, cells=1), 1)
        with pytest.raises(ValueError, match=r"coordinates: got 4 axes; a .vtr file holds one to three, fix the others at a value"):
            tfem.interpolate(tfem.Space(line, line, line, line), 1.0).to_vtk(tmp_path / "u.vtr")
        u = tfem.interpolate(tfem.Space(line), 1.0)
        with pytest.raises(ValueError, match='gradient: got True; allowed are "points", "cells" and None'):
            u.to_vtk(tmp_path / "u.vtr", gradient=True)
        with pytest.raises(ValueError, match=r"'u.png' does not end in '.vtr'"):
            u.to_vtk("u.png")
        u.to_vtk(tmp_path / "u.vtr")
        with pytest.raises(FileExistsError, match="overwrite=True"):
            u.to_vtk(tmp_path / "u.vtr", overwrite=False)
