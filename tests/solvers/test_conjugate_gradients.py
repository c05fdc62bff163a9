"""The iteration itself: settings, stopping, failing, and residuals that are not believed."""

from typing import Any

import numpy as np
import pytest

from tensorfem.kron import KroneckerProduct, KroneckerSum, SeparableOperator, outer
from tensorfem.solvers import AMG, CG, Auto, ConvergenceError, Direct, FastDiagonalization, Jacobi, Preconditioner, norm
from tensorfem.solvers.nullspace import NullSpace

BOTH = pytest.mark.parametrize("solver", [CG, AMG])


@BOTH
@pytest.mark.parametrize("rtol", [0, 0.0, -1e-8, float("nan"), float("inf"), 1e-16, 1.0, True, "1e-8", None])
def test_refuses_tolerances_that_cannot_be(solver: Any, rtol: Any) -> None:
    with pytest.raises(ValueError, match=r"rtol: got .*; allowed is a number from 1e-15, .* to below 1"):
        solver(rtol=rtol)


@BOTH
@pytest.mark.parametrize(
    ("atol", "words"), [(-1e-300, "a number >= 0"), (float("nan"), "a finite real number"), (False, "a finite real number")]
)
def test_refuses_absolute_tolerances_that_cannot_be(solver: Any, atol: Any, words: str) -> None:
    with pytest.raises(ValueError, match=f"atol: got .*; allowed is {words}"):
        solver(atol=atol)


@BOTH
@pytest.mark.parametrize("maxiter", [0, -3, 2.0, True, "5"])
def test_refuses_limits_that_cannot_be(solver: Any, maxiter: Any) -> None:
    with pytest.raises(ValueError, match=r"maxiter: got .*; allowed is an integer >= 1"):
        solver(maxiter=maxiter)


@BOTH
def test_refuses_a_callback_that_cannot_be_called(solver: Any) -> None:
    with pytest.raises(ValueError, match="callback: got 3; allowed is a function of"):
        solver(callback=3)


@pytest.mark.parametrize("wrong", [CG(), Direct(), Auto(), AMG, "amg", np.eye(3)])
def test_refuses_what_is_no_preconditioner(wrong: Any) -> None:
    with pytest.raises(
        ValueError, match=r"(?s)preconditioner: got .*; allowed are FastDiagonalization\(\), Multigrid\(\), AMG\(\), Jacobi\(\) and None"
    ):
        CG(preconditioner=wrong)


@pytest.mark.parametrize(
    ("solver", "name"), [(CG(), "CG"), (CG(preconditioner=FastDiagonalization()), "CG"), (CG(preconditioner=AMG()), "CG"), (AMG(), "AMG")]
)
@pytest.mark.parametrize(
    ("operator", "instead"),
    [("2d, negative reaction", r"FastDiagonalization\(\) or Direct\(\)"), ("2d, separable, negative reaction", r"use Direct\(\)")],
)
def test_refuses_a_negative_reaction(case: Any, solver: Any, name: str, operator: str, instead: str) -> None:
    with pytest.raises(ValueError, match=f"^{name}: a negative reaction takes positive definiteness from .*{instead}"):
        solver.prepare(case(operator).operator)


def test_notices_an_operator_that_only_claims_to_be_definite(case: Any) -> None:
    terms = case("2d, separable, negative reaction").operator.terms
    with pytest.raises(ValueError, match=r"p \. A p = -.* is not positive definite; use FastDiagonalization\(\).* or Direct\(\)"):
        CG().prepare(SeparableOperator(terms))(case("2d, separable").rhs)


@pytest.mark.filterwarnings("ignore:(overflow|invalid value):RuntimeWarning")
def test_notices_an_operator_that_overflows() -> None:
    operator = SeparableOperator([KroneckerProduct(np.diag([1e308, 1.0]))] * 4)
    with pytest.raises(ValueError, match=r"p \. A p = (inf|nan) .* not finite, or too large"):
        CG().prepare(operator)(np.ones(2))


class Minus(Preconditioner):
    def approximate_inverse(self, operator: Any) -> Any:
        return lambda residual: -residual


def test_notices_a_preconditioner_that_is_not_positive(case: Any) -> None:
    mixed = case("2d, mixed")
    with pytest.raises(ValueError, match=r"preconditioner: r \. z = -.*; it must be a symmetric positive definite map"):
        CG(preconditioner=Minus()).prepare(mixed.operator)(mixed.rhs)


