"""The picture of a field on an interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tensorfem.plotting.canvas import flat_axes
from tensorfem.plotting.numerals import format_axis
from tensorfem.plotting.samples import Samples
from tensorfem.plotting.style import Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_line(samples: Samples, style: Style, ax: Axes | None) -> Axes:
    """Draw a polygon through the samples; a constant lies in the middle of the axes unless something is drawn there already."""
    ax = flat_axes(ax, (5.0, 3.2))
    (x,), (name,) = samples.coordinates, samples.names
    empty = not ax.has_data()
    ax.plot(x, samples.values, label=style.label)
    if empty:
        ax.margins(x=0)
        if samples.constant is not None:
            ax.update_datalim([(x[0], limit) for limit in samples.limits])
            ax.autoscale_view()
    ax.set_xlabel(name)
    ax.set_ylabel(style.label)
    format_axis(ax.xaxis)
    format_axis(ax.yaxis, samples.exponent)
    return ax
