"""Preconditioned conjugate gradients, which believe no residual but one that was recomputed."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tensorfem.kron import Array, KroneckerSum
from tensorfem.solvers.nullspace import NullSpace
from tensorfem.solvers.solution import norm
from tensorfem.solvers.solver import Outcome
from tensorfem.solvers.stopping import Stopping
from tensorfem.solvers.updates import add_multiple, inner, turn

EPS = float(np.finfo(np.float64).eps)
Map = Callable[[Array], Array]
AT_ROUNDING = 64  # times the rounding of a residual: an iterate that stays there is as good as float64 can tell


class IndefinitePreconditionerError(ValueError):
    """The preconditioner is not, or in its precision not any more, positive definite."""


def require_definite(operator: Any, name: str) -> None:
    """Refuse an operator that is neither positive definite nor singular with a known null vector.

    Raises
    ------
    ValueError
        That names the solvers to use instead.
    """
    if not getattr(operator, "definite", True) and operator.null_vector is None:
        instead = "FastDiagonalization() or Direct()" if isinstance(operator, KroneckerSum) else "Direct()"
        raise ValueError(
            f"{name}: a negative reaction takes positive definiteness from {operator!r}, and this iteration needs it; use {instead}"
        )


class ConjugateGradients:
    """The iteration on one operator: a function of the right-hand side, which may be called from several threads.

    The right-hand side is scaled by a power of two, so that nothing overflows. On a singular operator residuals and directions are kept
    orthogonal to the null vector. When the recursion claims the tolerance, the residual is recomputed, and the iteration restarted from it
    if the claim was false; restarts that gain nothing end it.

    Parameters
    ----------
    operator : operator
        Symmetric positive definite, or singular with a null vector.
    stopping : Stopping
    inverse : function, optional
        The preconditioner: a fixed, linear, symmetric positive definite map of arrays. One that has a method `into`, which takes an array
        for its result too, is given one that is used again.
    start : function, optional
        What finds an iterate to start from in the right-hand side; without it, or where that is no better, the start is zero.

    References
    ----------
    Hestenes & Stiefel 1952; van der Vorst & Ye, "Residual replacement strategies for Krylov subspace iterative methods",
    SIAM J. Sci. Comput. 22 (2000).
    """

    def __init__(self, operator: Any, stopping: Stopping, inverse: Map | None = None, start: Map | None = None) -> None:
        self.operator = operator
        self.stopping = stopping
        self.limit = stopping.limit(operator.shape[0])
        self.inverse = inverse
        self.start = start
        self._null = NullSpace(operator) if operator.null_vector is not None else None

    def __call__(self, rhs: Array, overwrite: bool) -> Outcome:
        """Solve for a right-hand side shaped as the grid; it is left as it is."""
        if not rhs.any():
            return Outcome(np.zeros_like(rhs), reason="the right-hand side is zero", residual_history=(0.0,))
        return _Run(self, rhs).outcome()

    def project(self, array: Array) -> bool:
        """Take the component along the null vector out, in place; whether there is one."""
        if self._null is not None:
            self._null.remove(array)
        return self._null is not None

    def precondition(self, residual: Array, out: Array) -> Array:
        """The preconditioned residual: another array, perhaps the one offered, or the residual itself."""
        if self.inverse is None:
            return residual
        into = getattr(self.inverse, "into", None)
        result = self.inverse(residual) if into is None else into(residual, out)
        self.project(result)
        return result


class _Run:
    """One solve: the iterate, its residual, and the best iterate so far."""

    def __init__(self, method: ConjugateGradients, rhs: Array) -> None:
        self.method = method
        self.target = method.stopping.relative(norm(rhs))
        self.exponent = math.frexp(float(np.max(np.abs(rhs))))[1]
        self.rhs = np.ldexp(rhs, -self.exponent)
        self.size = norm(self.rhs)
        self.value = np.zeros_like(self.rhs)
        self.residual = self.rhs.copy()
        self.best: Array | None = None
        self.best_residual = math.inf
        self.history = [1.0]
        self._room: Array | None = None  # for images and preconditioned residuals: neither is needed once the other is made
        if method.start is not None:
            self._begin(method.start(self.rhs))

    def _begin(self, value: Array) -> None:
        """Start from a value, if its residual is smaller than the right-hand side."""
        residual = self.rhs - self._apply(value)
        self.method.project(residual)
        if norm(residual) < self.size:
            self.value, self.residual, self.history = value, residual, [norm(residual) / self.size]

    @property
    def iterations(self) -> int:
        return len(self.history) - 1

    def outcome(self) -> Outcome:
        """Iterate, restart, and say how it ended."""
        previous = math.inf
        while True:
            stopped = self._descend()
            true = self._recompute()
            if true <= self.target:
                return self._ended(True, f"the relative residual fell below {self.target:.3g}")
            if stopped:
                return self._ended(False, f"{stopped} at a relative residual of {self._take_best(true):.3g}, above {self.target:.3g}")
            if true > previous / 2:
                return self._stagnated(self._take_best(true))
            previous = true

    def _descend(self) -> str:
        """Conjugate gradients from the present residual until the recursion claims the tolerance; else why it stopped before."""
        if self.history[-1] <= self.target:
            return ""
        z, rho = self._preconditioned()
        direction = z.copy()
        while self.iterations < self.method.limit:
            if not self._step(direction, rho):
                return "the search direction was lost in rounding"
            if self.history[-1] <= self.target:
                return ""
            z, new = self._preconditioned()
            turn(direction, new / rho, z)
            rho = new
        return f"stopped after {self.iterations} iterations"

    def _preconditioned(self) -> tuple[Array, float]:
        z = self.method.precondition(self.residual, self._taken(self.residual.dtype))
        rho = inner(self.residual, z)
        if not 0 < rho < math.inf:
            raise IndefinitePreconditionerError(
                f"preconditioner: r . z = {rho:.3g} for a residual r; it must be a symmetric positive definite map, "
                'as those of Jacobi, AMG and FastDiagonalization are; that of Multigrid needs precision="double" where cells are stretched '
                "so far, or coefficients differ so much, that single precision loses the softest modes"
            )
        return z, rho

    def _step(self, direction: Array, rho: float) -> bool:
        """One step along a direction; False where rounding hides its curvature."""
        image = self._apply(direction)
        curvature = inner(direction, image)
        if not 0 < curvature < math.inf:
            self._explain(curvature, norm(direction) * norm(image))
            return False
        step = rho / curvature
        before = self.history[-1]
        after = add_multiple(self.residual, -step, image) / self.size
        if self.method.project(self.residual):
            after = norm(self.residual) / self.size
        if after > before and before < self.best_residual and self.iterations:  # it turns up here: keep what was
            self.best, self.best_residual = self.value.copy(), before
        add_multiple(self.value, step, direction)
        self.history.append(after)
        if self.method.stopping.callback is not None:
            self.method.stopping.callback(self.iterations, after, np.ldexp(self.value, self.exponent))
        return True

    def _apply(self, array: Array) -> Array:
        """The operator's image, in an array that is used again: first touch of fresh memory takes longer than a fused apply."""
        operator = self.method.operator
        if not isinstance(operator, KroneckerSum) and not hasattr(operator, "coarser"):
            image: Array = operator.matvec(array)
            return image
        return np.asarray(operator.apply(array, out=self._taken(np.result_type(operator.dtype, array.dtype))))

    def _taken(self, dtype: Any) -> Array:
        if self._room is None or self._room.dtype != dtype:
            self._room = np.empty(self.residual.shape, dtype)
        return self._room

    def _explain(self, curvature: float, scale: float) -> None:
        if not math.isfinite(curvature):
            raise ValueError(f"operator: p . A p = {curvature} for a direction p; its entries are not finite, or too large")
        if curvature < -AT_ROUNDING * EPS * scale:
            raise ValueError(
                f"operator: p . A p = {curvature:.3g} for a direction p, so {self.method.operator!r} is not positive definite; "
                "use FastDiagonalization(), if it is a Kronecker sum, or Direct()"
            )

    def _recompute(self) -> float:
        """The true residual takes the place of the recursive one; its relative size."""
        np.subtract(self.rhs, self._apply(self.value), out=self.residual)
        self.history[-1] = norm(self.residual) / self.size
        return self.history[-1]

    def _take_best(self, true: float) -> float:
        """Go back to the best iterate, if one was better than the last; the relative residual of the one taken."""
        if self.best is None or self.best_residual >= true:
            return true
        last, self.value = self.value, self.best
        if self._recompute() > true:
            self.value, self.history[-1] = last, true
        return self.history[-1]

    def _stagnated(self, reached: float) -> Outcome:
        """The recursion met the tolerance, the residual does not: rounding is in the way."""
        size = norm(self.method.operator.diagonal() * self.value) + self.size
        reason = f"stagnated at a relative residual of {reached:.3g}: below is not reachable in float64"
        if reached * self.size <= AT_ROUNDING * EPS * size:
            return self._ended(True, reason)
        return self._ended(False, f"{reason}; ask for rtol >= {2 * reached:.1g}")

    def _ended(self, converged: bool, reason: str) -> Outcome:
        np.ldexp(self.value, self.exponent, out=self.value)
        return Outcome(self.value, converged, reason, self.iterations, tuple(self.history))
