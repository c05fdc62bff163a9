"""Axes that a reflection leaves as they are: their eigenvectors are even or odd, and half the arithmetic suffices."""

import copy
import math
from typing import Any

import numpy as np

import tensorfem.kron.kernels as kernels
from tensorfem.kron.eigenbasis import DenseEigenbasis, Eigenbasis, dense_eigenbasis
from tensorfem.kron.mode_product import Array
from tensorfem.kron.slabs import slabs
from tensorfem.kron.threads import in_threads

PIECE = 1 << 17  # entries of a piece for one thread
SYMMETRIC = 1e-12  # of the entries of a row: what the two halves of an axis may differ by


def butterfly(array: Array, axis: int, out: Array | None = None) -> Array:
    """Replace entries j and n-1-j along an axis by their sum and their difference; the middle one stays.

    Parameters
    ----------
    array : array
    axis : int
    out : array, optional
        Where the result goes; in place by default.

    Examples
    --------
    >>> butterfly(np.array([1.0, 2.0, 3.0, 5.0, 8.0]), 0)
    array([ 9.,  7.,  3., -3., -7.])
    """
    result, position = array if out is None else out, axis % array.ndim
    if kernels.pays(array.size) and _as_lines(array, position) is not None and _as_lines(result, position) is not None:
        _compiled(_as_lines(array, position), _as_lines(result, position))
        return result
    source, target = np.moveaxis(array, position, 0), np.moveaxis(result, position, 0)
    half = source.shape[0] // 2
    difference = source[:half] - source[::-1][:half]
    np.add(source[:half], source[::-1][:half], out=target[:half])
    target[half : source.shape[0] - half] = source[half : source.shape[0] - half]
    target[::-1][:half] = difference
    return result


def _as_lines(array: Array, position: int) -> Array | None:
    """The array as (lead, n, trail), if that takes no copy."""
    if array.ndim == 3 and position == 1:
        return array
    if not array.flags.c_contiguous:
        return None
    return array.reshape(math.prod(array.shape[:position]), array.shape[position], math.prod(array.shape[position + 1 :]))


def _compiled(source: Any, target: Any) -> None:
    lead, size, trail = source.shape
    if trail == 1:
        work = lambda rows: kernels.butterfly_lines(source[rows, :, 0], target[rows, :, 0])  # noqa: E731
        in_threads(work, slabs(lead, size, PIECE))
    elif lead == 1:
        in_threads(lambda c: kernels.butterfly_rows(source[:, :, c], target[:, :, c]), slabs(trail, size, PIECE))
    else:
        in_threads(lambda rows: kernels.butterfly_rows(source[rows], target[rows]), slabs(lead, size * trail, PIECE))


