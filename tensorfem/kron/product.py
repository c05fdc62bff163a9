"""Kronecker products and sums of them, kept as their factors."""

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sparse

from tensorfem.kron.mode_product import Array, Factor, as_factor, mode_product
from tensorfem.kron.operator import KroneckerOperator


def outer(vectors: Sequence[Array]) -> Array:
    """The outer product of vectors, one axis each: the Kronecker product of columns, as a field.

    Examples
    --------
    >>> outer([np.array([1.0, 2.0]), np.array([3.0, 4.0, 5.0])])
    array([[ 3.,  4.,  5.],
           [ 6.,  8., 10.]])
    """
    return functools.reduce(np.multiply.outer, vectors, np.ones(()))


def explicit_kron(factors: Sequence[Factor]) -> Any:
    """The explicit Kronecker product of factors, sparse; axis 0 is the leftmost."""
    return functools.reduce(lambda left, right: sparse.kron(left, right, format="csr"), map(sparse.csr_array, factors))


def _entries(factor: Factor) -> int:
    return int(factor.nnz if sparse.issparse(factor) else factor.size)  # type: ignore[attr-defined]


class KroneckerProduct(KroneckerOperator):
    """The Kronecker product of one matrix per axis, ``A_0 (x) A_1 (x) ...``, axis 0 leftmost.

    Fields are stored in C order, hence ``(A (x) B) ravel(X) = ravel(A X B^T)``. The textbook's `vec` stacks columns, order "F":
    there ``(A (x) B) vec(X) = vec(B X A^T)``.

    Parameters
    ----------
    *factors : (m_i, n_i) arrays or sparse arrays

    Raises
    ------
    ValueError
        Without any factor, or if one is not a matrix.

    Examples
    --------
    >>> import numpy as np
    >>> A, B = np.array([[1.0, 2.0]]), np.array([[0.0, 1.0], [1.0, 0.0]])
    >>> KroneckerProduct(A, B) @ np.array([[1.0, 2.0], [3.0, 4.0]])
    array([[10.,  7.]])
    """

    def __init__(self, *factors: Factor) -> None:
        if not factors:
            raise ValueError("KroneckerProduct: got no factors; give one matrix per axis")
        self.factors = tuple(as_factor(factor) for factor in factors)
        self.output_shape = tuple(int(factor.shape[0]) for factor in self.factors)
        self.input_shape = tuple(int(factor.shape[1]) for factor in self.factors)
        self.dtype = np.result_type(*(factor.dtype for factor in self.factors))

    def apply(self, array: Array) -> Array:
        """Apply the factors one after the other, those that shrink the field most first."""
        dimension = len(self.factors)
        for axis in sorted(range(dimension), key=lambda i: self.output_shape[i] / max(1, self.input_shape[i])):
            array = mode_product(self.factors[axis], array, axis, dimension=dimension)
        return array

    @property
    def T(self) -> "KroneckerProduct":
        """The product of the transposed factors."""
        return KroneckerProduct(*(factor.T for factor in self.factors))

    def diagonal(self) -> Array:
        """The outer product of the factors' diagonals."""
        return outer([factor.diagonal() for factor in self.factors])

    def norm_bound(self) -> float:
        """The product of the factors' largest absolute row sums, which is exact."""
        return math.prod(float(abs(factor).sum(axis=1).max()) for factor in self.factors)

    @property
    def entries(self) -> int:
        """Nonzeros of the explicit matrix: the product of the factors' own."""
        return math.prod(map(_entries, self.factors))

    def _sparse(self) -> Any:
        return explicit_kron(self.factors)


class SeparableOperator(KroneckerOperator):
    """A sum of Kronecker products that no common eigenbasis diagonalizes.

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
        self.terms = tuple(terms)
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

    def diagonal(self) -> Array:
        """The sum of the terms' diagonals."""
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
