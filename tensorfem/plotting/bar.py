"""The colour bar beside the axes: as high as they are, whatever their aspect, and replaced when they are drawn on again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorfem.plotting.numerals import formatter, power, text
from tensorfem.plotting.samples import Samples
from tensorfem.plotting.style import Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colorbar import Colorbar
    from matplotlib.gridspec import SubplotSpec
    from matplotlib.transforms import Bbox, Transform

NAME = "<tensorfem colour bar>"
MARKS = 12  # at most, of levels given by the caller
ABOVE = 1.06  # of the bar's height, clears its arrow
WIDTH, ROOM = 0.16, 0.9  # inches: the bar, and all that stands right of the gap


def add_bar(
    ax: Axes, colours: dict[str, Any], samples: Samples, style: Style, *, banded: bool = True, gap: float = 0.12, share: float = 1.0
) -> None:
    """Put a colour bar `gap` inches right of the axes, along the middle `share` of their height, in place of an earlier one.

    The colours are those of `shades`. The bar does not depend on what is drawn in them, which may be removed without it.
    """
    from matplotlib.cm import ScalarMappable

    if style.colorbar is None:
        return
    for child in [child for child in ax.child_axes if child.get_label() == NAME]:
        child.remove()
    if not style.colorbar:
        return
    inside = ax.inset_axes((gap, (1 - share) / 2, WIDTH, share), transform=_right_of(ax), label=NAME)
    scale = partial(power, exponent=samples.exponent) if style.log else formatter(samples.exponent)
    mappable, bands = ScalarMappable(colours["norm"], colours["cmap"]), _bands(colours, style) if banded else {}
    bar = ax.figure.colorbar(mappable, cax=inside, label=style.label, format=scale, extend=colours["extend"], **bands)
    if style.log:
        _mark_decades(bar)
    elif style.levels is None or np.ndim(style.levels) == 0:
        _mark(bar, samples)
    elif banded:
        bar.set_ticks(colours["levels"][:: len(colours["levels"]) // MARKS + 1])
    ax.set_axes_locator(Room(ax, gap + ROOM))


def reserve(like: Axes, ax: Axes) -> None:
    """Leave beside one axes the room that the bar takes beside another one, so that both pictures have the same size."""
    locator = like.get_axes_locator()
    if isinstance(locator, Room):
        ax.set_axes_locator(Room(ax, locator.inches))


def label_above(ax: Axes) -> None:
    """Write the name of the colours above the bar: beside it, it might be taken for that of the next picture's ordinate."""
    for bar in (child for child in ax.child_axes if child.get_label() == NAME):
        bar.yaxis.set_label_coords(0.5, ABOVE)
        bar.yaxis.label.set(rotation=0, horizontalalignment="center", verticalalignment="bottom")


def _right_of(ax: Axes) -> Transform:
    """Inches from the right edge of the axes across, fractions of the axes' height up."""
    from matplotlib.transforms import ScaledTranslation, blended_transform_factory

    fractions: Any = ax.transAxes
    right_edge = ScaledTranslation(1, 0, fractions)
    return blended_transform_factory(ax.figure.figure.dpi_scale_trans + right_edge, fractions)


def _bands(colours: dict[str, Any], style: Style) -> dict[str, Any]:
    """Give the ends of the bands and the values whose colours they have, those of `contourf`; what is beyond the levels counts too."""
    ends = np.log(colours["levels"]) if style.log else colours["levels"]
    step = ends[-1] - ends[0]
    below, above = (colours["extend"] in (side, "both") for side in ("min", "max"))
    ends = np.concatenate([[ends[0] - step] * below, ends, [ends[-1] + step] * above])
    middles = ends[:-1] + np.diff(ends) / 2
    return {"boundaries": np.exp(ends), "values": np.exp(middles)} if style.log else {"boundaries": ends, "values": middles}


def _mark(bar: Colorbar, samples: Samples) -> None:
    """Mark the one value of a constant, else as many round values as there is room for (matplotlib marks every third level, say)."""
    from matplotlib.ticker import MaxNLocator

    if samples.constant is not None:
        bar.set_ticks([samples.constant], labels=[text(samples.constant, samples.exponent)])
    else:
        bar.set_ticks(MaxNLocator("auto", steps=(1, 2, 5, 10)))


def _mark_decades(bar: Colorbar) -> None:
    """Mark the powers of ten if there are two or more; else every level keeps its mark."""
    low, high = (log10(end or 1.0) for end in (bar.norm.vmin, bar.norm.vmax))
    powers = range(ceil(low - 1e-9), floor(high + 1e-9) + 1)
    if len(powers) > 1:
        bar.set_ticks([10.0**power for power in powers])
    bar.minorticks_off()


@dataclass(frozen=True)
class Room:
    """An axes locator that takes the room of the bar from the axes' own place where no layout engine makes room.

    `Figure.colorbar` does the same. The subplot's specification is passed on because `tight_layout` asks the locator for it.
    """

    ax: Axes
    inches: float

    def __call__(self, ax: Any, renderer: object) -> Bbox:
        """Give the axes' place, without the room of the bar."""
        from matplotlib.transforms import Bbox

        slot: Bbox = ax.get_position(original=True)
        root = ax.figure.figure
        if root.get_layout_engine() is not None:
            return slot
        width = max(slot.width - self.inches / root.get_figwidth(), slot.width / 2)
        return Bbox.from_bounds(slot.x0, slot.y0, width, slot.height)

    def get_subplotspec(self) -> SubplotSpec | None:
        """Give the axes' place in the grid of subplots."""
        return self.ax.get_subplotspec()
