"""Coefficients of all coordinates in every spelling: what is found, what is sampled, what is kept when the mesh is refined."""

from typing import Any

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.cells import CellOperator
from tensorfem.kron import KroneckerSum, SeparableOperator
from tensorfem.problems.found import found_diffusion, found_reaction
from tensorfem.problems.gauss_grid import GaussGrid

RNG = np.random.default_rng(90_331)
SPACE = tfem.Space(
    tfem.Lagrange(tfem.graded(0, 1, 5, 3), 2), tfem.BSpline(tfem.interval(0, 2, 4), 3), tfem.Lagrange(tfem.interval(0, 0.5, 3), 1)
)
LINEAR = tfem.box(x=(0, 1), y=(0, 2), z=(0, 0.5), cells=(5, 4, 3))
CELLS = (5, 4, 3)


def function(x: Any, y: Any, z: Any) -> Any:
    return 1.5 + np.exp(np.sin(3 * x * y) + z * x)


def solved(space: tfem.Space, **data: Any) -> np.ndarray:
    return tfem.Poisson(space, "x", boundary=0.0, **data).solve().values


@pytest.mark.parametrize("space", [SPACE, LINEAR], ids=["mixed", "linear"])
@pytest.mark.parametrize("where", ["diffusion", "reaction"])
def test_function_and_formula_are_the_same(where: str, space: tfem.Space) -> None:
    u, v = (solved(space, **{where: given}) for given in (function, "1.5 + exp(sin(3*x*y) + z*x)"))
    assert np.allclose(u, v, rtol=0, atol=1e-14)


@pytest.mark.parametrize("where", ["diffusion", "reaction"])
def test_nodal_values_are_those_of_their_field(where: str) -> None:
    values = 1 + RNG.random(SPACE.shape)
    field = tfem.Field(SPACE, SPACE.nodal_coefficients(values))
    by_values, by_field, by_function = (solved(SPACE, **{where: given}) for given in (values, field, lambda *x: field(*x)))
    assert np.array_equal(by_values, by_field)
    assert np.allclose(by_values, by_function, rtol=0, atol=1e-14)


def test_field_on_another_mesh_over_the_box() -> None:
    other = tfem.box(x=(-1, 1), y=(0, 3), z=(0, 0.5), cells=(7, 5, 4), degree=3)
    field = tfem.interpolate(other, "2 + x*y*z + x**2*y**3 + z**3")
    assert np.allclose(solved(SPACE, diffusion=field), solved(SPACE, diffusion="2 + x*y*z + x**2*y**3 + z**3"), rtol=0, atol=1e-13)


@pytest.mark.parametrize("space", [SPACE, LINEAR], ids=["mixed", "linear"])
@pytest.mark.parametrize("where", ["diffusion", "reaction"])
def test_cell_arrays_are_functions_that_jump_on_cell_faces(where: str, space: tfem.Space) -> None:
    array = np.exp(RNG.standard_normal(CELLS))

    def jumping(*x: Any) -> Any:
        cells = [basis.mesh.locate(t.ravel())[0] for basis, t in zip(space.bases, x, strict=True)]
        return array[np.ix_(*cells)]

    by_array, by_values, by_function = (solved(space, **{where: given}) for given in (array, tfem.CellValues(array), jumping))
    assert np.array_equal(by_array, by_values)
    assert np.allclose(by_array, by_function, rtol=0, atol=1e-13)


def test_degree_one_holds_one_number_per_cell_and_higher_degrees_all_samples() -> None:
    rules = [basis.mesh.quadrature(basis.degree + 1) for basis in SPACE.bases]
    points = np.meshgrid(*(rule.points for rule in rules), indexing="ij")
    assert np.allclose(tfem.Poisson(SPACE, 1.0, diffusion=function, boundary=0.0).operator.diffusion, function(*points), rtol=1e-14)
    linear = tfem.Poisson(LINEAR, 1.0, diffusion=function, boundary=0.0).operator.diffusion
    points = np.meshgrid(*(basis.mesh.quadrature(2).points for basis in LINEAR.bases), indexing="ij")
    assert np.allclose(linear[0], function(*points).reshape(5, 2, 4, 2, 3, 2).mean(axis=(1, 3, 5)), rtol=1e-14)


