"""Fast diagonalization: the exact inverse of a Kronecker sum from its one-dimensional eigenbases."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from tensorfem.kron import Array, KroneckerSum, Pencil, Spectrum, require_memory
from tensorfem.late import late
from tensorfem.solvers.conditioning import cg_iterations
from tensorfem.solvers.cost import eigenbasis_bytes
from tensorfem.solvers.effort import eigenbases_seconds, fields_bytes, inverse_seconds, null_seconds
from tensorfem.solvers.forecast import Effort
from tensorfem.solvers.machine import Machine
from tensorfem.solvers.preconditioner import Preconditioner
from tensorfem.solvers.rayleigh import terms_of
from tensorfem.solvers.solution import LinearSolution
from tensorfem.solvers.solver import FIELDS, Method, Outcome, Solver

_late = late("tensorfem.solvers", {"PortableSolve": "portable_solve"})
RESONANCE = 1e-10  # relative distance of an eigenvalue to the (negative) shift below which the two count as equal
RESONANCE_PASSES = 8
WORK_FIELDS, COMPLEX_FIELDS = 2, 5  # that take turns in a solve, and where complex transforms are among them
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
    preconditioner it inverts the nearest Kronecker sum of any operator that knows one.

    References
    ----------
    Lynch, Rice & Thomas, Numer. Math. 6 (1964); Buzbee, Golub & Nielson, SIAM J. Numer. Anal. 7 (1970).
    """

    def _method(self, operator: Any) -> Method:
        spectrum = _spectrum(_kronecker_sum(operator))
        check_resonance(spectrum)

        def solve(rhs: Array, overwrite: bool) -> Outcome:
            if not overwrite and rhs.nbytes > LARGE:
                require_memory(WORK_FIELDS * rhs.nbytes, f"FastDiagonalization: the solve with {operator!r}", "pass overwrite_rhs=True")
            return Outcome(spectrum.solve(rhs, overwrite=overwrite))

        return solve

    def _portable(self, operator: Any) -> Callable[[Any], LinearSolution]:
        total = _kronecker_sum(operator)
        check_resonance(_spectrum(total))
        solve: Callable[[Any], LinearSolution] = _late("PortableSolve")(total)
        return solve

    def memory(self, operator: Any) -> float:
        """The fields and the eigenbases."""
        return fields_bytes(operator, FIELDS) + self.inverse_bytes(operator)

    def _effort(self, operator: Any, machine: Machine) -> Effort:
        inverse = _inverse_effort(_kronecker_sum(operator), machine)
        checks = machine.passes(operator.shape[0], RESONANCE_PASSES) if operator.shift < 0 else 0.0
        return replace(inverse, setup=inverse.setup + checks, solve=inverse.solve + null_seconds(operator, machine))

    def inverse_bytes(self, operator: Any) -> float:
        """The eigenbases, the eigenvalues of all axes but the first, and the fields on the way."""
        nearest = _nearest(operator)
        size, transformed = nearest.shape[0], COMPLEX_FIELDS if any(_is_periodic(p) for p in nearest.pencils) else WORK_FIELDS
        return eigenbasis_bytes(nearest) + 8.0 * (transformed * size + 4 * size / nearest.output_shape[0])

    def inverse_effort(self, operator: Any, machine: Machine, rtol: float) -> Effort:
        """Eigenbases and transforms of the nearest Kronecker sum; one iteration, if that is the operator itself."""
        nearest = _nearest(operator)
        exact = nearest is operator
        return replace(
            _inverse_effort(nearest, machine), iterations=1 if exact else cg_iterations(terms_of(operator), terms_of(nearest), rtol)
        )

    def approximate_inverse(self, operator: Any) -> Callable[[Array], Array]:
        """The exact inverse of the nearest Kronecker sum.

        Raises
        ------
        ValueError
            If the operator knows none.
        MemoryError
            If the eigenbases would not fit into memory.
        """
        spectrum = _spectrum(_nearest(operator))

        def apply(residual: Array) -> Array:
            return spectrum.solve(residual)

        return apply


def _spectrum(operator: KroneckerSum) -> Spectrum:
    require_memory(eigenbasis_bytes(operator), f"FastDiagonalization: the dense eigenbases of {operator!r}", "use AMG() or Direct()")
    return operator.spectrum()


def _kronecker_sum(operator: Any) -> KroneckerSum:
    if not isinstance(operator, KroneckerSum):
        raise ValueError(
            f"FastDiagonalization: {operator!r} is not a Kronecker sum (a product diffusion beside a reaction or a Robin condition has "
            "no common eigenbasis); use CG(preconditioner=FastDiagonalization()), or Auto(), which does"
        )
    return operator


def _nearest(operator: Any) -> KroneckerSum:
    nearest: KroneckerSum | None = operator.kronecker_approximation() if hasattr(operator, "kronecker_approximation") else None
    if nearest is None:
        raise ValueError(
            f"FastDiagonalization: {operator!r} knows no nearest Kronecker sum to precondition with; use CG(preconditioner=AMG())"
        )
    return nearest


def _inverse_effort(operator: KroneckerSum, machine: Machine) -> Effort:
    return Effort(eigenbases_seconds(operator, machine), inverse_seconds(operator, machine))


def _is_periodic(pencil: Pencil) -> bool:
    return pencil.is_trigonometric and pencil.trigonometry is not None and pencil.trigonometry.kind == "periodic"
