"""Partial differential equations on boxes by finite elements, at the speed that the tensor structure allows."""

from typing import TYPE_CHECKING

from tensorfem.approximation import interpolate, project
from tensorfem.axis import BSpline, Lagrange, Mesh, graded, interval
from tensorfem.boundary import Dirichlet, Neumann, Robin
from tensorfem.box import box
from tensorfem.coefficient import Product, Sum
from tensorfem.field import Field
from tensorfem.late import late
from tensorfem.problems import CellValues, Poisson
from tensorfem.report import Report
from tensorfem.solvers import AMG, CG, Auto, ConvergenceError, Direct, FastDiagonalization, Jacobi, LinearSolution, Multigrid
from tensorfem.space import Space

if TYPE_CHECKING:
    from tensorfem.files import load, write_pvd
    from tensorfem.pictures.animation import animate
    from tensorfem.problems.solution_map import SolutionMap
    from tensorfem.regression.grid_interpolation import interpolate_grid
    from tensorfem.regression.separable_fit import fit_separable
    from tensorfem.study.grid_convergence import grid_convergence
    from tensorfem.study.manufactured import manufactured
    from tensorfem.study.refinement import refinement_study
    from tensorfem.study.study import Study

__version__ = "0.1.0"

# What comes after a solve is imported at first use: it would be a third of the time that `import tensorfem` takes.
__getattr__ = late(
    __name__,
    {
        "SolutionMap": "problems.solution_map",
        "Study": "study.study",
        "animate": "pictures.animation",
        "fit_separable": "regression.separable_fit",
        "grid_convergence": "study.grid_convergence",
        "interpolate_grid": "regression.grid_interpolation",
        "load": "files",
        "manufactured": "study.manufactured",
        "refinement_study": "study.refinement",
        "write_pvd": "files",
    },
)

__all__ = [
    "AMG",
    "CG",
    "Auto",
    "BSpline",
    "CellValues",
    "ConvergenceError",
    "Direct",
    "Dirichlet",
    "FastDiagonalization",
    "Field",
    "Jacobi",
    "Lagrange",
    "LinearSolution",
    "Mesh",
    "Multigrid",
    "Neumann",
    "Poisson",
    "Product",
    "Report",
    "Robin",
    "SolutionMap",
    "Space",
    "Study",
    "Sum",
    "animate",
    "box",
    "fit_separable",
    "graded",
    "grid_convergence",
    "interpolate",
    "interpolate_grid",
    "interval",
    "load",
    "manufactured",
    "project",
    "refinement_study",
    "write_pvd",
]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
