"""The solver's contract: settings in, a function of the right-hand side out, a record per solve."""

import abc
import functools
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar

import numpy as np

from tensorfem.kron import Array, KroneckerSum, available_memory, require_memory, slabs
from tensorfem.kron.threads import in_threads
from tensorfem.late import late
from tensorfem.solvers.effort import fields_bytes
from tensorfem.solvers.forecast import Effort, Forecast
from tensorfem.solvers.machine import Machine
from tensorfem.solvers.nullspace import NullSpace
from tensorfem.solvers.solution import ConvergenceError, LinearSolution

_portable = late("tensorfem.kron.portable", {"is_foreign": "place"})  # array_api_compat is imported at first use
FIELDS = 4  # right-hand side, solution, the residual and one on the way


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a solver's own method gives: the value, and how it came to it."""

    value: Array
    converged: bool = True
    reason: str = "direct"
    iterations: int = 0
    residual_history: tuple[float, ...] = ()


Method = Callable[[Array, bool], Outcome]  # a right-hand side shaped as the grid, and whether it may be overwritten


@dataclass(frozen=True)
class Solver(abc.ABC):
    """Settings of a way to solve ``A x = b``. Subclasses are frozen dataclasses (``repr=False``), and say `_method`.

    Nothing is remembered in the solver: one may be shared by problems and threads.
    """

    any_precision: ClassVar[bool] = False  # whether right-hand sides are solved in their own precision, complex ones too

    @property
    def in_cells(self) -> bool:
        """Whether the solver works on operators that know their cells."""
        return False

    @property
    def iterates(self) -> bool:
        """Whether it stops at a residual relative to the right-hand side, as a direct solver does not."""
        return self.tolerance(1.0) > 0

    def showing(self, shown: Callable[[Array], Array]) -> "Solver":
        """The same solver, whose callback is told of what a function makes of the iterates; itself, where it tells nobody."""
        told: Any = getattr(self, "callback", None)
        if told is None:
            return self
        instead: dict[str, Any] = {"callback": lambda count, residual, iterate: told(count, residual, shown(iterate))}
        return replace(self, **instead)

    @abc.abstractmethod
    def _method(self, operator: Any) -> Method:
        """All work that depends on the operator only; the function returned never sees a right-hand side that is not finite, or that a
        singular operator cannot reach."""

    def _portable(self, operator: Any) -> Callable[[Any], LinearSolution]:
        """A function of right-hand sides of other array libraries.

        Raises
        ------
        ValueError
            If the solver knows NumPy arrays only, as most do.
        """
        raise ValueError(
            f"rhs: got an array of another library than NumPy; {self!r} does not take it: use FastDiagonalization(), or convert it to NumPy"
        )

    def choose(self, operator: Any) -> "tuple[Solver, str]":
        """The solver that will run on this operator, and why: itself, unless it is one that chooses."""
        return self, "asked for"

    def tolerance(self, size: float) -> float:
        """The relative residual that is asked for, of a right-hand side of this norm; 0 from a direct solver: as small as can be."""
        return 0.0

    def memory(self, operator: Any) -> float:
        """Bytes that a solve takes at its peak, right-hand side and solution included."""
        return fields_bytes(operator, FIELDS)

    def require_room(self, operator: Any) -> None:
        """Refuse a solve that would not fit.

        Raises
        ------
        MemoryError
            If `memory` is more than can be taken now; the message gives both figures.
        """
        instead = (
            "FastDiagonalization() takes little more than the field itself" if isinstance(operator, KroneckerSum) else "use fewer cells"
        )
        require_memory(self.memory(operator), f"{self!r}: the solve with {operator!r}", instead)

    def forecast(self, operator: Any, machine: Machine) -> Forecast:
        """What a solve would take on a machine, from the operator's factors alone.

        Parameters
        ----------
        operator : operator
        machine : Machine
            As `this_machine` measures it.

        Returns
        -------
        Forecast
            Also of a solve that is not possible; its `note` then says why.
        """
        try:
            effort, memory = self._effort(operator, machine), self.memory(operator)
        except ValueError as error:
            return Forecast(repr(self), treats=False, note=str(error))
        free = available_memory()
        note = effort.note if memory <= free else f"it needs {memory / 1e9:.3g} GB, {free / 1e9:.3g} GB are free"
        return Forecast(repr(self), True, memory <= free, effort.setup, effort.solve, memory, effort.iterations, note)

    def _effort(self, operator: Any, machine: Machine) -> Effort:
        """Seconds and iterations; refuses what `_method` refuses, in the same words."""
        return Effort(note="this solver does not say what it takes")

    def prepare(self, operator: Any) -> "PreparedSolve":
        """Do all work that depends on the operator only.

        Returns
        -------
        PreparedSolve
            A function of the right-hand side, which returns a `LinearSolution`.

        Raises
        ------
        ValueError
            If this solver cannot treat the operator; the message names one that can.
        MemoryError
            If the work would not fit into memory.
        """
        return PreparedSolve(self, operator)

    def __repr__(self) -> str:
        """The call that makes this solver, without the settings left at their defaults, and without who is told of its progress."""
        settings = ((field, getattr(self, field.name)) for field in fields(self) if field.name != "callback")
        return f"{type(self).__name__}({', '.join(f'{field.name}={value!r}' for field, value in settings if value != field.default)})"


