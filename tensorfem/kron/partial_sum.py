"""The partial sum: a sum of Kronecker products in which one axis has a matrix of its own in every term."""

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from tensorfem import checks
from tensorfem.kron.eigenbasis import hermitian_eigenvalues
from tensorfem.kron.forms import mapped
from tensorfem.kron.matrix import is_hermitian
from tensorfem.kron.mode_product import Array, Factor, as_factor
from tensorfem.kron.operator import KroneckerOperator
from tensorfem.kron.partial_spectrum import PartialSpectrum
from tensorfem.kron.pencil import Pencil
from tensorfem.kron.product import KroneckerProduct
from tensorfem.kron.separable import SeparableOperator

ROUNDING = 16.0  # times eps times the largest eigenvalue: how far from zero rounding takes one that is zero


class PartialSum(KroneckerOperator):
    """The operator ``A (x) M_1 (x) M_2 ... + B_1 (x) K_1 (x) M_2 ... + B_2 (x) M_1 (x) K_2 ... + ...``.

    No eigenbasis is common to A and all the B, but that of the other axes is to their pencils: it leaves banded systems
    ``A + lambda_1 B_1 + lambda_2 B_2 + ...`` along the one axis. Such are cylindrical coordinates (A has the weight r, B of the angle 1/r,
    B of the height r) and coefficients that depend on one coordinate. Where all B are equal the operator is a `KroneckerSum`.

    Parameters
    ----------
    own : (n, n) array or sparse array
        A; a reaction belongs to it.
    weights : sequence of (n, n) arrays or sparse arrays
        B_1, B_2, ..., one per pencil.
    pencils : sequence of Pencil
        Of the other axes, in order.
    axis : int
        Where the one axis stands among all.

    Raises
    ------
    ValueError
        Without any pencil, or if the numbers or shapes do not fit together.

    Examples
    --------
    >>> pencil = Pencil(np.array([[2.0, 0.0], [0.0, 4.0]]), np.eye(2), unit_mass=True)
    >>> PartialSum(np.eye(1), [np.array([[3.0]])], [pencil]).solve(np.array([7.0, 26.0]))
    array([1., 2.])
    """

    shift = 0.0

    def __init__(self, own: Factor, weights: Sequence[Factor], pencils: Sequence[Pencil], axis: int = 0) -> None:
        self.own, self.weights, self.pencils = as_factor(own), tuple(as_factor(weight) for weight in weights), tuple(pencils)
        if not self.pencils:
            raise ValueError("PartialSum: got no pencils; give one per axis beside the one with matrices of its own")
        self.axis = checks.integer(axis, "axis", 0, len(self.pencils))
        size = self.own.shape[0]
        if len(self.weights) != len(self.pencils):
            raise ValueError(f"weights: got {len(self.weights)}; allowed is one per pencil, of which there are {len(self.pencils)}")
        for name, matrix in [("own", self.own), *((f"weights[{i}]", weight) for i, weight in enumerate(self.weights))]:
            if matrix.shape != (size, size):
                raise ValueError(f"{name}: got shape {matrix.shape}; allowed is a square matrix, {(size, size)} as the first is")
        shape = [pencil.size for pencil in self.pencils]
        self.input_shape = self.output_shape = (*shape[: self.axis], size, *shape[self.axis :])
        self.dtype = np.result_type(*(factor.dtype for term in self.terms for factor in term.factors))

    @functools.cached_property
    def terms(self) -> tuple[KroneckerProduct, ...]:
        """The sum written out: A beside the masses, and for each pencil its B beside its stiffness."""
        masses = [pencil.mass for pencil in self.pencils]
        products = [self._product(self.own, masses)]
        for i, (weight, pencil) in enumerate(zip(self.weights, self.pencils, strict=True)):
            products.append(self._product(weight, [*masses[:i], pencil.stiffness, *masses[i + 1 :]]))
        return tuple(products)

    def _product(self, matrix: Any, others: Sequence[Any]) -> KroneckerProduct:
        return KroneckerProduct(*others[: self.axis], matrix, *others[self.axis :])

    @property
    def _written_out(self) -> SeparableOperator:
        return SeparableOperator(self.terms)

    def apply(self, array: Array) -> Array:
        """Add up what the terms give."""
        return self._written_out.apply(array)

    @property
    def T(self) -> "PartialSum":
        """The sum of the transposed matrices."""
        return PartialSum(self.own.T, [weight.T for weight in self.weights], [pencil.T for pencil in self.pencils], self.axis)

    def diagonal(self) -> Array:
        """The sum of the terms' diagonals."""
        return self._written_out.diagonal()

    def norm_bound(self) -> float:
        """The sum of the terms' bounds."""
        return self._written_out.norm_bound()

    @property
    def entries(self) -> int:
        """An upper bound: the terms' nonzeros added up."""
        return self._written_out.entries

    def _sparse(self) -> Any:
        return self._written_out._sparse()

    @functools.cached_property
    def definite(self) -> bool:
        """Whether it is symmetric, and known to be positive definite by the matrices of the axes.

        With no B negative, ``A + sum_i lambda_i B_i`` is at least what the smallest lambdas make of it.
        """
        matrices = (self.own, *self.weights)
        if np.issubdtype(self.dtype, np.complexfloating) or not all(map(is_hermitian, matrices)):
            return False
        if not all(pencil.is_hermitian for pencil in self.pencils) or any(_smallest(weight) < -ROUNDING for weight in self.weights):
            return False
        smallest = [float(pencil.eigenbasis().eigenvalues.min()) for pencil in self.pencils]
        return _smallest(sum((value * weight for value, weight in zip(smallest, self.weights, strict=True)), self.own)) > ROUNDING

    @functools.cached_property
    def _spectrum(self) -> PartialSpectrum:
        return PartialSpectrum((self.own, *self.weights), [pencil.eigenbasis() for pencil in self.pencils], self.axis)

    def partial_spectrum(self) -> PartialSpectrum:
        """The inverse; computed once and kept.

        Raises
        ------
        ValueError
            If the operator is not known to be positive definite.
        """
        if not self.definite:
            raise ValueError(
                f"partial_spectrum: {self!r} is not known to be symmetric positive definite, and systems along axis {self.axis} may be "
                "singular; use Direct(), or solve with its tosparse()"
            )
        return self._spectrum

    def solve(self, rhs: Array) -> Array:
        """Solve by eigenbases of all axes but one; see `PartialSpectrum`.

        Parameters
        ----------
        rhs : array in any form in which `matvec` takes one

        Raises
        ------
        ValueError
            If the operator is not known to be positive definite, or the array has another shape.
        """
        return mapped(self.partial_spectrum().solve, np.asarray(rhs), self.input_shape, self.output_shape, "solve")


def _smallest(matrix: Any) -> float:
    """The smallest eigenvalue, in units of eps times the largest magnitude."""
    values = hermitian_eigenvalues(matrix)
    return float(values.min() / (np.finfo(float).eps * (np.abs(values).max() or 1.0)))
