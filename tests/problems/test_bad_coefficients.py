"""Coefficients of all coordinates that no problem can be made of: one clear message each, with the place where it is wrong."""

import re
from typing import Any

import numpy as np
import pytest

import tensorfem as tfem

PLANE = tfem.box(x=(0, 1), y=(0, 2), cells=(4, 3), degree=2)
LINEAR = tfem.box(x=(0, 1), y=(0, 2), cells=(4, 3))
TUBE = tfem.box(x=(0, 1), y=(0, 2), cells=(4, 3), periodic=("x", "y"))
CUBE = tfem.box(x=(0, 1), y=(0, 2), z=(0, 3), cells=(70, 60, 50))


def field(**sides: Any) -> tfem.Field:
    return tfem.interpolate(tfem.box(**sides, cells=4), 1.0)


def with_entry(value: float, index: tuple[int, ...], shape: tuple[int, ...] = (4, 3)) -> np.ndarray:
    array = np.ones(shape)
    array[index] = value
    return array


VALUES: list[tuple[Any, str]] = [
    ("x*y - 0.01", r"^diffusion: the value is -0\.00\d+ at x = 0\.0\d+, y = 0\.\d+; diffusion must be positive everywhere"),
    (
        lambda x, y: np.where((x > 0.9) & (y > 1.8), 0.0, 1.0),
        r"^diffusion: the value is 0 at x = 0\.9\d+, y = 1\.[89]\d+; diffusion must be",
    ),
    (lambda x, y: np.where(x * y > 1, np.nan, 1.0), r"^diffusion: the value is nan at x = .*, y = .*; all must be finite"),
    (lambda x, y: 1 / np.where(x * y > 1, 0.0, 1.0), r"^diffusion: the value is inf at x = .*, y = .*; all must be finite"),
    (lambda x, y: -x * y - 1, r"^diffusion: the value is -1\.\d+ at x = "),
    (lambda x: x, r"^diffusion: the function raised TypeError: .*called with 2 arrays \(x, y\)"),
    (lambda x, y: np.ones(7), r"^diffusion: the function returned shape \(7,\)"),
    (lambda x, y: 1j * x * y, "^diffusion: the function returned complex numbers"),
    ("x*q", '^diffusion: formula "x[*]q": unknown name "q"'),
    (with_entry(-2.0, (3, 1)), r"^diffusion: the value is -2 at x = 0\.875, y = 1; diffusion must be positive"),
    (tfem.CellValues(with_entry(0.0, (0, 2))), r"^diffusion: the value is 0 at x = 0\.125, y = 1\.66667; diffusion must be positive"),
    (tfem.interpolate(LINEAR, "x + y - 0.2"), r"^diffusion: the value is -0\.\d+ at x = 0\.\d+, y = 0\.\d+; diffusion must be positive"),
]


