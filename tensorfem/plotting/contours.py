"""The picture of a field on a rectangle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorfem.plotting.bar import add_bar
from tensorfem.plotting.canvas import fit, flat_axes
from tensorfem.plotting.numerals import format_axis
from tensorfem.plotting.samples import Samples
from tensorfem.plotting.shades import shades
from tensorfem.plotting.style import Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LONGEST = 8.0  # a rectangle with sides beyond this ratio is not drawn to scale


def draw_contours(samples: Samples, style: Style, ax: Axes | None) -> Axes:
    """Draw filled contours, to scale unless the rectangle is longer than 8 times its width."""
    colours = shades(samples, style)
    (x, y), (across, up), (width, height) = samples.coordinates, samples.names, samples.lengths
    to_scale = max(width, height) <= LONGEST * min(width, height)
    ax = flat_axes(ax, fit(width, height) if to_scale else (5.0, 3.5))
    contours = ax.contourf(x, y, samples.values.T, **colours)  # matplotlib's first index is the ordinate
    ax.set_aspect("equal" if to_scale else "auto")
    ax.set_xlabel(across)
    ax.set_ylabel(up)
    format_axis(ax.xaxis)
    format_axis(ax.yaxis)
    add_bar(ax, contours, samples, style)
    return ax
