"""Fits of data on a grid by sums of products of functions of one coordinate each."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.axis.basis import MAX_DEGREE
from tensorfem.checks import integer
from tensorfem.kron import mode_solve, outer
from tensorfem.regression.fitting import spread
from tensorfem.regression.grid_interpolation import interpolation_basis
from tensorfem.regression.gridded import grid_axes, grid_values
from tensorfem.regression.product_decomposition import closest_products, unit
from tensorfem.regression.sum_of_products import SumOfProducts
from tensorfem.space import Space

FloatArray = NDArray[np.float64]


def fit_sum_of_products(axes: Any, values: Any, rank: int, *, mask: Any = None, degree: Any = 3) -> SumOfProducts:
    """Fit ``f(x, y, ...) = sum of r products X_r(x) Y_r(y) ...`` to data on a grid, in the sense of least squares.

    For two axes without gaps it is the truncated singular value decomposition, the best there is; else the canonical decomposition of the
    array by alternating least squares, over the cells observed. Between the points of an axis its functions are interpolated by splines
    (as `interpolate_grid` does), of a degree below the number of points.

    Parameters
    ----------
    axes : sequence of (n_i,) array_like
        The points of each axis, increasing.
    values : (n_0, n_1, ...) array_like
        NaN where nothing was observed.
    rank : int
        The number of products.
    mask : array_like of bool, of the shape of the values, optional
        False where a value is to be left out.
    degree : int or sequence of int
        Of the splines between the points, per axis or for all; 1 is linear interpolation.

    Returns
    -------
    SumOfProducts

    Raises
    ------
    ValueError
        If shapes do not fit, a line of the grid has no cell observed (axis and index are named), or the rank is larger than the data
        allow: than the array's largest rank, or than leaves as many numbers to be found as cells are observed.

    References
    ----------
    Eckart & Young, Psychometrika 1 (1936); Kolda & Bader, "Tensor decompositions and applications", SIAM Rev. 51 (2009).

    Examples
    --------
    >>> x, y = np.linspace(0, 1, 5), np.linspace(0, 2, 4)
    >>> fit = fit_sum_of_products((x, y), 1 + x[:, None] * y, rank=2)
    >>> fit.relative_error < 1e-14, float(fit(0.5, 1.0).round(12))
    (True, 1.5)
    """
    points = grid_axes(axes)
    degrees = spread(degree, "degree", len(points), lambda value, name: integer(value, name, 1, MAX_DEGREE))
    data = grid_values(values, points)
    known = _known(data, mask)
    gaps = not known.all()
    if gaps:
        _require_lines(known, points)
    count = _checked_rank(rank, data.shape, int(np.count_nonzero(known)))
    filled, exponent = unit(np.where(known, data, 0.0))
    found = closest_products(filled, count, known if gaps else None)
    bases = [interpolation_basis(x, min(p, x.size - 1)) for x, p in zip(points, degrees, strict=True)]
    missed = np.where(known, filled - _array(found.weights, found.factors), 0.0)
    error = float(np.linalg.norm(missed)) / (float(np.linalg.norm(filled)) or 1.0)
    found = found.times(exponent)
    return SumOfProducts(
        axes=points,
        weights=found.weights,
        factors=found.factors,
        relative_error=error,
        history=found.history,
        converged=found.converged,
        reason=found.reason,
        singular_values=found.singular_values,
        space=Space(*bases),
        coefficients=tuple(mode_solve(b.evaluate(x), f, 0) for b, x, f in zip(bases, points, found.factors, strict=True)),
    )


def _array(weights: FloatArray, factors: Sequence[FloatArray]) -> FloatArray:
    return np.asarray(sum(w * outer([factor[:, r] for factor in factors]) for r, w in enumerate(weights)))


def _known(values: FloatArray, mask: Any) -> NDArray[np.bool_]:
    if mask is None:
        return ~np.isnan(values)
    given = np.asarray(mask)
    if given.shape != values.shape or given.dtype != np.bool_:
        raise ValueError(
            f"mask: got an array of shape {given.shape} and type {given.dtype}; allowed is one of bool of the values' shape "
            f"{values.shape}, True where a value counts"
        )
    wrong = np.argwhere(given & np.isnan(values))
    if wrong.size:
        raise ValueError(
            f"values: the value at index {tuple(map(int, wrong[0]))} is nan, and the mask lets it count; set the mask False there"
        )
    return given


def _require_lines(known: NDArray[np.bool_], axes: Sequence[FloatArray]) -> None:
    for axis, points in enumerate(axes):
        seen = known.any(axis=tuple(i for i in range(known.ndim) if i != axis))
        empty = np.flatnonzero(~seen)
        if empty.size:
            raise ValueError(
                f"values: nothing is observed on the line at index {empty[0]} of axis {axis} ({points[empty[0]]:g}), so the function there "
                "cannot be known; leave this point out of the axis"
            )


def _checked_rank(rank: Any, shape: tuple[int, ...], observed: int) -> int:
    count = integer(rank, "rank", 1)
    size = int(np.prod(shape, dtype=object))
    largest = size // max(shape)
    unknowns = count * (sum(shape) - len(shape) + 1)
    if len(shape) == 2:
        unknowns = count * (sum(shape) - count)
    if count > largest:
        raise ValueError(f"rank: got {count}; an array of shape {shape} is a sum of {largest} products at most")
    if observed < size and unknowns > observed:
        raise ValueError(
            f"rank: got {count}, which has {unknowns} numbers to be found in {observed} cells observed of {size}; take a smaller rank"
        )
    return count
