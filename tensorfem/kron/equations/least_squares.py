"""Least squares with a Kronecker product: one factorization per axis, whatever the number of axes."""

import dataclasses
import functools
import math
from collections.abc import Sequence
from typing import Any, Literal, Protocol

import numpy as np
import scipy.linalg
from scipy.linalg.lapack import get_lapack_funcs

from tensorfem.kron.inputs import at_least_zero, finite_array, finite_factors
from tensorfem.kron.memory import require_memory
from tensorfem.kron.mode_product import Array, Factor, mode_product
from tensorfem.kron.product import KroneckerProduct, outer


@dataclasses.dataclass(frozen=True, eq=False)
class LeastSquares:
    """What `lstsq` found; `solution` is the field that was asked for.

    Attributes
    ----------
    solution : array of shape (\\*batch, n_0, n_1, ...)
        The minimizer X, of least norm where there are several; one for each index of the batch axes of Y.
    residual_norm : array of shape (\\*batch,)
        The 2-norm of ``(A_0 (x) A_1 (x) ...) solution - Y``, computed from the solution.
    ranks : tuple of int
        The rank of each factor; that of the whole is their product.
    factors : tuple of matrices
    """

    solution: Array
    residual_norm: Array
    ranks: tuple[int, ...]
    factors: tuple[Factor, ...]

    @functools.cached_property
    def singular_values(self) -> tuple[Array, ...]:
        """Those of each factor, falling; those of the whole are all their products. Computed when first asked for."""
        return tuple(scipy.linalg.svdvals(_dense(factor)) for factor in self.factors)

    def __repr__(self) -> str:
        norms = np.asarray(self.residual_norm)
        told = f"{norms:.3g}" if norms.ndim == 0 else f"{norms.min():.3g} to {norms.max():.3g}" if norms.size else "none"
        return f"LeastSquares(solution: array of shape {self.solution.shape}, residual_norm: {told}, ranks: {self.ranks})"


class _Axis(Protocol):
    """One factor, factorized: its rank, and its pseudo-inverse along an axis."""

    @property
    def rank(self) -> int: ...

    def pseudo_solve(self, array: Array, axis: int, dimension: int) -> Array: ...


@dataclasses.dataclass(frozen=True, eq=False)
class _Triangular:
    """``A = Q R``, or ``A^H = Q R`` where A is wide, with a well-conditioned R."""

    Q: Array
    R: Array
    wide: bool

    @property
    def rank(self) -> int:
        return int(self.R.shape[0])

    def pseudo_solve(self, array: Array, axis: int, dimension: int) -> Array:
        """``R^-1 Q^H``, or for a wide matrix ``Q R^-H``: there the columns of Q span what the minimum norm allows."""
        if self.wide:
            return mode_product(self.Q, self._divided(array, axis, dimension, "C"), axis, dimension=dimension)
        return self._divided(mode_product(self.Q.conj().T, array, axis, dimension=dimension), axis, dimension, "N")

    def _divided(self, array: Array, axis: int, dimension: int, form: Literal["N", "C"]) -> Array:
        position = array.ndim - dimension + axis
        moved = np.moveaxis(array, position, 0)
        solved = scipy.linalg.solve_triangular(self.R, moved.reshape(len(moved), -1), trans=form, check_finite=False)
        return np.ascontiguousarray(np.moveaxis(solved.reshape(moved.shape), 0, position))


@dataclasses.dataclass(frozen=True, eq=False)
class _Singular:
    """``A = U diag(sigma) V^H``, and how many of the singular values count as nonzero."""

    U: Array
    sigma: Array
    V: Array
    rank: int

    def pseudo_solve(self, array: Array, axis: int, dimension: int) -> Array:
        core = mode_product(self.U[:, : self.rank].conj().T, array, axis, dimension=dimension)
        back = self.V[:, : self.rank] / self.sigma[: self.rank]
        return mode_product(back, core, axis, dimension=dimension)


def _dense(factor: Factor) -> Array:
    if not hasattr(factor, "toarray"):
        return np.asarray(factor)
    require_memory(8 * factor.shape[0] * factor.shape[1], "a dense factor", "lstsq factorizes each factor as a dense matrix")
    dense: Array = factor.toarray()
    return dense


def _tolerance(factor: Factor, rcond: float | None) -> float:
    """What share of the largest singular value counts as zero: NumPy's rule, for each factor by itself."""
    return float(np.finfo(factor.dtype).eps * max(factor.shape)) if rcond is None else rcond


def _singular(factor: Factor, rcond: float | None) -> _Singular:
    U, sigma, adjoint = scipy.linalg.svd(_dense(factor), full_matrices=False, check_finite=False)
    return _Singular(U, sigma, adjoint.conj().T, int(np.count_nonzero(sigma > _tolerance(factor, rcond) * sigma[0])))


