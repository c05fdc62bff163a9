"""The settings of an estimator, checked against the data."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.checks import real
from tensorfem.regression.criteria import CRITERIA
from tensorfem.regression.fitting import MINIMUM_NORM, spread
from tensorfem.regression.reweighting import LOSSES

FloatArray = NDArray[np.float64]
Bounds = tuple[float, float]


def axis_domains(given: Any, axes: Sequence[FloatArray]) -> tuple[Bounds | None, ...]:
    """The interval of each axis, None for the extent of the data along it.

    Raises
    ------
    ValueError
        If there are not as many as axes, one is no interval, or a point of the data lies outside.

    Examples
    --------
    >>> axis_domains([(0, 1), None], [np.array([0.2, 0.5]), np.array([3.0, 4.0])])
    ((0.0, 1.0), None)
    """
    if given is None:
        return (None,) * len(axes)
    if not isinstance(given, tuple | list | np.ndarray) or len(given) != len(axes):
        raise ValueError(f"domain: got {given!r}; the data have {len(axes)} axes, and allowed is one pair (lower, upper) or None for each")
    return tuple(_interval(pair, x, f"domain[{i}]", i) for i, (pair, x) in enumerate(zip(given, axes, strict=True)))


def _interval(pair: Any, points: FloatArray, name: str, axis: int) -> Bounds | None:
    if pair is None:
        return None
    ends = tuple(real(end, name) for end in pair) if isinstance(pair, tuple | list | np.ndarray) and np.shape(pair) == (2,) else ()
    if not ends or ends[0] >= ends[1]:
        raise ValueError(f"{name}: got {pair!r}; allowed is a pair (lower, upper) of numbers, the lower one first")
    low, high = ends
    outside = np.flatnonzero((points < low) | (points > high))
    if outside.size:
        raise ValueError(
            f"X: {outside.size} of {points.size} points lie outside {name} along axis {axis}, which goes from {low:.6g} to {high:.6g}; the "
            f"first is {points[outside[0]]:.6g}: widen the domain, or leave them out"
        )
    return low, high


def chosen_smoothing(given: Any, count: int) -> str | tuple[float, ...]:
    """The name of what chooses the smoothing, or one number per axis.

    Raises
    ------
    ValueError
        If it is none of the names, a number is negative, or there are not as many as axes.
    """
    if isinstance(given, str):
        allowed = (*CRITERIA, MINIMUM_NORM)
        if given not in allowed:
            raise ValueError(f"smoothing: got {given!r}; allowed are {', '.join(map(repr, allowed))}, or numbers >= 0")
        return given
    return spread(given, "smoothing", count, _weight)


def robust_loss(given: Any, family: str) -> str | None:
    """The loss of a robust fit, None for least squares.

    Raises
    ------
    ValueError
        If it is none of those that there are, or the family has no use for it.
    """
    if given is False or given is None:
        return None
    loss = "bisquare" if given is True else given
    if loss not in LOSSES:
        raise ValueError(f"robust: got {given!r}; allowed are True, False, {', '.join(map(repr, LOSSES))}")
    if family != "gaussian":
        raise ValueError(f"robust: got {given!r} with the family {family!r}; allowed is the family 'gaussian'")
    return str(loss)


def _weight(value: Any, name: str) -> float:
    weight = real(value, name)
    if weight < 0:
        raise ValueError(f"{name}: got {weight:g}; allowed are numbers >= 0")
    return weight
