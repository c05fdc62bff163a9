"""Strong axes, and the blocks of the lines along them."""

import numpy as np
import pytest

from tensorfem.axis import graded, interval
from tensorfem.cells import CellOperator, FaceTerm
from tensorfem.cells.bands import band, width_of
from tensorfem.kron import KroneckerProduct
from tests.solvers import multigrid_cases as cases
from tests.solvers.multigrid_cases import D, N, axis_of, number, rough, smooth

LONG, UNIT, THIN = interval(0, 1e3, cells=7), interval(0, 1, cells=6), interval(0, 1e-3, cells=5)


def lines_of(operator: CellOperator, axis: int):
    """The explicit blocks of all lines along an axis: (lines, n, n)."""
    places = np.arange(operator.shape[0]).reshape(operator.output_shape)
    lines = np.moveaxis(places, axis, -1).reshape(-1, operator.output_shape[axis])
    return operator.toarray()[lines[:, :, None], lines[:, None, :]]


def unpacked(found) -> np.ndarray:
    """The matrices of a band in the functions' own order: (lines, n, n)."""
    size = found.order.size
    bands = np.moveaxis(found.entries, 1 + found.axis, -1).reshape(len(found.entries), -1, size)
    matrices = np.zeros((bands.shape[1], size, size))
    for m, entries in enumerate(bands):
        first, second = found.order[: size - m], found.order[m:]
        matrices[:, first, second] = matrices[:, second, first] = entries[:, : size - m]
        assert not entries[:, size - m :].any()
    return matrices


def test_bands_are_the_matrix_entries_of_lines(operator: CellOperator) -> None:
    for axis in range(operator.dimension):
        expected = lines_of(operator, axis)
        assert np.allclose(unpacked(band(operator, axis)), expected, rtol=0, atol=1e-12 * np.abs(expected).max())


@pytest.mark.parametrize("name", ["2d, Robin", "2d, rings", "2d, mixed", "3d", "1d"])
def test_bands_count_faces_and_hats_shares(name: str) -> None:
    """Without a reaction and with it, the coefficients one per cell: the way of hat functions."""
    operator = cases.OPERATORS[name]()
    for axis in range(operator.dimension):
        expected = lines_of(operator, axis)
        assert np.allclose(unpacked(band(operator, axis)), expected, rtol=0, atol=1e-12 * np.abs(expected).max())


def test_rings_are_folded() -> None:
    ring = CellOperator([axis_of(interval(0, 1, cells=5, periodic=True), (N, N))], np.ones((1, 5)))
    found = band(ring, 0)
    assert found.order.tolist() == [0, 4, 1, 3, 2]
    assert found.entries.shape == (3, 5)
    assert width_of(ring.axes[0]) == 2


@pytest.mark.parametrize(
    ("meshes", "expected"),
    [
        ((UNIT, UNIT, UNIT), ()),
        ((UNIT, UNIT, THIN), (2,)),
        ((THIN, UNIT, UNIT), (0,)),
        ((LONG, UNIT, THIN), (2,)),
        ((UNIT, THIN, THIN), ()),  # a plane: no line is stronger than all others
        ((graded(0, 1, 9, 1e5), UNIT), (0, 1)),  # there the one, here the other
        ((graded(0, 1, 9, 1e5), interval(0, 1, 3), graded(0, 1, 8, 1e4, toward="right")), (0, 2)),
        ((UNIT,), ()),
    ],
)
def test_lines_are_solved_where_one_axis_is_the_strongest(meshes, expected) -> None:
    assert rough([axis_of(mesh) for mesh in meshes]).strong_axes == expected


def test_what_counts_is_the_distance_of_functions_over_the_root_of_the_diffusion() -> None:
    axes = [axis_of(UNIT), axis_of(UNIT)]
    samples = np.exp(2 * np.random.default_rng(6_607).standard_normal((6, 6)))
    assert CellOperator(axes, np.stack([samples, 1e3 * samples])).strong_axes == (1,)
    assert CellOperator(axes, np.stack([1e3 * samples, samples])).strong_axes == (0,)


def test_points_do_for_smooth_coefficients_and_hat_functions() -> None:
    meshes = interval(0, 1, 30), interval(0, 1e-3, 20)
    linear, quadratic = (number([axis_of(mesh, degree=degree) for mesh in meshes], lambda x, y: 1 + x) for degree in (1, 2))
    assert linear.strong_axes == ()
    assert linear.bands() == []
    assert linear.band_fields() == 0
    assert quadratic.strong_axes == (1,)
    assert [found.axis for found in quadratic.bands()] == [1]
    assert quadratic.band_fields() == 3 == len(quadratic.bands()[0].entries)


@pytest.mark.parametrize("lines", [(0,), (1,), (2,), (0, 2)])
@pytest.mark.parametrize("lengths", [(1, 1, 1), (1e-2, 1, 3), (1, 5, 0.1)])
def test_bound_over_lines_is_an_upper_bound(lines, lengths) -> None:
    axes = [axis_of(graded(0, length, n, 3.0), ends) for length, n, ends in zip(lengths, (6, 5, 4), ((N, D), (N, N), (D, D)), strict=True)]
    operator = rough(axes)
    inverse = np.zeros(operator.shape)
    places = np.arange(operator.shape[0]).reshape(operator.output_shape)
    for axis in lines:
        rows = np.moveaxis(places, axis, -1).reshape(-1, operator.output_shape[axis])
        inverse[rows[:, :, None], rows[:, None, :]] += np.linalg.inv(lines_of(operator, axis))
    root = np.linalg.cholesky(operator.toarray())
    largest = np.linalg.eigvalsh(root.T @ inverse @ root)[-1]
    assert 0.4 * operator.jacobi_bound(lines) < largest <= operator.jacobi_bound(lines) * (1 + 1e-10)


def test_degrees_are_halved_first_along_strong_axes() -> None:
    """What is strong alone: on the coarser level modes that oscillate across it would be lost."""
    operator = number([axis_of(interval(0, 1, 6), degree=2), axis_of(interval(0, 1e-2, 5), degree=2)], smooth)
    coarse, _ = operator.coarser()
    assert [axis.basis.degree for axis in coarse.axes] == [2, 1]
    coarse, _ = coarse.coarser()
    assert [axis.basis.degree for axis in coarse.axes] == [2, 1]
    assert [axis.count for axis in coarse.axes] == [6, 3]


def test_means_are_arithmetic_where_lines_are_solved() -> None:
    axes = [axis_of(interval(0, 1, cells=2), (N, N)), axis_of(interval(0, 0.01, cells=2), (N, D))]
    coarse, _ = CellOperator(axes, np.array([[[1.0, 30.0], [4.0, 8.0]]])).coarser()
    assert np.allclose(coarse.diffusion, [[[15.5], [6.0]]])


def test_faces_of_three_axes_count() -> None:
    """A line may lie in a face, across it, or elsewhere."""
    axes = [axis_of(UNIT, (N, D)), axis_of(THIN, (N, N), degree=2), axis_of(interval(0, 1, cells=3), (D, D))]
    masses = [axis.values.T @ (axis.weights.ravel()[:, None] * axis.values.toarray()) for axis in axes]
    faces = [FaceTerm(0, 0, 3e3, KroneckerProduct(*masses[1:])), FaceTerm(1, -1, 500.0, KroneckerProduct(masses[0], masses[2]))]
    operator = number(axes, lambda x, y, z: 1 + x + y, faces=faces)
    for axis in range(3):
        expected = lines_of(operator, axis)
        assert np.allclose(unpacked(band(operator, axis)), expected, rtol=0, atol=1e-12 * np.abs(expected).max())
