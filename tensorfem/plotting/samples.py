"""Samples of one scalar field on a rectilinear grid, checked, in units that matplotlib can draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import floor, log10

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tensorfem.checks import real_vector

DRAWABLE = 100  # values of 10**-100 to 10**100 are drawn as they are; matplotlib's limits fail below 1e-287, differences above 1e308
FLAT = 1e-12  # a relative variation below this is round-off, not a field


@dataclass(frozen=True, eq=False)
class Samples:
    """The field is `values * 10**exponent`, with `values[i, j, k]` at (x_i, y_j, z_k)."""

    values: NDArray[np.float64]
    coordinates: tuple[NDArray[np.float64], ...]
    names: tuple[str, ...]
    exponent: int

    @classmethod
    def of(cls, values: ArrayLike, coordinates: Sequence[ArrayLike], names: Sequence[str]) -> Samples:
        """Check the arguments of `draw`; nothing is copied unless it must be converted or scaled.

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
        exponent = _exponent(array)
        return cls(scaled(array, -exponent), axes, tuple(names), exponent)

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
        """The smallest and the largest value; around a constant, limits that leave it in the middle."""
        low, high = float(self.values.min()), float(self.values.max())
        if self.constant is None:
            return low, high
        half = abs(self.constant) / 10 or 1.0
        return self.constant - half, self.constant + half

    @cached_property
    def constant(self) -> float | None:
        """The value of a field that varies by no more than round-off, None for any other."""
        low, high = float(self.values.min()), float(self.values.max())
        return (low + high) / 2 if high - low <= FLAT * max(abs(low), abs(high)) else None


def _axis(coordinate: ArrayLike, length: int, name: str) -> NDArray[np.float64]:
    points = real_vector(coordinate, f"coordinates: axis {name}", 2)
    if points.size != length:
        raise ValueError(f"coordinates: axis {name} has {points.size} nodes, the values have {length} there; as many are needed")
    if not (np.diff(points) > 0).all():
        k = int(np.argmin(np.diff(points) > 0))
        raise ValueError(f"coordinates: axis {name} must increase, but has {points[k]} before {points[k + 1]} at node {k}")
    return points


def _real(values: ArrayLike) -> NDArray[np.float64]:
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


def _exponent(array: NDArray[np.float64]) -> int:
    size = float(np.abs(array).max())
    exponent = floor(log10(size) + 0.05) if size else 0
    return exponent if abs(exponent) > DRAWABLE else 0


def scaled(array: NDArray[np.float64], exponent: int) -> NDArray[np.float64]:
    """Multiply by 10**exponent in two steps, since 10.0**320 overflows where a subnormal number times it does not."""
    if not exponent:
        return array
    return array * 10.0 ** (exponent // 2) * 10.0 ** (exponent - exponent // 2)
