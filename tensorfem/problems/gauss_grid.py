"""Functions of all coordinates at the Gauss points of all cells, slab by slab and in threads; for degree 1, their means over the cells."""

import functools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from tensorfem.axis import Quadrature
from tensorfem.coefficient import Datum
from tensorfem.kron import SlabContraction, kernels, slabs
from tensorfem.kron.threads import in_threads, parts, thread_count
from tensorfem.load_vector import open_grid, slab_entries
from tensorfem.space import Space

FloatArray = NDArray[np.float64]
# What looks at samples: those of all data on one slab, with the slab's coordinates and its place along axis 0.
Look = Callable[[Sequence[FloatArray], tuple[FloatArray, ...], slice], None]


class GaussGrid:
    """The Gauss points of all cells, degree + 1 along each axis, or the middles of the cells.

    Where all axes are of degree 1, samples are reduced to their means over the cells at once: the order stays 2, and no more than one field
    is ever held.

    Parameters
    ----------
    space : Space
    middles : bool
        Whether one point of each cell is enough, its middle: for functions that are constant in each.

    Examples
    --------
    >>> import tensorfem as tfem
    >>> grid = GaussGrid(tfem.box(x=(0, 1), y=(0, 2), cells=(2, 1)))
    >>> grid.sample([Datum("x + y", ("x", "y"), "diffusion")])
    array([[[1.25],
            [1.75]]])
    """

    def __init__(self, space: Space, *, middles: bool = False) -> None:
        self.space = space
        self.reduced = not middles and all(basis.degree == 1 for basis in space.bases)
        self.cells = tuple(basis.mesh.cells for basis in space.bases)
        self._each = [1 if middles else basis.degree + 1 for basis in space.bases]

    @functools.cached_property
    def rules(self) -> tuple[Quadrature, ...]:
        """The rule of each axis."""
        return tuple(basis.mesh.quadrature(each) for basis, each in zip(self.space.bases, self._each, strict=True))

    @property
    def points(self) -> list[FloatArray]:
        """The points of each axis."""
        return [rule.points for rule in self.rules]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of samples: one per cell where they are reduced, else one per point."""
        return self.cells if self.reduced else tuple(points.size for points in self.points)

    @property
    def words(self) -> str:
        """Where samples are, in words."""
        if self.shape == self.cells:
            return "per cell"
        return f"at each of {' x '.join(map(str, self._each))} Gauss points per cell"

    @functools.cached_property
    def means(self) -> list[Any]:
        """For each axis the matrix that takes samples to their means over the cells: (cells, points), sparse."""
        return [_mean_matrix(rule, cells) for rule, cells in zip(self.rules, self.cells, strict=True)]

    def along(self, values: FloatArray, axis: int) -> FloatArray:
        """Samples at the points of one axis as `sample` gives them: reduced, or as they are."""
        return np.asarray(self.means[axis] @ values) if self.reduced else values

    def mean(self, samples: FloatArray) -> float:
        """The mean over the box of samples, per cell or per point."""
        for rule, cells, length in zip(self.rules[::-1], self.cells[::-1], samples.shape[::-1], strict=True):
            weights = rule.weights if length == rule.weights.size else rule.weights.reshape(cells, -1).sum(axis=1)
            samples = samples @ (weights / weights.sum())
        return float(samples)

    def sample(self, data: Sequence[Datum], look: Look | None = None, *, kept: int | None = None) -> FloatArray:
        """Samples of functions, (k, \\*shape).

        Parameters
        ----------
        data : sequence of Datum
            Functions of all coordinates. They are called in threads where all are `threadable`.
        look : function, optional
            It is shown all samples at all Gauss points, slab by slab; in threads, too.
        kept : int, optional
            So many of the data are kept, the others shown only; all by default.

        Raises
        ------
        ValueError
            If a function fails, or is not finite somewhere.
        """
        count = len(data) if kept is None else kept
        compiled = kernels.pays(math.prod(self.shape))
        out = (np.zeros if self.reduced else np.empty)((count, *self.shape))

        def fill(rows: slice) -> None:
            stores = [self._store(part, rows, compiled) for part in out]
            for slab in self._slabs(rows, compiled):
                self._take(data, slab, stores, look)

        several = compiled and all(datum.threadable for datum in data)
        in_threads(fill, parts(self.cells[0], thread_count() if several else 1))
        return out

    def _slabs(self, cells: slice, compiled: bool) -> Iterator[slice]:
        """The points along axis 0 of some cells, piece by piece."""
        each = self._each[0]
        rest = math.prod(points.size for points in self.points[1:])
        for piece in slabs((cells.stop - cells.start) * each, rest, slab_entries(compiled=compiled)):
            yield slice(cells.start * each + piece.start, cells.start * each + piece.stop)

    def _store(self, out: FloatArray, rows: slice, compiled: bool) -> Callable[[slice, FloatArray], None]:
        """A function that takes the samples of one datum on a slab to where they belong."""
        if not self.reduced:
            return functools.partial(np.ndarray.__setitem__, out)
        contraction = SlabContraction([self.means[0][rows], *self.means[1:]], out[rows], compiled=compiled)
        return lambda slab, values: contraction.add(slab, contraction.trailing(values))

    def _take(self, data: Sequence[Datum], slab: slice, stores: Sequence[Callable[[slice, FloatArray], None]], look: Look | None) -> None:
        leading, *rest = open_grid(self.points)
        coordinates = (leading[slab], *rest)
        samples = [_full_dimensional(datum.sample(*coordinates), len(coordinates)) for datum in data]
        for datum, values in zip(data, samples, strict=True):
            with np.errstate(invalid="ignore", over="ignore"):
                suspicious = not np.isfinite(values.sum())
            if suspicious:
                datum.require_finite(values, *coordinates)
        if look is not None:
            look(samples, coordinates, slab)
        for store, values in zip(stores, samples, strict=False):
            store(slab, values)


def _mean_matrix(rule: Quadrature, cells: int) -> Any:
    weights = rule.weights.reshape(cells, -1)
    weights = weights / weights.sum(axis=1, keepdims=True)
    each = weights.shape[1]
    return sparse.csr_array((weights.ravel(), np.arange(weights.size), np.arange(0, weights.size + 1, each)))


def _full_dimensional(values: FloatArray, dimension: int) -> FloatArray:
    """Samples as kernels take them: with all axes, contiguous, and writable (numba takes read-only arrays for another type)."""
    if values.flags.carray and values.ndim == dimension:
        return values
    return np.require(values.reshape([1] * (dimension - values.ndim) + list(values.shape)), requirements=["C", "A", "W"])