def test_takes_as_many_iterations_as_there_are_eigenvalues(poisson: Any) -> None:
    operator = poisson(12, 12)  # in two dimensions of one kind, 11 * 12 / 2 different ones
    rhs = np.random.default_rng(71).standard_normal(operator.output_shape)
    assert CG(rtol=1e-9).prepare(operator)(rhs).iterations <= 66
    assert CG(rtol=1e-9, preconditioner=FastDiagonalization()).prepare(operator)(rhs).iterations == 1


def test_jacobi_helps_on_graded_meshes(case: Any) -> None:
    graded = case("1d, graded")
    plain, scaled = (CG(preconditioner=p).prepare(graded.operator)(graded.rhs).iterations for p in (None, Jacobi()))
    assert 2 * scaled < plain


@pytest.mark.parametrize("rtol", [1e-3, 1e-8, 1e-13])
def test_stops_by_the_true_residual(case: Any, rtol: float) -> None:
    mixed = case("3d, mixed")
    record = CG(rtol=rtol).prepare(mixed.operator)(mixed.rhs)
    assert 1e-3 * rtol < norm(mixed.dense @ record.value.ravel() - mixed.rhs.ravel()) / norm(mixed.rhs) <= 1.01 * rtol
    assert record.residual_history[-2] > rtol
    assert record.reason == f"the relative residual fell below {rtol:.3g}"


@pytest.mark.parametrize("scale", [1e-290, 1.0, 1e250])
def test_the_absolute_tolerance_is_one_of_the_right_hand_side(case: Any, scale: float) -> None:
    mixed = case("3d, mixed")
    rhs = mixed.rhs * scale
    record = CG(atol=1e-4 * norm(rhs)).prepare(mixed.operator)(rhs)
    assert 1e-6 < record.residual <= 1e-4
    nothing = CG(atol=2 * norm(rhs)).prepare(mixed.operator)(rhs)
    assert (nothing.iterations, norm(nothing.value), nothing.converged) == (0, 0.0, True)


@pytest.mark.parametrize("maxiter", [1, 2, 20])
def test_a_limit_that_is_reached_is_a_failure(case: Any, maxiter: int) -> None:
    mixed = case("3d, mixed")
    with pytest.raises(ConvergenceError, match=f"stopped after {maxiter} iterations at a relative residual of .*, above 1e-10") as caught:
        CG(maxiter=maxiter).prepare(mixed.operator)(mixed.rhs)
    record = caught.value.solution
    assert not record.converged
    assert record.iterations == maxiter
    assert record.residual == pytest.approx(min(record.residual_history[1:]), rel=1e-6)


def test_the_best_iterate_is_handed_over(case: Any) -> None:
    """Where the residual has turned up again, the last iterate is not the best one."""
    graded = case("1d, graded")
    full = CG().prepare(graded.operator)(graded.rhs).residual_history
    up = next(i for i in range(3, len(full)) if full[i] > 1.2 * min(full[1:i]))
    with pytest.raises(ConvergenceError) as caught:
        CG(maxiter=up).prepare(graded.operator)(graded.rhs)
    assert caught.value.solution.residual == pytest.approx(min(full[1:up]), rel=1e-6)


def test_the_default_limit_grows_with_the_unknowns() -> None:
    assert CG()._stopping().limit(5) == 1000
    assert CG()._stopping().limit(700) == 7000
    assert CG()._stopping().limit(10**7) == 20_000
    assert CG(maxiter=3)._stopping().limit(10**7) == 3


@pytest.mark.parametrize("scale", [1e-250, 1.0, 1e250])
def test_callback(case: Any, scale: float) -> None:
    mixed = case("2d, mixed")
    seen: list[tuple[int, float, np.ndarray]] = []
    record = CG(callback=lambda *state: seen.append(state)).prepare(mixed.operator)(mixed.rhs * scale)
    assert [state[0] for state in seen] == list(range(1, record.iterations + 1))
    assert tuple(state[1] for state in seen[:-1]) == record.residual_history[1:-1]
    for _, residual, iterate in seen:
        assert norm(mixed.dense @ (iterate / scale).ravel() - mixed.rhs.ravel()) / norm(mixed.rhs) == pytest.approx(
            residual, rel=1e-3, abs=1e-13
        )
    np.testing.assert_array_equal(seen[-1][2], record.value)


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_a_raising_callback_ends_the_solve(case: Any, error: type[BaseException]) -> None:
    def stop(iterations: int, residual: float, iterate: np.ndarray) -> None:
        if iterations == 3:
            raise error

    mixed = case("2d, mixed")
    with pytest.raises(error):
        AMG(callback=stop).prepare(mixed.operator)(mixed.rhs)


