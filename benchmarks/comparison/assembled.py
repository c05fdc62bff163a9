"""pyamg and SciPy's LU decomposition, on the assembled matrix. The matrix and the load are tensorfem's: neither package assembles."""

import importlib
from typing import ClassVar

import numpy as np
import scipy.sparse.linalg

import tensorfem as tfem
from benchmarks.comparison.case import source
from benchmarks.comparison.peer import Peer
from benchmarks.comparison.tensorfem_solvers import RTOL, relative_error


class Assembled(Peer):
    """Whatever takes a CSR matrix and a vector."""

    def setup(self):
        self.problem = tfem.Poisson(self.case.space, source, boundary=0.0)
        self.matrix = self.problem.operator.tosparse().tocsr()

    def load(self):
        self.rhs = self.problem.rhs.ravel()

    def error(self):
        return relative_error(self.case, self.problem.field(self.value))


class Pyamg(Assembled):
    """Ruge and Stuben's multigrid as the preconditioner of conjugate gradients."""

    name, package = "pyamg", "pyamg"

    def setup(self):
        super().setup()
        self.hierarchy = importlib.import_module("pyamg").ruge_stuben_solver(self.matrix)

    def solve(self):
        self.value = self.hierarchy.solve(self.rhs, tol=RTOL, accel="cg")
        return str(self.value.dtype)


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
