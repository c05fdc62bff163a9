"""The report of a solve: what was done, and how well."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tensorfem import html


@dataclass
class Stopwatch:
    """Wall-clock seconds by phase.

    Examples
    --------
    >>> clock = Stopwatch()
    >>> with clock.phase("solve"):
    ...     pass
    >>> list(clock.seconds)
    ['solve']
    """

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Time what runs inside."""
        start = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - start


def peak_memory() -> int | None:
    """Peak resident memory of this process so far, in bytes; None where the system does not tell."""
    if sys.platform == "win32":
        return None
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


@dataclass(frozen=True)
class Report:
    """The record of a solve, printed as a table.

    Attributes
    ----------
    solver, reason : str
        Which solver ran, and why it was chosen.
    unknowns : int
        Free unknowns of the linear system.
    shape : tuple of int
        The same, per axis.
    seconds : dict
        Wall-clock time by phase: assembly, load, setup, solve, residual.
    memory : int or None
        Peak resident memory of the process so far, in bytes; None where the system does not tell.
    converged : bool
    stopped : str
        Why the solver stopped.
    residual : float
        The true relative residual of the system that was solved; that of a correction, where boundary values were lifted smoothly.
    backward_error : float
        The residual relative to the operator and the solution: of the size of rounding for any stable solve.
    iterations : int
    null_space : str
        "none", or the functions that the operator maps to zero.
    defect : float
        What had to be taken out of the right-hand side of a singular problem.
    coefficients : str
        What was found of coefficients that may depend on all coordinates; empty where there is none.
    """

    solver: str
    reason: str
    unknowns: int
    shape: tuple[int, ...]
    seconds: dict[str, float]
    memory: int | None
    converged: bool
    stopped: str
    residual: float
    backward_error: float
    iterations: int
    null_space: str
    defect: float
    coefficients: str = ""

    @classmethod
    def of(cls, solution: Any, **others: Any) -> "Report":
        """What the record of a linear solve says, with the other attributes."""
        operator = solution.operator
        return cls(
            unknowns=operator.shape[0],
            shape=operator.output_shape,
            memory=peak_memory(),
            converged=solution.converged,
            stopped=solution.reason,
            iterations=solution.iterations,
            null_space="none" if operator.null_vector is None else "constants (the solution of mean zero is given)",
            defect=solution.defect,
            **others,
        )

    def rows(self) -> dict[str, str]:
        """The table: what each line is about, and what it says."""
        return {
            "solver": self.solver,
            "because": self.reason,
            "unknowns": f"{self.unknowns:,} ({' x '.join(map(str, self.shape))})",
            **({"found": self.coefficients} if self.coefficients else {}),
            "residual": f"{self.residual:.1e} relative, {self.backward_error:.1e} backward error",
            "iterations": f"{self.iterations} ({self.stopped})",
            "null space": self.null_space if self.null_space == "none" else f"{self.null_space}; defect of the data {self.defect:.1e}",
            "seconds": f"{sum(self.seconds.values()):.3g} ({', '.join(f'{phase} {t:.2g}' for phase, t in self.seconds.items())})",
            "memory": "not known" if self.memory is None else f"{self.memory / 1e6:.0f} MB at the peak of this process",
        }

    def __str__(self) -> str:
        return "\n".join(f"{name:<11} {text}" for name, text in self.rows().items())

    def _repr_html_(self) -> str:
        return html.table(self.rows().items(), caption="Report")
