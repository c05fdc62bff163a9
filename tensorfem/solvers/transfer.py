"""Fields brought from one grid to another by a matrix per axis, without fresh memory."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sparse

import tensorfem.kron.kernels as kernels
from tensorfem.kron import Array, mode_product
from tensorfem.kron.threads import in_threads, parts, thread_count
from tensorfem.late import late

AXES = 3  # of the kernel; fewer are preceded by axes of one point
SMALL = 1 << 14  # entries that one thread brings over alone

_compiled = late("tensorfem.solvers", {"transfer": "kernels"})


class Transfer:
    """A Kronecker product of sparse matrices with few entries per row, added to a field.

    Parameters
    ----------
    factors : sequence of (m, n) sparse arrays
    dtype : dtype
    compiled : bool
        Whether kernels are to be used.

    Examples
    --------
    >>> out = np.ones((1, 2))
    >>> Transfer([sparse.csr_array([[1.0, 1.0]]), sparse.eye_array(2)], np.float64, compiled=False).add(np.eye(2), out); out
    array([[2., 2.]])
    """

    def __init__(self, factors: Sequence[Any], dtype: Any, *, compiled: bool) -> None:
        self.dtype = np.dtype(dtype)
        self.factors = [sparse.csr_array(factor).astype(dtype) for factor in factors]
        missing = AXES - len(self.factors)
        self._tables = None
        if compiled and missing >= 0 and kernels.available():
            self._tables = [_table(factor) for factor in [sparse.csr_array(np.ones((1, 1), dtype))] * missing + self.factors]
        rows, columns = zip(*(factor.shape for factor in self.factors), strict=True)
        self._rows, self._columns = ((1,) * missing + sizes for sizes in (rows, columns))

    def add(self, array: Array, out: Array) -> None:
        """Add the image of an array to `out`, which does not overlap it."""
        if self._tables is None:
            self._add_by_axes(array, out)
            return
        source, target, (first, second, third) = array.reshape(-1), out.reshape(-1), self._tables
        shape = (*self._rows[1:], *self._columns[1:])

        def work(rows: slice) -> None:
            room = np.empty(self._columns[-1], self.dtype)
            _compiled("transfer")(source, shape, first, second, third, (rows.start, rows.stop), room, target)

        in_threads(work, parts(self._rows[0], 4 * thread_count() if out.size > SMALL else 1))

    def _add_by_axes(self, array: Array, out: Array) -> None:
        for axis in sorted(range(array.ndim), key=lambda k: self.factors[k].shape[0] / self.factors[k].shape[1]):
            array = mode_product(self.factors[axis], array, axis)
        out += array


def _table(matrix: Any) -> tuple[Array, Array]:
    """The columns and the weights of a sparse matrix' entries: (most in a row, rows) each, padded with zeros."""
    counts = np.diff(matrix.indptr)
    places = np.arange(matrix.nnz) - np.repeat(matrix.indptr[:-1], counts)
    rows = np.repeat(np.arange(matrix.shape[0]), counts)
    columns = np.zeros((int(counts.max(initial=1)), matrix.shape[0]), dtype=np.int32)
    weights = np.zeros(columns.shape, dtype=matrix.dtype)
    columns[places, rows], weights[places, rows] = matrix.indices, matrix.data
    return columns, weights
