"""Data that jump inside cells: which, how much, in how many cells, where; and what is none."""

import numpy as np
import pytest

import tensorfem as tfem

ROOT = 5**-0.5


def space(cells=(9, 7), degree=1):
    names = ("x", "y", "z")[: len(cells)]
    return tfem.box(**{name: (-i, 1 + i) for i, name in enumerate(names)}, cells=cells, degree=degree)


def found(cells=(9, 7), degree=1, **data):
    return tfem.Poisson(space(cells, degree), data.pop("source", 1.0), boundary=0.0, **data).abrupt_changes()


@pytest.mark.parametrize("degree", [1, 2, 4])
@pytest.mark.parametrize("cells", [(8,), (64,), (9, 7), (5, 4, 3)])
def test_a_plane_is_found_to_the_last_digits(cells, degree):
    (jump,) = found(cells, degree, diffusion=f"where(x < {ROOT!r}, 1e-3, 10)")
    assert jump.jumps
    assert (jump.where, jump.cells, jump.of) == ("diffusion", np.prod(cells[1:], dtype=int), np.prod(cells))
    assert jump.factor == pytest.approx(1e4)
    assert [name for name, _ in jump.planes] == ["x"]
    assert jump.planes[0][1] == pytest.approx(ROOT, abs=1e-9 / cells[0])
    assert jump.place[0] == pytest.approx(ROOT, abs=1e-9 / cells[0])


def test_the_words():
    (jump,) = found((10,), diffusion="where(x < 1/3, 1, 10)")
    assert jump.words == "the diffusion jumps by the factor 10 inside 1 of 10 cells, first at x = 0.333333"
    (jump,) = found(diffusion=("where(x < 1/4, 1, 3)", 2.0))
    assert jump.words == "the diffusion, axis x, jumps by the factor 3 inside 7 of 63 cells, first at x = 0.25"
    (jump,) = found(source="where(y < 0.5, -1, 3)*(1 + 0*x)")
    assert jump.words == "the source jumps by 1.3 of its largest value inside 9 of 63 cells, first at x = 0, y = 0.5"


def test_each_datum_for_itself():
    names = {
        "diffusion": found(diffusion="where(y < 0.11, 1, 2)*(1 + x)"),
        "reaction": found(reaction="where(y < 0.11, 1, 2) + x"),
        "source": found(source="where(y < 0.11, -1, 2) + x"),
        "diffusion, axis y": found(diffusion=tfem.Product("1 + x", "where(y < 0.11, 1, 2)")),
        "reaction, axis y": found(reaction=tfem.Sum("1 + x", "where(y < 0.11, 1, 2)")),
        "source, axis y": found(source=tfem.Sum("1 + x", lambda y: np.where(y < 0.11, 1, 2))),
        "diffusion, entry 0, 1": found(diffusion=[[2, "where(y < 0.11, 1, 0)"], ["where(y < 0.11, 1, 0)", 3]]),
        "diffusion, entry 0, 0": found(diffusion=[["where(y < 0.11, 1, 2)", 0], [0, "where(y < 0.11, 1, 2)"]]),
    }
    for where, changes in names.items():
        (change,) = changes
        assert (change.where, change.cells) == (where, 9), where
        assert change.planes == (("y", pytest.approx(0.11)),)


def test_several_at_once():
    data = {"diffusion": "where(x < 0.3, 1, 2)", "reaction": "where(x < 0.4, 1, 2)", "source": "where(x < 0.2, 1, 2)"}
    assert [change.where for change in found((7,), **data)] == ["diffusion", "reaction", "source"]


@pytest.mark.parametrize(
    "data",
    [
        {"diffusion": 3.0, "source": "x*y", "reaction": "sin(9*x*y)"},
        {"diffusion": "where(x < 1/3, 1, 1e4)*where(y < 2/7*3 - 1, 1, 2)"},  # on faces
        {"diffusion": lambda x, y: np.exp(4 * np.sin(3 * x * y) + y)},
        {"diffusion": "1 + abs(x - 0.41)", "source": "max(x - 0.41, 0)"},  # a kink is no jump
        {"source": "x**(-0.4)"},  # nor is a singularity at a face
        {"source": "1e-300*x", "reaction": "0*x"},
    ],
)
def test_what_does_not_jump(data):
    assert found(**data) == ()


