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
        if len(operator.axes) > AXES or dtype not in (np.float32, np.float64):
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
        shape, indices, tables, lanewise = self._tables
        given = rhs is not None, self.reaction is not None, len(self._known)
        places = np.array((*self._known, 0, 0, 0)[:6])

        def work(piece: Piece) -> None:
            room = _aligned(self._room, self.diffusion.dtype)
            kernels.add_factorized(
                field, diffusion, reaction, given, places, shape, indices, tables, lanewise, piece, room, out.reshape(-1)
            )

        slabs = self.pieces(count)
        in_threads(work, slabs[::2], count)
        in_threads(work, slabs[1::2], count)

    def pieces(self, threads: int) -> list[Piece]:
        """An even number of slabs of cells, each as thick as functions are wide, across axis 0 or 1; one where there are too few cells."""
        x, y = (int(count) for count in self._tables[0][:2, 1])
        axis = int(y > x)
        spread = np.bincount(self.axes[axis - AXES].basis.unknowns.ravel()).max() if max(x, y) > 1 else 1  # cells that a function lives in
        most = max(x, y) // max(1, int(spread) - 1) // 2 * 2
        number = min(4 * threads, most) if threads > 1 else 1
        cut = [(cells.start, cells.stop) for cells in parts(max(x, y), max(number, 1))]
        return [(0, x, *cells) if axis else (*cells, 0, y) for cells in cut]

    @property
    def _known(self) -> tuple[int, ...]:
        return PLACES[len(self.diffusion), len(self.axes)]

    @property
    def _lanes(self) -> int:
        return 64 // self.diffusion.itemsize

    @property
    def _room(self) -> int:
        return int(kernels.places_of_parts(self._tables[0], len(self.diffusion), self._lanes)[-1])

    @functools.cached_property
    def _tables(self) -> tuple[Array, tuple[Array, ...], tuple[Array, ...], Array]:
        """Sizes, the functions of the cells, tables of axes 0 and 1, and those of axis 2 lane by lane."""
        missing, dtype = AXES - len(self.axes), self.diffusion.dtype
        grid = self.diffusion.shape[1:]
        sizes = [
            [axis.size, axis.count, axis.index.shape[1], axis.points, n // axis.count] for axis, n in zip(self.axes, grid, strict=True)
        ]
        indices = [np.zeros((1, 1), dtype=np.intp)] * missing + [np.ascontiguousarray(axis.index, dtype=np.intp) for axis in self.axes]
        unit = np.array([[[1.0], [0.0], [1.0]]])  # one function, constant: one point of weight 1
        tables = [unit] * missing + [_table(axis) for axis in self.axes]
        last, lanes = tables[-1], self._lanes
        padded = np.zeros((math.ceil(len(last) / lanes) * lanes, *last.shape[1:]))
        padded[: len(last)] = last
        lanewise = np.moveaxis(padded.reshape(-1, lanes, *last.shape[1:]), 1, -1)
        shape = np.array([[1] * 5] * missing + sizes)
        x, y = (np.ascontiguousarray(table, dtype) for table in tables[:2])
        return shape, tuple(indices), (x, y), lanewise.astype(dtype).reshape(-1)


def _table(axis: AxisCells) -> Array:
    """Values and slopes of the functions alive in each cell, at its points, and the weights: (cells, 2 (degree + 1) + 1, points)."""
    values, slopes = (np.swapaxes(axis.table(derivative), 1, 2) for derivative in (0, 1))
    return np.concatenate([values, slopes, axis.weights[:, None]], axis=1)


def _aligned(size: int, dtype: Any) -> Array:
    """Room from the start of a cache line on."""
    room: Array = np.empty(size + 64, dtype)
    return room[(-room.ctypes.data % 64) // room.itemsize :]
