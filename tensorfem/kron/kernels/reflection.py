"""Sums and differences of the entries that a reflection swaps."""

from typing import Any

from tensorfem.kron.kernels.jit import kernel


@kernel
def butterfly_rows(array: Any) -> None:
    """Replace rows j and n-1-j of each slice of a (lead, n, trail) array by their sum and their difference, in place."""
    lead, size, trail = array.shape
    for i in range(lead):
        for j in range(size // 2):
            for k in range(trail):
                first, last = array[i, j, k], array[i, size - 1 - j, k]
                array[i, j, k] = first + last
                array[i, size - 1 - j, k] = first - last


@kernel
def butterfly_lines(array: Any) -> None:
    """The same along the last axis of a (lead, n) array."""
    lead, size = array.shape
    for i in range(lead):
        for j in range(size // 2):
            first, last = array[i, j], array[i, size - 1 - j]
            array[i, j] = first + last
            array[i, size - 1 - j] = first - last
