"""Fast diagonalization: the exact inverse of a Kronecker sum from its one-dimensional eigenbases."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from tensorfem import checks
from tensorfem.kron import Array, KroneckerSum, PartialSpectrum, PartialSum, Spectrum, require_memory
from tensorfem.kron.banded_axis import banded_inverse
from tensorfem.kron.threads import with_threads
from tensorfem.late import late
from tensorfem.solvers.conditioning import cg_iterations
from tensorfem.solvers.cost import eigenbasis_bytes
from tensorfem.solvers.effort import eigenbases_seconds, fields_bytes, inverse_seconds, null_seconds
from tensorfem.solvers.forecast import Effort
from tensorfem.solvers.machine import Machine
from tensorfem.solvers.preconditioner import Preconditioner
from tensorfem.solvers.rayleigh import terms_of
from tensorfem.solvers.scaled_inverse import ScaledInverse
from tensorfem.solvers.solution import LinearSolution
from tensorfem.solvers.solver import FIELDS, Method, Outcome, Solver

SINGLE = {np.dtype(np.float64): np.dtype(np.float32), np.dtype(np.complex128): np.dtype(np.complex64)}
_late = late("tensorfem", {"PortableSolve": "solvers.portable_solve", "refine": "kron.refinement"})
RESONANCE = 1e-10  # relative distance of an eigenvalue to the (negative) shift below which the two count as equal
RESONANCE_PASSES = 8
WORK_FIELDS = 1.25  # the result, unless it takes the place of the right-hand side, and workspace
SCALING_PASSES, SCALING_SETUP = 2, 5  # of a scaled inverse, and how many times as many until the scaling is there
LARGE = 2**28  # bytes of a right-hand side from which on memory is asked for at each solve


def check_resonance(spectrum: Spectrum) -> None:
    """Refuse an operator that a negative shift makes singular.

    Raises
    ------
    ValueError
        If ``|lambda + shift| <= 1e-10 |shift|`` for an eigenvalue lambda; the eigenvalue is named.
    """
    if spectrum.shift < 0:
        nearest, index = spectrum.smallest_magnitude()
        refuse_resonance(spectrum.shift, nearest, f" (mode {', '.join(str(i + 1) for i in index)})")


def refuse_resonance(shift: float, nearest: float, where: str = "") -> None:
    """Refuse a shift by the eigenvalue of the shifted operator that is nearest to zero.

    Raises
    ------
    ValueError
        As `check_resonance`.
    """
    if abs(nearest) <= RESONANCE * abs(shift):
        raise ValueError(
            f"reaction: {shift:.15g} is resonant: {nearest - shift:.15g} is an eigenvalue of the discrete operator{where}, "
            "and the problem has no unique solution; change the reaction or the mesh"
        )


@dataclass(frozen=True, repr=False)
class FastDiagonalization(Solver, Preconditioner):
    """Solve a Kronecker sum exactly, in O(n log n) or O(n^(1 + 1/d)) operations.

    Each axis is transformed into its eigenbasis, the field divided by the sums of the eigenvalues, and transformed back. As a
    preconditioner it inverts the nearest Kronecker sum of any operator that knows one. Where that takes less time than the transforms of
    an axis, banded systems are solved along it instead (partial diagonalization), which also solves a `PartialSum`.

    A solve needs the right-hand side, the result and at most a quarter of a field besides; with ``overwrite_rhs`` the result takes the
    place of a right-hand side that is C-contiguous. Right-hand sides in single precision and complex ones are solved as they are.

    Parameters
    ----------
    threads : int, optional
        How many work at a time, beside BLAS, which has threads of its own; `tensorfem.kron.threads.thread_count` by default.
    precision : {"mixed"}, optional
        By default a right-hand side is solved in its own precision. "mixed" solves one of double precision in single precision and refines
        the solution with residuals in double precision, at most three times: it pays where single precision is much the faster, as on
        many graphics processors.

    Raises
    ------
    ValueError
        If `threads` is anything but an integer of at least 1, or None, or there is no such precision.

    References
    ----------
    Lynch, Rice & Thomas, Numer. Math. 6 (1964); Buzbee, Golub & Nielson, SIAM J. Numer. Anal. 7 (1970).
    """

    threads: int | None = None
    precision: str | None = None

    any_precision: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.threads is not None:
            object.__setattr__(self, "threads", checks.integer(self.threads, "threads", 1))
        if self.precision not in {None, "mixed"}:
            raise ValueError(f'precision: got {self.precision!r}; allowed are "mixed" and None, the precision of the right-hand side')

    def _method(self, operator: Any) -> Method:
        inverse = _inverse(_direct(operator))
        if isinstance(inverse, Spectrum):
            check_resonance(inverse)

        def solve(rhs: Array, overwrite: bool) -> Outcome:
            if not overwrite and rhs.nbytes > LARGE:
                require_memory(WORK_FIELDS * rhs.nbytes, f"FastDiagonalization: the solve with {operator!r}", "pass overwrite_rhs=True")
            if self.precision == "mixed" and rhs.dtype in SINGLE:
                with with_threads(self.threads):
                    return _refined(inverse.solve, operator, rhs)
            return Outcome(inverse.solve(rhs, overwrite=overwrite, threads=self.threads))

        return solve

    def _portable(self, operator: Any) -> Callable[[Any], LinearSolution]:
        if not isinstance(_direct(operator), KroneckerSum):
            raise ValueError(f"rhs: got an array of another library than NumPy; {operator!r} is solved for NumPy arrays: convert it")
        _inverse(operator)
        check_resonance(operator.spectrum())
        solve: Callable[[Any], LinearSolution] = _late("PortableSolve")(operator, mixed=self.precision == "mixed")
        return solve

    def memory(self, operator: Any) -> float:
        """The fields and the eigenbases."""
        return fields_bytes(operator, FIELDS) + self.inverse_bytes(operator)

    def _effort(self, operator: Any, machine: Machine) -> Effort:
        inverse = _inverse_effort(_direct(operator), machine)
        checks = machine.passes(operator.shape[0], RESONANCE_PASSES) if operator.shift < 0 else 0.0
        return replace(inverse, setup=inverse.setup + checks, solve=inverse.solve + null_seconds(operator, machine))

    def inverse_bytes(self, operator: Any) -> float:
        """The eigenbases, the result and workspace."""
        nearest, scaled = _nearest(operator), scaled_of(operator)
        fields = WORK_FIELDS + (1.0 if scaled is not None and scaled.inverse_scale is not None else 0.0)
        return eigenbasis_bytes(nearest) + 8.0 * fields * nearest.shape[0]

    def inverse_effort(self, operator: Any, machine: Machine, rtol: float) -> Effort:
        """Eigenbases and transforms of the nearest Kronecker sum; one iteration, if that is the operator itself."""
        nearest = _nearest(operator)
        effort, scaled = _inverse_effort(nearest, machine), scaled_of(operator)
        if scaled is not None:
            passes = machine.passes(operator.shape[0], SCALING_PASSES)
            return replace(
                effort, setup=effort.setup + SCALING_SETUP * passes, solve=effort.solve + passes, iterations=scaled.promise.to(rtol)
            )
        exact = nearest is operator
        return replace(effort, iterations=1 if exact else cg_iterations(terms_of(operator), terms_of(nearest), rtol))

    def approximate_inverse(self, operator: Any) -> Callable[[Array], Array]:
        """The exact inverse of the nearest Kronecker sum, scaled where the operator knows a scaling.

        Raises
        ------
        ValueError
            If the operator knows none.
        MemoryError
            If the eigenbases would not fit into memory.
        """
        inverse, scaled = _inverse(_nearest(operator)), scaled_of(operator)
        return ScaledInverse(inverse, None if scaled is None else scaled.inverse_scale, self.threads)


def _refined(solve: Callable[[Array], Array], operator: Any, rhs: Array) -> Outcome:
    done = _late("refine")(solve, operator.apply, rhs, single=SINGLE[rhs.dtype])
    return Outcome(done.value, iterations=len(done.residuals) - 1, residual_history=done.residuals)


def _inverse(operator: KroneckerSum | PartialSum) -> Spectrum | PartialSpectrum:
    require_memory(eigenbasis_bytes(operator), f"FastDiagonalization: the dense eigenbases of {operator!r}", "use AMG() or Direct()")
    if isinstance(operator, PartialSum):
        return operator.partial_spectrum()
    return banded_inverse(operator.pencils, operator.shift) or operator.spectrum()


def _direct(operator: Any) -> KroneckerSum | PartialSum:
    if not isinstance(operator, KroneckerSum | PartialSum):
        if hasattr(operator, "scaled_approximation"):
            other = "CG(preconditioner=FastDiagonalization()), or Auto()" if operator.definite else "Direct()"
            raise ValueError(f"FastDiagonalization: {operator!r} has coefficients of all coordinates, and no eigenbasis; use {other}")
        raise ValueError(
            f"FastDiagonalization: {operator!r} is not a Kronecker sum (a product diffusion beside a reaction or a Robin condition has "
            "no common eigenbasis); use CG(preconditioner=FastDiagonalization()), or Auto(), which does"
        )
    return operator


def scaled_of(operator: Any) -> Any:
    """The nearest Kronecker sum together with a scaling and a promise of iterations, if an operator knows one."""
    return operator.scaled_approximation() if hasattr(operator, "scaled_approximation") else None


def _nearest(operator: Any) -> KroneckerSum | PartialSum:
    if isinstance(operator, PartialSum):
        return operator
    nearest: KroneckerSum | None = operator.kronecker_approximation() if hasattr(operator, "kronecker_approximation") else None
    if nearest is None:
        raise ValueError(
            f"FastDiagonalization: {operator!r} knows no nearest Kronecker sum to precondition with; use CG(preconditioner=AMG())"
        )
    return nearest


def _inverse_effort(operator: KroneckerSum | PartialSum, machine: Machine) -> Effort:
    return Effort(eigenbases_seconds(operator, machine), inverse_seconds(operator, machine))
