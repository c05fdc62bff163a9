"""Linear elements on the nodes of higher ones: a sparse operator that is spectrally equivalent, whatever the degree."""

from typing import Any

import numpy as np

from tensorfem.axis import Lagrange, Mesh, mass
from tensorfem.axis.quadrature import gauss_legendre, gauss_lobatto
from tensorfem.cells.axis_cells import AxisCells
from tensorfem.cells.face_term import FaceTerm
from tensorfem.kron import Array, KroneckerProduct


def low_order(operator: Any) -> Any:
    """The operator of linear elements whose cells end at the Gauss-Lobatto nodes of the operator's elements.

    A coefficient on a small cell is its mean there, each Gauss point standing for an interval as long as its weight.

    Returns
    -------
    CellOperator or None
        None if all elements are linear, or some are splines of higher degree.

    References
    ----------
    Orszag, J. Comput. Phys. 37 (1980); Canuto, Gervasio & Quarteroni, SIAM J. Sci. Comput. 31 (2010).
    """
    degrees = [axis.basis.degree for axis in operator.axes]
    if max(degrees) == 1 or any(p > 1 and not isinstance(a.basis, Lagrange) for p, a in zip(degrees, operator.axes, strict=True)):
        return None
    axes = [_axis(axis) for axis in operator.axes]
    return type(operator)(
        axes,
        np.stack([_on_small_cells(entry, operator.axes) for entry in operator.diffusion]),
        None if operator.reaction is None else _on_small_cells(operator.reaction, operator.axes),
        faces=[_face(face, axes) for face in operator.faces],
        definite=operator.definite,
        null_vector=operator.null_vector,
    )


def _axis(axis: AxisCells) -> AxisCells:
    mesh = axis.basis.mesh
    inner = mesh.nodes[:-1, None] + mesh.sizes[:, None] * gauss_lobatto(axis.basis.degree)[:-1]
    basis = Lagrange(Mesh(np.append(inner.ravel(), mesh.nodes[-1]), mesh.periodic), 1)
    return AxisCells(basis, axis.free, points=2)


def _on_small_cells(samples: Array, axes: tuple[AxisCells, ...]) -> Array:
    for k, axis in enumerate(axes):
        per_cell = samples.shape[k] // axis.count
        cells = np.moveaxis(samples, k, -1).reshape(-1, per_cell)
        means = cells @ _means(per_cell, axis.basis.degree).T
        lead = [n for j, n in enumerate(samples.shape) if j != k]
        samples = np.moveaxis(means.reshape(*lead, -1), -1, k)
    return np.ascontiguousarray(samples)


def _means(points: int, degree: int) -> Array:
    """The shares that the points of a cell have in each of its small cells: (degree, points)."""
    ends = np.concatenate([[0.0], np.cumsum(gauss_legendre(points)[1])])
    nodes = gauss_lobatto(degree)
    common = np.minimum(nodes[1:, None], ends[1:]) - np.maximum(nodes[:-1, None], ends[:-1])
    return np.asarray(np.maximum(common, 0.0) / np.diff(nodes)[:, None])


def _face(face: FaceTerm, axes: list[AxisCells]) -> FaceTerm:
    others = [mass(axis.basis)[axis.free, axis.free] for k, axis in enumerate(axes) if k != face.axis]
    return FaceTerm(face.axis, face.place, face.coefficient, KroneckerProduct(*others) if others else None)
