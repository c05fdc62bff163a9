"""When an iteration ends: tolerances, a limit, and someone to tell about it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tensorfem.checks import integer, is_number, real
from tensorfem.kron import Array

Callback = Callable[[int, float, Array], Any]  # iterations so far, relative residual, a copy of the iterate
FINEST_RTOL = 1e-15  # a smaller relative residual is noise in float64


@dataclass(frozen=True)
class Stopping:
    """The settings by which an iteration ends: ``|b - A x| <= max(rtol |b|, atol)``, or too many iterations.

    Parameters
    ----------
    rtol : float
        From 1e-15 to below 1.
    atol : float
        At least 0, in units of the right-hand side.
    maxiter : int, optional
        At least 1; by default ten times the number of unknowns, but no less than 1,000 and no more than 20,000.
    callback : function, optional
        Called after every iteration with the number of iterations, the relative residual and a copy of the iterate. What it raises
        ends the solve.

    Raises
    ------
    ValueError
        If a setting is out of its range.
    """

    rtol: float
    atol: float = 0.0
    maxiter: int | None = None
    callback: Callback | None = None

    def __post_init__(self) -> None:
        if not is_number(self.rtol) or not FINEST_RTOL <= self.rtol < 1:
            raise ValueError(
                f"rtol: got {self.rtol!r}; allowed is a number from {FINEST_RTOL:g}, about the rounding of float64, to below 1"
            )
        if real(self.atol, "atol") < 0:
            raise ValueError(f"atol: got {self.atol!r}; allowed is a number >= 0")
        if self.maxiter is not None:
            integer(self.maxiter, "maxiter", 1)
        if self.callback is not None and not callable(self.callback):
            raise ValueError(f"callback: got {self.callback!r}; allowed is a function of (iterations, relative residual, iterate), or None")

    def limit(self, unknowns: int) -> int:
        """The most iterations that are made."""
        return min(max(10 * unknowns, 1000), 20_000) if self.maxiter is None else int(self.maxiter)

    def relative(self, size: float) -> float:
        """The relative residual that is asked for, of a right-hand side of this norm."""
        return max(float(self.rtol), float(self.atol) / size)
