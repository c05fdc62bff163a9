"""The modes of all axes but one: what a system along that one axis depends on."""

import math
from collections.abc import Sequence

import numpy as np

from tensorfem.kron.eigenbasis import Eigenbasis
from tensorfem.kron.mode_product import Array


class CrossModes:
    """Combinations of one mode per axis, numbered in C order; nothing is stored but the axes' own eigenvalues.

    Parameters
    ----------
    bases : sequence of Eigenbasis
    shift : float
        Added to the sum of the eigenvalues.
    apart : bool
        Whether the eigenvalues of the axes are given one by one, instead of their sum.

    Examples
    --------
    >>> from tensorfem.kron import DenseEigenbasis
    >>> bases = [DenseEigenbasis(np.eye(2), np.array([1.0, 2.0])), DenseEigenbasis(np.eye(3), np.array([10.0, 20.0, 30.0]))]
    >>> CrossModes(bases, 0.5).eigenvalues(1, 5)
    array([[21.5, 31.5, 12.5, 22.5]])
    """

    def __init__(self, bases: Sequence[Eigenbasis], shift: float = 0.0, *, apart: bool = False) -> None:
        self.shape = tuple(basis.mass.size for basis in bases)
        self.shift, self.apart = shift, apart
        self._values = [basis.eigenvalues for basis in bases]
        self._masses = [basis.mass for basis in bases]
        self._plain = all(np.all(mass == 1) for mass in self._masses)

    @property
    def count(self) -> int:
        """How many combinations there are."""
        return math.prod(self.shape)

    def eigenvalues(self, start: int, stop: int) -> Array:
        """Those of the combinations from `start` up to `stop`: one row with the sums, or one row per axis."""
        places = self._places(start, stop)
        values = [along[place] for along, place in zip(self._values, places, strict=True)]
        if self.apart:
            return np.array(values)
        return sum(values, np.full(stop - start, self.shift))[None]

    def weights(self, start: int, stop: int) -> Array:
        """One over the products of the masses."""
        weights = np.ones(stop - start)
        if not self._plain:
            for mass, place in zip(self._masses, self._places(start, stop), strict=True):
                weights /= mass[place]
        return weights

    def _places(self, start: int, stop: int) -> Sequence[Array]:
        return np.unravel_index(np.arange(start, stop), self.shape) if self.shape else ()
