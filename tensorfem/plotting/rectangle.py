"""Flat axes around a rectangle: to scale where that can be seen, with limits and labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorfem.plotting.canvas import fit, flat_axes
from tensorfem.plotting.numerals import format_axis
from tensorfem.plotting.samples import Samples

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LONGEST = 8.0  # a rectangle with sides beyond this ratio is not drawn to scale


def to_scale(samples: Samples) -> bool:
    """Whether a rectangle is short enough to be drawn to scale."""
    return max(samples.lengths) <= LONGEST * min(samples.lengths)


def rectangle(samples: Samples, ax: Axes | None) -> Axes:
    """Give flat axes: `ax`, or new ones in the shape of the rectangle."""
    width, height = samples.lengths
    return flat_axes(ax, fit(width, height) if to_scale(samples) else (5.0, 3.5))


def finish(ax: Axes, samples: Samples, lines: list[Any]) -> None:
    """Set limits, proportions and labels, and draw the cells."""
    from matplotlib.patches import Rectangle

    for collection in lines:
        ax.add_collection(collection, autolim=False)
    (left, right), (low, high) = ((c[0], c[-1]) for c in samples.coordinates)
    frame = Rectangle((left, low), right - left, high - low, visible=False)  # holds the limits where no contour does
    frame.sticky_edges.x[:], frame.sticky_edges.y[:] = (left, right), (low, high)
    ax.add_patch(frame)
    ax.autoscale_view(tight=True)
    ax.set_aspect("equal" if to_scale(samples) else "auto")
    ax.set_xlabel(samples.names[0])
    ax.set_ylabel(samples.names[1])
    format_axis(ax.xaxis)
    format_axis(ax.yaxis)
