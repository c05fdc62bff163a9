"""The modes of one axis: what diagonalizes M^-1 K, so that functions of it are elementwise."""

import abc
import functools
from typing import Any

import numpy as np
import scipy.linalg as linalg

from tensorfem.kron.eigenbasis import DenseEigenbasis
from tensorfem.kron.matrix import dense, require_inverse
from tensorfem.kron.mode_product import Array, mode_product
from tensorfem.kron.pencil import Pencil


class Modes(abc.ABC):
    """Eigenvectors W with ``M^-1 K = W diag(eigenvalues) W^-1``.

    Attributes
    ----------
    eigenvalues : (n,) array
    condition : float
        How much W may magnify rounding: the condition number of general eigenvectors; 1 for those of Hermitian pencils, in M's norm.
    """

    eigenvalues: Array
    condition = 1.0

    @abc.abstractmethod
    def forward(self, array: Array, axis: int) -> Array:
        """Apply W^-1 along an axis."""

    @abc.abstractmethod
    def backward(self, array: Array, axis: int) -> Array:
        """Apply W along an axis."""

    @property
    @abc.abstractmethod
    def factor(self) -> Array:
        """The matrix P with ``diagonal of W diag(g) W^-1 = P g``: the entries of W times those of W^-T."""

    @property
    @abc.abstractmethod
    def inverse_factor(self) -> Array:
        """The same for ``W diag(g) W^-1 M^-1``."""


class HermitianModes(Modes):
    """Those of a Hermitian pencil: ``W^-1 = V^H M``, never computed as an inverse.

    Parameters
    ----------
    pencil : Pencil
    """

    def __init__(self, pencil: Pencil) -> None:
        self._basis = pencil.eigenbasis()
        self._mass = None if pencil.unit_mass else pencil.mass
        self.eigenvalues = self._basis.eigenvalues

    def forward(self, array: Array, axis: int) -> Array:
        weighted = array if self._mass is None else mode_product(self._mass, array, axis)
        if np.isrealobj(weighted) and self._basis.is_complex:
            weighted = weighted.astype(complex)
        return self._basis.forward(weighted, axis)

    def backward(self, array: Array, axis: int) -> Array:
        return self._basis.backward(array, axis)

    @functools.cached_property
    def vectors(self) -> Array:
        """V as a matrix."""
        basis = self._basis
        return basis.vectors if isinstance(basis, DenseEigenbasis) else basis.backward(np.eye(len(basis.mass)), 0)

    @property
    def factor(self) -> Array:
        return self.inverse_factor if self._mass is None else self.vectors * np.conj(self._mass @ self.vectors)

    @property
    def inverse_factor(self) -> Array:
        return (self.vectors * self.vectors.conj()).real


class GeneralModes(Modes):
    """Those of any pencil that has n independent eigenvectors.

    Parameters
    ----------
    pencil : Pencil
    """

    def __init__(self, pencil: Pencil) -> None:
        self._mass: Any = None if pencil.unit_mass else dense(pencil.mass)
        self.eigenvalues, self._vectors = linalg.eig(dense(pencil.stiffness), self._mass)
        require_inverse(self.eigenvalues, pencil.mass)
        singular = linalg.svdvals(self._vectors)
        self.condition = float(singular[0] / singular[-1]) if singular[-1] > 0 else np.inf

    @functools.cached_property
    def _inverse(self) -> Array:
        return np.asarray(linalg.inv(self._vectors))

    def forward(self, array: Array, axis: int) -> Array:
        return mode_product(self._inverse, array, axis)

    def backward(self, array: Array, axis: int) -> Array:
        return mode_product(self._vectors, array, axis)

    @property
    def factor(self) -> Array:
        return np.asarray(self._vectors * self._inverse.T)

    @property
    def inverse_factor(self) -> Array:
        inverse = self._inverse if self._mass is None else linalg.solve(self._mass.T, self._inverse.T).T
        return np.asarray(self._vectors * inverse.T)


def modes(pencil: Pencil) -> Modes:
    """The modes of a pencil, by its eigenbasis where it is Hermitian.

    Examples
    --------
    >>> modes(Pencil(np.array([[2.0, 1.0], [0.0, 3.0]]), np.eye(2), unit_mass=True)).eigenvalues.real
    array([2., 3.])
    """
    return HermitianModes(pencil) if pencil.is_hermitian else GeneralModes(pencil)
