"""tensorfem: fast diagonalization, and its conjugate gradients with pyamg's multigrid on the assembled matrix, for reference."""

from typing import ClassVar

import numpy as np

import tensorfem as tfem
from benchmarks.comparison.case import exact, source
from benchmarks.comparison.peer import Peer

RTOL = 1e-8


class FastDiagonalization(Peer):
    """From the problem to the solution of the reduced system; eigenbases belong to the setup."""

    name = "tensorfem"
    dtypes = ("float64", "float32")
    solver: ClassVar[tfem.solvers.Solver] = tfem.FastDiagonalization()

    def setup(self):
        self.problem = tfem.Poisson(self.case.space, source, boundary=0.0)
        self.prepared = self.solver.prepare(self.problem.operator)

    def load(self):
        self.rhs = self.problem.rhs.astype(self.case.dtype, copy=False)

    def solve(self):
        solution = self.prepared(self.rhs)
        self.value, self.iterations = solution.value, solution.iterations
        return str(self.value.dtype)

    def error(self):
        return relative_error(self.case, self.problem.field(np.asarray(self.value, dtype=np.float64)))


class Multigrid(FastDiagonalization):
    """Algebraic multigrid and conjugate gradients, the assembled matrix made of the factors."""

    name = "tensorfem AMG"
    dtypes = ("float64",)
    solver = tfem.AMG(rtol=RTOL)


def relative_error(case, field):
    """The L2 error of a field of tensorfem over the norm of the solution, by Gauss quadrature."""
    zero, points = tfem.interpolate(case.space, 0.0), case.degree + 2
    return field.l2_error(exact, points=points) / zero.l2_error(exact, points=points)
