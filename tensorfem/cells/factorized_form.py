"""The form of a cell operator of any degree by a compiled kernel: sum factorization, several cells at a time."""

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

import tensorfem.cells.kernels as kernels
from tensorfem.cells.axis_cells import AxisCells
from tensorfem.cells.contraction_program import ContractionProgram
from tensorfem.cells.contraction_tables import cell_tables, is_symmetric
from tensorfem.cells.lane_batches import LaneBatches
from tensorfem.cells.linear_form import AXES, PLACES, flat
from tensorfem.kron import Array
from tensorfem.kron.threads import in_threads, parts, thread_count

CELL, FUNCTION = 190.0, 16.0  # operations per cell, and per function and cell

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

    @property
    def operations(self) -> float:
        """Of an application, as so many entries of a banded matrix take the time of (measured)."""
        functions = math.prod(axis.index.shape[1] - 1 for axis in self.axes)
        return float((CELL + FUNCTION * functions) * math.prod(axis.count for axis in self.axes))

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
        given = rhs is not None, self.reaction is not None
        program = self._program.steps, self._codes(), self._program.rooms

        def work(piece: Piece) -> None:
            room = self._taken()
            kernels.add_factorized(
                *(field, diffusion, reaction, given, self._program.places, self._sizes, self._indices, *self._tables),
                *(*program, piece, room, out.reshape(-1)),
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

    @functools.cached_property
    def _batches(self) -> LaneBatches:
        return LaneBatches(self.axes[-1], 64 // self.diffusion.itemsize)

    @functools.cached_property
    def _program(self) -> ContractionProgram:
        functions, points = (tuple(self._sizes[:, k].tolist()) for k in (2, 3))
        places = PLACES[len(self.diffusion), len(self.axes)]
        symmetric = (True,) * (AXES - len(self.axes)) + tuple(map(is_symmetric, self.axes))
        return ContractionProgram(functions, points, len(self.diffusion), places, self.reaction is not None, symmetric, self._batches.lanes)

    def _codes(self) -> Array:
        """Addresses of machine code; not kept, for another process has others."""
        codes: Array = kernels.addresses(self._program.contractions, self._batches.apart, self._counts, self.diffusion.dtype)
        return codes

    @functools.cached_property
    def _counts(self) -> tuple[int, ...]:
        """Functions, points and samples in a cell along the last axis."""
        return tuple(self._sizes[-1, 2:].tolist())

    @functools.cached_property
    def _indices(self) -> tuple[Array, ...]:
        x, y, last = [np.zeros((1, 1), dtype=np.intp)] * (AXES - len(self.axes)) + [axis.index for axis in self.axes]
        order = self._batches.lanewise(last).reshape(-1)
        return np.ascontiguousarray(x), np.ascontiguousarray(y), order, self._batches.segments

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
        x, y, last = [unit] * (AXES - len(self.axes)) + [cell_tables(axis) for axis in self.axes]
        lanewise = self._batches.lanewise(last)
        lanewise[:, -1] *= self._batches.own[:, None]
        dtype = self.diffusion.dtype
        return np.append(x, y).astype(dtype), lanewise.astype(dtype).reshape(-1)

    def _taken(self) -> Array:
        """Room for a piece, used again."""
        try:
            return self._spare.pop()
        except IndexError:
            return _aligned(int(self._program.rooms[-1]), self.diffusion.dtype)

    @functools.cached_property
    def _spare(self) -> list[Array]:
        return []  # its `pop` and `append` are atomic: threads do not get the same room


def _aligned(size: int, dtype: Any) -> Array:
    """Zeros from the start of a cache line on."""
    room: Array = np.zeros(size + 64, dtype)
    return room[(-room.ctypes.data % 64) // room.itemsize :]
