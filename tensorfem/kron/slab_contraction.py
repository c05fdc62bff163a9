"""A tensor grid contracted slab by slab: one sparse matrix per axis, the whole grid never held."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import scipy.sparse as sparse

import tensorfem.kron.kernels as kernels
from tensorfem.kron.mode_product import Array, mode_product
from tensorfem.kron.slabs import nonzero_rows, slabs
from tensorfem.kron.threads import in_threads, parts, thread_count

COMPILED_SLAB = 1 << 17  # entries at a time: they, and what becomes of them, stay in one core's own cache


def contract(matrices: Sequence[Any], array: Array) -> Array:
    """Apply one matrix along each axis, ``(A_0 (x) A_1 (x) ...) array``, slab by slab and in threads where the field is large.

    Parameters
    ----------
    matrices : sequence of (n_i, q_i) sparse arrays
        Of few entries per row.
    array : array of float64, of shape (q_0, q_1, ...)

    Returns
    -------
    array of shape (n_0, n_1, ...)

    Examples
    --------
    >>> contract([sparse.csr_array([[1.0, 1.0]]), sparse.csr_array([[2.0], [3.0]])], np.array([[1.0], [4.0]]))
    array([[10., 15.]])
    """
    if not kernels.pays(array.size):
        for axis, matrix in enumerate(matrices):
            array = mode_product(matrix, array, axis)
        return array
    source, out = np.ascontiguousarray(array), np.zeros([matrix.shape[0] for matrix in matrices])
    writable = source if source.flags.writeable else source.copy()  # numba takes read-only arrays for another type

    def add(rows: slice) -> None:
        work = SlabContraction([sparse.csr_array(matrices[0])[rows], *matrices[1:]], out[rows], compiled=True)
        for slab in work.slabs(COMPILED_SLAB):
            work.add(slab, work.trailing(writable[slab]))

    in_threads(add, parts(len(out), thread_count()))
    return out


class SlabContraction:
    """``out += (A_0 (x) A_1 (x) ...) values``, where the values come slab by slab along axis 0.

    Axes along which the values do not vary may have length 1: they are contracted with the row sums of their matrix.

    Parameters
    ----------
    matrices : sequence of (n_i, q_i) sparse arrays
    out : C-contiguous array of float64, of shape (n_0, n_1, ...)
    compiled : bool
        Whether kernels do it, in scratch arrays that this object keeps: one object serves one thread.

    Examples
    --------
    >>> A, B = sparse.csr_array([[1.0, 1.0, 0.0]]), sparse.csr_array([[2.0, 0.0], [0.0, 1.0]])
    >>> contraction = SlabContraction([A, B], np.zeros((1, 2)))
    >>> for slab in contraction.slabs(entries=2):
    ...     contraction.add(slab, contraction.trailing(np.ones((slab.stop - slab.start, 2))))
    >>> contraction.out
    array([[4., 2.]])
    """

    def __init__(self, matrices: Sequence[Any], out: Array, *, compiled: bool = False) -> None:
        self.out = out
        self.compiled = compiled
        self._matrices = [sparse.csr_array(matrix) for matrix in matrices]
        self._leading = sparse.csc_array(self._matrices[0])
        self._known: dict[tuple[int, bool], Any] = {}
        self._scratch: dict[int, Array] = {}

    def slabs(self, entries: int) -> Iterator[slice]:
        """The columns of A_0, in pieces of about so many entries of the grid; those without entries are left out."""
        used = np.flatnonzero(np.diff(self._leading.indptr))
        for run in np.split(used, np.flatnonzero(np.diff(used) > 1) + 1):
            for slab in slabs(run.size, math.prod(matrix.shape[1] for matrix in self._matrices[1:]), entries):
                yield slice(int(run[0]) + slab.start, int(run[0]) + slab.stop)

    def trailing(self, values: Array) -> Array:
        """All axes but the first, contracted: (r, q_1, ...) -> (r, n_1, ...); with kernels, in scratch that the next call takes."""
        if not self.compiled:
            for axis in range(1, values.ndim):
                values = mode_product(self._factor(axis, values.shape[axis]), values, axis)
            return values
        # The last axis comes last: its kernel is the slowest, and the others shrink what is left for it.
        for axis in (*range(values.ndim - 2, 0, -1), values.ndim - 1):
            values = self._contracted(values, axis) if axis else values
        return values

    def add(self, slab: slice, contracted: Array) -> None:
        """Contract axis 0, and add to the result; `contracted` has a row for each column of A_0 in the slab, or one for all."""
        if contracted.shape[0] == 1 < slab.stop - slab.start:
            self._add_constant(slab, contracted[0])
        elif self.compiled:
            starts, rows, weights = self._arrays(0, constant=False)
            lines = (-1, math.prod(self.out.shape[1:]))
            starts = starts[slab.start : slab.stop + 1]
            kernels.scatter_rows(starts, rows, weights, contracted.reshape(lines), self.out.reshape(lines))
        else:
            block = self._leading[:, slab].tocsr()
            touched = nonzero_rows(block)
            self.out[touched] += mode_product(block[touched], contracted, 0)

    def _add_constant(self, slab: slice, contracted: Array) -> None:
        sums = np.asarray(self._leading[:, slab].sum(axis=1))
        for row in np.flatnonzero(sums):
            self.out[row] += sums[row] * contracted

    def _factor(self, axis: int, length: int) -> Any:
        matrix = self._matrices[axis]
        return sparse.csr_array(matrix.sum(axis=1)[:, None]) if length == 1 and matrix.shape[1] > 1 else matrix

    def _contracted(self, values: Array, axis: int) -> Array:
        arrays, rows = self._arrays(axis, constant=values.shape[axis] == 1), self.out.shape[axis]
        lead, length, trail = values.shape[:axis], values.shape[axis], values.shape[axis + 1 :]
        out = self._room(axis, (*lead, rows, *trail))
        if trail:
            kernels.contract_rows(*arrays, values.reshape(-1, length, math.prod(trail)), out.reshape(-1, rows, math.prod(trail)))
        else:
            kernels.contract_lines(*arrays, values.reshape(-1, length), out.reshape(-1, rows))
        return out

    def _arrays(self, axis: int, *, constant: bool) -> tuple[Array, Array, Array]:
        """The three arrays of a matrix: in CSC form of the first, in CSR form of the others."""
        if (axis, constant) not in self._known:
            matrix = self._factor(axis, 1 if constant else -1) if axis else self._leading
            self._known[axis, constant] = (matrix.indptr.astype(np.intp), matrix.indices.astype(np.intp), matrix.data)
        arrays: tuple[Array, Array, Array] = self._known[axis, constant]
        return arrays

    def _room(self, axis: int, shape: tuple[int, ...]) -> Array:
        size = math.prod(shape)
        if axis not in self._scratch or self._scratch[axis].size < size:
            self._scratch[axis] = np.empty(size)
        return self._scratch[axis][:size].reshape(shape)
