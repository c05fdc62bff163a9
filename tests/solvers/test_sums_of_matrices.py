"""The solvers take Kronecker sums of given matrices, which have no square-root factors."""

import numpy as np
import pytest

from tensorfem.kron import kronsum
from tensorfem.solvers import AMG, CG, Auto, Direct, FastDiagonalization


@pytest.mark.parametrize(
    "solver", [Auto(), Direct(), FastDiagonalization(), CG(rtol=1e-12), AMG(rtol=1e-12), CG(preconditioner=FastDiagonalization())], ids=str
)
def test_a_definite_sum_is_solved(solver) -> None:
    first, second = (2 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1) for n in (9, 7))
    operator, rhs = kronsum(first, second, shift=0.25), np.random.default_rng(520_117).standard_normal((9, 7))
    value = solver.prepare(operator)(rhs).value
    assert first @ value + value @ second + 0.25 * value == pytest.approx(rhs, abs=1e-9)
