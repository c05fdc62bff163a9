"""Eigenbases: what diagonalizes the stiffness and the mass matrix of one axis at once."""

import abc
from typing import Any

import numpy as np
import scipy.linalg as linalg

from tensorfem.kron.matrix import bandwidth, dense
from tensorfem.kron.mode_product import Array, mode_product

NARROW = 8  # banded matrices up to this part of the size have their eigenvalues found faster than dense ones
FEW = 20  # bisection takes as long for one of so many eigenvalues of a tridiagonal matrix as QR for all: 45 ms for 200 of 1000, QR 12 ms
GRADED = 100.0  # largest over smallest norm of rows, or of columns, from which on B L^-T needs the SVD that keeps small singular values


class Eigenbasis(abc.ABC):
    """A basis Q with ``Q^T K Q = diag(stiffness)`` and ``Q^T M Q = diag(mass)``; where Q is complex, T stands for the adjoint.

    Scaled by ``mass**-1/2`` its columns V satisfy ``V^T M V = I`` and ``V^T K V = diag(eigenvalues)``. The unscaled form is what
    solvers use: the scaling then costs no pass over the field.

    Attributes
    ----------
    stiffness, mass : (n,) arrays
        The diagonals, by increasing eigenvalue, but where modes are even or odd first the even ones. The entry of a null vector is
        exactly 0 and comes first.
    """

    stiffness: Array
    mass: Array
    is_complex = False

    @abc.abstractmethod
    def analyse(self, array: Array, axis: int, *, out: Array | None = None, overwrite: bool = False) -> Array:
        """Apply Q^T along an axis (negative: counted from the last).

        The result may be `out` (same shape, another array), or `array` itself where `overwrite` allows it, or new.
        """

    @abc.abstractmethod
    def synthesise(self, array: Array, axis: int, *, out: Array | None = None, overwrite: bool = False) -> Array:
        """Apply Q along an axis; the result is placed as by `analyse`."""

    def works_in_place(self, array: Array) -> bool:
        """Whether `analyse` and `synthesise` of this array, and of slices of it, need no other where `overwrite` allows it."""
        return False

    def astype(self, dtype: Any) -> "Eigenbasis":
        """The basis that transforms arrays of this type in their own precision: itself, where nothing is stored but the diagonals."""
        return self

    @property
    def eigenvalues(self) -> Array:
        """The generalized eigenvalues of ``K v = lambda M v``, one per column of V."""
        return self.stiffness / self.mass

    def forward(self, array: Array, axis: int = -1) -> Array:
        """Apply V^T along an axis."""
        return _scaled(self.analyse(array, axis), self.mass, axis)

    def backward(self, array: Array, axis: int = -1) -> Array:
        """Apply V along an axis."""
        return self.synthesise(_scaled(array, self.mass, axis), axis, overwrite=True)


def _scaled(array: Array, mass: Array, axis: int) -> Array:
    shape = [1] * array.ndim
    shape[axis] = mass.size
    return array / np.sqrt(mass).reshape(shape)


class DenseEigenbasis(Eigenbasis):
    """An eigenbasis stored as a dense matrix and applied by matrix products.

    Parameters
    ----------
    vectors : (n, n) array
        The columns V, with ``V^T M V = I`` (the adjoint, where they are complex).
    eigenvalues : (n,) array
    """

    def __init__(self, vectors: Array, eigenvalues: Array) -> None:
        self.vectors = vectors
        self.stiffness = eigenvalues
        self.mass = np.ones_like(eigenvalues)
        self.is_complex = np.iscomplexobj(vectors)
        self.adjoint = vectors.conj().T if self.is_complex else vectors.T

    def astype(self, dtype: Any) -> "DenseEigenbasis":
        """The basis with its vectors rounded to this type; itself, if they have it."""
        return self if self.vectors.dtype == dtype else DenseEigenbasis(self.vectors.astype(dtype), self.stiffness)

    def analyse(self, array: Array, axis: int, *, out: Array | None = None, overwrite: bool = False) -> Array:
        """Multiply by V^T along the axis."""
        return mode_product(self.adjoint, array, axis, out=out)

    def synthesise(self, array: Array, axis: int, *, out: Array | None = None, overwrite: bool = False) -> Array:
        """Multiply by V along the axis."""
        return mode_product(self.vectors, array, axis, out=out)


