"""Pictures of data: a tile for each value on a grid, a dot for each scattered one. What was not observed stays grey."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tensorfem.plotting.bar import add_bar
from tensorfem.plotting.canvas import flat_axes
from tensorfem.plotting.rectangle import finish, rectangle
from tensorfem.plotting.samples import Samples
from tensorfem.plotting.shades import shades
from tensorfem.plotting.style import Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

Array = NDArray[np.float64]
UNSEEN, EDGE, RIM = "0.82", "0.5", 0.4  # greys of what was not observed, and around dots: without, those near 0 are white on white
AREA = 4000.0, 4.0, 40.0  # square points for all dots together, and for one at least and at most


def draw_tiles(
    values: ArrayLike,
    coordinates: Sequence[ArrayLike],
    names: Sequence[str],
    *,
    ax: Axes | None = None,
    bounds: Sequence[Sequence[float]] | None = None,
    label: str = "data",
    cmap: str | Colormap = "viridis",
    limits: Sequence[float] | None = None,
    colorbar: bool = True,
) -> Axes:
    """Draw values on a grid of two axes as tiles around their points, which meet half-way between them.

    Parameters
    ----------
    values
        (n1, n2), NaN where nothing was observed: grey.
    coordinates, names
        The two increasing arrays of points, and their names.
    bounds
        The ends of the rectangle along each axis; by default the outermost tiles reach as far out as in.
    ax, label, cmap, limits, colorbar
        As of `draw`; values beyond the limits have the colours of the limits.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If nothing is observed, there are not two axes, or shapes do not fit.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = draw_tiles([[1, 2, np.nan], [3, 4, 5]], ([0, 1], [0, 2, 4]), ("x", "y"), ax=Figure().add_subplot())
    >>> ax.get_xlim(), ax.get_ylim()
    ((np.float64(-0.5), np.float64(1.5)), (np.float64(-1.0), np.float64(5.0)))
    """
    samples, missing = _observed(values, coordinates, names, limits)
    if samples.dimension != 2:
        raise ValueError(f"values: got an array of shape {samples.values.shape}; tiles are drawn for two axes")
    pairs = zip(samples.coordinates, bounds or (None, None), strict=True)
    framed = replace(samples, coordinates=tuple(tile_ends(points, ends) for points, ends in pairs))
    style = Style(label, cmap, colorbar=colorbar)
    colours = shades(samples, style)
    ax = rectangle(framed, ax)
    ax.set_facecolor(UNSEEN)
    shown = np.ma.masked_array(samples.values, missing)
    ax.pcolormesh(*framed.coordinates, shown.T, cmap=colours["cmap"], norm=colours["norm"], rasterized=True)
    finish(ax, framed, [])
    add_bar(ax, colours, samples, style, banded=False)
    return ax


def draw_points(
    values: ArrayLike,
    points: ArrayLike,
    names: Sequence[str],
    *,
    ax: Axes | None = None,
    bounds: Sequence[Sequence[float]] | None = None,
    label: str = "data",
    cmap: str | Colormap = "viridis",
    limits: Sequence[float] | None = None,
    colorbar: bool = True,
) -> Axes:
    """Draw scattered values as coloured dots.

    Parameters
    ----------
    values
        (n,) numbers.
    points
        (n, 2): a point in each row.
    names
        Of the two axes.
    bounds
        The ends of the rectangle along each axis; by default those of the points.
    ax, label, cmap, limits, colorbar
        As of `draw_tiles`.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If shapes do not fit.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = draw_points([1, 2], [[0, 0], [3, 1]], ("x", "y"), ax=Figure().add_subplot())
    >>> ax.collections[0].get_array().tolist(), ax.get_xlabel()
    ([1.0, 2.0], 'x')
    """
    table = np.asarray(points, dtype=float)
    samples, _ = _observed(values, (np.arange(np.size(values)),), ("points",), limits)
    if table.shape != (samples.values.size, 2) or len(names) != 2:
        raise ValueError(f"points: got shape {table.shape} and {len(names)} names; allowed is ({samples.values.size}, 2), a row per value")
    ends = bounds or list(zip(table.min(axis=0), table.max(axis=0), strict=True))
    framed = replace(samples, coordinates=tuple(np.asarray(pair, dtype=float) for pair in ends), names=tuple(names))
    style = Style(label, cmap, colorbar=colorbar)
    colours = shades(samples, style)
    ax = flat_axes(ax, (4.5, 3.6))
    total, least, most = AREA
    area = min(max(total / samples.values.size, least), most)
    ax.scatter(
        table[:, 0],
        table[:, 1],
        c=samples.values,
        s=area,
        cmap=colours["cmap"],
        norm=colours["norm"],
        linewidths=RIM,
        edgecolors=EDGE,
        clip_on=False,
        zorder=2.5,
    )
    finish(ax, framed, [])
    add_bar(ax, colours, samples, style, banded=False)
    return ax


def tile_ends(points: Array, bounds: Sequence[float] | None = None) -> Array:
    """Give the ends of tiles around points.

    Examples
    --------
    >>> tile_ends(np.array([0.0, 1.0, 3.0])), tile_ends(np.array([0.0, 1.0, 3.0]), (0, 3))
    (array([-0.5,  0.5,  2. ,  4. ]), array([0. , 0.5, 2. , 3. ]))
    """
    half = np.diff(points) / 2
    low, high = (points[0] - half[0], points[-1] + half[-1]) if bounds is None else bounds
    return np.concatenate([[low], points[:-1] + half, [high]])


def _observed(
    values: ArrayLike, coordinates: Sequence[ArrayLike], names: Sequence[str], limits: Sequence[float] | None
) -> tuple[Samples, NDArray[np.bool_]]:
    """The samples with their gaps filled by a value that changes no scale, and where the gaps are."""
    array = np.asarray(values, dtype=float)
    missing = np.isnan(array)
    if missing.all():
        raise ValueError(f"values: all {array.size} are NaN; at least one must be observed")
    return Samples.of(np.where(missing, array[~missing][0], array), coordinates, names, limits), missing
