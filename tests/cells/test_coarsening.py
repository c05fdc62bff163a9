"""Coarser cell operators: what is merged, what the prolongation keeps, and what the means are."""

import itertools

import numpy as np
import pytest

from tensorfem.axis import BSpline, Lagrange, Mesh, graded, interval
from tensorfem.cells import AxisCells, CellOperator, FaceTerm
from tensorfem.kron import KroneckerProduct, outer
from tests.cells.conftest import drawn_tensor, grid_of

SEED = 77_003


def axis_of(mesh: Mesh, free: slice | None = None, degree: int = 1, kind=Lagrange) -> AxisCells:
    basis = kind(mesh, degree)
    return AxisCells(basis, free or slice(0, basis.size), degree + 1)


def constant(axes, value: float = 1.0) -> CellOperator:
    return CellOperator(axes, np.full((1, *(axis.count for axis in axes)), value))


def cells(operator: CellOperator) -> list[int]:
    return [axis.count for axis in operator.axes]


def chain(operator: CellOperator) -> list[CellOperator]:
    """An operator and all its coarser selves."""
    found = [operator]
    while (step := found[-1].coarser()) is not None:
        found.append(step[0])
    return found


@pytest.mark.parametrize("ends", [(0, 0), (0, 1), (1, 0), (1, 1)], ids=str)
@pytest.mark.parametrize("degree", [1, 2, 3, 4])
def test_constants_give_the_galerkin_product(degree: int, ends: tuple[int, int]) -> None:
    """Spaces are nested, so P^T A P is the coarser operator where coefficients are constant."""
    meshes = graded(0, 1, cells=8, size_ratio=1.5), interval(0, 1.1, cells=7)
    axes = [axis_of(mesh, slice(ends[0], mesh.cells * degree + 1 - ends[1]), degree) for mesh in meshes]
    ones = np.ones([axis.count for axis in axes])
    mass = axes[1].values.T @ (axes[1].weights.ravel()[:, None] * axes[1].values.toarray())
    faces = [FaceTerm(0, place, 2.0 + place, KroneckerProduct(mass)) for place, held in zip((0, -1), ends, strict=True) if not held]
    fine = CellOperator(axes, np.stack([2 * ones, 3 * ones]), 0.7 * ones, faces=faces)
    coarse, prolongation = fine.coarser()
    p, expected = prolongation.toarray(), coarse.toarray()
    assert coarse.shape[0] < fine.shape[0]
    assert np.allclose(p.T @ fine.toarray() @ p, expected, rtol=0, atol=1e-12 * np.abs(expected).max())


def test_every_operator_ends_in_one_unknown(axes, rng) -> None:
    found = chain(CellOperator(axes, drawn_tensor(rng, "number", len(axes), grid_of(axes, per_cell=True))))
    assert all(finer.shape[0] > coarser.shape[0] for finer, coarser in itertools.pairwise(found))
    assert found[-1].shape == (1, 1)


@pytest.mark.parametrize("kind", [Lagrange, BSpline])
@pytest.mark.parametrize("periodic", [False, True])
def test_null_vectors_stay_null_vectors(kind, periodic: bool, rng) -> None:
    axes = [axis_of(interval(0, 1, cells=n, periodic=periodic), degree=2, kind=kind) for n in (6, 5)]
    fine = CellOperator(axes, drawn_tensor(rng, "tensor", 2, grid_of(axes, False)), null_vector=tuple(np.ones(a.size) for a in axes))
    while fine.shape[0] > 1:
        coarse, prolongation = fine.coarser()
        null = outer(coarse.null_vector)
        assert np.allclose(prolongation.apply(null), outer(fine.null_vector), rtol=0, atol=1e-13)
        assert np.abs(coarse.apply(null)).max() <= 1e-12 * np.abs(coarse.diagonal()).max()
        fine = coarse


def test_stretched_cells_are_merged_along_their_short_side_first() -> None:
    axes = [axis_of(interval(0, 1, cells=8)), axis_of(interval(0, 1 / 32, cells=8))]
    assert [cells(operator) for operator in chain(constant(axes))[:4]] == [[8, 8], [8, 4], [8, 2], [8, 1]]


def test_what_counts_is_the_size_over_the_root_of_the_diffusion() -> None:
    axes = [axis_of(interval(0, 1, cells=8)), axis_of(interval(0, 1, cells=8))]
    ones = np.ones((8, 8))
    assert cells(CellOperator(axes, np.stack([ones, 1e4 * ones])).coarser()[0]) == [8, 4]
    assert cells(CellOperator(axes, np.stack([1e4 * ones, ones])).coarser()[0]) == [4, 8]
    assert cells(CellOperator(axes, np.stack([ones, ones])).coarser()[0]) == [4, 4]


def test_graded_axes_lose_their_small_cells_first() -> None:
    axis = axis_of(Mesh([0, 1, 2, 4, 8, 16, 32]))
    coarse, _ = constant([axis]).coarser()
    np.testing.assert_array_equal(coarse.axes[0].basis.mesh.nodes, [0, 2, 4, 8, 16, 32])


def test_small_cells_between_large_ones_are_merged_all_the_same() -> None:
    axis = axis_of(Mesh([0, 1, 1.001, 2, 2.001, 3]))
    found = chain(constant([axis]))
    assert found[1].shape[0] < found[0].shape[0]
    assert found[-1].shape == (1, 1)


