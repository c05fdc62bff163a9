"""A multigrid hierarchy of smoothed aggregation, made by pyamg, and one symmetric V-cycle over it."""

import contextlib
import math
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg as linalg
import scipy.sparse as sparse

from tensorfem.kron import Array

SEED = 1996  # pyamg estimates spectral radii from random vectors: always the same ones
COARSEST = 50  # unknowns that are solved for densely
LEVELS = 30
_GLOBALS = threading.Lock()


@dataclass(frozen=True, eq=False)
class Level:
    """The matrix of one level and the interpolation to it from the next coarser one; restriction is the transpose."""

    matrix: Any
    interpolation: Any
    restriction: Any


class Hierarchy:
    """The levels of one matrix; its V-cycle is a symmetric positive definite map, and may be used by several threads.

    Parameters
    ----------
    matrix : (n, n) sparse array
        Symmetric, positive definite or with the null vector `candidate`.
    candidate : (n,) array
        What no coarse level may miss: the null vector, or what is near it.
    singular : bool
        Whether `candidate` spans the null space.
    strength : str
        pyamg's measure of strong connections.

    References
    ----------
    Vanek, Mandel & Brezina, Computing 56 (1996); Olson, Schroder & Tuminaro, "A new perspective on strength measures in algebraic
    multigrid", Numer. Linear Algebra Appl. 17 (2010); Bell, Olson, Schroder & Southworth, "PyAMG", JOSS 8 (2023).
    """

    def __init__(self, matrix: Any, candidate: Array, *, singular: bool, strength: str) -> None:
        # pyamg compares energies with absolute thresholds: the diagonal is brought to about 1, by a power of two.
        self._exponent = math.frexp(float(np.max(matrix.diagonal())))[1]
        scaled = sparse.csr_array((np.ldexp(matrix.data, -self._exponent), matrix.indices, matrix.indptr), shape=matrix.shape)
        with _undisturbed():
            self._smooth, made = _smoothed_aggregation(scaled, candidate, strength)
        self.levels = [Level(sparse.csr_array(u.A), sparse.csr_array(u.P), sparse.csr_array(u.P.T)) for u in made[:-1]]
        self._coarse = _pseudo_inverse(made[-1].A.toarray(), singular)

    def cycle(self, rhs: Array) -> Array:
        """One V-cycle from zero: a forward Gauss-Seidel sweep on the way down, a backward one on the way up."""
        return np.ldexp(self._descend(0, rhs), -self._exponent)

    def _descend(self, depth: int, rhs: Array) -> Array:
        if depth == len(self.levels):
            return np.asarray(self._coarse @ rhs)
        level = self.levels[depth]
        value = np.zeros_like(rhs)
        self._smooth(level.matrix, value, rhs, sweep="forward")
        value += level.interpolation @ self._descend(depth + 1, level.restriction @ (rhs - level.matrix @ value))
        self._smooth(level.matrix, value, rhs, sweep="backward")
        return value


def _smoothed_aggregation(matrix: Any, candidate: Array, strength: str) -> tuple[Callable[..., None], list[Any]]:
    """pyamg's Gauss-Seidel sweep, and the levels it makes of a matrix.

    Interpolation by energy minimization keeps the coarse matrices sparse on stretched cells, where the default one fills them (operator
    complexity 1.4 against 6.3 in three dimensions).
    """
    from pyamg import smoothed_aggregation_solver
    from pyamg.relaxation.relaxation import gauss_seidel

    hierarchy = smoothed_aggregation_solver(
        matrix,
        B=candidate[:, None],
        symmetry="symmetric",
        strength=strength,
        smooth="energy",
        max_levels=LEVELS,
        max_coarse=COARSEST,
        keep=False,
    )
    return gauss_seidel, hierarchy.levels


def _pseudo_inverse(matrix: Array, singular: bool) -> Array:
    """The inverse on the coarsest level; the null vector, if there is one, is known to be one, whatever its eigenvalue became."""
    eigenvalues, vectors = linalg.eigh((matrix + matrix.T) / 2)
    keep = eigenvalues > eigenvalues[-1] * matrix.shape[0] * np.finfo(np.float64).eps
    keep[0] &= not singular
    return np.asarray((vectors[:, keep] / eigenvalues[keep]) @ vectors[:, keep].T)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Keep pyamg from the caller's warning filters and random numbers: it edits the first when imported, and draws from NumPy's
    global generator."""
    with _GLOBALS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        state = np.random.get_state()  # noqa: NPY002
        np.random.seed(SEED)  # noqa: NPY002
        try:
            yield
        finally:
            np.random.set_state(state)  # noqa: NPY002
