"""The picture of a spectrum: eigenvalues in order, or how many lie below each, against Weyl's law."""

from __future__ import annotations

from math import floor, gamma, log10, pi
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tensorfem.checks import integer, real, real_vector
from tensorfem.plotting.canvas import flat_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
FEW = 150  # eigenvalues that are drawn as dots
ZERO = 1e-12  # as a part of the largest eigenvalue: what is smaller is round-off of zero
POINTS = 2000  # of a curve: more cannot be told apart


def plot_spectrum(
    eigenvalues: ArrayLike,
    *,
    volume: float | None = None,
    dimension: int | None = None,
    ax: Axes | None = None,
    count: bool = False,
    label: str = "eigenvalues",
) -> Axes:
    """Draw eigenvalues in increasing order against their number, both logarithmic, and Weyl's law beside them.

    Discrete eigenvalues follow the law where modes are resolved, and leave it where they are not.

    Parameters
    ----------
    eigenvalues
        Real numbers in an array of any shape and order, such as ``problem.operator.spectrum().eigenvalues()``. If one is not positive,
        the axis of the eigenvalues is linear about zero.
    volume
        That of the domain, for Weyl's law of -div(a grad u): the length, area or volume divided by the root of the product of the
        coefficients a_1, ..., a_d. By default the law is not drawn.
    dimension
        d, needed with the volume; by default the number of axes of the array.
    ax
        The axes to draw on; a new figure by default.
    count
        Whether to draw the counting function: for each value, how many eigenvalues are not above it.
    label
        The name in the legend.

    Returns
    -------
    matplotlib.axes.Axes
        The axes drawn on: `ax` itself if one was given.

    Raises
    ------
    ValueError
        If eigenvalues are not real and finite, or `volume`, `dimension` or `ax` do not fit.

    References
    ----------
    Weyl, "Das asymptotische Verteilungsgesetz der Eigenwerte linearer partieller Differentialgleichungen", Math. Ann. 71 (1912).

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = plot_spectrum([40.0, 10.0, 90.0], volume=1.0, ax=Figure().add_subplot())
    >>> ax.lines[0].get_ydata().tolist(), weyl_count(np.array([np.pi**2, 4 * np.pi**2]), 1.0, 1).round(12).tolist()
    ([10.0, 40.0, 90.0], [1.0, 2.0])
    """
    array = np.asarray(eigenvalues)
    values = np.sort(real_vector(array.ravel(), "eigenvalues", 1))
    values[np.abs(values) <= ZERO * np.abs(values).max()] = 0.0
    d = integer(array.ndim if dimension is None else dimension, "dimension", 1)
    if volume is not None and real(volume, "volume") <= 0:
        raise ValueError(f"volume: got {volume!r}; allowed is a positive number")
    ax = flat_axes(ax, (5.0, 3.6))
    numbers = np.arange(1, values.size + 1)
    shown = _shown(values.size)
    if count:
        ax.step(values[shown], numbers[shown], where="post", label=label)
    else:
        ax.plot(numbers[shown], values[shown], "." if values.size <= FEW else "-", label=label)
    if volume is not None and values[-1] > 0:
        _draw_law(ax, values[values > 0], volume, d, count=count)
    _dress(ax, values, count=count)
    return ax


def weyl_count(values: Array, volume: float, dimension: int) -> Array:
    """Give Weyl's number of eigenvalues below each value: ``omega_d volume (value / (4 pi^2))^(d / 2)``, omega_d the unit ball's volume."""
    ball = pi ** (dimension / 2) / gamma(dimension / 2 + 1)
    result: Array = ball * volume * (values / (4 * pi**2)) ** (dimension / 2)
    return result


def _shown(size: int) -> NDArray[np.intp]:
    """Give the indices drawn of a sorted array: all of the first, then evenly on a logarithmic axis."""
    return np.unique(np.geomspace(1, size, POINTS).round().astype(np.intp) - 1) if size > POINTS else np.arange(size)


def _draw_law(ax: Axes, positive: Array, volume: float, dimension: int, *, count: bool) -> None:
    values = np.geomspace(positive[0], positive[-1], 200)
    numbers = weyl_count(values, volume, dimension)
    ax.plot(*((values, numbers) if count else (numbers, values)), linestyle="--", color="0.4", linewidth=1, label="Weyl's law")
    ax.legend(frameon=False)


def _dress(ax: Axes, values: Array, *, count: bool) -> None:
    name, number = (ax.set_xscale, ax.set_yscale) if count else (ax.set_yscale, ax.set_xscale)
    if values[0] > 0:
        name("log")
    else:
        sizes = np.abs(values[values != 0])
        name("symlog", linthresh=10.0 ** floor(log10(sizes.min())) if sizes.size else 1.0)
    number("log")
    labels = ("eigenvalue", "number of eigenvalues up to it") if count else ("number", "eigenvalue")
    ax.set(xlabel=labels[0], ylabel=labels[1])
    ax.grid(which="major", linewidth=0.5, alpha=0.5)
