"""The Kronecker product of matrices, kept as its factors."""

import functools
import math
from collections.abc import Sequence
from typing import Any, NamedTuple, overload

import numpy as np
import scipy.sparse as sparse

import tensorfem.kron.factorwise as factorwise
from tensorfem.kron.lazy_array import KroneckerArray
from tensorfem.kron.log_determinant import LogDeterminant
from tensorfem.kron.mode_product import Array, Factor, as_dense, as_factor, is_sparse, mode_product
from tensorfem.kron.operator import KroneckerOperator


def outer(vectors: Sequence[Array]) -> Array:
    """The outer product of vectors, one axis each: the Kronecker product of columns, as a field.

    Examples
    --------
    >>> outer([np.array([1.0, 2.0]), np.array([3.0, 4.0, 5.0])])
    array([[ 3.,  4.,  5.],
           [ 6.,  8., 10.]])
    """
    return functools.reduce(np.multiply.outer, vectors, np.ones((), dtype=np.result_type(*vectors) if vectors else float))


def explicit_kron(factors: Sequence[Factor]) -> Any:
    """The explicit Kronecker product of factors, sparse; axis 0 is the leftmost."""
    return functools.reduce(lambda left, right: sparse.kron(left, right, format="csr"), map(sparse.csr_array, factors))


def _entries(factor: Factor) -> int:
    return int(factor.nnz if is_sparse(factor) else factor.size)


