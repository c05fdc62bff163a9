"""The search for smoothing parameters, one per axis."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tensorfem.regression.modes import AxisModes

FloatArray = NDArray[np.float64]
POINTS = 1000  # of the first sweep, all axes together
WIDEST = 1e16  # largest over smallest smoothing that the sweep covers


@dataclass(frozen=True, eq=False)
class Search:
    """What was searched: the criterion on a grid of smoothing parameters, and the best.

    Attributes
    ----------
    candidates : tuple of arrays
        The smoothing parameters tried along each axis, increasing.
    values : array of shape (len(candidates[0]), ...)
        The criterion; smaller is better.
    smoothing : tuple of float
        The best found, between the candidates too.
    value : float
        The criterion there.
    """

    candidates: tuple[FloatArray, ...]
    values: FloatArray
    smoothing: tuple[float, ...]
    value: float


def candidates(axes: Sequence[AxisModes], points: int = POINTS) -> tuple[FloatArray, ...]:
    """Smoothing parameters from one that leaves all modes of an axis to one that takes all rough ones away, evenly in the logarithm."""
    each = max(3, round(points ** (1 / len(axes))))
    return tuple(_range(axis, each) for axis in axes)


def _range(axis: AxisModes, count: int) -> FloatArray:
    both = (axis.rough > 0) & (axis.seen > 0)
    if not both.any():
        return np.ones(1)  # nothing along this axis to be smoothed
    ratios = axis.seen[both] / axis.rough[both]
    low, high = 1e-3 * ratios.min(), 1e3 * ratios.max()
    return np.geomspace(max(low, high / WIDEST), high, count)


def search(criterion: Callable[[Sequence[float]], float], tried: tuple[FloatArray, ...], *, evaluations: int = 60) -> Search:
    """Minimize a criterion: all combinations of the candidates, then Nelder and Mead's simplex in the logarithms from the best.

    At most `evaluations` more of it are made per axis.

    A criterion that improves to the very end of the range, as for data that are a polynomial, ends there.
    """
    from scipy.optimize import minimize

    values = np.array([criterion(smoothing) for smoothing in itertools.product(*tried)]).reshape([len(axis) for axis in tried])
    best = np.unravel_index(int(np.argmin(values)), values.shape)
    start = np.log([axis[i] for axis, i in zip(tried, best, strict=True)])
    steps = np.array([np.log(axis[-1] / axis[0]) / max(1, len(axis) - 1) for axis in tried])
    free = np.flatnonzero(steps)
    if not free.size or not evaluations or not np.isfinite(values[best]):
        return Search(tried, values, tuple(float(s) for s in np.exp(start)), float(values[best]))

    def along(moved: FloatArray) -> float:
        point = start.copy()
        point[free] += steps[free] * np.clip(moved, -1, 1)
        return criterion(tuple(np.exp(point)))

    simplex = np.vstack([np.zeros(free.size), 0.4 * np.eye(free.size)])
    found = minimize(
        along,
        simplex[0],
        method="Nelder-Mead",
        options={"initial_simplex": simplex, "xatol": 1e-3, "fatol": 0, "maxfev": evaluations * free.size},
    )
    if found.fun < values[best]:
        start[free] += steps[free] * np.clip(found.x, -1, 1)
    return Search(tried, values, tuple(float(s) for s in np.exp(start)), min(float(found.fun), float(values[best])))
