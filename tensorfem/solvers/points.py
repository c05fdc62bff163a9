"""What inverts an operator point by point: its diagonal, and the clusters that this misses."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tensorfem.kron import Array
from tensorfem.solvers.updates import relax, relax_from_zero


@dataclass(frozen=True, eq=False)
class Points:
    """The inverse of an operator's diagonal, and corrections of what it misses.

    Attributes
    ----------
    inverse : array
        Of the diagonal.
    clusters : Clusters or None
        Corrections that the diagonal does not make.
    """

    inverse: Array
    clusters: Any

    @classmethod
    def of(cls, operator: Any) -> "Points":
        """Those of an operator with `diagonal` and `clusters`."""
        diagonal = operator.diagonal()
        return cls(1 / diagonal, operator.clusters(diagonal))

    @property
    def diagonal_inverse(self) -> Array | None:
        """The inverse of the diagonal, if it is all."""
        return self.inverse if self.clusters is None else None

    def astype(self, dtype: Any, scale: float) -> "Points":
        """Those of a multiple of the operator, in another precision."""
        clusters = None if self.clusters is None else self.clusters.astype(dtype, scale)
        return Points((self.inverse / scale).astype(dtype), clusters)

    def solved(self, residual: Array) -> Array:
        """What they make of a residual."""
        result = self.inverse * residual
        if self.clusters is not None:
            result.reshape(-1)[self.clusters.unknowns] += self.clusters.correction @ residual.reshape(-1)[self.clusters.unknowns]
        return np.asarray(result)

    def relax(self, value: Array, step: Array, residual: Array, factors: tuple[float, float]) -> None:
        """A step of a smoothing polynomial, in place: with z what they make of a residual, ``step = momentum step + factor z``, and

        ``value += step``.
        """
        relax(value, step, residual, self.inverse, factors)
        self._correct(value, step, residual, factors[1])

    def relax_from_zero(self, value: Array, step: Array, residual: Array, factor: float) -> None:
        """The first step, whatever `value` and `step` held."""
        relax_from_zero(value, step, residual, self.inverse, factor)
        self._correct(value, step, residual, factor)

    def _correct(self, value: Array, step: Array, residual: Array, factor: float) -> None:
        """What the clusters add to a step."""
        if self.clusters is not None:
            places = self.clusters.unknowns
            corrected = factor * (self.clusters.correction @ residual.reshape(-1)[places])
            step.reshape(-1)[places] += corrected
            value.reshape(-1)[places] += corrected
