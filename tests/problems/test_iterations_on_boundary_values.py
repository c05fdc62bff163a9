"""Solvers that iterate, on boundary values next to very small cells: they solve for the correction to a smooth lifting."""

from typing import Any

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.problems.reduced_system import ReducedSystem
from tensorfem.solvers import Solver, norm

ITERATIONS = (
    tfem.Auto(),
    tfem.Multigrid(),
    tfem.CG(preconditioner=tfem.Jacobi()),
    tfem.CG(preconditioner=tfem.AMG()),
    tfem.CG(preconditioner=tfem.Multigrid()),
    tfem.AMG(),
)
COEFFICIENTS: dict[str, Any] = {"cells": "1.5 + sin(7*x*y)", "few terms": "1 + x*y", "number": 2.0}


def graded(diffusion: Any, value: Any, toward: str = "left", degree: int = 1) -> tfem.Poisson:
    """Cells that shrink by a million towards the face that has the value."""
    axes = tfem.graded(0, 1, 60 // degree, 1e6, toward=toward), tfem.interval(0, 2, 16 // degree)
    face = {"left": "x-", "right": "x+"}[toward]
    space = tfem.Space(*(tfem.Lagrange(axis, degree) for axis in axes))
    return tfem.Poisson(space, "exp(x*y)", diffusion=diffusion, boundary={face: value, "*": tfem.Neumann(0.0)})


@pytest.mark.parametrize("name", COEFFICIENTS)
@pytest.mark.parametrize("solver", ITERATIONS, ids=repr)
@pytest.mark.parametrize(("value", "toward", "degree"), [(1.0, "left", 1), ("1 + sin(3*y)", "right", 1), ("2 - y**2", "left", 2)])
def test_values_at_the_fine_end(solver: Solver, name: str, value: Any, toward: str, degree: int) -> None:
    """The matrix of the fine cells times the values is no measure of what is left to do."""
    problem = graded(COEFFICIENTS[name], value, toward, degree)
    expected = problem.solve(tfem.Direct()).coefficients
    u = problem.solve(solver).coefficients
    assert np.abs(u - expected).max() < 1e-9 * np.abs(expected).max()
    held = (0 if toward == "left" else -1, slice(None))
    assert np.array_equal(u[held], problem._lifting[held])


def test_scaled_fast_diagonalization_is_asked_for_what_is_left() -> None:
    """It takes out what is large next to the fine end first, and left the rest as it was: 6e-5 of the solution."""
    space = tfem.Space(tfem.Lagrange(tfem.graded(0, 1, 200, 1e6), 1), tfem.Lagrange(tfem.interval(0, 1, 100), 1))
    boundary = {"x-": 1.0, "*": tfem.Neumann(0.0)}
    problem = tfem.Poisson(space, "exp(x*y)", diffusion="1.5 + sin(7*x*y)", boundary=boundary)
    expected, u = problem.solve(tfem.Direct()), problem.solve()
    assert u.report.solver == "CG(preconditioner=FastDiagonalization())"
    assert np.abs(u.coefficients - expected.coefficients).max() < 1e-9 * expected.linf_norm()


@pytest.mark.parametrize("dimension", [1, 2, 3, 4])
@pytest.mark.parametrize("solver", [tfem.CG(preconditioner=tfem.Jacobi()), tfem.AMG(), tfem.Multigrid()], ids=repr)
def test_two_fine_ends_in_any_dimension(solver: Solver, dimension: int) -> None:
    """Cells that shrink by a million at both ends of one axis, and towards an end of another; the rest is natural, and one ring."""
    axes = (
        tfem.graded(0, 1, 20, 1e6, toward="both"),
        tfem.graded(0, 1, 8, 1e5, toward="right"),
        tfem.interval(0, 2, 4),
        tfem.interval(0, 1, 3, periodic=True),
    )
    space = tfem.Space(*(tfem.Lagrange(axis, 1) for axis in axes[:dimension]))
    fine = [space.faces[0], *space.faces[1:4:2]]
    ends = dict.fromkeys(space.faces, tfem.Neumann(0.0)) | dict.fromkeys(fine, tfem.Dirichlet(lambda *x: 1 + x[0] * sum(x[:3])))
    diffusion = "1.5 + sin(7*x*y)" if dimension in (2, 3) else 2.0
    problem = tfem.Poisson(space, 1.0, diffusion=diffusion, boundary=ends)
    expected = problem.solve(tfem.Direct())
    assert np.abs(problem.solve(solver).coefficients - expected.coefficients).max() < 1e-9 * expected.linf_norm()


@pytest.mark.parametrize("diffusion", ["1.5 + sin(7*x*y)", 2.0, tfem.Product("1 + x", "2 - y"), "1 + x*y"])
def test_multigrid_keeps_constants(diffusion: Any) -> None:
    """Its operator takes means over cells, those next to the faces included: values lifted by other matrices would not match them."""
    space = tfem.box(x=(0, 1), y=(0, 1.5), cells=(12, 9))
    problem = tfem.Poisson(space, 0.0, diffusion=diffusion, boundary={"x-": 1.0, "y+": 1.0, "*": tfem.Neumann(0.0)})
    for solver in (tfem.Multigrid(), tfem.CG(preconditioner=tfem.Multigrid())):
        assert problem.solve(solver).linf_error(1.0) < 1e-13


def test_multigrid_and_direct_differ_by_the_square_of_the_cells() -> None:
    problem = tfem.Poisson(
        tfem.box(x=(0, 1), y=(0, 1.5), cells=(12, 9)), "x", diffusion=tfem.Product("exp(x)", "2 + sin(y)"), boundary="exp(x - y)"
    )
    differences = []
    for _ in range(3):
        differences.append(np.abs(problem.solve(tfem.Multigrid()).coefficients - problem.solve(tfem.Direct()).coefficients).max())
        problem = problem.refined()
    assert differences[0] > 3.5 * differences[1] > 3.5**2 * differences[2] > 0


def test_lifting_that_leaves_more_is_not_taken() -> None:
    """Values that jump over a cell of 1e-6: what is smooth along x carries the jump through the box."""
    across = tfem.Lagrange(tfem.graded(0, 1, 40, 1e6, toward="middle"), 1)
    space = tfem.Space(tfem.Lagrange(tfem.interval(0, 1, 20), 1), across)
    problem = tfem.Poisson(space, 1.0, diffusion="1.5 + sin(7*x*y)", boundary={"x-": "where(y < 0.5, 0, 1)", "*": tfem.Neumann(0.0)})
    system = ReducedSystem.of(problem.operator, problem.rhs, problem._smooth_lifting)
    assert system.lifting is None
    assert system.rhs is problem.rhs
    expected = problem.solve(tfem.Direct())
    assert np.abs(problem.solve(tfem.Multigrid()).coefficients - expected.coefficients).max() < 1e-8


@pytest.mark.parametrize(("size", "diffusion"), [(1e-300, 1.0), (1e-300, 1e200), (1e-100, 1e-200), (1e250, 1e-30), (1e300, 1.0)])
@pytest.mark.parametrize("solver", [tfem.CG(preconditioner=tfem.Jacobi()), tfem.Multigrid()], ids=repr)
def test_values_of_any_size(solver: Solver, size: float, diffusion: float) -> None:
    """A constant leaves rounding errors to a smooth lifting: of the smallest floats they have no digits."""
    space = tfem.box(x=(0, 1), y=(0, 2), cells=(20, 13))
    problem = tfem.Poisson(space, 0.0, diffusion=lambda x, y: diffusion * (1 + x * y * np.exp(x * y)), boundary=size)
    assert np.abs(problem.solve(solver).coefficients / size - 1).max() < 1e-9


def test_the_residual_is_that_of_the_system_solved() -> None:
    problem = graded("1.5 + sin(7*x*y)", 1.0)
    u = problem.solve(tfem.AMG(rtol=1e-6))
    given, start = problem.rhs, problem._smooth_lifting.values()
    left = given - problem.operator.apply(start)
    assert norm(left) < 1e-4 * norm(given)
    correction = u.coefficients[problem._elliptic.form.free] - start
    assert u.report.residual == pytest.approx(norm(problem.operator.apply(correction) - left) / norm(left), rel=1e-3)
    assert 1e-9 < u.report.residual < 1e-6


@pytest.mark.parametrize("kind", [tfem.CG, tfem.AMG, tfem.Multigrid])
def test_iterates_are_those_of_the_whole_solution(kind: Any) -> None:
    seen: list[np.ndarray] = []
    problem = graded("1.5 + sin(7*x*y)", "1 + y")
    settings: dict[str, Any] = {"preconditioner": tfem.Jacobi()} if kind is tfem.CG else {}
    u = problem.solve(kind(**settings, callback=lambda count, residual, iterate: seen.append(iterate)))
    assert len(seen) == u.report.iterations
    assert np.allclose(problem.field(seen[-1]).coefficients, u.coefficients, rtol=0, atol=1e-9)
    with pytest.raises(tfem.ConvergenceError, match="stopped after 2 iterations") as caught:
        problem.solve(kind(**settings, maxiter=2))
    best = caught.value.solution
    assert np.allclose(best.value, seen[1], rtol=0, atol=1e-12)
    assert best.residual == pytest.approx(norm(problem.operator.apply(best.value) - problem.rhs) / norm(problem.rhs), rel=1e-6)


def test_a_lifting_that_solves_the_problem_says_so() -> None:
    """Nothing is left to iterate on; a right-hand side of zero would puzzle."""
    space = tfem.box(x=(0, 1), y=(0, 2), cells=(8, 4))
    u = tfem.Poisson(space, 0.0, boundary=3.0).solve(tfem.CG())
    assert u.report.stopped == "the smooth extension of the boundary values is the solution"
    assert np.array_equal(u.values, np.full((9, 5), 3.0))


def test_direct_solvers_start_from_zero() -> None:
    """Their residual is that of the plain system."""
    problem = graded(2.0, 1.0)
    for solver in (tfem.Direct(), tfem.FastDiagonalization()):
        assert not solver.iterates
        u = problem.solve(solver)
        image = problem.operator.apply(u.coefficients[problem._elliptic.form.free])
        assert u.report.residual == pytest.approx(norm(image - problem.rhs) / norm(problem.rhs), rel=1e-9)
    assert all(solver.iterates for solver in ITERATIONS[1:])