def dense_eigenbasis(root: Array, mass: Array, null_vector: Array | None = None) -> DenseEigenbasis:
    """Solve ``B^T B v = lambda M v`` without ever forming ``B^T B``.

    On graded meshes the formed stiffness matrix has already lost the smooth modes to rounding: the eigenproblem is solved as the
    singular value decomposition of ``B L^-T`` with ``M = L L^T``. The factorization and the triangular solve are accurate relative to
    the scale of each row and column, whatever the grading (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., theorems 8.5
    and 10.5); the decomposition has to be so too.

    Parameters
    ----------
    root : (q, n) array
        B.
    mass : (n, n) array
        M, symmetric positive definite.
    null_vector : (n,) array, optional
        Known null vector of B: its eigenvalue is set to exactly 0, its eigenvector to this, normalized.

    Examples
    --------
    >>> dense_eigenbasis(np.array([[1.0, -1.0], [1.0, 1.0]]), np.eye(2)).eigenvalues
    array([2., 2.])
    """
    lower: Array = linalg.cholesky(mass, lower=True)
    reduced: Array = linalg.solve_triangular(lower, root.T, lower=True).T
    rows, columns = np.sum(reduced**2, axis=1), np.sum(root**2, axis=0) / np.diag(mass)
    graded = any(squares.max(initial=0.0) > GRADED**2 * squares[squares > 0].min(initial=np.inf) for squares in (rows, columns))
    singular, right = _svd(reduced, graded)
    eigenvalues = singular[::-1] ** 2
    vectors = np.ascontiguousarray(linalg.solve_triangular(lower, right[:, ::-1], lower=True, trans="T"))
    if null_vector is not None:
        eigenvalues[0] = 0.0
        vectors[:, 0] = null_vector / np.sqrt(null_vector @ mass @ null_vector)
    return DenseEigenbasis(vectors, eigenvalues)


def _svd(matrix: Array, graded: bool) -> tuple[Array, Array]:
    """Singular values, decreasing, and right singular vectors (columns); on graded meshes by Jacobi's method, the slower one.

    LAPACK's other drivers find small singular values to eps times the largest one only: at size ratios of 1e8 gesdd has lost 1e-9 of the
    solution, gesvd up to 1e-7 where coarse cells lie beside fine ones; Jacobi's method keeps 1e-12 (Drmac & Veselic, "New fast and
    accurate Jacobi SVD algorithm", SIAM J. Matrix Anal. Appl. 29 (2008), with the row pivoting of its variant "F").
    """
    rows, columns = matrix.shape
    tall = np.vstack([matrix, np.zeros((max(0, columns - rows), columns))])  # the drivers then give all right vectors
    if not graded:
        _, values, right = linalg.svd(tall, full_matrices=False)
        return values, right.T
    values, _, vectors, scale, _, info = linalg.lapack.dgejsv(tall, joba=2, jobr=0, jobp=0)
    if info:
        raise linalg.LinAlgError(f"dgejsv: the eigenbasis of one axis was not found (info = {info}); use fewer cells or a milder grading")
    return values * (scale[0] / scale[1]), vectors


def hermitian_eigenbasis(stiffness: Any, mass: Any | None = None) -> DenseEigenbasis:
    """Solve ``K v = lambda M v`` with the matrices themselves.

    The smallest eigenvalues are found to eps times the largest: right for a matrix that is given as such, wrong on graded meshes,
    where `dense_eigenbasis` takes the square-root factor of K.

    Parameters
    ----------
    stiffness : (n, n) array or sparse array
        K, Hermitian.
    mass : (n, n) array or sparse array, optional
        M, Hermitian positive definite; the identity by default.

    Examples
    --------
    >>> hermitian_eigenbasis(np.array([[0.0, 2.0], [2.0, 3.0]])).eigenvalues
    array([-1.,  4.])
    """
    if mass is not None:
        pair: tuple[Array, Array] = linalg.eigh(dense(stiffness), dense(mass))
    elif bandwidth(stiffness) <= 1 and not np.iscomplexobj(stiffness):
        diagonal, beside = _diagonals(stiffness)
        pair = linalg.eigh_tridiagonal(diagonal, beside)
    else:
        pair = linalg.eigh(dense(stiffness), driver="evd")
    return DenseEigenbasis(np.ascontiguousarray(pair[1]), pair[0])


def hermitian_eigenvalues(matrix: Any, count: int | None = None) -> Array:
    """The eigenvalues of a Hermitian matrix, increasing; those of a banded one in O(n^2), times its bandwidth.

    Parameters
    ----------
    matrix : (n, n) array or sparse array
    count : int, optional
        How many of the smallest are needed; more may be given.

    Examples
    --------
    >>> hermitian_eigenvalues(np.array([[0.0, 2.0], [2.0, 3.0]]))
    array([-1.,  4.])
    """
    size, width = matrix.shape[0], bandwidth(matrix)
    if width <= 1:
        diagonal, beside = _diagonals(matrix)
        # A complex tridiagonal matrix is similar, by a diagonal of phases, to that of its entries' absolute values beside the diagonal.
        few = count is not None and count * FEW < size
        chosen: dict[str, Any] = {"select": "i", "select_range": (0, count - 1)} if few else {}  # type: ignore[operator]
        return np.asarray(linalg.eigvalsh_tridiagonal(diagonal.real, np.abs(beside), **chosen))
    if width > size // NARROW:
        return np.asarray(linalg.eigvalsh(dense(matrix)))
    bands = [np.pad(diagonal, (0, size - diagonal.size)) for diagonal in _diagonals(matrix, width)]
    return np.asarray(linalg.eigvals_banded(np.array(bands), lower=True))


def _diagonals(matrix: Any, width: int = 1) -> list[Array]:
    """The diagonal and those below it, in double precision."""
    return [dense(matrix.diagonal(-offset)) for offset in range(width + 1)]
