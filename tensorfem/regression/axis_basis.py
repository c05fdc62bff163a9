"""One axis of a regression: functions of one coordinate, and what makes a sum of them rough."""

import abc
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from tensorfem.axis import Basis, BSpline, Mesh, gauss_legendre
from tensorfem.checks import integer, real_vector
from tensorfem.regression.differences import divided_differences

FloatArray = NDArray[np.float64]
ROUNDING = 1e-14  # how far beyond a bound, relative to it, a point still counts as the bound itself


class AxisBasis(abc.ABC):
    """The functions of one axis: a subclass says what they are at points (`evaluate`), and how rough they are (`root`)."""

    size: int
    bounds: tuple[float, float]

    @abc.abstractmethod
    def evaluate(self, points: FloatArray, derivative: int = 0) -> Any:
        """The matrix of the functions, or of their first derivatives, at points within the bounds: (n, size), dense or sparse."""

    @abc.abstractmethod
    def root(self, order: int) -> Any:
        """A matrix R such that ``|R c|**2`` is the roughness: the integral of the square of the derivative of this order, or the like.

        Sums that are polynomials of a lower degree have none. Order 0 is the squared size itself.
        """

    def matrix(self, points: Any, *, extrapolation: str = "error") -> Any:
        """The matrix of the functions at points: (n, size), sparse.

        Parameters
        ----------
        points : (n,) array_like
        extrapolation : {"error", "linear"}
            What is done beyond the bounds; "linear" goes on along the tangent at the bound.

        Raises
        ------
        ValueError
            If a point lies beyond the bounds, and that is to be an error; or is not finite.
        """
        x = real_vector(points, "points", shortest=1)
        low, high = self.bounds
        inside = np.clip(x, low, high)
        outside = np.flatnonzero(np.abs(inside - x) > ROUNDING * max(abs(low), abs(high)) if np.isfinite(low) else np.zeros(0))
        if not outside.size:
            return sparse.csr_array(self.evaluate(inside))
        if extrapolation != "linear":
            raise ValueError(
                f"points: {x[outside[0]]:.6g} lies outside the fitted axis, which goes from {low:.6g} to {high:.6g}; "
                'stay inside, or pass extrapolation="linear"'
            )
        beyond = sparse.diags_array(x - inside)
        return sparse.csr_array(self.evaluate(inside)) + beyond @ sparse.csr_array(self.evaluate(inside, 1))


class Piecewise(AxisBasis):
    """Piecewise polynomials: `BSpline` or `Lagrange` elements.

    Parameters
    ----------
    basis : Basis

    Examples
    --------
    >>> from tensorfem.axis import interval
    >>> Piecewise(BSpline(interval(0, 1, cells=4), 3)).root(2).shape
    (16, 7)
    """

    def __init__(self, basis: Basis) -> None:
        self.basis = basis
        self.size = basis.size
        start, end = basis.mesh.bounds
        self.bounds = (-np.inf, np.inf) if basis.mesh.periodic else (start, end)

    def evaluate(self, points: FloatArray, derivative: int = 0) -> Any:
        """The basis at points."""
        return self.basis.evaluate(points, derivative)

    def root(self, order: int) -> Any:
        """The derivative at Gauss points where it exists in the mean square; else divided differences of values at the nodes."""
        basis = self.basis
        if order <= basis.degree and order - 1 <= _continuity(basis):
            rule = basis.mesh.quadrature(basis.degree + 1)
            return sparse.diags_array(np.sqrt(rule.weights)) @ basis.tabulate(rule, order)
        period = basis.mesh.length if basis.mesh.periodic else None
        return divided_differences(basis.nodes, order, period) @ basis.collocation

    def __repr__(self) -> str:
        return repr(self.basis)


def _continuity(basis: Basis) -> int:
    return basis.continuity if isinstance(basis, BSpline) else 0


class OneHot(AxisBasis):
    """The cells of an axis, each with a value of its own: the columns are the cells' indicators.

    Parameters
    ----------
    cells : int, Mesh or (m + 1,) array_like
        The cells' ends, or how many cells: ``OneHot(12)`` has cells around the integers 0 to 11.

    Examples
    --------
    >>> OneHot(3).matrix([0, 2, 2]).toarray()
    array([[1., 0., 0.],
           [0., 0., 1.],
           [0., 0., 1.]])
    """

    def __init__(self, cells: Any) -> None:
        if isinstance(cells, Mesh):
            self.mesh = cells
        else:
            self.mesh = Mesh(np.arange(integer(cells, "cells", 1) + 1) - 0.5 if np.ndim(cells) == 0 else cells)
        self.size = self.mesh.cells
        self.bounds = self.mesh.bounds

    def evaluate(self, points: FloatArray, derivative: int = 0) -> Any:
        """Ones where the points' cells are; the derivative is zero."""
        cells, _ = self.mesh.locate(points)
        ones = np.full(points.size, float(derivative == 0))
        return sparse.csr_array((ones, (np.arange(points.size), cells)), shape=(points.size, self.size))

    def root(self, order: int) -> Any:
        """Divided differences of the values at the cells' middles."""
        return divided_differences(self.mesh.nodes[:-1] + self.mesh.sizes / 2, order)

    def __repr__(self) -> str:
        return f"OneHot({self.size} cells on [{self.bounds[0]:g}, {self.bounds[1]:g}])"


