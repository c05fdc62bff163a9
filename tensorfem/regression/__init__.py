"""Separable regression: smooth functions of several coordinates, fitted to data at one-dimensional cost."""

from tensorfem.regression.axis_basis import AxisBasis, Columns, OneHot, Piecewise, Polynomials
from tensorfem.regression.regressor import NotFittedError, SeparableRegressor
from tensorfem.regression.search import Search

__all__ = [
    "AxisBasis",
    "Columns",
    "NotFittedError",
    "OneHot",
    "Piecewise",
    "Polynomials",
    "Search",
    "SeparableRegressor",
]
