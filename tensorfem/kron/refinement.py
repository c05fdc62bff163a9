"""Iterative refinement: many digits from an inverse that has few."""

from collections.abc import Callable
from typing import Any, NamedTuple

import array_api_compat

from tensorfem.kron.portable.place import as_number, norm


class Refined(NamedTuple):
    """A refined solution, and the relative residuals: of the first solution, and after each correction."""

    value: Any
    residuals: tuple[float, ...]


def refine(
    solve: Callable[[Any], Any], apply: Callable[[Any], Any], rhs: Any, *, single: Any, corrections: int = 3, rtol: float = 1e-12
) -> Refined:
    """Solve ``A x = b`` by an inverse in low precision and residuals in high precision.

    Each correction solves ``A d = b - A x``, scaled to size 1, and adds d: the error falls by about eps_low times the condition number of
    what rounding disturbs (Wilkinson 1963; Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., chapter 12). It ends at the
    tolerance, after so many corrections, or where one no longer halves the residual.

    Parameters
    ----------
    solve : function
        The inverse, in low precision.
    apply : function
        The operator, in the precision of `rhs`.
    rhs : array of any library
    single : dtype
        The low precision.
    corrections : int
    rtol : float

    Examples
    --------
    >>> import numpy as np
    >>> done = refine(lambda r: r / np.float32(3), lambda x: 3 * x, np.ones(2), single=np.float32)
    >>> bool(abs(done.value - 1 / 3).max() < 1e-15)
    True
    """
    xp = array_api_compat.array_namespace(rhs)
    scale = as_number(xp.max(xp.abs(rhs)))
    if scale == 0.0:
        return Refined(xp.zeros_like(rhs), (0.0,))
    rhs = rhs / scale  # squares then neither over- nor underflow
    size = norm(rhs)
    value = _corrected(xp, solve, rhs, size, single)
    residual = rhs - apply(value)
    residuals = [norm(residual) / size]
    while len(residuals) <= corrections and residuals[-1] > rtol:
        better = value + _corrected(xp, solve, residual, residuals[-1] * size, single)
        residual = rhs - apply(better)
        reached = norm(residual) / size
        if reached >= residuals[-1]:
            break
        value = better
        residuals.append(reached)
        if reached > residuals[-2] / 2:
            break
    return Refined(value * scale, tuple(residuals))


def _corrected(xp: Any, solve: Callable[[Any], Any], residual: Any, size: float, single: Any) -> Any:
    """The solution for a residual, scaled so that it neither over- nor underflows in low precision."""
    return xp.astype(solve(xp.astype(residual / size, single)), residual.dtype) * size
