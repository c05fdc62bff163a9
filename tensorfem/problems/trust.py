"""Whether a solution may be believed: compatible data, a small residual, and an operator that rounding has not made up."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.boundary import Condition, Dirichlet, Robin
from tensorfem.solvers import ConvergenceError, FastDiagonalization, LinearSolution, Solver, norm
from tensorfem.space import Space

FloatArray = NDArray[np.float64]
DEFECT = 0.01  # of the sum of |b|: a larger defect is a mistake in the data, a smaller one quadrature
TRUSTED_RESIDUAL, TRUSTED_BACKWARD_ERROR = 1e-6, 1e-10  # a solve that meets neither is refused
HELD = 1e4  # times the rounding of a formed matrix: what holds the mean of u must be larger


def require_compatible(rhs: FloatArray) -> None:
    """Refuse a right-hand side whose sum, which nothing in the operator can balance, is more than an error of quadrature.

    Raises
    ------
    ValueError
        If the sum is more than 1 % of the sum of the sizes.
    """
    scale = float(np.max(np.abs(rhs))) or 1.0
    defect, total = float(np.sum(rhs / scale)), float(np.sum(np.abs(rhs / scale)))
    if abs(defect) > DEFECT * total:
        raise ValueError(
            "the data are not compatible: nothing fixes the mean of u, so source and boundary fluxes must add up to 0, "
            f"but they add up to {defect * scale:.6g} ({abs(defect) / total:.2g} times the sum of their sizes); balance them, "
            'give a face a Dirichlet or Robin condition, or pass on_incompatible="project"'
        )


def hold_on_mean(space: Space, reaction: float, conditions: dict[str, Condition]) -> float:
    """The bilinear form of the constant 1 with itself, ``int c + int h``: all that fixes the mean of u where no face is Dirichlet's.

    The reaction is given by its mean.
    """
    if any(isinstance(condition, Dirichlet) for condition in conditions.values()):
        return np.inf
    areas = {face: space.volume / space.bases[space.names.index(face[:-1])].mesh.length for face in conditions}
    robin = sum(areas[face] * float(end.coefficient) for face, end in conditions.items() if isinstance(end, Robin))
    return space.volume * reaction + robin


def trusted(solution: LinearSolution, solver: Solver, hold: float) -> tuple[float, float]:
    """The residual and the backward error of a solution that may be believed.

    Where a weak reaction or Robin coefficient is all that fixes the mean of u, a formed matrix has lost it in rounding: its residual
    then tells nothing. Fast diagonalization, which never forms the stiffness matrix, has not.

    Raises
    ------
    ConvergenceError
        If neither figure is small enough, or the mean of u hangs on rounding.
    """
    operator: Any = solution.operator
    formed = operator.null_vector is None and not isinstance(solver, FastDiagonalization)
    rounding = float(np.finfo(float).eps) * operator.shape[0] * operator.norm_bound() if formed else 0.0
    if 0 <= hold < HELD * rounding:
        other = "use FastDiagonalization()" if hasattr(operator, "pencils") else "give a face a Dirichlet condition"
        raise ConvergenceError(
            f"the problem is nearly singular: reaction and Robin coefficients, which alone fix the mean of u, add up to {hold:.2g}, "
            f"and rounding in a formed matrix to {rounding:.2g}; {other}, or set them to 0 and balance the data",
            solution,
        )
    residual, backward_error = float(solution.residual or 0.0), float(solution.backward_error or 0.0)
    if not (residual <= TRUSTED_RESIDUAL or backward_error <= TRUSTED_BACKWARD_ERROR or residual <= _promised(solution, solver)):
        figures = f"the true relative residual is {residual:.2g}, the backward error {backward_error:.2g}"
        raise ConvergenceError(f"the solve went wrong: {figures}; try another solver", solution)
    return residual, backward_error


def _promised(solution: LinearSolution, solver: Solver) -> float:
    """The residual that a caller has asked for, with what rounding adds."""
    size = 0.0 if solution.rhs is None else norm(solution.rhs)
    return 2 * solver.tolerance(size) if size else 0.0
