"""Trigonometric transforms of many lines at once, in place, in a block that stays in the processor's first caches."""

from typing import Any

import numpy as np

from tensorfem.kron.kernels import transform_passes as passes
from tensorfem.kron.kernels.jit import kernel
from tensorfem.kron.kernels.lanes import REGISTER, load, load_some, prefetch, store, store_some
from tensorfem.kron.kernels.transform_squares import square_in, square_out
from tensorfem.kron.transform_plan import ENTER, FOLD_COSINE, FOLD_SINE, LEAVE, MULTIPLY, SCALE


@kernel
def transform_lines(
    flat: Any, offsets: Any, stride: int, steps: Any, places: Any, factors: Any, ends: Any, weights: Any, height: int
) -> None:
    """Transform lines of one array in place, two registers' worth of lines at a time.

    Lines of one register are worked on together with those of another: rounding errors are relative to the largest of both.

    Parameters
    ----------
    flat : (entries,) array, contiguous
        The memory that the lines lie in.
    offsets : (lines,) int array
        Where each line begins.
    stride : int
        From one entry of a line to the next.
    steps, places, factors, ends, weights, height
        The program: fields of `tensorfem.kron.transform_plan.TransformPlan`.
    """
    lanes = REGISTER // flat.itemsize
    rows = np.zeros((2 * height + 1) * lanes, dtype=flat.dtype)
    rows = rows[(-rows.ctypes.data % REGISTER) // flat.itemsize :]
    for start in range(0, offsets.size, 2 * lanes):
        block = offsets[start : start + 2 * lanes]
        _bring_in(flat, block, stride, rows, lanes, ends[0], weights[0])
        following = offsets[start + 2 * lanes : start + 4 * lanes]
        for i in range(len(steps)):  # memory answers while the processor calculates: 127^3 took 4.1 ms without this, and 3.1 ms with it
            _ask(flat, following, stride, lanes, ends.shape[1], i, len(steps))
            _run(rows, lanes, steps[i], places, factors)
        _bring_out(flat, block, stride, rows, lanes, ends[1], weights[1])


@kernel
def _ask(flat: Any, offsets: Any, stride: int, lanes: int, count: int, share: int, shares: int) -> None:
    """Ask for one of so many shares of the lines that come next."""
    if stride > 1 and offsets.size:
        for j in range(count * share // shares, count * (share + 1) // shares):
            for part in range(3):  # rows seldom begin where cache lines do
                prefetch(flat, offsets[0] + j * stride + part * lanes)
    elif offsets.size:
        for line in range(offsets.size * share // shares, offsets.size * (share + 1) // shares):
            for j in range(0, count, lanes):
                prefetch(flat, offsets[line] + j)


@kernel
def _bring_in(flat: Any, offsets: Any, stride: int, rows: Any, lanes: int, places: Any, weights: Any) -> None:
    """Entry j of the lines becomes row places[j], times its weight."""
    if _are_neighbours(offsets, lanes):
        for j in range(places.size):
            for part in range(0, 2 * lanes, lanes):
                store(rows, 2 * lanes * places[j] + part, load(flat, offsets[0] + j * stride + part) * weights[j])
    elif stride == 1 and places.size >= lanes and offsets.size == 2 * lanes:
        for column in range(0, places.size, lanes):
            for part in range(0, 2 * lanes, lanes):
                square_in(flat, offsets[part:], min(column, places.size - lanes), rows, places, weights, part)
    else:
        rows[:] = 0.0
        first = 0
        while first < offsets.size:
            last = _end_of_run(offsets, first)
            for part in range(0, 2 * lanes, lanes):
                _bring_some_in(flat, offsets[first] + part - first, stride, rows, part, first - part, last - part, lanes, places, weights)
            first = last


@kernel
def _bring_some_in(
    flat: Any, offset: int, stride: int, rows: Any, part: int, first: int, last: int, lanes: int, places: Any, weights: Any
) -> None:
    if first < lanes and last > 0:
        for j in range(places.size):
            value = load_some(flat, offset + j * stride, first, last) * weights[j]
            store_some(rows, 2 * lanes * places[j] + part, first, last, value)


@kernel
def _are_neighbours(offsets: Any, lanes: int) -> bool:
    return bool(offsets.size == 2 * lanes and offsets[-1] - offsets[0] == 2 * lanes - 1)


@kernel
def _end_of_run(offsets: Any, first: int) -> int:
    """The first line from there on that does not begin beside the one before."""
    last = first + 1
    while last < offsets.size and offsets[last] - offsets[first] == last - first:
        last += 1
    return last


@kernel
def _bring_out(flat: Any, offsets: Any, stride: int, rows: Any, lanes: int, places: Any, weights: Any) -> None:
    """Row places[k], times its weight, becomes entry k of the lines."""
    if _are_neighbours(offsets, lanes):
        for k in range(places.size):
            for part in range(0, 2 * lanes, lanes):
                store(flat, offsets[0] + k * stride + part, load(rows, 2 * lanes * places[k] + part) * weights[k])
    elif stride == 1 and places.size >= lanes and offsets.size == 2 * lanes:
        for column in range(0, places.size, lanes):
            for part in range(0, 2 * lanes, lanes):
                square_out(flat, offsets[part:], min(column, places.size - lanes), rows, places, weights, part)
    else:
        first = 0
        while first < offsets.size:
            last = _end_of_run(offsets, first)
            for part in range(0, 2 * lanes, lanes):
                _bring_some_out(flat, offsets[first] + part - first, stride, rows, part, first - part, last - part, lanes, places, weights)
            first = last


@kernel
def _bring_some_out(
    flat: Any, offset: int, stride: int, rows: Any, part: int, first: int, last: int, lanes: int, places: Any, weights: Any
) -> None:
    if first < lanes and last > 0:
        for k in range(places.size):
            store_some(flat, offset + k * stride, first, last, load(rows, 2 * lanes * places[k] + part) * weights[k])


@kernel
def _run(rows: Any, lanes: int, step: Any, places: Any, factors: Any) -> None:
    """One step of the program: rows and places are counted, then come numbers and tables."""
    what, first, other, size, part, place = step[0], step[1] * 2 * lanes, step[2] * 2 * lanes, step[3], step[4], step[6]
    table, scratch = factors[step[5] :], step[7] * 2 * lanes
    if what == FOLD_SINE:
        passes.fold_sine(rows, lanes, first, other, size)
    elif what == FOLD_COSINE:
        passes.fold_cosine(rows, lanes, first, other, size)
    elif what == ENTER:
        passes.enter(rows, lanes, places[place:], table, size)
    elif what == LEAVE:
        passes.leave(rows, lanes, places[place:], table, size)
    elif what == SCALE:
        passes.scale_row(rows, lanes, first, table[0])
    elif what == MULTIPLY:
        passes.multiply(rows, lanes, first, size, other, part, table)
    elif part == 2:
        passes.radix_two(rows, lanes, first, other, size, place, table)
    elif part == 3:
        passes.radix_three(rows, lanes, first, other, size, place, table)
    elif part == 4:
        passes.radix_four(rows, lanes, first, other, size, place, table)
    elif part == 5:
        passes.radix_five(rows, lanes, first, other, size, place, table)
    else:
        passes.radix_odd(rows, lanes, first, other, size, place, part, table, scratch)
