"""The picture of a field in a box: three slices that meet in a point.

Each slice is cut along the other two into four pieces, and each edge of the box in two. No piece crosses another one, so the order
by the nearest corner, in which matplotlib draws them, is right from everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.checks import real_vector
from tensorfem.plotting.bar import add_bar
from tensorfem.plotting.canvas import box_axes
from tensorfem.plotting.numerals import format_axis
from tensorfem.plotting.samples import Samples
from tensorfem.plotting.shades import shades
from tensorfem.plotting.style import Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
FLATTEST = 4.0  # the longest side of the box is drawn at most this many times as long as another
LABELPAD = 7.0  # points; by default the name of a long axis lies on its numbers
ACROSS, UP = 0.82, 0.74  # parts of the axes that the box may fill, labels have the rest
SHORT = 0.5  # a second side below this part of the longest has no mark in the corner where those of the first end
MARKS = 6  # along the longest side of the box


def draw_slices(samples: Samples, style: Style, ax: Axes | None) -> Axes:
    """Draw the slices through `style.at`, their frames, and the edges of the box."""
    point = _point(samples, style.at)
    colours = shades(samples, style)
    box: Any = box_axes(ax, (4.6, 4.2))
    limits = _limits(box, samples)
    for axis, sides, values in pieces(samples, point):
        grid: list[Any] = list(np.meshgrid(*sides, indexing="ij"))
        grid.insert(axis, values)
        contours = box.contourf(*grid, zdir="xyz"[axis], offset=point[axis], **colours)
        _frame(box, axis, point[axis], sides)
    for corner in _edges(samples, point):
        _line(box, corner)
    _dress(box, samples, limits)
    add_bar(box, contours, samples, style, gap=0.5, share=0.7)
    drawn: Axes = box
    return drawn


def pieces(samples: Samples, point: Sequence[float]) -> Iterator[tuple[int, tuple[Array, Array], Array]]:
    """Yield the normal axis, the two coordinates and the values of each piece of the slices through the point."""
    for axis in range(3):
        plane = _at(samples.values, samples.coordinates[axis], point[axis], axis)
        halves = []
        for k, other in enumerate(set(range(3)) - {axis}):
            plane, coordinate, cut = _with_node(plane, samples.coordinates[other], point[other], k)
            halves.append([(coordinate[part], part) for part in (slice(cut + 1), slice(cut, None)) if coordinate[part].size > 1])
        for (first, rows), (second, columns) in product(*halves):
            yield axis, (first, second), plane[rows, columns]


def _at(values: Array, coordinate: Array, place: float, axis: int) -> Array:
    """Interpolate along one axis, linearly between the nodes."""
    k = min(max(int(np.searchsorted(coordinate, place)), 1), coordinate.size - 1)
    t = (place - coordinate[k - 1]) / (coordinate[k] - coordinate[k - 1])
    between: Array = (1 - t) * values.take(k - 1, axis) + t * values.take(k, axis)
    return between


def _with_node(values: Array, coordinate: Array, place: float, axis: int) -> tuple[Array, Array, int]:
    """Insert a node unless it is one; give its index too."""
    k = int(np.searchsorted(coordinate, place))
    if coordinate[k] == place:
        return values, coordinate, k
    row = _at(values, coordinate, place, axis)
    return np.insert(values, k, row, axis), np.insert(coordinate, k, place), k


def _point(samples: Samples, at: Sequence[float] | None) -> tuple[float, ...]:
    if at is None:
        return tuple(float(c[0] + length / 2) for c, length in zip(samples.coordinates, samples.lengths, strict=True))
    point = tuple(real_vector(at, "at", 3).tolist())
    if len(point) != 3 or not all(c[0] <= place <= c[-1] for c, place in zip(samples.coordinates, point, strict=True)):
        box = " x ".join(f"[{c[0]:g}, {c[-1]:g}]" for c in samples.coordinates)
        raise ValueError(f"at: {point}; the slices meet in a point ({', '.join(samples.names)}) of the box {box}")
    return point


def _frame(box: Any, axis: int, place: float, sides: tuple[Array, Array]) -> None:
    (left, right), (low, high) = ((side[0], side[-1]) for side in sides)
    ring = np.array([(left, low), (right, low), (right, high), (left, high), (left, low)])
    _line(box, np.insert(ring, axis, place, axis=1))


def _edges(samples: Samples, point: Sequence[float]) -> Iterator[Array]:
    """Yield the two ends of each half of the twelve edges of the box."""
    ends = [(c[0], c[-1]) for c in samples.coordinates]
    for axis in range(3):
        across = [ends[other] for other in range(3) if other != axis]
        for end, first, second in product(ends[axis], *across):
            yield np.insert(np.array([(first, second)] * 2), axis, (point[axis], end), axis=1)


def _line(box: Any, points: Array) -> None:
    """Draw a planar line that takes part in the order by depth; the plane is normal to an axis."""
    from matplotlib.collections import LineCollection

    axis = next(axis for axis in range(3) if (points[:, axis] == points[0, axis]).all())
    flat = LineCollection([np.delete(points, axis, axis=1)], colors="0.25", linewidths=0.7, capstyle="round")
    box.add_collection3d(flat, zs=points[0, axis], zdir="xyz"[axis])


def _limits(box: Any, samples: Samples) -> list[tuple[float, float]]:
    """Give the limits that hold the box and whatever was drawn before."""
    limits = [(float(c[0]), float(c[-1])) for c in samples.coordinates]
    if not box.has_data():
        return limits
    old = (sorted(limit()) for limit in (box.get_xlim3d, box.get_ylim3d, box.get_zlim3d))
    return [(min(a, low), max(b, high)) for (a, b), (low, high) in zip(limits, old, strict=True)]


def _dress(box: Any, samples: Samples, limits: Sequence[tuple[float, float]]) -> None:
    """Set limits, labels and proportions."""
    lengths = np.array([high - low for low, high in limits])
    box.set(xlim=limits[0], ylim=limits[1], zlim=limits[2])
    box.set(xlabel=samples.names[0], ylabel=samples.names[1], zlabel=samples.names[2])
    sides = np.maximum(lengths / lengths.max(), 1 / FLATTEST)
    box.set_box_aspect(tuple(sides), zoom=_zoom(sides))  # an array would be changed in place
    box.tick_params(labelsize="small")
    for axis, side in zip((box.xaxis, box.yaxis, box.zaxis), sides, strict=True):
        format_axis(axis)
        axis.get_major_locator().set_params(nbins=max(round(MARKS * side), 2))
    if sides[1] < SHORT:
        box.yaxis.get_major_locator().set_params(prune="lower")
    box.xaxis.labelpad = box.yaxis.labelpad = LABELPAD


def _zoom(sides: Array) -> float:
    """Fit the box into the axes as seen from matplotlib's default place, elevation 30 and azimuth -60 degrees."""
    across, up = np.array([(0.866, 0.5, 0.0), (0.25, 0.433, 0.866)]) @ sides / np.linalg.norm(sides)
    return float(min(ACROSS / across, UP / up))
