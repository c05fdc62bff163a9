"""What a linear solve returns, and what it raises."""

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tensorfem.kron import Array, KroneckerSum, slabs
from tensorfem.late import late

PART = 1 << 21  # entries of a residual that are formed at a time
_portable = late("tensorfem.kron.portable", {"norm": "place"})


def norm(array: Array) -> float:
    """The Euclidean norm, right also where squares overflow or underflow.

    Examples
    --------
    >>> norm(np.array([3e-200, 4e-200]))
    5e-200
    """
    if not isinstance(array, np.ndarray | np.generic):
        return float(_portable("norm")(array))
    flat = array.ravel()
    with np.errstate(over="ignore", under="ignore"):
        square = float(np.vdot(flat, flat).real)
    if 1e-280 < square < math.inf:
        return math.sqrt(square)
    largest = float(np.max(np.abs(flat), initial=0.0))
    return largest * norm(flat / largest) if 0 < largest < math.inf else largest


@dataclass(frozen=True, eq=False)
class LinearSolution:
    """The record of one solve of ``A x = b``.

    Attributes
    ----------
    value : array
        x, in the form in which the right-hand side came: a field or a flat vector.
    converged : bool
    reason : str
        Why the solver stopped.
    iterations : int
        0 for a direct solve.
    residual_history : tuple of float
        Relative residuals by iteration, as the solver saw them.
    defect : float
        For a singular operator, the component of b along the null space, which was taken out (FISHPACK's PERTRB); else 0.
    """

    value: Array
    converged: bool
    reason: str
    iterations: int
    residual_history: tuple[float, ...]
    defect: float
    operator: Any
    rhs: Array | None

    @functools.cached_property
    def residual(self) -> float | None:
        """The true relative residual ``|A x - b| / |b|``, computed from the operator; None where b was overwritten."""
        if self.rhs is None:
            return None
        return self._residual_norm / (norm(self.rhs) or 1.0)

    @functools.cached_property
    def backward_error(self) -> float | None:
        """``|A x - b| / (norm_bound(A) |x| + |b|)``: of the size of rounding for any stable solve, however ill-conditioned A is."""
        if self.rhs is None:
            return None
        scale = self.operator.norm_bound() * norm(self.value) + norm(self.rhs)
        return self._residual_norm / (scale or 1.0)

    @functools.cached_property
    def _residual_norm(self) -> float:
        return 0.0 if self.rhs is None else norm(np.array([norm(part) for part in self._differences(self.rhs)]))

    def _differences(self, rhs: Array) -> Iterator[Array]:
        """``A x - b``: slab by slab, so that no whole field is taken besides, where the operator can give some rows alone."""
        if not self._by_rows:
            image = self.operator.matvec(self.value)
            yield np.subtract(image, rhs, out=image) if isinstance(image, np.ndarray) else image - rhs
            return
        value, rhs = (array.reshape(self.operator.input_shape) for array in (self.value, rhs))
        for rows in slabs(len(value), value[0].size, PART):
            part = self.operator.apply(value, rows=rows)
            part -= rhs[rows]
            yield part

    @property
    def _by_rows(self) -> bool:
        if not isinstance(self.operator, KroneckerSum) or not isinstance(self.value, np.ndarray):
            return False
        first = self.operator.pencils[0]
        return self.value.size == self.operator.shape[0] > PART and all(hasattr(m, "indptr") for m in (first.stiffness, first.mass))

    def __repr__(self) -> str:
        return f"LinearSolution({self.value.shape}, converged={self.converged}, reason={self.reason!r}, iterations={self.iterations})"


class ConvergenceError(RuntimeError):
    """A solve did not reach its tolerance; `solution` is the record of the best iterate."""

    def __init__(self, message: str, solution: LinearSolution) -> None:
        super().__init__(message)
        self.solution = solution
