"""The levels of multigrid: what cannot be inverted on the coarsest one."""

import pytest

import tensorfem as tfem
from tensorfem.axis import interval
from tensorfem.solvers import Multigrid


def test_coefficients_of_too_many_orders_are_refused() -> None:
    space = tfem.Space(tfem.Lagrange(interval(0, 40, 30), 2))
    problem = tfem.Poisson(space, 1.0, diffusion="exp(x)", boundary={"x-": tfem.Dirichlet(0.87), "x+": tfem.Robin(2.19, 1.0)})
    with pytest.raises(ValueError, match=r"not positive definite to rounding: .* use FastDiagonalization\(\)"):
        problem.solve(Multigrid())
