"""Isosurfaces by pyvista, an extra that is not among those of the tests: without it, its absence is what is tested."""

import importlib.util
import sys

import numpy as np
import pytest

from tensorfem.plotting import isosurface

AXES = (np.array([1.0, 1.2, 1.9, 3.1, 4.0]), np.array([-1.0, -0.9, 0.2, 1.0]), np.array([5.0, 5.25, 6.0]))
VALUES = AXES[0][:, None, None] - 10 * AXES[1][:, None] + 100 * AXES[2]
needs_pyvista = pytest.mark.skipif(importlib.util.find_spec("pyvista") is None, reason="pyvista is not installed (extra viz)")


@needs_pyvista
@pytest.mark.parametrize(("levels", "expected"), [([550.0, 9.0, 520.5], [550.0, 520.5]), (3, None)])
def test_every_point_has_the_value_of_its_surface(levels, expected):
    import pyvista

    plotter = isosurface(VALUES, AXES, "xyz", levels=levels, label="T", plotter=pyvista.Plotter(off_screen=True))
    (surface,) = (mesh for mesh in plotter.meshes if "T" in mesh.point_data)
    x, y, z = np.asarray(surface.points, dtype=float).T
    np.testing.assert_allclose(x - 10 * y + 100 * z, surface["T"], rtol=1e-6)
    wanted = np.linspace(VALUES.min(), VALUES.max(), 5)[1:-1] if expected is None else expected
    np.testing.assert_allclose(np.unique(np.round(surface["T"], 3)), np.sort(np.round(wanted, 3)))
    assert plotter.bounds == pytest.approx((1, 4, -1, 1, 5, 6))


@needs_pyvista
def test_makes_its_own_plotter(monkeypatch):
    import pyvista

    monkeypatch.setattr(pyvista, "OFF_SCREEN", True)
    assert isinstance(isosurface(1e-200 * VALUES, AXES, "xyz"), pyvista.Plotter)


def test_without_pyvista_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyvista", None)
    with pytest.raises(ModuleNotFoundError, match=r"^isosurfaces need pyvista; install it by: pip install 'tensorfem\[viz\]'"):
        isosurface(VALUES, AXES, "xyz")


@pytest.mark.parametrize(
    ("values", "axes", "levels", "message"),
    [
        (VALUES[0], AXES[1:], 5, "^values: 2 axes; isosurfaces need 3"),
        (VALUES, AXES, [1.0, 2.0], r"^levels: got \[1\.0, 2\.0\]; none lies between"),
        (VALUES, AXES, 0, "^levels: got 0; allowed is an integer >= 1"),
        (0 * VALUES, AXES, 5, "^values: they are constant"),
    ],
)
def test_errors(values, axes, levels, message):
    with pytest.raises(ValueError, match=message):
        isosurface(values, axes, "xyz"[: len(axes)], levels=levels)
