"""Compiled updates of vectors, which NumPy makes in two passes and with a temporary array.

Unsigned places spare the compiler the question whether they count from the end; without it, it takes many entries at a time.
"""

from typing import Any

import numpy as np

from tensorfem.kron.kernels.jit import kernel
from tensorfem.kron.kernels.lanes import REGISTER, less_product, load, store


@kernel
def add_multiple(target: Any, factor: float, array: Any) -> float:
    """``target += factor array`` for flat arrays; the sum of the result's squares."""
    square = 0.0
    for k in range(target.size):
        value = target[k] + factor * array[k]
        target[k] = value
        square += value * value
    return square


@kernel
def inner(one: Any, other: Any) -> float:
    """The sum of products of flat arrays."""
    total = 0.0
    for k in range(one.size):
        total += one[k] * other[k]
    return total


@kernel
def turn(direction: Any, factor: float, array: Any) -> None:
    """``direction = array + factor direction`` for flat arrays."""
    for k in range(direction.size):
        direction[k] = array[k] + factor * direction[k]


@kernel
def relax_from_zero(value: Any, step: Any, residual: Any, inverse: Any, factor: float) -> None:
    """``step = value = factor inverse residual`` for flat arrays."""
    for k in range(step.size):
        first = factor * inverse[k] * residual[k]
        step[k] = first
        value[k] = first


@kernel
def relax(value: Any, step: Any, residual: Any, inverse: Any, momentum: float, factor: float) -> None:
    """``step = momentum step + factor inverse residual``, ``value += step`` for flat arrays."""
    for k in range(value.size):
        change = momentum * step[k] + factor * inverse[k] * residual[k]
        step[k] = change
        value[k] += change


@kernel
def transfer(array: Any, shape: Any, first: Any, second: Any, third: Any, rows: Any, row: Any, out: Any) -> None:
    """``out += (A (x) B (x) C) array``, for some rows of A.

    Parameters
    ----------
    array, out : flat arrays
        Fields of three axes.
    shape : (m_1, m_2, n_1, n_2)
        Of the last two axes of `out`, and of those of `array`.
    first, second, third : (columns, weights)
        The matrices A, B and C: for each of the entries of their rows, padded with zeros, the columns, and their weights.
    rows : (start, stop)
    row : (n_2,) array
        Room.
    """
    m1, m2, n1, n2 = shape
    for i in range(rows[0], rows[1]):
        for j in range(m1):
            row[:] = 0
            for p in range(len(first[0])):
                for q in range(len(second[0])):
                    weight = first[1][p, i] * second[1][q, j]
                    if weight != 0:
                        start = (first[0][p, i] * n1 + second[0][q, j]) * n2
                        for k in range(n2):
                            row[np.uint64(k)] += weight * array[np.uint64(start + k)]
            start = (i * m1 + j) * m2
            for r in range(len(third[0])):
                columns, weights = third[0][r], third[1][r]
                for k in range(m2):
                    out[np.uint64(start + k)] += weights[np.uint64(k)] * row[np.uint64(columns[np.uint64(k)])]


@kernel
def relax_lines(
    value: Any,
    step: Any,
    residual: Any,
    factors: Any,
    shape: Any,
    starts: Any,
    places: Any,
    blocks: Any,
    given: Any,
    room: Any,
) -> None:
    """``step = momentum step + factor z`` and ``value += step``, where z solves ``L D L^T z = residual`` on each of some lines.

    Parameters
    ----------
    value, step, residual : flat arrays
        Fields.
    factors : flat array
        For each block of lines, each place along them and each line of the block: 1 / D there, and the entries of L below it.
    shape : (width + 1, lines of a block)
    starts : (lines,) int array
        Where each line begins.
    places : (n,) int array
        Where its functions are from there.
    blocks : (first, stop)
    given : (momentum, factor, whether to change the value, whether lines follow each other in memory)
    room : flat array
        For one block.
    """
    width, together = shape
    momentum, factor, final, in_memory = given
    for block in range(blocks[0], blocks[1]):
        lines = starts[block * together : (block + 1) * together]
        side_by_side = len(lines) == together and lines[-1] - lines[0] == together - 1
        if side_by_side:
            _take_rows(residual, lines[0], places, together, room)
        else:
            _take_lines(residual, lines, places, together, in_memory, room)
        _solve_lines(room, factors, block * len(places) * width * together, len(places), width, together)
        if side_by_side:
            _give_rows(room, value, step, lines[0], places, together, momentum, factor, final)
        else:
            _give_lines(room, value, step, lines, places, together, momentum, factor, final, in_memory)


@kernel
def _take_rows(field: Any, start: int, places: Any, together: int, room: Any) -> None:
    """Lines that are neighbours in memory."""
    lanes = REGISTER // field.itemsize
    for i in range(len(places)):
        for k in range(0, together, lanes):
            store(room, i * together + k, load(field, start + places[i] + k))


@kernel
def _take_lines(field: Any, lines: Any, places: Any, together: int, in_memory: bool, room: Any) -> None:
    """Any lines: one by one where each is a piece of memory."""
    if in_memory:
        for k in range(len(lines)):
            for i in range(len(places)):
                room[i * together + k] = field[lines[k] + places[i]]
    else:
        for i in range(len(places)):
            for k in range(len(lines)):
                room[i * together + k] = field[lines[k] + places[i]]


@kernel
def _solve_lines(room: Any, factors: Any, start: int, size: int, width: int, together: int) -> None:
    """Forward and back substitution in a block."""
    lanes = REGISTER // room.itemsize
    for i in range(size):
        for k in range(i * together, (i + 1) * together, lanes):
            total = load(room, k)
            for m in range(1, min(i + 1, width)):
                above = start + (i - m) * (width - 1) * together + k  # of place i - m, which is m rows of the room higher up
                total = less_product(total, load(factors, above), load(room, k - m * together))
            store(room, k, total)
    for i in range(size - 1, -1, -1):
        here = start + i * (width - 1) * together
        for k in range(i * together, (i + 1) * together, lanes):
            total = load(room, k) * load(factors, here + k)
            for m in range(1, min(size - i, width)):
                total = less_product(total, load(factors, here + k + m * together), load(room, k + m * together))
            store(room, k, total)


@kernel
def _give_rows(
    room: Any, value: Any, step: Any, start: int, places: Any, together: int, momentum: float, factor: float, final: bool
) -> None:
    """The step, and the value, of lines that are neighbours in memory."""
    lanes = REGISTER // step.itemsize
    for i in range(len(places)):
        for k in range(0, together, lanes):
            place = start + places[i] + k
            change = load(step, place) * momentum + load(room, i * together + k) * factor
            store(step, place, change)
            if final:
                store(value, place, load(value, place) + change)


@kernel
def _give_lines(
    room: Any, value: Any, step: Any, lines: Any, places: Any, together: int, momentum: float, factor: float, final: bool, in_memory: bool
) -> None:
    """The same of any lines."""
    if in_memory:
        for k in range(len(lines)):
            for i in range(len(places)):
                _give(room[i * together + k], value, step, lines[k] + places[i], momentum, factor, final)
    else:
        for i in range(len(places)):
            for k in range(len(lines)):
                _give(room[i * together + k], value, step, lines[k] + places[i], momentum, factor, final)


@kernel
def _give(solved: float, value: Any, step: Any, place: int, momentum: float, factor: float, final: bool) -> None:
    change = momentum * step[place] + factor * solved
    step[place] = change
    if final:
        value[place] += change