class PreparedSolve:
    """A function of the right-hand side, with the operator's share of the work done; may be called from several threads."""

    def __init__(self, solver: Solver, operator: Any) -> None:
        self.solver = solver
        self.operator = operator
        self._null = NullSpace(operator) if operator.null_vector is not None else None
        self._solve = solver._method(operator)

    def __call__(self, rhs: Array, *, overwrite_rhs: bool = False) -> LinearSolution:
        """Solve for one right-hand side.

        Parameters
        ----------
        rhs : array
            Shaped as the grid of unknowns, or flat. `FastDiagonalization` takes arrays of other libraries too (PyTorch, JAX, CuPy), also
            batches of fields: the solution is of the same library, device and type, and the library can differentiate through it.
        overwrite_rhs : bool
            Whether `rhs` may be used as workspace. The record then has no residual. Else leave `rhs` alone until the residual is read:
            it is computed on first access, from this array.

        Returns
        -------
        LinearSolution

        Raises
        ------
        ValueError
            If `rhs` has another shape, is not real (complex numbers go to `FastDiagonalization`), or not finite.
        ConvergenceError
            If an iteration does not reach its tolerance; it carries the best iterate.
        """
        if not isinstance(rhs, np.ndarray) and _portable("is_foreign")(rhs):
            return self._portable(rhs)
        if overwrite_rhs and not np.asarray(rhs).flags.writeable:
            raise ValueError("rhs: the array is read-only (a problem's own right-hand side is); pass a copy, or overwrite_rhs=False")
        grid = self._checked(rhs)
        defect = 0.0
        if self._null is not None:
            defect, grid = self._null.component(grid), self._null.project_rhs(grid)
        known = None if overwrite_rhs else grid
        outcome = self._solve(grid, overwrite_rhs)
        if self._null is not None:
            self._null.normalize(outcome.value)
        form = np.shape(rhs)
        solution = LinearSolution(
            value=outcome.value.reshape(form),
            converged=outcome.converged,
            reason=outcome.reason,
            iterations=outcome.iterations,
            residual_history=outcome.residual_history,
            defect=defect,
            operator=self.operator,
            rhs=None if known is None else known.reshape(form),
        )
        if not solution.converged:
            raise ConvergenceError(f"{self.solver!r}: {solution.reason}; the best iterate is this error's `solution`", solution)
        return solution

    @functools.cached_property
    def _portable(self) -> Callable[[Any], LinearSolution]:
        return self.solver.choose(self.operator)[0]._portable(self.operator)

    def _checked(self, rhs: Array) -> Array:
        array = np.asarray(rhs)
        shape = getattr(self.operator, "output_shape", self.operator.shape[:1])
        if array.shape not in {tuple(shape), (self.operator.shape[0],)}:
            raise ValueError(f"rhs: got an array of shape {array.shape}; allowed are {tuple(shape)} and ({self.operator.shape[0]},)")
        own = self.solver.any_precision
        if array.dtype.kind not in ("iufc" if own else "iuf"):
            raise ValueError(f"rhs: got numbers of type {array.dtype}; allowed are {'real and complex' if own else 'real'} ones")
        if not _is_finite(array, getattr(self.solver, "threads", None)):
            place = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
            raise ValueError(f"rhs: entry {place} is {array[place]}; all must be finite")
        return array.reshape(shape).astype(_precision(array.dtype) if own else np.float64, copy=False)


def _precision(dtype: Any) -> Any:
    """Single precision for what has no more, else double."""
    single = np.finfo(dtype).precision <= np.finfo(np.float32).precision if dtype.kind in "fc" else False
    return np.result_type(np.float32 if single else np.float64, np.complex64 if dtype.kind == "c" else np.float32)


def _is_finite(array: Array, threads: int | None) -> bool:
    """Whether no entry is NaN or infinite: by one pass of sums; only where one of them overflows the entries are looked at one by one."""
    suspicious: list[bool] = []

    def look(piece: Array) -> None:
        with np.errstate(all="ignore"):
            if not np.isfinite(piece.sum()):
                suspicious.append(True)

    in_threads(look, [array[part] for part in slabs(len(array), array[:1].size)] if array.ndim else [array], threads)
    return not suspicious or bool(np.isfinite(array).all())
