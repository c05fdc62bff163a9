"""Lines: the sum of the inverses of their blocks, by LAPACK and by kernels."""

from typing import Any

import numpy as np
import pytest

from tensorfem.axis import BSpline, graded, interval
from tensorfem.cells import CellOperator
from tensorfem.cells.bands import Band, band
from tensorfem.kron import kernels, outer
from tensorfem.solvers import Multigrid
from tensorfem.solvers.lines import Lines
from tests.solvers.multigrid_cases import D, N, axis_of, checkers, number, rough, smooth

SEED = 90_533
compiled_or_not = pytest.mark.parametrize(
    "compiled", [False, pytest.param(True, marks=pytest.mark.skipif(not kernels.available(), reason="needs numba"))]
)
OPERATORS = {
    "1d": lambda: number([axis_of(graded(0, 1, 24, 5.0), (N, D))], lambda x: 1 + x),
    "2d": lambda: rough([axis_of(interval(0, 1, 150)), axis_of(interval(0, 0.1, 70), (N, D))]),
    "3d": lambda: rough([axis_of(interval(0, 1, n), ends) for n, ends in ((12, (N, D)), (10, (N, N)), (9, (D, D)))]),
    "degrees": lambda: number([axis_of(graded(0, 1, 40, 9.0), degree=3), axis_of(interval(0, 1, 9), degree=2)], smooth),
    "spline": lambda: number([axis_of(interval(0, 1, 18), (D, N), 2, BSpline), axis_of(interval(0, 1, 15), degree=4)], smooth),
    "ring": lambda: rough([axis_of(interval(0, 1, 14, periodic=True), (N, N)), axis_of(interval(0, 1, 11, periodic=True), (N, N))]),
    "4d": lambda: rough([axis_of(interval(0, 1, n)) for n in (6, 5, 4, 3)]),
}


@pytest.fixture(params=OPERATORS)
def operator(request) -> CellOperator:
    return OPERATORS[request.param]()


def shifted(operator: CellOperator) -> CellOperator:
    """With a reaction, so that lines that are all there is on rings and free axes are definite."""
    return CellOperator(operator.axes, operator.diffusion, 0.1 * operator.diffusion[0])


def exact(operator: CellOperator, axes: tuple[int, ...], rhs: np.ndarray) -> np.ndarray:
    places, matrix = np.arange(operator.shape[0]).reshape(operator.output_shape), operator.tosparse()
    result = np.zeros(rhs.size)
    for axis in axes:
        for line in np.moveaxis(places, axis, -1).reshape(-1, operator.output_shape[axis]):
            result[line] += np.linalg.solve(matrix[line][:, line].toarray(), rhs.ravel()[line])
    return result.reshape(rhs.shape)


@compiled_or_not
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_lines_invert_the_blocks(operator: CellOperator, dtype: Any, compiled: bool) -> None:
    """Up to what rounding in the precision does to systems of condition numbers of a few thousand."""
    operator = shifted(operator)
    rhs = np.random.default_rng(SEED).standard_normal(operator.output_shape)
    for axes in [(k,) for k in range(operator.dimension)] + [tuple(range(operator.dimension))]:
        found = Lines([band(operator, k) for k in axes], 0.25, dtype, compiled=compiled).solved(rhs)
        expected = exact(operator, axes, rhs)
        assert found.dtype == dtype
        assert np.linalg.norm(0.25 * found - expected) <= 1e5 * np.finfo(dtype).eps * np.linalg.norm(expected)


@compiled_or_not
def test_relaxing_adds_to_step_and_value(operator: CellOperator, compiled: bool) -> None:
    operator = shifted(operator)
    lines = Lines([band(operator, k) for k in range(operator.dimension)], 2.0, np.float64, compiled=compiled)
    value, step, residual = np.random.default_rng(SEED).standard_normal((3, *operator.output_shape))
    kept, before = residual.copy(), value.copy()
    expected = 0.3 * step + 1.7 * lines.solved(residual)
    lines.relax(value, step, residual, (0.3, 1.7))
    scale = np.abs(expected).max()
    assert np.allclose(step, expected, rtol=0, atol=1e-12 * scale)
    assert np.allclose(value, before + expected, rtol=0, atol=1e-12 * scale)
    np.testing.assert_array_equal(residual, kept)
    lines.relax_from_zero(value, step, residual, 1.7)
    assert np.allclose(value, 1.7 * lines.solved(residual), rtol=0, atol=1e-12 * scale)
    np.testing.assert_array_equal(step, value)


@pytest.mark.skipif(not kernels.available(), reason="needs numba")
def test_threads_do_not_meet(monkeypatch) -> None:
    operator = rough([axis_of(interval(0, 1, n)) for n in (30, 28, 26)])
    lines = Lines([band(operator, k) for k in range(3)], 1.0, np.float32, compiled=True)
    rhs = np.random.default_rng(SEED).standard_normal(operator.output_shape)
    monkeypatch.setenv("TENSORFEM_NUM_THREADS", "1")
    one = lines.solved(rhs)
    monkeypatch.setenv("TENSORFEM_NUM_THREADS", "3")
    np.testing.assert_array_equal(lines.solved(rhs), one)


