"""How values become colours: contour levels at round values, the colour map's limits, and what lies beyond them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.checks import integer, real_vector
from tensorfem.plotting.samples import Samples, scaled
from tensorfem.plotting.style import Style

if TYPE_CHECKING:
    from matplotlib.colors import Colormap

# https://matplotlib.org/stable/users/explain/colors/colormaps.html
DIVERGING = frozenset("piyg prgn brbg puor rdgy rdbu rdylbu rdylgn spectral coolwarm bwr seismic berlin managua vanimo".split())
STEPS = (1.0, 2.5, 5.0, 10.0)  # of the levels; steps of 2 would miss the marks of the colour bar
EXTEND = {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}


def shades(samples: Samples, style: Style) -> dict[str, Any]:
    """Give the arguments of `contourf` that say which value has which colour.

    Examples
    --------
    >>> samples = Samples.of([0.0, 0.97], [[0, 1]], ["x"])
    >>> shades(samples, Style("u", "viridis", 4, True, None))["levels"]
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    """
    from matplotlib import colormaps

    cmap = colormaps.get_cmap(style.cmap)
    levels = _levels(samples, style.levels)
    low, high = levels[0], levels[-1]
    if _diverging(cmap) and low < 0 < high:
        low, high = -max(-low, high), max(-low, high)
    extend = EXTEND[bool(samples.values.min() < levels[0]), bool(samples.values.max() > levels[-1])]
    return {"levels": levels, "cmap": cmap, "vmin": low, "vmax": high, "extend": extend}


def _diverging(cmap: Colormap) -> bool:
    return cmap.name.lower().removesuffix("_r") in DIVERGING


def _levels(samples: Samples, wish: int | Sequence[float]) -> NDArray[np.float64]:
    if np.ndim(wish) == 0:
        return _round_levels(samples, integer(wish, "levels", 1))
    levels = scaled(real_vector(wish, "levels", 2), -samples.exponent)
    if not (np.diff(levels) > 0).all():
        raise ValueError(f"levels: {wish!r} must increase; or give their number")
    return levels


def _round_levels(samples: Samples, number: int) -> NDArray[np.float64]:
    from matplotlib.ticker import MaxNLocator

    low, high = samples.limits
    if samples.constant is not None:
        return np.array([low, high])
    ticks = np.asarray(MaxNLocator(number, steps=STEPS, min_n_ticks=1).tick_values(low, high))
    first = max(int(np.searchsorted(ticks, low, side="right")) - 1, 0)
    return ticks[first : int(np.searchsorted(ticks, high, side="left")) + 1]
