"""The form of a cell operator of degree 1 with one coefficient per cell, by a compiled kernel: one pass over all fields."""

import functools
import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

import tensorfem.cells.kernels as kernels
from tensorfem.cells.axis_cells import AxisCells
from tensorfem.kron import Array
from tensorfem.kron.threads import in_threads, parts, thread_count

AXES = 3  # of the kernel; fewer are preceded by axes of one function that has mass 1 and no stiffness
LONGEST = 512  # cells of a row taken at once
ROW = 5.5  # operations per function
SMALL = 1 << 15  # entries of a field that one thread works on alone
ROOM = 1 << 14  # entries of one plane that are worked on together: three such planes stay in the second cache
# Which components of the tensor the kernel takes for xx, yy, zz; and xy, xz, yz. One in an axis that is not there has no weight.
PLACES = {
    **dict.fromkeys([(1, 1), (1, 2), (1, 3)], (0, 0, 0)),
    **{(2, 2): (0, 0, 1), (3, 3): (0, 1, 2), (3, 2): (0, 0, 2, 0, 0, 1), (6, 3): (0, 3, 5, 1, 2, 4)},
}

Factors = tuple[float, float, float]
Piece = tuple[slice, slice]
Places = tuple[Array, Array]  # of axes 0 and 1, as the kernel wants them


