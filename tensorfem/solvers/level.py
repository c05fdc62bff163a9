"""One level of geometric multigrid: its operator, what smooths there, and the way to the next."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tensorfem.kron import Array
from tensorfem.solvers.chebyshev import largest_eigenvalue, recurrence
from tensorfem.solvers.explicit import Explicit
from tensorfem.solvers.transfer import Transfer
from tensorfem.solvers.updates import relax, relax_from_zero

EXPLICIT = 1 << 22  # entries up to which a matrix is formed where there are no kernels
LOWEST = 0.375  # eigenvalue that smoothing damps, of the operator over its diagonal: coarser functions see those below
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
    inverse : array
        Of the diagonal.
    clusters : Clusters or None
        Corrections that the diagonal does not make.
    steps : tuple of (momentum, factor)
        Of the smoothing polynomial.
    prolongation, restriction : Transfer
        From the next coarser level, and its transpose.
    """

    operator: Any
    inverse: Array
    clusters: Any
    steps: tuple[tuple[float, float], ...]
    prolongation: Transfer
    restriction: Transfer

    @classmethod
    def of(cls, operator: Any, prolongation: Any, sweeps: int, dtype: Any, scale: float) -> "Level":
        """The level of an operator above a prolongation."""
        diagonal = operator.diagonal()
        clusters = operator.clusters(diagonal)
        inverse = 1 / diagonal
        form = operator if operator.compiled or operator.entries > EXPLICIT else Explicit.of(operator)
        bound = operator.jacobi_bound() if clusters is None else None
        if bound is None:
            bound = largest_eigenvalue(form.apply, lambda residual: _preconditioned(residual, inverse, clusters), operator.output_shape)
        steps = tuple(recurrence(bound, bound / LOWEST, _degree(sweeps, bound)))
        ways = (Transfer(product.factors, dtype, compiled=operator.compiled) for product in (prolongation, prolongation.T))
        inverse /= scale
        return cls(
            form.astype(dtype, scale), inverse.astype(dtype), None if clusters is None else clusters.astype(dtype, scale), steps, *ways
        )

    def smooth_from_zero(self, work: Workspace) -> None:
        """Smooth, the value being zero."""
        (_, first), *steps = self.steps
        if self.in_one_pass and steps:
            self._pass(work, None, (*steps[0], first))
            self._smooth(work, steps[1:])
            return
        relax_from_zero(work.value, work.step, work.rhs, self.inverse, first)
        self._correct(work, work.rhs, first)
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
            relax(work.value, work.step, work.residual, self.inverse, (momentum, factor))
            self._correct(work, work.residual, factor)

    def _pass(self, work: Workspace, value: Array | None, factors: tuple[float, float, float]) -> None:
        """A step whose residual goes nowhere: the new value takes its place."""
        self.operator.relax(value, work.rhs, step=work.step, inverse=self.inverse, factors=factors, out=work.residual)
        work.value, work.residual = work.residual, work.value

    @property
    def in_one_pass(self) -> bool:
        """Whether a step is one pass over the fields."""
        return self.clusters is None and getattr(self.operator, "relaxes", False)

    def _correct(self, work: Workspace, residual: Array, factor: float) -> None:
        """What the clusters add to a step."""
        if self.clusters is not None:
            places = self.clusters.unknowns
            corrected = factor * (self.clusters.correction @ residual.reshape(-1)[places])
            work.step.reshape(-1)[places] += corrected
            work.value.reshape(-1)[places] += corrected

    def find_residual(self, work: Workspace) -> None:
        """The residual of the value."""
        self.operator.residual(work.rhs, work.value, out=work.residual)


def _preconditioned(residual: Array, inverse: Array, clusters: Any) -> Array:
    result = inverse * residual
    if clusters is not None:
        result.reshape(-1)[clusters.unknowns] += clusters.correction @ residual.reshape(-1)[clusters.unknowns]
    return result


def _degree(sweeps: int, largest: float) -> int:
    """The degree that damps up to this eigenvalue as well as so many sweeps do on cubes, where it is 1.5."""
    return math.ceil(sweeps * math.sqrt(max(largest, ISOTROPIC) / ISOTROPIC) - 0.3)
