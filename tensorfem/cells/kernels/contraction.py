"""Small tables applied along one axis of the numbers of a batch of cells, which are lanes.

A line along the axis fits into registers, where its length is known when machine code is made: there is a kernel for each length.
"""

import functools
from collections.abc import Callable

from tensorfem.cells.kernels.calls import Numbers, kernel_for
from tensorfem.cells.kernels.lines import load_line, no_line, store_line, times_line
from tensorfem.cells.kernels.products import ODD, add_products
from tensorfem.kron.kernels.lanes import REGISTER


@functools.cache
def along_axis(terms: int, rows: int, lanewise: int, parity: int) -> Callable[..., None]:
    """The kernel of a table for lines of so many numbers, to lines of so many; the table is of numbers (0), or of lanes (1).

    How it is folded is said by its parity: see `add_products`.

    Returns
    -------
    function of work, source, target, factors, table, t, transposed, outer, inner, add
        ``target[o, r, i] = sum_c table[c, r] source[o, c, i]``, or added to that. `source` and `target` are places in `work`, of
        (outer, terms, inner) and (outer, rows, inner) lanes; the table begins at place t, and is (rows, terms) if it is `transposed`.
        `factors` do not count.
    """
    line, result, kind = (0,) * terms, (0,) * rows, ((0,) * lanewise, (0,) * parity)

    @kernel_for(terms, rows, lanewise, parity)
    def contract(
        work: Numbers, s: int, d: int, f: int, table: Numbers, t: int, transposed: bool, outer: int, inner: int, add: bool
    ) -> None:
        lanes = REGISTER // work.itemsize
        step = inner * lanes
        for _ in range(outer):
            for i in range(0, step, lanes):
                sums = load_line(work, d + i, step, result) if add else no_line(work, result)
                numbers = load_line(work, s + i, step, line)
                store_line(work, d + i, step, add_products(sums, numbers, table, t, transposed, *kind))
            s, d = s + terms * step, d + rows * step

    return contract


@functools.cache
def there_and_back(terms: int, rows: int, lanewise: int, _: int) -> Callable[..., None]:
    """The kernel of an antisymmetric table, then of factors, then of the transposed table: what is between stays in registers.

    Returns
    -------
    function
        As that of `along_axis`; source and target are of (outer, terms, inner) lanes, and factors of (outer, rows, inner).
    """
    line, between, kind = (0,) * terms, (0,) * rows, ((0,) * lanewise, (0,) * ODD)

    @kernel_for(terms, rows, lanewise)
    def contract(
        work: Numbers, s: int, d: int, f: int, table: Numbers, t: int, transposed: bool, outer: int, inner: int, add: bool
    ) -> None:
        lanes = REGISTER // work.itemsize
        step = inner * lanes
        for _ in range(outer):
            for i in range(0, step, lanes):
                numbers = load_line(work, s + i, step, line)
                slopes = add_products(no_line(work, between), numbers, table, t, False, *kind)
                fluxes = times_line(slopes, work, f + i, step)
                sums = load_line(work, d + i, step, line) if add else no_line(work, line)
                store_line(work, d + i, step, add_products(sums, fluxes, table, t, True, *kind))
            s, d, f = s + terms * step, d + terms * step, f + rows * step

    return contract
