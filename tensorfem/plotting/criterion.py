"""The picture of a search for smoothing parameters: the criterion over what was tried, and the best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tensorfem.checks import real, real_vector
from tensorfem.plotting.canvas import flat_axes
from tensorfem.plotting.drawing import drawing
from tensorfem.plotting.numerals import format_axis
from tensorfem.plotting.samples import Samples
from tensorfem.plotting.style import Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
DECADES = 1e-4  # the least excess drawn, as a part of the largest
SAME = 1e-9  # relative difference of parameters that are one
UNTRIED, MARGIN = "0.82", 0.05  # the grey of what was not tried, and how much of it around a minimum there, as a part of the map


def draw_criterion(
    candidates: Sequence[ArrayLike],
    values: ArrayLike,
    best: Sequence[float],
    value: float,
    names: Sequence[str],
    *,
    ax: Axes | None = None,
    label: str = "criterion",
) -> Axes:
    """Draw a criterion over smoothing parameters, and mark its minimum.

    For two axes that is a map of how far the criterion is above its minimum, over the decimal logarithms of both parameters; otherwise
    one curve per axis, minimized over the others. A minimum at or beyond the ends of what was tried is told as such: the search may have
    gone on from there, or the criterion may fall for ever, as where a function is a straight line. What a map does not know stays grey.

    Parameters
    ----------
    candidates
        For each axis the (n_i,) increasing positive parameters tried.
    values
        (n_0, n_1, ...) values of the criterion there; infinite ones are left out.
    best, value
        The best parameters, and the criterion there.
    names
        Of the axes.
    ax
        By default those of a new figure.
    label
        The name of the criterion.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If shapes do not fit, or nothing is finite.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = draw_criterion([[0.1, 1.0, 10.0]], [3.0, 1.0, 2.0], [1.2], 0.9, ["x"], ax=Figure().add_subplot())
    >>> ax.get_xscale(), ax.lines[0].get_ydata().tolist(), ax.lines[1].get_xydata().tolist()
    ('log', [3.0, 1.0, 2.0], [[1.2, 0.9]])
    """
    tried = [real_vector(axis, f"candidates: axis {name}", 1) for axis, name in zip(candidates, names, strict=True)]
    table = np.asarray(values, dtype=float)
    if table.shape != tuple(axis.size for axis in tried) or len(best) != len(tried):
        raise ValueError(
            f"values: got shape {table.shape} and {len(best)} best; allowed is one of each for {[axis.size for axis in tried]}"
        )
    if not np.isfinite(table).any():
        raise ValueError(f"values: none of {table.size} is finite; there is nothing to draw")
    searched = [i for i, axis in enumerate(tried) if axis.size > 1]
    lowest = real(value, "value")
    if len(tried) == len(searched) == 2:
        return _draw_map(tried, table, best, lowest, names, label, ax)
    return _draw_curves(tried, table, best, lowest, names, label, ax, searched or [0])


def _draw_curves(
    tried: Sequence[Array],
    values: Array,
    best: Sequence[float],
    lowest: float,
    names: Sequence[str],
    label: str,
    ax: Axes | None,
    searched: Sequence[int],
) -> Axes:
    """Draw one axis as it is; of several the excess, as one axis may matter a thousand times more than another."""
    ax = flat_axes(ax, (5.0, 3.4))
    several = len(searched) > 1
    heights, bottom = _excess(values, lowest) if several else (values, lowest)
    for i in searched:
        curve = heights.min(axis=tuple(j for j in range(heights.ndim) if j != i))
        seen = np.isfinite(curve)
        where = _edge(tried[i], best[i])
        told = f"minimum at {best[i]:.3g}" + (f" ({where} the edge)" if where else "")
        mark = "." if np.count_nonzero(seen) == 1 else ""
        (line,) = ax.plot(tried[i][seen], curve[seen], marker=mark, label=f"{names[i]}, {told}" if several else None)
        ax.plot(best[i], bottom, "o", color=line.get_color(), label=None if several else told)
    what = "along each axis" if several else f"along {names[searched[0]]}"
    ax.set(xscale="log", xlabel=f"smoothing {what}", ylabel=f"{label} above its minimum" if several else label)
    if several:
        ax.set_yscale("log")
    format_axis(ax.yaxis)
    ax.legend(frameon=False)
    return ax


def _excess(values: Array, lowest: float) -> tuple[Array, float]:
    """How far values are above the lowest, within the decades that are drawn; and the bottom of these."""
    excess = np.maximum(values - lowest, 0.0)
    largest = float(excess[np.isfinite(excess)].max()) or 1.0
    bottom = largest * DECADES
    return np.clip(np.where(np.isfinite(excess), excess, largest), bottom, largest), bottom


def _draw_map(
    tried: Sequence[Array], values: Array, best: Sequence[float], lowest: float, names: Sequence[str], label: str, ax: Axes | None
) -> Axes:
    above, _ = _excess(values, lowest)
    samples = Samples.of(above, [np.log10(axis) for axis in tried], [_logarithm(name) for name in names])
    style = Style(f"{label} above its minimum", "viridis_r", log=above.min() < above.max())
    ax = drawing(samples, "auto")(samples, style, ax)
    ax.set_aspect("auto")
    ax.set_facecolor(UNTRIED)
    place = np.log10(best)
    ax.plot(*place, "o", color="C3", markersize=7, markeredgecolor="w", label="minimum", zorder=3)
    ax.set_xlim(_reach(samples.coordinates[0], place[0]))
    ax.set_ylim(_reach(samples.coordinates[1], place[1]))
    wheres = [_edge(axis, at) for axis, at in zip(tried, best, strict=True)]
    edges = [(where, [name for name, w in zip(names, wheres, strict=True) if w == where]) for where in ("at", "beyond") if where in wheres]
    told = "\nminimum " + ", ".join(f"{where} the edge along {' and '.join(along)}" for where, along in edges) if edges else ""
    ax.set_title(f"smoothing {best[0]:.3g} along {names[0]}, {best[1]:.3g} along {names[1]}{told}", fontsize="medium")
    return ax


def _reach(tried: Array, place: float) -> tuple[float, float]:
    """The ends of what was tried, or beyond them, to hold the minimum."""
    low, high = float(tried[0]), float(tried[-1])
    room = MARGIN * (max(high, place) - min(low, place))
    return (place - room if place < low else low), (place + room if place > high else high)


def _edge(tried: Array, best: float) -> str:
    """Where a minimum lies: "at" an end of what was tried, "beyond" it, or nothing if between the ends."""
    ends = tried[0], tried[-1]
    if tried.size < 2 or ends[0] * (1 + SAME) < best < ends[1] * (1 - SAME):
        return ""
    return "at" if ends[0] * (1 - SAME) <= best <= ends[1] * (1 + SAME) else "beyond"


def _logarithm(name: str) -> str:
    return rf"$\log_{{10}}$ of smoothing along {name}"
