"""What `Auto` takes for coefficients in cells, and what is foretold of it."""

import numpy as np
import pytest

from tensorfem.axis import Lagrange, interval
from tensorfem.cells import AxisCells, CellOperator
from tensorfem.solvers import AMG, CG, Auto, Direct, FastDiagonalization, Jacobi, Multigrid, Solver
from tensorfem.solvers.calibration import this_machine

SMOOTH = {"smooth": lambda x, y, z: np.exp(np.sin(3 * x * y) + z), "bell": lambda x, y, z: 1 + 99 * np.exp(-30 * (x - y) ** 2 - z)}
ROUGH = {
    "ball": lambda x, y, z: np.where(x**2 + y**2 + z**2 < 0.5, 1e4, 1.0),
    "draw": lambda x, y, z: np.exp(2 * np.random.default_rng(8_113).standard_normal(np.broadcast_shapes(x.shape, y.shape, z.shape))),
}


def build(function, cells=(22, 20, 18), degree=1, **options) -> CellOperator:
    axes = [AxisCells(Lagrange(interval(0, 1, cells=n), degree), slice(1, n * degree), degree + 1) for n in cells]
    middles = np.meshgrid(*[(np.arange(n) + 0.5) / n for n in cells], indexing="ij", sparse=True)
    return CellOperator(axes, np.array(np.broadcast_to(function(*middles), cells), dtype=float)[None], **options)


def test_many_iterations_are_left_to_multigrid() -> None:
    solver, reason = Auto().choose(build(SMOOTH["bell"]))
    assert solver == Multigrid()
    assert reason.startswith("the coefficient varies much: scaled fast diagonalization promises ")


def test_smooth_coefficients_go_to_fast_diagonalization() -> None:
    solver, reason = Auto().choose(build(SMOOTH["smooth"]))
    assert solver == CG(preconditioner=FastDiagonalization())
    assert reason.startswith("the coefficient varies smoothly: scaled fast diagonalization promises ")


@pytest.mark.parametrize("name", ROUGH)
def test_rough_coefficients_go_to_multigrid(name) -> None:
    solver, reason = Auto().choose(build(ROUGH[name]))
    assert solver == Multigrid()
    assert reason.startswith("the coefficient jumps between neighbouring cells: ")


def test_small_jumps_do_no_harm() -> None:
    solver, reason = Auto().choose(build(lambda x, y, z: np.where(np.floor(6 * x) + np.floor(6 * y) + np.floor(6 * z) % 2, 2.0, 1.0)))
    assert solver == CG(preconditioner=FastDiagonalization())
    assert reason.startswith("the coefficient varies little, jumps and all: ")


def test_small_problems_and_intervals_are_factorized() -> None:
    small = build(SMOOTH["smooth"], cells=(6, 5, 4))
    line = CellOperator([AxisCells(Lagrange(interval(0, 1, cells=50), 2), slice(1, 100), 3)], np.exp(np.linspace(0, 3, 50))[None])
    for operator in (small, line):
        assert Auto().choose(operator) == (Direct(), "the coefficient varies in all coordinates, and the factorization is small")


def test_an_indefinite_operator_is_factorized() -> None:
    ones = np.ones((9, 8, 7))
    operator = build(lambda *x: 1.0 + 0 * sum(x), cells=ones.shape, definite=False)
    assert Auto().choose(operator)[0] == Direct()


def test_what_is_chosen_converges_as_promised() -> None:
    operator = build(SMOOTH["smooth"])
    record = Auto().prepare(operator)(np.ones(operator.output_shape))
    assert record.residual <= 1e-10
    assert record.iterations <= operator.scaled_approximation().promise.to(1e-10) + 3


@pytest.mark.parametrize(
    "solver", [Direct(), AMG(), CG(), Multigrid(), CG(preconditioner=FastDiagonalization()), CG(preconditioner=Jacobi())]
)
def test_all_that_treat_it_are_foretold(solver: Solver) -> None:
    operator = build(SMOOTH["smooth"], cells=(30, 28, 26))
    forecast = solver.forecast(operator, this_machine())
    assert forecast.treats
    assert forecast.seconds > 0
    assert forecast.memory >= 8 * 4 * operator.shape[0]
    finer = solver.forecast(build(SMOOTH["smooth"], cells=(60, 56, 52)), this_machine())
    assert finer.memory > 4 * forecast.memory or isinstance(solver, Multigrid)
    assert finer.seconds > forecast.seconds or isinstance(solver, Multigrid)


def test_fast_diagonalization_alone_cannot() -> None:
    forecast = FastDiagonalization().forecast(build(SMOOTH["smooth"]), this_machine())
    assert not forecast.treats
    assert "has coefficients of all coordinates, and no eigenbasis; use CG(preconditioner=FastDiagonalization())" in forecast.note


def test_linear_elements_on_the_nodes_are_what_amg_is_foretold_by() -> None:
    operator = build(SMOOTH["smooth"], cells=(6, 5, 4), degree=4)
    assert AMG().inverse_bytes(operator) < AMG().inverse_bytes(build(SMOOTH["smooth"], cells=(24, 20, 16))) * 1.01
