"""Small tables applied along one axis of the numbers of a batch of cells, which are lanes.

A line along the axis fits into registers, where its length is known when machine code is made: there is a kernel for each length.
"""

import functools
from collections.abc import Callable
from typing import Any

from numba import from_dtype, types

from tensorfem.cells.kernels.lines import add_products, load_line, no_line, store_line, times_line
from tensorfem.kron.kernels.jit import kernel


@functools.cache
def along_axis(terms: int, rows: int, lanewise: bool) -> Callable[..., None]:
    """The kernel of a table for lines of so many numbers, to lines of so many; the table is of numbers, or of lanes.

    Returns
    -------
    function of work, source, target, factors, table, t, transposed, outer, inner, add
        ``target[o, r, i] = sum_c table[c, r] source[o, c, i]``, or added to that. `source` and `target` are places in `work`, of
        (outer, terms, inner) and (outer, rows, inner) lanes; the table begins at place t, and is (rows, terms) if it is `transposed`.
        `factors` do not count.
    """
    line, result = (0,) * terms, (0,) * rows

    @kernel
    def contract(work: Any, s: int, d: int, f: int, table: Any, t: int, transposed: bool, outer: int, inner: int, add: bool) -> None:
        row, term = (terms, 1) if transposed else (1, rows)
        lanes = 64 // work.itemsize
        step = inner * lanes
        for _ in range(outer):
            for i in range(0, step, lanes):
                sums = load_line(work, d + i, step, result) if add else no_line(work, result)
                numbers = load_line(work, s + i, step, line)
                store_line(work, d + i, step, add_products(sums, numbers, table, t, row, term, lanewise))
            s, d = s + terms * step, d + rows * step

    return contract


@functools.cache
def there_and_back(terms: int, rows: int, lanewise: bool) -> Callable[..., None]:
    """The kernel of a table, then of factors, then of the transposed table: what is between stays in registers.

    Returns
    -------
    function
        As that of `along_axis`; source and target are of (outer, terms, inner) lanes, and factors of (outer, rows, inner).
    """
    line, between = (0,) * terms, (0,) * rows

    @kernel
    def contract(work: Any, s: int, d: int, f: int, table: Any, t: int, transposed: bool, outer: int, inner: int, add: bool) -> None:
        lanes = 64 // work.itemsize
        step = inner * lanes
        for _ in range(outer):
            for i in range(0, step, lanes):
                numbers = load_line(work, s + i, step, line)
                slopes = add_products(no_line(work, between), numbers, table, t, 1, rows, lanewise)
                fluxes = times_line(slopes, work, f + i, step)
                sums = load_line(work, d + i, step, line) if add else no_line(work, line)
                store_line(work, d + i, step, add_products(sums, fluxes, table, t, rows, 1, lanewise))
            s, d, f = s + terms * step, d + terms * step, f + rows * step

    return contract


def signature(number: Any) -> Any:
    """That of the kernels made here, for arrays of one type of numbers."""
    array, place = types.Array(number, 1, "C"), types.intp
    return types.void(array, place, place, place, array, place, types.boolean, place, place, types.boolean)


@functools.cache
def address(make: Callable[..., Any], terms: int, rows: int, lanewise: bool, dtype: Any) -> int:
    """Where the machine code of a kernel is: of `along_axis` or `there_and_back`, for a type of numbers. It is made where there is none."""
    compiled = make(terms, rows, lanewise)
    arguments = signature(from_dtype(dtype)).args
    compiled.compile(arguments)
    made = compiled.overloads[arguments]
    found: int = made.library.get_pointer_to_function(made.fndesc.llvm_func_name)
    return found
