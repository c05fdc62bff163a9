"""Sums and differences of the entries that a reflection swaps."""

from typing import Any

from tensorfem.kron.kernels.jit import kernel


@kernel
def butterfly_rows(source: Any, target: Any) -> None:
    """Write the sum of rows j and n-1-j of each slice of a (lead, n, trail) array to row j, their difference to row n-1-j.

    Both arrays may be the same.
    """
    lead, size, trail = source.shape
    for i in range(lead):
        for j in range(size // 2):
            for k in range(trail):
                first, last = source[i, j, k], source[i, size - 1 - j, k]
                target[i, j, k] = first + last
                target[i, size - 1 - j, k] = first - last
        if size % 2:
            for k in range(trail):
                target[i, size // 2, k] = source[i, size // 2, k]


@kernel
def butterfly_lines(source: Any, target: Any) -> None:
    """The same along the last axis of (lead, n) arrays."""
    lead, size = source.shape
    for i in range(lead):
        for j in range(size // 2):
            first, last = source[i, j], source[i, size - 1 - j]
            target[i, j] = first + last
            target[i, size - 1 - j] = first - last
        if size % 2:
            target[i, size // 2] = source[i, size // 2]
