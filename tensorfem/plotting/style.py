"""How a picture is to look: the caller's wishes, carried to the drawing of each dimension."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.colors import Colormap


@dataclass(frozen=True)
class Style:
    """The keywords of `draw` that say how, not what; see there."""

    label: str
    cmap: str | Colormap
    levels: int | Sequence[float]
    colorbar: bool
    at: Sequence[float] | None
