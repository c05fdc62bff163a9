"""The levels of geometric multigrid, and symmetric cycles over them."""

import math
from typing import Any

import numpy as np
import scipy.linalg as linalg

from tensorfem.kron import Array, outer, require_memory
from tensorfem.solvers.level import Level, Workspace
from tensorfem.solvers.updates import multiply_into

COARSEST = 1000  # unknowns that are solved for densely
MORE = 2  # sweeps on coarser levels, where they cost little: so V-cycles of many levels do as well as those of two


class Levels:
    """An operator and its coarser selves, down to one that is solved densely. Called, it makes one V-cycle.

    The map is symmetric and positive definite: the same polynomial smooths before and after, restriction is the transpose of
    prolongation, and the polynomial is below 1 on the whole spectrum.

    Parameters
    ----------
    operator : operator
        With `coarser`, symmetric positive definite, or singular with a null vector.
    sweeps : int
        The degree of the smoothing polynomial on cubes; higher where the eigenvalues spread wider.
    dtype : dtype
        In which the cycle works.

    References
    ----------
    Brandt, Math. Comp. 31 (1977); Hackbusch, Multi-Grid Methods and Applications (1985); Adams, Brezina, Hu & Tuminaro, J. Comput. Phys.
    188 (2003).
    """

    def __init__(self, operator: Any, sweeps: int, dtype: Any) -> None:
        self.dtype = np.dtype(dtype)
        self.levels: list[Level] = []
        self._scale = _power_of_two(operator)
        while operator.shape[0] > COARSEST:
            found = operator.coarser()
            if found is None:
                break
            self.levels.append(Level.of(operator, found[1], sweeps + min(len(self.levels), MORE), self.dtype, self._scale))
            operator = found[0]
        self._bottom = _inverse(operator, self._scale).astype(self.dtype)
        self._shapes = [level.operator.output_shape for level in self.levels] + [operator.output_shape]
        self._spare: list[list[Workspace]] = []  # its `pop` and `append` are atomic: threads do not get the same one

    def __call__(self, rhs: Array) -> Array:
        """One V-cycle from zero, in an array of the right-hand side's type."""
        return self.into(rhs, np.empty_like(rhs))

    def into(self, rhs: Array, out: Array) -> Array:
        """One V-cycle from zero, into `out`, which may be `rhs`."""
        work = self._taken()
        multiply_into(work[0].rhs, rhs, 1.0)
        self._descend(0, work)
        multiply_into(out, work[0].value, self._scale)
        self._spare.append(work)
        return out

    def start(self, rhs: Array) -> Array:
        """Full multigrid: solve on the coarsest level, and make one V-cycle on each finer one, from what the coarser one found."""
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

    def _descend(self, depth: int, work: list[Workspace]) -> None:
        """Solve approximately on one level: from its `rhs` into its `value`."""
        here = work[depth]
        if depth == len(self.levels):
            np.matmul(self._bottom, here.rhs.reshape(-1), out=here.value.reshape(-1))
            return
        level, below = self.levels[depth], work[depth + 1]
        level.smooth_from_zero(here)
        level.find_residual(here)
        below.rhs[...] = 0.0
        level.restriction.add(here.residual, below.rhs)
        self._descend(depth + 1, work)
        level.prolongation.add(below.value, here.value)
        level.smooth(here)


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
    return np.asarray(linalg.cho_solve(linalg.cho_factor(matrix), np.eye(len(matrix))))
