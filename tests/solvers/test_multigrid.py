"""Multigrid: the cycle is a symmetric positive definite map near the inverse, whatever the grid and the coefficient."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.axis import AxisMatrices, Lagrange, graded, interval
from tensorfem.cells import CellOperator
from tensorfem.kron import KroneckerSum, kernels, outer
from tensorfem.solvers import CG, Multigrid, norm
from tensorfem.solvers.levels import Levels, _visits
from tests.solvers import multigrid_cases as cases
from tests.solvers.multigrid_cases import OPERATORS, axis_of, ball, bump, checkers, number, sine, smooth

D, N = True, False


@pytest.fixture(params=OPERATORS)
def operator(request, monkeypatch) -> CellOperator:
    """Small ones, with several levels all the same."""
    monkeypatch.setattr("tensorfem.solvers.levels.COARSEST", 12)
    return OPERATORS[request.param]()


def explicit(inverse: Any, shape: tuple[int, ...]) -> np.ndarray:
    return np.stack([inverse(column.reshape(shape)).ravel() for column in np.eye(int(np.prod(shape)))], axis=1)


def reached(operator: CellOperator) -> np.ndarray:
    """A right-hand side in the operator's range."""
    rhs = np.random.default_rng(50_907).standard_normal(operator.output_shape)
    if operator.null_vector is not None:
        mass = operator.mass_vector(operator.null_vector)
        rhs -= mass * (rhs.sum() / mass.sum())
    return rhs


def iterations(operator: CellOperator, **settings: Any) -> int:
    load = outer([axis.values.T @ axis.weights.ravel() for axis in operator.axes])
    return Multigrid(rtol=1e-8, **settings).prepare(operator)(load).iterations


def test_cycle_is_symmetric_definite_and_near_the_inverse(operator) -> None:
    """Over the energy norm's unit ball the eigenvalues of M A lie between positive bounds that do not depend on the case."""
    cycle = explicit(Multigrid(precision="double").approximate_inverse(operator), operator.output_shape)
    assert np.abs(cycle - cycle.T).max() <= 1e-12 * np.abs(cycle).max()
    sizes, vectors = np.linalg.eigh(operator.toarray())
    first = 0 if operator.null_vector is None else 1
    root = vectors[:, first:] * np.sqrt(sizes[first:])
    eigenvalues = np.linalg.eigvalsh(root.T @ cycle @ root)
    assert eigenvalues[0] > 0.2
    assert eigenvalues[-1] < 2.0


@pytest.mark.parametrize("settings", [{}, {"cycle": "V"}, {"cycle": "full", "sweeps": 1}], ids=str)
def test_solution_solves(operator, settings) -> None:
    rhs = reached(operator)
    record = Multigrid(rtol=1e-11, **settings).prepare(operator)(rhs)
    image = operator.tosparse() @ record.value.ravel()
    assert norm(image - rhs.ravel()) <= 2e-11 * norm(rhs)
    assert record.iterations < 40
    if operator.null_vector is not None:
        assert abs(np.vdot(operator.mass_vector(operator.null_vector), record.value)) <= 1e-10 * norm(record.value)


def test_rhs_is_left_as_it_is_and_cycles_repeat(operator) -> None:
    rhs = reached(operator)
    before, inverse = rhs.copy(), Multigrid().approximate_inverse(operator)
    first = inverse(rhs)
    np.testing.assert_array_equal(inverse(rhs), first)
    np.testing.assert_array_equal(rhs, before)


def test_double_and_single_cycles_agree(operator) -> None:
    rhs = reached(operator)
    single, double = (Multigrid(precision=name).approximate_inverse(operator)(rhs) for name in ("single", "double"))
    assert norm(single - double) <= 1e-3 * norm(double)
    assert single.dtype == double.dtype == np.float64


@pytest.mark.parametrize("factor", [1e-60, 1e60])
def test_units_do_not_matter(factor: float) -> None:
    """Single precision holds no such coefficients: the cycle works on a multiple."""
    operator = OPERATORS["2d, mixed"]()
    other = CellOperator(operator.axes, factor * operator.diffusion)
    assert iterations(other) == iterations(operator)


