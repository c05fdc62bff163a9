"""Separable regression: smooth functions of several coordinates, fitted to data at one-dimensional cost."""

from tensorfem.regression.axis_basis import AxisBasis, Columns, OneHot, Piecewise, Polynomials
from tensorfem.regression.equation_fit import EquationFit, fit_with_equation
from tensorfem.regression.grid_interpolation import interpolate_grid
from tensorfem.regression.product_fit import fit_sum_of_products
from tensorfem.regression.regressor import NotFittedError, SeparableRegressor
from tensorfem.regression.search import Search
from tensorfem.regression.separable_fit import fit_separable
from tensorfem.regression.sum_of_products import SumOfProducts

__all__ = [
    "AxisBasis",
    "Columns",
    "EquationFit",
    "NotFittedError",
    "OneHot",
    "Piecewise",
    "Polynomials",
    "Search",
    "SeparableRegressor",
    "SumOfProducts",
    "fit_separable",
    "fit_sum_of_products",
    "fit_with_equation",
    "interpolate_grid",
]
