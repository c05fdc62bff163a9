"""The pencil of one axis: its stiffness and mass matrices after boundary treatment, and their eigenbasis."""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg as linalg

from tensorfem.kron.eigenbasis import Eigenbasis, dense_eigenbasis, hermitian_eigenbasis, hermitian_eigenvalues
from tensorfem.kron.matrix import dense, is_hermitian, is_positive_definite, require_inverse, same
from tensorfem.kron.mode_product import Array, as_factor
from tensorfem.kron.periodic_eigenbasis import PeriodicEigenbasis
from tensorfem.kron.reflection import is_symmetric, symmetric_eigenbasis
from tensorfem.kron.trigonometric import Kind, TrigonometricEigenbasis, transform_cost

# A fast transform spends about this many times as long on one of its operations as a matrix product on one of its own.
TRANSFORM_OPERATION = 6.0
CIRCULANT_PAYS = 128  # unknowns from which on Fourier transforms over the cells, setup included, take less than a dense eigenbasis
REFLECTION_PAYS = 48  # unknowns from which on sums and differences cost less than the half of the products that they save


@dataclass(frozen=True)
class Trigonometry:
    """What makes an axis trigonometric: the kind of its ends, its length, cells, and constant weights (stiffness, mass)."""

    kind: Kind
    length: float
    cells: int
    scale: tuple[float, float] = (1.0, 1.0)


@dataclass(frozen=True, eq=False)
class Pencil:
    """The pencil ``K - lambda M`` of one axis over its free unknowns.

    Parameters
    ----------
    stiffness : (n, n) array or sparse array
        K; where there is a root, K = B^T B, positive semi-definite.
    mass : (n, n) array or sparse array
        M; positive definite where there is a root.
    root : (q, n) sparse array or None
        B, the square-root factor: eigenvalues are then taken from it, never from K. On graded meshes the formed K has lost the smooth modes
        to rounding, silently. A matrix that is given as such has no root, and `eigh` of K and M is all that can be had.
    null_vector : (n,) array or None
        The vector with K v = 0, where the data say that there is one.
    trigonometry : Trigonometry or None
        Given where the eigenvectors are sines and cosines.
    unit_mass : bool
        Whether M is the identity; it is then never multiplied by.
    period : int or None
        Given where a shift by so many unknowns leaves the axis as it is: those of one cell of a periodic axis of equal cells.
    """

    stiffness: Any
    mass: Any
    root: Any = None
    null_vector: Array | None = None
    trigonometry: Trigonometry | None = None
    unit_mass: bool = False
    period: int | None = None

    @property
    def size(self) -> int:
        """Number of unknowns."""
        return int(self.mass.shape[0])

    @property
    def is_complex(self) -> bool:
        """Whether one of the matrices is complex."""
        return np.iscomplexobj(self.stiffness) or np.iscomplexobj(self.mass)

    @functools.cached_property
    def _eigenbasis(self) -> Eigenbasis:
        if self.is_trigonometric:
            return TrigonometricEigenbasis(*vars(self.trigonometry).values())
        if self.root is None:
            return hermitian_eigenbasis(self.stiffness, None if self.unit_mass else self.mass)
        if self.is_circulant and self.period is not None:
            return PeriodicEigenbasis(self.root, self.mass, self.period, self.null_vector)
        if self.is_symmetric:
            return symmetric_eigenbasis(self.root, self.mass, self.null_vector)
        return dense_eigenbasis(self.root.toarray(), self.mass.toarray(), self.null_vector)

    @property
    def is_circulant(self) -> bool:
        """Whether the eigenbasis is found and applied by Fourier transforms over the cells of a periodic axis."""
        return self.period is not None and self.root is not None and self.size >= CIRCULANT_PAYS

    @functools.cached_property
    def is_symmetric(self) -> bool:
        """Whether a reflection leaves the axis as it is, and the axis is long enough for its eigenbasis to make use of that."""
        return self.size >= REFLECTION_PAYS and self.root is not None and is_symmetric(self.stiffness) and is_symmetric(self.mass)

    @functools.cached_property
    def is_hermitian(self) -> bool:
        """Whether a basis V with V^H M V = I diagonalizes K: both are Hermitian (up to rounding), and M is positive definite."""
        if self.root is not None:
            return True
        return is_hermitian(self.stiffness) and (self.unit_mass or (is_hermitian(self.mass) and is_positive_definite(self.mass)))

    @property
    def T(self) -> "Pencil":
        """The pencil of the transposed matrices; the pencil itself where they are symmetric."""
        if self.root is not None or (same(self.stiffness, self.stiffness.T) and (self.unit_mass or same(self.mass, self.mass.T))):
            return self
        stiffness, mass = as_factor(self.stiffness.T), self.mass if self.unit_mass else as_factor(self.mass.T)
        return Pencil(stiffness, mass, unit_mass=self.unit_mass)

    @property
    def is_trigonometric(self) -> bool:
        """Whether the eigenbasis is applied by fast transforms: they must exist, and beat the matrix product."""
        form = self.trigonometry
        return form is not None and TRANSFORM_OPERATION * transform_cost(form.kind, form.cells) < 2 * self.size

    def eigenbasis(self) -> Eigenbasis:
        """The eigenbasis, computed once and kept."""
        return self._eigenbasis

    def eigenvalues(self, count: int | None = None) -> Array:
        """The eigenvalues of ``K v = lambda M v`` by increasing real part; real where the pencil is Hermitian.

        Parameters
        ----------
        count : int, optional
            How many of the first are needed: if few, only these may be computed. All are computed once and kept.

        Raises
        ------
        ValueError
            If the mass matrix is singular.
        """
        if count is not None and self._by_values_alone and "_eigenvalues" not in vars(self):
            return hermitian_eigenvalues(self.stiffness, count)[:count]
        return self._eigenvalues[:count]

    @property
    def _by_values_alone(self) -> bool:
        """Whether eigenvalues come without eigenvectors."""
        return self.is_hermitian and self.root is None and self.unit_mass and "_eigenbasis" not in vars(self)

    @functools.cached_property
    def _eigenvalues(self) -> Array:
        if self.is_hermitian:
            return hermitian_eigenvalues(self.stiffness) if self._by_values_alone else np.sort(self.eigenbasis().eigenvalues)
        values = linalg.eigvals(dense(self.stiffness), None if self.unit_mass else dense(self.mass))
        require_inverse(values, self.mass)
        return np.sort(values.astype(complex))
