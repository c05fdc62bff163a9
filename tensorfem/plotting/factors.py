"""The factors of a sum of products: for each axis its functions of one coordinate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tensorfem.checks import real_vector
from tensorfem.plotting.canvas import flat_axes, new_axes
from tensorfem.plotting.numerals import format_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEW = 40  # points that are marked
NAMED = 6  # terms at most that the legend names


def draw_factors(
    coordinates: Sequence[ArrayLike],
    factors: Sequence[ArrayLike],
    names: Sequence[str],
    *,
    weights: ArrayLike | None = None,
    axes: Sequence[Axes] | None = None,
) -> tuple[Axes, ...]:
    """Draw the functions of each axis side by side; those of one term have one colour.

    Parameters
    ----------
    coordinates
        For each of d axes its (n,) increasing points.
    factors
        For each axis an (n, r) array: a column per term.
    names
        Of the axes.
    weights
        (r,) sizes of the terms, for the legend.
    axes
        d axes to draw on; by default those of a new figure.

    Returns
    -------
    tuple of d matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If numbers of axes, points or terms do not fit.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> x, y = draw_factors(([0, 1], [0, 1, 2]), ([[1, 2], [3, 4]], np.ones((3, 2))), "xy", axes=Figure().subplots(1, 2))
    >>> [line.get_ydata().tolist() for line in x.lines[:2]]
    [[1.0, 3.0], [2.0, 4.0]]
    """
    tables = [_table(points, values, name) for points, values, name in zip(coordinates, factors, names, strict=True)]
    terms = {values.shape[1] for _, values in tables}
    sizes = None if weights is None else real_vector(weights, "weights", 1)
    if len(terms) != 1 or (sizes is not None and {sizes.size} != terms):
        raise ValueError(f"factors: got {sorted(terms)} terms and {'no' if sizes is None else sizes.size} weights; all must have as many")
    if axes is not None and len(axes) != len(tables):
        raise ValueError(f"axes: got {len(axes)}; one is needed for each of the {len(tables)} axes of the data")
    places = new_axes(len(tables), (3.4, 2.8), flat=True) if axes is None else [flat_axes(ax, (3.4, 2.8)) for ax in axes]
    for ax, (points, values), name in zip(places, tables, names, strict=True):
        for k, column in enumerate(values.T):
            ax.plot(points, column, ".-" if points.size <= FEW else "-", markersize=4, label=_title(k, sizes) if k < NAMED else None)
        ax.axhline(0.0, color="0.7", linewidth=0.8, zorder=0.5)
        ax.margins(x=0)
        ax.set(xlabel=name, ylabel=f"factors of {name}")
        format_axis(ax.xaxis)
        format_axis(ax.yaxis)
    places[0].legend(frameon=False, fontsize="small")
    return tuple(places)


def _title(term: int, weights: NDArray[np.float64] | None) -> str:
    return f"term {term + 1}" + ("" if weights is None else f": {weights[term]:.3g}")


def _table(coordinate: ArrayLike, factors: ArrayLike, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    points, values = real_vector(coordinate, f"coordinates: axis {name}", 2), np.asarray(factors, dtype=float)
    if values.ndim != 2 or values.shape[0] != points.size or not values.shape[1]:
        raise ValueError(
            f"factors: axis {name} has shape {values.shape}; allowed is ({points.size}, r), a row per point, a column per term"
        )
    return points, values
