"""What every solver promises, on every operator that it treats."""

import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from tensorfem.kron import outer
from tensorfem.solvers import Direct, FastDiagonalization, norm

RTOL = 1e-12
EPS = float(np.finfo(float).eps)


def relative_error(value: np.ndarray, reference: np.ndarray) -> float:
    return norm(value - reference) / (norm(reference) or 1.0)


def test_agrees_with_the_dense_solve(pair: Any, ratio: Any) -> None:
    case, value = pair.case, pair.record.value
    assert relative_error(value, case.solution) <= case.tolerance
    if isinstance(pair.solver, Direct | FastDiagonalization):
        assert ratio(case, value, case.rhs) < 30


def test_record(pair: Any) -> None:
    case, record = pair.case, pair.record
    assert record.converged
    assert len(record.reason) > 5
    assert f"iterations={record.iterations}" in repr(record)
    true = norm(case.dense @ record.value.ravel() - case.rhs.ravel()) / norm(case.rhs)
    assert record.residual == pytest.approx(true, rel=1e-3, abs=1e-13)
    assert record.backward_error <= record.residual
    if record.iterations:
        assert len(record.residual_history) == record.iterations + 1
        assert record.residual_history[0] == 1.0
        assert record.residual_history[-1] == pytest.approx(true, rel=1e-3, abs=1e-13)
    else:
        assert record.residual_history == ()


def test_right_hand_sides_of_any_form(pair: Any) -> None:
    case, grid = pair.case, pair.record
    flat = pair.prepared(case.rhs.ravel())
    strided = pair.prepared(np.moveaxis(np.ascontiguousarray(np.moveaxis(case.rhs, -1, 0)), 0, -1))
    assert grid.value.shape == strided.value.shape == case.rhs.shape
    assert flat.value.shape == (case.rhs.size,)
    for record in (flat, strided):
        assert record.residual == pytest.approx(grid.residual, abs=1e-12)
        assert norm(record.value.ravel() - grid.value.ravel()) <= case.tolerance * norm(case.solution)


@pytest.mark.parametrize("factor", [1e-300, 1e200])
def test_right_hand_sides_of_any_size(pair: Any, factor: float) -> None:
    case, record = pair.case, pair.prepared(factor * pair.case.rhs)
    assert relative_error(record.value / factor, case.solution) <= case.tolerance
    assert record.residual <= 100 * RTOL


def test_zero_right_hand_side(pair: Any) -> None:
    record = pair.prepared(np.zeros_like(pair.case.rhs))
    assert record.converged
    assert not record.value.any()
    assert record.residual == 0.0


def test_is_reproducible_and_leaves_everything_of_the_callers_as_it_was(pair: Any) -> None:
    rhs = pair.case.rhs.copy()
    filters, state, errors = list(warnings.filters), np.random.get_state(), np.geterr()  # noqa: NPY002
    again = pair.solver.prepare(pair.case.operator)(rhs)
    np.testing.assert_array_equal(again.value, pair.record.value)
    np.testing.assert_array_equal(rhs, pair.case.rhs)
    assert warnings.filters == filters
    assert np.geterr() == errors
    for now, before in zip(np.random.get_state(), state, strict=True):  # noqa: NPY002
        np.testing.assert_array_equal(now, before)


def test_a_prepared_solve_serves_two_threads(pair: Any) -> None:
    case, prepared = pair.case, pair.prepared
    sides = [case.rhs * scale for scale in (1.0, -2.0, 3.0, 0.5)]
    alone = [prepared(rhs).value for rhs in sides]
    with ThreadPoolExecutor(2) as threads:
        together = list(threads.map(lambda rhs: prepared(rhs).value, sides))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=case.tolerance * norm(case.solution))


def test_singular_operators_report_the_defect_and_give_mean_zero(singular_pair: Any) -> None:
    case = singular_pair.case
    null, mass = outer(case.operator.null_vector), case.operator.mass_vector(case.operator.null_vector)
    record = singular_pair.prepared(case.rhs + 0.25 * mass)
    assert record.defect == pytest.approx(0.25 * np.vdot(null, mass), rel=1e-10)
    assert abs(np.vdot(mass, record.value)) <= 1e-13 * norm(mass) * norm(record.value)
    assert relative_error(record.value, case.solution) <= 2 * case.tolerance
    assert record.residual <= 100 * RTOL


def test_nothing_but_a_defect_has_the_solution_zero(singular_pair: Any) -> None:
    operator = singular_pair.case.operator
    record = singular_pair.prepared(0.7 * operator.mass_vector(operator.null_vector))
    assert not record.value.any()
    assert record.residual == 0.0


@pytest.mark.parametrize("size", [1e4, 1e8])
def test_a_large_defect_costs_only_its_own_digits(singular_pair: Any, size: float) -> None:
    """Taking it out leaves rounding of its size, and the rest of the null vector is taken out again."""
    case = singular_pair.case
    mass = case.operator.mass_vector(case.operator.null_vector)
    record = singular_pair.prepared(case.rhs + size * mass)
    assert record.residual <= 100 * RTOL
    assert relative_error(record.value, case.solution) <= case.tolerance + 10 * size * case.condition * EPS
