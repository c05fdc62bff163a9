"""Neighbouring cells of an axis, as many at a time as a register has numbers (lanes)."""

import functools
from dataclasses import dataclass

import numpy as np

from tensorfem.cells.axis_cells import AxisCells
from tensorfem.kron import Array


@dataclass(frozen=True, eq=False)
class LaneBatches:
    """The cells of an axis, batch by batch.

    The last batch takes as many cells of the one before as it lacks, so that all are read alike; for too few cells the last is repeated.

    Parameters
    ----------
    axis : AxisCells
    lanes : int

    Examples
    --------
    >>> from tensorfem.axis import Lagrange, interval
    >>> batches = LaneBatches(AxisCells(Lagrange(interval(0, 1, cells=6), degree=2), slice(1, 13), points=3), lanes=4)
    >>> batches.cells.tolist(), batches.own[1].tolist()
    ([[0, 1, 2, 3], [2, 3, 4, 5]], [False, False, True, True])
    >>> batches.apart, batches.segments.tolist()
    (2, [[-1, 1, 9, 1], [3, 0, 9, 1]])
    """

    axis: AxisCells
    lanes: int

    @functools.cached_property
    def cells(self) -> Array:
        """The cell of each lane: (batches, lanes)."""
        starts = np.minimum(self._starts, max(self.axis.count - self.lanes, 0))
        return np.minimum(starts + np.arange(self.lanes), self.axis.count - 1)

    @functools.cached_property
    def own(self) -> Array:
        """Whether no lane before has the same cell: (batches, lanes)."""
        return (self.cells >= self._starts) & self._distinct

    @property
    def _starts(self) -> Array:
        return np.arange(0, self.axis.count, self.lanes)[:, None]

    @property
    def _distinct(self) -> Array:
        """Whether a batch has a cell for the first time."""
        return np.diff(self.cells, axis=1, prepend=-1) > 0

    def lanewise(self, tables: Array) -> Array:
        """Tables of the cells, as (batches, \\*table, lanes)."""
        return np.ascontiguousarray(np.moveaxis(tables[self.cells], 1, -1))

    @functools.cached_property
    def apart(self) -> int:
        """How many functions a cell has that the one before has not, away from the ends."""
        unknowns = self.axis.basis.unknowns
        return int(np.clip(unknowns[min(1, len(unknowns) - 1), 0] - unknowns[0, 0], 1, unknowns.shape[1]))

    @property
    def segments(self) -> Array:
        """Where the functions of each batch lie, if they are `apart` from lane to lane, and those that are free side by side.

        Returns
        -------
        (batches, 4) int array
            The number of the first function, held or free; from which entry to below which one they are free; whether all this is so.
        """
        index, distinct = self.axis.index[self.cells], self._distinct[..., None]
        entries = np.arange(self.lanes)[:, None] * self.apart + np.arange(index.shape[-1])
        free = distinct & (index >= 0)
        first = np.where(free, index - entries, self.axis.size).min(axis=(1, 2), keepdims=True)
        low = np.where(free, entries, entries.max()).min(axis=(1, 2), keepdims=True)
        high = np.where(free, entries + 1, 0).max(axis=(1, 2), keepdims=True)
        fits = ~free | (index - entries == first)
        return np.stack([first[:, 0, 0], low[:, 0, 0], high[:, 0, 0], fits.all(axis=(1, 2))], axis=1)
