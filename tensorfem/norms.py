"""Norms of the difference of a field and a function, on Gauss grids, slab by slab."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.coefficient import Datum
from tensorfem.kron import mode_product, slabs
from tensorfem.load_vector import gauss_points, open_grid
from tensorfem.space import Space

FloatArray = NDArray[np.float64]
EXTRA_POINTS = 3  # Gauss points per cell beyond the degree: the error of the norm is then far below the norm of the error


class _Squares:
    """A sum of squares that neither overflows nor underflows: kept relative to the largest value seen."""

    def __init__(self) -> None:
        self.scale, self.total = 0.0, 0.0

    def add(self, values: FloatArray, weights: Sequence[FloatArray]) -> None:
        largest = float(np.max(np.abs(values), initial=0.0))
        if largest == 0.0:
            return
        if largest > self.scale:
            self.total, self.scale = self.total * (self.scale / largest) ** 2, largest
        squares = (values / self.scale) ** 2
        for weight in reversed(weights):
            squares = squares @ weight
        self.total += float(squares)

    @property
    def root(self) -> float:
        return float(self.scale * np.sqrt(self.total))


def gauss_slabs(
    space: Space, coefficients: FloatArray, derivatives: Sequence[int], points: int | None
) -> Iterator[tuple[tuple[FloatArray, ...], list[FloatArray], FloatArray]]:
    """A field, or a derivative of it, on the Gauss grid: slabs of (open coordinates, weights per axis, values).

    Parameters
    ----------
    space : Space
    coefficients : array of ``space.shape``
    derivatives : sequence of int
        The order of derivative along each axis.
    points : int, optional
        Gauss points per cell and axis; ``degree + 3`` by default.
    """
    rules = [basis.mesh.quadrature(gauss_points(points, basis.degree + EXTRA_POINTS)) for basis in space.bases]
    tables = [basis.tabulate(rule, k) for basis, rule, k in zip(space.bases, rules, derivatives, strict=True)]
    for slab in slabs(rules[0].points.size, int(np.prod([rule.points.size for rule in rules[1:]]))):
        values = mode_product(tables[0][slab], coefficients, 0)
        for axis, table in enumerate(tables[1:], start=1):
            values = mode_product(table, values, axis)
        coordinates = open_grid([rules[0].points[slab], *(rule.points for rule in rules[1:])])
        yield coordinates, [rules[0].weights[slab], *(rule.weights for rule in rules[1:])], values


def l2_difference(
    space: Space, coefficients: FloatArray, exact: Datum, *, derivatives: Sequence[int] | None = None, points: int | None = None
) -> float:
    """The L2 norm of a field (or a derivative of it) less a function."""
    squares = _Squares()
    for coordinates, weights, values in gauss_slabs(space, coefficients, derivatives or [0] * space.dimension, points):
        squares.add(values - exact(*coordinates), weights)
    return squares.root


def largest_difference(space: Space, coefficients: FloatArray, exact: Datum, *, points: int | None = None) -> float:
    """The largest absolute difference of a field and a function over the Gauss points and the nodes."""
    at_nodes = np.max(np.abs(space.nodal_values(coefficients) - exact(*space.coordinates)))
    inside = (np.max(np.abs(values - exact(*xs))) for xs, _, values in gauss_slabs(space, coefficients, [0] * space.dimension, points))
    return float(max(at_nodes, *inside))


def gradient_data(space: Space, exact_gradient: Any) -> tuple[Datum, ...]:
    """One datum per component of a gradient: from a sequence of data, or one function that returns a sequence.

    Raises
    ------
    ValueError
        If it has another number of components than the space has axes.
    """
    where, count = "exact_gradient", space.dimension
    if callable(exact_gradient):
        return tuple(space.datum(_component(exact_gradient, axis, count), f"{where}, component {axis}") for axis in range(count))
    if not isinstance(exact_gradient, tuple | list) or len(exact_gradient) != count:
        raise ValueError(f"{where}: got {exact_gradient!r}; allowed are {count} functions, or one that returns {count} arrays")
    return tuple(space.datum(part, f"{where}, component {axis}") for axis, part in enumerate(exact_gradient))


def _component(gradient: Any, axis: int, count: int) -> Any:
    def component(*coordinates: FloatArray) -> Any:
        parts = gradient(*coordinates)
        if len(parts) != count:
            raise ValueError(f"a gradient has {count} components here; got {len(parts)}")
        return parts[axis]

    return component
