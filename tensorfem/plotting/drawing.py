"""One picture of one field: which drawing belongs to which kind and number of axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from tensorfem.plotting.contours import draw_bands, draw_contours
from tensorfem.plotting.line import draw_line
from tensorfem.plotting.samples import Samples
from tensorfem.plotting.slices import draw_slices
from tensorfem.plotting.style import Style
from tensorfem.plotting.surface import draw_surface

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

Drawing = Callable[[Samples, Style, "Axes | None"], "Axes"]
KINDS: dict[str, dict[int, Drawing]] = {
    "auto": {1: draw_line, 2: draw_bands, 3: draw_slices},
    "contours": {2: draw_contours},
    "surface": {2: draw_surface},
}


def draw(
    values: ArrayLike,
    coordinates: Sequence[ArrayLike],
    names: Sequence[str],
    *,
    ax: Axes | None = None,
    kind: str = "auto",
    at: Sequence[float | Sequence[float]] | None = None,
    mesh: Sequence[ArrayLike] | None = None,
    label: str = "u",
    cmap: str | Colormap = "viridis",
    levels: int | Sequence[float] | None = None,
    limits: Sequence[float] | None = None,
    colorbar: bool = True,
) -> Axes:
    """Draw samples on a rectilinear grid: a line in 1D, filled contours in 2D, slices through the box in 3D; or as `kind` says.

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
        The axes to draw on (three-dimensional for slices and surfaces). By default those of a new figure of matplotlib.pyplot; it
        is not shown.
    kind
        "auto"; for d = 2 also "contours" (lines with their values on them) and "surface" (the values as a height).
    at
        d = 3 only: for each axis the place of the slice normal to it, or a sequence of places, which may be empty. By default three
        slices meet in the middle of the box.
    mesh
        d arrays of the ends of cells, which are drawn as thin lines (in 1D as strokes); where they are dense not all of them.
    label
        The name of the field, on the ordinate in 1D and on the colour bar otherwise.
    cmap
        A colour map. A diverging one ("RdBu_r", "coolwarm") is centred on zero if the values have both signs. Not used in 1D.
    levels
        Roughly the largest number of bands of colour (30 by default), or of lines (12), between round values; or the increasing values
        that separate them. Not used in 1D.
    limits
        The smallest and the largest value of the scale, to compare pictures; by default those of the samples.
    colorbar
        Whether to draw a colour bar beside the axes; drawing again on the same axes replaces it. Not used in 1D.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: `ax` itself if one was given.

    Raises
    ------
    ValueError
        If shapes, coordinates, values, `ax`, `kind`, `at`, `mesh`, `levels` or `limits` do not fit; the message names the argument.

    Examples
    --------
    >>> import numpy as np
    >>> from matplotlib.figure import Figure
    >>> x, y = np.linspace(0, 1, 33), np.linspace(0, 2, 65)
    >>> ax = draw(np.sin(np.pi * x[:, None]) * y, (x, y), ("x", "y"), ax=Figure().add_subplot())
    >>> ax.get_xlabel(), ax.get_ylabel(), ax.get_aspect()
    ('x', 'y', 1.0)
    """
    samples = Samples.of(values, coordinates, names, limits)
    return drawing(samples, kind, at)(samples, Style(label, cmap, levels, colorbar, at, mesh), ax)


def drawing(samples: Samples, kind: str, at: object = None) -> Drawing:
    """Choose the drawing for this kind and number of axes.

    Raises
    ------
    ValueError
        If there is none, or `at` places slices where there are none.
    """
    d = samples.dimension
    if d not in KINDS["auto"]:
        raise ValueError(_too_many(samples))
    if kind not in KINDS or d not in KINDS[kind]:
        allowed = ", ".join(f'"{name}"' for name, drawings in KINDS.items() if d in drawings)
        raise ValueError(f"kind: got {kind!r}; allowed for values with {d} axes: {allowed}")
    if at is not None and d != 3:
        raise ValueError(f"at: {at!r} places the slices through a box; these values have {d} dimension(s), leave it out")
    return KINDS[kind][d]


def _too_many(samples: Samples) -> str:
    d, last = samples.dimension, samples.names[-1]
    return (
        f"values: {d} dimensions, at most 3 can be drawn; fix all but three of {', '.join(samples.names)}: "
        f"values[..., k] with the first {d - 1} coordinates and names is the slice at node k of {last}"
    )
