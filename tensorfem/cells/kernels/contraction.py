"""Small tables applied along one axis of the numbers of a batch of cells, which are lanes.

How many numbers there are along the axis is said by tuples, for each of which machine code of its own is made: a line fits into registers.
"""

from typing import Any

from tensorfem.cells.kernels.lines import add_products, load_line, no_line, stay_apart, store_line, times_line
from tensorfem.kron.kernels.jit import kernel


@kernel
def to_points(work: Any, source: int, target: int, table: Any, t: int, outer: int, inner: int, add: bool, m: Any, q: Any, lanes: int) -> None:
    """``target[o, r, i] = sum_c table[c, r] source[o, c, i]``, or added to that.

    Parameters
    ----------
    work : flat array
        Where the places `source` and `target` are.
    table : flat array, or (entries, lanes) array
        From entry t on ``(len(m), len(q))`` of them.
    """
    _along_axis(work, source, target, table, t, 1, len(q), outer, inner * lanes, add, m, q, lanes)


@kernel
def from_points(work: Any, source: int, target: int, table: Any, t: int, outer: int, inner: int, add: bool, m: Any, q: Any, lanes: int) -> None:
    """``target[o, c, i] = sum_r table[c, r] source[o, r, i]``, or added to that."""
    _along_axis(work, source, target, table, t, len(q), 1, outer, inner * lanes, add, q, m, lanes)


@kernel
def _along_axis(
    work: Any, s: int, d: int, table: Any, t: int, row: int, term: int, outer: int, step: int, add: bool, terms: Any, rows: Any, lanes: int
) -> None:
    stay_apart()
    for _ in range(outer):
        for i in range(0, step, lanes):
            sums = load_line(work, d + i, step, rows) if add else no_line(work, rows)
            store_line(work, d + i, step, add_products(sums, load_line(work, s + i, step, terms), table, t, row, term))
        s, d = s + len(terms) * step, d + len(rows) * step


@kernel
def through_points(
    work: Any, source: int, target: int, factors: int, table: Any, t: int, outer: int, inner: int, add: bool, q: Any, lanes: int
) -> None:
    """As `to_points` with a square table, times factors, which are at a place in `work`, and back: slopes stay in registers."""
    stay_apart()
    step = inner * lanes
    for k in range(0, outer * len(q) * step, len(q) * step):
        for i in range(k, k + step, lanes):
            slopes = add_products(no_line(work, q), load_line(work, source + i, step, q), table, t, 1, len(q))
            sums = load_line(work, target + i, step, q) if add else no_line(work, q)
            store_line(work, target + i, step, add_products(sums, times_line(slopes, work, factors + i, step), table, t, len(q), 1))