@pytest.mark.parametrize("f", [function, lambda x, y, z: x * y, lambda x, y, z: np.exp(x * z + 0 * y), lambda x, y, z: 3.0])
@pytest.mark.parametrize("cells", [(4, 3, 2), (70, 60, 50)])
def test_samples_of_large_grids_are_those_of_small_ones(cells: tuple[int, ...], f: Any) -> None:
    """Slab by slab, in threads and by kernels, or at once; functions that do not depend on some coordinates too."""
    grid = GaussGrid(tfem.box(x=(0, 1), y=(0, 2), z=(0, 3), cells=cells))
    expected = np.broadcast_to(np.asarray(f(*np.meshgrid(*grid.points, indexing="ij", sparse=True))), [x.size for x in grid.points])
    expected = expected.reshape(*np.array([(n, 2) for n in cells]).ravel()).mean(axis=(1, 3, 5))
    (found,) = grid.sample([grid.space.datum(f, "diffusion")])
    assert np.allclose(found, expected, rtol=1e-13)
    assert grid.mean(found) == pytest.approx(expected.mean(), rel=1e-12)


@pytest.mark.parametrize("degree", [1, 2])
def test_means_over_the_box_count_cells_by_their_sizes(degree: int) -> None:
    """The mean of x y over (0, 1) x (0, 3) is 3 / 4, however the cells are graded; that of a jump is the part of the box on each side."""
    mesh = tfem.graded(0, 1, 6, 9)
    space = tfem.Space(tfem.Lagrange(mesh, degree), tfem.Lagrange(tfem.graded(0, 3, 4, 5), degree))
    grid, middles = GaussGrid(space), GaussGrid(space, middles=True)
    (found,) = grid.sample([space.datum(lambda x, y: x * y, "reaction")])
    assert grid.mean(found) == pytest.approx(0.75, rel=1e-12)
    jump = np.where(np.arange(6) < 2, 7.0, 1.0)[:, None] * np.ones(4)
    for one in (grid, middles):
        assert one.mean(jump) == pytest.approx(1 + 6 * mesh.nodes[2], rel=1e-12)


FOUND: list[tuple[str, Any, type, str]] = [
    ("diffusion", lambda x, y, z: 3 + 0 * x * y, KroneckerSum, "the number 3"),
    ("diffusion", "exp(x + y)*(1 + z)", KroneckerSum, "a product of functions of one coordinate"),
    ("diffusion", lambda x, y, z: 1 + y**2, KroneckerSum, "a product"),
    ("diffusion", lambda x, y, z: (x - 2) * (y - 3), KroneckerSum, "a product"),
    ("diffusion", np.einsum("i,j,k", *(1 + RNG.random(n) for n in CELLS)), KroneckerSum, "a product"),
    ("diffusion", np.full(CELLS, 2.5), KroneckerSum, "the number 2.5"),
    ("diffusion", [[2.0, 0, 0], [0, 3.0, 0], [0, 0, 4.0]], KroneckerSum, "the numbers 2, 3, 4 along the axes"),
    ("diffusion", (np.array(2.0), np.array(3.0), 4), KroneckerSum, "the numbers 2, 3, 4 along the axes"),
    ("diffusion", [np.array([2.0, 0, 0]), [0, np.array(2.0), 0], (0, 0, 2)], KroneckerSum, "the number 2"),
    ("diffusion", np.diag([2.0, 2.0, 2.0]), KroneckerSum, "the number 2"),
    ("diffusion", [["1 + x", 0, 0], [0, "1 + x", 0], [0, 0, "1 + x"]], KroneckerSum, "a product"),
    ("diffusion", function, CellOperator, "varies in all coordinates, one number at each of 3 x 4 x 2 Gauss points per cell"),
    ("diffusion", 1 + RNG.random(CELLS), CellOperator, "varies in all coordinates, one number per cell"),
    ("diffusion", [[function, 0, 0], [0, "1 + x", 0], [0, 0, 1]], CellOperator, "a varying diagonal tensor, 3 numbers at each"),
    ("diffusion", 2 * np.eye(3) + 0.5, CellOperator, "a constant full tensor, 6 numbers per cell"),
    ("reaction", lambda x, y, z: x**2 - y + np.sin(z), KroneckerSum, "a sum of functions of one coordinate"),
    ("reaction", "0*x*y", KroneckerSum, "the number 0"),
    ("reaction", function, CellOperator, "varies in all coordinates"),
]


@pytest.mark.parametrize(("name", "given", "kind", "words"), FOUND)
def test_structure_is_found(name: str, given: Any, kind: type, words: str) -> None:
    boundary = {"x-": 0.0, "*": tfem.Neumann(0.0)}
    problem = tfem.Poisson(SPACE, 1.0, boundary=boundary, **{name: given})
    assert type(problem.operator) is kind
    told = problem.solve().report.coefficients
    assert f"{name}: {words}" in told or (not told and isinstance(given, tuple))
    assert words in problem.explain().structure[name]