@pytest.mark.parametrize("compiled", [False, pytest.param(True, marks=pytest.mark.skipif(not kernels.available(), reason="needs numba"))])
def test_lines_singular_to_rounding_are_shifted_further(compiled: bool) -> None:
    """A free line, whose constant has an energy of -1e-12 by rounding: what inverts it is positive all the same."""
    entries = np.zeros((2, 3, 9))
    entries[0], entries[1, :, :-1] = 2.0, -1.0
    entries[0][:, [0, -1]] = 1.0
    entries[0, 1] -= 1e-12
    residual = np.random.default_rng(81_903).standard_normal((3, 9))
    solved = Lines([Band(1, np.arange(9), entries)], 1.0, np.float64, compiled=compiled).solved(residual)
    assert np.all(np.sum(residual * solved, axis=1) > 0)


def test_lines_that_are_indefinite_are_refused() -> None:
    with pytest.raises(np.linalg.LinAlgError, match="not positive definite"):
        Lines([Band(0, np.arange(3), -np.ones((1, 3)))], 1.0, np.float64, compiled=False)


def test_inverses_are_never_larger_than_exact_ones_by_rounding() -> None:
    """Free lines along very short cells: only what holds them from the sides keeps their matrices from being singular."""
    operator = rough([axis_of(interval(0, 1, 9)), axis_of(interval(0, 1e-5, 64), (N, N))])
    lines = Lines([band(operator, 1)], 1.0, np.float32, compiled=False)
    constant = np.outer(np.eye(8)[3], np.ones(65))
    energy = np.vdot(constant, operator.apply(constant))
    assert 0 < np.vdot(constant, lines.solved(constant)) <= 1.2 * np.vdot(constant, constant) ** 2 / energy


def iterations(operator: CellOperator) -> int:
    load = outer([axis.values.T @ axis.weights.ravel() for axis in operator.axes])
    return Multigrid(rtol=1e-8).prepare(operator)(load).iterations


@pytest.mark.parametrize("lengths", [(1, 1, 1 / 30), (1, 1e-3, 1), (1e-3, 1, 1), (1000, 30, 1)])
def test_rough_coefficients_on_stretched_cells(lengths) -> None:
    """Not more than on cubes. By points alone it was more than 60, or conjugate gradients broke down."""
    assert iterations(rough([axis_of(interval(0, length, 20)) for length in lengths])) <= 16


@pytest.mark.parametrize(("thin", "precision"), [(1e-2, np.float32), (1e-4, np.float64)])
@pytest.mark.parametrize("periodic", [False, True])
def test_films_get_the_precision_they_need(thin: float, precision: Any, periodic: bool) -> None:
    """Held nowhere across, constants along the short lines are soft; single precision loses those of the thinner film."""
    axes = [axis_of(interval(0, thin, 14, periodic=periodic), (N, N)), axis_of(interval(0, 1, 13)), axis_of(interval(0, 1, 12))]
    operator = rough(axes)
    assert Multigrid().approximate_inverse(operator).dtype == precision
    assert iterations(operator) <= 16


def test_jumps_on_graded_cells() -> None:
    meshes = graded(0, 1, 22, 1e6), interval(0, 1, 20), graded(0, 1, 18, 1e4, toward="both")
    assert iterations(number([axis_of(mesh) for mesh in meshes], checkers(1e6))) <= 16


@pytest.mark.parametrize("degree", [2, 3, 4])
def test_higher_degrees_on_graded_cells(degree: int) -> None:
    """Ten times as many by points alone."""
    fine, unit, both = graded(0, 1, 84 // degree, 1e6), interval(0, 1, 48 // degree), graded(0, 1, 72 // degree, 1e5, toward="both")
    for meshes in ((fine, unit), (unit, fine), (both, fine)):
        assert iterations(number([axis_of(mesh, degree=degree) for mesh in meshes], lambda x, y: 1.5 + np.sin(7 * x * y))) <= 12


def test_higher_degrees_on_cells_stretched_along_two_axes() -> None:
    """A strong plane: there degrees are halved first."""
    meshes = interval(0, 1, 7), interval(0, 1e-3, 9), interval(0, 1e-3, 8)
    assert iterations(number([axis_of(mesh, degree=2) for mesh in meshes], lambda x, y, z: smooth(x, 1e3 * y, 1e3 * z))) <= 12


def test_smooth_coefficients_stay_with_points() -> None:
    operator = number([axis_of(interval(0, 1, 40)), axis_of(interval(0, 1e-3, 40), (D, N))], lambda x, y: smooth(x, 1e3 * y))
    assert operator.band_fields() == 0


def test_memory_counts_bands() -> None:
    """Two more fields in single precision, on the finest level and on coarser ones."""
    axes = [axis_of(interval(0, 1, 60)), axis_of(interval(0, 1e-3, 60))]
    plain, lines = (Multigrid().memory(operator) for operator in (number(axes, lambda x, y: 1 + x), rough(axes)))
    assert lines - plain >= 2 * 4 * 2 * 59**2
