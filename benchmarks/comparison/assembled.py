"""pyamg and SciPy's LU decomposition, on the assembled matrix. The matrix and the load are tensorfem's: neither package assembles."""

import importlib
from typing import ClassVar

import numpy as np
import scipy.sparse.linalg

import tensorfem as tfem
from benchmarks.comparison.case import source
from benchmarks.comparison.peer import Peer
from benchmarks.comparison.tensorfem_solvers import RTOL, relative_error

ITERATIONS = 1000  # pyamg stops at 100 if not told otherwise: on graded meshes that is not enough


class Assembled(Peer):
    """Whatever takes a CSR matrix and a vector."""

    def setup(self):
        self.problem = tfem.Poisson(self.case.space, source, boundary=0.0)
        self.matrix = self.problem.operator.tosparse().tocsr()

    def load(self):
        self.rhs = self.problem.rhs.ravel()

    def error(self):
        return relative_error(self.case, self.problem.field(self.value))


class RugeStuben(Assembled):
    """Ruge and Stuben's multigrid as the preconditioner of conjugate gradients."""

    name, package = "pyamg", "pyamg"
    method = "ruge_stuben_solver"

    def setup(self):
        super().setup()
        self.hierarchy = getattr(importlib.import_module("pyamg"), self.method)(self.matrix)

    def solve(self):
        self.value, self.iterations = preconditioned(self.hierarchy, self.rhs)
        return str(self.value.dtype)


class SmoothedAggregation(RugeStuben):
    """The same with smoothed aggregation, which takes less memory."""

    name, method = "pyamg SA", "smoothed_aggregation_solver"


def preconditioned(hierarchy, rhs):
    """The solution by pyamg's conjugate gradients, and how many iterations it took; it is an error if they do not converge."""
    residuals = []
    value, info = hierarchy.solve(rhs, tol=RTOL, accel="cg", maxiter=ITERATIONS, residuals=residuals, return_info=True)
    if info != 0:
        raise ArithmeticError(f"no convergence in {ITERATIONS} iterations")
    return value, len(residuals) - 1


class SparseLU(Assembled):
    """SuperLU, the columns ordered by minimum degree."""

    name, package = "SciPy LU", "scipy"
    growth: ClassVar = {2: 1.5, 3: 2.0}

    def setup(self):
        super().setup()
        symmetric = {"permc_spec": "MMD_AT_PLUS_A", "diag_pivot_thresh": 0.0, "options": {"SymmetricMode": True}}
        self.factors = scipy.sparse.linalg.splu(self.matrix.tocsc(), **symmetric)

    def solve(self):
        self.value = self.factors.solve(np.asarray(self.rhs))
        return str(self.value.dtype)
