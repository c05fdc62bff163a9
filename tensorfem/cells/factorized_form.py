"""The form of a cell operator of any degree by a compiled kernel: sum factorization, several cells at a time."""

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

import tensorfem.cells.kernels as kernels
from tensorfem.cells.axis_cells import AxisCells
from tensorfem.cells.linear_form import AXES, PLACES, flat
from tensorfem.kron import Array
from tensorfem.kron.threads import in_threads, parts, thread_count

Piece = tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class FactorizedForm:
    """What the kernel wants to know of an operator.

    Parameters
    ----------
    axes : tuple of AxisCells
        At most three.
    diffusion : (k, \\*grid) array
    reaction : (\\*grid) array or None
    """

    axes: tuple[AxisCells, ...]
    diffusion: Array
    reaction: Array | None

    @classmethod
    def of(cls, operator: Any, dtype: Any) -> "FactorizedForm | None":
        """That of a cell operator, with its coefficients in some precision; None if the kernel does not know how."""
        enough = all(axis.points > axis.basis.degree for axis in operator.axes)  # for slopes from values
        if len(operator.axes) > AXES or not enough or dtype not in (np.float32, np.float64):
            return None
        reaction = None if operator.reaction is None else np.ascontiguousarray(operator.reaction, dtype)
        return cls(operator.axes, np.ascontiguousarray(operator.diffusion, dtype), reaction)

    def image(self, array: Array, out: Array, rhs: Array | None = None, threads: int | None = None) -> None:
        """Write the image of one field, or what is left of `rhs` without it.

        Parameters
        ----------
        array, out, rhs : C-contiguous arrays of the coefficients' type
        threads : int, optional

        Notes
        -----
        Cells are cut into slabs; those next to each other share functions, so that every second one is worked on at a time.
        """
        out[...] = 0 if rhs is None else rhs
        count = thread_count() if threads is None else threads
        field, diffusion, reaction = (flat(array if a is None else a) for a in (array, self.diffusion, self.reaction))
        shape, indices, tables, rooms = self._sizes, self._indices, self._tables, self._rooms
        codes = kernels.addresses(self._steps, shape, self._apart, self.diffusion.dtype)  # not kept: another process has others
        given = rhs is not None, self.reaction is not None

        def work(piece: Piece) -> None:
            room = self._taken()
            kernels.add_factorized(
                field,
                diffusion,
                reaction,
                given,
                self._places,
                shape,
                indices,
                *tables,
                self._steps,
                codes,
                rooms[:-1],
                piece,
                room,
                out.reshape(-1),
            )
            self._spare.append(room)

        slabs = self.pieces(count)
        in_threads(work, slabs[::2], count)
        in_threads(work, slabs[1::2], count)

    def pieces(self, threads: int) -> list[Piece]:
        """An even number of slabs of cells, each as thick as functions are wide, across axis 0 or 1; one where there are too few cells."""
        x, y = (int(count) for count in self._sizes[:2, 1])
        axis = int(y > x)
        spread = np.bincount(self.axes[axis - AXES].basis.unknowns.ravel()).max() if max(x, y) > 1 else 1  # cells that a function lives in
        most = max(x, y) // max(1, int(spread) - 1) // 2 * 2
        number = min(4 * threads, most) if threads > 1 else 1
        cut = [(cells.start, cells.stop) for cells in parts(max(x, y), max(number, 1))]
        return [(0, x, *cells) if axis else (*cells, 0, y) for cells in cut]

    @property
    def _lanes(self) -> int:
        return 64 // self.diffusion.itemsize

    @functools.cached_property
    def _indices(self) -> tuple[Any, ...]:
        x, y, last = [np.zeros((1, 1), dtype=np.intp)] * (AXES - len(self.axes)) + [axis.index for axis in self.axes]
        order = self._lanewise(last).reshape(-1)
        return np.ascontiguousarray(x), np.ascontiguousarray(y), order, self._segments

    @property
    def _apart(self) -> int:
        """How many functions a cell of the last axis has that the one before has not."""
        unknowns = self.axes[-1].basis.unknowns
        return int(np.clip(unknowns[min(1, len(unknowns) - 1), 0] - unknowns[0, 0], 1, unknowns.shape[1]))

    @property
    def _segments(self) -> Array:
        """Where the functions of each batch begin, and from which to which they are free, if they are in order."""
        cells = self._batches[0]
        own = np.diff(cells, axis=1, prepend=-1)[..., None] > 0  # not repeated
        index = self.axes[-1].index[cells]
        entries = np.arange(self._lanes)[:, None] * self._apart + np.arange(index.shape[-1])
        free = own & (index >= 0)
        first = np.where(free, index - entries, self.axes[-1].size).min(axis=(1, 2))
        low, high = np.where(free, entries, entries.max()).min(axis=(1, 2)), np.where(free, entries + 1, 0).max(axis=(1, 2))
        inside = (entries >= low[:, None, None]) & (entries < high[:, None, None])
        fits = (~free | (index - entries == first[:, None, None])) & (~own | (free == inside))
        return np.stack([first, low, high, fits.all(axis=(1, 2))], axis=1)

    def _lanewise(self, tables: Array) -> Array:
        """Tables of the cells of the last axis, as (batches, \\*table, lanes)."""
        return np.ascontiguousarray(np.moveaxis(tables[self._batches[0]], 1, -1))

    @functools.cached_property
    def _batches(self) -> tuple[Array, Array]:
        """The cells of the last axis in each batch, and whether they are in none before: (batches, lanes).

        The last batch takes as many of the one before as it lacks, so that all are read alike; for too few cells the last is repeated.
        """
        count, lanes = self.axes[-1].count, self._lanes
        starts = np.arange(0, count, lanes)[:, None]
        cells = np.minimum(starts, max(count - lanes, 0)) + np.arange(lanes)
        return np.minimum(cells, count - 1), (cells >= starts) & (cells < count)

    @functools.cached_property
    def _sizes(self) -> Array:
        """For each axis: functions, cells, and in each cell functions, points, samples."""
        grid = self.diffusion.shape[1:]
        given = [
            [axis.size, axis.count, axis.index.shape[1], axis.points, n // axis.count] for axis, n in zip(self.axes, grid, strict=True)
        ]
        return np.array([[1] * 5] * (AXES - len(given)) + given)

    @functools.cached_property
    def _tables(self) -> tuple[Array, Array]:
        """The cells' tables of axes 0 and 1, and those of axis 2 lane by lane."""
        unit = np.array([[[1.0], [0.0], [1.0]]])  # one function, constant: one point of weight 1
        x, y, last = [unit] * (AXES - len(self.axes)) + [_table(axis) for axis in self.axes]
        lanewise = self._lanewise(last)
        lanewise[:, -1] *= self._batches[1][:, None]
        dtype = self.diffusion.dtype
        return np.append(x, y).astype(dtype), lanewise.astype(dtype).reshape(-1)

    @functools.cached_property
    def _rooms(self) -> Array:
        """Where the rooms of a batch begin, see `add_factorized`, and how long they are together."""
        (a, b, c), (p, q, r) = self._sizes[:, 2], self._sizes[:, 3]
        points = p * q * r
        slopes = 3 * points if self._coupled else 0
        here, there = max(a * b * c, a * q * r, points), max(a * b * r, points)
        return self._lanes * np.cumsum([0, here, there, slopes, points * (len(self.diffusion) + 1)])

    @property
    def _coupled(self) -> bool:
        return len(self._places) == 6

    @property
    def _places(self) -> tuple[int, ...]:
        return PLACES[len(self.diffusion), len(self.axes)]

    @functools.cached_property
    def _steps(self) -> Array:
        """The program; see `add_factorized`."""
        (a, b, c), (p, q, r) = self._sizes[:, 2], self._sizes[:, 3]
        here, there, slopes, weighed = self._rooms[:-1]
        sizes, shapes = [(a, p), (b, q), (c, r)], [(1, q * r), (a, r), (a * b, 1)]
        along = [
            (0, *sizes[axis], axis == 2, axis, 0, *ends, 0, 0, *shapes[axis], 0)
            for axis, *ends in ((2, here, there), (1, there, here), (0, here, there))
        ]
        back = [
            (0, *sizes[axis][::-1], axis == 2, axis, 0, *ends, 0, 1, *shapes[axis], 0)
            for axis, *ends in ((0, here, there), (1, there, here), (2, here, there))
        ]
        return np.array([*along, *self._middle, *back])

    @property
    def _middle(self) -> list[tuple[int, ...]]:
        """The steps from values to sources."""
        counts, (p, q, r) = self._sizes[:, 2], self._sizes[:, 3]
        here, there, slopes, weighed = self._rooms[:-1]
        points = self._lanes * p * q * r
        lines = [(n, n, axis == 2, axis, m * n) for axis, (m, n) in enumerate(zip(counts, (p, q, r), strict=True))]
        shapes = (1, q * r), (p, r), (p * q, 1)
        add = [axis > 0 or self.reaction is not None for axis in range(3)]
        if not self._coupled:
            return [(1, *line, there, here, weighed + points * self._places[k], 0, *shapes[k], add[k]) for k, line in enumerate(lines)]
        to = [(0, *line, there, slopes + k * points, 0, 0, *shapes[k], 0) for k, line in enumerate(lines)]
        back = [(0, *line, slopes + k * points, here, 0, 1, *shapes[k], add[k]) for k, line in enumerate(lines)]
        return to + back

    def _taken(self) -> Array:
        """Room for a piece, used again."""
        try:
            return self._spare.pop()
        except IndexError:
            return _aligned(int(self._rooms[-1]), self.diffusion.dtype)

    @functools.cached_property
    def _spare(self) -> list[Array]:
        return []  # its `pop` and `append` are atomic: threads do not get the same room


def _table(axis: AxisCells) -> Array:
    """Values at a cell's points of the functions there; slopes from values; weights: (cells, degree + 1 + points + 1, points)."""
    values = np.swapaxes(axis.table(0), 1, 2)
    slopes = _differentiation(axis.rule.reference[: axis.points]).T / axis.weights.sum(axis=1)[:, None, None]
    return np.concatenate([values, slopes, axis.weights[:, None]], axis=1)


def _differentiation(points: Array) -> Array:
    """The matrix that takes a polynomial's values at points to its derivatives there (Berrut & Trefethen, SIAM Review 46, 2004)."""
    distance = points[:, None] - points + np.eye(len(points))
    weights = 1 / distance.prod(axis=1)
    matrix = weights / weights[:, None] / distance
    np.fill_diagonal(matrix, 0.0)
    result: Array = matrix - np.diag(matrix.sum(axis=1))
    return result


def _aligned(size: int, dtype: Any) -> Array:
    """Zeros from the start of a cache line on."""
    room: Array = np.zeros(size + 64, dtype)
    return room[(-room.ctypes.data % 64) // room.itemsize :]
