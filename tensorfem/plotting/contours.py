"""The pictures of a field on a rectangle: filled contours, and contour lines with their values on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorfem.plotting.bar import add_bar
from tensorfem.plotting.cell_lines import LINE, cell_ends
from tensorfem.plotting.numerals import plain
from tensorfem.plotting.rectangle import finish, rectangle
from tensorfem.plotting.samples import Samples
from tensorfem.plotting.shades import shades
from tensorfem.plotting.style import Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINES = 12
EDGE = 0.04  # of the axes, has no values of contour lines


def draw_bands(samples: Samples, style: Style, ax: Axes | None) -> Axes:
    """Draw filled contours, to scale unless the rectangle is longer than 8 times its width."""
    colours, lines = shades(samples, style), _cell_lines(samples, style)
    ax = rectangle(samples, ax)
    ax.contourf(*samples.coordinates, samples.values.T, **colours)  # matplotlib's first index is the ordinate
    finish(ax, samples, lines)
    add_bar(ax, colours, samples, style)
    return ax


def draw_contours(samples: Samples, style: Style, ax: Axes | None) -> Axes:
    """Draw contour lines with their values on them; a constant has none."""
    colours, lines = shades(samples, style, LINES), _cell_lines(samples, style)
    ax = rectangle(samples, ax)
    finish(ax, samples, lines)
    levels, low, high = colours["levels"], samples.values.min(), samples.values.max()
    met = levels[(low < levels) & (levels < high)]
    if met.size and samples.constant is None:
        shown = {"cmap": colours["cmap"], "norm": colours["norm"]}
        contours = ax.contour(*samples.coordinates, samples.values.T, levels=met, linewidths=1.3, negative_linestyles="solid", **shown)
        _write_values(ax, contours)
    add_bar(ax, colours, samples, style, banded=False)
    return ax


def _write_values(ax: Axes, contours: Any) -> None:
    """Write their values on the lines, but not where the edge of the axes would cut them."""
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    for text in list(ax.clabel(contours, fmt=plain, colors="0.2", fontsize="small", inline=False)):
        x, y = text.get_position()
        across, up = (x - left) / (right - left), (y - low) / (high - low)
        if min(across, up, 1 - across, 1 - up) > EDGE:
            text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.5})
        else:
            contours.labelTexts.remove(text)
            text.remove()


def _cell_lines(samples: Samples, style: Style) -> list[Any]:
    from matplotlib.collections import LineCollection

    x, y = cell_ends(samples, style)
    (left, right), (low, high) = ((c[0], c[-1]) for c in samples.coordinates)
    segments = [[(end, low), (end, high)] for end in x] + [[(left, end), (right, end)] for end in y]
    return [LineCollection(segments, zorder=1.5, **LINE)] if segments else []