@dataclass(frozen=True, eq=False)
class LinearForm:
    """What the kernel wants to know of an operator.

    Parameters
    ----------
    axes : tuple of AxisCells
        At most three, of degree 1.
    diffusion : (k, \\*cells) array
    reaction : (\\*cells) array or None
    """

    axes: tuple[AxisCells, ...]
    diffusion: Array
    reaction: Array | None

    @classmethod
    def of(cls, operator: Any, dtype: Any) -> "LinearForm | None":
        """That of a cell operator, with its coefficients in some precision; None if the kernel does not know how."""
        simple = len(operator.axes) <= AXES and operator.per_cell and all(map(_is_linear, operator.axes))
        if not simple or dtype not in (np.float32, np.float64):
            return None
        reaction = None if operator.reaction is None else np.ascontiguousarray(operator.reaction, dtype)
        return cls(operator.axes, np.ascontiguousarray(operator.diffusion, dtype), reaction)

    @property
    def operations(self) -> float:
        """Of an application, as so many entries of a banded matrix take the time of (measured)."""
        return ROW * math.prod(self.sizes)

    @property
    def missing(self) -> int:
        """How many axes have to be made up."""
        return AXES - len(self.axes)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Functions along each of the three axes."""
        return (1,) * self.missing + tuple(axis.size for axis in self.axes)

    @property
    def counts(self) -> tuple[int, ...]:
        """Cells along each of the three axes."""
        return (1,) * self.missing + tuple(axis.count for axis in self.axes)

    def image(self, array: Array, out: Array, rhs: Array | None = None, threads: int | None = None) -> None:
        """Write the image of one field, or what is left of `rhs` without it.

        Parameters
        ----------
        array, out, rhs : C-contiguous arrays of the coefficients' type
        threads : int, optional
        """
        wanted = kernels.IMAGE if rhs is None else kernels.RESIDUAL
        self._run(wanted, array, array if rhs is None else rhs, (out.reshape(-1), flat(array), 0.0, 0.0, 0.0), out, threads)

    def relax(self, value: Array | None, rhs: Array, step: Array, inverse: Array, factors: Factors, out: Array) -> None:
        """Write what a step of a smoothing polynomial makes of a value: see `CellOperator.relax`.

        Parameters
        ----------
        value, rhs, step, inverse, out : C-contiguous arrays of the coefficients' type
        factors : (momentum, factor, first)

        Raises
        ------
        ValueError
            If one of the arrays is another one.
        """
        shape, dtype = self.sizes[self.missing :], self.diffusion.dtype
        for field in (rhs, step, inverse, out, rhs if value is None else value):
            if field.shape != shape or field.dtype != dtype or not field.flags.c_contiguous:
                raise ValueError(
                    f"relax: got shape {field.shape} and type {field.dtype}; allowed are C-contiguous arrays, {shape} of {dtype}"
                )
        relaxation = (step.reshape(-1), flat(inverse), *factors)
        if value is None:
            self._run(kernels.RELAX_FROM_ZERO, rhs, rhs, relaxation, out)
        else:
            self._run(kernels.RELAX, value, rhs, relaxation, out)

    def _run(self, wanted: int, array: Array, rhs: Array, relaxation: tuple[Any, ...], out: Array, threads: int | None = None) -> None:
        """Call the kernel for all pieces."""
        count = (thread_count() if array.size > SMALL else 1) if threads is None else threads
        cut, rows = self._cut(count)
        number = self.diffusion.dtype.type
        fields = [flat(array), flat(rhs), (*relaxation[:2], *map(number, relaxation[2:])), *self._coefficients]
        given, target = (wanted, self.reaction is not None), out.reshape(-1)

        def work(piece: Places) -> None:
            room = self._room(rows)
            kernels.linear_image(*fields, given, *self._constants[:3], *piece, *self._constants[3:], room, target)
            self._spare.append(room)

        in_threads(work, cut, count)

    def pieces(self, threads: int) -> list[Piece]:
        """Rows of axis 0 and axis 1, cut so that planes fit into the cache, and so often that all threads have something to do."""
        n0, n1, _ = self.sizes
        tiles = math.ceil(n1 * self._width / ROOM)
        slabs = min(n0, math.ceil(2 * threads / tiles)) if threads > 1 else 1
        tiles = min(n1, max(tiles, math.ceil(threads / slabs)))
        return list(itertools.product(parts(n0, slabs), parts(n1, tiles)))

    def _cut(self, threads: int) -> tuple[list[Places], int]:
        """The places of each piece, kept: on small fields they would take longer than the kernel; and the most rows of axis 1."""
        if threads not in self._known:
            pieces = self.pieces(threads)
            rows = max(piece[1].stop - piece[1].start for piece in pieces) + 2
            self._known[threads] = [(self._rows(0, x), self._rows(1, y)) for x, y in pieces], rows
        return self._known[threads]

    @functools.cached_property
    def _known(self) -> dict[int, tuple[list[Places], int]]:
        return {}

    @functools.cached_property
    def _spare(self) -> list[Array]:
        return []  # its `pop` and `append` are atomic: threads do not get the same room

    @functools.cached_property
    def _coefficients(self) -> list[Array]:
        """Those of diffusion and reaction; the first stands for a reaction that is not there."""
        return [flat(self.diffusion), flat(self.diffusion if self.reaction is None else self.reaction)]

    @functools.cached_property
    def _constants(self) -> tuple[Any, ...]:
        """What the kernel wants to know in all calls: before the places of a piece, and after."""
        lengths_x, lengths_y, z = self._tables
        shape = (*self.sizes[1:], *self.counts[1:], math.prod(self.counts))
        last = self.axes[-1]
        ends = (last.free.start, int(last.index[-1, 1]) if last.basis.mesh.periodic else -1, LONGEST)
        places = PLACES[len(self.diffusion), len(self.axes)]
        kind = (0,) * (1 if len(self.diffusion) == 1 else len(places))  # only its length counts
        return kind, np.array(places), shape, z, lengths_x, lengths_y, ends

    @property
    def _width(self) -> int:
        lanes = 64 // self.diffusion.itemsize
        return (math.ceil(min(LONGEST, self.counts[-1]) / lanes) + 1) * lanes

    def _room(self, rows: int) -> Array:
        """Room for a piece, used again where it is large enough."""
        try:
            spare = self._spare.pop()
        except IndexError:
            spare = self._fresh_room(rows)
        return spare if spare.size >= self._length(rows) else self._fresh_room(rows)

    def _length(self, rows: int) -> int:
        return (3 * rows + 10) * self._width

    def _fresh_room(self, rows: int) -> Array:
        room: Array = np.empty(self._length(rows) + 256 // self.diffusion.itemsize, self.diffusion.dtype)
        return room[(-room.ctypes.data % 64) // room.itemsize :]

    def _rows(self, k: int, rows: slice) -> Array:
        """The cells next to some functions of an axis; the functions at their nodes; and those of them that were asked for."""
        if k < self.missing:
            return np.array([[0, -1], [0, -1], [0, -1]])
        axis = self.axes[k - self.missing]
        first, stop = rows.start + axis.free.start, rows.stop + axis.free.start  # nodes
        periodic, count = axis.basis.mesh.periodic, axis.count
        nodes = np.arange(first - 1 if periodic else max(first - 1, 0), stop + 1 if periodic else min(stop, count) + 1)
        functions = np.append(axis.index[:, 0], axis.index[-1, 1])[nodes % count if periodic else nodes]
        return np.stack([nodes % count, functions, np.where((nodes >= first) & (nodes < stop), functions, -1)])

    @functools.cached_property
    def _tables(self) -> tuple[Array, Array, Array]:
        """Lengths, inverse lengths and 1 of the cells of axes 0 and 1; a quarter of the lengths and inverse lengths of axis 2."""
        sizes = [axis.weights.sum(axis=1) for axis in self.axes]
        real = [np.stack([h, 1 / h, np.ones_like(h)], axis=1) for h in sizes[:-1]]
        x, y = [np.array([[3.0, 0.0, 0.0]])] * self.missing + real  # M = h / 3 is 1
        z = np.zeros((2, len(sizes[-1]) + 2 * self._width))
        z[:, : len(sizes[-1])] = sizes[-1] / 4, 1 / sizes[-1]
        dtype = self.diffusion.dtype
        return x.astype(dtype), y.astype(dtype), z.reshape(-1).astype(dtype)


def _is_linear(axis: AxisCells) -> bool:
    """Whether each cell has the hat functions of its two ends, numbered in order."""
    periodic, nodes = axis.basis.mesh.periodic, np.arange(axis.count + 1)
    if periodic:
        nodes[-1] = 0
    ordered = axis.is_linear and np.array_equal(axis.basis.unknowns, np.stack([nodes[:-1], nodes[1:]], axis=1))
    return ordered and not (periodic and axis.size < axis.count)


def flat(array: Array) -> Array:
    """A view that cannot be written: so that the kernel is compiled for one kind of array."""
    flat = array.reshape(-1)
    flat.flags.writeable = False
    return flat
