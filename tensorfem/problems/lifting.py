"""Dirichlet values extended smoothly into the box."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tensorfem.kron.slabs import slabs
from tensorfem.kron.threads import in_threads

FloatArray = NDArray[np.float64]
Ranges = tuple[slice, ...]


@dataclass(frozen=True, eq=False)
class Blend:
    """A function that is linear along one axis, ``start + ramp rise``; the arrays broadcast to the grid."""

    ramp: FloatArray
    start: FloatArray
    rise: FloatArray

    def on(self, ranges: Ranges, shape: tuple[int, ...]) -> FloatArray:
        """Its part on some of the entries of each axis."""
        ramp, start, rise = (np.broadcast_to(array, shape)[ranges] for array in (self.ramp, self.start, self.rise))
        return start + ramp * rise


@dataclass(frozen=True, eq=False)
class SmoothLifting:
    """Coefficients on Dirichlet faces, extended to the free unknowns by transfinite interpolation.

    Along an axis with two Dirichlet ends the faces' coefficients are blended linearly, along one with one end they are constant. The
    Boolean sum of these maps of all axes, ``I - prod_i (I - P_i)``, takes all faces' values: each axis blends what those before it have
    left of the values on its own faces. Linear functions have coefficients that are linear in the nodes, those of splines at the
    Greville abscissae: the extension of a linear function's values on the faces of two ends of an axis is that function, whatever the
    degrees. A constant's is that constant, to the last bit.

    Only faces are kept. An extension is made when it is asked for.

    Parameters
    ----------
    boundary : array of the space's shape
        Read on Dirichlet faces only, where faces agree on their shared edges.
    nodes : sequence of array
        Those of each axis.
    free : tuple of slice
        The free unknowns of each axis; it ends on a Dirichlet face where they leave one out.

    References
    ----------
    Gordon & Hall, "Transfinite element methods: blending-function interpolation over arbitrary curved element domains", Numerische
    Mathematik 21 (1973).

    Examples
    --------
    >>> boundary = np.array([[1.0, 2.0, 3.0], [2.0, 0.0, 4.0], [5.0, 6.0, 7.0]])  # x + y + 1 on nodes 0, 1, 4 and 0, 1, 2
    >>> nodes = (np.array([0.0, 1.0, 4.0]), np.array([0.0, 1.0, 2.0]))
    >>> SmoothLifting(boundary, nodes, (slice(1, 2), slice(1, 2))).values()
    array([[3.]])
    """

    boundary: FloatArray
    nodes: Sequence[FloatArray]
    free: Ranges

    def values(self) -> FloatArray:
        """The coefficients of the free unknowns: a new array."""
        result = np.empty(tuple(own.stop - own.start for own in self.free))
        first = self.free[0].start

        def fill(rows: slice) -> None:
            result[rows] = self._sum(self.blends, (slice(first + rows.start, first + rows.stop), *self.free[1:]))

        in_threads(fill, slabs(len(result), result[:1].size))
        return result

    @functools.cached_property
    def blends(self) -> list[Blend]:
        """What each axis with Dirichlet ends adds, in turn."""
        blends: list[Blend] = []
        for axis, (own, x) in enumerate(zip(self.free, self.nodes, strict=True)):
            ends = [end for end, is_held in ((slice(0, 1), own.start > 0), (slice(x.size - 1, x.size), own.stop < x.size)) if is_held]
            if ends:
                left = [self._left(blends, axis, end) for end in ends]
                ramp = ((x - x[0]) / (x[-1] - x[0])).reshape([-1 if i == axis else 1 for i in range(len(self.nodes))])
                blends.append(Blend(ramp, left[0], left[-1] - left[0]))
        return blends

    def _left(self, blends: list[Blend], axis: int, end: slice) -> FloatArray:
        """The coefficients on a face, less what the axes before have made of them."""
        face = tuple(end if i == axis else slice(0, n) for i, n in enumerate(self.boundary.shape))
        return self.boundary[face] - self._sum(blends, face)

    def _sum(self, blends: list[Blend], ranges: Ranges) -> FloatArray:
        total = np.zeros([part.stop - part.start for part in ranges])
        for blend in blends:
            total += blend.on(ranges, self.boundary.shape)
        return total
