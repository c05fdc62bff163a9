"""Lagrange elements of any degree on Gauss-Lobatto-Legendre nodes."""

import functools

import numpy as np
from numpy.typing import NDArray

from tensorfem.axis.basis import Basis, FloatArray
from tensorfem.axis.mesh import Mesh
from tensorfem.axis.quadrature import gauss_lobatto

legendre = np.polynomial.legendre


class Lagrange(Basis):
    """Continuous piecewise polynomials, given by their values at the Gauss-Lobatto-Legendre nodes of each cell.

    Parameters
    ----------
    mesh : Mesh
    degree : int
        From 1 to 24.

    Raises
    ------
    ValueError
        If the degree is out of range.

    Examples
    --------
    >>> from tensorfem.axis import interval
    >>> basis = Lagrange(interval(0, 1, cells=2), degree=2)
    >>> basis.nodes
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    >>> basis.evaluate([0.1]).toarray().round(2)
    array([[ 0.48,  0.64, -0.12,  0.  ,  0.  ]])
    """

    def local(self, cells: NDArray[np.intp], reference: FloatArray, derivative: int) -> FloatArray:
        """Values from the Legendre series of the nodal functions: well conditioned at every degree."""
        series = legendre.legder(_nodal_series(self.degree), derivative, scl=2.0) if derivative else _nodal_series(self.degree)
        values = legendre.legvander(2 * reference - 1, series.shape[0] - 1) @ series
        return np.asarray(values / self.mesh.sizes[cells, None] ** derivative)

    @functools.cached_property
    def unknowns(self) -> NDArray[np.intp]:
        """Neighbouring cells share the node between them; a periodic axis' last cell shares the first node."""
        cells, degree = self.mesh.cells, self.degree
        numbers = degree * np.arange(cells)[:, None] + np.arange(degree + 1)
        return numbers % (cells * degree) if self.mesh.periodic else numbers

    @functools.cached_property
    def nodes(self) -> FloatArray:
        """The Gauss-Lobatto-Legendre nodes of all cells."""
        inner = self.mesh.nodes[:-1, None] + self.mesh.sizes[:, None] * gauss_lobatto(self.degree)[:-1]
        return inner.ravel() if self.mesh.periodic else np.append(inner.ravel(), self.mesh.nodes[-1])

    def on(self, mesh: Mesh) -> "Lagrange":
        """Elements of this degree on another mesh."""
        return Lagrange(mesh, self.degree)

    @property
    def nodal(self) -> bool:
        """True: coefficients are values at the nodes."""
        return True


@functools.cache
def _nodal_series(degree: int) -> FloatArray:
    """Legendre coefficients of the nodal functions on [-1, 1], one column each."""
    return np.asarray(np.linalg.inv(legendre.legvander(2 * gauss_lobatto(degree) - 1, degree)), dtype=np.float64)
