"""Problems: data in, fields out."""

from tensorfem.problems.cell_values import CellValues
from tensorfem.problems.poisson import Poisson

__all__ = ["CellValues", "Poisson"]
