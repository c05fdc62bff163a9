"""What of a coefficient is a product of functions of one coordinate each, and how rough the rest is: from samples of it."""

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tensorfem.kron import Array

FEW = 24  # entries of each other axis that stand for it in means along one
GROUPS, ROWS = 24, 3  # of rows of axis 0 in which neighbours are compared
SMALL, HALVED = 0.2, 0.7  # jumps of the logarithm that do no harm, and the ratio of jumps over one cell to those over two that is smooth
EVEN = 1e-12  # relative to 1: parts that vary less are numbers


@dataclass(frozen=True, eq=False)
class Separation:
    """A positive coefficient as ``p_0(x) p_1(y) ... r``, with p the geometric means over the other axes, or numbers.

    Attributes
    ----------
    parts : tuple of (n_i,) arrays
        p, on the grid of the samples.
    spread : float
        Largest over smallest r, among the samples looked at.
    smooth : bool
        Whether r has no jumps between neighbours: over a distance of two cells it changes notably more than over one.
    """

    parts: tuple[Array, ...]
    spread: float
    smooth: bool

    @classmethod
    def of(cls, coefficient: Array, *, constant: bool) -> "Separation":
        """The separation of samples; with `constant`, p is one number."""
        mean = float(np.mean(np.log(_thinned(coefficient, None))))
        logs = [np.zeros(n) if constant else _own_mean(coefficient, axis) - mean for axis, n in enumerate(coefficient.shape)]
        logs = [log if np.ptp(log) > EVEN else np.zeros_like(log) for log in logs]
        logs[0] = logs[0] + mean
        jumps, spread = _jumps(coefficient, logs)
        smooth = all(one <= SMALL or one <= HALVED * two for one, two in jumps)
        return cls(tuple(np.exp(log) for log in logs), spread, smooth)

    @functools.cached_property
    def is_constant(self) -> bool:
        """Whether p is one number."""
        return all(np.ptp(part) == 0 for part in self.parts)


def scalar(diffusion: Array, dimension: int) -> Array:
    """The geometric mean of the diagonal of the tensor of diffusion: (\\*grid)."""
    if len(diffusion) == 1:
        return np.asarray(diffusion[0])
    logs = sum(np.log(diffusion[place]) for place in diagonal_places(len(diffusion), dimension))
    return np.asarray(np.exp(logs / dimension))


def diagonal_places(number: int, dimension: int) -> list[int]:
    """Where a_xx, a_yy, ... are among so many entries of a tensor.

    Examples
    --------
    >>> diagonal_places(6, 3), diagonal_places(3, 3), diagonal_places(1, 3)
    ([0, 3, 5], [0, 1, 2], [0, 0, 0])
    """
    if number == 1:
        return [0] * dimension
    return list(range(dimension)) if number == dimension else [i * dimension - i * (i - 1) // 2 for i in range(dimension)]


def anisotropy(diffusion: Array, dimension: int) -> list[float]:
    """The geometric mean of each diagonal entry, over that of all of them."""
    means = [float(np.mean(np.log(_thinned(diffusion[place], None)))) for place in diagonal_places(len(diffusion), dimension)]
    return [math.exp(mean - sum(means) / dimension) for mean in means]


def _own_mean(coefficient: Array, axis: int) -> Array:
    others = tuple(k for k in range(coefficient.ndim) if k != axis)
    return np.asarray(np.mean(np.log(_thinned(coefficient, axis)), axis=others))


def _thinned(coefficient: Array, whole: int | None) -> Array:
    """Evenly spaced entries of all axes but one."""
    steps = [slice(None) if k == whole else slice(n // FEW // 2, None, max(1, n // FEW)) for k, n in enumerate(coefficient.shape)]
    return coefficient[tuple(steps)]


def _jumps(coefficient: Array, logs: list[Array]) -> tuple[list[tuple[float, float]], float]:
    """The largest differences of log r over one cell and over two, along each axis, and the ratio of the largest r to the smallest."""
    pieces = list(_rest(coefficient, logs))
    differences = [
        tuple(max(_largest_difference(piece, axis, step) for piece in pieces) for step in (1, 2)) for axis in range(coefficient.ndim)
    ]
    low, high = min(float(piece.min()) for piece in pieces), max(float(piece.max()) for piece in pieces)
    return [(one, two) for one, two in differences], math.exp(min(high - low, 700.0))


def _rest(coefficient: Array, logs: list[Array]) -> Iterator[Array]:
    """log r, in groups of rows."""
    others: Any = functools.reduce(np.add.outer, logs[1:]) if len(logs) > 1 else 0.0
    for start in np.unique(np.linspace(0, max(0, len(coefficient) - ROWS), GROUPS).astype(int)):
        rows = slice(start, start + ROWS)
        yield np.log(coefficient[rows]) - logs[0][rows].reshape([-1] + [1] * (len(logs) - 1)) - others


def _largest_difference(piece: Array, axis: int, step: int) -> float:
    length = piece.shape[axis]
    step = min(step, length - 1)
    later, earlier = (piece[(slice(None),) * axis + (part,)] for part in (slice(step, None), slice(0, length - step)))
    return float(np.max(np.abs(later - earlier))) if step else 0.0