class KroneckerProduct(KroneckerOperator):
    """The Kronecker product of one matrix per axis, ``A_0 (x) A_1 (x) ...``, axis 0 leftmost.

    Fields are stored in C order, hence ``(A (x) B) ravel(X) = ravel(A X B^T)``. The textbook's `vec` stacks columns, order "F":
    there ``(A (x) B) vec(X) = vec(B X A^T)``. All that follows is computed factor by factor (Van Loan, "The ubiquitous Kronecker
    product", J. Comput. Appl. Math. 123 (2000)).

    Parameters
    ----------
    *factors : (m_i, n_i) arrays or sparse arrays
        Integers are taken as floating-point numbers.

    Raises
    ------
    ValueError
        Without any factor, or if one is not a matrix, or has no rows or no columns.

    Examples
    --------
    >>> import numpy as np
    >>> A, B = np.array([[1.0, 2.0]]), np.array([[0.0, 1.0], [1.0, 0.0]])
    >>> KroneckerProduct(A, B) @ np.array([[1.0, 2.0], [3.0, 4.0]])
    array([[10.,  7.]])
    >>> (KroneckerProduct(A, B) @ KroneckerProduct(A.T, B)).factors
    (array([[5.]]), array([[1., 0.],
           [0., 1.]]))
    """

    def __init__(self, *factors: Factor) -> None:
        if not factors:
            raise ValueError("KroneckerProduct: got no factors; give one matrix per axis")
        self.factors = tuple(as_factor(factor) for factor in factors)
        for i, factor in enumerate(self.factors):
            if 0 in factor.shape:
                raise ValueError(f"KroneckerProduct: factor {i} has shape {factor.shape}; a factor has at least one row and one column")
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
    def terms(self) -> tuple["KroneckerProduct", ...]:
        """The product itself, as a sum of one term."""
        return (self,)

    @property
    def T(self) -> "KroneckerProduct":
        """The product of the transposed factors."""
        return KroneckerProduct(*(factor.T for factor in self.factors))

    def _conj(self) -> "KroneckerProduct":
        return KroneckerProduct(*(factor.conj() if factor.dtype.kind == "c" else factor for factor in self.factors))

    def _scaled(self, number: Any) -> "KroneckerProduct":
        return KroneckerProduct(self.factors[0] * number, *self.factors[1:])

    def diagonal(self) -> Array:
        """The diagonal as a field of shape `output_shape`: for square factors the outer product of theirs."""
        self._square("diagonal")
        if self.input_shape == self.output_shape:
            return outer([factor.diagonal() for factor in self.factors])
        return factorwise.diagonal(self.factors).reshape(self.output_shape)

    def trace(self) -> Any:
        """The sum of the diagonal: the factors' traces multiplied."""
        self._square("trace")
        if self.input_shape == self.output_shape:
            return math.prod(factor.diagonal().sum().item() for factor in self.factors)
        return self.diagonal().sum().item()

    def norm_bound(self) -> float:
        """The product of the factors' largest absolute row sums, which is exact."""
        return math.prod(float(abs(factor).sum(axis=1).max()) for factor in self.factors)

    @property
    def entries(self) -> int:
        """Nonzeros of the explicit matrix: the product of the factors' own."""
        return math.prod(map(_entries, self.factors))

    def _sparse(self) -> Any:
        return explicit_kron(self.factors)

    def _dense(self) -> Array:
        return functools.reduce(np.kron, map(as_dense, self.factors), np.ones((1, 1), dtype=self.dtype))

    def inverse(self) -> "KroneckerProduct":
        """The product of the factors' inverses; `solve` rounds less. Singular factors are refused, as by `solve`."""
        return KroneckerProduct(*factorwise.inverses(self.factors))

    def pinv(self, rtol: float | None = None) -> "KroneckerProduct":
        """The Moore-Penrose inverse: the product of the factors' own.

        Parameters
        ----------
        rtol : float, optional
            In each factor, singular values below `rtol` times its largest count as zero; by default max(m, n) eps. The dense matrix has
            one bound for all products of singular values: two of 1e-9 are kept here, and would count as zero there.
        """
        return KroneckerProduct(*factorwise.pseudoinverses(self.factors, rtol))

    def solve(self, rhs: Array) -> Array:
        """Solve ``(A_0 (x) A_1 (x) ...) x = rhs`` by one LU factorization per factor.

        Parameters
        ----------
        rhs : field, batch of fields, flat vector (N,) or columns (N, k)

        Raises
        ------
        ValueError
            If a factor is not square, not finite, or singular to working precision (its position, shape and condition number are
            named); if `rhs` has another shape or is not finite.

        Examples
        --------
        >>> KroneckerProduct(np.diag([1.0, 2.0]), np.diag([4.0, 8.0])).solve(np.array([4.0, 8.0, 8.0, 16.0]))
        array([1., 1., 1., 1.])
        """
        return factorwise.solve(self.factors, rhs)

    def slogdet(self) -> LogDeterminant:
        """Sign and logarithm of the magnitude of the determinant, which itself overflows soon."""
        self._square("slogdet")
        return factorwise.slogdet(self.factors)

    def logdet(self) -> float:
        """The logarithm of the determinant, which must be positive."""
        self._square("logdet")
        return self.slogdet().logdet

    def det(self) -> Any:
        """The determinant; infinite where it is too large for a number."""
        self._square("det")
        return self.slogdet().det

    def norm(self, ord: Any = "fro") -> float:
        """The norm of order "fro", "nuc", 1, 2 or inf, as of `numpy.linalg.norm`: the factors' own multiplied."""
        return factorwise.norm(self.factors, ord)

    def rank(self) -> int:
        """The rank: the factors' own multiplied, each counted as by `numpy.linalg.matrix_rank`."""
        return factorwise.rank(self.factors)

    def cond(self) -> float:
        """The condition number in the 2-norm, infinite for a singular matrix."""
        return factorwise.cond(self.factors)

    @overload
    def eigenvalues(self, k: None = None) -> KroneckerArray: ...
    @overload
    def eigenvalues(self, k: int) -> Array: ...
    def eigenvalues(self, k: int | None = None) -> KroneckerArray | Array:
        """All products of the factors' eigenvalues, which must be square, as a lazy array; or the k smallest, as of `KroneckerSum`.

        Parameters
        ----------
        k : int, optional
            How many; they then come in order, by real part, each as often as it occurs, and not all are formed; see `smallest_products`.

        Examples
        --------
        >>> values = KroneckerProduct(np.diag([1.0, 2.0]), np.diag([3.0, 5.0])).eigenvalues()
        >>> outer(values.factors)
        array([[ 3.,  5.],
               [ 6., 10.]])
        >>> np.sort(values)[::-1]
        array([10.,  6.,  5.,  3.])
        """
        values = factorwise.eigenvalues(self.factors)
        return KroneckerArray(*values) if k is None else factorwise.smallest_products(values, k)

    def eig(self) -> "Eigenpairs":
        """Eigenvalues, and a product with the eigenvectors for columns, in the same order: ``A @ V = V @ diagonal_product(values)``."""
        values, vectors = factorwise.eig(self.factors)
        return Eigenpairs(KroneckerArray(*values), KroneckerProduct(*vectors))

    def eigh(self) -> "Eigenpairs":
        """Real eigenvalues and orthonormal eigenvectors; the factors must be Hermitian."""
        values, vectors = factorwise.eigh(self.factors)
        return Eigenpairs(KroneckerArray(*values), KroneckerProduct(*vectors))

    def singular_values(self) -> KroneckerArray:
        """All products of the factors' singular values; those of the matrix beyond them are 0. `np.sort` gives them in order."""
        return KroneckerArray(*factorwise.singular_values(self.factors))

    def svd(self) -> "SingularTriplets":
        """The decomposition ``A = U @ diagonal_product(S) @ Vh``, of the form in which each factor's is thin."""
        left, values, right = factorwise.svd(self.factors)
        return SingularTriplets(KroneckerProduct(*left), KroneckerArray(*values), KroneckerProduct(*right))

    def cholesky(self) -> "KroneckerProduct":
        """The lower triangular L with ``A = L @ L.H``; the factors must be Hermitian and positive definite."""
        return KroneckerProduct(*factorwise.cholesky(self.factors))

    def qr(self) -> "OrthogonalTriangular":
        """The thin decomposition ``A = Q @ R``, with orthonormal columns in Q and R upper triangular."""
        orthogonal, triangular = factorwise.qr(self.factors)
        return OrthogonalTriangular(KroneckerProduct(*orthogonal), KroneckerProduct(*triangular))


class Eigenpairs(NamedTuple):
    """Eigenvalues in the order of the columns of the eigenvectors."""

    eigenvalues: KroneckerArray
    eigenvectors: KroneckerProduct


class SingularTriplets(NamedTuple):
    """Left vectors (columns), singular values, and right vectors (conjugated, rows), in one order, which is not decreasing."""

    U: KroneckerProduct
    S: KroneckerArray
    Vh: KroneckerProduct


class OrthogonalTriangular(NamedTuple):
    """The factors of ``A = Q @ R``."""

    Q: KroneckerProduct
    R: KroneckerProduct


def diagonal_product(values: KroneckerArray) -> KroneckerProduct:
    """The diagonal matrix with a product of vectors on its diagonal: the Kronecker product of their diagonal matrices.

    Examples
    --------
    >>> A = KroneckerProduct(np.array([[2.0, 1.0], [1.0, 2.0]]), np.diag([1.0, 5.0]))
    >>> values, V = A.eigh()
    >>> np.allclose(V @ diagonal_product(values) @ V.H, A)
    True
    """
    if values.ndim != 1:
        raise ValueError(f"diagonal_product: got an array of shape {values.shape}; allowed is a product of vectors")
    vectors: tuple[Any, ...] = values.factors
    return KroneckerProduct(*(sparse.diags_array(vector, format="csr") for vector in vectors))
