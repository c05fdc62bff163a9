"""The operator of a problem cell by cell, which is there whatever structure its coefficients have."""

import numpy as np
import pytest

import tensorfem as tfem

BOUNDARY = {"x-": tfem.Dirichlet(1.0), "x+": tfem.Neumann(2.0), "y-": tfem.Robin(3.0, flux=0.5), "y+": tfem.Dirichlet("x")}
COEFFICIENTS = {
    "numbers": {"diffusion": 2.0, "reaction": 3.0},
    "one per axis": {"diffusion": (2.0, "1 + y**2"), "reaction": tfem.Sum("x", "y**2")},
    "a product": {"diffusion": tfem.Product("1 + x", "2 + y")},
    "few products": {"diffusion": "1 + x*y"},
    "of all coordinates": {"diffusion": "exp(sin(9*x*y))", "reaction": "1 + sin(x*y)"},
}


def problem_of(name: str, degree: int) -> tfem.Poisson:
    space = tfem.box(x=(0, 1), y=(0, 2), cells=(9, 7), degree=degree)
    return tfem.Poisson(space, source="1 + x", boundary=BOUNDARY, on_conflict="average", **COEFFICIENTS[name])


@pytest.mark.parametrize("name", COEFFICIENTS)
def test_it_is_the_operator(name) -> None:
    """For degree 2 both are integrated by the same Gauss points."""
    problem = problem_of(name, 2)
    u = np.cos(np.arange(problem.operator.shape[0])).reshape(problem.operator.output_shape)
    image = problem.operator.matvec(u)
    assert np.allclose(problem.cell_operator.matvec(u), image, rtol=0, atol=1e-12 * np.abs(image).max())


@pytest.mark.parametrize("name", COEFFICIENTS)
@pytest.mark.parametrize("solver", [tfem.Multigrid(), tfem.CG(preconditioner=tfem.Multigrid())])
def test_multigrid_solves_every_problem(name, solver) -> None:
    problem = problem_of(name, 2)
    expected = problem.solve(tfem.Direct())
    assert np.allclose(problem.solve(solver).coefficients, expected.coefficients, rtol=0, atol=1e-8)


def test_an_operator_in_cells_is_its_own() -> None:
    problem = problem_of("of all coordinates", 1)
    assert problem.cell_operator is problem.operator
