"""What the kernel of any degree does with a batch of cells, step by step."""

import functools
import math
from dataclasses import dataclass

import numpy as np

from tensorfem.kron import Array

Step = tuple[int, ...]


@dataclass(frozen=True)
class ContractionProgram:
    """The steps from functions to values at the points, to sources there, and back to functions.

    Numbers of a batch lie in four rooms, one behind the other: functions, then sources; values, then functions again; slopes along each
    axis, for a full tensor only; coefficients times weights. Steps of interpolation go from the first room to the second, and back.

    Parameters
    ----------
    functions, points : tuples of three int
        Of a cell, along each axis.
    components : int
        Of the coefficient of diffusion.
    places : tuple of 3 or 6 int
        Which components are xx, yy, zz, and xy, xz, yz of a full tensor.
    with_reaction : bool
    symmetric : tuple of three bool
        Whether the tables of values are folded.
    lanes : int

    Examples
    --------
    >>> shape, coefficient = ((1, 1, 3), (1, 1, 4)), (1, (0, 0, 0), False)
    >>> program = ContractionProgram(*shape, *coefficient, symmetric=(True, True, True), lanes=8)
    >>> program.steps[0].tolist()  # from 3 functions at 0 to 4 values at 32, along axis 2
    [0, 3, 4, 1, 1, 2, 0, 0, 32, 0, 0, 1, 1, 0]
    """

    functions: tuple[int, int, int]
    points: tuple[int, int, int]
    components: int
    places: tuple[int, ...]
    with_reaction: bool
    symmetric: tuple[bool, ...]
    lanes: int

    @functools.cached_property
    def rooms(self) -> Array:
        """Where the four rooms begin, and how long they are together."""
        (a, b, c), (p, q, r) = self.functions, self.points
        first, second = max(a * b * c, a * q * r, p * q * r), max(a * b * r, p * q * r)
        return self.lanes * np.cumsum([0, first, second, 3 * p * q * r * self._coupled, p * q * r * (self.components + 1)])

    @functools.cached_property
    def steps(self) -> Array:
        """See `add_factorized`: (9 or 12, 14)."""
        between = self._slopes if self._coupled else self._fluxes
        return np.array([*self._interpolation((2, 1, 0), 0), *between, *self._interpolation((0, 1, 2), 1)])

    @functools.cached_property
    def contractions(self) -> tuple[Step, ...]:
        """Which machine code each step takes; see `tensorfem.cells.kernels.addresses`."""
        return tuple(map(tuple, self.steps[:, :5].tolist()))

    @property
    def _coupled(self) -> bool:
        return len(self.places) == 6

    def _interpolation(self, axes: tuple[int, ...], transposed: int) -> list[Step]:
        (a, b, _), (_, q, r) = self.functions, self.points
        shapes = (1, q * r), (a, r), (a * b, 1)
        ends = [(0, self.rooms[1]), (self.rooms[1], 0)] * 2
        lengths = [pair[::-1] if transposed else pair for pair in zip(self.functions, self.points, strict=True)]
        return [
            (0, *lengths[k], k == 2, self.symmetric[k], k, 0, *way, 0, transposed, *shapes[k], 0)
            for k, way in zip(axes, ends, strict=False)
        ]

    @property
    def _lines(self) -> list[tuple[Step, Step]]:
        """Of each axis: lengths, whether it is the last, parity, which axis, and where in its table slopes begin; outer and inner."""
        p, q, r = self.points
        shapes = (1, q * r), (p, r), (p * q, 1)
        return [((n, n, k == 2, 2, k, m * n), shapes[k]) for k, (m, n) in enumerate(zip(self.functions, self.points, strict=True))]

    @property
    def _fluxes(self) -> list[Step]:
        """To sources, each axis on its own."""
        factors = self.rooms[3] + np.array(self.places) * self._size
        return [(1, *line, self.rooms[1], 0, factors[k], 0, *shape, self._adds(k)) for k, (line, shape) in enumerate(self._lines)]

    @property
    def _slopes(self) -> list[Step]:
        """To slopes along all axes, and from fluxes to sources."""
        slopes = self.rooms[2] + np.arange(3) * self._size
        there = [(0, *line, self.rooms[1], slopes[k], 0, 0, *shape, 0) for k, (line, shape) in enumerate(self._lines)]
        back = [(0, *line, slopes[k], 0, 0, 1, *shape, self._adds(k)) for k, (line, shape) in enumerate(self._lines)]
        return there + back

    def _adds(self, axis: int) -> bool:
        """Whether there are sources before those of an axis."""
        return axis > 0 or self.with_reaction

    @property
    def _size(self) -> int:
        return self.lanes * math.prod(self.points)
