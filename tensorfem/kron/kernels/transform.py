"""Trigonometric transforms of many lines at once, in place, in a block that stays in the processor's first caches."""

from typing import Any

import numpy as np

from tensorfem.kron.kernels import transform_passes as passes
from tensorfem.kron.kernels.jit import kernel
from tensorfem.kron.kernels.lanes import REGISTER, load, prefetch, store
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
        following = offsets[start + 2 * lanes] if start + 2 * lanes < offsets.size and stride > 1 else -1
        for i in range(len(steps)):
            if following >= 0:  # memory answers while the processor calculates: 127^3 took 4.1 ms without this, and 3.1 ms with it
                _ask(flat, following, stride, lanes, ends.shape[1] * i // len(steps), ends.shape[1] * (i + 1) // len(steps))
            _run(rows, lanes, steps[i], places, factors)
        _bring_out(flat, block, stride, rows, lanes, ends[1], weights[1])


@kernel
def _ask(flat: Any, offset: int, stride: int, lanes: int, first: int, last: int) -> None:
    """Ask for some of the entries of the lines that come next."""
    for i in range(first, last):
        for part in range(3):  # rows seldom begin where cache lines do
            prefetch(flat, offset + i * stride + part * lanes)


@kernel
def _bring_in(flat: Any, offsets: Any, stride: int, rows: Any, lanes: int, places: Any, weights: Any) -> None:
    """Entry j of the lines becomes row places[j], times its weight."""
    if offsets.size < 2 * lanes:
        rows[:] = 0.0
    elif offsets[-1] - offsets[0] == 2 * lanes - 1:
        for j in range(places.size):
            for part in range(0, 2 * lanes, lanes):
                store(rows, 2 * lanes * places[j] + part, load(flat, offsets[0] + j * stride + part) * weights[j])
        return
    elif stride == 1 and places.size >= lanes:
        for column in range(0, places.size, lanes):
            for part in range(0, 2 * lanes, lanes):
                square_in(flat, offsets[part:], min(column, places.size - lanes), rows, places, weights, part)
        return
    for line in range(offsets.size):
        for j in range(places.size):
            rows[2 * lanes * places[j] + line] = flat[offsets[line] + j * stride] * weights[j]


@kernel
def _bring_out(flat: Any, offsets: Any, stride: int, rows: Any, lanes: int, places: Any, weights: Any) -> None:
    """Row places[k], times its weight, becomes entry k of the lines."""
    if offsets.size == 2 * lanes and offsets[-1] - offsets[0] == 2 * lanes - 1:
        for k in range(places.size):
            for part in range(0, 2 * lanes, lanes):
                store(flat, offsets[0] + k * stride + part, load(rows, 2 * lanes * places[k] + part) * weights[k])
        return
    if offsets.size == 2 * lanes and stride == 1 and places.size >= lanes:
        for column in range(0, places.size, lanes):
            for part in range(0, 2 * lanes, lanes):
                square_out(flat, offsets[part:], min(column, places.size - lanes), rows, places, weights, part)
        return
    for line in range(offsets.size):
        for k in range(places.size):
            flat[offsets[line] + k * stride] = rows[2 * lanes * places[k] + line] * weights[k]


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
