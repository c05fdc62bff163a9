"""Systems with banded matrices along one axis of a field, one per combination of the other axes' modes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

import tensorfem.kron.kernels as kernels
from tensorfem.kron.matrix import bandwidth
from tensorfem.kron.mode_product import Array

BLOCK_ENTRIES = 1 << 16  # of what a kernel keeps of the factorization of a block of columns: half a megabyte stays in the cache
NARROWEST, WIDEST = 16, 256  # columns of such a block


class BandedSystems:
    """The symmetric definite systems ``(A_0 + lambda_1 A_1 + lambda_2 A_2 + ...) x = w b``, one per column of a field.

    Diagonal ones are divided by; tridiagonal ones are eliminated by their row sums (see `tridiagonal`), banded ones by ``L D L^T``. No
    factorization is kept: it is made again for each block of columns, in the cache.

    Parameters
    ----------
    matrices : sequence of at least two (n, n) arrays or sparse arrays
        A_0, A_1, ..., real and symmetric.
    row_sums : sequence of (n,) arrays, optional
        The sums of the matrices' rows, where they are known better than from the rounded entries.

    Examples
    --------
    >>> systems = BandedSystems([np.diag([1.0, 2.0]), np.eye(2)])
    >>> field = np.array([[[4.0, 6.0], [5.0, 8.0]]])
    >>> systems.solve(field, slice(0, 2), factors=np.array([[[1.0, 2.0]]]), scale=np.ones((1, 2)), compiled=False)
    >>> field
    array([[[2.        , 2.        ],
            [1.66666667, 2.        ]]])
    """

    def __init__(self, matrices: Sequence[Any], row_sums: Sequence[Array] | None = None) -> None:
        self.bandwidth = max(bandwidth(matrix) for matrix in matrices)
        first = [_bands(matrix, self.bandwidth) for matrix in matrices]
        if self.bandwidth == 1:
            sums = [np.asarray(matrix.sum(axis=1)) for matrix in matrices] if row_sums is None else row_sums
            first = [np.array([one, bands[1]]) for one, bands in zip(sums, first, strict=True)]
        self._matrices = {np.dtype(float): np.array(first)}

    @property
    def size(self) -> int:
        """Length of the axis."""
        return int(self._matrices[np.dtype(float)].shape[2])

    def solve(self, field: Array, columns: slice, factors: Array, scale: Array, *, compiled: bool) -> None:
        """Solve for some columns of a field, in place.

        Parameters
        ----------
        field : (batch, n, count) array
            Real or complex; C-contiguous where `compiled`.
        columns : slice
        factors : (terms - 1, period, columns) array
            The lambdas; entry b of the batch takes those of b modulo the period.
        scale : (period, columns) array
            w.
        compiled : bool
            Whether to take the kernels.
        """
        if compiled and np.iscomplexobj(field):  # real and imaginary parts are columns side by side
            numbers, columns = field.view(field.real.dtype), slice(2 * columns.start, 2 * columns.stop)
            self._compiled(numbers, columns, np.repeat(factors, 2, axis=-1), np.repeat(scale, 2, axis=-1))
        elif compiled:
            self._compiled(field, columns, factors, scale)
        else:
            rows = field[:, :, columns].reshape(-1, scale.shape[0], *field[:1, :, columns].shape[1:])
            (divide, tridiagonal, banded)[min(self.bandwidth, 2)](rows, self._cast(field.real.dtype), factors, scale)

    def _compiled(self, field: Array, columns: slice, factors: Array, scale: Array) -> None:
        matrices, start, stop = self._cast(field.dtype), columns.start, columns.stop
        factors, scale = (np.ascontiguousarray(numbers, dtype=field.dtype) for numbers in (factors, scale))
        block = max(NARROWEST, min(WIDEST, BLOCK_ENTRIES // max(1, self.size * self.bandwidth)))
        match self.bandwidth:
            case 0:
                kernels.divide(field, start, stop, matrices, factors, scale)
            case 1:
                kernels.solve_tridiagonal(field, start, stop, matrices, factors, scale, block)
            case _:
                kernels.solve_banded(field, start, stop, matrices, factors, scale, block)

    def _cast(self, dtype: Any) -> Array:
        if dtype not in self._matrices:
            self._matrices[dtype] = self._matrices[np.dtype(float)].astype(dtype)
        return self._matrices[dtype]


def _bands(matrix: Any, width: int) -> Array:
    """The diagonal and those below it, each filled up with zeros."""
    size = matrix.shape[0]
    return np.array([np.pad(np.asarray(matrix.diagonal(-k), dtype=float), (0, k)) for k in range(min(width + 1, size))])


def divide(rows: Array, matrices: Array, factors: Array, scale: Array) -> None:
    """Diagonal systems in NumPy; shapes as of `tridiagonal`, with (terms, 1, n) matrices."""
    rows *= scale[:, None]
    rows /= _combined(matrices[:, 0], factors[:, :, None])


def tridiagonal(rows: Array, matrices: Array, factors: Array, scale: Array) -> None:
    """Symmetric tridiagonal systems in NumPy, row by row for all columns at once.

    With e the entries beside the diagonal, p the pivots and g = p + e the recurrence is ``g_i = s_i - (e_(i-1) / p_(i-1)) g_(i-1)``, s the
    sums of the rows. Where no e is positive nothing cancels, and s that are small beside the entries keep all their digits: the smooth
    modes of graded meshes are not lost (as in Alfa, Xue & Ye, "Accurate computation of the smallest eigenvalue of a diagonally dominant
    M-matrix", Math. Comp. 71 (2002)).

    Parameters
    ----------
    rows : (batch, period, n, columns) array
        The right-hand sides, overwritten.
    matrices : (terms, 2, n) array
        Row sums, and entries beside the diagonal.
    factors : (terms - 1, period, columns) array
    scale : (period, columns) array
    """
    size, ratios = rows.shape[2], []
    carried = before = np.zeros_like(scale)
    for i in range(size):
        sums, beside = (_combined(matrices[:, band, i : i + 1], factors) for band in (0, 1))
        together = sums - carried
        inverse = 1 / (together - beside)
        rows[:, :, i] = (rows[:, :, i] * scale - before * rows[:, :, max(0, i - 1)]) * inverse
        ratios.append(beside * inverse)
        carried, before = ratios[i] * together, beside
    for i in range(size - 2, -1, -1):
        rows[:, :, i] -= ratios[i] * rows[:, :, i + 1]


def banded(rows: Array, matrices: Array, factors: Array, scale: Array) -> None:
    """Symmetric definite systems of any bandwidth by ``L D L^T`` in NumPy; shapes as of `tridiagonal`, with (terms, w + 1, n) bands."""
    width, size = matrices.shape[1] - 1, rows.shape[2]
    lower: list[list[Array]] = []
    pivots: list[Array] = []
    rows *= scale[:, None]
    for i in range(size):
        reach = min(i, width)
        current: dict[int, Array] = {}
        for m in range(reach, 0, -1):
            entry = _combined(matrices[:, m, i - m : i - m + 1], factors)
            current[m] = entry - sum(current[q] * lower[i - m][q - m - 1] for q in range(m + 1, reach + 1))
        left = [current[m] / pivots[i - m] for m in range(1, reach + 1)]
        diagonal = _combined(matrices[:, 0, i : i + 1], factors)
        pivots.append(diagonal - sum(current[m] * left[m - 1] for m in range(1, reach + 1)))
        lower.append(left)
        for m in range(1, reach + 1):
            rows[:, :, i] -= left[m - 1] * rows[:, :, i - m]
    for i in range(size - 1, -1, -1):
        rows[:, :, i] /= pivots[i]
        for m in range(1, min(width, size - 1 - i) + 1):
            rows[:, :, i] -= lower[i + m][m - 1] * rows[:, :, i + m]


def _combined(entries: Array, factors: Array) -> Array:
    """``entries[0] + sum_t factors[t - 1] entries[t]``, the entries along the axis before the last."""
    total = entries[0][:, None] + factors[0] * entries[1][:, None]
    for term in range(2, len(entries)):
        total = total + factors[term - 1] * entries[term][:, None]
    return np.asarray(total)
