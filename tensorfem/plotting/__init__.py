"""Pictures of fields sampled on a rectilinear grid: arrays, axes and names in, a matplotlib axes out.

Nothing here knows a space or a field, and nothing outside this folder imports matplotlib. It is imported at the first picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from tensorfem.plotting.contours import draw_contours
from tensorfem.plotting.line import draw_line
from tensorfem.plotting.samples import Samples
from tensorfem.plotting.slices import draw_slices
from tensorfem.plotting.style import Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

__all__ = ["draw"]

DRAWINGS = {1: draw_line, 2: draw_contours, 3: draw_slices}


def draw(
    values: ArrayLike,
    coordinates: Sequence[ArrayLike],
    names: Sequence[str],
    *,
    ax: Axes | None = None,
    at: Sequence[float] | None = None,
    label: str = "u",
    cmap: str | Colormap = "viridis",
    levels: int | Sequence[float] = 30,
    colorbar: bool = True,
) -> Axes:
    """Draw samples on a rectilinear grid: a line in 1D, filled contours in 2D, three slices through the box in 3D.

    Between the nodes the picture is linear: sample curved fields finely. Values whose size is outside 1e-100 to 1e100 are drawn
    in units of a power of ten, which the axis names. Values that differ by less than 1e-12 of their size are drawn as a constant.

    Parameters
    ----------
    values
        Real, finite samples of shape (n1, ..., nd), d <= 3; axis 0 belongs to the first coordinate.
    coordinates
        d increasing arrays of lengths n1, ..., nd, each at least 2; they may be graded. A periodic axis is closed by the caller.
    names
        The d names of the axes.
    ax
        The axes to draw on (three-dimensional for d = 3). By default those of a new figure of matplotlib.pyplot; it is not shown.
    at
        d = 3 only: the point in which the three slices meet; by default the middle of the box.
    label
        The name of the field, on the ordinate in 1D and on the colour bar otherwise.
    cmap
        A colour map. A diverging one ("RdBu_r", "coolwarm") is centred on zero if the values have both signs. Not used in 1D.
    levels
        At most about how many bands of colour, between round values; or the increasing values that separate the bands. Not used in 1D.
    colorbar
        Whether to draw a colour bar beside the axes; drawing again on the same axes replaces it. Not used in 1D.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: `ax` itself if one was given.

    Raises
    ------
    ValueError
        If shapes, coordinates, values, `ax`, `at` or `levels` do not fit; the message names the argument.

    Examples
    --------
    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> x, y = np.linspace(0, 1, 33), np.linspace(0, 2, 65)
    >>> ax = draw(np.sin(np.pi * x[:, None]) * y, (x, y), ("x", "y"), ax=Figure().add_subplot())
    >>> ax.get_xlabel(), ax.get_ylabel(), ax.get_aspect()
    ('x', 'y', 1.0)
    """
    samples = Samples.of(values, coordinates, names)
    if samples.dimension not in DRAWINGS:
        raise ValueError(_too_many(samples))
    if at is not None and samples.dimension != 3:
        raise ValueError(f"at: {at!r} places the slices through a box; these values have {samples.dimension} dimension(s), leave it out")
    return DRAWINGS[samples.dimension](samples, Style(label, cmap, levels, colorbar, at), ax)


def _too_many(samples: Samples) -> str:
    d, last = samples.dimension, samples.names[-1]
    return (
        f"values: {d} dimensions, at most 3 can be drawn; fix all but three of {', '.join(samples.names)}: "
        f"values[..., k] with the first {d - 1} coordinates and names is the slice at node k of {last}"
    )
