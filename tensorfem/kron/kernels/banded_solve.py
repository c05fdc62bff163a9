"""Systems along one axis, one per combination of the other axes' modes, solved in place: diagonal, tridiagonal and banded ones.

All take `field`, (batch, n, columns), C-contiguous, and work on its columns from `start` up to `stop`. The matrix of column k is
``matrices[0] + sum_t factors[t - 1, b, k] matrices[t]``, with b the entry of the batch modulo the length of that axis of `factors`, and its
right-hand side is multiplied by ``scale[b, k]``. Columns go through in blocks so narrow that what is kept of the factorization stays in the
cache. `tensorfem.kron.banded_systems` has the same in NumPy.
"""

import numpy as np

from tensorfem.kron.kernels.jit import kernel
from tensorfem.kron.mode_product import Array


@kernel
def _combine(total: Array, matrices: Array, band: int, row: int, factors: Array) -> None:
    """One band's entry of all matrices of a block: ``matrices[0] + sum_t factors[t - 1] matrices[t]``."""
    first, second = matrices[0, band, row], matrices[1, band, row]
    for k in range(total.size):
        total[k] = first + factors[0, k] * second
    for term in range(2, matrices.shape[0]):
        value = matrices[term, band, row]
        for k in range(total.size):
            total[k] += factors[term - 1, k] * value


@kernel
def divide(field: Array, start: int, stop: int, matrices: Array, factors: Array, scale: Array) -> None:
    """Diagonal systems: `matrices` is (terms, 1, n)."""
    batch, size, _ = field.shape
    total = np.empty(stop - start, dtype=field.dtype)
    for b in range(batch):
        several, weight = factors[:, b % scale.shape[0]], scale[b % scale.shape[0]]
        for i in range(size):
            row = field[b, i, start:stop]
            _combine(total, matrices, 0, i, several)
            for k in range(row.size):
                row[k] = row[k] * weight[k] / total[k]


@kernel
def solve_tridiagonal(field: Array, start: int, stop: int, matrices: Array, factors: Array, scale: Array, block: int) -> None:
    """Symmetric tridiagonal systems: `matrices` is (terms, 2, n), the sums of the rows and the entries beside the diagonal.

    With e the entries beside the diagonal, p the pivots and g = p + e: ``g_i = sum_i - (e_(i-1) / p_(i-1)) g_(i-1)``. Where no e is
    positive nothing cancels, so that small row sums keep all their digits.
    """
    batch, size, _ = field.shape
    dtype = field.dtype
    ratios, beside, before, carried = np.empty((size, block), dtype), np.empty(block, dtype), np.empty(block, dtype), np.empty(block, dtype)
    sums = np.empty(block, dtype)
    for b in range(batch):
        mode = b % scale.shape[0]
        for first in range(start, stop, block):
            last = min(first + block, stop)
            width = last - first
            several, weight = factors[:, mode, first - start : last - start], scale[mode, first - start : last - start]
            for k in range(width):
                before[k] = 0.0
                carried[k] = 0.0
            previous = field[b, 0, first:last]
            for i in range(size):
                row, ratio = field[b, i, first:last], ratios[i, :width]
                _combine(sums[:width], matrices, 0, i, several)
                _combine(beside[:width], matrices, 1, i, several)
                # Loops over few arrays each: with more of them LLVM would not check that none overlap, and not vectorize.
                for k in range(width):
                    together = sums[k] - carried[k]
                    sums[k] = 1 / (together - beside[k])
                    ratio[k] = beside[k] * sums[k]
                    carried[k] = ratio[k] * together
                for k in range(width):
                    row[k] = (row[k] * weight[k] - before[k] * previous[k]) * sums[k]
                before, beside = beside, before
                previous = row
            for i in range(size - 2, -1, -1):
                row, ratio, following = field[b, i, first:last], ratios[i, :width], field[b, i + 1, first:last]
                for k in range(width):
                    row[k] -= ratio[k] * following[k]


@kernel
def solve_banded(field: Array, start: int, stop: int, matrices: Array, factors: Array, scale: Array, block: int) -> None:
    """Symmetric definite systems of any bandwidth w by ``L D L^T``: `matrices` is (terms, w + 1, n), the lower bands."""
    batch, size, _ = field.shape
    bands, dtype = matrices.shape[1] - 1, field.dtype
    lower, inverses = np.empty((size, bands, block), dtype), np.empty((size, block), dtype)
    current, pivot = np.empty((bands, block), dtype), np.empty(block, dtype)
    for b in range(batch):
        mode = b % scale.shape[0]
        for first in range(start, stop, block):
            last = min(first + block, stop)
            width = last - first
            several, weight = factors[:, mode, first - start : last - start], scale[mode, first - start : last - start]
            for i in range(size):
                row, reach = field[b, i, first:last], min(i, bands)
                for k in range(width):
                    row[k] *= weight[k]
                _combine(pivot[:width], matrices, 0, i, several)
                for m in range(reach, 0, -1):  # current[m - 1] becomes L_(i, i - m) D_(i - m)
                    entry = current[m - 1, :width]
                    _combine(entry, matrices, m, i - m, several)
                    for q in range(m + 1, reach + 1):
                        left, above = current[q - 1, :width], lower[i - m, q - m - 1, :width]
                        for k in range(width):
                            entry[k] -= left[k] * above[k]
                for m in range(1, reach + 1):
                    entry, left, inverse, solved = (
                        current[m - 1, :width],
                        lower[i, m - 1, :width],
                        inverses[i - m],
                        field[b, i - m, first:last],
                    )
                    for k in range(width):
                        left[k] = entry[k] * inverse[k]
                        pivot[k] -= entry[k] * left[k]
                        row[k] -= left[k] * solved[k]
                inverse = inverses[i, :width]
                for k in range(width):
                    inverse[k] = 1 / pivot[k]
            for i in range(size - 1, -1, -1):
                row, inverse = field[b, i, first:last], inverses[i, :width]
                for k in range(width):
                    row[k] *= inverse[k]
                for m in range(1, min(bands, size - 1 - i) + 1):
                    left, solved = lower[i + m, m - 1, :width], field[b, i + m, first:last]
                    for k in range(width):
                        row[k] -= left[k] * solved[k]
