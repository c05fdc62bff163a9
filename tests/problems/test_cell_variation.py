"""How functions vary within cells: what is steep in one step, and what is smooth."""

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.coefficient import Datum
from tensorfem.problems.cell_variation import CellVariation

BOXES = {1: (7,), 2: (6, 5), 3: (5, 4, 3)}
NAMES = ("x", "y", "z")


def variation(function, cells, degree=1, positive=True):
    names = NAMES[: len(cells)]
    space = tfem.box(**{name: (0, 1 + i / 2) for i, name in enumerate(names)}, cells=cells, degree=degree)
    return CellVariation(space.bases, Datum(function, names, "diffusion"), positive=positive)


@pytest.mark.parametrize("degree", [1, 2, 5])
@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_a_plane_is_steep_in_the_cells_that_it_cuts_and_in_no_others(dimension, degree):
    cells = BOXES[dimension]
    for axis, at in enumerate((0.33, 0.71, 0.9)[:dimension]):
        function = f"where({NAMES[axis]} < {at}, 2, 3)"
        cut = int(at / (1 + axis / 2) * cells[axis])
        expected = [index for index in np.ndindex(cells) if index[axis] == cut]
        for positive in (True, False):
            assert [tuple(cell) for cell in variation(function, cells, degree, positive).steep.tolist()] == expected


@pytest.mark.parametrize(
    "function",
    ["3.0", "1 + x", "exp(20*x)", "1 + (x - 0.49)**2", "1e-2 + (x - 0.35)**2", "1 + 1e-9*where(x < 0.3, 1, 0)", "2 + sin(9*x)"],
)
@pytest.mark.parametrize("degree", [1, 3])
def test_smooth_functions_are_steep_nowhere(function, degree):
    """A contrast of exp(20) on 7 cells, too: of positive functions it is the logarithm that counts."""
    assert not variation(function, (7,), degree).steep.size


@pytest.mark.parametrize("degree", [1, 4])
def test_jumps_on_faces_are_none_inside(degree):
    on_faces = "where(x < 1/3, 1, 1e3) + where(y < 0.9, 0, 7)"
    assert not variation(on_faces, (6, 5), degree).steep.size
    assert len(variation(on_faces, (7, 5), degree).steep) == 5
    assert len(variation(on_faces, (6, 4), degree).steep) == 6


def test_the_nearest_points_to_a_jump_see_it_though_no_gauss_point_does():
    """At a tenth of its cell, all Gauss points of degree 1 lie on one side of it."""
    assert variation("where(x < 0.3 + 0.01, 1, 2)", (10,)).steep.tolist() == [[3]]


def test_values_are_the_logarithm_or_relative_to_the_largest():
    point = np.array([0.5, 0.2])
    assert variation("2 + x*y", (6, 5)).at(point) == pytest.approx(np.log(2.1))
    relative = variation("-8*x", (6, 5), positive=False)
    assert relative.scale == pytest.approx(8, rel=1e-5)
    assert relative.at(point) == pytest.approx(-0.5, rel=1e-5)


def test_the_extremes_of_a_cell():
    low, high = variation("5 + x - y", (6, 5)).extremes((2, 3))
    np.testing.assert_allclose(low, [2 / 6, 4 * 0.3], rtol=1e-5)
    np.testing.assert_allclose(high, [3 / 6, 3 * 0.3], rtol=1e-5)


def test_slabs_and_threads_agree(monkeypatch):
    """In pieces of one row of cells each, and at once."""
    function = "where(x + y/2 < 0.8, 1, 5)"
    whole = variation(function, (13, 9))
    monkeypatch.setattr("tensorfem.problems.cell_variation.slabs", lambda rows, _: (slice(i, i + 1) for i in range(rows)))
    monkeypatch.setattr("tensorfem.problems.cell_variation.kernels.pays", lambda _: True)
    assert variation(function, (13, 9)).steep.tolist() == whole.steep.tolist()
    assert len(whole.steep) > 9


def test_a_function_that_fails_between_gauss_points_is_named():
    def fails(x):
        raise ZeroDivisionError("here")

    with pytest.raises(ValueError, match="diffusion: the function raised ZeroDivisionError: here"):
        variation(fails, (4,))


def test_values_that_are_no_numbers_are_not_steep():
    assert not variation("log(x - 0.5)", (4,), positive=False).steep.size
