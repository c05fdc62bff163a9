"""The colour bar beside the axes: as high as they are, whatever their aspect, and replaced when they are drawn on again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorfem.plotting.numerals import formatter, text
from tensorfem.plotting.samples import Samples
from tensorfem.plotting.style import Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colorbar import Colorbar
    from matplotlib.contour import ContourSet
    from matplotlib.gridspec import SubplotSpec
    from matplotlib.transforms import Bbox, Transform

NAME = "<tensorfem colour bar>"
WIDTH, ROOM = 0.16, 0.9  # inches: the bar, and all that stands right of the gap


def add_bar(ax: Axes, contours: ContourSet, samples: Samples, style: Style, gap: float = 0.12, share: float = 1.0) -> None:
    """Put a colour bar `gap` inches right of the axes, along the middle `share` of their height, in place of an earlier one."""
    for child in [child for child in ax.child_axes if child.get_label() == NAME]:
        child.remove()
    if not style.colorbar:
        return
    inside = ax.inset_axes((gap, (1 - share) / 2, WIDTH, share), transform=_right_of(ax), label=NAME)
    bar = ax.figure.colorbar(contours, cax=inside, label=style.label, format=formatter(samples.exponent))
    if samples.constant is not None:
        bar.set_ticks([samples.constant], labels=[text(samples.constant, samples.exponent)])
    elif np.ndim(style.levels) == 0:
        _mark_round_values(bar)
    ax.set_axes_locator(Room(ax, gap + ROOM))


def _right_of(ax: Axes) -> Transform:
    """Inches from the right edge of the axes across, fractions of the axes' height up."""
    from matplotlib.transforms import ScaledTranslation, blended_transform_factory

    fractions: Any = ax.transAxes
    right_edge = ScaledTranslation(1, 0, fractions)
    return blended_transform_factory(ax.figure.figure.dpi_scale_trans + right_edge, fractions)


def _mark_round_values(bar: Colorbar) -> None:
    """Mark as many round values as the bar has room for; by default every third level, say, is marked."""
    from matplotlib.ticker import MaxNLocator

    bar.locator = MaxNLocator("auto", steps=(1, 2, 5, 10))
    bar.update_ticks()


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