def test_cell_values_arrays_and_fields_do_not_jump_inside():
    numbers = np.random.default_rng(7_310).random((9, 7)) + 0.1
    other = tfem.interpolate(tfem.box(x=(0, 1), y=(-1, 2), cells=(40, 31)), lambda x, y: np.where(x < 0.311, 1.0, 2.0) + 0 * y)
    assert found(diffusion=numbers, reaction=tfem.CellValues(numbers)) == ()
    assert found(diffusion=other, source=other) == ()
    assert found(diffusion=np.ones((10, 8))) == ()
    assert found(diffusion=[[tfem.CellValues(numbers + 1), 0.1], [0.1, 2.0]]) == ()


def test_a_block_has_four_sides_and_a_disk_none():
    (block,) = found(
        (40, 33), diffusion=lambda x, y: np.where((abs(x - 0.5) < 0.31) & (abs(y - 0.1) < 0.44), 10.0, 1) + 0.3 * np.sin(x * y)
    )
    assert block.planes == tuple((name, pytest.approx(x)) for name, x in (("x", 0.19), ("x", 0.81), ("y", -0.34), ("y", 0.54)))
    (disk,) = found((40, 33), diffusion=lambda x, y: np.where((x - 0.5) ** 2 + y**2 < 0.16, 10.0, 1))
    assert disk.planes == ()
    assert (disk.place[0] - 0.5) ** 2 + disk.place[1] ** 2 == pytest.approx(0.16, rel=1e-6)
    (oblique,) = found((40, 33), diffusion=lambda x, y: np.where(x < 0.5 + 0.2 * y, 10.0, 1))
    assert oblique.planes == ()


def test_a_corner_does_not_hide_the_planes_that_meet_there():
    """In the cell with the corner, a twentieth of it from two faces, the jump lies across no axis; in the others it does."""
    corner = (2.05 / 9, -1 + 3.05 / 5)
    (block,) = found((9, 15), diffusion=f"where(max(x - {corner[0]}, y - {corner[1]}) < 0, 10, 1)")
    assert block.cells == 6
    assert block.planes == (("x", pytest.approx(corner[0])), ("y", pytest.approx(corner[1])))


class TestLayers:
    WIDTHS = (3e-2, 1e-2, 1e-3, 1e-5)

    def layer(self, width, cells=(64,)):
        return found(cells, diffusion=lambda x: 2 + np.tanh((x - 1 / 3) / width))

    @pytest.mark.parametrize("width", [1e-3, 1e-5])
    def test_thinner_than_cells_is_not_resolved_and_no_jump(self, width):
        (change,) = self.layer(width)
        assert not change.jumps
        assert 0.5 * width < change.width < 4 * width
        assert change.place[0] == pytest.approx(1 / 3, abs=2 * width)
        assert "changes within a width of" in change.words
        assert change.planes == ()

    @pytest.mark.parametrize("width", [3e-2, 1e-2])
    def test_resolved_is_nothing(self, width):
        assert self.layer(width) == ()

    def test_finer_meshes_resolve_it(self):
        assert [bool(self.layer(3e-3, (cells,))) for cells in (16, 32, 256, 512)] == [True, True, False, False]


def test_graded_cells():
    mesh = tfem.graded(0, 1, cells=40, size_ratio=1e6, toward="right")
    problem = tfem.Poisson(tfem.Space(tfem.Lagrange(mesh, 2)), 1.0, diffusion="where(x < 1 - 3.3e-6, 1, 2)", boundary=0.0)
    (jump,) = problem.abrupt_changes()
    assert jump.planes == (("x", pytest.approx(1 - 3.3e-6, abs=1e-12)),)


def test_a_factor_beyond_all_floats():
    (jump,) = found((8,), diffusion="where(x < 0.3, 1e-200, 1e200)")
    assert np.isfinite(jump.factor)
    assert jump.cells == 1


@pytest.mark.parametrize("length", [1e-150, 1e-9, 1e200])
def test_boxes_of_any_size(length):
    where = f"where(x < {0.31 * length!r}, 1, 3)"
    (jump,) = tfem.Poisson(tfem.box(x=(0, length), y=(0, length), cells=7), 1.0, diffusion=where, boundary=0.0).abrupt_changes()
    assert jump.planes == (("x", pytest.approx(0.31 * length)),)


def test_changes_beyond_all_floats_cause_no_warning():
    assert all(change.cells == 7 for change in found(source="1e308*where(x < 0.3, -1, 1)"))


def test_functions_are_called_within_the_box_alone():
    def guarded(x, y):
        if min(x.min(), y.min() + 1) < 0 or max(x.max(), y.max() - 1) > 1:
            raise OverflowError
        return np.where(y < 1.9, 1.0, 2.0) + 0 * x

    for cells in ((9, 7), (2, 4), (3, 2)):
        (jump,) = found(cells, diffusion=guarded)
        assert jump.planes == (("y", pytest.approx(1.9)),)
