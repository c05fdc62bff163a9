"""The levels of geometric multigrid, and symmetric cycles over them."""

import math
from typing import Any

import numpy as np
import scipy.linalg as linalg

from tensorfem.kron import Array, outer, require_memory
from tensorfem.solvers.level import Level, Workspace
from tensorfem.solvers.updates import multiply_into

COARSEST = 1000  # unknowns that are solved for densely
SMALLER = 3  # times, a level is than the last one visited twice, to be so itself: all visits then cost a few of the finest level's


class Levels:
    """An operator and its coarser selves, down to one that is solved densely. Called, it makes one cycle.

    A V-cycle visits each level once; a W-cycle solves twice on coarser levels, where that costs little, and does as well as the two
    finest levels would with an exact solution on the coarser one. The map is symmetric: the same polynomial smooths before and after, and
    restriction is the transpose of prolongation. It is positive definite: the polynomial is below 1 on the whole spectrum, and what a
    cycle makes of a level's operator has eigenvalues far below 2.

    Parameters
    ----------
    operator : operator
        With `coarser`, symmetric positive definite, or singular with a null vector.
    sweeps : int
        The degree of the smoothing polynomial on cubes; higher where the eigenvalues spread wider.
    dtype : dtype
        In which the cycle works.
    twice : bool
        Whether the cycle is a W-cycle.

    References
    ----------
    Brandt, Math. Comp. 31 (1977); Hackbusch, Multi-Grid Methods and Applications (1985); Adams, Brezina, Hu & Tuminaro, J. Comput. Phys.
    188 (2003).
    """

    def __init__(self, operator: Any, sweeps: int, dtype: Any, *, twice: bool) -> None:
        self.dtype = np.dtype(dtype)
        self.levels: list[Level] = []
        self._scale = _power_of_two(operator)
        while operator.shape[0] > COARSEST:
            found = operator.coarser()
            if found is None:
                break
            self.levels.append(Level.of(operator, found[1], sweeps, self.dtype, self._scale))
            operator = found[0]
        self._bottom = _inverse(operator, self._scale).astype(self.dtype)
        self._shapes = [level.operator.output_shape for level in self.levels] + [operator.output_shape]
        self._visits = _visits(self._shapes) if twice else [1] * len(self._shapes)
        self._spare: list[list[Workspace]] = []  # its `pop` and `append` are atomic: threads do not get the same one

    def __call__(self, rhs: Array) -> Array:
        """One cycle from zero, in an array of the right-hand side's type."""
        return self.into(rhs, np.empty_like(rhs))

    def into(self, rhs: Array, out: Array) -> Array:
        """One cycle from zero, into `out`, which may be `rhs`."""
        work = self._taken()
        multiply_into(work[0].rhs, rhs, 1.0)
        self._descend(0, work)
        multiply_into(out, work[0].value, self._scale)
        self._spare.append(work)
        return out

    def start(self, rhs: Array) -> Array:
        """Full multigrid: solve on the coarsest level, and make one cycle on each finer one, from what the coarser one found."""
        work, sides = self._taken(), [rhs.astype(self.dtype)]
        for level, shape in zip(self.levels, self._shapes[1:], strict=True):
            sides.append(np.zeros(shape, self.dtype))
            level.restriction.add(sides[-2], sides[-1])
        value = (self._bottom @ sides[-1].ravel()).reshape(self._shapes[-1])
        for depth in reversed(range(len(self.levels))):
            level, coarse, value = self.levels[depth], value, np.zeros(self._shapes[depth], self.dtype)
            level.prolongation.add(coarse, value)
            level.operator.residual(sides[depth], value, out=work[depth].rhs)
            self._descend(depth, work)
            value += work[depth].value
        self._spare.append(work)
        return np.asarray(value.astype(rhs.dtype) * self._scale)

    def _taken(self) -> list[Workspace]:
        try:
            return self._spare.pop()
        except IndexError:
            return [Workspace.of(shape, self.dtype) for shape in self._shapes]

    def _descend(self, depth: int, work: list[Workspace], *, from_zero: bool = True) -> None:
        """Solve approximately on one level: from its `rhs` into its `value`."""
        here = work[depth]
        if depth == len(self.levels):
            np.matmul(self._bottom, here.rhs.reshape(-1), out=here.value.reshape(-1))
            return
        level, below = self.levels[depth], work[depth + 1]
        if from_zero:
            level.smooth_from_zero(here)
        else:
            level.smooth(here)
        level.find_residual(here)
        below.rhs[...] = 0.0
        level.restriction.add(here.residual, below.rhs)
        for visit in range(self._visits[depth + 1]):
            self._descend(depth + 1, work, from_zero=visit == 0)
        level.prolongation.add(below.value, here.value)
        level.smooth(here)


def _visits(shapes: list[tuple[int, ...]]) -> list[int]:
    """How often each level is visited for one visit of the level above it; the coarsest one is solved exactly, once."""
    visits, last = [1][: len(shapes) - 1], math.prod(shapes[0])
    for shape in shapes[1:-1]:
        twice = SMALLER * math.prod(shape) <= last
        visits.append(1 + twice)
        last = math.prod(shape) if twice else last
    return [*visits, 1]


def _power_of_two(operator: Any) -> float:
    """What brings the operator's norm to about 1, so that single precision can tell all of them."""
    return math.ldexp(1.0, -math.frexp(operator.norm_bound())[1])


def _inverse(operator: Any, scale: float) -> Array:
    """The dense inverse of a multiple; of a singular operator the pseudo-inverse, up to multiples of the null vector."""
    require_memory(24.0 * operator.shape[0] ** 2, f"Multigrid: the coarsest level of {operator!r}", "use CG(preconditioner=Jacobi())")
    matrix = scale * operator.toarray().astype(np.float64)
    if operator.null_vector is not None:
        null = outer(operator.null_vector).ravel()
        matrix += np.outer(null, null) * (np.trace(matrix) / (null @ null) / null.size)
    try:
        return np.asarray(linalg.cho_solve(linalg.cho_factor(matrix), np.eye(len(matrix))))
    except linalg.LinAlgError as error:
        raise ValueError(
            f"Multigrid: the matrix of the coarsest level, {operator!r}, is not positive definite to rounding: its coefficients differ "
            "by too many orders of magnitude; use FastDiagonalization() where the problem has a Kronecker form, or scale the data"
        ) from error
