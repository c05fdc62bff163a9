"""Solves of weighted normal equations: dense where they are few, else by conjugate gradients with the separable inverse."""

import abc
import functools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg as linalg
from numpy.typing import NDArray
from scipy.sparse import csr_array

from tensorfem.kron import KroneckerProduct, row_kron
from tensorfem.regression.normal import Design, NormalOperator, WeightedDesign
from tensorfem.solvers import CG
from tensorfem.solvers.preconditioner import Preconditioner

FloatArray = NDArray[np.float64]
DENSE = 800  # coefficients up to which the normal matrix is formed and factorized: in a twentieth of a second, and all is exact
EXACT = 3000  # coefficients up to which it is factorized for what takes too many solves: determinants, and errors at many points
FEW, MANY = 50, 5000  # points whose errors are rather solved for, and points that are too many for that
RTOL, PROBE_RTOL = 1e-10, 1e-5
EPS = float(np.finfo(float).eps)
PIECE = 256  # points whose variances are computed at once


class WeightedSolve(abc.ABC):
    """The inverse of the normal equations of weighted data with one smoothing.

    Parameters
    ----------
    weighted : WeightedDesign
    smoothing : sequence of float
    """

    def __init__(self, weighted: WeightedDesign, smoothing: Sequence[float]) -> None:
        self.weighted, self.design, self.smoothing = weighted, weighted.design, tuple(smoothing)
        self.roughness = self.design.spectrum.roughness(smoothing)
        self.operator = NormalOperator(weighted, smoothing)

    @abc.abstractmethod
    def inverse(self, rhs: FloatArray) -> FloatArray:
        """The coefficients for a right-hand side; of minimum norm where data and roughness do not fix them."""

    @abc.abstractmethod
    def degrees_of_freedom(self) -> float:
        """The trace of the map from weighted data to fitted values."""

    @abc.abstractmethod
    def log_determinant(self) -> float:
        """The logarithm of the determinant of the normal matrix, over that of the roughness, up to a constant.

        Raises
        ------
        ValueError
            If there are too many coefficients.
        """

    @abc.abstractmethod
    def variance(self, matrices: Sequence[Any], *, grid: bool) -> FloatArray:
        """The diagonal of ``B A^-1 B^T / count`` at points."""

    def penalty(self, coefficients: FloatArray) -> float:
        """The weighted roughness of a sum of the functions."""
        return sum(float(np.vdot(coefficients, penalty.apply(coefficients))) for penalty in self.operator.penalties)


class DenseSolve(WeightedSolve):
    """The normal matrix formed and factorized."""

    @functools.cached_property
    def _gram(self) -> FloatArray:
        gram = self.weighted.gram
        return np.asarray(gram.toarray() if hasattr(gram, "toarray") else gram)

    @functools.cached_property
    def _factored(self) -> tuple[FloatArray, float]:
        """A matrix R with the inverse ``R R^T``, and the logarithm of the determinant.

        The matrix is scaled to a unit diagonal; R comes from Cholesky's factor or, if the matrix is singular, from its eigenvectors.
        """
        matrix = self._gram.copy()
        for penalty in self.operator.penalties:
            matrix += penalty.toarray()
        diagonal = np.diag(matrix)
        scale = np.where(diagonal > 0, 1 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0)), 0.0)
        matrix = matrix * np.multiply.outer(scale, scale)
        shift = 2 * float(np.sum(np.log(scale[scale > 0])))
        factor, info = linalg.lapack.dpotrf(matrix, lower=1, clean=1)
        pivots = np.diag(factor)
        if info == 0 and np.min(pivots) ** 2 > len(matrix) * EPS:
            root = linalg.solve_triangular(factor, np.eye(len(matrix)), lower=True, trans="T")
            return scale[:, None] * root, 2 * float(np.sum(np.log(pivots))) - shift
        values, vectors = linalg.eigh(matrix)
        kept = values > len(matrix) * EPS * values[-1]
        return scale[:, None] * (vectors[:, kept] / np.sqrt(values[kept])), float(np.sum(np.log(values[kept]))) - shift

    @property
    def _root(self) -> FloatArray:
        return self._factored[0]

    def inverse(self, rhs: FloatArray) -> FloatArray:
        """By the root of the inverse."""
        return (self._root @ (self._root.T @ rhs.ravel())).reshape(rhs.shape)

    def degrees_of_freedom(self) -> float:
        """Exact: the inverse's product with the data's part of the matrix."""
        return float(np.sum(self._root * (self._gram @ self._root)))

    def log_determinant(self) -> float:
        """Exact."""
        return self._factored[1] - float(np.sum(np.log(self.roughness[self.roughness > 0])))

    def variance(self, matrices: Sequence[Any], *, grid: bool) -> FloatArray:
        """Squares of the functions' products with the root."""
        shape = tuple(int(matrix.shape[0]) for matrix in matrices) if grid else (int(matrices[0].shape[0]),)
        pieces = [np.sum((rows @ self._root) ** 2, axis=1) for rows in _rows(matrices, grid)]
        return np.concatenate(pieces).reshape(shape) / self.weighted.count


