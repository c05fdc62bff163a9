"""Geometric multigrid, as a solver and as a preconditioner."""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tensorfem.checks import choice, integer
from tensorfem.kron import Array, outer, require_memory
from tensorfem.solvers.conjugate_gradients import ConjugateGradients, IndefinitePreconditionerError, require_definite
from tensorfem.solvers.effort import CALLS_PER_ITERATION, ITERATION_FIELDS, PASSES, apply_seconds, fields_bytes, null_seconds
from tensorfem.solvers.forecast import Effort
from tensorfem.solvers.levels import COARSEST, Levels
from tensorfem.solvers.machine import Machine
from tensorfem.solvers.preconditioner import Preconditioner
from tensorfem.solvers.solver import Method, Outcome, Solver
from tensorfem.solvers.stopping import Callback, Stopping

PRECISIONS, CYCLES = {"single": np.float32, "double": np.float64}, ("V", "W", "full")
LEVEL_FIELDS = 6  # of the cycle's precision: four, the inverse of the diagonal, and coefficients
MAKING_FIELDS = 4  # in double precision, while a level is made
COARSER = 8 / 7  # fields of all levels of cubes together, over those of the finest
COARSER_ALONG_ONE = 2.0  # the same where cells are merged along one axis alone
CYCLE_APPLICATIONS, MAKING_APPLICATIONS, MAKING_CALLS = 4, 25, 8000  # that a cycle per sweep, and the making of the levels, take as long as
SOFT = 1e-9  # relative to the norm of a singular operator: single precision loses softer modes, as it rounds what is no multiple of 1
SOFT_LINES = 1e-8  # the same of an operator whose lines are solved
GAIN = 0.09  # by which an iteration shrinks the residual: smooth coefficients do better, rough ones worse


