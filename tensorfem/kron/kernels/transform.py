"""Trigonometric transforms of many lines at once, in place, in a block that stays in the processor's first cache."""

from typing import Any

import numpy as np

from tensorfem.kron.kernels import transform_passes as passes
from tensorfem.kron.kernels.jit import kernel
from tensorfem.kron.kernels.lanes import REGISTER, load, prefetch, store, transpose_in, transpose_out

FOLD_SINE, FOLD_COSINE, ENTER, LEAVE, SCALE, RADIX, MULTIPLY = range(7)


@kernel
def transform_lines(flat: Any, offsets: Any, stride: int, steps: Any, places: Any, factors: Any, ends: Any, weights: Any, height: int) -> None:
    """Transform lines in place.

    Parameters
    ----------
    flat : (entries,) array, contiguous
        The memory that the lines lie in.
    offsets : (lines,) int array
        Where in `flat` each line begins.
    stride : int
        From one entry of a line to the next.
    steps, places, factors
        The program, from `tensorfem.kron.transform_plan`.
    ends : (2, n) int array
        The entry of the line that row i is read from, and the row that entry i is written from.
    weights : (2, n) array
        What is multiplied by on reading and on writing.
    height : int
        Rows that a block needs.
    """
    lanes = REGISTER // flat.itemsize
    rows = np.zeros(height * 2 * lanes + lanes, dtype=flat.dtype)
    rows = rows[(-rows.ctypes.data % REGISTER) // flat.itemsize :]
    for start in range(0, offsets.size, 2 * lanes):
        block = offsets[start : start + 2 * lanes]
        together = block.size == 2 * lanes and block[-1] - block[0] == 2 * lanes - 1
        if together:
            _read(flat, block[0], stride, rows, lanes, ends[0], weights[0])
        else:
            _gather(flat, block, stride, rows, lanes, ends[0], weights[0])
        following = offsets[start + 2 * lanes] if together and start + 2 * lanes < offsets.size else -1
        share = -(-ends.shape[1] // steps.shape[0])
        for step in range(steps.shape[0]):
            if following >= 0:
                for i in range(step * share, min(ends.shape[1], (step + 1) * share)):
                    prefetch(flat, following + i * stride)
                    prefetch(flat, following + i * stride + lanes)
                    prefetch(flat, following + i * stride + 2 * lanes)
            _run(rows, lanes, steps[step], places, factors)
        if together:
            _write(flat, block[0], stride, rows, lanes, ends[1], weights[1])
        else:
            _scatter(flat, block, stride, rows, lanes, ends[1], weights[1])


@kernel
def _read(flat: Any, offset: int, stride: int, rows: Any, lanes: int, places: Any, weights: Any) -> None:
    for i in range(places.size):
        source, target = offset + i * stride, 2 * lanes * places[i]
        store(rows, target, load(flat, source) * weights[i])
        store(rows, target + lanes, load(flat, source + lanes) * weights[i])


@kernel
def _write(flat: Any, offset: int, stride: int, rows: Any, lanes: int, places: Any, weights: Any) -> None:
    for i in range(places.size):
        target, source = offset + i * stride, 2 * lanes * places[i]
        store(flat, target, load(rows, source) * weights[i])
        store(flat, target + lanes, load(rows, source + lanes) * weights[i])


@kernel
def _gather(flat: Any, offsets: Any, stride: int, rows: Any, lanes: int, places: Any, weights: Any) -> None:
    if stride == 1 and places.size >= lanes and offsets.size == 2 * lanes:
        for column in range(0, places.size, lanes):
            column = min(column, places.size - lanes)
            transpose_in(flat, offsets, column, rows, places, weights, 0)
            transpose_in(flat, offsets[lanes:], column, rows, places, weights, lanes)
        return
    if offsets.size < 2 * lanes:
        rows[:] = 0.0
    for line in range(offsets.size):
        for i in range(places.size):
            rows[2 * lanes * places[i] + line] = flat[offsets[line] + i * stride] * weights[i]


@kernel
def _scatter(flat: Any, offsets: Any, stride: int, rows: Any, lanes: int, places: Any, weights: Any) -> None:
    if stride == 1 and places.size >= lanes and offsets.size == 2 * lanes:
        for column in range(0, places.size, lanes):
            column = min(column, places.size - lanes)
            transpose_out(flat, offsets, column, rows, places, weights, 0)
            transpose_out(flat, offsets[lanes:], column, rows, places, weights, lanes)
        return
    for line in range(offsets.size):
        for i in range(places.size):
            flat[offsets[line] + i * stride] = rows[2 * lanes * places[i] + line] * weights[i]


@kernel
def _run(rows: Any, lanes: int, step: Any, places: Any, factors: Any) -> None:
    """One step of the program: what, and five numbers that it takes, rows being counted."""
    what, first, other, size, part, table, place = step[0], step[1], step[2], step[3], step[4], factors[step[5] :], step[6]
    width = 2 * lanes
    if what == FOLD_SINE:
        passes.fold_sine(rows, lanes, first * width, other * width, size)
    elif what == FOLD_COSINE:
        passes.fold_cosine(rows, lanes, first * width, other * width, size)
    elif what == ENTER:
        passes.enter(rows, lanes, places[place:], table, size)
    elif what == LEAVE:
        passes.leave(rows, lanes, places[place:], table, size)
    elif what == SCALE:
        passes.scale_row(rows, lanes, first * width, table[0])
    elif what == MULTIPLY:
        passes.multiply(rows, lanes, first * width, size, other * width, part, table)
    elif part == 2:
        passes.radix_two(rows, lanes, first * width, other * width, size, place, table)
    elif part == 4:
        passes.radix_four(rows, lanes, first * width, other * width, size, place, table)
    else:
        passes.radix_odd(rows, lanes, first * width, other * width, size, place, part, table, step[7] * width)