def test_degrees_are_halved_before_cells_are_merged() -> None:
    axes = [axis_of(interval(0, 1, cells=3), degree=5), axis_of(interval(0, 1, cells=2), degree=4, kind=BSpline)]
    found = chain(constant(axes))
    assert [[axis.basis.degree for axis in operator.axes] for operator in found[:4]] == [[5, 4], [2, 1], [1, 1], [1, 1]]
    assert [cells(operator) for operator in found[:3]] == [[3, 2]] * 3


def test_means_are_arithmetic_where_all_axes_are_merged() -> None:
    axes = [axis_of(Mesh([0, 1, 3])), axis_of(interval(0, 2, cells=2))]
    samples = np.array([[[1.0, 2.0], [5.0, 100.0]]])
    coarse, _ = CellOperator(axes, samples, 2 * samples[0]).coarser()
    expected = (1 * 1.0 + 1 * 2.0 + 2 * 5.0 + 2 * 100.0) / 6
    assert np.allclose(coarse.diffusion, expected)
    assert np.allclose(coarse.reaction, 2 * expected)


@pytest.mark.parametrize("components", [1, 2])
def test_means_are_harmonic_along_an_axis_merged_alone(components: int) -> None:
    axes = [axis_of(interval(0, 1, cells=2)), axis_of(interval(0, 0.01, cells=2))]
    samples = np.tile(np.array([[1.0, 3.0], [4.0, 8.0]]), (components, 1, 1))
    coarse, _ = CellOperator(axes, samples).coarser()
    assert np.allclose(coarse.diffusion[0], [[2.0], [6.0]])
    assert np.allclose(coarse.diffusion[1], [[1.5], [2 / (1 / 4 + 1 / 8)]])


def test_one_dimension_is_exact() -> None:
    """Resistances in a row: at the coarse nodes, the coarse solution is the fine one."""
    rng = np.random.default_rng(SEED)
    fine = CellOperator([axis_of(interval(0, 1, cells=8), slice(1, 8))], np.exp(rng.standard_normal((1, 8))))
    coarse, prolongation = fine.coarser()
    load = rng.standard_normal(3)
    spread = np.zeros(7)
    spread[1::2] = load
    assert prolongation.shape == (7, 3)
    assert np.allclose(np.linalg.solve(fine.toarray(), spread)[1::2], np.linalg.solve(coarse.toarray(), load), rtol=1e-12)


@pytest.mark.parametrize("reaction", [False, True])
def test_jacobi_bound_is_an_upper_bound(axes, rng, reaction: bool) -> None:
    grid = grid_of(axes, per_cell=True)
    operator = CellOperator(axes, drawn_tensor(rng, "number", len(axes), grid), rng.random(grid) if reaction else None)
    bound = operator.jacobi_bound()
    if reaction or not all(axis.is_linear for axis in axes):
        assert bound is None
        return
    root = operator.diagonal().ravel() ** -0.5
    largest = np.linalg.eigvalsh(root[:, None] * operator.toarray() * root)[-1]
    assert largest <= bound * (1 + 1e-12)
    assert bound <= 4.5


def test_jacobi_bound_counts_faces() -> None:
    """A strong face is all there is: its mass over its diagonal has larger eigenvalues than the form in cubes."""
    axes = [axis_of(interval(0, 1, cells=n)) for n in (4, 3, 3)]
    others = [(axis.values.T @ (axis.weights.ravel()[:, None] * axis.values.toarray())) for axis in axes[1:]]
    operator = CellOperator(axes, np.ones((1, 4, 3, 3)), faces=[FaceTerm(0, 0, 1e6, KroneckerProduct(*others))])
    root = operator.diagonal().ravel() ** -0.5
    largest = np.linalg.eigvalsh(root[:, None] * operator.toarray() * root)[-1]
    assert largest > 2.2
    assert operator.jacobi_bound() is None or operator.jacobi_bound() >= largest


def test_multiples_in_single_precision(operator, rng) -> None:
    matrices = [m.toarray() for m in operator.mass.factors[1:]]
    face = FaceTerm(0, 0, 3.0, KroneckerProduct(*matrices) if matrices else None)
    operator = CellOperator(operator.axes, operator.diffusion, operator.reaction, faces=[face])
    single = operator.astype(np.float32, 0.25)
    assert single.dtype == single.diffusion.dtype == np.float32
    matrix = operator.toarray()
    assert np.allclose(single.toarray(), 0.25 * matrix, rtol=0, atol=1e-6 * np.abs(matrix).max())


@pytest.mark.parametrize("ratio", [1.0, 3.0, 9.0, 0.3, 0.05])
def test_an_axis_that_conducts_less_is_a_longer_one(ratio) -> None:
    """``a_x u_xx + a_y u_yy`` on equal cells is the Laplacian on cells that are longer by the square root of ``a_x / a_y``."""
    ones, mesh = np.ones((12, 9)), interval(0, 12, cells=12)
    lengths = 9.0, 9 * np.sqrt(ratio)
    axes = [[axis_of(mesh, slice(1, 12)), axis_of(interval(0, length, cells=9), slice(1, 9))] for length in lengths]
    weak, long = CellOperator(axes[0], np.stack([ones, ones / ratio])), CellOperator(axes[1], ones[None])
    assert weak.coarser()[0].output_shape == long.coarser()[0].output_shape
