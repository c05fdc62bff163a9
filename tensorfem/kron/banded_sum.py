"""Kronecker sums of banded matrices on up to three axes: what the compiled kernels need, and which of them is called."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import tensorfem.kron.kernels as kernels
from tensorfem.kron.mode_product import Array, is_sparse
from tensorfem.kron.threads import in_threads, thread_count

AXES = 3  # fewer get leading axes of length 1
WIDEST = 8  # half bandwidth: a Lagrange axis of degree 8
TILE = 32  # rows of axis 1 worked on at once: what they need fits the second cache
Piece = tuple[int, int, int, int]


def is_banded(matrix: Any) -> bool:
    """Whether a factor is a square CSR array in single or double precision whose entries lie near the diagonal.

    Examples
    --------
    >>> import scipy.sparse as sparse
    >>> is_banded(sparse.eye_array(20, format="csr")), is_banded(sparse.csr_array(np.ones((20, 20)))), is_banded(np.eye(20))
    (True, False, False)
    """
    if (
        not is_sparse(matrix)
        or matrix.format != "csr"
        or matrix.shape[0] != matrix.shape[1]
        or matrix.dtype not in (np.float32, np.float64)
    ):
        return False
    return bool(kernels.half_bandwidth(matrix.indptr, matrix.indices) <= WIDEST)


def bands(stiffness: Any, mass: Any, dtype: Any) -> Array:
    """The bands of two square CSR arrays in one (2, n, 2 h + 1) array; a mass that is None is the identity.

    Examples
    --------
    >>> import scipy.sparse as sparse
    >>> bands(sparse.csr_array(np.array([[2.0, 1.0], [5.0, 3.0]])), None, float)[0]
    array([[0., 2., 1.],
           [5., 3., 0.]])
    """
    given = [matrix for matrix in (stiffness, mass) if matrix is not None]
    half = max(1, *(kernels.half_bandwidth(matrix.indptr, matrix.indices) for matrix in given))
    result = np.zeros((2, stiffness.shape[0], 2 * half + 1), dtype=dtype)
    for matrix, place in zip(given, result, strict=False):
        kernels.add_bands(matrix.indptr, matrix.indices, matrix.data, place)
    if mass is None:
        result[1, :, half] = 1
    return result


@dataclass(frozen=True, eq=False)
class BandedSum:
    """The bands of a Kronecker sum: of three axes, leftmost first; `leading` of them are made up."""

    axes: tuple[Array, Array, Array]
    leading: int

    @classmethod
    def of(cls, stiffness: Sequence[Any], masses: Sequence[Any], shift: float, dtype: Any) -> "BandedSum":
        """From one stiffness and one mass per axis; the shift goes into the last stiffness."""
        leading = AXES - len(stiffness)
        unit = np.zeros((2, 1, 3), dtype=dtype)
        unit[1, 0, 1] = 1
        given = [bands(K, M, dtype) for K, M in zip(stiffness, masses, strict=True)]
        given[-1][0] += dtype.type(shift) * given[-1][1]
        x, y, z = [unit] * leading + given
        return cls((x, y, z), leading)

    def apply(self, array: Array, rows: range, out: Array, threads: int | None = None) -> None:
        """Write some rows (along the first axis that is not made up; all of a single axis) of the sum applied to a field.

        Parameters
        ----------
        array, out : C-contiguous arrays of the factors' type
        rows : range
        threads : int, optional
        """
        nx, ny, nz = (len(axis[0]) for axis in self.axes)
        wanted = [(0, nx), (0, ny), (0, nz)]
        wanted[self.leading] = rows.start, rows.stop
        origin = wanted[0][0] * ny + wanted[1][0]
        field = array.reshape(nx, ny, nz)
        field.flags.writeable = False  # of this view: so that the kernels are compiled for one kind of array
        count = thread_count() if threads is None else threads
        cut = pieces((*wanted[0], *wanted[1]), count)
        narrow = all(axis.shape[2] == 3 for axis in self.axes)
        make = self._narrow if narrow else self._wide
        tile = max(piece[3] - piece[2] for piece in cut)
        spare = [make(field, origin, out.reshape(-1, nz), tile) for _ in range(min(count, len(cut)))]

        def work(piece: Piece) -> None:
            kernel = spare.pop()  # with room of its own, to be used again
            kernel(piece)
            spare.append(kernel)

        in_threads(work, cut, count)

    def _narrow(self, field: Array, origin: int, out: Array, tile: int) -> Callable[[Piece], None]:
        x, y, z = self.axes
        chunk = kernels.CHUNK
        number = math.ceil(z.shape[1] / kernels.LONGEST)
        length = math.ceil(z.shape[1] / number)
        table = _aligned((number, 6, chunk), z.dtype)
        table[...] = 0
        for k in range(number):
            part = z[:, k * length : (k + 1) * length]
            table[k, :, : part.shape[1]] = part.transpose(0, 2, 1).reshape(6, -1)
        room, flat = _aligned(((tile + 3) * 4 * chunk,), z.dtype), (field.reshape(-1), table.reshape(-1), out.reshape(-1))
        return lambda piece: kernels.narrow_sum(flat[0], field.shape, x, y, flat[1], piece, origin, flat[2], room)

    def _wide(self, field: Array, origin: int, out: Array, tile: int) -> Callable[[Piece], None]:
        x, y, z = self.axes
        nz = z.shape[1]
        diagonals = np.ascontiguousarray(z.transpose(0, 2, 1))
        parts, planes = np.empty((2, tile + y.shape[2] - 1, nz), z.dtype), np.empty((x.shape[2], tile, nz), z.dtype)
        row = np.empty((2, nz), z.dtype)
        return lambda piece: kernels.wide_sum(field, x, y, diagonals, piece, origin, out, parts, planes, row)


def pieces(rows: Piece, threads: int) -> list[Piece]:
    """Cut ranges of axis 0 and axis 1 into pieces: axis 1 into tiles, and axis 0 where these are too few for the threads.

    Examples
    --------
    >>> pieces((0, 9, 0, 50), 2)
    [(0, 5, 0, 25), (0, 5, 25, 50), (5, 9, 0, 25), (5, 9, 25, 50)]
    """
    i0, i1, j0, j1 = rows
    tiles = math.ceil((j1 - j0) / TILE)
    slabs = min(i1 - i0, math.ceil(2 * threads / tiles)) if threads > 1 else 1
    return [(*i, *j) for i in _equal(i0, i1, slabs) for j in _equal(j0, j1, tiles)]


def _equal(start: int, stop: int, number: int) -> list[tuple[int, int]]:
    length = math.ceil((stop - start) / number)
    return [(k, min(k + length, stop)) for k in range(start, stop, length)]


def _aligned(shape: tuple[int, ...], dtype: Any) -> Array:
    """Fresh memory from the start of a cache line on."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    raw = np.empty(size + 64, dtype=np.uint8)
    start = -raw.ctypes.data % 64
    aligned: Array = raw[start : start + size].view(dtype).reshape(shape)
    return aligned
