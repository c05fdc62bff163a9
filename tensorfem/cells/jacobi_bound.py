"""Bounds of the eigenvalues of an operator over its diagonal, or over its lines, from those of its cells."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from tensorfem.axis import Mesh


def jacobi_bound(operator: Any, lines: Sequence[int] = ()) -> float | None:
    """The largest eigenvalue of ``D^-1 A``, from above, for hat functions and one number of diffusion per cell; else None.

    It is no larger than the largest of the cells' own (Fried 1973), where coefficients cancel. In a cell of sizes h the element matrix
    has the eigenvectors s = (1, 1) and d = (-1, 1) of each axis. Over its diagonal, K has the eigenvalue 2 for d, M those 3/2 and 1/2,
    so the largest belongs to d in one axis k and s in the others, ``2 (3/2)^(d - 1)`` times the share of axis k, ``h_k^-2 / sum h^-2``.
    The share is largest where h_k is smallest and the others are largest.

    Of lines along an axis, with L the operator's blocks in place of its diagonal, each eigenvalue of a cell is a mean of those of the
    parts: that of the line's own axis, over the product of the others' M at most ``(3/2)^(d - 1)``, and those of the other axes, as above.
    Over the sum of the blocks' inverses the bounds add up.

    Parameters
    ----------
    operator : CellOperator
    lines : sequence of int
        Axes of more than one function. Without any it is the diagonal.

    Examples
    --------
    >>> from tensorfem.axis import Lagrange, interval
    >>> from tensorfem.cells import AxisCells, CellOperator
    >>> axis = AxisCells(Lagrange(interval(0, 1, cells=8), degree=1), slice(1, 8), points=2)
    >>> operator = CellOperator([axis, axis, axis], np.ones((1, 8, 8, 8)))
    >>> round(jacobi_bound(operator), 12), round(jacobi_bound(operator, [0]), 12)
    (1.5, 2.25)
    """
    linear = all(axis.is_linear for axis in operator.axes)
    if not linear or not operator.per_cell or len(operator.diffusion) != 1 or operator.reaction is not None or operator.faces:
        return None
    meshes = {k: axis.basis.mesh for k, axis in enumerate(operator.axes) if axis.alive.max() <= 1}  # a ring of one cell: only constants
    if not lines:
        return _largest(list(meshes.values())) if meshes else 1.0
    others = [[mesh for j, mesh in meshes.items() if j != k] for k in lines]
    return sum(max(1.5 ** len(meshes), _largest(meshes) if meshes else 1.0) for meshes in others)


def _largest(meshes: Sequence[Mesh]) -> float:
    smallest, largest = (np.array([extreme(mesh.sizes) for mesh in meshes]) ** -2.0 for extreme in (np.min, np.max))
    shares = smallest / (smallest + largest.sum() - largest)
    return float(2 * 1.5 ** (len(meshes) - 1) * shares.max())
