"""The choice of a solver."""

from dataclasses import dataclass
from typing import Any

from tensorfem.kron import KroneckerSum, PartialSum, available_memory
from tensorfem.solvers.amg import AMG
from tensorfem.solvers.cg import CG
from tensorfem.solvers.cost import PATIENCE, amg_seconds, eigenbasis_bytes, eigenbasis_seconds, factorization_entries
from tensorfem.solvers.direct import Direct
from tensorfem.solvers.fast_diagonalization import FastDiagonalization
from tensorfem.solvers.forecast import Effort
from tensorfem.solvers.machine import Machine
from tensorfem.solvers.multigrid import Multigrid
from tensorfem.solvers.solver import Method, Solver
from tensorfem.solvers.stopping import Stopping

FEW_ENTRIES = 3e7  # of a factorization: a few seconds' work
SMALL_ENTRIES = 5e5  # of one that takes less than finding a preconditioner
FEW_ITERATIONS = 11  # of transforms that take no longer than six or seven of multigrid


@dataclass(frozen=True, repr=False)
class Auto(Solver):
    """Choose the solver by the operator; `choose` says which, and why.

    Parameters
    ----------
    rtol : float
        The relative residual that is asked of an iteration, where one is chosen: see `Stopping`. Direct solvers go as far as rounding lets
        them.

    Raises
    ------
    ValueError
        If it is out of its range.

    Examples
    --------
    >>> from tensorfem.axis import AxisMatrices, Lagrange, interval
    >>> pencil = AxisMatrices(Lagrange(interval(0, 1, cells=4), degree=1)).restrict((True, True))
    >>> Auto().choose(KroneckerSum([pencil]))
    (FastDiagonalization(), 'the operator is a Kronecker sum: its inverse is exact, from one-dimensional eigenbases')
    """

    rtol: float = 1e-10

    def __post_init__(self) -> None:
        Stopping(self.rtol)

    def choose(self, operator: Any) -> tuple[Solver, str]:
        """The solver for an operator, and the reason as one clause."""
        if isinstance(operator, KroneckerSum):
            if _pays(operator):
                return FastDiagonalization(), "the operator is a Kronecker sum: its inverse is exact, from one-dimensional eigenbases"
            return self._without_eigenbases(operator, "an axis is too long for its eigenbasis to pay")
        if isinstance(operator, PartialSum) and _pays(operator) and operator.definite:
            return (
                FastDiagonalization(),
                "the operator is a partial sum: eigenbases of all axes but one leave banded systems along that one",
            )
        if not getattr(operator, "definite", False):
            return Direct(), "the operator is indefinite and no Kronecker sum: a factorization with pivoting needs neither property"
        if hasattr(operator, "scaled_approximation"):
            return self._in_cells(operator)
        nearest = operator.kronecker_approximation() if hasattr(operator, "kronecker_approximation") else None
        if isinstance(nearest, KroneckerSum) and len(operator.output_shape) > 1 and _pays(nearest):
            return (
                CG(rtol=self.rtol, preconditioner=FastDiagonalization()),
                "no eigenbasis is common to all terms, but that of the nearest Kronecker sum preconditions",
            )
        return self._without_eigenbases(operator, "no eigenbasis serves")

    def _in_cells(self, operator: Any) -> tuple[Solver, str]:
        """The solver for coefficients in cells: by what a rehearsal of scaled fast diagonalization promises."""
        if len(operator.output_shape) == 1 or factorization_entries(operator) <= SMALL_ENTRIES:
            return Direct(), "the coefficient varies in all coordinates, and the factorization is small"
        if operator.is_rough():
            return Multigrid(rtol=self.rtol), "the coefficient jumps between neighbouring cells: multigrid minds that least"
        promise = operator.scaled_promise()
        promised = f"{promise.words} promises {round(promise.iterations)} iterations to 1e-8"
        if promise.iterations <= FEW_ITERATIONS and _pays(operator.kronecker_approximation()):
            how = "varies smoothly" if promise.smooth else "varies little, jumps and all"
            return CG(rtol=self.rtol, preconditioner=FastDiagonalization()), f"the coefficient {how}: {promised}"
        why = "the coefficient jumps between neighbouring cells" if not promise.smooth else "the coefficient varies much"
        return Multigrid(rtol=self.rtol), f"{why}: {promised}, multigrid takes fewer or shorter ones"

    def _without_eigenbases(self, operator: Any, why: str) -> tuple[Solver, str]:
        indefinite = not operator.definite and operator.null_vector is None
        entries = factorization_entries(operator, pivoting=indefinite)
        if entries <= FEW_ENTRIES:
            return Direct(), f"{why}, and the factorization is small"
        if indefinite:
            return Direct(), f"{why}, and the operator is indefinite"
        return CG(rtol=self.rtol, preconditioner=AMG()), f"{why}, and the factorization is large"

    def _method(self, operator: Any) -> Method:
        return self.choose(operator)[0]._method(operator)

    def memory(self, operator: Any) -> float:
        """That of the solver chosen."""
        return self.choose(operator)[0].memory(operator)

    def _effort(self, operator: Any, machine: Machine) -> Effort:
        return self.choose(operator)[0]._effort(operator, machine)


def _pays(operator: KroneckerSum | PartialSum) -> bool:
    """Whether the eigenbases fit, and take no longer than what would be done without them."""
    seconds = eigenbasis_seconds(operator)
    affordable = seconds <= PATIENCE or (len(operator.pencils) > 1 and seconds <= amg_seconds(operator))
    return affordable and eigenbasis_bytes(operator) < available_memory()
