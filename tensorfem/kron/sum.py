"""The Kronecker sum: one pencil per axis, and a shift."""

import functools
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import tensorfem.kron.spectral as spectral
from tensorfem.kron.forms import mapped, numeric
from tensorfem.kron.log_determinant import LogDeterminant
from tensorfem.kron.mode_product import Array
from tensorfem.kron.nested_sum import apply_sum
from tensorfem.kron.operator import KroneckerOperator
from tensorfem.kron.pencil import Pencil
from tensorfem.kron.product import KroneckerProduct, explicit_kron, outer
from tensorfem.kron.spectrum import Spectrum


class KroneckerSum(KroneckerOperator):
    """The operator ``sum_i M_0 (x) ... (x) K_i (x) ... (x) M_last + shift M_0 (x) ... (x) M_last``.

    Parameters
    ----------
    pencils : sequence of Pencil
        One per axis, axis 0 leftmost. `kronsum` makes them of matrices.
    shift : float
        Factor of the mass term; it may be negative.

    Raises
    ------
    ValueError
        Without any pencil.

    Notes
    -----
    Beside what all operators have: `solve`; `det`, `slogdet`, `logdet`; `eigenvalues`, `smallest_eigenvalues`, `eigh`, `spectrum`,
    `resonance`; `expm`, `exp`, `function`, `function_diagonal`, `inverse_diagonal`.

    Where there are masses, eigenvalues and functions are those of ``(M_0 (x) M_1 ...)^-1`` times the sum. Hermitian sums are solved by
    eigenbases (`Spectrum`), others by Schur forms (`SchurSum`); what is computed of an axis is computed once and kept.

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
        self.dtype = np.result_type(*(matrix.dtype for p in self.pencils for matrix in (p.stiffness, p.mass)))

    def apply(self, array: Array, *, rows: slice | None = None, out: Array | None = None) -> Array:
        """Apply the sum, batch by batch; to give only some rows of axis 0, or into an array that is there: see `apply_sum`."""
        masses = [None if pencil.unit_mass else pencil.mass for pencil in self.pencils]
        return apply_sum([pencil.stiffness for pencil in self.pencils], masses, self.shift, array, rows=rows, out=out)

    @property
    def T(self) -> "KroneckerSum":
        """The sum of the transposed pencils; the operator itself where they are symmetric."""
        turned = [pencil.T for pencil in self.pencils]
        return self if all(map(operator.is_, turned, self.pencils)) else KroneckerSum(turned, self.shift)

    @property
    def definite(self) -> bool:
        """Whether the operator is positive definite: the data alone say so of pencils with roots, the eigenvalues of others."""
        if all(pencil.root is not None for pencil in self.pencils):
            return self.shift >= 0 and self.null_vector is None
        return self.is_hermitian and bool(self.eigenvalues(1)[0] > 0)

    @property
    def is_hermitian(self) -> bool:
        """Whether the pencils' eigenbases diagonalize the sum: all are Hermitian, with positive definite masses."""
        return all(pencil.is_hermitian for pencil in self.pencils)

    @property
    def null_vector(self) -> tuple[Array, ...] | None:
        """The pencils' null vectors, if the shift is 0 and each axis has one."""
        vectors = tuple(pencil.null_vector for pencil in self.pencils if pencil.null_vector is not None)
        return vectors if self.shift == 0 and len(vectors) == len(self.pencils) else None

    @functools.cached_property
    def _spectrum(self) -> Spectrum:
        return Spectrum([pencil.eigenbasis() for pencil in self.pencils], self.shift, singular=self.null_vector is not None)

    def spectrum(self) -> Spectrum:
        """All eigenvalues and the inverse, from the pencils' eigenbases; computed once and kept.

        Raises
        ------
        ValueError
            If the pencils are not Hermitian.
        """
        if not self.is_hermitian:
            raise ValueError(
                f"spectrum: {self!r} is not Hermitian and has no orthogonal eigenbasis; use its solve(), which takes Schur forms"
            )
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
        unions = (abs(pencil.stiffness) + abs(pencil.mass) for pencil in self.pencils)
        return math.prod([int(getattr(union, "nnz", union.size)) for union in unions])

    def _sparse(self) -> Any:
        return functools.reduce(operator.add, (explicit_kron(term.factors) for term in self.terms))

    def mass_vector(self, factors: Sequence[Array]) -> Array:
        """The mass matrix applied to an outer product of 1D vectors, at 1D cost."""
        return outer([pencil.mass @ factor for pencil, factor in zip(self.pencils, factors, strict=True)])

    def solve(self, rhs: Array) -> Array:
        """Solve with the sum: by eigenbases where it is Hermitian, by Schur forms and back substitution elsewhere, on any number of axes.

        Parameters
        ----------
        rhs : array in any form in which `matvec` takes one

        Raises
        ------
        ValueError
            If the sum is singular (the 1D eigenvalues that add up to zero are named), or the array has another shape or is not finite.

        Examples
        --------
        >>> import numpy as np
        >>> from tensorfem.kron import kronsum
        >>> kronsum(np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([[2.0]])).solve(np.array([4.0, 3.0]))
        array([1., 1.])
        """
        spectral.require_regular(self._resonance, self.shift)
        array = numeric(rhs, "solve")
        dtype = np.result_type(self.dtype, array.dtype, np.float32)
        double = array.astype(np.result_type(array.dtype, np.float64), copy=False)  # single precision comes in and goes out, no more
        return self._in_form(self._solver.solve, double, "solve").astype(dtype, copy=False)

    @functools.cached_property
    def _solver(self) -> "Spectrum | spectral.SchurSum":
        return self.spectrum() if self.is_hermitian else spectral.SchurSum(self.pencils, self.shift)

    def resonance(self) -> tuple[complex, ...] | None:
        """The 1D eigenvalues, one per axis, that add up (with the shift) to nothing but rounding; None where the sum is regular."""
        return self._resonance

    @functools.cached_property
    def _resonance(self) -> tuple[complex, ...] | None:
        solver = self._solver
        return solver.resonance() if isinstance(solver, spectral.SchurSum) else spectral.spectral_resonance(solver, self.pencils)

    def eigenvalues(self, k: int | None = None, *, sort: bool = False) -> Array:
        """All eigenvalues, or the k smallest, each as often as it occurs.

        Parameters
        ----------
        k : int, optional
            How many; they then come in order. All by default, as a field over the indices of the 1D ones.
        sort : bool
            Whether all shall come as a vector, in order.

        Raises
        ------
        ValueError
            If there are not so many, or a mass is singular.

        Examples
        --------
        >>> from tensorfem.kron import kronsum
        >>> A = np.array([[2.0, -1.0], [-1.0, 2.0]])
        >>> kronsum(A, A).eigenvalues(3)
        array([2., 4., 4.])
        """
        if k is not None:
            return self.smallest_eigenvalues(k)[0]
        values = spectral.all_sums([pencil.eigenvalues() for pencil in self.pencils], self.shift)
        return np.sort(values, axis=None) if sort else values

    def smallest_eigenvalues(self, k: int) -> tuple[Array, Array]:
        """The k eigenvalues of smallest real part, in order, and for each the indices of its 1D eigenvalues; see `smallest_sums`."""
        values = {pencil: pencil.eigenvalues(k if k > 0 else None) for pencil in dict.fromkeys(self.pencils)}
        return spectral.smallest_sums([values[pencil] for pencil in self.pencils], k, self.shift)

    def eigh(self, k: int) -> "spectral.SumEigenpairs":
        """The k smallest eigenvalues, in order, and an eigenvector for each, an array of shape (k, \\*shape); see `smallest_eigenpairs`.

        Raises
        ------
        ValueError
            If there are not so many, or the sum is not Hermitian with positive definite masses.

        Examples
        --------
        >>> from tensorfem.kron import kronsum
        >>> A = kronsum(np.diag([1.0, 5.0]), np.diag([1.0, 2.0, 7.0]))
        >>> values, vectors = A.eigh(2)
        >>> values, vectors.shape
        (array([2., 3.]), (2, 2, 3))
        >>> np.allclose(A.apply(vectors), values[:, None, None] * vectors)
        True
        """
        if not self.is_hermitian:
            raise ValueError(f"eigh: {self!r} is not Hermitian with positive definite masses; use eigenvalues()")
        values, indices = self.smallest_eigenvalues(k)
        return spectral.smallest_eigenpairs(self._modes, values, indices)

    def slogdet(self) -> LogDeterminant:
        """The determinant's sign and the logarithm of its absolute value; see `sum_slogdet`."""
        return spectral.sum_slogdet(self.pencils, self.shift)

    def logdet(self) -> float:
        """The logarithm of the determinant, which must be positive."""
        return self.slogdet().logdet

    def det(self) -> Any:
        """The determinant; infinite where it is too large for a number."""
        return self.slogdet().det

    def trace(self) -> Any:
        """The sum of the diagonal, from the factors' traces."""
        return sum(math.prod(factor.diagonal().sum() for factor in term.factors) for term in self.terms)

    def expm(self, time: float | complex = 1.0) -> KroneckerProduct:
        """The exponential of time times the sum, exactly: the product of the factors' exponentials (with masses: of M_i^-1 A_i)."""
        first, *others = (spectral.axis_exponential(pencil, time) for pencil in self.pencils)
        return KroneckerProduct(np.exp(time * self.shift) * first, *others)

    def exp(self, vector: Array, time: float | complex = 1.0) -> Array:
        """The exponential of time times the sum, applied to a vector in any form in which `matvec` takes one."""
        return self.expm(time).matvec(vector)

    def function(self, f: "spectral.Function", vector: Array) -> Array:
        """f(A) applied to a vector in any form in which `matvec` takes one; see `apply_function`.

        With masses this is ``V f(Lambda) V^T (M_0 (x) M_1 ...) v``: f of the inverse mass matrix times the sum.
        """
        apply = functools.partial(spectral.apply_function, self._modes, self.shift, f, real=self._is_real)
        return self._in_form(apply, vector, "function")

    def function_diagonal(self, f: "spectral.Function") -> Array:
        """The exact diagonal of f(A) as a field; see `function_diagonal` of the module `functions`."""
        return spectral.function_diagonal(self._modes, self.shift, f, real=self._is_real)

    def inverse_diagonal(self) -> Array:
        """The exact diagonal of the inverse as a field: the variances where the sum is a precision matrix.

        ``diag(A^-1) = (|V_0|^2 (x) |V_1|^2 ...) (1 / eigenvalues)`` with the elementwise squares of the eigenvectors' entries.

        Raises
        ------
        ValueError
            If the sum is singular, or not Hermitian with eigenvectors that are too ill-conditioned.
        """
        spectral.require_regular(self._resonance, self.shift)
        return spectral.inverse_diagonal(self._modes, self.shift, real=self._is_real)

    @functools.cached_property
    def _modes(self) -> "list[spectral.Modes]":
        made = {pencil: spectral.modes(pencil) for pencil in dict.fromkeys(self.pencils)}
        return [made[pencil] for pencil in self.pencils]

    @property
    def _is_real(self) -> bool:
        return not np.issubdtype(self.dtype, np.complexfloating)

    def _in_form(self, function: Callable[[Array], Array], vector: Array, name: str) -> Array:
        return mapped(function, np.asarray(vector), self.input_shape, self.output_shape, name)
