"""The bilinear form of an elliptic problem whose coefficients depend on all coordinates: cell by cell."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tensorfem.axis import mass
from tensorfem.cells import AxisCells, CellOperator, FaceTerm
from tensorfem.kron import KroneckerProduct
from tensorfem.problems.form import Ends, Form
from tensorfem.space import Space

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CellForm(Form):
    """A form with samples of its coefficients in all cells.

    Attributes
    ----------
    space : Space
    diffusion : (k, \\*grid) array
    reaction : (\\*grid) array or None
        As of `CellOperator`; None where it is zero everywhere.
    dirichlet : pair of bool per axis
    robin : pair of float per axis
        Robin coefficients at its ends.
    """

    space: Space
    diffusion: FloatArray
    reaction: FloatArray | None
    dirichlet: Ends
    robin: Sequence[tuple[float, float]]

    @property
    def free(self) -> tuple[slice, ...]:
        """What the Dirichlet ends leave of each axis."""
        sizes = zip(self.space.shape, self.dirichlet, strict=True)
        return tuple(slice(int(low), size - int(high)) for size, (low, high) in sizes)

    def operator(self) -> CellOperator:
        """The form over the free unknowns."""
        return self._reduced

    @functools.cached_property
    def _reduced(self) -> CellOperator:
        return self._over(self.free)

    def lift(self, boundary: FloatArray, target: FloatArray) -> None:
        """By the form over all unknowns, applied once."""
        target -= self._over(tuple(slice(0, size) for size in self.space.shape)).apply(boundary)[self.free]

    def _over(self, ranges: tuple[slice, ...]) -> CellOperator:
        """The form over some of the unknowns of each axis."""
        axes = [AxisCells(basis, own, basis.degree + 1) for basis, own in zip(self.space.bases, ranges, strict=True)]
        held = any(map(any, self.dirichlet)) or any(map(any, self.robin)) or self.reaction is not None
        return CellOperator(
            axes,
            self.diffusion,
            self.reaction,
            faces=self._faces(ranges),
            definite=self.reaction is None or float(self.reaction.min()) >= 0,
            null_vector=None if held else tuple(np.ones(axis.size) for axis in axes),
        )

    def _faces(self, ranges: tuple[slice, ...]) -> list[FaceTerm]:
        terms = []
        for axis, ends in enumerate(self.robin):
            others = [m[own, own] for i, (m, own) in enumerate(zip(self._masses, ranges, strict=True)) if i != axis]
            product = KroneckerProduct(*others) if others else None
            terms += [FaceTerm(axis, place, h, product) for place, h in zip((0, -1), ends, strict=True) if h]
        return terms

    @functools.cached_property
    def _masses(self) -> list[FloatArray]:
        return [mass(basis) for basis in self.space.bases]
