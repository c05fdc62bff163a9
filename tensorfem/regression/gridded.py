"""Values on the tensor grid of some axes, as a user gives them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.checks import real_vector

FloatArray = NDArray[np.float64]


def grid_axes(axes: Any, shortest: int = 2) -> tuple[FloatArray, ...]:
    """The points of each axis: increasing, finite, at least so many.

    Raises
    ------
    ValueError
        If they are nothing of this; the axis and the place are named.
    """
    if not isinstance(axes, tuple | list) or not axes:
        raise ValueError(f"axes: got {axes!r}; allowed is a tuple with one array of points per axis, (x,) or (x, y) or more")
    points = tuple(real_vector(axis, f"axes[{i}]", shortest) for i, axis in enumerate(axes))
    for i, x in enumerate(points):
        wrong = np.flatnonzero(np.diff(x) <= 0)
        if wrong.size:
            k = int(wrong[0])
            raise ValueError(f"axes[{i}]: point {k + 1} ({x[k + 1]:g}) does not lie right of point {k} ({x[k]:g}); sort points and values")
    return points


def grid_values(values: Any, axes: Sequence[FloatArray]) -> FloatArray:
    """Real values, one for each point of the grid; NaN may be among them. No copy where none is needed: they are not to be written to.

    Raises
    ------
    ValueError
        If the shape is not that of the grid (both are named), or they are not real, or infinite.
    """
    array, shape = np.asarray(values), tuple(x.size for x in axes)
    if array.shape != shape:
        raise ValueError(f"values: got an array of shape {array.shape}, but the axes have {shape} points; both must be the same")
    if array.dtype.kind not in "iuf":
        raise ValueError(f"values: got {array.dtype} data of shape {shape}; allowed are real numbers")
    if not np.isfinite(array).all() and np.isinf(array).any():
        place = tuple(int(i) for i in np.argwhere(np.isinf(array))[0])
        raise ValueError(f"values: the value at index {place} is {array[place]}; allowed are finite numbers")
    return array.astype(np.float64, copy=False)
