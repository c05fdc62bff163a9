"""Partial differential equations on boxes by finite elements, at the speed that the tensor structure allows."""

from tensorfem.axis import BSpline, Lagrange, Mesh, graded, interval
from tensorfem.boundary import Dirichlet, Neumann, Robin
from tensorfem.box import box
from tensorfem.coefficient import Product, Sum
from tensorfem.field import Field, interpolate, project
from tensorfem.problems import Poisson
from tensorfem.report import Report
from tensorfem.solvers import AMG, CG, Auto, ConvergenceError, Direct, FastDiagonalization, Jacobi, LinearSolution
from tensorfem.space import Space

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
    "Sum",
    "box",
    "graded",
    "interpolate",
    "interval",
    "project",
]
