"""Splines through values on a grid, of any dimension, at one-dimensional cost."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.axis import BSpline, Mesh
from tensorfem.axis.basis import MAX_DEGREE
from tensorfem.checks import integer
from tensorfem.field import Field
from tensorfem.kron import mode_product, mode_solve
from tensorfem.regression.fitting import spread
from tensorfem.regression.gridded import grid_axes, grid_values
from tensorfem.space import Space

FloatArray = NDArray[np.float64]
SHORT, BENIGN = 256, 1e3  # longest axis and largest condition for which an inverse is multiplied by: ten times as fast as banded solves


def interpolate_grid(axes: Any, values: Any, degree: Any = 3) -> Field:
    """The tensor-product spline through values on a grid, as a field.

    Along each axis it is the interpolating spline with the "not-a-knot" condition, as of `scipy.interpolate.make_interp_spline`. For an
    odd degree ``2k + 1`` its cells end at the points, without the k points next to each end of the axis; for an even degree 2k they end in
    the middles between points, without the k middles next to each end. The coefficients come from one banded solve per axis, for all
    lines of the grid together.

    Parameters
    ----------
    axes : sequence of (n_i,) array_like
        The points of each axis, increasing, at least ``degree + 1``; they need not be even.
    values : (n_0, n_1, ...) array_like
    degree : int or sequence of int
        Of the splines, per axis or for all: from 1 to 24.

    Returns
    -------
    Field
        On a `Space` of B-splines; ``field.on_grid(*axes)`` gives the values back.

    Raises
    ------
    ValueError
        If an axis is not increasing or too short for the degree, or values have another shape, or are not finite.

    References
    ----------
    de Boor, A Practical Guide to Splines, chapters XIII and XVII.

    Examples
    --------
    >>> x, y = np.linspace(0, 1, 6), np.array([0.0, 0.3, 0.5, 1.0, 2.0])
    >>> u = interpolate_grid((x, y), x[:, None] ** 3 * y)
    >>> float(u(0.5, 1.5).round(12)), u.space.shape
    (0.1875, (6, 5))
    """
    points = grid_axes(axes)
    degrees = spread(degree, "degree", len(points), lambda value, name: integer(value, name, 1, MAX_DEGREE))
    bases = [_basis(x, p, axis) for axis, (x, p) in enumerate(zip(points, degrees, strict=True))]
    coefficients = grid_values(values, points)
    missing = np.isnan(coefficients)
    if missing.any():
        place = tuple(int(i) for i in np.argwhere(missing)[0])
        raise ValueError(f"values: the value at index {place} is nan; give all, or fit them with SeparableRegressor, which takes NaN")
    given, spare = coefficients, np.empty_like(coefficients)  # two arrays take turns: fresh memory takes longer than the arithmetic
    for axis, (basis, x) in enumerate(zip(bases, points, strict=True)):
        solved = _solved(basis.evaluate(x), coefficients, axis, spare)
        coefficients, spare = solved, np.empty_like(given) if coefficients is given else coefficients  # what was given is left alone
    return Field.adopt(Space(*bases), coefficients)


def _solved(matrix: Any, values: FloatArray, axis: int, out: FloatArray) -> FloatArray:
    """Solve along an axis. An inverse leaves a residual of rounding times the condition: of benign matrices, that is as good as a solve."""
    if matrix.shape[0] <= SHORT:
        dense = matrix.toarray()
        inverse = np.linalg.inv(dense)
        if np.linalg.norm(inverse, np.inf) < BENIGN:  # that is the condition: the rows of values of splines are positive and add up to 1
            return mode_product(inverse, values, axis, out=out)
    return mode_solve(matrix, values, axis)


def _basis(points: FloatArray, degree: int, axis: int) -> BSpline:
    if points.size <= degree:
        raise ValueError(
            f"axes[{axis}]: got {points.size} points; a spline of degree {degree} needs at least {degree + 1}; "
            f"pass degree={points.size - 1} or less for this axis"
        )
    return interpolation_basis(points, degree)


def interpolation_basis(points: FloatArray, degree: int) -> BSpline:
    """The splines of the "not-a-knot" condition: as many as points, more than `degree` of them.

    Examples
    --------
    >>> interpolation_basis(np.arange(7.0), 3).mesh.nodes, interpolation_basis(np.arange(5.0), 2).mesh.nodes
    (array([0., 2., 3., 4., 6.]), array([0. , 1.5, 2.5, 4. ]))
    """
    left_out = (degree + 1) // 2
    inner = points if degree % 2 else points[:-1] + np.diff(points) / 2
    return BSpline(Mesh(np.concatenate([points[:1], inner[left_out : inner.size - left_out], points[-1:]])), degree)
