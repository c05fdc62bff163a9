"""Labelled arrays keep names, coordinates and facts, through netCDF too."""

import sys

import numpy as np
import pytest
import xarray

import tensorfem as tfem
from tensorfem.export import labelled

SPACE = tfem.Space(
    tfem.Lagrange(tfem.interval(0, 1, 4), 3),
    tfem.BSpline(tfem.interval(-1, 1, 5, periodic=True), 2),
    tfem.Lagrange(tfem.graded(0, 3, 2, 10), 1),
)


def solved():
    return tfem.Poisson(tfem.box(x=(0, 1), y=(0, 2), cells=(5, 4), degree=(1, 2)), source="x*y", boundary=0.0).solve()


@pytest.mark.parametrize("u", [tfem.interpolate(SPACE, "x + 10*y**2 + 100*z"), solved()], ids=["interpolated", "solved"])
def test_netcdf_and_back(u, tmp_path):
    data = u.to_xarray("temperature")
    assert data.dims == u.space.names
    assert data.shape == u.values.shape
    data.to_netcdf(tmp_path / "u.nc", engine="scipy")
    with xarray.open_dataarray(tmp_path / "u.nc", engine="scipy") as found:
        xarray.testing.assert_identical(found.load(), data)
        assert found.name == "temperature"


def test_values_are_at_their_coordinates():
    data = tfem.interpolate(SPACE, "x + 10*y**2 + 100*z").to_xarray()
    for name, nodes in zip(SPACE.names, SPACE.nodes, strict=True):
        np.testing.assert_array_equal(data.coords[name], nodes)
    np.testing.assert_allclose(data, data.x + 10 * data.y**2 + 100 * data.z, rtol=1e-14, atol=1e-14)


def test_facts():
    report = solved().report
    attrs = solved().to_xarray().attrs
    assert (attrs["basis"], attrs["degree"].tolist(), attrs["cells"].tolist()) == ("lagrange, lagrange", [1, 2], [5, 4])
    assert (attrs["solver"], attrs["unknowns"], attrs["converged"]) == (report.solver, report.unknowns, 1)
    assert {f"seconds_{phase}" for phase in report.seconds} <= attrs.keys()
    assert tfem.interpolate(SPACE, 1.0).to_xarray().attrs["periodic"] == "y"


def test_more_than_three_axes():
    line = tfem.Lagrange(tfem.interval(0, 1, cells=2), 1)
    assert tfem.interpolate(tfem.Space(*[line] * 5), 1.0).to_xarray().dims == ("x1", "x2", "x3", "x4", "x5")


def test_the_field_is_not_shared():
    u = tfem.interpolate(tfem.box(x=(0, 1), cells=3), 1.0)
    u.to_xarray()[:] = 2.0
    assert u.max() == 1.0


def test_attributes_of_every_kind_can_be_written(tmp_path):
    facts = {"none": None, "truth": True, "big": 2**40, "bigger": 2**80, "numbers": (1, np.int64(2)), "mixed": (1, 2.5), "many": [2**40, 1]}
    facts |= {"half": np.float16(0.5), "nested": {"a": {"b": 1}, "none": None}, "complex": 1j, "words": ["a", "b"], "matrix": np.eye(2)}
    facts |= {"text": "\N{MICRO SIGN}", "empty": [], "nan": float("nan")}
    data = labelled([0.0, 1.0], [[0, 1]], ["x"], name="u", attributes=facts)
    assert data.attrs["big"] == 2.0**40
    assert data.attrs["nested_a_b"] == 1
    assert "none" not in data.attrs
    data.to_netcdf(tmp_path / "u.nc", engine="scipy")
    with xarray.open_dataarray(tmp_path / "u.nc", engine="scipy") as found:
        assert found.attrs.keys() == data.attrs.keys()


@pytest.mark.parametrize(("shape", "lengths", "names"), [((2, 3), (3, 2), "xy"), ((2,), (2, 3), "xy"), ((2, 3), (2, 3), "x")])
def test_what_does_not_fit_is_refused(shape, lengths, names):
    with pytest.raises(ValueError, match=r"values: shape \(.*; every axis of the values needs its coordinates and a name"):
        labelled(np.zeros(shape), [range(n) for n in lengths], names, name="u")


def test_without_xarray(monkeypatch):
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(ModuleNotFoundError, match=r"need xarray; install it by: pip install 'tensorfem\[xarray\]'"):
        tfem.interpolate(SPACE, 1.0).to_xarray()
