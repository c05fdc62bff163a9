"""The axes to draw on: the caller's, checked, or those of a new figure that fits the box."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARGIN = (1.5, 0.8)  # inches beside and above the axes for labels and the colour bar
HIGH = 0.95  # is the place of a title above a box, as a part of the axes


def flat_axes(ax: Axes | None, size: tuple[float, float]) -> Axes:
    """Give two-dimensional axes: `ax`, or new ones of about `size` inches."""
    if ax is None:
        return cast("Axes", new_axes(1, size, flat=True)[0])
    if _projection(ax) != "rectilinear":
        raise ValueError(f"ax: {_projection(ax)} axes; a flat picture needs flat ones: `fig, ax = plt.subplots()`")
    return ax


def box_axes(ax: Axes | None, size: tuple[float, float]) -> Any:
    """Give three-dimensional axes: `ax`, or new ones of about `size` inches, without perspective."""
    if ax is None:
        return new_axes(1, size, flat=False)[0]
    if _projection(ax) != "3d":
        raise ValueError(
            f'ax: {_projection(ax)} axes; a picture with depth needs three-dimensional ones: plt.figure().add_subplot(projection="3d")'
        )
    return ax


def set_title(ax: Axes, title: str) -> None:
    """Write a title above a picture; a box does not fill its axes."""
    ax.set_title(title, y=HIGH if ax.name == "3d" else None)


def fit(width: float, height: float, limits: tuple[float, float] = (5.0, 4.0)) -> tuple[float, float]:
    """Scale a rectangle into the limits, keeping its shape.

    Examples
    --------
    >>> fit(1, 2), fit(100, 1)
    ((2.0, 4.0), (5.0, 0.05))
    """
    scale = min(limits[0] / width, limits[1] / height)
    return width * scale, height * scale


def new_axes(count: int, size: tuple[float, float], *, flat: bool) -> list[Any]:
    """Give axes of about `size` inches side by side in a new figure; those that are not flat are three-dimensional."""
    from matplotlib import pyplot as plt

    figure = plt.figure(figsize=(max(count * size[0] + MARGIN[0], 2.5), max(size[1] + MARGIN[1], 1.8)), layout="compressed")
    projection = {} if flat else {"projection": "3d", "proj_type": "ortho"}
    return [figure.add_subplot(1, count, k + 1, **projection) for k in range(count)]


def _projection(ax: object) -> str:
    from matplotlib.axes import Axes

    if not isinstance(ax, Axes):
        raise ValueError(f"ax: {type(ax).__name__}; one matplotlib axes is needed, e.g. axes[0] of `fig, axes = plt.subplots(2)`")
    return ax.name
