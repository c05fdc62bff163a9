"""Partial differential equations on boxes by finite elements, at the speed that the tensor structure allows."""

from tensorfem.approximation import interpolate, project
from tensorfem.axis import BSpline, Lagrange, Mesh, graded, interval
from tensorfem.boundary import Dirichlet, Neumann, Robin
from tensorfem.box import box
from tensorfem.coefficient import Product, Sum
from tensorfem.field import Field
from tensorfem.files import load, write_pvd
from tensorfem.problems import Poisson
from tensorfem.report import Report
from tensorfem.solvers import AMG, CG, Auto, ConvergenceError, Direct, FastDiagonalization, Jacobi, LinearSolution
from tensorfem.space import Space
from tensorfem.study import Study, grid_convergence, manufactured, refinement_study

__version__ = "0.1.0"

__all__ = [
    "AMG",
    "CG",
    "Auto",
    "BSpline",
    "ConvergenceError",
    "Direct",
    "Dirichlet",
    "FastDiagonalization",
    "Field",
    "Jacobi",
    "Lagrange",
    "LinearSolution",
    "Mesh",
    "Neumann",
    "Poisson",
    "Product",
    "Report",
    "Robin",
    "Space",
    "Study",
    "Sum",
    "box",
    "graded",
    "grid_convergence",
    "interpolate",
    "interval",
    "load",
    "manufactured",
    "project",
    "refinement_study",
    "write_pvd",
]
