"""The eigenvalues of a Kronecker sum: the sums of those of the axes, all of them or the smallest by a heap."""

import heapq
import math
from collections.abc import Sequence

import numpy as np

from tensorfem.kron.mode_product import Array


def all_sums(values: Sequence[Array], shift: float = 0.0) -> Array:
    """Every sum of one value per axis, and the shift, as a field over the indices of the values.

    Examples
    --------
    >>> all_sums([np.array([1.0, 2.0]), np.array([10.0, 20.0, 30.0])])
    array([[11., 21., 31.],
           [12., 22., 32.]])
    """
    total = np.asarray(shift)
    for axis_values in values:
        total = np.add.outer(total, axis_values)
    return total


def smallest_sums(values: Sequence[Array], count: int, shift: float = 0.0) -> tuple[Array, Array]:
    """The smallest sums of one value per axis, each as often as it occurs, without forming all.

    A heap holds the indices next to those that have been taken. From one of them the next are found by steps along its last nonzero axis
    and the axes after it, so that every index is reached in one way only: O(count d log(count d)) operations.

    Parameters
    ----------
    values : sequence of (n_i,) arrays
        Each by increasing real part, by which complex sums are ordered too.
    count : int
    shift : float

    Returns
    -------
    sums : (count,) array
        By increasing real part.
    indices : (count, d) array of int
        Into the values.

    Raises
    ------
    ValueError
        If there are fewer sums than `count`, or `count` is not positive.

    Examples
    --------
    >>> sums, indices = smallest_sums([np.array([1.0, 2.0]), np.array([1.0, 2.0, 7.0])], 3)
    >>> sums, indices.tolist()
    (array([2., 3., 3.]), [[0, 0], [0, 1], [1, 0]])
    """
    allowed = math.prod(len(axis_values) for axis_values in values)
    if not 1 <= count <= allowed:
        raise ValueError(f"k: got {count}; allowed are 1 to {allowed}, the number of eigenvalues")
    taken = _take([axis_values.real.tolist() for axis_values in values], count, shift)
    indices = np.array(taken, dtype=np.intp)
    sums = sum((axis_values[index] for axis_values, index in zip(values, indices.T, strict=True)), np.full(count, shift))
    return sums, indices


def _take(values: Sequence[list[float]], count: int, shift: float) -> list[tuple[int, ...]]:
    axes = range(len(values))
    heap = [_entry(values, (0,) * len(values), shift)]
    taken: list[tuple[int, ...]] = []
    while len(taken) < count:
        _, place = heapq.heappop(heap)
        taken.append(place)
        last = max((axis for axis in axes if place[axis]), default=0)
        for axis in axes[last:]:
            if place[axis] + 1 < len(values[axis]):
                heapq.heappush(heap, _entry(values, (*place[:axis], place[axis] + 1, *place[axis + 1 :]), shift))
    return taken


def _entry(values: Sequence[list[float]], place: tuple[int, ...], shift: float) -> tuple[float, tuple[int, ...]]:
    """A sum and its place. One addition after the other rounds monotonically, and as `all_sums` does: no step makes a sum smaller."""
    total = shift
    for axis_values, index in zip(values, place, strict=True):
        total += axis_values[index]
    return total, place