class IterativeSolve(WeightedSolve):
    """Conjugate gradients, preconditioned by the inverse for equal weights, which is elementwise in the modes."""

    @functools.cached_property
    def _nearest(self) -> FloatArray:
        total = float(self.weighted.shares.sum()) * self.design.spectrum.seen + self.roughness
        return np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)

    @property
    def _size(self) -> int:
        return math.prod(self.design.shape)

    @functools.cached_property
    def _exact(self) -> DenseSolve:
        return DenseSolve(self.weighted, self.smoothing)

    def _solver(self, rtol: float) -> Callable[[FloatArray], Any]:
        return CG(rtol=rtol, preconditioner=SeparableInverse(self.design, self._nearest)).prepare(self.operator)

    @functools.cached_property
    def _solve(self) -> Callable[[FloatArray], Any]:
        return self._solver(RTOL)

    def inverse(self, rhs: FloatArray) -> FloatArray:
        """By conjugate gradients, to a relative residual of 1e-10.

        Raises
        ------
        ConvergenceError
            If that is not reached.
        """
        return np.asarray(self._solve(rhs).value)

    def degrees_of_freedom(self) -> float:
        """The trace for the separable inverse, exactly, and the difference by random signs (Hutchinson 1990), always the same ones."""
        solve = self._solver(PROBE_RTOL)
        separable = SeparableInverse(self.design, self._nearest).approximate_inverse(self.operator)
        differences = [float(np.vdot(rhs, solve(rhs).value - separable(rhs))) for rhs in self.weighted.probes]
        return float(np.sum(self.weighted.seen * self._nearest)) + sum(differences) / len(differences)

    def log_determinant(self) -> float:
        """From a dense factor."""
        if self._size > EXACT:
            raise ValueError(
                f"smoothing: got 'reml', whose determinant is known up to {EXACT} coefficients where data are weighted, missing or "
                f"scattered; there are {self._size}: use 'gcv', or fewer functions"
            )
        return self._exact.log_determinant()

    def variance(self, matrices: Sequence[Any], *, grid: bool) -> FloatArray:
        """From a dense factor; one solve per point where points are few, or coefficients too many."""
        shape = tuple(int(matrix.shape[0]) for matrix in matrices) if grid else (int(matrices[0].shape[0]),)
        if math.prod(shape) > FEW and self._size <= EXACT:
            return self._exact.variance(matrices, grid=grid)
        if math.prod(shape) > MANY:
            raise ValueError(
                f"X: got {math.prod(shape)} points; standard errors of a fit with {self._size} coefficients to weighted, missing or "
                f"scattered data take a solve per point, and allowed are {MANY} at a time: ask for fewer points, or use fewer functions"
            )
        found = [float(np.vdot(row, self.inverse(row))) for rows in _rows(matrices, grid) for row in _fields(rows, self.design.shape)]
        return np.reshape(found, shape) / self.weighted.count


@dataclass(frozen=True, eq=False, repr=False)
class SeparableInverse(Preconditioner):
    """The inverse of normal equations that are diagonal in the modes."""

    design: Design
    inverse: FloatArray

    def approximate_inverse(self, operator: Any) -> Callable[[FloatArray], FloatArray]:
        """Into the modes, times the reciprocals, and back."""
        vectors = KroneckerProduct(*(axis.vectors for axis in self.design.modes))
        turned = vectors.T
        return lambda residual: vectors.apply(self.inverse * turned.apply(residual))


def weighted_solve(weighted: WeightedDesign, smoothing: Sequence[float]) -> WeightedSolve:
    """The solve that suits the number of coefficients."""
    kind = DenseSolve if math.prod(weighted.design.shape) <= DENSE else IterativeSolve
    return kind(weighted, smoothing)


def _rows(matrices: Sequence[Any], grid: bool) -> Iterator[Any]:
    """Rows of the design at points, some at a time, sparse; a grid's in C order."""
    counts = tuple(int(matrix.shape[0]) for matrix in matrices)
    size = math.prod(counts) if grid else counts[0]
    for start in range(0, size, PIECE):
        places = np.arange(start, min(start + PIECE, size))
        index = np.unravel_index(places, counts) if grid else [places] * len(matrices)
        yield row_kron(*(csr_array(matrix)[k] for matrix, k in zip(matrices, index, strict=True))).tosparse()


def _fields(rows: Any, shape: tuple[int, ...]) -> Iterator[FloatArray]:
    for k in range(rows.shape[0]):
        yield rows[[k]].toarray().reshape(shape)
