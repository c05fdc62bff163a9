"""Small tables applied along one axis of the numbers of a batch of cells, which are lanes."""

from typing import Any

from tensorfem.cells.kernels.blocks import add_products, load_block, no_sums, store_block
from tensorfem.kron.kernels.jit import kernel

ONE, TWO, THREE, FOUR, FIVE = (0,), (0,) * 2, (0,) * 3, (0,) * 4, (0,) * 5
MOST = 5  # rows at a time: with four columns their sums, and what they are made of, fit into 32 registers


@kernel
def along_axis(
    work: Any, source: int, target: int, table: Any, t: int, outer: int, m: int, q: int, inner: int, transposed: bool, add: bool, lanes: int
) -> None:
    """``target[o, r, i] = sum_c table[c, r] source[o, c, i]``, or added to that; transposed, `source` and `target` change their parts.

    Parameters
    ----------
    work : flat array
        Where the places `source` and `target` are.
    table : flat array, or (entries, lanes) array
        From entry t on (m, q) of them.
    """
    rows, terms = (m, q) if transposed else (q, m)
    row, term = (q, 1) if transposed else (1, q)
    step = inner * lanes
    columns, across, over = (outer, terms * lanes, rows * lanes) if inner == 1 else (inner, lanes, lanes)
    blocks = (rows + MOST - 1) // MOST
    for o in range(1 if inner == 1 else outer):
        s, d = source + o * terms * step, target + o * rows * step
        for block in range(blocks):
            first, last = block * rows // blocks, (block + 1) * rows // blocks
            given = table, t + first * row, row, term, terms, step
            places = s, across, d + first * step, over, columns
            if last - first == 5:
                _rows(work, places, given, add, FIVE)
            elif last - first == 4:
                _rows(work, places, given, add, FOUR)
            elif last - first == 3:
                _rows(work, places, given, add, THREE)
            elif last - first == 2:
                _rows(work, places, given, add, TWO)
            else:
                _rows(work, places, given, add, ONE)


@kernel
def _rows(work: Any, places: Any, given: Any, add: bool, rows: Any) -> None:
    """Some rows of the result."""
    s, across, d, over, columns = places
    for _ in range(columns // 4):
        _block(work, s, across, d, over, given, add, rows, FOUR)
        s, d = s + 4 * across, d + 4 * over
    for _ in range(columns % 4):
        _block(work, s, across, d, over, given, add, rows, ONE)
        s, d = s + across, d + over


@kernel
def _block(work: Any, s: int, across: int, d: int, over: int, given: Any, add: bool, rows: Any, columns: Any) -> None:
    """Some rows of the result in some columns."""
    table, t, row, term, terms, step = given
    sums = load_block(work, d, step, over, rows, columns) if add else no_sums(work, rows, columns)
    for _ in range(terms):
        sums = add_products(sums, work, s, across, table, t, row, rows, columns)
        s, t = s + step, t + term
    store_block(work, d, step, over, rows, columns, sums)
