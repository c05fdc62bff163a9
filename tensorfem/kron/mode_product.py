"""The mode product: one 1D operator applied along one axis of an n-dimensional array."""

import math
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from tensorfem.kron.memory import require_memory

Array = NDArray[Any]
Factor = Any  # a 2D numpy array or a scipy.sparse array

# Below these sizes a sparse factor is multiplied as a dense one: BLAS then beats the sparse loop. Along the last axis the sparse
# loop needs two transposed copies of the field, so the dense way pays for longer.
DENSE_INNER = 32
DENSE_LAST = 256


def as_factor(factor: Factor) -> Factor:
    """A 2D array as it is, anything sparse as a CSR array, numbers in floating point.

    Raises
    ------
    ValueError
        If `factor` is not two-dimensional, is a list of matrices, or does not hold numbers.
    """
    if isinstance(factor, list | tuple) and any(len(getattr(part, "shape", ())) > 1 for part in factor):
        raise ValueError(f"factor: got one {type(factor).__name__} of {len(factor)} matrices; write them one by one, as in kron(*factors)")
    matrix: Any = factor if sparse.issparse(factor) else np.asarray(factor)
    if matrix.ndim != 2:
        raise ValueError(f"factor: got {matrix.ndim} dimensions of shape {matrix.shape}; a factor is a matrix with 2")
    if matrix.dtype.kind not in "biufc":
        raise ValueError(f"factor: got a matrix of shape {matrix.shape} and type {matrix.dtype}; allowed are numbers")
    if not np.issubdtype(matrix.dtype, np.inexact):
        matrix = matrix.astype(float)
    return matrix if isinstance(matrix, np.ndarray) else sparse.csr_array(matrix)


def is_sparse(factor: Any) -> bool:
    """Whether `scipy.sparse` made it."""
    return bool(sparse.issparse(factor))


def as_dense(factor: Factor) -> Array:
    """A factor as a dense array.

    Raises
    ------
    MemoryError
        If it would not fit into this machine's memory.
    """
    if not is_sparse(factor):
        return np.asarray(factor)
    rows, columns = factor.shape
    require_memory(factor.dtype.itemsize * rows * columns, f"a dense factor of shape {(rows, columns)}", "use smaller factors")
    dense: Array = factor.toarray()
    return dense


def mode_product(factor: Factor, array: Array, axis: int, *, dimension: int | None = None, out: Array | None = None) -> Array:
    """Apply a matrix along one spatial axis of an array.

    In index notation, along axis 1 of three: ``result[i, J, k] = sum_j factor[J, j] array[i, j, k]``.

    Parameters
    ----------
    factor : (m, n) array or sparse array
    array : array whose `axis` has length n
        Leading axes beyond `dimension` are batch axes.
    axis : int
        The spatial axis, counted from the first of the last `dimension` axes; negative: from the last.
    dimension : int, optional
        How many trailing axes are spatial; all of them by default.
    out : array, optional
        Where to put the result: C-contiguous, of the result's shape, not overlapping `array`.

    Returns
    -------
    array of the shape of `array` with n replaced by m

    Raises
    ------
    ValueError
        If the factor's columns and the axis' length differ, or `out` is not C-contiguous.

    Examples
    --------
    >>> import numpy as np
    >>> mode_product(np.array([[1.0, 1.0]]), np.array([[1.0, 2.0], [3.0, 4.0]]), axis=1)
    array([[3.],
           [7.]])
    """
    spatial = array.ndim if dimension is None else dimension
    position = array.ndim - spatial + range(spatial)[axis]
    rows, columns = factor.shape
    if array.shape[position] != columns:
        raise ValueError(
            f"mode product: the factor has shape {factor.shape}, but axis {axis} of the array {array.shape} is not {columns} long"
        )
    before, after = array.shape[:position], array.shape[position + 1 :]
    if out is None:
        out = np.empty((*before, rows, *after), dtype=np.result_type(factor.dtype, array.dtype))
    elif not out.flags.c_contiguous:
        raise ValueError(f"out: got an array of shape {out.shape} and strides {out.strides}; allowed is a C-contiguous one")
    lead, trail = math.prod(before), math.prod(after)
    _product(factor, array.reshape(lead, columns, trail), out.reshape(lead, rows, trail))
    return out


def _product(factor: Factor, array: Array, out: Array) -> None:
    """Multiply along the middle axis of a (lead, n, trail) array, into `out`, without a transposed copy where that can be avoided."""
    lead, columns, trail = array.shape
    if sparse.issparse(factor) and columns > (DENSE_LAST if trail == 1 else DENSE_INNER):
        _sparse_product(factor, array, out)
        return
    matrix: Any = factor.toarray() if hasattr(factor, "toarray") else factor
    if trail == 1:
        np.matmul(array[:, :, 0], matrix.T, out=out[:, :, 0])
    elif lead == 1:
        np.matmul(matrix, array[0], out=out[0])
    else:
        np.matmul(matrix, array, out=out)


def _sparse_product(factor: Factor, array: Array, out: Array) -> None:
    if array.shape[2] == 1:
        out[:, :, 0] = (factor @ np.ascontiguousarray(array[:, :, 0].T)).T
        return
    for slab, result in zip(array, out, strict=True):
        result[...] = factor @ slab
