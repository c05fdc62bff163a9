"""The diagonal as a preconditioner."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tensorfem.kron import Array
from tensorfem.solvers.conditioning import cg_iterations
from tensorfem.solvers.effort import fields_bytes
from tensorfem.solvers.forecast import Effort
from tensorfem.solvers.machine import Machine
from tensorfem.solvers.preconditioner import Preconditioner
from tensorfem.solvers.rayleigh import diagonals, terms_of


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

    def inverse_bytes(self, operator: Any) -> float:
        """The diagonal and what is divided by it."""
        return fields_bytes(operator, 3)

    def inverse_effort(self, operator: Any, machine: Machine, rtol: float) -> Effort:
        """A few passes over a field, and the iterations of the scaled operator."""
        size, terms = operator.shape[0], terms_of(operator)
        return Effort(machine.passes(size, 2 * len(terms)), machine.passes(size, 2), cg_iterations(terms, diagonals(terms), rtol))
