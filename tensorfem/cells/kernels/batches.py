"""Between fields and batches of neighbouring cells, which are lanes."""

import functools
from collections.abc import Callable

from tensorfem.cells.kernels.calls import Numbers, Places, kernel_for
from tensorfem.cells.kernels.lines import load_line, store_line, times_lines
from tensorfem.cells.kernels.segments import add_cells, load_cells
from tensorfem.kron.kernels.jit import kernel
from tensorfem.kron.kernels.lanes import REGISTER, prefetch


@functools.cache
def reader(apart: int, count: int) -> Callable[..., None]:
    """The kernel that takes so many functions of each cell from rows of a field; neighbouring cells' are so far apart.

    Returns
    -------
    function of u, rows, first, low, high, ahead, work, target
        `rows` are places in `u`, -1 for one that is held and zero; see `load_cells`. The memory that far ahead is asked for.
    """
    between, length = (0,) * apart, (0,) * count

    @kernel_for(apart, count)
    def read(u: Numbers, rows: Places, first: int, low: int, high: int, ahead: int, work: Numbers, target: int) -> None:
        lanes = REGISTER // work.itemsize
        for row in rows:
            if row < 0:
                work[target : target + count * lanes] = 0
            else:
                for k in range(0, apart * lanes, lanes):
                    prefetch(u, row + first + ahead + k)
                store_line(work, target, lanes, load_cells(u, row + first, low, high, between, length))
            target += count * lanes

    return read


@functools.cache
def adder(apart: int, count: int) -> Callable[..., None]:
    """The kernel that adds to rows of a field what `reader` would take from there; rows that are held are left out."""
    between, length = (0,) * apart, (0,) * count

    @kernel_for(apart, count)
    def add(out: Numbers, rows: Places, first: int, low: int, high: int, ahead: int, work: Numbers, source: int) -> None:
        lanes = REGISTER // work.itemsize
        for row in rows:
            if row >= 0:
                for k in range(0, apart * lanes, lanes):
                    prefetch(out, row + first + ahead + k)
                add_cells(out, row + first, low, high, between, load_line(work, source, lanes, length))
            source += count * lanes

    return add


@functools.cache
def weigher(samples: int, points: int) -> Callable[..., None]:
    """The kernel that takes so many samples of each cell from rows, times the weights of so many points.

    Returns
    -------
    function of a, rows, weights, high, ahead, lanewise, z, work, target
        Of each row there is a weight, and of each point one for each lane from place z on. Of the samples, `high` count.
    """
    between, length = (0,) * samples, (0,) * points

    @kernel_for(samples, points)
    def weigh(
        a: Numbers, rows: Places, weights: Numbers, high: int, ahead: int, lanewise: Numbers, z: int, work: Numbers, target: int
    ) -> None:
        lanes = REGISTER // work.itemsize
        along = load_line(lanewise, z, lanes, length)
        for k in range(len(rows)):
            for place in range(0, samples * lanes, lanes):
                prefetch(a, rows[k] + ahead + place)
            line = load_cells(a, rows[k], 0, high, between, between)
            store_line(work, target, lanes, times_lines(line, along, weights[k]))
            target += points * lanes

    return weigh


@kernel
def gather(u: Numbers, rows: Places, order: Places, work: Numbers, place: int) -> None:
    """As `reader`, by the numbers of the functions, -1 for those held."""
    for row in rows:
        for k in range(len(order)):
            work[place + k] = u[row + order[k]] if row >= 0 and order[k] >= 0 else 0
        place += len(order)


@kernel
def scatter(out: Numbers, rows: Places, order: Places, work: Numbers, place: int) -> None:
    """As `adder`, by the numbers of the functions."""
    for row in rows:
        for k in range(len(order)):
            if row >= 0 and order[k] >= 0:
                out[row + order[k]] += work[place + k]
        place += len(order)
