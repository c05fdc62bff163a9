"""Arrows of a vector field over a flat picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tensorfem.checks import real_vector
from tensorfem.plotting.canvas import flat_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
LONG = 18  # arrows along the longest side
SHORT = 5  # at least, along the other one
WIDTH = 0.013  # inches
FILL = 0.9  # of the distance between arrows, the longest takes this part


def arrow_places(bounds: Sequence[tuple[float, float]]) -> tuple[Array, ...]:
    """Give the middles of equal rectangles, as square as they can be, that divide the box between the bounds.

    Examples
    --------
    >>> [places.size for places in arrow_places([(0.0, 9.0), (0.0, 4.5)])]
    [18, 9]
    """
    lengths = [high - low for low, high in bounds]
    numbers = [max(round(LONG * length / max(lengths)), SHORT) for length in lengths]
    parts = (np.linspace(low, high, 2 * n + 1, dtype=np.float64)[1::2] for (low, high), n in zip(bounds, numbers, strict=True))
    return tuple(parts)


def draw_arrows(components: ArrayLike, coordinates: Sequence[ArrayLike], *, ax: Axes, color: str = "k") -> Axes:
    """Draw the arrows of a vector field on a grid, centred on its points, as long as the vectors are in proportion.

    Parameters
    ----------
    components
        The components along the two axes, of shape (2, n1, n2).
    coordinates
        Two increasing arrays of lengths n1 and n2. The longest arrow fits between neighbours.
    ax
        The flat axes to draw on.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If the shapes do not fit, or a component is not finite.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = draw_arrows(np.ones((2, 3, 2)), ([0.0, 1.0, 2.0], [0.0, 1.0]), ax=Figure().add_subplot())
    >>> len(ax.collections)
    1
    """
    x, y = (real_vector(c, "coordinates", 2) for c in coordinates)
    vectors = np.asarray(components, dtype=float)
    if vectors.shape != (2, x.size, y.size) or not np.isfinite(vectors).all():
        raise ValueError(f"components: shape {vectors.shape}; allowed are finite numbers of shape {(2, x.size, y.size)}")
    flat_axes(ax, (0, 0))
    steps = [float(np.diff(c).min()) for c in (x, y)]
    largest = float(np.abs(vectors).max()) or 1.0
    vectors = vectors / largest  # neither the squares of large vectors nor the ratios of small ones overflow
    longest = max(float(np.abs(component).max()) / step for component, step in zip(vectors, steps, strict=True)) or 1.0
    where: Any = np.meshgrid(x, y, indexing="ij")
    how: Any = {
        "angles": "xy",
        "scale_units": "xy",
        "scale": longest / FILL,
        "pivot": "mid",
        "units": "inches",
        "width": WIDTH,
        "minlength": 0,
    }
    ax.quiver(*where, *vectors, color=color, **how)
    return ax
