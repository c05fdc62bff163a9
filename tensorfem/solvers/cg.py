"""Conjugate gradients as a solver: settings and the preconditioner."""

import math
from dataclasses import dataclass
from typing import Any

from tensorfem.solvers.conditioning import cg_iterations
from tensorfem.solvers.conjugate_gradients import ConjugateGradients, require_definite
from tensorfem.solvers.effort import ITERATION_FIELDS, fields_bytes, iteration_effort
from tensorfem.solvers.forecast import Effort
from tensorfem.solvers.machine import Machine
from tensorfem.solvers.preconditioner import Preconditioner
from tensorfem.solvers.rayleigh import identity, terms_of
from tensorfem.solvers.solver import Method, Solver
from tensorfem.solvers.stopping import Callback, Stopping


@dataclass(frozen=True, repr=False)
class CG(Solver):
    """Solve by preconditioned conjugate gradients, until the true residual is small.

    Parameters
    ----------
    rtol, atol, maxiter, callback
        When to stop, ``|b - A x| <= max(rtol |b|, atol)``, and whom to tell: see `Stopping`. The callback is called as
        ``callback(iterations, relative_residual, iterate)``.
    preconditioner : Preconditioner, optional
        `FastDiagonalization()`, `Multigrid()`, `AMG()` or `Jacobi()`; none by default.

    Raises
    ------
    ValueError
        If a setting is out of its range.

    Notes
    -----
    An iterate that rounding keeps above the tolerance counts as converged if its residual is of the size of the rounding of the residual
    itself, as it is on strongly graded meshes; `LinearSolution.reason` says so.

    Examples
    --------
    >>> import numpy as np
    >>> from tensorfem.axis import AxisMatrices, Lagrange, interval
    >>> from tensorfem.kron import KroneckerSum
    >>> pencil = AxisMatrices(Lagrange(interval(0, 1, cells=4), degree=1)).restrict((True, True))
    >>> record = CG(rtol=1e-12).prepare(KroneckerSum([pencil]))(np.full(3, 0.25))
    >>> record.value.round(12)
    array([0.09375, 0.125  , 0.09375])
    >>> record.iterations
    2
    """

    rtol: float = 1e-10
    atol: float = 0.0
    maxiter: int | None = None
    preconditioner: Preconditioner | None = None
    callback: Callback | None = None

    def __post_init__(self) -> None:
        self._stopping()
        if self.preconditioner is not None and not isinstance(self.preconditioner, Preconditioner):
            allowed = "FastDiagonalization(), Multigrid(), AMG(), Jacobi() and None"
            raise ValueError(f"preconditioner: got {self.preconditioner!r}; allowed are {allowed}")

    def _stopping(self) -> Stopping:
        return Stopping(self.rtol, self.atol, self.maxiter, self.callback)

    def tolerance(self, size: float) -> float:
        """As `rtol` and `atol` say."""
        return self._stopping().relative(size)

    def _method(self, operator: Any) -> Method:
        require_definite(operator, "CG")
        self.require_room(operator)
        inverse = None if self.preconditioner is None else self.preconditioner.approximate_inverse(operator)
        return ConjugateGradients(operator, self._stopping(), inverse)

    def memory(self, operator: Any) -> float:
        """The fields of the iteration, and what the preconditioner takes."""
        return fields_bytes(operator, ITERATION_FIELDS) + (
            0.0 if self.preconditioner is None else self.preconditioner.inverse_bytes(operator)
        )

    def _effort(self, operator: Any, machine: Machine) -> Effort:
        require_definite(operator, "CG")
        if self.preconditioner is None:
            terms = terms_of(operator)
            iterations = cg_iterations(terms, identity(terms), float(self.rtol)) * _stretch(operator)
            inverse = Effort(iterations=math.ceil(iterations))
        else:
            inverse = self.preconditioner.inverse_effort(operator, machine, float(self.rtol))
        return iteration_effort(operator, machine, inverse, self._stopping().limit(operator.shape[0]))


def _stretch(operator: Any) -> float:
    """The largest entry over the smallest of the scaling that brings an operator near its Kronecker sum: the root of what it adds to the
    condition number."""
    scaled = operator.scaled_approximation() if hasattr(operator, "scaled_approximation") else None
    if scaled is None or scaled.inverse_scale is None:
        return 1.0
    return float(scaled.inverse_scale.max() / scaled.inverse_scale.min())
