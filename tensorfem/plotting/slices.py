"""The picture of a field in a box: slices normal to the axes, by default three that meet in the middle.

Each slice is cut where slices across it are, and so is each edge of the box. No piece crosses another one, so the order by the
nearest corner, in which matplotlib draws them, is right from everywhere: what a ray towards the eye meets later has, along every axis,
an end no farther on that way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.checks import is_number, real_vector
from tensorfem.plotting.bar import add_bar
from tensorfem.plotting.box import dress, sides, union_limits
from tensorfem.plotting.canvas import box_axes
from tensorfem.plotting.cell_lines import LINE, cell_ends
from tensorfem.plotting.samples import Samples, between
from tensorfem.plotting.shades import shades
from tensorfem.plotting.style import Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
Places = Sequence[Array]  # for each axis, those of the slices normal to it
EDGE: dict[str, Any] = {"color": "0.25", "linewidth": 0.7, "alpha": 1.0}


def draw_slices(samples: Samples, style: Style, ax: Axes | None) -> Axes:
    """Draw the slices at `style.at`, their frames, and the edges of the box."""
    places, cells = slice_places(samples, style.at), cell_ends(samples, style)
    colours = shades(samples, style)
    box: Any = box_axes(ax, (4.6, 4.2))
    limits = union_limits(box, [(float(c[0]), float(c[-1])) for c in samples.coordinates])
    for axis, place, rectangle, values in pieces(samples, places):
        grid: list[Any] = list(np.meshgrid(*rectangle, indexing="ij"))
        grid.insert(axis, values)
        box.contourf(*grid, zdir="xyz"[axis], offset=place, **colours)
        _lines(box, axis, place, [_ring(rectangle)], _crossings(rectangle, _others(axis), cells))
    for axis, edge in _edges(samples, places):
        flat = (axis + 1) % 3  # an edge lies in a plane normal to any other axis
        _lines(box, flat, edge[0, flat], [np.delete(edge, flat, axis=1)], [])
    dress(box, limits, sides(limits), samples.names)
    add_bar(box, colours, samples, style, gap=0.5, share=0.7)
    drawn: Axes = box
    return drawn


def slice_places(samples: Samples, at: Sequence[float | Sequence[float]] | None) -> list[Array]:
    """Give the places of the slices normal to each axis, in increasing order.

    Raises
    ------
    ValueError
        If there are none, or one is outside the box.
    """
    if at is None:
        return [c[:1] + length / 2 for c, length in zip(samples.coordinates, samples.lengths, strict=True)]
    if len(at) == 3 and all(is_number(place) for place in at):
        wanted = [np.array([place]) for place in real_vector(at, "at", 3)]
        shown = str(tuple(float(place[0]) for place in wanted))
    else:
        wanted = [np.unique(real_vector(np.atleast_1d(place), "at", 0)) for place in at]
        shown = repr(at)
    if len(wanted) != 3 or not sum(place.size for place in wanted) or not all(map(_within, wanted, samples.coordinates)):
        box = " x ".join(f"[{c[0]:g}, {c[-1]:g}]" for c in samples.coordinates)
        raise ValueError(
            f"at: {shown}; the slices meet in a point ({', '.join(samples.names)}) of the box {box}, "
            "or each axis has a sequence of places, at least one in all"
        )
    return wanted


def _within(places: Array, coordinate: Array) -> bool:
    return bool(((coordinate[0] <= places) & (places <= coordinate[-1])).all())


def pieces(samples: Samples, places: Places) -> Iterator[tuple[int, float, tuple[Array, Array], Array]]:
    """Yield the normal axis, the place, the two coordinates and the values of each piece of each slice."""
    for axis in range(3):
        for place in places[axis].tolist():
            plane = between(samples.values, samples.coordinates[axis], place, axis)
            parts = []
            for k, other in enumerate(_others(axis)):
                nodes = np.union1d(samples.coordinates[other], places[other])
                plane = between(plane, samples.coordinates[other], nodes, k)
                parts.append([(nodes[part], part) for part in _parts(nodes, places[other])])
            for (first, rows), (second, columns) in product(*parts):
                yield axis, place, (first, second), plane[rows, columns]


def _parts(nodes: Array, places: Array) -> Iterator[slice]:
    """Yield the nodes from each place to the next one, both included, with the ends of the axis as places."""
    cuts = np.unique([0, *np.searchsorted(nodes, places), nodes.size - 1]).tolist()
    return (slice(start, end + 1) for start, end in pairwise(cuts))


def _others(axis: int) -> list[int]:
    return [other for other in range(3) if other != axis]


def _ring(rectangle: tuple[Array, Array]) -> Array:
    (left, right), (low, high) = ((side[0], side[-1]) for side in rectangle)
    return np.array([(left, low), (right, low), (right, high), (left, high), (left, low)])


def _crossings(rectangle: tuple[Array, Array], others: Sequence[int], cells: Sequence[Array]) -> list[Array]:
    """Give the lines between cells that cross a rectangle."""
    lines = []
    for k, (side, other) in enumerate(zip(rectangle, others, strict=True)):
        across = rectangle[1 - k][[0, -1]]
        for end in cells[other][(side[0] < cells[other]) & (cells[other] < side[-1])]:
            line = np.column_stack([np.full(2, end), across])
            lines.append(line if k == 0 else line[:, ::-1])
    return lines


def _edges(samples: Samples, places: Places) -> Iterator[tuple[int, Array]]:
    """Yield the axis and the two ends of each part of the twelve edges of the box."""
    ends = [(c[0], c[-1]) for c in samples.coordinates]
    for axis in range(3):
        across = [ends[other] for other in _others(axis)]
        for part, first, second in product(pairwise(np.union1d(ends[axis], places[axis])), *across):
            yield axis, np.insert(np.array([(first, second)] * 2), axis, part, axis=1)


def _lines(box: Any, axis: int, place: float, edges: list[Array], thin: list[Array]) -> None:
    """Draw lines in a plane; together they take part in the order by depth."""
    from matplotlib.collections import LineCollection
    from matplotlib.colors import to_rgba

    looks = [EDGE] * len(edges) + [LINE] * len(thin)
    colors, widths = [to_rgba(look["color"], look["alpha"]) for look in looks], [look["linewidth"] for look in looks]
    flat = LineCollection([*edges, *thin], colors=colors, linewidths=widths, capstyle="round")
    box.add_collection3d(flat, zs=place, zdir="xyz"[axis])
