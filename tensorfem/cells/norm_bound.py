"""A bound of the norm of a cell operator."""

import math
from typing import Any

import scipy.sparse as sparse

from tensorfem.cells.axis_cells import AxisCells


def norm_bound(operator: Any) -> float:
    """From the largest coefficients and the row sums of the absolute values of one-dimensional matrices.

    Examples
    --------
    >>> import numpy as np
    >>> from tensorfem.axis import Lagrange, interval
    >>> from tensorfem.cells import CellOperator
    >>> axis = AxisCells(Lagrange(interval(0, 1, cells=2), degree=1), slice(0, 3), points=2)
    >>> norm_bound(CellOperator([axis], np.array([[1.0, 3.0]])))
    24.0
    """
    entries = [entry for entry, _ in operator.components()]
    sizes = [max(float(a.max()), -float(a.min())) for a in operator.diffusion] * (len(entries) // len(operator.diffusion))
    terms = list(zip(entries, sizes, strict=True))
    if operator.reaction is not None:
        terms.append(((-1, -1), max(float(operator.reaction.max()), -float(operator.reaction.min()))))
    bound = 0.0
    for (i, j), largest in terms:
        rows = math.prod(_row_sum(axis, k == i, k == j) for k, axis in enumerate(operator.axes))
        bound += largest * rows * (1 if i == j else 2)
    return float(bound + sum(abs(f.coefficient) * (1.0 if f.mass is None else f.mass.norm_bound()) for f in operator.faces))


def _row_sum(axis: AxisCells, test: bool, trial: bool) -> float:
    """The largest row sum of what the matrix of one axis is at most."""
    left, right = (axis.slopes if derived else axis.values for derived in (test, trial))
    return float((abs(left).T @ sparse.diags_array(axis.weights.ravel()) @ abs(right)).sum(axis=1).max())