def test_full_multigrid_starts_near_the_solution() -> None:
    operator = number([axis_of(interval(0, 1, cells=72)), axis_of(interval(0, 1, cells=64))], smooth)
    history = [Multigrid(cycle=cycle).prepare(operator)(np.ones(operator.output_shape)).residual_history for cycle in ("V", "full")]
    assert history[0][0] == 1.0
    assert history[1][0] < 0.2
    assert len(history[1]) <= len(history[0])


@pytest.mark.parametrize(
    ("coefficient", "most"),
    [(sine, 8), (smooth, 8), (bump, 8), (ball(1e4), 16), (ball(1e-4), 16), (checkers(100.0), 16), (checkers(1e6), 16)],
)
def test_iterations_are_few_and_do_not_depend_on_the_grid(coefficient: Callable[..., Any], most: int) -> None:
    counts = [iterations(number([axis_of(interval(0, 1, cells=n))] * 3, coefficient)) for n in (16, 32)]
    assert max(counts) <= most
    assert counts[1] <= counts[0] + 3


def test_coarser_levels_are_visited_twice_where_they_are_small() -> None:
    """All visits together cost at most three times the finest level, however slowly the levels shrink."""
    assert _visits([(64, 64), (32, 32), (16, 16), (8, 8)]) == [1, 2, 2, 1]
    assert _visits([(64, 64), (32, 64), (16, 64), (8, 64), (4, 64)]) == [1, 1, 2, 1, 1]
    assert _visits([(9,)]) == [1]


def test_second_visits_do_as_well_as_an_exact_solution_on_the_second_level() -> None:
    """Without them the levels' errors add up."""
    operator = number([axis_of(interval(0, 1, cells=48))] * 3, checkers(1e6))
    assert iterations(operator) < iterations(operator, cycle="V")


class NegativeIn(Levels):
    """Cycles whose sign is wrong in some precisions."""

    wrong: tuple[type, ...] = (np.float32,)

    def into(self, rhs: np.ndarray, out: np.ndarray) -> np.ndarray:
        return np.multiply(super().into(rhs, out), -1.0 if self.dtype in self.wrong else 1.0, out=out)


def test_double_precision_takes_over_where_single_is_not_definite(monkeypatch) -> None:
    monkeypatch.setattr("tensorfem.solvers.multigrid.Levels", NegativeIn)
    operator = number([axis_of(interval(0, 1, cells=n)) for n in (40, 35)], smooth)
    record = Multigrid().prepare(operator)(np.ones(operator.output_shape))
    assert record.converged
    assert record.reason.endswith("; in single precision the cycle was not positive definite")
    monkeypatch.setattr(NegativeIn, "wrong", (np.float32, np.float64))
    for precision in ("single", "double"):
        with pytest.raises(ValueError, match=r"preconditioner: r \. z = -"):
            Multigrid(precision=precision).prepare(operator)(np.ones(operator.output_shape))


def test_small_systems_are_solved_in_double_precision() -> None:
    """They are inverted; in single precision an inverse of this condition is not definite."""
    axis = axis_of(graded(0, 1, cells=40, size_ratio=1e4), degree=2)
    coefficient = np.where(np.arange(40) % 3 == 0, 1e6, 1.0)
    record = Multigrid(precision="single").prepare(CellOperator([axis], coefficient[None]))(np.ones(79))
    assert record.iterations <= 3


def test_rough_coefficients_take_few_iterations() -> None:
    """Log-normal, cell by cell, of variance 4; without the correction of isolated cells it is more than half as many again."""
    rng = np.random.default_rng(31_337)
    axes = [axis_of(interval(0, 1, cells=32))] * 3
    operator = CellOperator(axes, np.exp(2 * rng.standard_normal((1, 32, 32, 32))))
    assert iterations(operator) <= 24


