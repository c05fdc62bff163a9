"""The picture of a field on a rectangle as a surface."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

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
FACETS = 80  # along an axis: more take seconds to draw
HEIGHT = 0.6  # of the surface's box, as a part of its longest side


def draw_surface(samples: Samples, style: Style, ax: Axes | None) -> Axes:
    """Draw facets coloured by their mean, the values as the height, and the lines between cells on them."""
    from matplotlib.cm import ScalarMappable
    from mpl_toolkits.mplot3d.art3d import Poly3DCollection

    cells, colours = cell_ends(samples, style), shades(samples, style)
    colour = ScalarMappable(colours["norm"], colours["cmap"])
    box: Any = box_axes(ax, (4.6, 4.2))
    (x, y), values = facets(samples, cells)
    corners = np.stack([*np.meshgrid(x, y, indexing="ij"), values], axis=-1)
    quads = np.stack([corners[:-1, :-1], corners[1:, :-1], corners[1:, 1:], corners[:-1, 1:]], axis=2).reshape(-1, 4, 3)
    faces = colour.to_rgba(quads[:, :, 2].mean(axis=1))
    strokes = _strokes(corners, [np.isin(side, ends) for side, ends in zip((x, y), cells, strict=True)])
    ends = [(float(c[0]), float(c[-1])) for c in (x, y)]
    limits = union_limits(box, [*ends, samples.limits])
    edges, widths = _outlines(faces, len(strokes))
    box.add_collection3d(Poly3DCollection([*quads, *strokes], facecolors=edges, edgecolors=edges, linewidths=widths))
    plan = sides(limits[:2])
    dress(box, limits, np.array([*plan, HEIGHT]), (*samples.names, style.label if style.colorbar is False else ""), samples.exponent)
    add_bar(box, colours, samples, style, banded=False, gap=0.5, share=0.7)
    drawn: Axes = box
    return drawn


def facets(samples: Samples, cells: tuple[Array, ...]) -> tuple[list[Array], Array]:
    """Give the coordinates and the values of the corners of the facets: samples, not too many of them, and the ends of cells."""
    values, places = samples.values, []
    for axis, (coordinate, ends) in enumerate(zip(samples.coordinates, cells, strict=True)):
        kept = np.unique(np.linspace(0, coordinate.size - 1, min(coordinate.size, FACETS + 1)).round().astype(int))
        places.append(np.union1d(coordinate[kept], ends))
        values = between(values, coordinate, places[axis], axis)
    return places, values


def _strokes(corners: Array, drawn: list[NDArray[np.bool_]]) -> Array:
    """Give the lines between cells, facet by facet, as polygons without area: so they take part in the order by depth."""
    along = [corners[drawn[0]], corners[:, drawn[1]].transpose(1, 0, 2)]
    ends = [(line[:, :-1].reshape(-1, 3), line[:, 1:].reshape(-1, 3)) for line in along]
    start, end = (np.concatenate(points) for points in zip(*ends, strict=True))
    return np.stack([start, end, end, start], axis=1)


def _outlines(faces: Array, strokes: int) -> tuple[Array, list[float]]:
    """Give colours and widths of the outlines: facets have their own colour, lest the background shine through, strokes a dark one."""
    from matplotlib.colors import to_rgba

    dark = np.tile(to_rgba(LINE["color"], LINE["alpha"]), (strokes, 1))
    return np.concatenate([faces, dark]), [0.3] * len(faces) + [LINE["linewidth"] * 1.5] * strokes