class SymmetricEigenbasis(Eigenbasis):
    """The eigenbasis of an axis that is its own mirror image: with the exchange matrix J, J K J = K and J M J = M.

    The eigenvectors are even, V = J V, or odd, V = -J V. Sums and differences of mirrored entries decouple the two, and each half is a
    matrix product with half the rows and half the columns: half the operations in all (Cantoni & Butler, "Eigenvalues and eigenvectors of
    symmetric centrosymmetric matrices", Linear Algebra Appl. 13 (1976); Solomonoff, "A fast algorithm for spectral differentiation",
    J. Comput. Phys. 98 (1992)).

    The even modes come first, then the odd ones, each by increasing eigenvalue.

    Parameters
    ----------
    even, odd : DenseEigenbasis
        Of the pencils over the first half of the axis: ``P^T K P`` and ``P^T M P`` with ``P = (I; J)`` and ``P = (I; -J)`` (the middle
        unknown of an odd number is even).
    """

    def __init__(self, even: DenseEigenbasis, odd: DenseEigenbasis) -> None:
        self.stiffness = np.concatenate([even.stiffness, odd.stiffness])
        self.mass = np.concatenate([even.mass, odd.mass])
        # The butterfly leaves the differences in reversed order in the second half, and takes them back from there.
        self._halves: tuple[Array, ...] = (np.ascontiguousarray(even.vectors), np.ascontiguousarray(odd.vectors[::-1]))
        self._middle = len(even.mass)

    def analyse(self, array: Array, axis: int, *, out: Array | None = None, overwrite: bool = False) -> Array:
        """Sums and differences, then the transposed halves."""
        folded = butterfly(array, axis, None if overwrite else np.empty(array.shape, np.result_type(array, self._halves[0])))
        return self._multiply([half.T for half in self._halves], folded, axis, out)

    def synthesise(self, array: Array, axis: int, *, out: Array | None = None, overwrite: bool = False) -> Array:
        """The halves, then sums and differences."""
        result = self._multiply(list(self._halves), array, axis, out)
        butterfly(result, axis)
        return result

    def astype(self, dtype: Any) -> "SymmetricEigenbasis":
        """The basis with its halves in the precision of a type."""
        if self._halves[0].dtype == np.result_type(np.finfo(dtype).dtype):
            return self
        cast = copy.copy(self)
        cast._halves = tuple(half.astype(np.finfo(dtype).dtype) for half in self._halves)
        return cast

    def _multiply(self, halves: list[Array], array: Array, axis: int, out: Array | None) -> Array:
        result = np.empty(array.shape, np.result_type(array, halves[0])) if out is None else out
        for half, part in zip(halves, (slice(None, self._middle), slice(self._middle, None)), strict=True):
            _product(half, array, result, axis, part)
        return result


def _product(matrix: Array, array: Array, out: Array, axis: int, part: slice) -> None:
    """Multiply a part of an axis, into the same part of another array, without a copy of either."""
    position = axis % array.ndim
    lead, size, trail = math.prod(array.shape[:position]), array.shape[position], math.prod(array.shape[position + 1 :])
    if trail == 1:
        np.matmul(array.reshape(lead, size)[:, part], matrix.T, out=out.reshape(lead, size)[:, part])
    else:
        np.matmul(matrix, array.reshape(lead, size, trail)[:, part], out=out.reshape(lead, size, trail)[:, part])


def is_symmetric(matrix: Any) -> bool:
    """Whether a sparse matrix is its own image under the reversal of rows and columns, entry by entry.

    Examples
    --------
    >>> import scipy.sparse as sparse
    >>> [is_symmetric(sparse.csr_array(np.array(m))) for m in ([[2.0, 1.0], [1.0, 2.0]], [[2.0, 1.0], [1.0, 3.0]])]
    [True, False]
    """
    difference = abs(matrix - matrix[::-1, ::-1]).max(axis=1).toarray()
    return bool((difference <= SYMMETRIC * abs(matrix).max(axis=1).toarray()).all())


def symmetric_eigenbasis(root: Any, mass: Any, null_vector: Array | None = None) -> SymmetricEigenbasis:
    """The eigenbasis of ``K = B^T B`` and M that a reflection leaves as they are, from two pencils of half the size.

    Parameters
    ----------
    root : (q, n) sparse array
        B.
    mass : (n, n) sparse array
        M, symmetric positive definite.
    null_vector : (n,) array, optional
        Known null vector of B, which is even.

    Examples
    --------
    >>> import scipy.sparse as sparse
    >>> B = sparse.csr_array(np.array([[1.0, 0.0], [1.0, -1.0], [0.0, 1.0]]))
    >>> symmetric_eigenbasis(B, sparse.eye_array(2, format="csr")).eigenvalues.round(12)
    array([1., 3.])
    """
    size = mass.shape[0]
    sides = np.eye(size)[:, : (size + 1) // 2], np.eye(size)[:, : size // 2]
    even, odd = sides[0] + sides[0][::-1], sides[1] - sides[1][::-1]
    even[size // 2, size // 2 :] = 1.0  # the middle unknown, which is its own image, once
    bases = [dense_eigenbasis(root @ P, P.T @ (mass @ P), vector) for P, vector in ((even, _half(null_vector, even)), (odd, None))]
    return SymmetricEigenbasis(*bases)


def _half(vector: Array | None, even: Array) -> Array | None:
    return None if vector is None else vector[: even.shape[1]]
