"""The linear system of a problem's free unknowns, solved from zero or for the correction to a smooth lifting."""

import functools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.problems.lifting import SmoothLifting
from tensorfem.solvers import LinearSolution, Solver, norm

FloatArray = NDArray[np.float64]
FLOOR = np.finfo(np.float64).tiny / np.finfo(np.float64).eps ** 2  # rounding errors of larger numbers have all digits themselves


@dataclass(frozen=True, eq=False)
class ReducedSystem:
    """The system ``A x = b`` of the free unknowns as ``A w = b - A x0``, ``x = x0 + w``.

    Where Dirichlet values are lifted by a function that is zero at all free unknowns, b is as large as the values over the size of the
    cells next to them. An iteration that stops at a residual relative to it has then done nothing yet about the rest of a graded mesh.
    With a smooth lifting x0 the right-hand side is as large as the data.

    Attributes
    ----------
    operator : operator
    given : array
        b.
    rhs : array
        b - A x0.
    lifting : SmoothLifting or None
        x0; None where it is zero.
    """

    operator: Any
    given: FloatArray
    rhs: FloatArray
    lifting: SmoothLifting | None = None

    @classmethod
    def of(cls, operator: Any, rhs: FloatArray, lifting: SmoothLifting | None) -> "ReducedSystem":
        """From a lifting that is taken where it leaves a smaller right-hand side: one of values that jump may leave a larger one.

        Nor is it taken of numbers so small that what it leaves, perhaps rounding errors alone, has lost its digits.
        """
        if lifting is not None:
            start = lifting.values()
            image = operator.apply(start)
            left = np.subtract(rhs, image, out=image)
            if norm(left) < norm(rhs) and min(norm(start), norm(rhs)) > FLOOR:
                return cls(operator, rhs, left, lifting)
        return cls(operator, rhs, rhs)

    def told(self, solver: Solver) -> Solver:
        """A solver whose callback, if there is one, is told of iterates x, not w."""
        return solver if self.lifting is None else solver.showing(functools.partial(self._plus, self.lifting))

    def whole(self, correction: LinearSolution) -> LinearSolution:
        """The record of x, from that of w."""
        if self.lifting is None:
            return correction
        reason = correction.reason if self.rhs.any() else "the smooth extension of the boundary values is the solution"
        return replace(correction, value=self._plus(self.lifting, correction.value), rhs=self.given, reason=reason)

    @staticmethod
    def _plus(lifting: SmoothLifting, correction: FloatArray) -> FloatArray:
        value = lifting.values()
        value += correction
        return value
