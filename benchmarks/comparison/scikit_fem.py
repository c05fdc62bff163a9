"""scikit-fem: its own assembly, and pyamg (as its gallery has it) for the linear system."""

import importlib

import numpy as np

from benchmarks.comparison.assembled import preconditioned
from benchmarks.comparison.case import exact, source
from benchmarks.comparison.peer import Peer


class ScikitFem(Peer):
    """Quadrilaterals of degree 1 and 4, hexahedra of degree 1; it has none of degree 4."""

    name, package = "scikit-fem", "skfem"

    @classmethod
    def refusal(cls, case):
        return super().refusal(case) or "no hexahedra of degree 4" * (case.dimension == 3 and case.degree > 2)

    def setup(self):
        self.fem = importlib.import_module("skfem")
        nodes = [self.case.mesh.nodes] * self.case.dimension
        mesh = (self.fem.MeshQuad if self.case.dimension == 2 else self.fem.MeshHex).init_tensor(*nodes)
        self.basis = self.fem.Basis(mesh, self._element(), intorder=2 * self.case.degree + 1)  # its own choice has up to 8 times the points
        matrix = self.fem.BilinearForm(lambda u, v, _: np.einsum("i...,i...", u.grad, v.grad)).assemble(self.basis)
        self.boundary = self.basis.get_dofs()
        self.interior = self.basis.complement_dofs(self.boundary)
        self.matrix = matrix[self.interior][:, self.interior].tocsr()
        self.hierarchy = importlib.import_module("pyamg").ruge_stuben_solver(self.matrix)

    def _element(self):
        if self.case.dimension == 3:
            return self.fem.ElementHex1()
        return self.fem.ElementQuad1() if self.case.degree == 1 else self.fem.ElementQuadP(self.case.degree)

    def load(self):
        self.rhs = self.fem.LinearForm(lambda v, w: source(*w.x) * v).assemble(self.basis)[self.interior]

    def solve(self):
        self.value = self.basis.zeros()
        self.value[self.interior], self.iterations = preconditioned(self.hierarchy, self.rhs)
        return str(self.value.dtype)

    def error(self):
        square = self.fem.Functional(lambda w: (w["u"] - exact(*w.x)) ** 2)
        finer = self.fem.Basis(self.basis.mesh, self.basis.elem, intorder=2 * self.case.degree + 4)
        squares = [square.assemble(finer, u=vector) for vector in (self.value, self.basis.zeros())]
        return float(np.sqrt(squares[0] / squares[1]))