@dataclass(frozen=True, repr=False)
class Multigrid(Solver, Preconditioner):
    """Solve by conjugate gradients with one cycle of geometric multigrid as the preconditioner.

    Levels are made by merging the cells of the axes, pairs of neighbours at a time and only where they are strongly coupled: stretched
    and graded cells are coarsened along their short sides first. Degrees above 1 are halved first. Coarser coefficients are means, so
    jumps stay where they are; cells that conduct much better than all around them are corrected one by one. Where cells are stretched
    and the coefficient jumps, or the degree is above 1, whole lines along the short sides are solved for. As a preconditioner it is
    that one cycle, which is symmetric and positive definite. No matrix is formed but of the coarsest levels.

    It is for operators with coefficients of all coordinates. Kronecker sums, which know no cells, are solved by `FastDiagonalization`.

    Parameters
    ----------
    rtol, atol, maxiter, callback
        When to stop, and whom to tell, as of `CG`.
    cycle : {"W", "V", "full"}
        A V-cycle visits each level once. A W-cycle visits coarser ones twice; it takes little longer, and coefficients that jump take
        fewer iterations on fine grids. With "full", the iteration also starts from full multigrid: a W-cycle on each level from the
        coarsest to the finest one.
    sweeps : int
        The degree of the Chebyshev polynomial that smooths before and after each coarser level; where cells are stretched it is raised.
    precision : {"single", "double"}
        In which the cycle works. Conjugate gradients iterate in double precision in any case, and reach the same tolerances. Double
        takes the place of single where that would lose the softest modes: in singular operators, and in lines that are held nowhere, on
        cells that are stretched very far; where diffusion differs by more than 1e5 from one region to another; and in the solver
        wherever single proves too short.

    Raises
    ------
    ValueError
        If a setting is out of its range.

    References
    ----------
    Tatebe, "The multigrid preconditioned conjugate gradient method" (1993); Trottenberg, Oosterlee & Schueller, Multigrid (2001).

    Examples
    --------
    >>> from tensorfem.axis import Lagrange, interval
    >>> from tensorfem.cells import AxisCells, CellOperator
    >>> axis = AxisCells(Lagrange(interval(0, 1, cells=48), degree=1), slice(1, 48), points=2)
    >>> x = (np.arange(48) + 0.5) / 48
    >>> operator = CellOperator([axis, axis], np.exp(np.sin(9 * np.outer(x, x)))[None])
    >>> record = Multigrid().prepare(operator)(np.ones((47, 47)))
    >>> record.converged, record.residual < 1e-10, record.iterations < 12
    (True, True, True)
    """

    rtol: float = 1e-10
    atol: float = 0.0
    maxiter: int | None = None
    cycle: str = "W"
    sweeps: int = 2
    precision: str = "single"
    callback: Callback | None = None

    def __post_init__(self) -> None:
        self._stopping()
        integer(self.sweeps, "sweeps", 1)
        choice(self.cycle, "cycle", CYCLES)
        choice(self.precision, "precision", PRECISIONS)

    @property
    def in_cells(self) -> bool:
        """It does: cells are what it merges."""
        return True

    def _stopping(self) -> Stopping:
        return Stopping(self.rtol, self.atol, self.maxiter, self.callback)

    def tolerance(self, size: float) -> float:
        """As `rtol` and `atol` say."""
        return self._stopping().relative(size)

    def _method(self, operator: Any) -> Method:
        self._require_cells(operator)
        self.require_room(operator)
        dtype = self._dtype(operator)
        iteration = self._iteration(operator, dtype)
        again = functools.cache(functools.partial(self._iteration, operator, np.float64))

        def solve(rhs: Array, overwrite: bool) -> Outcome:
            try:
                return iteration(rhs, overwrite)
            except IndefinitePreconditionerError:
                if dtype == np.float64:
                    raise
                outcome = again()(rhs, overwrite)
                return replace(outcome, reason=f"{outcome.reason}; in single precision the cycle was not positive definite")

        return solve

    def _iteration(self, operator: Any, dtype: Any) -> ConjugateGradients:
        levels = self._levels(operator, dtype)
        return ConjugateGradients(operator, self._stopping(), levels, levels.start if self.cycle == "full" else None)

    def _dtype(self, operator: Any) -> Any:
        """The precision asked for, or double where single would lose modes, and for small systems."""
        soft = _knows_cells(operator) and (operator.shape[0] <= COARSEST or operator.has_soft_regions or _is_soft(operator))
        return np.dtype(np.float64 if soft else PRECISIONS[self.precision])

    def memory(self, operator: Any) -> float:
        """The fields of the iteration and the levels; what is on the way while they are made is free again by then."""
        return fields_bytes(operator, ITERATION_FIELDS) + self._levels_bytes(operator)

    def inverse_bytes(self, operator: Any) -> float:
        """The levels, while they are made."""
        return 8.0 * float(operator.shape[0] * (MAKING_FIELDS + 2 * _band_fields(operator))) + self._levels_bytes(operator)

    def _levels_bytes(self, operator: Any) -> float:
        """The levels, with what lines take where they are solved; the coarsest level is dense."""
        lines = _band_fields(operator)
        fields = (COARSER_ALONG_ONE if lines else COARSER) * (LEVEL_FIELDS + lines) * self._dtype(operator).itemsize
        return float(fields * operator.shape[0] + 24 * min(COARSEST, operator.shape[0]) ** 2)

    def _effort(self, operator: Any, machine: Machine) -> Effort:
        inverse, size = self.inverse_effort(operator, machine, float(self.rtol)), operator.shape[0]
        iterations = min(inverse.iterations, self._stopping().limit(size))
        one = inverse.solve + apply_seconds(operator, machine) + machine.passes(size, PASSES) + CALLS_PER_ITERATION * machine.call
        return Effort(inverse.setup, null_seconds(operator, machine) + (iterations + 1) * one, iterations)

    def inverse_effort(self, operator: Any, machine: Machine, rtol: float) -> Effort:
        """The making of the levels, a cycle, and typical iterations."""
        self._require_cells(operator)
        one = apply_seconds(operator, machine)
        making = MAKING_APPLICATIONS * one + MAKING_CALLS * machine.call
        return Effort(making, CYCLE_APPLICATIONS * self.sweeps * one, math.ceil(math.log(rtol) / math.log(GAIN)))

    def approximate_inverse(self, operator: Any) -> Callable[[Array], Array]:
        """One cycle.

        Raises
        ------
        ValueError
            If the operator is not positive (semi-)definite, or knows no cells.
        MemoryError
            If the levels would not fit into memory.
        """
        self._require_cells(operator)
        require_memory(self.inverse_bytes(operator), f"Multigrid: the levels of {operator!r}", "use CG(preconditioner=Jacobi())")
        return self._levels(operator, self._dtype(operator))

    def _levels(self, operator: Any, dtype: Any) -> Levels:
        return Levels(operator, self.sweeps, dtype, twice=self.cycle != "V")

    @staticmethod
    def _require_cells(operator: Any) -> None:
        require_definite(operator, "Multigrid")
        if not _knows_cells(operator):
            raise ValueError(
                f"Multigrid: {operator!r} knows no cells to coarsen; use FastDiagonalization(), if it is a Kronecker sum, "
                "CG(preconditioner=AMG()), or a problem's cell_operator"
            )


def _knows_cells(operator: Any) -> bool:
    """Memory may be asked for before operators without cells are refused."""
    return hasattr(operator, "coarser")


def _band_fields(operator: Any) -> int:
    return int(operator.band_fields()) if _knows_cells(operator) else 0


def _is_soft(operator: Any) -> bool:
    """Whether there are modes so soft that single precision loses them: one wave along each axis is tried.

    They are next to the null space of a singular operator; or constant along lines that are held nowhere.
    """
    if operator.null_vector is None and not operator.strong_axes:
        return False
    null, least = (operator.null_vector, SOFT) if operator.null_vector else ([np.ones(n) for n in operator.output_shape], SOFT_LINES)
    for axis, size in enumerate(operator.output_shape):
        wave = np.cos(2 * np.pi * np.arange(size) / size)
        mode = outer([wave * factor if k == axis else factor for k, factor in enumerate(null)])
        if size > 2 and np.vdot(mode, operator.apply(mode)) < least * operator.norm_bound() * np.vdot(mode, mode):
            return True
    return False
