"""The axes to draw on: the caller's, checked, or those of a new figure that fits the box."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARGIN = (1.5, 0.8)  # inches beside and above the axes for labels and the colour bar


def flat_axes(ax: Axes | None, size: tuple[float, float]) -> Axes:
    """Give two-dimensional axes: `ax`, or new ones of about `size` inches."""
    if ax is None:
        return _new(size)
    if _projection(ax) != "rectilinear":
        raise ValueError(f"ax: {_projection(ax)} axes; a field in 1 or 2 dimensions needs flat ones: `fig, ax = plt.subplots()`")
    return ax


def box_axes(ax: Axes | None, size: tuple[float, float]) -> Any:
    """Give three-dimensional axes: `ax`, or new ones of about `size` inches, without perspective."""
    if ax is None:
        return _new(size, projection="3d", proj_type="ortho")
    if _projection(ax) != "3d":
        raise ValueError(
            f"ax: {_projection(ax)} axes; a field in 3 dimensions needs three-dimensional ones: "
            'ax = plt.figure().add_subplot(projection="3d")'
        )
    return ax


def fit(width: float, height: float, limits: tuple[float, float] = (5.0, 4.0)) -> tuple[float, float]:
    """Scale a rectangle into the limits, keeping its shape.

    Examples
    --------
    >>> fit(1, 2), fit(100, 1)
    ((2.0, 4.0), (5.0, 0.05))
    """
    scale = min(limits[0] / width, limits[1] / height)
    return width * scale, height * scale


def _new(size: tuple[float, float], **projection: str) -> Axes:
    from matplotlib import pyplot as plt

    figsize = (max(size[0] + MARGIN[0], 2.5), max(size[1] + MARGIN[1], 1.8))
    ax: Axes = plt.figure(figsize=figsize, layout="compressed").add_subplot(**projection)
    return ax


def _projection(ax: object) -> str:
    from matplotlib.axes import Axes

    if not isinstance(ax, Axes):
        raise ValueError(f"ax: {type(ax).__name__}; one matplotlib axes is needed, e.g. axes[0] of `fig, axes = plt.subplots(2)`")
    return ax.name
