"""Compiled updates of vectors, which NumPy makes in two passes and with a temporary array.

Unsigned places spare the compiler the question whether they count from the end; without it, it takes many entries at a time.
"""

from typing import Any

import numpy as np

from tensorfem.kron.kernels.jit import kernel


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
