"""One axis as its cells see it: the functions that live in each, and a Gauss rule."""

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from tensorfem.axis import Basis, Quadrature

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AxisCells:
    """The free functions of an axis, cell by cell.

    Parameters
    ----------
    basis : Basis
    free : slice
        The functions that count; the others, at Dirichlet ends, are taken for zero.
    points : int
        Gauss points per cell.

    Examples
    --------
    >>> from tensorfem.axis import Lagrange, interval
    >>> cells = AxisCells(Lagrange(interval(0, 1, cells=3), degree=1), slice(1, 4), points=2)
    >>> cells.size, cells.index.tolist()
    (3, [[-1, 0], [0, 1], [1, 2]])
    """

    basis: Basis
    free: slice
    points: int

    @property
    def size(self) -> int:
        """Number of free functions."""
        return len(range(self.basis.size)[self.free])

    @property
    def count(self) -> int:
        """Number of cells."""
        return self.basis.mesh.cells

    @property
    def is_linear(self) -> bool:
        """Whether the functions are the hat functions of degree 1."""
        return self.basis.degree == 1

    @functools.cached_property
    def index(self) -> NDArray[np.intp]:
        """The numbers of the free functions alive in each cell, -1 for one that is held: (cells, degree + 1)."""
        numbers = self.basis.unknowns - self.free.start
        return np.where((numbers >= 0) & (numbers < self.size), numbers, -1)

    @functools.cached_property
    def alive(self) -> Any:
        """How many of the functions of each cell are each free one: (cells, size), sparse, of ones."""
        rows, columns = np.nonzero(self.index >= 0)
        places = rows, self.index[rows, columns]
        return sparse.csr_array((np.ones(rows.size), places), shape=(self.count, self.size))

    @functools.cached_property
    def rule(self) -> Quadrature:
        """The Gauss rule of all cells."""
        return self.basis.mesh.quadrature(self.points)

    @functools.cached_property
    def weights(self) -> FloatArray:
        """Its weights: (cells, points)."""
        return self.rule.weights.reshape(self.count, self.points)

    def table(self, derivative: int) -> FloatArray:
        """The functions alive in each cell, or a derivative of them, at the points: (cells, points, degree + 1)."""
        values = self.basis.local(self.rule.cells, self.rule.reference, derivative)
        return values.reshape(self.count, self.points, -1)

    @functools.cached_property
    def values(self) -> Any:
        """The free functions at all points: (cells * points, size), sparse."""
        return sparse.csr_array(self.basis.tabulate(self.rule, 0)[:, self.free])

    @functools.cached_property
    def slopes(self) -> Any:
        """Their derivatives."""
        return sparse.csr_array(self.basis.tabulate(self.rule, 1)[:, self.free])

    def integrals(self, functions: Any, count: int) -> Any:
        """The integrals of functions, given at all points, (points, m), over each cell, or times the weight at each point.

        Parameters
        ----------
        functions : (cells * points, m) sparse array
        count : int
            Of columns: one per cell, or one per point.

        Returns
        -------
        (m, count) sparse array
        """
        weighted = sparse.csr_array(functions.T @ sparse.diags_array(self.weights.ravel()))
        if count != self.count:
            return weighted
        return sparse.csr_array(weighted @ sparse.kron(sparse.eye_array(self.count), np.ones((self.points, 1)), format="csr"))

    def per_point(self, samples: FloatArray, axis: int) -> FloatArray:
        """Samples, one per cell along an axis, repeated for each point; those that are one per point are left as they are."""
        return samples if samples.shape[axis] == self.count * self.points else np.repeat(samples, self.points, axis=axis)
