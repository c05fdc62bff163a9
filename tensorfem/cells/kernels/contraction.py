"""Small tables applied along one axis of the numbers of a batch of cells, which are lanes."""

from typing import Any

import numpy as np

from tensorfem.kron.kernels.jit import kernel
from tensorfem.kron.kernels.lanes import load, store


@kernel
def along_others(
    work: Any, source: int, target: int, table: Any, t: int, outer: int, m: int, q: int, inner: int, transposed: bool, add: bool, lanes: int
) -> None:
    """``target[o, r, i] = sum_c table[c, r] source[o, c, i]``, or added to that; transposed, `source` and `target` change their parts.

    Parameters
    ----------
    work : flat array
        Where the places `source` and `target` are.
    table : flat array
        From place t on (m, q) numbers.
    """
    rows, columns = (m, q) if transposed else (q, m)
    row, column = (q, 1) if transposed else (1, q)
    step = inner * lanes
    blocks = inner // 4 * 4 * lanes
    for o in range(outer):
        for r in range(0, rows, 2):
            here, other = t + r * row, t + min(r + 1, rows - 1) * row
            s, d = source + o * columns * step, target + (o * rows + r) * step
            further = d + (step if r + 1 < rows else 0)  # the last row of an odd number is made twice
            for i in range(0, blocks, 4 * lanes):
                _four(work, s + i, d + i, further + i, table, here, other, column, columns, step, add, lanes)
            for i in range(blocks, step, lanes):
                _one(work, s + i, d + i, further + i, table, here, other, column, columns, step, add)


@kernel
def _four(
    work: Any, s: int, d: int, e: int, table: Any, here: int, other: int, column: int, columns: int, step: int, add: bool, lanes: int
) -> None:
    """Four neighbours in two rows of the result."""
    w0, w1, w2, w3 = load(work, s), load(work, s + lanes), load(work, s + 2 * lanes), load(work, s + 3 * lanes)
    f, g = table[here], table[other]
    a0, a1, a2, a3 = w0 * f, w1 * f, w2 * f, w3 * f
    b0, b1, b2, b3 = w0 * g, w1 * g, w2 * g, w3 * g
    for _ in range(1, columns):
        s, here, other = s + step, here + column, other + column
        w0, w1, w2, w3 = load(work, s), load(work, s + lanes), load(work, s + 2 * lanes), load(work, s + 3 * lanes)
        f, g = table[np.uint64(here)], table[np.uint64(other)]
        a0, a1, a2, a3 = a0 + w0 * f, a1 + w1 * f, a2 + w2 * f, a3 + w3 * f
        b0, b1, b2, b3 = b0 + w0 * g, b1 + w1 * g, b2 + w2 * g, b3 + w3 * g
    if add:
        a0, a1, a2, a3 = a0 + load(work, d), a1 + load(work, d + lanes), a2 + load(work, d + 2 * lanes), a3 + load(work, d + 3 * lanes)
        b0, b1, b2, b3 = b0 + load(work, e), b1 + load(work, e + lanes), b2 + load(work, e + 2 * lanes), b3 + load(work, e + 3 * lanes)
    store(work, d, a0)
    store(work, d + lanes, a1)
    store(work, d + 2 * lanes, a2)
    store(work, d + 3 * lanes, a3)
    if e != d:
        store(work, e, b0)
        store(work, e + lanes, b1)
        store(work, e + 2 * lanes, b2)
        store(work, e + 3 * lanes, b3)


@kernel
def _one(work: Any, s: int, d: int, e: int, table: Any, here: int, other: int, column: int, columns: int, step: int, add: bool) -> None:
    """One place in two rows of the result."""
    value = load(work, s)
    first, second = value * table[here], value * table[other]
    for _ in range(1, columns):
        s, here, other = s + step, here + column, other + column
        value = load(work, s)
        first, second = first + value * table[np.uint64(here)], second + value * table[np.uint64(other)]
    if add:
        first, second = first + load(work, d), second + load(work, e)
    store(work, d, first)
    if e != d:
        store(work, e, second)


@kernel
def along_last(
    work: Any, source: int, target: int, table: Any, t: int, outer: int, m: int, q: int, transposed: bool, add: bool, lanes: int
) -> None:
    """The same along the axis of the lanes, with a table for each: from place t on (m, q) of them."""
    rows, columns = (m, q) if transposed else (q, m)
    row, column = (q * lanes, lanes) if transposed else (lanes, q * lanes)
    for r in range(rows):
        for o in range(0, outer, 2):
            two = o + 1 < outer
            s, d = source + o * columns * lanes, target + (o * rows + r) * lanes
            further = s + (columns * lanes if two else 0)
            factor = load(table, t + r * row)
            first, second = load(work, s) * factor, load(work, further) * factor
            for c in range(1, columns):
                factor = load(table, t + r * row + c * column)
                first, second = first + load(work, s + c * lanes) * factor, second + load(work, further + c * lanes) * factor
            store(work, d, load(work, d) + first if add else first)
            if two:
                store(work, d + rows * lanes, load(work, d + rows * lanes) + second if add else second)
