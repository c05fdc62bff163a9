"""The mixed mass matrix of two bases, each on a mesh of its own."""

from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from tensorfem.axis.basis import Basis
from tensorfem.axis.mesh import Mesh

FloatArray = NDArray[np.float64]
CLOSE = 1e-12  # of an axis' length: nodes so close to its ends are these ends


def overlap(basis: Basis, other: Basis) -> Any:
    """The matrix of the integrals of ``phi_i psi_j`` over the axis of `basis`: exact, whatever the two meshes are.

    Between the nodes of both meshes the products are polynomials, which Gauss points integrate exactly.

    Parameters
    ----------
    basis : Basis
        The functions phi.
    other : Basis
        The functions psi, on a mesh that covers that of `basis`, or is periodic.

    Returns
    -------
    (basis.size, other.size) sparse array

    Raises
    ------
    ValueError
        If the other mesh does not cover the axis.

    Examples
    --------
    >>> from tensorfem.axis import Lagrange, interval
    >>> overlap(Lagrange(interval(0, 3, cells=1), degree=1), Lagrange(interval(0, 6, cells=2), degree=1)).toarray()
    array([[1. , 0.5, 0. ],
           [0.5, 1. , 0. ]])
    """
    points = (basis.degree + other.degree) // 2 + 1
    if basis.mesh.periodic == other.mesh.periodic and np.array_equal(basis.mesh.nodes, other.mesh.nodes):
        rule = basis.mesh.quadrature(points)
        left, right = basis.tabulate(rule), other.tabulate(rule)  # by reference coordinates: right in the smallest cells, too
    else:
        rule = Mesh(_common_nodes(basis.mesh, other.mesh)).quadrature(points)
        left, right = basis.evaluate(rule.points), other.evaluate(rule.points)
    return sparse.csr_array(left.T @ sparse.diags_array(rule.weights) @ right)


def _common_nodes(mesh: Mesh, other: Mesh) -> FloatArray:
    """The nodes of a mesh and those of the other one inside it, the periods of a periodic one repeated."""
    start, end = mesh.bounds
    nodes = other.nodes
    if other.periodic:
        first, last = np.floor((start - nodes[0]) / other.length), np.ceil((end - nodes[0]) / other.length)
        nodes = np.add.outer(other.length * np.arange(first, last), nodes).ravel()
    margin = CLOSE * mesh.length
    return np.union1d(mesh.nodes, nodes[(nodes > start + margin) & (nodes < end - margin)])
