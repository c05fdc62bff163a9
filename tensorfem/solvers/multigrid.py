"""Geometric multigrid, as a solver and as a preconditioner."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tensorfem.checks import integer
from tensorfem.kron import Array, require_memory
from tensorfem.solvers.conjugate_gradients import ConjugateGradients, require_definite
from tensorfem.solvers.effort import ITERATION_FIELDS, fields_bytes, iteration_effort
from tensorfem.solvers.forecast import Effort
from tensorfem.solvers.levels import Levels
from tensorfem.solvers.machine import Machine
from tensorfem.solvers.preconditioner import Preconditioner
from tensorfem.solvers.solver import Method, Solver
from tensorfem.solvers.stopping import Callback, Stopping

PRECISIONS = ("single", "double")


@dataclass(frozen=True, repr=False)
class Multigrid(Solver, Preconditioner):
    """Solve by conjugate gradients with one V-cycle of geometric multigrid as the preconditioner.

    Parameters
    ----------
    rtol, atol, maxiter, callback
        When to stop, and whom to tell, as of `CG`.
    sweeps : int
        The degree of the polynomial that smooths before and after each coarser level.
    precision : {"single", "double"}
        In which the V-cycle works; conjugate gradients always iterate in double precision.
    """

    rtol: float = 1e-10
    atol: float = 0.0
    maxiter: int | None = None
    sweeps: int = 2
    precision: str = "single"
    callback: Callback | None = None

    def __post_init__(self) -> None:
        self._stopping()
        integer(self.sweeps, "sweeps", 1)
        if self.precision not in PRECISIONS:
            raise ValueError(f"precision: got {self.precision!r}; allowed are {', '.join(map(repr, PRECISIONS))}")

    def _stopping(self) -> Stopping:
        return Stopping(self.rtol, self.atol, self.maxiter, self.callback)

    def tolerance(self, size: float) -> float:
        """As `rtol` and `atol` say."""
        return self._stopping().relative(size)

    def _method(self, operator: Any) -> Method:
        inverse = self.approximate_inverse(operator)
        self.require_room(operator)
        return ConjugateGradients(operator, self._stopping(), inverse)

    def approximate_inverse(self, operator: Any) -> Callable[[Array], Array]:
        """One V-cycle."""
        require_definite(operator, "Multigrid")
        return Levels(operator, self.sweeps, np.float32 if self.precision == "single" else np.float64).cycle
