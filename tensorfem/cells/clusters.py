"""Cells that conduct much better than all around them: what point smoothers and coarser cells both miss."""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from tensorfem.cells.axis_cells import AxisCells
from tensorfem.kron import Array, mode_product

JUMP = 2.0  # times its neighbours': what the coefficient of an isolated cell is at least
ISOLATED = 3.0  # the sum of the diagonal over a cluster, over its energy: 1.3 where the coefficient is constant
SHARE = 0.5  # of the exact correction that is made, since neighbouring clusters and the diagonal correct as well


@dataclass(frozen=True, eq=False)
class Clusters:
    """The functions of isolated cells, and the correction of their constants.

    A constant on the functions of one cell that conducts 100 times better than its neighbours has an energy 100 times smaller than
    the diagonal says: the Jacobi method hardly changes it, and no function of the coarser cells is like it. Where coefficients are
    drawn cell by cell, there are such cells at all contrasts. The correction ``sum_c 1_c (1_c^T A 1_c)^-1 1_c^T`` takes them out.

    Attributes
    ----------
    unknowns : (m,) array of int
        The places, in the flat field, of all functions alive in isolated cells.
    correction : (m, m) sparse array
        Symmetric and positive semi-definite.
    """

    unknowns: NDArray[np.intp]
    correction: Any

    def astype(self, dtype: Any, scale: float) -> "Clusters":
        """Those of a multiple of the operator, in another precision."""
        return Clusters(self.unknowns, (self.correction / scale).astype(dtype))


def find_clusters(operator: Any, diagonal: Array) -> Clusters | None:
    """The isolated cells of an operator of hat functions with its diagonal; None where there are none."""
    linear = all(axis.is_linear for axis in operator.axes)
    if not linear or operator.reaction is not None or not _has_peaks(operator):
        return None
    indicators = [_indicator(axis) for axis in operator.axes]
    energies = _energies(operator, indicators)
    sums = diagonal
    for k, matrix in enumerate(indicators):
        sums = mode_product(matrix, sums, k)
    cells = np.flatnonzero(sums > ISOLATED * energies)
    if not cells.size:
        return None
    return _clusters(operator, cells, indicators, energies.ravel()[cells])


def _has_peaks(operator: Any) -> bool:
    """Whether any cell's coefficient is larger than those of both its neighbours along axis 0: one pass over the field."""
    samples = _per_cell(operator, operator.diffusion[0])
    if samples.shape[0] == 1:
        return bool(samples.max() > JUMP * samples.min())
    before, after = JUMP * samples[:-1], JUMP * samples[1:]
    peaks = np.ones(samples.shape, dtype=bool)
    peaks[1:] &= samples[1:] > before
    peaks[:-1] &= samples[:-1] > after
    return bool(peaks.any())


def _per_cell(operator: Any, samples: Array) -> Array:
    """Samples, one of each cell."""
    strides = [slice(None, None, n // axis.count) for n, axis in zip(samples.shape, operator.axes, strict=True)]
    return samples[tuple(strides)]


def _indicator(axis: AxisCells) -> Any:
    """Which free functions are alive in each cell: (cells, size), sparse, of ones."""
    return axis.alive.astype(bool).astype(float)


def _energies(operator: Any, indicators: list[Any]) -> Array:
    """``1_c^T A 1_c`` for each cell c, faces aside."""
    total = np.zeros([axis.count for axis in operator.axes])
    for (i, j), samples in operator.components():
        values = samples if i == j else 2.0 * samples
        for k, (axis, ones) in enumerate(zip(operator.axes, indicators, strict=True)):
            test, trial = ((axis.slopes if k == derived else axis.values) @ ones.T for derived in (i, j))
            values = mode_product(axis.integrals(test * trial, samples.shape[k]), values, k)
        total += values
    return total


def _clusters(operator: Any, cells: Array, indicators: list[Any], energies: Array) -> Clusters:
    """The correction of some cells, given by their places in the flat grid."""
    places = np.unravel_index(cells, [axis.count for axis in operator.axes])
    rows = functools.reduce(_rowwise, [matrix[place] for matrix, place in zip(indicators, places, strict=True)])
    unknowns, columns = np.unique(rows.indices, return_inverse=True)
    alive = sparse.csr_array((rows.data, columns, rows.indptr), shape=(cells.size, unknowns.size))
    return Clusters(unknowns, sparse.csr_array(alive.T @ sparse.diags_array(SHARE / energies) @ alive))


def _rowwise(left: Any, right: Any) -> Any:
    """The Kronecker products of the rows of two sparse matrices."""
    counts, widths = np.diff(left.indptr), np.diff(right.indptr)
    of_left = np.repeat(np.arange(left.nnz), np.repeat(widths, counts))
    row = np.repeat(np.arange(left.shape[0]), counts * widths)
    ends = np.concatenate([[0], np.cumsum(counts * widths)])
    of_right = right.indptr[row] + (np.arange(row.size) - ends[row]) % widths[row]
    data = left.data[of_left] * right.data[of_right]
    columns = left.indices[of_left].astype(np.intp) * right.shape[1] + right.indices[of_right]
    return sparse.csr_array((data, columns, ends), shape=(left.shape[0], left.shape[1] * right.shape[1]))
