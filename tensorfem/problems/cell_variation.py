"""How much a function varies within each cell of a mesh, and in how steep a step."""

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.axis import Basis, gauss_legendre
from tensorfem.coefficient import Datum
from tensorfem.kron import kernels, slabs
from tensorfem.kron.threads import in_threads, parts, thread_count
from tensorfem.load_vector import open_grid

FloatArray = NDArray[np.float64]
INSIDE = 1e-6  # of a cell: so far from its ends are its outermost samples, which a jump on its face does not reach
LEAST = 1e-6  # relative: what varies less within a cell is taken for constant there
STEEP = 0.75  # of a cell's variation: a smooth function takes at most 0.67 in one step, for the widest of the steps is 0.58 of the cell


class CellVariation:
    """The variation of a function in each cell: over its Gauss points, degree + 1 along each axis, and points just inside its faces.

    Variations are relative: of positive functions the logarithm is taken, others are divided by their largest absolute value. Between two
    samples of one cell a smooth function takes a part only of what it varies in the cell, and a jump all of it, however fine the mesh.

    Parameters
    ----------
    bases : sequence of Basis
        One per coordinate of the function.
    datum : Datum
    positive : bool
        Whether all values are positive.

    Examples
    --------
    >>> from tensorfem.axis import Lagrange, interval
    >>> variation = CellVariation([Lagrange(interval(0, 1, cells=4), 1)], Datum("where(x < 0.3, 1, 2)", ("x",), "diffusion"), positive=True)
    >>> variation.steep
    array([[1]])
    """

    def __init__(self, bases: Sequence[Basis], datum: Datum, *, positive: bool) -> None:
        self.datum, self.positive = datum, positive
        self.meshes = [basis.mesh for basis in bases]
        self.cells = tuple(mesh.cells for mesh in self.meshes)
        self._reference = [np.array([INSIDE, *gauss_legendre(basis.degree + 1)[0], 1 - INSIDE]) for basis in bases]
        self._points = [self._placed(axis, slice(None)) for axis in range(len(bases))]
        self._low, self._high, self._step = np.zeros((3, *self.cells))
        several = kernels.pays(math.prod(self.cells)) and datum.threadable
        in_threads(self._fill, parts(self.cells[0], thread_count() if several else 1))

    @functools.cached_property
    def scale(self) -> float:
        """What variations are divided by."""
        return 1.0 if self.positive else float(max(np.abs(self._low).max(), np.abs(self._high).max())) or 1.0

    @functools.cached_property
    def steep(self) -> NDArray[np.intp]:
        """The cells in which nearly all of the variation lies between two neighbouring samples: (n, d) indices."""
        with np.errstate(over="ignore", invalid="ignore"):
            variation = self._high - self._low
            return np.argwhere((variation > LEAST * self.scale) & (self._step > STEEP * variation))

    def extremes(self, cell: Sequence[int]) -> tuple[FloatArray, FloatArray]:
        """The points of a cell where the samples are least and largest."""
        points = [self._placed(axis, slice(int(i), int(i) + 1)) for axis, i in enumerate(cell)]
        values = np.broadcast_to(self._values(open_grid(points)), [x.size for x in points])
        found = [np.unravel_index(int(pick(values)), values.shape) for pick in (np.argmin, np.argmax)]
        low, high = (np.array([x[i] for x, i in zip(points, index, strict=True)]) for index in found)
        return low, high

    def at(self, point: FloatArray) -> float:
        """The function at one point, as variations are taken: its logarithm, or its value over the scale."""
        return float(self._values(open_grid(list(point[:, None]))).reshape(-1)[0]) / self.scale

    def _placed(self, axis: int, cells: slice) -> FloatArray:
        mesh = self.meshes[axis]
        return np.asarray((mesh.nodes[:-1][cells, None] + mesh.sizes[cells, None] * self._reference[axis]).ravel())

    def _values(self, coordinates: tuple[FloatArray, ...]) -> FloatArray:
        with np.errstate(
            all="ignore"
        ):  # what the function gives at the Gauss points was checked; other points may be worse, and say nothing
            values = self.datum.sample(*coordinates)
            return np.log(values) if self.positive else values

    def _fill(self, rows: slice) -> None:
        leading, *rest = open_grid(self._points)
        each = self._reference[0].size
        for piece in slabs(rows.stop - rows.start, each * math.prod(x.size for x in self._points[1:])):
            cells = slice(rows.start + piece.start, rows.start + piece.stop)
            values = self._values((leading[cells.start * each : cells.stop * each], *rest))
            values = values.reshape([1] * (len(self.cells) - values.ndim) + list(values.shape))
            for part, found in zip((self._low, self._high, self._step), self._seen(values), strict=True):
                part[cells] = found

    def _seen(self, values: FloatArray) -> tuple[FloatArray, FloatArray, Any]:
        """The least and the largest sample of each cell, and the largest step between two neighbours along an axis; open where constant."""
        counts = [reference.size for reference in self._reference]
        varying = [axis for axis, length in enumerate(values.shape) if length > 1]
        with np.errstate(over="ignore", invalid="ignore"):
            steps = [_by_cell(_steps(values, axis, counts[axis]), _one_less(counts, axis), np.maximum) for axis in varying]
        return _by_cell(values, counts, np.minimum), _by_cell(values, counts, np.maximum), functools.reduce(np.maximum, steps, np.zeros(()))


def _split(values: FloatArray, axis: int, count: int) -> FloatArray:
    return values.reshape(*values.shape[:axis], -1, count, *values.shape[axis + 1 :])


def _by_cell(values: FloatArray, counts: Sequence[int], ufunc: np.ufunc) -> FloatArray:
    """Reduce the samples of each cell; an axis of length 1, along which nothing varies, stays."""
    for axis, count in enumerate(counts):
        if values.shape[axis] > 1:
            values = ufunc.reduce(_split(values, axis, count), axis=axis + 1)
    return values


def _steps(values: FloatArray, axis: int, count: int) -> FloatArray:
    """The steps between neighbouring samples of a cell along an axis."""
    steps = np.abs(np.diff(_split(values, axis, count), axis=axis + 1))
    return steps.reshape(*values.shape[:axis], -1, *values.shape[axis + 1 :])


def _one_less(counts: Sequence[int], axis: int) -> list[int]:
    return [count - (i == axis) for i, count in enumerate(counts)]