@pytest.mark.parametrize("degree", [2, 3, 5])
@pytest.mark.parametrize("dimension", [2, 3])
def test_higher_degrees_take_few_iterations(degree: int, dimension: int) -> None:
    cells = (48 if dimension == 2 else 12) // degree
    axes = [axis_of(interval(0, 1, cells=max(cells, 2)), degree=degree)] * dimension
    assert iterations(number(axes, smooth)) <= 16


def test_stretched_and_graded_cells_cost_little() -> None:
    """Within 1.5 of the iterations on equal cells: the issue's bound."""
    plain, thin, long = interval(0, 1, cells=24), interval(0, 1e-3, cells=24), interval(0, 1e3, cells=24)
    usual = iterations(number([axis_of(plain)] * 3, smooth))
    flat = number([axis_of(mesh) for mesh in (long, plain, thin)], lambda x, y, z: smooth(1e-3 * x, y, 1e3 * z))
    meshes = graded(0, 1, 24, 1e6), plain, graded(0, 1, 20, 1e6, toward="both")
    fine = number([axis_of(mesh) for mesh in meshes], smooth)
    assert iterations(flat) <= 1.5 * usual
    assert iterations(fine) <= 1.5 * usual


def test_thin_free_axes_end_in_constants() -> None:
    """A thin axis that is held nowhere must not keep the others from being coarsened."""
    ends, thin = (N, N), interval(0, 1e-3, cells=16)
    axes = [axis_of(thin, ends), axis_of(interval(0, 1, cells=64), ends)]
    operator = cases.free(axes, lambda x, y: smooth(1e3 * x, y))
    rhs = reached(operator)
    assert Multigrid(rtol=1e-8).prepare(operator)(rhs).iterations <= 9


@pytest.mark.skipif(not kernels.available(), reason="needs numba")
def test_kernels_give_the_cycle_of_the_reference() -> None:
    axes = [axis_of(interval(0, 1, cells=n)) for n in (15, 13, 12)]
    samples = cases.sampled(axes, checkers(50.0))[None]
    plain, compiled = (CellOperator(axes, samples, compiled=flag) for flag in (False, True))
    assert compiled.compiled
    rhs = np.random.default_rng(8_191).standard_normal(plain.output_shape)
    one, other = (Multigrid(precision="double").approximate_inverse(operator)(rhs) for operator in (plain, compiled))
    assert norm(one - other) <= 1e-12 * norm(one)


def test_it_preconditions() -> None:
    operator = OPERATORS["2d, mixed"]()
    record = CG(rtol=1e-10, preconditioner=Multigrid()).prepare(operator)(np.ones(operator.output_shape))
    assert record.residual <= 1e-10
    assert record.iterations < 15


def test_forecast_counts_memory_and_time() -> None:
    from tensorfem.solvers.machine import Machine

    operator = OPERATORS["3d"]()
    forecast = Multigrid().forecast(operator, Machine(*[1e-9] * 13))
    assert forecast.treats
    assert 5 <= forecast.iterations <= 20
    assert forecast.memory == Multigrid().memory(operator) > 9 * 8 * operator.shape[0]
    assert 0 < forecast.setup < forecast.seconds


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"cycle": "F"}, "cycle: got 'F'; allowed are 'V', 'W', 'full'"),
        ({"precision": "half"}, "precision: got 'half'; allowed are 'single', 'double'"),
        ({"sweeps": 0}, "sweeps: got 0"),
        ({"rtol": 2.0}, "rtol: got 2.0"),
    ],
)
def test_settings_out_of_range_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Multigrid(**settings)


@pytest.mark.parametrize("solver", [Multigrid(), CG(preconditioner=Multigrid())], ids=repr)
def test_operators_without_cells_are_refused(solver: Any) -> None:
    """Not by what their memory is asked for before."""
    pencil = AxisMatrices(Lagrange(interval(0, 1, cells=9), degree=1)).restrict((D, D))
    operator = KroneckerSum([pencil, pencil])
    with pytest.raises(ValueError, match=r"knows no cells to coarsen; use FastDiagonalization\(\)"):
        solver.prepare(operator)
    assert solver.memory(operator) > 0