def _factorized(factor: Factor, rcond: float | None) -> _Axis:
    """QR where the rank is full beyond doubt, else the singular values decide.

    LAPACK's estimate of the 1-norm condition of R is within a small factor and sqrt(n) of what the singular values would say.
    """
    matrix = _dense(factor)
    wide = matrix.shape[0] < matrix.shape[1]
    Q, R = scipy.linalg.qr(matrix.conj().T if wide else matrix, mode="economic", check_finite=False)
    trcon: Any = get_lapack_funcs("trcon", (R,))
    clear: float = trcon(R)[0]
    return _Triangular(Q, R, wide) if clear > 10 * len(R) * _tolerance(factor, rcond) else _singular(factor, rcond)


def _pseudo_inverse(axes: Sequence[_Axis], shape: Sequence[tuple[int, int]], array: Array) -> Array:
    """Along one axis after the other, those that shrink the field most first."""
    for axis in sorted(range(len(axes)), key=lambda i: shape[i][1] / shape[i][0]):
        array = axes[axis].pseudo_solve(array, axis, len(axes))
    return array


def _filtered(axes: Sequence[_Singular], array: Array, damping: float) -> Array:
    """Tikhonov: ``sigma / (sigma^2 + damping)`` on the core, where sigma are the products of the factors' singular values."""
    sigma = outer([axis.sigma for axis in axes]).astype(axes[0].sigma.dtype, copy=False)
    core = KroneckerProduct(*(axis.U.conj().T for axis in axes)).apply(array)
    core *= sigma / (sigma * sigma + sigma.dtype.type(damping))
    return KroneckerProduct(*(axis.V for axis in axes)).apply(core)


def lstsq(factors: Sequence[Factor], Y: Any, *, rcond: float | None = None, damping: float = 0.0) -> LeastSquares:
    """Minimize ``|(A_0 (x) A_1 (x) ...) X - Y|^2 + damping |X|^2`` for a field X; with two factors ``|A X B^T - Y|^2 + damping |X|^2``.

    Without damping the minimizer of least norm is found: ``(A (x) B)^+ = A^+ (x) B^+``, by one factorization per axis: QR where a factor
    has full rank (of the adjoint if it is wide), else its singular values. With damping all singular value decompositions are taken, and
    the field in their bases is multiplied by ``sigma / (sigma^2 + damping)``. Nothing larger than Y and the factors is formed. See Fausett
    & Fulton, "Large least squares problems involving Kronecker products" (1994), and Van Loan, "The ubiquitous Kronecker product" (2000).

    Parameters
    ----------
    factors : sequence of (m_i, n_i) arrays or sparse arrays
        One per axis, axis 0 leftmost; rectangular, rank-deficient, real or complex. Sparse ones are factorized as dense ones.
    Y : array of shape (\\*batch, m_0, m_1, ...)
        One right-hand side for each index of the leading axes.
    rcond : float, optional
        A factor's singular values count as zero up to `rcond` times its largest one; by default eps max(m_i, n_i). The rule holds factor by
        factor. `numpy.linalg.lstsq` on the whole would compare the products with the largest product instead: it also drops products of
        small but nonzero singular values. The two differ where the factors' condition numbers multiply to more than 1 / rcond; what is kept
        here may then be mostly rounding errors of Y, and `damping` is the better way.
    damping : float
        At least 0. With damping > 0 no singular value is dropped.

    Returns
    -------
    LeastSquares

    Raises
    ------
    ValueError
        Without factors, if the shapes of factors and Y do not fit, or for entries that are not finite.

    Examples
    --------
    >>> A, B = np.array([[1.0, 0.0], [0.0, 2.0], [0.0, 0.0]]), np.array([[1.0], [1.0]])
    >>> found = lstsq([A, B], np.array([[2.0, 4.0], [2.0, 2.0], [0.0, 0.0]]))
    >>> found.solution
    array([[3.],
           [1.]])
    >>> found
    LeastSquares(solution: array of shape (2, 1), residual_norm: 1.41, ranks: (2, 1))
    """
    matrices = finite_factors(factors)
    array = _right_hand_side(matrices, Y)
    filtering = at_least_zero(damping, "damping")
    cut = None if rcond is None else at_least_zero(rcond, "rcond")
    axes: list[Any] = [_singular(factor, cut) if filtering else _factorized(factor, cut) for factor in matrices]
    solution = _filtered(axes, array, filtering) if filtering else _pseudo_inverse(axes, [factor.shape for factor in matrices], array)
    residual = KroneckerProduct(*matrices).apply(solution) - array
    norms = np.linalg.norm(residual.reshape(*array.shape[: -len(axes)], math.prod(array.shape[-len(axes) :])), axis=-1)
    return LeastSquares(solution, norms, tuple(axis.rank for axis in axes), matrices)


def _right_hand_side(matrices: Sequence[Factor], Y: Any) -> Array:
    array = finite_array(Y, "Y")
    rows = tuple(factor.shape[0] for factor in matrices)
    if array.shape[-len(rows) :] != rows:
        shapes = ", ".join(str(factor.shape) for factor in matrices)
        raise ValueError(f"Y: got shape {array.shape} with factors of shapes {shapes}; the last axes must be {rows}, one per factor")
    return array
