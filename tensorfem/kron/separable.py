"""Sums of Kronecker products that no common eigenbasis diagonalizes."""

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from tensorfem.kron.mode_product import Array
from tensorfem.kron.operator import KroneckerOperator
from tensorfem.kron.product import KroneckerProduct


class SeparableOperator(KroneckerOperator):
    """A sum of Kronecker products that no common eigenbasis diagonalizes: what ``A (x) B + C (x) D`` gives.

    Parameters
    ----------
    terms : sequence of KroneckerProduct
        All of one shape.
    approximation : KroneckerSum, optional
        The nearest operator that fast diagonalization can invert: a preconditioner.
    definite : bool
        Whether the sum is known to be symmetric positive definite.
    shift : float
        The least reaction in the sum; negative in an indefinite one.
    mass : KroneckerProduct, optional
        The mass matrix that the reaction multiplies: what resonance is measured in.

    Raises
    ------
    ValueError
        Without any term, or if their shapes differ.

    Examples
    --------
    >>> import numpy as np
    >>> A, B = KroneckerProduct(np.eye(2), np.ones((3, 3))), KroneckerProduct(np.ones((2, 2)), np.eye(3))
    >>> (A + 2 * B).diagonal()
    array([[3., 3., 3.],
           [3., 3., 3.]])
    """

    def __init__(
        self,
        terms: Sequence[KroneckerProduct],
        *,
        approximation: KroneckerOperator | None = None,
        definite: bool = True,
        shift: float = 0.0,
        mass: KroneckerProduct | None = None,
    ) -> None:
        shapes = {(term.output_shape, term.input_shape) for term in terms}
        if len(shapes) != 1:
            raise ValueError(f"SeparableOperator: the terms must share one shape; got {sorted(shapes) or 'no terms'}")
        self.terms: tuple[KroneckerProduct, ...] = tuple(terms)
        self.approximation = approximation
        self.definite = definite
        self.shift = shift
        self.mass = mass
        self.output_shape, self.input_shape = shapes.pop()
        self.dtype = np.result_type(*(term.dtype for term in self.terms))

    def apply(self, array: Array) -> Array:
        """Add up what the terms give."""
        result = self.terms[0].apply(array).astype(np.result_type(self.dtype, array.dtype), copy=False)
        for term in self.terms[1:]:
            result += term.apply(array)
        return result

    @property
    def T(self) -> "SeparableOperator":
        """The sum of the transposed terms; what was known of definiteness and the approximation (symmetric) stays."""
        return SeparableOperator(
            [term.T for term in self.terms], approximation=self.approximation, definite=self.definite, shift=self.shift, mass=self.mass
        )

    def _conj(self) -> "SeparableOperator":
        return SeparableOperator([term.conj() for term in self.terms], definite=self.definite, shift=self.shift, mass=self.mass)

    def _scaled(self, number: Any) -> "SeparableOperator":
        definite = self.definite and np.isrealobj(number) and number > 0
        return SeparableOperator([term * number for term in self.terms], definite=definite)

    def diagonal(self) -> Array:
        """The sum of the terms' diagonals."""
        self._square("diagonal")
        return functools.reduce(np.add, (term.diagonal() for term in self.terms))

    def norm_bound(self) -> float:
        """The sum of the terms' bounds."""
        return sum(term.norm_bound() for term in self.terms)

    @property
    def entries(self) -> int:
        """An upper bound: the terms' nonzeros added up."""
        return sum(term.entries for term in self.terms)

    def _sparse(self) -> Any:
        return functools.reduce(lambda left, right: left + right, (term.tosparse() for term in self.terms))

    def kronecker_approximation(self) -> KroneckerOperator | None:
        """The nearest Kronecker sum that is known, or None."""
        return self.approximation