class Disturbed:
    """An operator whose products go wrong."""

    def __init__(self, operator: KroneckerSum, times: int, size: float) -> None:
        self.operator, self.times, self.size = operator, times, size
        self.rng = np.random.default_rng(5_003)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.operator, name)

    def matvec(self, vector: np.ndarray) -> np.ndarray:
        image = self.operator.matvec(vector)
        self.times -= 1
        if self.times >= 0:
            image *= 1 + self.size * self.rng.uniform(-1, 1, image.shape)
        return image


def test_a_false_claim_of_the_recursion_is_noticed_and_mended(case: Any) -> None:
    mixed = case("3d, mixed")
    record = CG(rtol=1e-10).prepare(Disturbed(mixed.operator, 15, 1e-6))(mixed.rhs)
    assert norm(mixed.dense @ record.value.ravel() - mixed.rhs.ravel()) <= 1.01e-10 * norm(mixed.rhs)
    history = np.array(record.residual_history)
    assert (history[1:] > 10 * history[:-1]).any()  # the claim, beside what took its place


def test_an_operator_of_few_digits_lets_the_iteration_stagnate(case: Any) -> None:
    mixed = case("3d, mixed")
    with pytest.raises(ConvergenceError, match=r"stagnated at .*: below is not reachable in float64; ask for rtol >=") as caught:
        CG(rtol=1e-12).prepare(Disturbed(mixed.operator, 10**9, 1e-8))(mixed.rhs)
    reached = norm(mixed.dense @ caught.value.solution.value.ravel() - mixed.rhs.ravel()) / norm(mixed.rhs)
    assert 1e-10 < reached < 1e-6


@pytest.mark.parametrize("name", ["1d, graded", "2d, mixed", "3d, mixed", "2d, free", "3d, rings"])
@pytest.mark.parametrize("solver", [CG(rtol=1e-15), AMG(rtol=1e-15), CG(rtol=1e-15, preconditioner=FastDiagonalization())])
def test_an_iterate_as_good_as_float64_can_tell_is_one(case: Any, solver: CG | AMG, name: str) -> None:
    some = case(name)
    record = solver.prepare(some.operator)(some.rhs)
    assert record.converged
    assert record.backward_error < 1e-14
    assert "stagnated at" in record.reason or record.residual < 2e-15


@pytest.mark.parametrize("preconditioner", [None, Jacobi(), AMG(), FastDiagonalization()])
@pytest.mark.parametrize("name", ["2d, free", "2d, free and ring", "3d, rings"])
def test_iterates_stay_orthogonal_to_the_null_vector(case: Any, name: str, preconditioner: Preconditioner | None) -> None:
    free = case(name)
    null, along = outer(free.operator.null_vector), []

    def look(iterations: int, residual: float, iterate: np.ndarray) -> None:
        along.append(abs(np.vdot(null, iterate)) / (norm(null) * norm(iterate)))

    CG(rtol=1e-12, preconditioner=preconditioner, callback=look).prepare(free.operator)(free.rhs)
    assert max(along) < 1e-13


def test_rounding_does_not_drift_along_the_null_vector(case: Any) -> None:
    """A component of the residual along the null vector can never be taken out again: without the projections it stays and grows."""
    free = case("3d, free")
    disturbed = Disturbed(free.operator, 12, 1e-7)
    record = CG(rtol=1e-12).prepare(disturbed)(free.rhs)
    assert norm(free.dense @ record.value.ravel() - free.rhs.ravel()) <= 1e-11 * norm(free.rhs)


def test_a_projected_residual_has_nothing_left_along_the_null_vector(case: Any) -> None:
    free = case("3d, free")
    null, residual = outer(free.operator.null_vector), free.rhs + 1.0
    NullSpace(free.operator).remove(residual)
    assert abs(np.vdot(null, residual)) <= 1e-14 * norm(null) * norm(residual)
    assert norm(residual - free.rhs) <= 1e-13 * norm(free.rhs)
