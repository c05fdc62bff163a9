"""The pencil of one axis: its stiffness and mass matrices after boundary treatment, and their eigenbasis."""

import functools
from dataclasses import dataclass
from typing import Any

from tensorfem.kron.eigenbasis import Eigenbasis, dense_eigenbasis
from tensorfem.kron.mode_product import Array
from tensorfem.kron.trigonometric import Kind, TrigonometricEigenbasis, transform_cost

# A fast transform spends about this many times as long on one of its operations as a matrix product on one of its own.
TRANSFORM_OPERATION = 6.0


@dataclass(frozen=True)
class Trigonometry:
    """What makes an axis trigonometric: the kind of its ends, its length, cells, and constant weights (stiffness, mass)."""

    kind: Kind
    length: float
    cells: int
    scale: tuple[float, float] = (1.0, 1.0)


@dataclass(frozen=True, eq=False)
class Pencil:
    """The symmetric pencil ``K - lambda M`` of one axis over its free unknowns.

    Parameters
    ----------
    stiffness : (n, n) sparse array
        K = B^T B, positive semi-definite.
    mass : (n, n) sparse array
        M, positive definite.
    root : (q, n) sparse array
        B, the square-root factor: eigenvalues are taken from it, never from K.
    null_vector : (n,) array or None
        The vector with K v = 0, where the data say that there is one.
    trigonometry : Trigonometry or None
        Given where the eigenvectors are sines and cosines.
    """

    stiffness: Any
    mass: Any
    root: Any
    null_vector: Array | None = None
    trigonometry: Trigonometry | None = None

    @property
    def size(self) -> int:
        """Number of unknowns."""
        return int(self.mass.shape[0])

    @functools.cached_property
    def _eigenbasis(self) -> Eigenbasis:
        if self.is_trigonometric:
            return TrigonometricEigenbasis(*vars(self.trigonometry).values())
        return dense_eigenbasis(self.root.toarray(), self.mass.toarray(), self.null_vector)

    @property
    def is_trigonometric(self) -> bool:
        """Whether the eigenbasis is applied by fast transforms: they must exist, and beat the matrix product."""
        form = self.trigonometry
        return form is not None and TRANSFORM_OPERATION * transform_cost(form.kind, form.cells) < 2 * self.size

    def eigenbasis(self) -> Eigenbasis:
        """The eigenbasis, computed once and kept."""
        return self._eigenbasis
