"""The diagonal as a preconditioner."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tensorfem.kron import Array
from tensorfem.solvers.preconditioner import Preconditioner


@dataclass(frozen=True)
class Jacobi(Preconditioner):
    """Divide by the operator's diagonal: cheap, and worth it where coefficients or cell sizes vary much."""

    def approximate_inverse(self, operator: Any) -> Callable[[Array], Array]:
        """The division by the diagonal.

        Raises
        ------
        ValueError
            If the diagonal is not positive.
        """
        diagonal = operator.diagonal()
        smallest = float(np.min(diagonal))
        if not smallest > 0:
            raise ValueError(f"Jacobi: the smallest diagonal entry of {operator!r} is {smallest:.3g}; all must be positive")

        def apply(residual: Array) -> Array:
            return np.asarray(residual / diagonal)

        return apply
