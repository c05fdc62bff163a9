"""Samples of one scalar field on a rectilinear grid, checked, in units that matplotlib can draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import floor, log10

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tensorfem.checks import real_vector

Array = NDArray[np.float64]
DRAWABLE = 100  # values of 10**-100 to 10**100 are drawn as they are; matplotlib's limits fail below 1e-287, differences above 1e308
FLAT = 1e-12  # a relative variation below this is round-off, not a field


@dataclass(frozen=True, eq=False)
class Samples:
    """The field is `values * 10**exponent`, with `values[i, j, k]` at (x_i, y_j, z_k); `span` bounds the scale of the picture."""

    values: Array
    coordinates: tuple[Array, ...]
    names: tuple[str, ...]
    exponent: int
    span: tuple[float, float]

    @classmethod
    def of(
        cls, values: ArrayLike, coordinates: Sequence[ArrayLike], names: Sequence[str], limits: Sequence[float] | None = None
    ) -> Samples:
        """Check the arguments of `draw`; the values are copied only to convert or scale them.

        Examples
        --------
        >>> samples = Samples.of([0, 2e-300], [[0, 1]], ["x"])
        >>> samples.values, samples.exponent
        (array([0., 2.]), -300)
        """
        array = _real(values)
        if not array.ndim == len(coordinates) == len(names) or array.ndim == 0:
            raise ValueError(
                f"values: shape {array.shape} with {len(coordinates)} coordinate array(s) and {len(names)} name(s); "
                "every axis of the values, at least one, needs a coordinate array and a name"
            )
        axes = tuple(_axis(c, n, name) for c, n, name in zip(coordinates, array.shape, names, strict=True))
        span = np.array([array.min(), array.max()]) if limits is None else _limits(limits)
        exponent = _exponent(max(float(np.abs(array).max()), float(np.abs(span).max())))
        low, high = scaled(span, -exponent).tolist()
        return cls(scaled(array, -exponent), axes, tuple(names), exponent, (low, high))

    @property
    def dimension(self) -> int:
        """The number of axes."""
        return self.values.ndim

    @property
    def lengths(self) -> tuple[float, ...]:
        """The sides of the box."""
        return tuple(float(c[-1] - c[0]) for c in self.coordinates)

    @cached_property
    def limits(self) -> tuple[float, float]:
        """The ends of the scale; around a constant, limits that leave it in the middle."""
        if self.constant is None:
            return self.span
        half = abs(self.constant) / 10 or 1.0
        return self.constant - half, self.constant + half

    @cached_property
    def constant(self) -> float | None:
        """The value of a field that varies by no more than round-off, None for any other."""
        low, high = self.span
        return (low + high) / 2 if high - low <= FLAT * max(abs(low), abs(high)) else None


def between(values: Array, coordinate: Array, places: float | Array, axis: int) -> Array:
    """Interpolate along one axis, linearly between the nodes; one place removes the axis.

    Examples
    --------
    >>> between(np.array([[0.0, 1.0, 4.0]]), np.array([0.0, 1.0, 3.0]), np.array([0.5, 2.0]), 1)
    array([[0.5, 2.5]])
    """
    k = np.clip(np.searchsorted(coordinate, places), 1, coordinate.size - 1)
    t = (places - coordinate[k - 1]) / (coordinate[k] - coordinate[k - 1])
    if np.ndim(t):
        t = t.reshape([-1 if i == axis else 1 for i in range(values.ndim)])
    result: Array = (1 - t) * values.take(k - 1, axis) + t * values.take(k, axis)
    return result


def scaled(array: Array, exponent: int) -> Array:
    """Multiply by 10**exponent in two steps, since 10.0**320 overflows where a subnormal number times it does not."""
    if not exponent:
        return array
    return array * 10.0 ** (exponent // 2) * 10.0 ** (exponent - exponent // 2)


def _axis(coordinate: ArrayLike, length: int, name: str) -> Array:
    points = real_vector(coordinate, f"coordinates: axis {name}", 2)
    if points.size != length:
        raise ValueError(f"coordinates: axis {name} has {points.size} nodes, the values have {length} there; as many are needed")
    if not (np.diff(points) > 0).all():
        k = int(np.argmin(np.diff(points) > 0))
        raise ValueError(f"coordinates: axis {name} must increase, but has {points[k]} before {points[k + 1]} at node {k}")
    return points


def _real(values: ArrayLike) -> Array:
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"values: type {array.dtype}; only real numbers can be drawn, of complex ones .real, .imag or abs()")
    array = array.astype(np.float64, copy=False)
    finite = np.isfinite(array)
    if not finite.all():
        first = tuple(int(k) for k in np.argwhere(~finite)[0])
        raise ValueError(
            f"values: {array.size - np.count_nonzero(finite)} of {array.size} are NaN or infinite, the first at index {first}; "
            "all must be finite"
        )
    return array


def _limits(limits: Sequence[float]) -> Array:
    pair = real_vector(limits, "limits", 2)
    if pair.size != 2 or pair[0] > pair[1]:
        raise ValueError(f"limits: got {limits!r}; allowed are two numbers, the smallest and the largest value of the scale")
    return pair


def _exponent(size: float) -> int:
    exponent = floor(log10(size) + 0.05) if size else 0
    return exponent if abs(exponent) > DRAWABLE else 0
