"""How a picture is to look: the caller's wishes, carried to the drawing of each kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

if TYPE_CHECKING:
    from matplotlib.colors import Colormap


@dataclass(frozen=True)
class Style:
    """The keywords of `draw` that say how, not what; see there.

    Besides, `log` asks for a logarithmic scale of positive values, `color` for the colour of a line, and a `colorbar` of None leaves the
    bar of an earlier picture as it is.
    """

    label: str = "u"
    cmap: str | Colormap = "viridis"
    levels: int | Sequence[float] | None = None
    colorbar: bool | None = True
    at: Sequence[float | Sequence[float]] | None = None
    mesh: Sequence[ArrayLike] | None = None
    log: bool = False
    color: str | None = None
