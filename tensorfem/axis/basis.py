"""Bases of one axis: piecewise polynomials, given by their values in a cell."""

import abc
import functools
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from tensorfem.axis.mesh import Mesh
from tensorfem.axis.quadrature import Quadrature
from tensorfem.checks import integer

FloatArray = NDArray[np.float64]
MAX_DEGREE = 24


class Basis(abc.ABC):
    """A basis of piecewise polynomials on a mesh; a subclass says what they are within a cell (`local`, `unknowns`, `nodes`).

    The contract is stated in reference coordinates, not in points: in a cell of size 1e-10 at x = 1, the difference of a point and its
    cell's end has six digits left, and mass and stiffness would have no more.

    Parameters
    ----------
    mesh : Mesh
    degree : int
        From 1 to 24.

    Raises
    ------
    ValueError
        If the mesh is not a `Mesh`, or the degree is out of range.
    """

    def __init__(self, mesh: Mesh, degree: int) -> None:
        if not isinstance(mesh, Mesh):
            raise ValueError(f"mesh: got {mesh!r}; allowed is a mesh, as made by interval, graded or Mesh")
        self.mesh = mesh
        self.degree = integer(degree, "degree", 1, MAX_DEGREE)

    @abc.abstractmethod
    def local(self, cells: NDArray[np.intp], reference: FloatArray, derivative: int) -> FloatArray:
        """Values of the functions alive in each given cell at a reference coordinate in it: (m,), (m,) -> (m, degree + 1)."""

    @property
    @abc.abstractmethod
    def unknowns(self) -> NDArray[np.intp]:
        """The indices of the functions alive in each cell: (cells, degree + 1)."""

    @property
    @abc.abstractmethod
    def nodes(self) -> FloatArray:
        """The points, one per function and increasing, at which values determine the function."""

    @abc.abstractmethod
    def on(self, mesh: Mesh) -> "Basis":
        """The basis of this kind on another mesh."""

    @property
    @abc.abstractmethod
    def nodal(self) -> bool:
        """Whether coefficients are the values at the nodes."""

    @property
    def size(self) -> int:
        """Number of functions."""
        return int(self.unknowns.max()) + 1

    def refined(self) -> "Basis":
        """The basis of this kind on the mesh with every cell halved."""
        return self.on(self.mesh.refined())

    def evaluate(self, points: Any, derivative: int = 0) -> Any:
        """The matrix of the functions, or a derivative, at points.

        Parameters
        ----------
        points : (m,) array_like
            Within the mesh; on a periodic axis anywhere. A point between two cells belongs to the right one.
        derivative : int
            0 for the functions themselves.

        Returns
        -------
        (m, size) sparse array

        Raises
        ------
        ValueError
            If a point lies outside the mesh, or the derivative is not an integer >= 0.
        """
        x = np.asarray(points, dtype=float).ravel()
        start, end = self.mesh.bounds
        outside = np.flatnonzero(~((x >= start) & (x <= end))) if not self.mesh.periodic else np.flatnonzero(~np.isfinite(x))
        if outside.size:
            raise ValueError(f"points: {x[outside[0]]} lies outside the axis, which goes from {start} to {end}")
        return self._matrix(*self.mesh.locate(x), derivative)

    def tabulate(self, rule: Quadrature, derivative: int = 0) -> Any:
        """The matrix of the functions, or a derivative, at a rule's points: (points, size), sparse."""
        return self._matrix(rule.cells, rule.reference, derivative)

    def _matrix(self, cells: NDArray[np.intp], reference: FloatArray, derivative: int) -> Any:
        integer(derivative, "derivative", 0)
        columns = self.unknowns[cells]
        ends = np.arange(0, columns.size + 1, columns.shape[1])
        matrix = sparse.csr_array((self.local(cells, reference, derivative).ravel(), columns.ravel(), ends), shape=(cells.size, self.size))
        matrix.sum_duplicates()  # which sorts, too: a short periodic axis meets a function twice in a cell
        return matrix

    @functools.cached_property
    def collocation(self) -> Any:
        """The matrix that takes coefficients to values at the nodes: (size, size), sparse; the identity where `nodal`."""
        return sparse.eye_array(self.size, format="csr") if self.nodal else self.evaluate(self.nodes)

    def __repr__(self) -> str:
        start, end = self.mesh.bounds
        kind = "periodic " if self.mesh.periodic else ""
        return f"{type(self).__name__}(degree={self.degree}, {self.mesh.cells} {kind}cells on [{start:g}, {end:g}], {self.size} unknowns)"
