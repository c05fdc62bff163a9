"""Observed orders of convergence: from errors by pairs of levels, from values alone by triplets, for any ratio of cell sizes."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
STEPS = 200  # of the bisection, which is at the last digit after about 60


def pairwise_orders(errors: Any, sizes: Any) -> FloatArray:
    """The orders ``ln(e_k / e_(k+1)) / ln(h_k / h_(k+1))`` of successive levels; nan where an error is zero.

    Parameters
    ----------
    errors, sizes : (n,) array_like
        From coarse to fine.

    Returns
    -------
    (n - 1,) array

    Examples
    --------
    >>> pairwise_orders([9.0, 4.0, 1.0], [3.0, 2.0, 1.0])
    array([2., 2.])
    """
    e, h = np.asarray(errors, dtype=float), np.asarray(sizes, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        orders = np.diff(np.log(e)) / np.diff(np.log(h))
    return np.where(np.isfinite(orders), orders, np.nan)


def fitted_order(errors: Any, sizes: Any) -> float:
    """The order that fits all levels best: the slope of ``ln e`` over ``ln h`` by least squares; nan where an error is zero.

    Parameters
    ----------
    errors, sizes : (n,) array_like
        At least 2, in any order.

    Examples
    --------
    >>> round(fitted_order([16.0, 2.0, 1.0], [4.0, 2.0, 1.0]), 12)
    2.0
    """
    x, e = np.log(np.asarray(sizes, dtype=float)), np.asarray(errors, dtype=float)
    if e.size < 2 or not (np.isfinite(e) & (e > 0)).all():
        return math.nan
    x -= x.mean()
    return float(x @ np.log(e) / (x @ x))


def triplet_order(ratio: float, coarse: float, fine: float) -> float:
    """The order p of values ``f + C h**p`` (or ``f + C (-1)**k h**p``) on three levels.

    Parameters
    ----------
    ratio : float
        The difference of the two coarser values over that of the two finer ones; negative where the values oscillate.
    coarse, fine : float
        The ratios of cell sizes of the two coarser and of the two finer levels, both above 1.

    Returns
    -------
    float
        nan where the ratio is zero or not finite.

    Notes
    -----
    The equation is ``(coarse**p - s) / (1 - s fine**-p) = abs(ratio)`` with s the sign of the ratio; its left side grows with p, and
    bisection finds the one root. For equal ratios and s = 1 this is Roache's ``ln(ratio) / ln(coarse)`` (1994); the fixed-point iteration
    of Celik et al., J. Fluids Eng. 130 (2008) 078001, has the same limit where it converges.

    Examples
    --------
    >>> round(triplet_order((7**3 - 4**3) / (4**3 - 2**3), 7 / 4, 4 / 2), 12)
    3.0
    """
    if ratio == 0 or not math.isfinite(ratio):
        return math.nan
    a, b, sign, target = math.log(coarse), math.log(fine), math.copysign(1.0, ratio), math.log(abs(ratio))

    def excess(p: float) -> float:
        if sign > 0:
            return (math.log(a / b) if p == 0 else math.log(math.expm1(p * a) / -math.expm1(-p * b))) - target
        return float(np.logaddexp(p * a, 0.0) - np.logaddexp(-p * b, 0.0)) - target

    low, high = -700 / b, 700 / a
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) < 0 else (low, middle)
    return (low + high) / 2
