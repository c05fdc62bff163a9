"""One level of geometric multigrid: its operator, what smooths there, and the way to the next."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tensorfem.kron import Array
from tensorfem.solvers.chebyshev import largest_eigenvalue, recurrence
from tensorfem.solvers.explicit import Explicit
from tensorfem.solvers.lines import Lines
from tensorfem.solvers.points import Points
from tensorfem.solvers.transfer import Transfer

EXPLICIT = 1 << 22  # entries up to which a matrix is formed where there are no kernels
LOWEST = 0.375  # eigenvalue that smoothing damps, of the operator over its diagonal: coarser functions see those below
LEAST = 1.5  # the ratio of the range's ends
ISOTROPIC = 1.5  # the largest eigenvalue on squares and cubes


@dataclass(eq=False)
class Workspace:
    """The fields of one level during a cycle; `value` and `residual` may change places."""

    rhs: Array
    value: Array
    step: Array
    residual: Array

    @classmethod
    def of(cls, shape: tuple[int, ...], dtype: Any) -> "Workspace":
        """Four fields of zeros."""
        return cls(*(np.zeros(shape, dtype=dtype) for _ in range(4)))


@dataclass(frozen=True, eq=False)
class Level:
    """One level above the coarsest. It works in its own precision, on its operator times a power of two.

    Attributes
    ----------
    operator : operator
        With `residual`.
    smoother : Points or Lines
        What inverts a part of the operator.
    steps : tuple of (momentum, factor)
        Of the smoothing polynomial.
    prolongation, restriction : Transfer
        From the next coarser level, and its transpose.
    """

    operator: Any
    smoother: Points | Lines
    steps: tuple[tuple[float, float], ...]
    prolongation: Transfer
    restriction: Transfer

    @classmethod
    def of(cls, operator: Any, prolongation: Any, sweeps: int, dtype: Any, scale: float) -> "Level":
        """The level of an operator above a prolongation."""
        form = operator if operator.compiled or operator.entries > EXPLICIT else Explicit.of(operator)
        smoother, bound = _smoother(operator, form, np.dtype(dtype), scale)
        degree = _degree(sweeps, bound) if isinstance(smoother, Points) else sweeps
        steps = tuple(recurrence(bound, max(bound / LOWEST, LEAST), degree))
        ways = (Transfer(product.factors, dtype, compiled=operator.compiled) for product in (prolongation, prolongation.T))
        return cls(form.astype(dtype, scale), smoother, steps, *ways)

    def smooth_from_zero(self, work: Workspace) -> None:
        """Smooth, the value being zero."""
        (_, first), *steps = self.steps
        if self.in_one_pass and steps:
            self._pass(work, None, (*steps[0], first))
            self._smooth(work, steps[1:])
            return
        self.smoother.relax_from_zero(work.value, work.step, work.rhs, first)
        self._smooth(work, steps)

    def smooth(self, work: Workspace) -> None:
        """Smooth the value: by the same polynomial, so that both together are symmetric."""
        self._smooth(work, self.steps)

    def _smooth(self, work: Workspace, steps: Sequence[tuple[float, float]]) -> None:
        for momentum, factor in steps:
            if self.in_one_pass:
                self._pass(work, work.value, (momentum, factor, 0.0))
                continue
            self.find_residual(work)
            self.smoother.relax(work.value, work.step, work.residual, (momentum, factor))

    def _pass(self, work: Workspace, value: Array | None, factors: tuple[float, float, float]) -> None:
        """A step whose residual goes nowhere: the new value takes its place."""
        self.operator.relax(value, work.rhs, step=work.step, inverse=self.smoother.diagonal_inverse, factors=factors, out=work.residual)
        work.value, work.residual = work.residual, work.value

    @property
    def in_one_pass(self) -> bool:
        """Whether a step is one pass over the fields."""
        return self.smoother.diagonal_inverse is not None and getattr(self.operator, "relaxes", False)

    def find_residual(self, work: Workspace) -> None:
        """The residual of the value."""
        self.operator.residual(work.rhs, work.value, out=work.residual)


def _smoother(operator: Any, form: Any, dtype: Any, scale: float) -> tuple[Points | Lines, float]:
    """Lines along the axes where couplings are strong, else points; and the largest eigenvalue of what they make of the operator."""
    bands = operator.bands()
    if bands:
        lines = Lines(bands, scale, dtype, compiled=operator.compiled)
        bound = operator.jacobi_bound([band.axis for band in bands])
        return lines, bound or largest_eigenvalue(form.apply, lambda r: scale * lines.solved(r).astype(float), operator.output_shape)
    points = Points.of(operator)
    bound = operator.jacobi_bound() if points.clusters is None else None
    return points.astype(dtype, scale), bound or largest_eigenvalue(form.apply, points.solved, operator.output_shape)


def _degree(sweeps: int, largest: float) -> int:
    """The degree that damps up to this eigenvalue as well as so many sweeps do on cubes, where it is 1.5."""
    return math.ceil(sweeps * math.sqrt(max(largest, ISOTROPIC) / ISOTROPIC) - 0.3)
