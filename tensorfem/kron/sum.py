"""The Kronecker sum: one pencil per axis, and a shift."""

import functools
import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from tensorfem.kron.mode_product import Array, mode_product
from tensorfem.kron.operator import KroneckerOperator
from tensorfem.kron.pencil import Pencil
from tensorfem.kron.product import KroneckerProduct, explicit_kron, outer
from tensorfem.kron.slabs import nonzero_rows, slabs
from tensorfem.kron.spectrum import Spectrum


class KroneckerSum(KroneckerOperator):
    """The operator ``sum_i M_0 (x) ... (x) K_i (x) ... (x) M_last + shift M_0 (x) ... (x) M_last``.

    Parameters
    ----------
    pencils : sequence of Pencil
        One per axis, axis 0 leftmost.
    shift : float
        Factor of the mass term; it may be negative.

    Raises
    ------
    ValueError
        Without any pencil.

    Examples
    --------
    >>> import numpy as np, scipy.sparse as sparse
    >>> B = sparse.csr_array(np.array([[1.0, 0.0], [1.0, -1.0]]))
    >>> pencil = Pencil(stiffness=sparse.csr_array(B.T @ B), mass=sparse.eye_array(2, format="csr"), root=B)
    >>> KroneckerSum([pencil], shift=1.0) @ np.array([1.0, 0.0])
    array([ 3., -1.])
    """

    def __init__(self, pencils: Sequence[Pencil], shift: float = 0.0) -> None:
        if not pencils:
            raise ValueError("KroneckerSum: got no pencils; give one per axis")
        self.pencils = tuple(pencils)
        self.shift = float(shift)
        self.input_shape = self.output_shape = tuple(pencil.size for pencil in self.pencils)
        self.dtype = np.result_type(*(pencil.mass.dtype for pencil in self.pencils))

    def apply(self, array: Array) -> Array:
        """Apply the sum, batch by batch."""
        return apply_sum([p.stiffness for p in self.pencils], [p.mass for p in self.pencils], self.shift, array)

    @property
    def T(self) -> "KroneckerSum":
        """The operator itself: its pencils are symmetric."""
        return self

    @property
    def definite(self) -> bool:
        """Whether the data alone say that the operator is positive definite."""
        return self.shift >= 0 and self.null_vector is None

    @property
    def null_vector(self) -> tuple[Array, ...] | None:
        """The pencils' null vectors, if the shift is 0 and each axis has one."""
        vectors = tuple(pencil.null_vector for pencil in self.pencils if pencil.null_vector is not None)
        return vectors if self.shift == 0 and len(vectors) == len(self.pencils) else None

    @functools.cached_property
    def _spectrum(self) -> Spectrum:
        return Spectrum([pencil.eigenbasis() for pencil in self.pencils], self.shift, singular=self.null_vector is not None)

    def spectrum(self) -> Spectrum:
        """All eigenvalues and the inverse, from the pencils' eigenbases; computed once and kept."""
        return self._spectrum

    @property
    def mass(self) -> KroneckerProduct:
        """The product of the pencils' mass matrices, which the shift multiplies."""
        return KroneckerProduct(*(pencil.mass for pencil in self.pencils))

    def kronecker_approximation(self) -> "KroneckerSum":
        """The operator itself."""
        return self

    @property
    def terms(self) -> tuple[KroneckerProduct, ...]:
        """The sum written out: one Kronecker product per axis, and the mass term."""
        masses = [pencil.mass for pencil in self.pencils]
        products = [KroneckerProduct(*masses[:i], p.stiffness, *masses[i + 1 :]) for i, p in enumerate(self.pencils)]
        return (*products,) if self.shift == 0 else (*products, KroneckerProduct(self.shift * masses[0], *masses[1:]))

    def diagonal(self) -> Array:
        """The diagonal, from the factors' diagonals."""
        return functools.reduce(operator.add, (term.diagonal() for term in self.terms))

    def norm_bound(self) -> float:
        """The sum of the terms' bounds."""
        return sum(term.norm_bound() for term in self.terms)

    @property
    def entries(self) -> int:
        """An upper bound: per axis, all entries that stiffness or mass have."""
        return math.prod(int((abs(p.stiffness) + abs(p.mass)).nnz) for p in self.pencils)

    def _sparse(self) -> Any:
        return functools.reduce(operator.add, (explicit_kron(term.factors) for term in self.terms))

    def mass_vector(self, factors: Sequence[Array]) -> Array:
        """The mass matrix applied to an outer product of 1D vectors, at 1D cost."""
        return outer([pencil.mass @ factor for pencil, factor in zip(self.pencils, factors, strict=True)])


def apply_sum(stiffness: Sequence[Any], masses: Sequence[Any], shift: float, array: Array) -> Array:
    """Apply a Kronecker sum given by its sparse factors, which may be rectangular.

    The nested form ``S_i = K_i P_(i+1) + M_i S_(i+1)``, ``P_i = M_i P_(i+1)`` takes 3 d - 2 mode products instead of d^2. Slabs of
    axis 0 go through all of it at once, so that intermediate fields stay in the cache.

    Parameters
    ----------
    stiffness, masses : (m_i, n_i) CSR arrays, one of each per axis
    shift : float
    array : array of shape (\\*batch, n_0, n_1, ...)
    """
    dimension = len(masses)
    batch = array.shape[: array.ndim - dimension]
    shape = tuple(mass.shape[0] for mass in masses)
    result = np.zeros((*batch, *shape), dtype=np.result_type(array.dtype, *(m.dtype for m in (*masses, *stiffness)), type(shift)))
    # Columns of the leftmost factors are cut out slab by slab: cheap in CSC, and each slab touches few rows.
    first_stiffness, first_mass = stiffness[0].tocsc(), masses[0].tocsc()
    for index in np.ndindex(batch):
        field, target = array[index], result[index]
        for slab in slabs(field.shape[0], field[0].size):
            # The shift enters at the last axis: S = K u + shift M u, so that it costs nothing further up.
            product, total = field[slab], shift * field[slab]
            for axis in range(dimension - 1, 0, -1):
                carried = mode_product(masses[axis], total, axis) if axis < dimension - 1 or shift else 0.0
                total = mode_product(stiffness[axis], product, axis)
                total += carried
                product = mode_product(masses[axis], product, axis)
            _accumulate(target, first_stiffness[:, slab], product)
            if dimension > 1 or shift:
                _accumulate(target, first_mass[:, slab], total)
    return result


def _accumulate(target: Array, columns: Any, block: Array) -> None:
    rows = nonzero_rows(columns.tocsr())
    target[rows] += mode_product(columns.tocsr()[rows], block, 0)
