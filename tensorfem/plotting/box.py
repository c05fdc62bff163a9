"""Three-dimensional axes around a box: limits, proportions, marks and labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.plotting.numerals import format_axis, set_marks

Array = NDArray[np.float64]
Limits = list[tuple[float, float]]
FLATTEST = 4.0  # the longest side of the box is drawn at most this many times as long as another
LABELPAD = 7.0  # points; by default the name of a long axis lies on its numbers
ACROSS, UP = 0.82, 0.74  # parts of the axes that the box may fill, labels have the rest
SHORT = 0.5  # a second side below this part of the longest has no mark in the corner where those of the first end
MARKS = 6  # along the longest side of the box


def union_limits(box: Any, limits: Limits) -> Limits:
    """Give the limits that hold the box and whatever was drawn before."""
    if not box.has_data():
        return limits
    old = (sorted(limit()) for limit in (box.get_xlim3d, box.get_ylim3d, box.get_zlim3d))
    return [(min(a, low), max(b, high)) for (a, b), (low, high) in zip(limits, old, strict=True)]


def sides(limits: Limits) -> Array:
    """Give the sides of a box drawn to scale, the longest 1, none too short to see."""
    lengths = np.array([high - low for low, high in limits])
    result: Array = np.maximum(lengths / lengths.max(), 1 / FLATTEST)
    return result


def dress(box: Any, limits: Limits, proportions: Array, names: Sequence[str], exponent: int = 0) -> None:
    """Set limits, labels and proportions; the exponent is that of the third axis."""
    box.set(xlim=limits[0], ylim=limits[1], zlim=limits[2])
    box.set(xlabel=names[0], ylabel=names[1], zlabel=names[2])
    box.set_box_aspect(tuple(proportions), zoom=_zoom(proportions))  # an array would be changed in place
    box.tick_params(labelsize="small")
    for axis, side, power in zip((box.xaxis, box.yaxis, box.zaxis), proportions, (0, 0, exponent), strict=True):
        format_axis(axis, power)
        crowded = axis is box.yaxis and side < SHORT
        set_marks(axis, max(round(MARKS * side), 2), prune="lower" if crowded else None)
    box.xaxis.labelpad = box.yaxis.labelpad = LABELPAD


def _zoom(proportions: Array) -> float:
    """Fit the box into the axes as seen from matplotlib's default place, elevation 30 and azimuth -60 degrees."""
    across, up = np.array([(0.866, 0.5, 0.0), (0.25, 0.433, 0.866)]) @ proportions / np.linalg.norm(proportions)
    return float(min(ACROSS / across, UP / up))
