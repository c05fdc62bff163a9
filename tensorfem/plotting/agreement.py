"""Fitted values against observed ones, for data of any number of axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from tensorfem.plotting.canvas import flat_axes
from tensorfem.plotting.numerals import format_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MANY = 2000  # dots that become transparent


def draw_agreement(observed: ArrayLike, fitted: ArrayLike, *, ax: Axes | None = None, label: str = "data") -> Axes:
    """Draw fitted against observed values as dots, and the diagonal on which they agree.

    Parameters
    ----------
    observed, fitted
        Arrays of one shape; NaN are left out.
    ax
        By default those of a new figure.
    label
        The name of the values.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the shapes differ, or nothing is observed.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = draw_agreement([[1, np.nan], [2, 3]], [[1, 1], [2.5, 3]], ax=Figure().add_subplot())
    >>> ax.lines[0].get_xydata().tolist(), ax.lines[1].get_xydata().tolist()
    ([[1.0, 1.0], [2.0, 2.5], [3.0, 3.0]], [[1.0, 1.0], [3.0, 3.0]])
    """
    first, second = np.asarray(observed, dtype=float), np.asarray(fitted, dtype=float)
    if first.shape != second.shape:
        raise ValueError(f"fitted: got shape {second.shape}, observed has shape {first.shape}; one fitted value is needed for each")
    seen = np.isfinite(first) & np.isfinite(second)
    if not seen.any():
        raise ValueError(f"observed: none of {first.size} values is observed and fitted; at least one must be")
    x, y = first[seen], second[seen]
    ends = [min(x.min(), y.min()), max(x.max(), y.max())]
    ax = flat_axes(ax, (4.0, 3.8))
    ax.plot(x, y, "o", markersize=3, markeredgewidth=0, alpha=0.7 if x.size <= MANY else 0.2, rasterized=x.size > MANY)
    ax.plot(ends, ends, color="0.3", linewidth=1, zorder=1.5)
    ax.set(xlabel=f"{label}, observed", ylabel=f"{label}, fitted")
    format_axis(ax.xaxis)
    format_axis(ax.yaxis)
    return ax
