"""The picture of a refinement study: errors against cell sizes, with lines of the orders they should have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tensorfem.checks import real, real_vector
from tensorfem.plotting.canvas import flat_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BELOW = 0.5  # a reference line lies at this part of the errors above it
MARKERS = "osD^vP*X"
REACH = 3  # sizes that a reference line runs along


def draw_convergence(
    sizes: ArrayLike,
    errors: Mapping[str, ArrayLike],
    *,
    slopes: Mapping[str, float] | None = None,
    ax: Axes | None = None,
    label: str = "error",
) -> Axes:
    """Draw errors against cell sizes, both logarithmic, and below them a dashed line for each slope.

    Parameters
    ----------
    sizes
        (n,) positive cell sizes, n >= 2.
    errors
        For each name n errors. Those that are zero or not finite cannot be drawn and leave a gap.
    slopes
        The slope that the errors of a name should have; names with the same slope share a line, below the first of them.
    ax
        The axes to draw on, made logarithmic; a new figure by default.
    label
        The name of what falls, on the ordinate.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: `ax` itself if one was given.

    Raises
    ------
    ValueError
        If sizes are not positive, lengths do not fit, or nothing is positive.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = draw_convergence([0.5, 0.25], {"L2": [4e-2, 1e-2]}, slopes={"L2": 2}, ax=Figure().add_subplot())
    >>> ax.get_xscale(), [text.get_text() for text in ax.get_legend().get_texts()]
    ('log', ['L2'])
    """
    h = real_vector(sizes, "sizes", 2)
    if (h <= 0).any():
        raise ValueError(f"sizes: got {h.tolist()}; allowed are positive sizes")
    series = {name: _drawable(values, h.size, name) for name, values in errors.items()}
    if not any(np.isfinite(values).any() for values in series.values()):
        raise ValueError("errors: none is positive, and a logarithmic axis can show no other")
    ax = flat_axes(ax, (5.0, 4.0))
    ax.set(xscale="log", yscale="log", xlabel="cell size h", ylabel=label)
    for k, (name, values) in enumerate(series.items()):
        ax.plot(h, values, marker=MARKERS[k % len(MARKERS)], label=name)
    for slope, name in _by_slope(slopes or {}, series).items():
        _reference(ax, h, slope, series[name])
    _mark_sizes(ax, h[np.isfinite(list(series.values())).any(axis=0)])
    ax.grid(which="major", linewidth=0.5, alpha=0.5)
    ax.legend(frameon=False)
    return ax


def _drawable(values: ArrayLike, length: int, name: str) -> NDArray[np.float64]:
    array = np.asarray(values, dtype=float)
    if array.shape != (length,):
        raise ValueError(f'errors: "{name}" has shape {array.shape}; one error is needed for each of the {length} sizes')
    return np.where(np.isfinite(array) & (array > 0), array, np.nan)


def _by_slope(slopes: Mapping[str, float], series: Mapping[str, NDArray[np.float64]]) -> dict[float, str]:
    """The first name of each slope whose errors can be drawn."""
    first: dict[float, str] = {}
    for name, slope in slopes.items():
        if name in series and np.isfinite(series[name]).any():
            first.setdefault(real(slope, f'slopes, "{name}"'), name)
    return first


def _reference(ax: Axes, h: NDArray[np.float64], slope: float, errors: NDArray[np.float64]) -> None:
    """Draw a line of a slope below errors, along the sizes from the one of the least error upwards, and name it at its end."""
    shown = np.flatnonzero(np.isfinite(errors) & (h >= h[np.nanargmin(errors)]))
    run = shown[np.argsort(h[shown])[:REACH]]
    line = (h[run] / h[run[0]]) ** slope
    line *= BELOW * np.min(errors[run] / line)
    name = "h" if slope == 1 else f"h^{{{slope:g}}}"
    ax.plot(h[run], line, linestyle="--", linewidth=1, color="0.4")
    ax.annotate(f"${name}$", (h[run[-1]], line[-1]), xytext=(4, 0), textcoords="offset points", va="center", color="0.4")


def _mark_sizes(ax: Axes, h: NDArray[np.float64]) -> None:
    """Mark the sizes themselves: a logarithmic axis of less than a decade has hardly a round number."""
    ax.set_xticks(h, labels=[f"{size:.2g}" for size in h])
    ax.set_xticks([], minor=True)