class Polynomials(AxisBasis):
    """All polynomials up to a degree, as Legendre polynomials on an interval.

    Parameters
    ----------
    degree : int
    bounds : (float, float)

    Examples
    --------
    >>> Polynomials(2, (0, 2)).matrix([0, 1, 2]).toarray()
    array([[ 1. , -1. ,  1. ],
           [ 1. ,  0. , -0.5],
           [ 1. ,  1. ,  1. ]])
    """

    def __init__(self, degree: int, bounds: tuple[float, float]) -> None:
        self.degree = integer(degree, "degree", 0)
        self.bounds = Mesh(bounds).bounds
        self.size = self.degree + 1

    def evaluate(self, points: FloatArray, derivative: int = 0) -> Any:
        """Legendre polynomials of the coordinate scaled to [-1, 1]."""
        low, high = self.bounds
        series = np.polynomial.legendre.legder(np.eye(self.size), derivative, scl=2 / (high - low)) if derivative else np.eye(self.size)
        reference = (2 * points - low - high) / (high - low)
        return np.polynomial.legendre.legvander(reference, series.shape[0] - 1) @ series

    def root(self, order: int) -> Any:
        """The derivative at Gauss points: exact."""
        low, high = self.bounds
        points, weights = gauss_legendre(self.size)
        return np.sqrt(weights * (high - low))[:, None] * self.evaluate(low + (high - low) * points, order)

    def __repr__(self) -> str:
        return f"Polynomials(degree={self.degree}, [{self.bounds[0]:g}, {self.bounds[1]:g}])"


class Columns(AxisBasis):
    """A matrix of the user's: its columns are functions known at the given points only.

    Parameters
    ----------
    points : (n,) array_like
        Increasing.
    matrix : (n, m) array_like
    penalty : (q, m) array_like, optional
        The matrix R of the roughness ``|R c|**2``, for every order; without it, differences of neighbouring coefficients.

    Raises
    ------
    ValueError
        If the shapes do not fit, or an entry is not finite; later, at points that are none of the given ones.
    """

    def __init__(self, points: Any, matrix: Any, penalty: Any = None) -> None:
        self.points = Mesh(points).nodes
        self._matrix = _checked_matrix(matrix, "matrix", rows=self.points.size)
        self._penalty = None if penalty is None else _checked_matrix(penalty, "penalty", columns=self._matrix.shape[1])
        self.size = int(self._matrix.shape[1])
        self.bounds = (float(self.points[0]), float(self.points[-1]))

    def evaluate(self, points: FloatArray, derivative: int = 0) -> Any:
        """The rows of the points; a derivative is not known."""
        rows = np.clip(np.searchsorted(self.points, points), 0, self.points.size - 1)
        unknown = np.flatnonzero(self.points[rows] != points)
        if derivative or unknown.size:
            where = f"at {points[unknown[0]]:.6g}" if unknown.size else "beyond its points"
            raise ValueError(f"points: a basis given as a matrix is known at its {self.points.size} points only, not {where}")
        return self._matrix[rows]

    def root(self, order: int) -> Any:
        """The penalty given, or differences of neighbouring coefficients."""
        return divided_differences(np.arange(self.size), order) if self._penalty is None else self._penalty

    def __repr__(self) -> str:
        return f"Columns({self.points.size} points x {self.size} columns)"


def _checked_matrix(matrix: Any, name: str, *, rows: int | None = None, columns: int | None = None) -> FloatArray:
    array = np.asarray(matrix.toarray() if hasattr(matrix, "toarray") else matrix)
    shape = tuple(wanted or have for wanted, have in zip((rows, columns), array.shape, strict=False))
    if array.ndim != 2 or array.shape != shape or 0 in array.shape or array.dtype.kind not in "iuf" or not np.isfinite(array).all():
        allowed = f"({rows or 'any'}, {columns or 'any'})"
        raise ValueError(
            f"{name}: got an array of shape {array.shape} and type {array.dtype}; allowed is one of shape {allowed}, finite and real"
        )
    return array.astype(np.float64)


def axis_basis(given: Any, points: FloatArray, where: str, domain: tuple[float, float] | None = None, degree: int = 3) -> AxisBasis:
    """The basis of an axis from what a user may give: a basis, a number of cells of splines of a degree on the domain, or a matrix.

    Raises
    ------
    ValueError
        If it is nothing of this, or a basis or matrix is given and a domain too.
    """
    own = isinstance(given, AxisBasis | Basis | np.ndarray) or sparse.issparse(given)
    if own and domain is not None:
        what = repr(given) if isinstance(given, AxisBasis | Basis) else "a matrix"
        raise ValueError(f"domain: got {domain} beside {where}, {what}, which has an interval of its own; give None for this axis")
    if isinstance(given, AxisBasis):
        return given
    if isinstance(given, Basis):
        return Piecewise(given)
    return Columns(points, given) if own else _splines(given, domain or (float(points.min()), float(points.max())), where, degree)


def _splines(given: Any, ends: tuple[float, float], where: str, degree: int) -> AxisBasis:
    low, high = ends
    if low == high:
        raise ValueError(
            f"{where}: the points of the axis are all {low:.6g} (1 sample along it), which makes no interval; give points that differ, "
            "a domain, or a basis of your own"
        )
    cells = integer(given, f"{where} (or a BSpline, Lagrange, OneHot, Polynomials, Columns, or a matrix)", 1)
    return Piecewise(BSpline(Mesh(np.linspace(low, high, cells + 1)), degree=degree))
