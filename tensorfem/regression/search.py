"""The search for smoothing parameters, one per axis."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

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


def search(
    criterion: Callable[[Sequence[float]], float],
    tried: tuple[FloatArray, ...],
    *,
    evaluations: int = 60,
    steps: Sequence[float] | None = None,
) -> Search:
    """Minimize a criterion: all combinations of the candidates, then Nelder and Mead's simplex in the logarithms from the best.

    Parameters
    ----------
    criterion : function of one smoothing parameter per axis
    tried : tuple of arrays
        The candidates of each axis.
    evaluations : int
        How many more there may be afterwards, per axis.
    steps : sequence of float, optional
        How far the simplex may go along each logarithm from the best candidate; to its neighbours by default. 0 keeps an axis as it is.
    """
    values = np.array([criterion(smoothing) for smoothing in itertools.product(*tried)]).reshape([len(axis) for axis in tried])
    place = np.unravel_index(int(np.argmin(values)), values.shape)
    best = tuple(float(axis[i]) for axis, i in zip(tried, place, strict=True))
    widths = np.array([np.log(axis[-1] / axis[0]) / max(1, len(axis) - 1) for axis in tried] if steps is None else steps)
    if not evaluations or not widths.any() or not np.isfinite(values[place]):
        return Search(tried, values, best, float(values[place]))
    found, value = _simplex(criterion, np.log(best), widths, evaluations)
    return Search(tried, values, *((found, value) if value < values[place] else (best, float(values[place]))))


def _simplex(
    criterion: Callable[[Sequence[float]], float], start: FloatArray, widths: FloatArray, evaluations: int
) -> tuple[tuple[float, ...], float]:
    """Search the box around a point, in logarithms."""
    from scipy.optimize import minimize

    free = np.flatnonzero(widths)

    def point(moved: FloatArray) -> tuple[float, ...]:
        logarithms = start.copy()
        logarithms[free] += widths[free] * np.clip(moved, -1, 1)
        return tuple(float(s) for s in np.exp(logarithms))

    simplex = np.vstack([np.zeros(free.size), 0.4 * np.eye(free.size)])
    options: Any = {"initial_simplex": simplex, "xatol": 1e-3, "fatol": 0, "maxfev": evaluations * free.size}

    def value(moved: FloatArray) -> float:
        return criterion(point(moved))

    found = minimize(value, np.zeros(free.size), method="Nelder-Mead", options=options)
    return point(found.x), float(found.fun)
