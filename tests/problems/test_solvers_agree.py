"""One problem, every solver: the same field."""

from typing import Any

import numpy as np
import pytest

import tensorfem as tfem

SPACES = {
    "line": tfem.Space(tfem.Lagrange(tfem.graded(0, 2, 30, 20), 3)),
    "plate": tfem.Space(tfem.Lagrange(tfem.graded(-1, 1, 12, 5), 2), tfem.BSpline(tfem.interval(0, 3, 9), 3)),
    "tube": tfem.Space(
        tfem.Lagrange(tfem.interval(0, 1, 8, periodic=True), 2),
        tfem.Lagrange(tfem.graded(0, 3, 6, 4), 2),
        tfem.Lagrange(tfem.interval(0, 2, 9), 1),
    ),
}
ENDS = {"line": ["AD"], "plate": ["DR", "NA"], "tube": ["PP", "DN", "RD"]}


@pytest.mark.parametrize("shape", SPACES)
def test_agreement(shape: str, solver: Any, manufactured: Any) -> None:
    space = SPACES[shape]
    made = manufactured(space, ENDS[shape], diffusion=(1.0, 8.0, 0.5)[: space.dimension], reaction=0.5)
    u, reference = made.problem().solve(solver), made.problem().solve(tfem.FastDiagonalization())
    assert u.l2_error(reference) < 1e-8 * reference.l2_norm()
    assert u.report.converged
    assert u.report.residual < 1e-10


@pytest.mark.parametrize("reaction", [0.0, 2.0])
def test_agreement_where_the_operator_is_no_kronecker_sum(reaction: float, solver: Any) -> None:
    """Product diffusion beside Robin and reaction: fast diagonalization refuses and says what does it, all others agree."""
    diffusion = tfem.Product("1 + x**2", lambda y: 2 + np.sin(y))
    boundary = {"x-": tfem.Robin(2.0, ambient="y"), "x+": "y**2", "*": tfem.Neumann("x")}
    problem = tfem.Poisson(SPACES["plate"], "x*y + 1", diffusion=diffusion, reaction=reaction, boundary=boundary)
    if isinstance(solver, tfem.FastDiagonalization):
        with pytest.raises(ValueError, match=r"not a Kronecker sum.*use CG\(preconditioner=FastDiagonalization\(\)\)"):
            problem.solve(solver)
        return
    u, reference = problem.solve(solver), problem.solve(tfem.CG(rtol=1e-13, preconditioner=tfem.FastDiagonalization()))
    assert u.l2_error(reference) < 1e-8 * reference.l2_norm()


@pytest.mark.parametrize("factor", [1e-300, 1e200])
def test_any_scale(factor: float, solver: Any, manufactured: Any) -> None:
    """Sources and boundary data of 1e-300 and of 1e200: the solution scales with them."""
    made = manufactured(SPACES["plate"], ENDS["plate"])
    unit = made.problem().solve(solver)
    scaled = {
        face: type(c)(*([c.coefficient] if isinstance(c, tfem.Robin) else []), **{k: times(f, factor) for k, f in data(c).items()})
        for face, c in made.boundary.items()
    }
    u = made.problem(source=times(made.source, factor), boundary=scaled).solve(solver)
    assert np.linalg.norm(u.values / factor - unit.values) < 1e-8 * np.linalg.norm(unit.values)
    assert u.report.residual < 1e-9


def data(condition: Any) -> dict[str, Any]:
    return {name: f for name, f in vars(condition).items() if name != "coefficient" and f is not None}


def times(function: Any, factor: float) -> Any:
    return lambda *x: factor * function(*x)


def test_one_solver_serves_many_problems(solver: Any, manufactured: Any) -> None:
    """Nothing is remembered: results do not depend on what was solved before."""
    first, second = (manufactured(SPACES[shape], ENDS[shape]) for shape in ("plate", "line"))
    alone = first.problem().solve(solver).values
    second.problem().solve(solver)
    assert np.array_equal(first.problem().solve(solver).values, alone)
