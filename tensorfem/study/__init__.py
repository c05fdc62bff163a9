"""Refinement studies with a verdict, and problems made for them."""

from tensorfem.study.grid_convergence import GridConvergence, grid_convergence
from tensorfem.study.manufactured import ManufacturedSolution, manufactured
from tensorfem.study.refinement import refinement_study
from tensorfem.study.study import Study

__all__ = ["GridConvergence", "ManufacturedSolution", "Study", "grid_convergence", "manufactured", "refinement_study"]
