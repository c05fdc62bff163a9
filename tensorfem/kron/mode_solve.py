"""The inverse of the mode product: solve with one sparse matrix along one axis of an array."""

import math
from typing import Any

import numpy as np

from tensorfem.kron.mode_product import Array


def mode_solve(factor: Any, array: Array, axis: int) -> Array:
    """Solve ``mode_product(factor, result, axis) = array`` with a square, nonsingular sparse matrix.

    Parameters
    ----------
    factor : (n, n) sparse array
    array : array whose `axis` has length n
    axis : int

    Examples
    --------
    >>> import scipy.sparse as sparse
    >>> mode_solve(sparse.csr_array(np.diag([2.0, 4.0])), np.array([[2.0, 2.0], [4.0, 8.0]]), axis=0)
    array([[1., 1.],
           [1., 2.]])
    """
    from scipy.sparse.linalg import splu

    moved = np.moveaxis(array, axis, 0)
    columns = np.ascontiguousarray(moved).reshape(moved.shape[0], math.prod(moved.shape[1:]))
    solved = splu(factor.tocsc()).solve(columns)
    return np.ascontiguousarray(np.moveaxis(solved.reshape(moved.shape), 0, axis))