@pytest.mark.filterwarnings("ignore:divide by zero")
@pytest.mark.parametrize(("given", "said"), VALUES)
@pytest.mark.parametrize("space", [PLANE, LINEAR], ids=["quadratic", "linear"])
def test_diffusion_that_vanishes_changes_sign_or_is_no_number_somewhere(space: tfem.Space, given: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        tfem.Poisson(space, 1.0, diffusion=given, boundary=0.0)


def test_one_bad_point_of_a_large_grid_is_found() -> None:
    with pytest.raises(
        ValueError, match=r"^diffusion: the value is -1 at x = 0\.99\d*, y = 1\.99\d*, z = 2\.98\d*; diffusion must be positive"
    ):
        tfem.Poisson(CUBE, 1.0, diffusion=lambda x, y, z: np.where((x > 0.995) & (y > 1.99) & (z > 2.98), -1.0, 1.0), boundary=0.0)
    with pytest.raises(ValueError, match=r"^reaction: the value is nan at x = 0\.99"):
        tfem.Poisson(CUBE, 1.0, reaction=lambda x, y, z: np.where((x > 0.995) & (y > 1.99) & (z > 2.98), np.nan, x * y), boundary=0.0)


SHAPES: list[tuple[str, Any, str]] = [
    (
        "diffusion",
        np.ones((4, 4)),
        r"^diffusion: got an array of shape \(4, 4\) and type float64; allowed are real ones: nodal values \(9, 7\)",
    ),
    ("diffusion", np.ones(4), r"one number per cell \(4, 3\), a tensor \(2, 2\)$"),
    ("reaction", np.ones((2, 2)), r"^reaction: got an array of shape \(2, 2\) .*one number per cell \(4, 3\)$"),
    ("diffusion", np.full((4, 3), "1"), r"^diffusion: got an array of shape \(4, 3\) and type <U1"),
    ("diffusion", np.full((4, 3), 1j), r"^diffusion: got an array of shape \(4, 3\) and type complex128"),
    ("diffusion", with_entry(np.nan, (1, 2)), r"^diffusion: the value in cell \(1, 2\) is nan; all must be finite"),
    ("diffusion", with_entry(-1.0, (2, 4), (9, 7)), r"^diffusion: the value at node \(2, 4\) is -1; diffusion must be positive everywhere"),
    ("reaction", with_entry(np.inf, (8, 6), (9, 7)), r"^reaction: the value at node \(8, 6\) is inf; all must be finite"),
    ("diffusion", tfem.CellValues(np.ones((3, 4))), r"^diffusion: got CellValues of shape \(3, 4\); this space has \(4, 3\) cells"),
    ("reaction", tfem.CellValues([1.0, 2.0]), r"^reaction: got CellValues of shape \(2,\); this space has \(4, 3\) cells"),
    (
        "diffusion",
        field(x=(0, 1), y=(0, 1)),
        r"^diffusion: got a function on \[0, 1\] along y, where this space has \[0, 2\]; it must cover",
    ),
    ("reaction", field(x=(0.1, 1), y=(0, 2)), r"^reaction: got a function on \[0\.1, 1\] along x, where this space has \[0, 1\]"),
    ("diffusion", field(x=(0, 1)), r"^diffusion: got a function of 1 coordinates; this space has 2 \(x, y\)"),
    (
        "diffusion",
        [[1, 2], [3]],
        r"^diffusion: got a tensor with rows of 2, 1 entries; this space has 2 axes \(x, y\), and a tensor as many",
    ),
    ("diffusion", [[1, 0, 0], [0, 1, 0], [0, 0, 1]], "^diffusion: got a tensor with rows of 3, 3, 3 entries"),
    ("diffusion", [[1, None], [None, 1]], "^diffusion, entry 0, 1: got None"),
    ("diffusion", [[1, "q"], ["q", 1]], '^diffusion, entry 0, 1: formula "q": unknown name'),
    ("diffusion", [[1, np.ones(5)], [0, 1]], r"^diffusion, row 0: got an array of shape \(5,\)"),
    ("reaction", [[1, 0], [0, 1]], r"^reaction: got \(\(1, 0\), \(0, 1\)\); allowed are a number, a string"),
]


@pytest.mark.parametrize(("name", "given", "said"), SHAPES)
def test_what_does_not_fit_the_space(name: str, given: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        tfem.Poisson(PLANE, 1.0, boundary=0.0, **{name: given})


def test_arrays_that_may_be_two_things() -> None:
    array = 1 + np.random.default_rng(51_004).random((4, 3))
    with pytest.raises(
        ValueError, match=r"^diffusion: an array of shape \(4, 3\) may be nodal values or one number per cell here; say which"
    ):
        tfem.Poisson(TUBE, 1.0, diffusion=array)
    with pytest.raises(
        ValueError, match=r"^reaction: .*Field\(space, array\) has values at the nodes, CellValues\(array\) one number per cell"
    ):
        tfem.Poisson(TUBE, 1.0, reaction=array)
    with pytest.raises(ValueError, match="may be one number per cell or a tensor here"):
        tfem.Poisson(tfem.box(x=(0, 1), y=(0, 1), cells=2), 1.0, diffusion=np.eye(2), boundary=0.0)
    nodal, cells = (tfem.Poisson(TUBE, 1.0, diffusion=given).operator for given in (tfem.Field(TUBE, array), tfem.CellValues(array)))
    assert np.array_equal(cells.diffusion[0], array)
    assert nodal.diffusion[0, 0, 0] == pytest.approx((array[:2, :2].sum()) / 4)


TENSORS: list[tuple[Any, str]] = [
    ([[2.0, 1.0], [0.5, 2.0]], r"the tensor is not symmetric: at x = .*, y = .* its entries 0, 1 and 1, 0 are 1 and 0\.5; they must agree"),
    (
        [[2.0, 0.0], ["x", 2.0]],
        r"the tensor is not symmetric: at x = .*, y = .* its entries 0, 1 and 1, 0 are 0 and 0\.\d+; they must agree",
    ),
    ([[2.0, "x"], ["x*(1 + 1e-9*y)", 2.0]], "the tensor is not symmetric: at x = "),
    ([[1.0, 2.0], [2.0, 1.0]], r"the tensor at x = .*, y = .* has the eigenvalue -1; diffusion must be positive definite everywhere"),
    ([["1 - x", 0.0], [0.0, "x - y"]], r"the tensor at x = .*, y = .* has the eigenvalue -?\d"),
    ([[1.0, "0.63*y"], ["0.63*y", 1.0]], r"the tensor at x = 0\.\d+, y = 1\.[678]\d* has the eigenvalue -0\.[01]\d+"),
    (np.array([[1.0, 1.0], [1.0, 1.0]]), "has the eigenvalue "),
    (np.outer([0.3, 0.1], [0.3, 0.1]), "has the eigenvalue "),  # rounding leaves a pivot of 2e-18
    ([[0.0, 0.0], [0.0, 1.0]], "has the eigenvalue 0; diffusion must be positive definite"),
    ([[1.0, "where(x*y > 1.7, 0/(y - y), 0)"], [0.0, 1.0]], ", entry 0, 1: the value is nan at x = 0.9"),
]


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize(("given", "said"), TENSORS)
@pytest.mark.parametrize("space", [PLANE, LINEAR], ids=["quadratic", "linear"])
def test_tensors_that_are_not_symmetric_or_not_positive_definite(space: tfem.Space, given: Any, said: str) -> None:
    with pytest.raises(ValueError, match=f"^diffusion.*{said}"):
        tfem.Poisson(space, 1.0, diffusion=given, boundary=0.0)


def test_mirrored_entries_may_differ_by_rounding() -> None:
    rows = [[2.0, "0.1*x*y*3"], ["3*y*x*0.1", 2.0]]
    x, y = np.meshgrid(np.linspace(0, 1, 9), np.linspace(0, 2, 9))
    assert (0.1 * x * y * 3 != 3 * y * x * 0.1).any()
    operator = tfem.Poisson(LINEAR, 1.0, diffusion=rows, boundary=0.0).operator
    assert len(operator.diffusion) == 3


def test_eigenvalue_is_the_smallest_at_the_place_named() -> None:
    rows = [["2 + x", "y", 0.3], ["y", 1.0, "z*x"], [0.3, "z*x", "1 + z"]]
    with pytest.raises(ValueError, match="has the eigenvalue") as caught:
        tfem.Poisson(tfem.box(x=(0, 1), y=(0, 2), z=(0, 3), cells=(5, 4, 3)), 1.0, diffusion=rows, boundary=0.0)
    x, y, z, eigenvalue = map(float, re.findall(r"-?\d+\.\d+(?:e-\d+)?", str(caught.value)))
    tensor = np.array([[2 + x, y, 0.3], [y, 1.0, z * x], [0.3, z * x, 1 + z]])
    assert eigenvalue == pytest.approx(np.linalg.eigvalsh(tensor)[0], rel=1e-3)
    assert eigenvalue < 0


def test_indefinite_cells_are_sent_to_a_factorization() -> None:
    problem = tfem.Poisson(PLANE, 1.0, diffusion="exp(sin(9*x*y))", reaction="-30 - x*y", boundary=0.0)
    with pytest.raises(ValueError, match=r"has coefficients of all coordinates, and no eigenbasis; use Direct\(\)$"):
        problem.solve(tfem.FastDiagonalization())


@pytest.mark.parametrize("unit", [1e-170, 1e170])
def test_units_of_tensors_do_not_matter(unit: float) -> None:
    """Products of two entries would overflow, or vanish."""
    rows = [[unit * entry for entry in row] for row in ([2.0, 0.5], [0.5, 1.0])]
    u, v = (
        tfem.Poisson(PLANE, factor, diffusion=given, boundary=0.0).solve() for factor, given in ((unit, rows), (1.0, [[2, 0.5], [0.5, 1]]))
    )
    assert np.allclose(u.values, v.values, rtol=0, atol=1e-12 * v.linf_norm())
    rows[0][0] *= 0.1
    with pytest.raises(ValueError, match="has the eigenvalue -"):
        tfem.Poisson(PLANE, unit, diffusion=rows, boundary=0.0)


@pytest.mark.parametrize("array", [3.0, np.full((2, 2), "x"), np.array([[1.0, np.nan]])], ids=["number", "text", "nan"])
def test_cell_values_are_finite_numbers(array: Any) -> None:
    with pytest.raises(ValueError, match=r"^CellValues: (got an array of shape .*; allowed is one real number per cell|the value in cell)"):
        tfem.CellValues(array)


def test_jumps_inside_cells_are_allowed() -> None:
    """The mean over the cell is what counts; the error is of first order in the size of the cells."""
    ball = lambda x, y: np.where((x - 0.5) ** 2 + (y - 1) ** 2 < 0.09, 50.0, 1.0)  # noqa: E731
    problem, values = tfem.Poisson(LINEAR, 1.0, diffusion=ball, boundary=0.0).refined().refined(), []
    for _ in range(3):
        values.append(problem.solve().integral())
        problem = problem.refined()
    assert abs(values[2] - values[1]) < 0.02 * values[2]
