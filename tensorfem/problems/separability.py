"""Whether a function of all coordinates is a product, or a sum, of functions of one coordinate each: every sample is looked at."""

import functools
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from tensorfem.coefficient import Datum
from tensorfem.load_vector import open_grid

FloatArray = NDArray[np.float64]
EXACT = 1e-13  # relative to each sample, or to what it is the sum of: so a coefficient that is huge elsewhere hides nothing
PROBES = 5  # points of each axis among which the lines' common point is chosen
Line = Callable[[FloatArray], FloatArray]


class Separability:
    """Compares samples with the product, or the sum, of a function's values along lines through one point.

    Parameters
    ----------
    lines : sequence of function
        Of one coordinate each, those of the others held at the common point.
    value : float
        At the common point.
    points : sequence of (q_i,) arrays
        The coordinates of the samples.
    product : bool
        Whether it is to be a product; else a sum.

    Examples
    --------
    >>> points = [np.array([0.0, 1.0]), np.array([2.0, 3.0])]
    >>> f = Datum("exp(x)*y", ("x", "y"), "diffusion")
    >>> test = Separability.of(f, points, product=True)
    >>> test.look(f(*open_grid(points)), slice(0, 2))
    >>> test.holds
    True
    """

    def __init__(self, lines: Sequence[Line], value: float, points: Sequence[FloatArray], *, product: bool) -> None:
        self.holds = not product or value != 0
        self._product, self._combine = product, np.multiply if product else np.add
        away: Callable[[FloatArray], FloatArray] = (lambda v: v / value) if product else (lambda v: v - value)
        self.factors: tuple[Line, ...] = (lines[0], *(functools.partial(_relative, line, away) for line in lines[1:]))
        if self.holds:
            self._leading, *rest = open_grid([line(x) for line, x in zip(self.factors, points, strict=True)])
            start = np.full((1,) * len(lines), float(self._combine.identity or 0))
            self._rest = functools.reduce(self._combine, rest, start)
            self._size = sum(map(np.abs, rest), start=0.0)

    @classmethod
    def of(cls, datum: Datum, points: Sequence[FloatArray], *, product: bool) -> "Separability":
        """Of a function; the lines meet where, among a few points, a product is largest and a sum smallest: there they lose no digits."""
        probes = [x[:: 1 + x.size // PROBES] for x in points]
        values = np.abs(np.broadcast_to(datum(*open_grid(probes)), [x.size for x in probes]))
        place = np.unravel_index(int(np.argmax(values) if product else np.argmin(values)), values.shape)
        centre = tuple(x[i : i + 1] for x, i in zip(probes, place, strict=True))
        lines = [functools.partial(_along, datum, centre, axis) for axis in range(len(centre))]
        return cls(lines, float(lines[0](centre[0])[0]), points, product=product)

    def look(self, values: FloatArray, slab: slice) -> None:
        """Compare the samples of some rows of axis 0; several threads may do so."""
        if not self.holds:
            return
        leading = self._leading[slab]
        size = np.abs(values)
        if not self._product:  # the size of a sum is that of its parts: it may itself be zero
            size = size + np.abs(leading) + self._size
        if (np.abs(values - self._combine(leading, self._rest)) > EXACT * size).any():
            self.holds = False


def _relative(line: Line, away: Callable[[FloatArray], FloatArray], x: FloatArray) -> FloatArray:
    return away(line(x))


def _along(datum: Datum, centre: Sequence[FloatArray], axis: int, x: FloatArray) -> FloatArray:
    """A function's values along a line through a point."""
    values = datum(*open_grid([x if i == axis else held for i, held in enumerate(centre)]))
    return np.asarray(values).reshape(x.size)
