"""A bound of the eigenvalues of an operator over its diagonal, from those of its cells."""

from typing import Any

import numpy as np


def jacobi_bound(operator: Any) -> float | None:
    """The largest eigenvalue of ``D^-1 A``, from above, for hat functions and one number of diffusion per cell; else None.

    It is no larger than the largest of the cells' own (Fried 1973), where coefficients cancel. In a cell of sizes h the element matrix
    has the eigenvectors s = (1, 1) and d = (-1, 1) of each axis. Over its diagonal, K has the eigenvalue 2 for d, M those 3/2 and 1/2,
    so the largest belongs to d in one axis k and s in the others, ``2 (3/2)^(d - 1)`` times the share of axis k, ``h_k^-2 / sum h^-2``.
    The share is largest where h_k is smallest and the others are largest.

    Examples
    --------
    >>> from tensorfem.axis import Lagrange, interval
    >>> from tensorfem.cells import AxisCells, CellOperator
    >>> axis = AxisCells(Lagrange(interval(0, 1, cells=8), degree=1), slice(1, 8), points=2)
    >>> operator = CellOperator([axis, axis, axis], np.ones((1, 8, 8, 8)))
    >>> round(jacobi_bound(operator), 12)
    1.5
    """
    linear = all(axis.is_linear for axis in operator.axes)
    if not linear or not operator.per_cell or len(operator.diffusion) != 1 or operator.reaction is not None or operator.faces:
        return None
    meshes = [axis.basis.mesh for axis in operator.axes if axis.alive.max() <= 1]  # a ring of one cell knows only constants
    if not meshes:
        return 1.0
    smallest, largest = (np.array([extreme(mesh.sizes) for mesh in meshes]) ** -2.0 for extreme in (np.min, np.max))
    shares = smallest / (smallest + largest.sum() - largest)
    return float(2 * 1.5 ** (len(meshes) - 1) * shares.max())
