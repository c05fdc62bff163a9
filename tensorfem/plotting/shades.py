"""How values become colours: contour levels at round values, the colour map's limits, and what lies beyond them."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10
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
BANDS = 30
STEPS = (1.0, 2.5, 5.0, 10.0)  # of the levels; steps of 2 would miss the marks of the colour bar
DECADE = (1.0, 2.0, 5.0)  # levels of a logarithmic scale
EXTEND = {(False, False): "neither", (True, False): "min", (False, True): "max", (True, True): "both"}


def shades(samples: Samples, style: Style, number: int = BANDS) -> dict[str, Any]:
    """Give the arguments of `contourf` that say which value has which colour; `number` is that of levels where none was wished.

    Examples
    --------
    >>> samples = Samples.of([0.0, 0.97], [[0, 1]], ["x"])
    >>> shades(samples, Style(levels=4))["levels"]
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    """
    from matplotlib import colormaps
    from matplotlib.colors import LogNorm, Normalize

    cmap = colormaps.get_cmap(style.cmap)
    levels = _levels(samples, style, number)
    low, high = float(levels[0]), float(levels[-1])
    if _diverging(cmap) and low < 0 < high:
        low, high = -max(-low, high), max(-low, high)
    extend = EXTEND[bool(samples.values.min() < levels[0]), bool(samples.values.max() > levels[-1])]
    return {"levels": levels, "cmap": cmap, "norm": (LogNorm if style.log else Normalize)(low, high), "extend": extend}


def _diverging(cmap: Colormap) -> bool:
    return cmap.name.lower().removesuffix("_r") in DIVERGING


def _levels(samples: Samples, style: Style, number: int) -> NDArray[np.float64]:
    wish = style.levels
    if wish is None or np.ndim(wish) == 0:
        number = number if wish is None else integer(wish, "levels", 1)
        return _decades(samples) if style.log else _round_levels(samples, number)
    return scaled(_increasing(wish), -samples.exponent)


def _increasing(wish: int | Sequence[float]) -> NDArray[np.float64]:
    levels = real_vector(wish, "levels", 2)
    if not (np.diff(levels) > 0).all():
        raise ValueError(f"levels: {wish!r} must increase; or give their number")
    return levels


def _round_levels(samples: Samples, number: int) -> NDArray[np.float64]:
    from matplotlib.ticker import MaxNLocator

    low, high = samples.limits
    if samples.constant is not None:
        return np.array([low, high])
    ticks = np.asarray(MaxNLocator(number, steps=STEPS, min_n_ticks=1).tick_values(low, high))
    return _around(ticks, low, high)


def _decades(samples: Samples) -> NDArray[np.float64]:
    """Give 1, 2 and 5 times powers of ten around the limits, which are positive."""
    low, high = samples.limits
    powers = 10.0 ** np.arange(floor(log10(low)), floor(log10(high)) + 2)
    return _around(np.outer(powers, DECADE).ravel(), low, high)


def _around(ticks: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    """Leave out the ticks that are not needed to hold the limits."""
    first = max(int(np.searchsorted(ticks, low, side="right")) - 1, 0)
    return ticks[first : int(np.searchsorted(ticks, high, side="left")) + 1]
