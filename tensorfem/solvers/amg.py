"""Algebraic multigrid, as a solver and as a preconditioner."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tensorfem.checks import choice
from tensorfem.kron import Array, outer, require_memory
from tensorfem.solvers.conjugate_gradients import ConjugateGradients, require_definite
from tensorfem.solvers.effort import ITERATION_FIELDS, fields_bytes, hierarchy_effort, iteration_effort
from tensorfem.solvers.forecast import Effort
from tensorfem.solvers.hierarchy import Hierarchy
from tensorfem.solvers.machine import Machine
from tensorfem.solvers.preconditioner import Preconditioner
from tensorfem.solvers.solver import Method, Solver
from tensorfem.solvers.stopping import Callback, Stopping

STRENGTHS = ("evolution", "symmetric", "classical")
ENTRY_BYTES = 150  # per entry of the matrix: itself, pyamg's copies of it, and the coarser levels


def low_order(operator: Any) -> Any:
    """What the hierarchy is made of: linear elements on the nodes of higher ones where the operator knows them, else the operator."""
    low = operator.low_order() if hasattr(operator, "low_order") else None
    return operator if low is None else low


@dataclass(frozen=True, repr=False)
class AMG(Solver, Preconditioner):
    """Solve by conjugate gradients with one V-cycle of smoothed aggregation (pyamg) as the preconditioner.

    The acceleration makes it robust: where a V-cycle alone stalls on a few modes (splines of high degree, say), conjugate gradients
    take them out. As a preconditioner it is that one V-cycle, which is symmetric and positive definite.

    For Lagrange elements of higher degree with coefficients in cells, the hierarchy is that of linear elements on their nodes: sparse, and
    spectrally equivalent whatever the degree. A Kronecker sum knows no nodes, and splines have none that would do: their hierarchy is that
    of their own matrix.

    Parameters
    ----------
    rtol, atol, maxiter, callback
        When to stop, and whom to tell, as of `CG`.
    strength : {"evolution", "symmetric", "classical"}
        What tells strong connections from weak ones. The first is the one that stretched cells and high degrees need.

    Raises
    ------
    ValueError
        If a setting is out of its range.

    References
    ----------
    Orszag, "Spectral methods for problems in complex geometries", J. Comput. Phys. 37 (1980); Canuto, Gervasio & Quarteroni,
    "Finite-element preconditioning of G-NI spectral methods", SIAM J. Sci. Comput. 31 (2010).

    Examples
    --------
    >>> import numpy as np
    >>> from tensorfem.axis import AxisMatrices, Lagrange, interval
    >>> from tensorfem.kron import KroneckerSum
    >>> pencil = AxisMatrices(Lagrange(interval(0, 1, cells=24), degree=1)).restrict((True, True))
    >>> record = AMG().prepare(KroneckerSum([pencil, pencil]))(np.ones((23, 23)))
    >>> record.converged, record.residual < 1e-10, record.iterations < 15
    (True, True, True)
    """

    rtol: float = 1e-10
    atol: float = 0.0
    maxiter: int | None = None
    strength: str = "evolution"
    callback: Callback | None = None

    def __post_init__(self) -> None:
        self._stopping()
        choice(self.strength, "strength", STRENGTHS)

    def _stopping(self) -> Stopping:
        return Stopping(self.rtol, self.atol, self.maxiter, self.callback)

    def tolerance(self, size: float) -> float:
        """As `rtol` and `atol` say."""
        return self._stopping().relative(size)

    def _method(self, operator: Any) -> Method:
        require_definite(operator, "AMG")
        self.require_room(operator)
        return ConjugateGradients(operator, self._stopping(), self.approximate_inverse(operator))

    def memory(self, operator: Any) -> float:
        """The fields of the iteration, and the hierarchy."""
        return fields_bytes(operator, ITERATION_FIELDS) + self.inverse_bytes(operator)

    def _effort(self, operator: Any, machine: Machine) -> Effort:
        inverse = self.inverse_effort(operator, machine, float(self.rtol))
        return iteration_effort(operator, machine, inverse, self._stopping().limit(operator.shape[0]))

    def inverse_bytes(self, operator: Any) -> float:
        """The matrix and the hierarchy, while it is made."""
        return float(ENTRY_BYTES * low_order(operator).entries)

    def inverse_effort(self, operator: Any, machine: Machine, rtol: float) -> Effort:
        """The hierarchy's making, a V-cycle, and typical iterations."""
        require_definite(operator, "AMG")
        return hierarchy_effort(low_order(operator), machine, rtol)

    def approximate_inverse(self, operator: Any) -> Callable[[Array], Array]:
        """One V-cycle.

        Raises
        ------
        ValueError
            If the operator is not positive (semi-)definite.
        MemoryError
            If the hierarchy would not fit into memory.
        """
        require_definite(operator, "AMG")
        require_memory(
            self.inverse_bytes(operator), f"AMG: the hierarchy of {operator!r}", "use CG() or FastDiagonalization(), which form no matrix"
        )
        singular = operator.null_vector is not None
        candidate = outer(operator.null_vector).ravel() if singular else np.ones(operator.shape[0])
        hierarchy = Hierarchy(low_order(operator).tosparse(), candidate, singular=singular, strength=self.strength)

        def apply(residual: Array) -> Array:
            return hierarchy.cycle(residual.ravel()).reshape(residual.shape)

        return apply
