"""Fast diagonalization of fields in any array library."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tensorfem.kron.memory import require_memory
from tensorfem.kron.portable.application import along
from tensorfem.kron.portable.place import Place


@dataclass(frozen=True, eq=False)
class PlacedInverse:
    """The inverse of a Kronecker sum, its eigenvectors beside the field.

    ``A^-1 = (V_0 (x) V_1 ...) diag(1 / (a_0 lambda_i + a_1 lambda_j + ... + shift)) (V_0 (x) V_1 ...)^T`` with the factors a_i = 1, or
    others: they and the shift change the eigenvalues alone.

    Attributes
    ----------
    place : Place
    vectors, eigenvalues : sequences of (n_i, n_i) and (n_i,) arrays there
    shift : number, or array without axes
    null : whether the first eigenvector of each axis spans the null space: its component is left out
    """

    place: Place
    vectors: Sequence[Any]
    eigenvalues: Sequence[Any]
    shift: Any
    null: bool

    @classmethod
    def of(cls, operator: Any, place: Place) -> "PlacedInverse":
        """From the eigenbases of a Hermitian Kronecker sum's pencils.

        Raises
        ------
        MemoryError
            If the matrices of eigenvectors would not fit.
        """
        sizes = [pencil.size for pencil in operator.pencils]
        require_memory(16.0 * sum(n**2 for n in sizes), f"the dense eigenvectors of {operator!r}", "use a NumPy right-hand side")
        bases = [pencil.eigenbasis() for pencil in operator.pencils]
        vectors = [place.put(basis.backward(np.eye(basis.mass.size), axis=0)) for basis in bases]
        return cls(place, vectors, [place.put(basis.eigenvalues) for basis in bases], operator.shift, operator.null_vector is not None)

    def solve(self, rhs: Any, factors: Sequence[Any] | None = None, shift: Any = None) -> Any:
        """Apply the inverse, or the pseudo-inverse, to an array of shape (\\*batch, n_0, n_1, ...).

        Parameters
        ----------
        rhs : array
        factors : sequence of numbers or arrays without axes, optional
            a_0, a_1, ...: what multiplies the stiffness of each axis; 1 by default.
        shift : number or array without axes, optional
            In the place of the operator's own.
        """
        axes = range(-len(self.vectors), 0)
        for axis, vectors in zip(axes, self.vectors, strict=True):
            rhs = along(self.place, self._adjoint(vectors), rhs, axis)
        rhs = rhs * self._reciprocals(factors, self.shift if shift is None else shift)
        for axis, vectors in zip(axes, self.vectors, strict=True):
            rhs = along(self.place, vectors, rhs, axis)
        return rhs

    def _adjoint(self, vectors: Any) -> Any:
        xp = self.place.xp
        return xp.conj(vectors.T) if xp.isdtype(vectors.dtype, "complex floating") else vectors.T

    def _reciprocals(self, factors: Sequence[Any] | None, shift: Any) -> Any:
        xp, dimension = self.place.xp, len(self.eigenvalues)
        total: Any = shift
        for i, values in enumerate(self.eigenvalues):
            own = values if factors is None else factors[i] * values
            total = total + xp.reshape(own, (1,) * i + (-1,) + (1,) * (dimension - 1 - i))
        if not self.null:
            return 1 / total
        first = self._first_mode()
        return (1 - first) / (total + first)

    def _first_mode(self) -> Any:
        """1 at the null mode, 0 elsewhere."""
        sizes = [int(values.shape[0]) for values in self.eigenvalues]
        host = np.zeros(math.prod(sizes))
        host[0] = 1.0
        return self.place.put(host.reshape(sizes))
