"""The forms in which vectors come to an operator: fields, batches of fields, flat vectors and columns."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tensorfem.kron.mode_product import Array


def mapped(apply: Callable[[Array], Array], vector: Array, input_shape: Sequence[int], output_shape: Sequence[int], name: str) -> Array:
    """Apply a map of fields to a vector in any form, and give the result in the form in which the vector came.

    Let N be the number of entries of a field of `input_shape`. An array of shape (N,) is a flat vector. What ends in `input_shape` is a
    field, or a batch of them; else (N, k) holds k columns, as for the matrix. With one axis only, where (k, N) could be both, two
    dimensions always mean columns.

    Parameters
    ----------
    apply : function of an array of shape (\\*batch, \\*input_shape), giving (\\*batch, \\*output_shape)
    vector : (\\*batch, \\*input_shape), (N,) or (N, k) array
    input_shape, output_shape : tuples of int
    name : str
        What the error says was called.

    Raises
    ------
    ValueError
        If the array has another shape than these.

    Examples
    --------
    >>> mapped(lambda field: field[..., :1], np.arange(8.0).reshape(4, 2), (2, 2), (2, 1), "first")
    array([[0., 1.],
           [4., 5.]])
    """
    size, dimension = math.prod(input_shape), len(input_shape)
    if vector.shape == (size,):
        return apply(vector.reshape(input_shape)).reshape(-1)
    if vector.ndim >= dimension and vector.shape[vector.ndim - dimension :] == tuple(input_shape) and (dimension > 1 or vector.ndim != 2):
        return apply(vector)
    if vector.ndim == 2 and vector.shape[0] == size:
        columns = vector.shape[1]
        batch = vector.T if columns else np.zeros((1, size), dtype=vector.dtype)  # no column: the result still has a type
        fields = apply(batch.reshape(len(batch), *input_shape))
        return fields.reshape(len(batch), math.prod(output_shape)).T[:, :columns]
    fields_too = f"{tuple(input_shape)}, batches of it, ({size},)" if dimension > 1 else f"({size},)"
    batches = "; a batch of vectors goes to apply" if dimension == 1 and name == "matvec" else ""
    raise ValueError(f"{name}: got an array of shape {vector.shape}; allowed are {fields_too} and columns ({size}, k){batches}")


def numeric(vector: Any, name: str) -> Array:
    """An array of finite numbers.

    Raises
    ------
    ValueError
        If it holds anything else; the place of the first NaN or infinity is named.
    """
    array = np.asarray(vector)
    if array.dtype.kind not in "biufc":
        raise ValueError(f"{name}: got an array of shape {array.shape} and type {array.dtype}; allowed are numbers")
    finite = np.isfinite(array)
    if not finite.all():
        place = tuple(int(i) for i in np.argwhere(~finite)[0])
        raise ValueError(f"{name}: entry {place} is {array[place]}; all must be finite")
    return array
