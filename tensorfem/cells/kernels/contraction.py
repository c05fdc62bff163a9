"""Small tables applied along one axis of the numbers of a batch of cells, which are lanes."""

from typing import Any

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
    for o in range(outer):
        for r in range(0, rows, 2):
            two = r + 1 < rows
            here, other = t + r * row, t + (r + 1 if two else r) * row
            for i in range(0, step, lanes):
                s, d = source + o * columns * step + i, target + (o * rows + r) * step + i
                value = load(work, s)
                first, second = value * table[here], value * table[other]
                for c in range(1, columns):
                    value = load(work, s + c * step)
                    first, second = first + value * table[here + c * column], second + value * table[other + c * column]
                store(work, d, load(work, d) + first if add else first)
                if two:
                    store(work, d + step, load(work, d + step) + second if add else second)


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
