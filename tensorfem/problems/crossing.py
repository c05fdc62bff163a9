"""The way across an abrupt change inside a cell: where it is, how wide, and across which axis."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tensorfem.problems.cell_variation import INSIDE, CellVariation

FloatArray = NDArray[np.float64]
HALVINGS = 34  # of the way from the least to the largest sample of a cell: to 6e-11 of it
ABRUPT = 0.05  # of the variation: so much left at the end of the way is a jump
THIN = 0.3  # of the way: a layer that takes most of its change on less is not resolved
NOTABLE = 0.1  # relative: a layer that changes less is none
EDGE = 1e-4  # of a cell: what is steep so near to a face is a singularity there
ASIDE = (0.1, 0.25)  # of a cell: so far along a plane a jump across an axis lies at the same coordinate
ACROSS = 1e-7  # of a cell: so far from the jump it is looked at from both sides


class Crossing:
    """The way from the least to the largest sample of a cell, halved to where most of the change is.

    Attributes
    ----------
    place : (d,) array
        Where the way ends.
    change : float
        What is left of the variation there, of a jump; of all else the whole variation.
    width : float
        The length on which at least half of the change was last seen.
    """

    def __init__(self, variation: CellVariation, cell: Sequence[int]) -> None:
        self._start = np.array([mesh.nodes[i] for mesh, i in zip(variation.meshes, cell, strict=True)])
        self._sizes = np.array([mesh.sizes[i] for mesh, i in zip(variation.meshes, cell, strict=True)])
        low, high = variation.extremes(cell)
        ends = [(low, variation.at(low)), (high, variation.at(high))]
        self.width = length = self._length = math.hypot(*(high - low))
        whole = left = ends[1][1] - ends[0][1]
        for _ in range(HALVINGS):
            self.width = length if abs(left) >= abs(whole) / 2 else self.width
            middle = (ends[0][0] + ends[1][0]) / 2
            value = variation.at(middle)
            upper = abs(ends[1][1] - value) > abs(value - ends[0][1])
            ends[0 if upper else 1] = (middle, value)
            left, length = ends[1][1] - ends[0][1], length / 2
        self.place = (ends[0][0] + ends[1][0]) / 2
        self.jumps = abs(left) > ABRUPT * abs(whole)
        self.change = abs(left) if self.jumps else abs(whole)

    @property
    def seen_at(self) -> tuple[float, ...]:
        """The place, on a face of the cell where it is as near to it as samples are."""
        ends = np.stack([self._start, self._start + self._sizes])
        near = ends[np.argmin(np.abs(ends - self.place), axis=0), np.arange(self.place.size)]
        return tuple(np.where(np.abs(near - self.place) < 2 * INSIDE * self._sizes, near, self.place).tolist())

    @property
    def is_layer(self) -> bool:
        """Whether it is a layer thinner than the cell, and no jump."""
        inner = np.abs((self.place - self._start) / self._sizes - 0.5).max() < 0.5 - EDGE
        return bool(inner) and not self.jumps and self.width < THIN * self._length and self.change > NOTABLE

    def axis(self, variation: CellVariation) -> int | None:
        """The axis that the jump lies across, as a plane; None where it has another direction, is curved, or has an edge here."""
        inward = np.diag(self._sizes * np.where(self._start + self._sizes / 2 < self.place, -1, 1))
        for axis, step in enumerate(np.diag(ACROSS * self._sizes)):
            along = [aside * shift for other, shift in enumerate(inward) if other != axis for aside in ASIDE]
            if all(self._lies_between(variation, self.place + shift, step) for shift in [np.zeros_like(step), *along]):
                return axis
        return None

    def _lies_between(self, variation: CellVariation, point: FloatArray, step: FloatArray) -> bool:
        return abs(variation.at(point + step) - variation.at(point - step)) > self.change / 2