def test_separable_data_give_the_operator_of_a_product() -> None:
    factors = (lambda x: 2 + np.sin(x), "1 + y**2", lambda z: np.exp(z))
    product = tfem.Poisson(SPACE, 1.0, diffusion=tfem.Product(*factors), reaction=tfem.Sum("x", "-2*y", "3"), boundary=0.0)
    found = tfem.Poisson(
        SPACE, 1.0, diffusion="(2 + sin(x))*(1 + y**2)*exp(z)", reaction=lambda x, y, z: x - 2 * y + 3 + 0 * z, boundary=0.0
    )
    assert type(found.operator) is type(product.operator) is SeparableOperator
    expected = product.operator.tosparse()
    assert abs(found.operator.tosparse() - expected).max() < 1e-13 * abs(expected).max()


@pytest.mark.parametrize("space", [LINEAR, tfem.box(x=(0, 1), y=(0, 2), z=(0, 0.5), cells=(70, 60, 40))], ids=["small", "large"])
def test_small_inclusion_is_not_missed(space: tfem.Space) -> None:
    """One Gauss point in the last cell sees it."""
    corner = [basis.mesh.quadrature(2).points[-1] for basis in space.bases]
    inclusion = lambda x, y, z: 1.0 + 9 * ((x >= corner[0]) & (y >= corner[1]) & (z >= corner[2]))  # noqa: E731
    found = found_diffusion(space, inclusion)
    assert found.axes is None
    assert found.samples[0].max() == pytest.approx(1 + 9 / 8, rel=1e-14)
    assert np.count_nonzero(found.samples != 1) == 1
    assert found_reaction(space, inclusion).axes is None


@pytest.mark.parametrize("off", [1e-3, 1e-10])
def test_nearly_separable_is_not_separable(off: float) -> None:
    """Only rounding is let pass."""
    assert found_diffusion(SPACE, lambda x, y, z: np.exp(x) * (1 + y) + 0 * z).axes is not None
    assert found_diffusion(SPACE, lambda x, y, z: np.exp(x) * (1 + y) + off * np.sin(x * y * z)).axes is None
    assert found_reaction(SPACE, lambda x, y, z: np.exp(x) + y - z).axes is not None
    assert found_reaction(SPACE, lambda x, y, z: np.exp(x) + y - z + off * np.sin(x * y * z)).axes is None


def test_tensor_of_many_kinds_of_entries() -> None:
    """Numbers, strings, functions, fields and cells; entries are met where they stand."""
    cells = np.exp(RNG.standard_normal(CELLS))
    field = tfem.interpolate(LINEAR, "0.1*x*y*z")
    rows = [[function, "0.2*x", 0.1], ["0.2*x", tfem.CellValues(1 + cells), field], [0.1, field, 3.0]]
    operator = tfem.Poisson(SPACE, 1.0, diffusion=rows, boundary=0.0).operator
    points = np.meshgrid(*GaussGrid(SPACE).points, indexing="ij")
    x, y, z = points
    inside = np.repeat(np.repeat(np.repeat(1 + cells, 3, axis=0), 4, axis=1), 2, axis=2)
    expected = [function(x, y, z), 0.2 * x, 0.1, inside, field(x, y, z), 3.0]
    for found, values in zip(operator.diffusion, expected, strict=True):
        assert np.allclose(found, values, rtol=1e-13)


def test_arrays_are_copied_and_refined_by_repeating() -> None:
    cells, level = 1 + RNG.random(CELLS), RNG.random(CELLS)
    problem = tfem.Poisson(SPACE, 1.0, diffusion=cells, reaction=tfem.CellValues(level), boundary=0.0)
    kept = cells.copy()
    cells *= 100
    assert np.array_equal(problem.diffusion.array, kept)
    with pytest.raises(ValueError, match="read-only"):
        problem.diffusion.array[0, 0, 0] = 100.0
    fine = problem.refined(("y",))
    assert np.array_equal(fine.diffusion.array, np.repeat(kept, 2, axis=1))
    assert np.array_equal(fine.reaction.array, np.repeat(level, 2, axis=1))
    tensor = tfem.Poisson(LINEAR, 1.0, diffusion=[[tfem.CellValues(kept), 0, 0], [0, 1, 0], [0, 0, "1 + x"]], boundary=0.0).refined()
    assert tensor.diffusion[0][0].array.shape == (10, 8, 6)
    assert tensor.refined().solve().report.residual < 1e-6


@pytest.mark.parametrize("given", [1 + RNG.random(SPACE.shape)], ids=["nodal"])
@pytest.mark.parametrize("where", ["diffusion", "reaction"])
def test_nodal_values_are_not_refined(where: str, given: Any) -> None:
    with pytest.raises(ValueError, match=f"^{where}: an array of nodal values cannot be refined; give a number"):
        tfem.Poisson(SPACE, 1.0, boundary=0.0, **{where: given}).refined()
