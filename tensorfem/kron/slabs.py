"""Slabs: pieces of a field that stay in the processor's cache, cut along axis 0."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from tensorfem.kron.mode_product import Array

SLAB_ENTRIES = 1 << 18  # 2 MiB of float64: fits the caches, and amortizes a Python call


def slabs(length: int, row_entries: int, entries: int = SLAB_ENTRIES) -> Iterator[slice]:
    """Cut `length` rows of `row_entries` entries each into pieces of about `entries` entries.

    Examples
    --------
    >>> [(s.start, s.stop) for s in slabs(5, 2, entries=4)]
    [(0, 2), (2, 4), (4, 5)]
    """
    rows = max(1, entries // max(1, row_entries))
    for start in range(0, length, rows):
        yield slice(start, min(start + rows, length))


def nonzero_rows(matrix: Any) -> slice | Array:
    """The rows of a CSR array that hold entries: a slice where they are neighbours (no copies then), an index array otherwise."""
    rows = np.flatnonzero(np.diff(matrix.indptr))
    if rows.size and rows[-1] - rows[0] + 1 == rows.size:
        return slice(int(rows[0]), int(rows[-1]) + 1)
    return rows
