"""An operator by its explicit matrix: where fields are so small that calls of a structured operator take longer than its work."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tensorfem.kron import Array


@dataclass(frozen=True, eq=False)
class Explicit:
    """What iterations ask of an operator, by a sparse matrix.

    Attributes
    ----------
    operator : operator
        What the matrix is of, and what knows its null space.
    matrix : sparse array
        The operator's, or a multiple of it in some precision.
    """

    operator: Any
    matrix: Any

    @classmethod
    def of(cls, operator: Any) -> "Explicit":
        """An operator with its own matrix."""
        return cls(operator, operator.tosparse())

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = self.matrix.shape
        return int(rows), int(columns)

    @property
    def output_shape(self) -> tuple[int, ...]:
        """The shape of a field."""
        shape: tuple[int, ...] = self.operator.output_shape
        return shape

    @property
    def null_vector(self) -> Any:
        """As of the operator."""
        return self.operator.null_vector

    @property
    def mass_vector(self) -> Any:
        """As of the operator."""
        return self.operator.mass_vector

    def diagonal(self) -> Array:
        """The matrix' diagonal, as a field."""
        return np.asarray(self.matrix.diagonal()).reshape(self.output_shape)

    def matvec(self, array: Array) -> Array:
        """The image of a field."""
        image: Array = (self.matrix @ array.reshape(-1)).reshape(array.shape)
        return image

    apply = matvec

    def residual(self, rhs: Array, array: Array, out: Array) -> None:
        """What is left of a right-hand side."""
        np.subtract(rhs, self.matvec(array), out=out)

    def astype(self, dtype: Any, scale: float) -> "Explicit":
        """A multiple in another precision."""
        return Explicit(self.operator, (scale * self.matrix).astype(dtype))
