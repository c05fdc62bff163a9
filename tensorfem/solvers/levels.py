"""The levels of geometric multigrid, and symmetric cycles over them."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg as linalg

from tensorfem.kron import Array, mode_product, outer, require_memory
from tensorfem.solvers.chebyshev import largest_eigenvalue, recurrence
from tensorfem.solvers.updates import relax

COARSEST = 1000  # unknowns that are solved for densely
EXPLICIT = 1 << 22  # entries up to which a matrix is formed where kernels do not pay
LOWEST = 0.375  # eigenvalue that smoothing damps, of the operator over its diagonal: coarser functions see those below
ISOTROPIC = 1.5  # the largest eigenvalue on squares and cubes


class Levels:
    """An operator and its coarser selves, down to one that is solved densely.

    Parameters
    ----------
    operator : operator
        With `coarser`, symmetric positive definite, or singular with a null vector.
    sweeps : int
        The degree of the smoothing polynomial.
    dtype : dtype
        In which the cycle works.
    """

    def __init__(self, operator: Any, sweeps: int, dtype: Any) -> None:
        self.dtype = np.dtype(dtype)
        self.levels: list[Level] = []
        while operator.shape[0] > COARSEST:
            found = operator.coarser()
            if found is None:
                break
            self.levels.append(Level.of(operator, found[1], sweeps, self.dtype))
            operator = found[0]
        self.shape = operator.output_shape
        self._bottom = _inverse(operator).astype(self.dtype)
        self._spare: list[list[Workspace]] = []

    def cycle(self, rhs: Array) -> Array:
        """One V-cycle from zero: a symmetric positive definite map of right-hand sides; the result is an array of their own type."""
        work = self._taken()
        result = np.empty_like(rhs)
        if self.levels:
            np.copyto(work[0].rhs, rhs, casting="same_kind")
            self._descend(0, work)
            np.copyto(result, work[0].value)
        else:
            result[...] = (self._bottom @ rhs.ravel().astype(self.dtype)).reshape(rhs.shape)
        self._spare.append(work)
        return result

    def _taken(self) -> "list[Workspace]":
        try:
            return self._spare.pop()
        except IndexError:
            shapes = [level.operator.output_shape for level in self.levels] + [self.shape]
            return [Workspace.of(shape, self.dtype) for shape in shapes]

    def _descend(self, depth: int, work: "list[Workspace]") -> None:
        """Solve approximately on one level: from its `rhs` into its `value`."""
        here = work[depth]
        if depth == len(self.levels):
            np.matmul(self._bottom, here.rhs.ravel(), out=here.value.reshape(-1))
            return
        level, below = self.levels[depth], work[depth + 1]
        level.smooth_from_zero(here)
        level.residual(here)
        level.restrict(here.residual, below.rhs)
        self._descend(depth + 1, work)
        level.prolong(below.value, here.step)
        np.add(here.value, here.step, out=here.value)
        level.smooth(here)


@dataclass(frozen=True, eq=False)
class Workspace:
    """The fields of one level during a cycle."""

    rhs: Array
    value: Array
    step: Array
    residual: Array

    @classmethod
    def of(cls, shape: tuple[int, ...], dtype: Any) -> "Workspace":
        """Four fields, zero: so that their memory is there when it is first timed."""
        return cls(*(np.zeros(shape, dtype=dtype) for _ in range(4)))


@dataclass(frozen=True, eq=False)
class Level:
    """One level: its operator, what smooths there, and the way to the next.

    Attributes
    ----------
    operator : operator
    inverse : array
        Of the diagonal.
    clusters : Clusters or None
        Corrections that the diagonal does not make.
    steps : tuple of (momentum, factor)
        Of the smoothing polynomial.
    factors : tuple of (n_fine, n_coarse) matrices
        Of the prolongation.
    """

    operator: Any
    inverse: Array
    clusters: Any
    steps: tuple[tuple[float, float], ...]
    factors: tuple[Any, ...]

    @classmethod
    def of(cls, operator: Any, prolongation: Any, sweeps: int, dtype: Any) -> "Level":
        """The level of an operator above a prolongation."""
        diagonal = operator.diagonal()
        clusters = operator.clusters(diagonal) if hasattr(operator, "clusters") else None
        inverse = 1 / diagonal
        form = _quickest(operator)
        bound = operator.jacobi_bound() if clusters is None and hasattr(operator, "jacobi_bound") else None
        if bound is None:
            bound = largest_eigenvalue(form.apply, lambda r: _preconditioned(r, inverse, clusters), operator.output_shape)
        factors = tuple(factor.astype(dtype) for factor in prolongation.factors)
        return cls(form.astype(dtype), inverse.astype(dtype), clusters, tuple(recurrence(bound, bound / LOWEST, _degree(sweeps, bound))), factors)

    def smooth_from_zero(self, work: Workspace) -> None:
        """Smooth, the value being zero."""
        work.value[...] = 0.0
        self._relax(work, work.rhs, *self.steps[0])
        self._smooth(work, self.steps[1:])

    def smooth(self, work: Workspace) -> None:
        """Smooth the value."""
        self._smooth(work, self.steps)

    def _smooth(self, work: Workspace, steps: tuple[tuple[float, float], ...]) -> None:
        for momentum, factor in steps:
            self.operator.residual(work.rhs, work.value, out=work.residual)
            self._relax(work, work.residual, momentum, factor)

    def _relax(self, work: Workspace, residual: Array, momentum: float, factor: float) -> None:
        """One step of the polynomial, the residual known."""
        corrected = None
        if self.clusters is not None:
            places = self.clusters.unknowns
            corrected = self.clusters.correction @ residual.reshape(-1)[places]
        relax(work.value, work.step, residual, self.inverse, (momentum, factor))
        if corrected is not None:
            corrected *= factor
            work.step.reshape(-1)[places] += corrected
            work.value.reshape(-1)[places] += corrected

    def residual(self, work: Workspace) -> None:
        """The residual of the value, into `residual`."""
        self.operator.residual(work.rhs, work.value, out=work.residual)

    def restrict(self, fine: Array, out: Array) -> None:
        """The transposed prolongation: along the last axis first."""
        for axis in reversed(range(fine.ndim)):
            fine = mode_product(self.factors[axis].T, fine, axis, out=out if axis == 0 else None)

    def prolong(self, coarse: Array, out: Array) -> None:
        """The prolongation: along the first axis first."""
        for axis, factor in enumerate(self.factors):
            coarse = mode_product(factor, coarse, axis, out=out if axis == coarse.ndim - 1 else None)


def _degree(sweeps: int, largest: float) -> int:
    """The degree that damps up to this eigenvalue as well as so many sweeps do on cubes, whose eigenvalues end at 1.5."""
    return math.ceil(sweeps * math.sqrt(max(largest, ISOTROPIC) / ISOTROPIC) - 0.3)


def _quickest(operator: Any) -> Any:
    """The operator, or where no kernels are for it and it is small, its explicit matrix."""
    as_it_is = operator.compiled or operator.entries > EXPLICIT
    return operator if as_it_is else Explicit(operator.tosparse(), operator.output_shape)


@dataclass(frozen=True, eq=False)
class Explicit:
    """An operator as its matrix.

    Attributes
    ----------
    matrix : sparse array
    output_shape : tuple of int
    """

    matrix: Any
    output_shape: tuple[int, ...]

    def apply(self, array: Array) -> Array:
        """The image of a field."""
        image: Array = (self.matrix @ array.reshape(-1)).reshape(self.output_shape)
        return image

    def residual(self, rhs: Array, array: Array, out: Array) -> None:
        """What is left of a right-hand side."""
        np.subtract(rhs, self.apply(array), out=out)

    def astype(self, dtype: Any) -> "Explicit":
        """In another precision."""
        return Explicit(self.matrix.astype(dtype), self.output_shape)


def _preconditioned(residual: Array, inverse: Array, clusters: Any) -> Array:
    result = inverse * residual
    if clusters is not None:
        result.reshape(-1)[clusters.unknowns] += clusters.correction @ residual.reshape(-1)[clusters.unknowns]
    return result


def _inverse(operator: Any) -> Array:
    """The dense inverse; of a singular operator one that agrees with the pseudo-inverse but for multiples of the null vector."""
    require_memory(16.0 * operator.shape[0] ** 2, f"Multigrid: the coarsest level of {operator!r}", "use CG() with Jacobi()")
    matrix = operator.toarray().astype(np.float64)
    if operator.null_vector is not None:
        null = outer(operator.null_vector).ravel()
        matrix += np.outer(null, null) * (np.trace(matrix) / (null @ null) / null.size)
    return np.asarray(linalg.cho_solve(linalg.cho_factor(matrix), np.eye(len(matrix))))
