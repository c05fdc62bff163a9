"""A curve with a band around it, and the data that it goes through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from tensorfem.checks import real_vector
from tensorfem.plotting.canvas import flat_axes
from tensorfem.plotting.numerals import format_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEW = 200  # data that are drawn as large dots


def draw_band(
    coordinate: ArrayLike,
    curve: ArrayLike,
    band: tuple[ArrayLike, ArrayLike] | None,
    name: str,
    *,
    data: tuple[ArrayLike, ArrayLike] | None = None,
    ax: Axes | None = None,
    label: str = "f",
    curve_label: str | None = None,
    band_label: str = "band",
    color: str = "C0",
) -> Axes:
    """Draw a curve, a band, and data as dots below them.

    Parameters
    ----------
    coordinate, curve
        (n,) increasing points and the values there.
    band
        The lower and the upper ends of the band, (n,) each, or None.
    name
        Of the coordinate.
    data
        Points and values of the data, (m,) each; NaN are left out.
    ax
        By default those of a new figure.
    label, curve_label, band_label, color
        What the ordinate has; the name of the curve, by default the same; that of the band; the colour of both.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If shapes do not fit, or `ax` is none for a flat picture.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = draw_band([0, 1], [2, 3], ([1, 2], [3, 4]), "x", ax=Figure().add_subplot())
    >>> ax.lines[0].get_ydata().tolist(), [text.get_text() for text in ax.get_legend().get_texts()]
    ([2.0, 3.0], ['f', 'band'])
    """
    x = real_vector(coordinate, "coordinate", 2)
    values = real_vector(curve, "curve", 2)
    ends = None if band is None else [real_vector(end, "band", 2) for end in band]
    sizes = {array.size for array in (x, values, *(ends or []))}
    if len(sizes) > 1:
        raise ValueError(
            f"curve: got {values.size} values and a band of {[e.size for e in ends or []]} for {x.size} points; as many are needed"
        )
    ax = flat_axes(ax, (5.5, 3.6))
    if data is not None:
        places, observed = (np.asarray(part, dtype=float).ravel() for part in data)
        size = 4.0 if observed.size <= FEW else 2.0
        ax.plot(places, observed, "o", color="0.55", markersize=size, markeredgewidth=0, alpha=0.8, label="data", zorder=1.5)
    ax.plot(x, values, color=color, label=label if curve_label is None else curve_label, zorder=2.5)
    if ends is not None:
        ax.fill_between(x, ends[0], ends[1], color=color, alpha=0.25, linewidth=0, label=band_label, zorder=2)
    ax.margins(x=0.01)
    ax.set(xlabel=name, ylabel=label)
    format_axis(ax.xaxis)
    format_axis(ax.yaxis)
    ax.legend(frameon=False)
    return ax
