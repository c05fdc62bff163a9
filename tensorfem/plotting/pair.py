"""Two fields side by side on one scale, and the difference of a field to the exact one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from tensorfem.plotting.bar import reserve
from tensorfem.plotting.canvas import fit, new_axes, set_title
from tensorfem.plotting.drawing import drawing
from tensorfem.plotting.rectangle import to_scale
from tensorfem.plotting.samples import Samples
from tensorfem.plotting.style import Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

LEAST = 1e-4  # on a logarithmic scale, as a part of the largest error: an error that changes its sign has zeros
BELOW = LEAST / 10  # is beyond the scale, and has a logarithm


def compare(
    first: ArrayLike,
    second: ArrayLike,
    coordinates: Sequence[ArrayLike],
    names: Sequence[str],
    *,
    axes: Sequence[Axes] | None = None,
    titles: Sequence[str] = ("u", "v"),
    kind: str = "auto",
    at: Sequence[float | Sequence[float]] | None = None,
    mesh: Sequence[ArrayLike] | None = None,
    cmap: str | Colormap = "viridis",
    levels: int | Sequence[float] | None = None,
    limits: Sequence[float] | None = None,
    colorbar: bool = True,
) -> tuple[Axes, Axes]:
    """Draw two fields on the same grid side by side, with one scale and one colour bar for both.

    Parameters
    ----------
    first, second
        Samples of shape (n1, ..., nd), d <= 3.
    axes
        Two axes to draw on; by default those of a new figure.
    titles
        What is written above the pictures.
    coordinates, names, kind, at, mesh, cmap, levels, limits, colorbar
        As of `draw`. The limits are by default those of both fields together.

    Returns
    -------
    tuple of two matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the shapes, or the number of axes or titles, do not fit; and as of `draw`.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> x = [0.0, 0.5, 1.0]
    >>> left, right = compare([0, 1, 4], [0, 2, 3], [x], ["x"], axes=Figure().subplots(1, 2))
    >>> left.get_ylim() == right.get_ylim()
    True
    """
    if len(titles) != 2 or (axes is not None and len(axes) != 2):
        raise ValueError(f"titles and axes: two of each are needed, got {titles!r} and {axes!r}")
    both = [Samples.of(values, coordinates, names, limits) for values in (first, second)]
    if limits is None:
        spread = [end for values in (first, second) for end in (np.min(values), np.max(values))]
        both = [Samples.of(values, coordinates, names, (min(spread), max(spread))) for values in (first, second)]
    picture = drawing(both[0], kind, at)
    styles = [Style("", cmap, levels, bar, at, mesh) for bar in (False, colorbar)]
    flat = both[0].dimension < 3 and kind != "surface"
    left, right = new_axes(2, _size(both[0], flat=flat), flat=flat) if axes is None else axes
    for ax, samples, style, title in zip((left, right), both, styles, titles, strict=True):
        set_title(picture(samples, style, ax), title)
    reserve(right, left)
    return left, right


def draw_error(
    error: ArrayLike,
    coordinates: Sequence[ArrayLike],
    names: Sequence[str],
    *,
    ax: Axes | None = None,
    log: bool = False,
    at: Sequence[float | Sequence[float]] | None = None,
    mesh: Sequence[ArrayLike] | None = None,
    label: str | None = None,
    cmap: str | Colormap | None = None,
    levels: int | Sequence[float] | None = None,
    colorbar: bool = True,
) -> Axes:
    """Draw an error in colours that are symmetric about zero, or the logarithm of its size.

    Parameters
    ----------
    error
        Samples of the field minus the exact one, of shape (n1, ..., nd), d <= 3.
    log
        Whether to draw the absolute value on a logarithmic scale of four decades below the largest. An error of zero everywhere has no
        logarithm, and is drawn as a constant.
    label, cmap
        By default "error" in "RdBu_r", red where the field is too large, or "|error|" in "magma".
    coordinates, names, ax, at, mesh, levels, colorbar
        As of `draw`.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        As of `draw`.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> draw_error([-1e-3, 0, 2e-3], [[0.0, 0.5, 1.0]], ["x"], ax=Figure().add_subplot()).get_ylabel()
    'error'
    """
    samples = Samples.of(error, coordinates, names)
    largest = float(np.abs(samples.values).max())
    if log and largest:
        values = np.maximum(np.abs(samples.values), largest * BELOW)
        samples = replace(samples, values=values, span=(largest * LEAST, largest))
    else:
        samples = replace(samples, span=(-largest, largest))
    label = label or ("|error|" if log else "error")
    style = Style(label, cmap or ("magma" if log else "RdBu_r"), levels, colorbar, at, mesh, log=log and largest > 0)
    return drawing(samples, "auto", at)(samples, style, ax)


def _size(samples: Samples, *, flat: bool) -> tuple[float, float]:
    """Give about the inches of each picture."""
    if not flat:
        return 4.2, 3.8
    if samples.dimension == 2 and to_scale(samples):
        width, height = samples.lengths
        return fit(width, height, (3.6, 3.6))
    return 3.8, 3.0
