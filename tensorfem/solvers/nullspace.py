"""The null space of a singular operator: one vector, known as a Kronecker product."""

from typing import Any

import numpy as np

from tensorfem.kron import Array, outer
from tensorfem.solvers.solution import norm

ROUNDING = 45.0  # times eps: what is left of a right-hand side along M z, relative to what was taken out of it


class NullSpace:
    """The span of ``z = z_0 (x) z_1 (x) ...``, with projections in the inner product of the mass matrix.

    Parameters
    ----------
    operator : KroneckerSum
        With a `null_vector`.
    """

    def __init__(self, operator: Any) -> None:
        self.vector = outer(operator.null_vector)
        self.mass_vector = operator.mass_vector(operator.null_vector)
        self.weight = float(np.vdot(self.vector, self.mass_vector))
        self._mass_size = norm(self.mass_vector)
        self._square = float(np.vdot(self.vector, self.vector))

    def component(self, rhs: Array) -> Any:
        """The defect ``z^T b``: zero for a system that has a solution."""
        return np.vdot(self.vector, rhs).item()

    def project_rhs(self, rhs: Array) -> Array:
        """A copy of b less ``M z (z^T b) / (z^T M z)``, which has a solution; exactly zero where nothing but rounding is left."""
        share = self.component(rhs) / self.weight
        projected = np.asarray(rhs - self.mass_vector * share).astype(rhs.dtype, copy=False)
        removed, left = abs(share) * self._mass_size, norm(projected)
        if left <= ROUNDING * np.finfo(rhs.dtype).eps * removed:
            projected[...] = 0.0
        elif left < removed:  # after such cancellation what is left of z may be large beside what is left of b
            projected -= self.mass_vector * (self.component(projected) / self.weight)
        return projected

    def remove(self, array: Array) -> None:
        """Take the component along z out of an array, in place, by the Euclidean inner product: what residuals need."""
        array -= self.vector * (self.component(array) / self._square)

    def normalize(self, value: Array) -> None:
        """Take the multiple of z out of x, in place, that makes its mean (by mass) zero."""
        value -= self.vector * (np.vdot(self.mass_vector, value).item() / self.weight)
