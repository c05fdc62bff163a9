"""The prepared solve and its record, whatever the solver: solvers that lie or fail, and right-hand sides that cannot be."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from tensorfem.solvers import AMG, CG, ConvergenceError, Direct, FastDiagonalization, Outcome, Solver, norm
from tensorfem.solvers.solver import Method


@dataclass(frozen=True, repr=False)
class Liar(Solver):
    """Claims to have converged to whatever it is told to give."""

    factor: float = 0.0
    converged: bool = True

    def _method(self, operator: Any) -> Method:
        true = Direct()._method(operator)
        return lambda rhs, overwrite: Outcome(self.factor * true(rhs, False).value, self.converged, "I say so", 3, (1.0, 0.5, 0.2, 1e-14))


@pytest.mark.parametrize(("factor", "residual"), [(0.0, 1.0), (1.5, 0.5), (1 + 1e-6, 1e-6)])
def test_the_residual_is_computed_not_believed(case: Any, factor: float, residual: float) -> None:
    mixed = case("2d, mixed")
    record = Liar(factor).prepare(mixed.operator)(mixed.rhs)
    assert record.converged
    assert record.residual == pytest.approx(residual, rel=1e-6)


def test_failure_raises_with_the_record_aboard(case: Any) -> None:
    mixed = case("2d, mixed")
    prepared = Liar(factor=1.5, converged=False).prepare(mixed.operator)
    with pytest.raises(ConvergenceError, match=re.escape("Liar(factor=1.5, converged=False): I say so; the best iterate is")) as caught:
        prepared(mixed.rhs.ravel())
    assert not caught.value.solution.converged
    assert caught.value.solution.residual == pytest.approx(0.5)
    assert caught.value.solution.value.shape == (mixed.rhs.size,)


@pytest.mark.parametrize("solver", [Direct(), CG(), AMG(), FastDiagonalization()])
def test_a_solver_that_is_asked_for_is_chosen(case: Any, solver: Solver) -> None:
    assert solver.choose(case("2d, mixed").operator) == (solver, "asked for")


def test_the_repr_names_the_settings_that_were_changed() -> None:
    assert repr(CG(preconditioner=AMG(strength="classical"), maxiter=7)) == "CG(maxiter=7, preconditioner=AMG(strength='classical'))"
    assert repr(Direct()) == "Direct()"


@pytest.mark.parametrize("shape", [(), (3,), (8, 10), (10, 8, 1)])
def test_refuses_a_right_hand_side_of_another_shape(case: Any, shape: tuple[int, ...]) -> None:
    prepared = FastDiagonalization().prepare(case("2d, mixed").operator)
    with pytest.raises(ValueError, match=re.escape(f"rhs: got an array of shape {shape}; allowed are (10, 7) and (70,)")):
        prepared(np.zeros(shape))


@pytest.mark.parametrize("kind", [complex, bool, str, object])
def test_refuses_a_right_hand_side_that_is_not_real(case: Any, kind: type) -> None:
    prepared = CG().prepare(case("2d, mixed").operator)
    with pytest.raises(ValueError, match=r"rhs: got numbers of type .*; allowed are real ones"):
        prepared(np.zeros((10, 7), dtype=kind))


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_refuses_a_right_hand_side_that_is_not_finite(case: Any, wrong: float) -> None:
    mixed = case("2d, mixed")
    rhs = mixed.rhs.copy()
    rhs[4, 2] = wrong
    with pytest.raises(ValueError, match=re.escape(f"rhs: entry (4, 2) is {wrong}; all must be finite")):
        FastDiagonalization().prepare(mixed.operator)(rhs)


@pytest.mark.parametrize("kind", [np.int32, np.float32, np.longdouble])
def test_takes_real_numbers_of_any_type(case: Any, kind: type) -> None:
    mixed = case("2d, mixed")
    rhs = (10 * mixed.rhs).astype(kind)
    record = CG().prepare(mixed.operator)(rhs)
    assert record.value.dtype == np.float64
    assert norm(mixed.dense @ record.value.ravel() - rhs.ravel().astype(float)) <= 1e-9 * norm(rhs.astype(float))


def test_an_overwritten_right_hand_side_leaves_no_residual(case: Any) -> None:
    mixed = case("2d, mixed")
    record = FastDiagonalization().prepare(mixed.operator)(mixed.rhs.copy(), overwrite_rhs=True)
    assert record.residual is None
    assert record.backward_error is None
    assert norm(record.value - mixed.solution) <= mixed.tolerance * norm(mixed.solution)


def test_the_backward_error_is_that_of_rounding(case: Any) -> None:
    graded = case("1d, graded")
    assert FastDiagonalization().prepare(graded.operator)(graded.rhs).backward_error < 1e-15
    assert Liar(2.0).prepare(graded.operator)(graded.rhs).backward_error > 1e-10


@pytest.mark.parametrize("scale", [1e-200, 1e-310, 1.0, 1e200, 1e307])
def test_norm_at_all_sizes(scale: float) -> None:
    assert norm(scale * np.array([[3.0, 0.0], [0.0, 4.0]])) == pytest.approx(5 * scale, rel=1e-12)
    assert norm(np.zeros(4)) == 0.0
    assert norm(np.empty(0)) == 0.0


def test_who_is_told_is_not_printed() -> None:
    assert repr(CG(rtol=1e-6, callback=lambda *_: None)) == "CG(rtol=1e-06)"
