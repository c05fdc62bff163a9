"""Multiples of cell operators, in another precision."""

import dataclasses
from typing import Any

import numpy as np

from tensorfem.kron import Array


def multiple(operator: Any, dtype: Any, scale: float) -> Any:
    """The operator times a number, with its coefficients in some precision."""

    def taken(samples: Array) -> Array:
        return np.multiply(samples, scale, dtype=np.result_type(samples.dtype, dtype)).astype(dtype, copy=False)

    return type(operator)(
        operator.axes,
        taken(operator.diffusion),
        None if operator.reaction is None else taken(operator.reaction),
        faces=[dataclasses.replace(face, coefficient=scale * face.coefficient) for face in operator.faces],
        definite=operator.definite,
        null_vector=operator.null_vector,
        compiled=operator.compiled,
    )
