"""Fast diagonalization: the exact inverse of a Kronecker sum from its one-dimensional eigenbases."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tensorfem.kron import Array, KroneckerSum, Spectrum, require_memory
from tensorfem.solvers.cost import eigenbasis_bytes
from tensorfem.solvers.preconditioner import Preconditioner
from tensorfem.solvers.solver import Method, Outcome, Solver

RESONANCE = 1e-10  # relative distance of an eigenvalue to the (negative) shift below which the two count as equal


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
        if not isinstance(operator, KroneckerSum):
            raise ValueError(
                f"FastDiagonalization: {operator!r} is not a Kronecker sum (a product diffusion beside a reaction or a Robin condition has "
                "no common eigenbasis); use CG(preconditioner=FastDiagonalization()), or Auto(), which does"
            )
        spectrum = _spectrum(operator)
        check_resonance(spectrum)
        return lambda rhs, overwrite: Outcome(spectrum.solve(rhs, overwrite=overwrite))

    def approximate_inverse(self, operator: Any) -> Callable[[Array], Array]:
        """The exact inverse of the nearest Kronecker sum.

        Raises
        ------
        ValueError
            If the operator knows none.
        MemoryError
            If the eigenbases would not fit into memory.
        """
        nearest = operator.kronecker_approximation() if hasattr(operator, "kronecker_approximation") else None
        if nearest is None:
            raise ValueError(
                f"FastDiagonalization: {operator!r} knows no nearest Kronecker sum to precondition with; use CG(preconditioner=AMG())"
            )
        spectrum = _spectrum(nearest)

        def apply(residual: Array) -> Array:
            return spectrum.solve(residual)

        return apply


def _spectrum(operator: KroneckerSum) -> Spectrum:
    require_memory(eigenbasis_bytes(operator), f"FastDiagonalization: the dense eigenbases of {operator!r}", "use AMG() or Direct()")
    return operator.spectrum()
