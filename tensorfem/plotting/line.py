"""The picture of a field on an interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorfem.plotting.canvas import flat_axes
from tensorfem.plotting.cell_lines import cell_ends
from tensorfem.plotting.numerals import format_axis
from tensorfem.plotting.samples import Samples, between
from tensorfem.plotting.style import Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

AIR = 0.05  # above and below given limits, as a part of their distance


def draw_line(samples: Samples, style: Style, ax: Axes | None) -> Axes:
    """Draw a polygon through the samples; a constant lies in the middle of the axes unless something is drawn there already."""
    (ends,) = cell_ends(samples, style)
    ax = flat_axes(ax, (5.0, 3.2))
    (x,), (name,) = samples.coordinates, samples.names
    empty = not ax.has_data()
    (line,) = ax.plot(x, samples.values, label=style.label, color=style.color)
    if ends.size:
        ax.plot(ends, between(samples.values, x, ends, 0), "|", color=line.get_color(), markersize=9)
    if empty:
        ax.margins(x=0)
    _limit(ax, samples, style, empty)
    ax.set_xlabel(name)
    ax.set_ylabel(style.label)
    format_axis(ax.xaxis)
    format_axis(ax.yaxis, samples.exponent)
    return ax


def _limit(ax: Axes, samples: Samples, style: Style, empty: bool) -> None:
    """Give the ordinate the limits of the scale where they were given, and those of a constant."""
    if style.log:
        ax.set_yscale("log")
        ax.set_ylim(samples.limits[0], 2 * samples.limits[1])
    elif samples.span != (samples.values.min(), samples.values.max()):
        low, high = samples.limits
        ax.set_ylim(low - AIR * (high - low), high + AIR * (high - low))
    elif empty and samples.constant is not None:
        ax.update_datalim([(samples.coordinates[0][0], limit) for limit in samples.limits])
        ax.autoscale_view()
