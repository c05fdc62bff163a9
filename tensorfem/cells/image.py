"""What a cell operator makes of a field: its image, or the residual of a right-hand side."""

from typing import Any

import numpy as np

from tensorfem.cells.quadrature_form import add_image
from tensorfem.kron import Array
from tensorfem.kron.nested_sum import result_array


def image(operator: Any, array: Array, rhs: Array | None, out: Array | None) -> Array:
    """``A array``, or ``rhs - A array``: by the operator's compiled form, where it has one, field by field of a batch.

    Parameters
    ----------
    operator : CellOperator
    array, rhs : (\\*batch, \\*shape) arrays
    out : array, optional

    Raises
    ------
    ValueError
        If the fields have not the operator's shape, or `out` does not fit.
    """
    shape = operator.input_shape
    if array.shape[-len(shape) :] != shape:  # a kernel would read and write beyond their ends
        raise ValueError(f"array: got shape {array.shape}; allowed is {shape}, after axes of a batch if there are any")
    if rhs is not None and rhs.shape != array.shape:
        raise ValueError(f"rhs: got shape {rhs.shape}; allowed is that of the array, {array.shape}")
    kinds = [operator.dtype, array.dtype] + ([] if rhs is None else [rhs.dtype])
    out = result_array(array.shape, np.result_type(*kinds), array, out)
    form = operator.form(out.dtype)
    if form is not None:
        field = np.ascontiguousarray(array, dtype=out.dtype)
        given = field if rhs is None else np.ascontiguousarray(rhs, dtype=out.dtype)
        for index in np.ndindex(array.shape[: -operator.dimension]):
            form.image(field[index], out[index], None if rhs is None else given[index])
    elif rhs is None:
        out[...] = 0
        add_image(operator, array, out)
    else:
        return np.asarray(np.subtract(rhs, image(operator, array, None, None), out=out))
    for face in operator.faces:
        face.add_to(out, array, operator.dimension, 1.0 if rhs is None else -1.0)
    return out
