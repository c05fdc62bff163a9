"""Contractions of blocks of a tensor grid with banded matrices, given by the arrays of their CSR or CSC form.

All arrays of indices are of type intp, so that there is one compiled form. A row with few entries is the rule: on the Gauss grid of an axis
each basis function meets the points of the cells on which it lives, and no others.
"""

from typing import Any

from tensorfem.kron.kernels.jit import kernel


@kernel
def contract_rows(starts: Any, columns: Any, weights: Any, block: Any, out: Any) -> None:
    """Apply a matrix along the middle axis: ``out[i, r, :] = sum_c A[r, c] block[i, c, :]``, two rows of the block at a time.

    Parameters
    ----------
    starts, columns, weights : arrays
        CSR form of the (n, q) matrix A.
    block : (lead, q, trail) array
    out : (lead, n, trail) array
    """
    lead, rows, trail = out.shape
    for i in range(lead):
        for r in range(rows):
            for k in range(trail):
                out[i, r, k] = 0.0
            entry, end = starts[r], starts[r + 1]
            while entry + 1 < end:
                first, second, c, d = weights[entry], weights[entry + 1], columns[entry], columns[entry + 1]
                for k in range(trail):
                    out[i, r, k] += first * block[i, c, k] + second * block[i, d, k]
                entry += 2
            if entry < end:
                first, c = weights[entry], columns[entry]
                for k in range(trail):
                    out[i, r, k] += first * block[i, c, k]


@kernel
def contract_lines(starts: Any, columns: Any, weights: Any, block: Any, out: Any) -> None:
    """Apply a matrix along the last axis: ``out[i, r] = sum_c A[r, c] block[i, c]``, four lines at a time.

    Parameters
    ----------
    starts, columns, weights : arrays
        CSR form of the (n, q) matrix A.
    block : (lead, q) array
    out : (lead, n) array
    """
    lead, rows = out.shape
    for i in range(0, lead - 3, 4):
        for r in range(rows):
            one, two, three, four = 0.0, 0.0, 0.0, 0.0
            for entry in range(starts[r], starts[r + 1]):
                weight, c = weights[entry], columns[entry]
                one += weight * block[i, c]
                two += weight * block[i + 1, c]
                three += weight * block[i + 2, c]
                four += weight * block[i + 3, c]
            out[i, r], out[i + 1, r], out[i + 2, r], out[i + 3, r] = one, two, three, four
    for i in range(lead - lead % 4, lead):
        for r in range(rows):
            one = 0.0
            for entry in range(starts[r], starts[r + 1]):
                one += weights[entry] * block[i, columns[entry]]
            out[i, r] = one


@kernel
def scatter_rows(starts: Any, rows: Any, weights: Any, block: Any, out: Any) -> None:
    """Add a matrix applied along the first axis: ``out[r, :] += sum_c A[r, c] block[c, :]``, column by column.

    Parameters
    ----------
    starts, rows, weights : arrays
        CSC form of A; of `starts` only the part for the columns that the block holds.
    block : (c, trail) array
    out : (n, trail) array
    """
    columns, trail = block.shape
    for c in range(columns):
        for entry in range(starts[c], starts[c + 1]):
            r, weight = rows[entry], weights[entry]
            for k in range(trail):
                out[r, k] += weight * block[c, k]
