"""Which fit the data call for, and the bases that they call for."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from tensorfem.regression.axis_basis import AxisBasis, axis_basis
from tensorfem.regression.fit import Fit, grid_fit
from tensorfem.regression.modes import axis_modes
from tensorfem.regression.observations import Observations

FloatArray = NDArray[np.float64]
Value = TypeVar("Value")
DATA_PER_CELL, MOST_CELLS = 4, 40  # the default basis: a cell for every four points along an axis, and no more than are of use


def axis_bases(given: Any, data: Observations) -> tuple[AxisBasis, ...]:
    """One basis per axis, from what the user gave.

    Raises
    ------
    ValueError
        If their number is not that of the axes, or one is no basis.
    """
    count = len(data.axes)
    if given is None:
        distinct = [np.unique(x).size for x in data.axes]
        given = [min(MOST_CELLS, max(1, n // DATA_PER_CELL)) for n in distinct]
    if not isinstance(given, tuple | list):
        given = [given] * count
    if len(given) != count:
        raise ValueError(f"bases: got {len(given)}; the data have {count} axes")
    return tuple(axis_basis(basis, x, f"bases[{i}]") for i, (basis, x) in enumerate(zip(given, data.axes, strict=True)))


def spread(given: Any, name: str, count: int, checked: Callable[[Any, str], Value]) -> tuple[Value, ...]:
    """One checked value per axis, from one for all or a sequence.

    Raises
    ------
    ValueError
        If the number of values is not that of the axes, or one is not allowed.

    Examples
    --------
    >>> spread(2, "penalty", 3, lambda value, name: value)
    (2, 2, 2)
    """
    values = list(given) if np.ndim(given) else [given] * count
    if len(values) != count:
        raise ValueError(f"{name}: got {len(values)} values; the data have {count} axes")
    return tuple(checked(value, name if np.ndim(given) == 0 else f"{name}[{i}]") for i, value in enumerate(values))


def fitted(data: Observations, bases: Sequence[AxisBasis], orders: Sequence[int], smoothing: str | tuple[float, ...]) -> Fit:
    """Fit by the cheapest way that is exact."""
    modes = [
        axis_modes(basis.matrix(x), _root(basis, order, None if isinstance(smoothing, str) else smoothing[i]))
        for i, (basis, x, order) in enumerate(zip(bases, data.axes, orders, strict=True))
    ]
    return grid_fit(modes, data.values, smoothing)


def _root(basis: AxisBasis, order: int, smoothing: float | None) -> Any:
    """The roughness; along an axis that is not smoothed the size of the coefficients, so that what is unseen has minimum norm."""
    return np.eye(basis.size) if smoothing == 0 else basis.root(order)
