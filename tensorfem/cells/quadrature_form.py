"""The form of a cell operator by matrices of its axes alone: the reference of the compiled kernels, in any dimension.

Of each slab of cells across axis 0 the derivatives are made at all Gauss points, multiplied by the coefficients there, and taken back by
the transposed matrices.
"""

import functools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.sparse as sparse

from tensorfem.cells.axis_cells import AxisCells
from tensorfem.kron import Array, mode_product
from tensorfem.kron.slabs import nonzero_rows, slabs


def add_image(operator: Any, array: Array, out: Array) -> None:
    """Add the image of an array, whose last axes are spatial, to `out`; faces aside."""
    axes, dimension = operator.axes, operator.dimension
    for cells in _slabs_of_cells(axes):
        trial = _Tabulation(axes, cells)
        rows = nonzero_rows(sparse.csr_array(trial.matrices[0][0].T))
        taken = array[(..., rows, *[slice(None)] * (dimension - 1))]
        weights = trial.weights()
        derivatives = [trial.forward(taken, rows, i) for i in range(dimension)]
        fluxes: list[Any] = [0.0] * dimension
        for (i, j), samples in operator.components():
            weighted = weights * trial.samples(samples)
            fluxes[i] = fluxes[i] + weighted * derivatives[j]
            if i != j:
                fluxes[j] = fluxes[j] + weighted * derivatives[i]
        image = sum(trial.backward(flux, rows, i) for i, flux in enumerate(fluxes))
        if operator.reaction is not None:
            values = weights * trial.samples(operator.reaction) * trial.forward(taken, rows, -1)
            image = image + trial.backward(values, rows, -1)
        out[(..., rows, *[slice(None)] * (dimension - 1))] += image


def diagonal(operator: Any) -> Array:
    """The diagonal: squares, and products, of the functions' derivatives in place of the functions."""
    parts = list(operator.components())
    if operator.reaction is not None:
        parts.append(((-1, -1), operator.reaction))
    hats = all(axis.is_linear and axis.alive.max() <= 1 for axis in operator.axes)  # on a ring of one cell both are one function
    alike = hats and operator.per_cell and all(i == j for (i, j), _ in parts)
    summed = _sum_of_shares if alike else _sum_of_squares
    out = np.asarray(summed(operator, parts), dtype=operator.dtype)
    for face in operator.faces:
        face.add_diagonal(out)
    return out


def _sum_of_squares(operator: Any, parts: list[Any]) -> Any:
    out: Any = 0.0
    for (i, j), samples in parts:
        values = samples
        for k, axis in enumerate(operator.axes):
            test, trial = (axis.slopes if k == derived else axis.values for derived in (i, j))
            values = mode_product(axis.integrals(test * trial, samples.shape[k]), values, k)
        out = out + (values if i == j else 2.0 * values)
    return out


def _sum_of_shares(operator: Any, parts: list[Any]) -> Array:
    """Of hat functions: all those of one cell have the same share in it, so these are added up, first over the parts of the form."""
    sizes = [axis.weights.sum(axis=1) for axis in operator.axes]
    shares = np.zeros([axis.count for axis in operator.axes], dtype=operator.dtype)
    for (i, _), samples in parts:
        factors = [1 / h if k == i else h / 3 for k, h in enumerate(sizes)]
        shares += samples * functools.reduce(np.multiply.outer, factors)
    for k, axis in enumerate(operator.axes):
        shares = mode_product(sparse.csr_array(axis.alive.T.astype(operator.dtype)), shares, k)
    return shares


class _Tabulation:
    """The matrices of all axes at the Gauss points of a slab of cells."""

    def __init__(self, axes: tuple[AxisCells, ...], cells: slice) -> None:
        self._axes, self._cells = axes, cells
        first = axes[0]
        points = slice(cells.start * first.points, cells.stop * first.points)
        self.matrices = [(first.values[points], first.slopes[points]), *((axis.values, axis.slopes) for axis in axes[1:])]

    def weights(self) -> Array:
        """The product of the axes' weights at the slab's points."""
        first, *others = (axis.weights for axis in self._axes)
        result: Array = functools.reduce(np.multiply.outer, [first[self._cells].ravel(), *(w.ravel() for w in others)])
        return result

    def samples(self, samples: Array) -> Array:
        """A coefficient at the slab's points."""
        first, count = self._axes[0], samples.shape[0] // self._axes[0].count
        part = samples[self._cells.start * count : self._cells.stop * count]
        part = part if count == first.points else np.repeat(part, first.points, axis=0)
        for k, axis in enumerate(self._axes[1:], start=1):
            part = axis.per_point(part, k)
        return part

    def forward(self, array: Array, rows: Any, derived: int) -> Array:
        """Values at the points, differentiated along one axis."""
        for k, pair in enumerate(self.matrices):
            matrix = pair[int(k == derived)]
            array = mode_product(matrix[:, rows] if k == 0 else matrix, array, k, dimension=len(self.matrices))
        return array

    def backward(self, array: Array, rows: Any, derived: int) -> Array:
        """The transpose of `forward`."""
        for k, pair in enumerate(self.matrices):
            matrix = pair[int(k == derived)]
            transposed = sparse.csr_array((matrix[:, rows] if k == 0 else matrix).T)
            array = mode_product(transposed, array, k, dimension=len(self.matrices))
        return array


def _slabs_of_cells(axes: tuple[AxisCells, ...]) -> Iterator[slice]:
    others = math.prod(axis.count * axis.points for axis in axes[1:])
    return slabs(axes[0].count, axes[0].points * others)
