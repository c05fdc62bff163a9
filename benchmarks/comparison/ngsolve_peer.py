"""NGSolve: its own structured meshes and assembly, conjugate gradients with algebraic multigrid (degree 1) or BDDC."""

import importlib
import os

import numpy as np

from benchmarks.comparison.case import exact, source
from benchmarks.comparison.peer import Peer
from benchmarks.comparison.tensorfem_solvers import RTOL

ITERATIONS = 1000


class NGSolve(Peer):
    """Quadrilaterals and hexahedra; as many threads as there are cores."""

    name, package = "NGSolve", "ngsolve"

    def setup(self):
        self.fem = importlib.import_module("ngsolve")
        self.fem.SetNumThreads(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
        with self.fem.TaskManager():
            space = self.fem.H1(self._mesh(), order=self.case.degree, dirichlet=".*")
            u, v = space.TnT()
            form = self.fem.BilinearForm(self.fem.grad(u) * self.fem.grad(v) * self.fem.dx)
            inverse = self.fem.Preconditioner(form, "h1amg" if self.case.degree == 1 else "bddc")
            form.Assemble()
        self.space, self.test, self.form = space, v, form
        self.inverse = self.fem.krylovspace.CGSolver(form.mat, inverse.mat, tol=RTOL, maxiter=ITERATIONS)

    def _mesh(self):
        meshes = importlib.import_module("ngsolve.meshes")
        graded, n = self.case.mesh.nodes, self.case.cells

        def place(*x):
            """The graded mesh is the image of the uniform one."""
            return tuple(float(np.interp(s, np.linspace(0, 1, n + 1), graded)) for s in x)

        mapping = place if self.case.graded else None
        if self.case.dimension == 2:
            return meshes.MakeStructured2DMesh(quads=True, nx=n, ny=n, mapping=mapping)
        return meshes.MakeStructured3DMesh(hexes=True, nx=n, ny=n, nz=n, mapping=mapping)

    def _of(self, function):
        return function(*(self.fem.x, self.fem.y, self.fem.z)[: self.case.dimension], exp=self.fem.exp)

    def load(self):
        with self.fem.TaskManager():
            self.rhs = self.fem.LinearForm(self._of(source) * self.test * self.fem.dx).Assemble()

    def solve(self):
        with self.fem.TaskManager():
            self.value = self.fem.GridFunction(self.space)
            self.value.vec.data = self.inverse * self.rhs.vec
        self.iterations = self.inverse.iterations
        if self.iterations >= ITERATIONS:
            raise ArithmeticError(f"no convergence in {ITERATIONS} iterations")
        return "float64"

    def error(self):
        order = 2 * (self.case.degree + 3)
        with self.fem.TaskManager():
            squares = [
                self.fem.Integrate((u - self._of(exact)) ** 2, self.space.mesh, order=order)
                for u in (self.value, self.fem.CoefficientFunction(0.0))
            ]
        return float(np.sqrt(squares[0] / squares[1]))