def test_indefinite_operators_are_refused() -> None:
    axes = [axis_of(interval(0, 1, cells=9))]
    operator = number(axes, lambda x: 1 + x, reaction=np.full(9, -300.0), definite=False)
    with pytest.raises(ValueError, match="Multigrid: a negative reaction takes positive definiteness"):
        Multigrid().prepare(operator)


def test_a_coarsest_level_that_does_not_fit_is_refused(monkeypatch) -> None:
    monkeypatch.setattr("tensorfem.kron.memory.available_memory", lambda: 1000.0)
    with pytest.raises(MemoryError, match=r"Multigrid\(\)"):
        Multigrid().prepare(OPERATORS["2d, mixed"]())


@pytest.mark.parametrize(("length", "precision"), [(1.0, np.float32), (1e5, np.float64)])
def test_stretched_and_singular_operators_get_the_precision_they_need(length: float, precision: Any) -> None:
    """Along cells stretched so far modes are softer, relative to the stiffest, than single precision can tell from rounding."""
    space = tfem.box(x=(0, length), y=(0, 1), cells=(40, 36))
    problem = tfem.Poisson(space, f"cos(pi*x/{length})", diffusion=f"1.3 + sin(7*x*y/{length})", boundary=tfem.Neumann(0.0))
    assert Multigrid().approximate_inverse(problem.operator).dtype == precision
    u, v = problem.solve(Multigrid()), problem.solve(tfem.Direct())
    assert u.report.iterations <= 16
    assert np.allclose(u.values, v.values, rtol=0, atol=1e-7 * v.linf_norm())


@pytest.mark.parametrize(("inside", "precision"), [(3e4, np.float32), (1e6, np.float64), (1e8, np.float64)])
@pytest.mark.parametrize("degree", [1, 2])
def test_regions_that_conduct_far_better_get_double_precision(inside: float, precision: Any, degree: int) -> None:
    """A constant on a disk has an energy far below what the diagonal says: in single precision it drowned, or the cycle lost its sign."""
    space = tfem.box(x=(0, 1), y=(0, 1), cells=(66 // degree, 60 // degree), degree=degree)
    x, y = (basis.mesh.quadrature(1).points for basis in space.bases)
    disk = np.where((x[:, None] - 0.45) ** 2 + (y - 0.5) ** 2 < 0.05, inside, 1.0)
    problem = tfem.Poisson(space, 1.0, diffusion=tfem.CellValues(disk), boundary="x")
    assert Multigrid().approximate_inverse(problem.cell_operator).dtype == precision
    single, double = (Multigrid(precision=name).memory(problem.cell_operator) for name in ("single", "double"))
    assert (single == double) == (precision is np.float64)
    for cycle in ("V", "W"):
        assert problem.solve(Multigrid(cycle=cycle)).report.iterations <= 24


def test_coefficients_drawn_cell_by_cell_stay_in_single_precision() -> None:
    samples = np.exp(2 * np.random.default_rng(61_213).standard_normal((40, 36, 33)))
    assert samples.max() > 1e5 * samples.min()
    problem = tfem.Poisson(tfem.box(x=(0, 1), y=(0, 1), z=(0, 1), cells=samples.shape), 1.0, diffusion=samples, boundary=0.0)
    assert Multigrid().approximate_inverse(problem.operator).dtype == np.float32


def test_anisotropy_is_no_contrast() -> None:
    """Components of the tensor are looked at one by one; each of them counts."""
    x, y = np.meshgrid(np.arange(11), np.arange(7), indexing="ij")
    samples = np.stack([1 + x + y, 1e7 * (1.0 + y)])
    axes = [axis_of(interval(0, 1, 11)), axis_of(interval(0, 1, 7))]
    assert not CellOperator(axes, samples).has_soft_regions
    samples[1, 6:, 4:] *= 1e6
    assert CellOperator(axes, samples).has_soft_regions
    assert CellOperator(axes, np.stack([samples[0], 0 * samples[0], samples[1]])).has_soft_regions
