"""Settings out of range, spaces that are hardly there, solves that do not fit or do not end."""

from typing import Any

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.kron import memory

PLANE = tfem.box(x=(0, 1), y=(0, 2), cells=(12, 9))


@pytest.mark.parametrize("kind", [tfem.CG, tfem.AMG])
@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("rtol", 0, "^rtol: got 0; allowed is a number from 1e-15"),
        ("rtol", -1e-6, "^rtol: got -1e-06; allowed"),
        ("rtol", np.nan, "^rtol: got nan; allowed"),
        ("rtol", 1e-17, "^rtol: got 1e-17; allowed is a number from 1e-15, about the rounding of float64"),
        ("rtol", 1.0, "^rtol: got 1.0; allowed .* to below 1"),
        ("rtol", "1e-8", "^rtol: got '1e-8'; allowed"),
        ("atol", -1.0, "^atol: got -1.0; allowed is a number >= 0"),
        ("atol", np.inf, "^atol: got inf; allowed"),
        ("maxiter", 0, "^maxiter: got 0; allowed is an integer >= 1"),
        ("maxiter", True, r"^maxiter: got True \(bool\); allowed is an integer >= 1"),
        ("maxiter", 2.5, r"^maxiter: got 2.5 \(float\); allowed is an integer >= 1"),
        ("callback", "print", "^callback: got 'print'; allowed is a function"),
    ],
)
def test_settings_of_iterations(kind: Any, setting: str, value: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        kind(**{setting: value})


def test_an_iteration_that_does_not_end_raises_with_its_best_iterate() -> None:
    problem = tfem.Poisson(PLANE, "exp(x*y)", boundary=0.0)
    with pytest.raises(tfem.ConvergenceError, match="stopped after 3 iterations at a relative residual of") as caught:
        problem.solve(tfem.CG(maxiter=3))
    best = caught.value.solution
    assert not best.converged
    assert best.iterations == 3
    assert best.value.shape == problem.rhs.shape
    assert best.residual == pytest.approx(np.linalg.norm(problem.operator @ best.value - problem.rhs) / np.linalg.norm(problem.rhs))


def test_a_direct_solve_that_does_not_fit_is_refused_before_it_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    operator = tfem.Poisson(tfem.box(x=(0, 1), y=(0, 1), z=(0, 1), cells=300, degree=2), 1.0, boundary=0.0).operator
    with pytest.raises(
        MemoryError, match=r"Direct: the factorization .* needs about .* GB, this machine has .* GB free; use FastDiagonalization"
    ):
        tfem.Direct().prepare(operator)
    monkeypatch.setattr(memory, "available_memory", lambda: 10_000)
    problem = tfem.Poisson(PLANE, 1.0, boundary=0.0)
    with pytest.raises(MemoryError, match="use FastDiagonalization"):
        problem.solve(tfem.Direct())
    with pytest.raises(MemoryError, match=r"the explicit sparse matrix of shape .* needs about"):
        problem.operator.tosparse()


@pytest.mark.parametrize(
    ("space", "axis"),
    [
        (tfem.box(x=(0, 1), cells=1), "x"),
        (tfem.box(x=(0, 1), y=(0, 1), cells=(4, 1)), "y"),
        (tfem.Space(tfem.Lagrange(tfem.interval(0, 1, 2), 3), tfem.BSpline(tfem.interval(0, 1, 1), 1)), "y"),
    ],
)
def test_no_interior_unknown(space: tfem.Space, axis: str) -> None:
    with pytest.raises(
        ValueError, match=f"space: axis {axis} has no unknown between its Dirichlet ends; use more cells or a higher degree"
    ):
        tfem.Poisson(space, 1.0, boundary=0.0)


def test_no_axis_at_all() -> None:
    with pytest.raises(ValueError, match=r"Space: got \(\); allowed is one basis per axis"):
        tfem.Space()


def test_one_unknown(solver: Any) -> None:
    """Two cells on each axis, one node within: the stencil's middle 8/3 (hx = hy = 1), the load 1."""
    u = tfem.Poisson(tfem.box(x=(0, 2), y=(0, 2), cells=2), 1.0, boundary=0.0).solve(solver)
    assert u.values.shape == (3, 3)
    assert abs(u(1.0, 1.0) - 3 / 8) < 1e-14


@pytest.mark.parametrize("basis", ["lagrange", "bspline"])
def test_one_cell(basis: str, solver: Any) -> None:
    """-u'' = 2 between two walls, in one cell of degree 2: u = x (3 - x); and in one cell of a plane, with a flux."""
    line = tfem.box(x=(0, 3), cells=1, degree=2, basis=basis)
    assert tfem.Poisson(line, 2.0, boundary=0.0).solve(solver).linf_error("x*(3 - x)") < 1e-13
    plane = tfem.box(x=(0, 3), y=(0, 1), cells=1, degree=(2, 1), basis=basis)
    u = tfem.Poisson(plane, 2.0, boundary={"x-": 0.0, "x+": tfem.Neumann(-3.0), "*": tfem.Neumann(0.0)}).solve(solver)
    assert u.linf_error("x*(3 - x)") < 1e-12


@pytest.mark.parametrize("basis", ["lagrange", "bspline"])
@pytest.mark.parametrize("degree", [1, 2, 3])
def test_one_periodic_cell(degree: int, basis: str, solver: Any) -> None:
    """The constants are there, whatever else is: u = 5/2 for u'' = 2 u - 5; without reaction the matrix of one constant is zero."""
    ring = tfem.box(x=(0, 1), cells=1, degree=degree, periodic="x", basis=basis)
    assert tfem.Poisson(ring, 5.0, reaction=2.0).solve(solver).linf_error(5 / 2) < 1e-13
    if "Jacobi" not in repr(solver):  # the diagonal is 0, or what rounding left of it
        assert tfem.Poisson(ring, 0.0).solve(solver).linf_norm() < 1e-14


def test_nothing_to_do(solver: Any) -> None:
    """Zero data give zero, boundary data alone their lifting."""
    assert tfem.Poisson(PLANE, 0.0, boundary=0.0).solve(solver).linf_norm() == 0.0
    assert tfem.Poisson(PLANE, 0.0, boundary=tfem.Neumann(0.0)).solve(solver).linf_norm() == 0.0
    assert tfem.Poisson(PLANE, 0.0, boundary=4.0).solve(solver).linf_error(4.0) < 1e-9


@pytest.mark.parametrize("length", [1e-100, 1e100])
def test_boxes_of_any_size(length: float, solver: Any) -> None:
    """-u'' = 1 on [0, L]: u = x (L - x) / 2 scales with L^2."""
    u = tfem.Poisson(tfem.box(x=(0, length), cells=6, degree=2), 1.0, boundary=0.0).solve(solver)
    x = np.linspace(0, 1, 13)
    assert np.allclose(u.values / length / length, x * (1 - x) / 2, rtol=0, atol=1e-10)
