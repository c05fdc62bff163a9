"""Compiled updates of vectors, which NumPy makes in two passes and with a temporary array."""

from typing import Any

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
def turn(direction: Any, factor: float, array: Any) -> None:
    """``direction = array + factor direction`` for flat arrays."""
    for k in range(direction.size):
        direction[k] = array[k] + factor * direction[k]


@kernel
def relax(value: Any, step: Any, residual: Any, inverse: Any, momentum: float, factor: float) -> None:
    """``step = momentum step + factor inverse residual``, ``value += step`` for flat arrays."""
    for k in range(value.size):
        change = momentum * step[k] + factor * inverse[k] * residual[k]
        step[k] = change
        value[k] += change
