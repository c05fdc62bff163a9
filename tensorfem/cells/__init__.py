"""Operators with coefficients of all coordinates, applied cell by cell: no matrix is formed."""

from tensorfem.cells.axis_cells import AxisCells
from tensorfem.cells.face_term import FaceTerm
from tensorfem.cells.operator import CellOperator

__all__ = ["AxisCells", "CellOperator", "FaceTerm"]
