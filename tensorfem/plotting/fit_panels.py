"""Data, fit and residual of two axes side by side: the first two on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tensorfem.plotting.bar import label_above, reserve
from tensorfem.plotting.canvas import new_axes
from tensorfem.plotting.drawing import draw
from tensorfem.plotting.tiles import draw_points, draw_tiles

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

SIZE = 3.4, 2.9  # inches of each picture
OUTLIERS = 0.5  # percent of the data on either side may lie beyond the scale
TITLES = ("data", "fit", "residual")


def draw_fit(
    data: ArrayLike,
    residuals: ArrayLike,
    places: Any,
    fit: ArrayLike,
    coordinates: Sequence[ArrayLike],
    names: Sequence[str],
    *,
    axes: Sequence[Axes] | None = None,
    bounds: Sequence[Sequence[float]] | None = None,
    tiles: bool = False,
    titles: Sequence[str] = TITLES,
    label: str = "f",
    cmap: str | Colormap = "viridis",
) -> tuple[Axes, ...]:
    """Draw data, the function fitted to them, and what it leaves.

    The axes are not drawn to scale, as coordinates of data seldom have one unit. Of the data the outermost half percent on either side may
    lie beyond the scale of the colours.

    Parameters
    ----------
    data, residuals
        Arrays of one shape, NaN where nothing was observed.
    places
        Where they are: a tuple of two increasing arrays for data on a grid, else an (n, 2) array with a row for each.
    fit, coordinates
        The function on a grid of its own, (m1, m2), and the two axes of that.
    names
        Of the two axes.
    axes
        Three axes to draw on; by default those of a new figure.
    bounds
        The ends of both axes; by default those of the function's grid.
    tiles
        Whether to draw the function as tiles too, as suits one that is constant within cells.
    titles, label, cmap
        What stands above the pictures; the name of the values; the colours of data and fit.

    Returns
    -------
    tuple of three matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If shapes do not fit, or there are not three axes and titles.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> x, y, data = np.arange(3.0), np.arange(2.0), np.array([[1.0, 2.0], [2.0, 4.0], [3.0, np.nan]])
    >>> fit = 1 + x[:, None] + y
    >>> axes = draw_fit(data, data - fit, (x, y), fit, (x, y), ("x", "y"), axes=Figure().subplots(1, 3))
    >>> [ax.get_title() for ax in axes]
    ['data', 'fit', 'residual']
    """
    if len(titles) != 3 or (axes is not None and len(axes) != 3):
        raise ValueError(f"titles and axes: three of each are needed, got {titles!r} and {axes!r}")
    surface, observed = np.asarray(fit, dtype=float), np.asarray(data, dtype=float)
    grid = isinstance(places, tuple)
    dots: Any = draw_tiles if grid else draw_points
    box = bounds or [(float(np.min(points)), float(np.max(points))) for points in coordinates]
    scale = _scale(observed, surface)
    left, middle, right = new_axes(3, SIZE, flat=True) if axes is None else axes
    dots(observed, places, names, ax=left, bounds=box, cmap=cmap, limits=scale, colorbar=False)
    if tiles:
        draw_tiles(surface, coordinates, names, ax=middle, bounds=box, label=label, cmap=cmap, limits=scale)
    else:
        draw(surface, coordinates, names, ax=middle, label=label, cmap=cmap, limits=scale)
    reach = float(np.nanpercentile(np.abs(np.asarray(residuals, dtype=float)), 100 - OUTLIERS)) or 1.0
    dots(residuals, places, names, ax=right, bounds=box, label=titles[2], cmap="RdBu_r", limits=(-reach, reach))
    for ax, title in zip((left, middle, right), titles, strict=True):
        ax.set_aspect("auto")
        ax.set_title(title)
    label_above(middle)
    reserve(middle, left)
    return left, middle, right


def _scale(data: NDArray[np.float64], fit: NDArray[np.float64]) -> tuple[float, float]:
    """The range of the fit and of nearly all data."""
    low, high = np.nanpercentile(data, [OUTLIERS, 100 - OUTLIERS])
    return min(float(fit.min()), float(low)), max(float(fit.max()), float(high))
