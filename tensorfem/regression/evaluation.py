"""Values of a tensor-product function, on a grid of points or at scattered ones."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.kron import KroneckerProduct

FloatArray = NDArray[np.float64]
ENTRIES = 1 << 20  # of the intermediate array of a piece of scattered points


def combine(matrices: Sequence[Any], coefficients: FloatArray, *, grid: bool) -> FloatArray:
    """Contract coefficients with one matrix of functions per axis.

    Parameters
    ----------
    matrices : sequence of (n_i, m_i) arrays or sparse arrays
    coefficients : (m_0, m_1, ...) array
    grid : bool
        Whether all combinations of the axes' rows are meant, (n_0, n_1, ...), or each row of one beside that of the others, (n,).

    Examples
    --------
    >>> A, B = np.array([[1.0, 2.0]]), np.array([[1.0, 0.0]])
    >>> combine([A, B], np.array([[1.0, 2.0], [3.0, 4.0]]), grid=False)
    array([7.])
    """
    if grid:
        return KroneckerProduct(*matrices).apply(coefficients)
    count = matrices[0].shape[0]
    step = max(1, ENTRIES // max(1, coefficients[0].size))
    pieces = [_rows([matrix[start : start + step] for matrix in matrices], coefficients) for start in range(0, count, step)]
    return np.concatenate(pieces) if pieces else np.empty(0)


def _rows(matrices: Sequence[Any], coefficients: FloatArray) -> FloatArray:
    first, *others = matrices
    values = (first @ coefficients.reshape(coefficients.shape[0], -1)).reshape(-1, *coefficients.shape[1:])
    for matrix in others:
        values = np.einsum("kj...,kj->k...", values, matrix.toarray() if hasattr(matrix, "toarray") else matrix)
    return np.asarray(values)
