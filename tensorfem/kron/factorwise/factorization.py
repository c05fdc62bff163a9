"""The LU factorization of one factor, with an estimate of how far from singular the factor is."""

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.linalg as linalg
import scipy.sparse as sparse

from tensorfem.kron.mode_product import Array, Factor, is_sparse

COLUMNS = 1000  # unknowns up to which an error tells the exact condition number, which takes a singular value decomposition
TRIALS = 5  # Hager's method hardly ever takes more

Solve = Callable[[Array, str], Array]


class Factorization:
    """The LU factors of a square matrix with rows and columns scaled by powers of two, dense or sparse as the matrix is.

    A matrix whose rows or columns differ in scale alone is not singular: the condition number is that after scaling
    (Golub & Van Loan, Matrix Computations, 4th ed., section 3.5.2).

    Parameters
    ----------
    factor : (n, n) array or sparse array
        Of finite numbers, in single or double precision.
    name : str
        What the matrix is, for the error.

    Raises
    ------
    ValueError
        If the matrix is singular to working precision; the matrix, its shape and its condition number are named.

    Examples
    --------
    >>> Factorization(np.array([[2.0, 0.0], [1.0, 1.0]]), "factor 0").solve(np.array([[2.0], [3.0]]))
    array([[1.],
           [2.]])
    """

    def __init__(self, factor: Factor, name: str) -> None:
        magnitudes = abs(factor)
        self._rows = _powers(magnitudes.max(axis=1), factor.dtype)
        self._columns = _powers(_scaled(magnitudes, self._rows).max(axis=0), factor.dtype)
        scaled = _scaled(factor, self._rows, self._columns)
        self.dtype = factor.dtype
        self._solve = _sparse_lu(scaled) if is_sparse(scaled) else _dense_lu(np.asarray(scaled))
        norm = float(abs(scaled).sum(axis=0).max())
        condition = np.inf if self._solve is None else norm * inverse_norm(self._solve, factor.shape[0], factor.dtype)
        if not condition < 1 / np.finfo(factor.dtype).eps:
            raise ValueError(
                f"{name}: the matrix of shape {factor.shape} is singular to working precision, its condition number is "
                f"{_condition(factor, condition):.3g}; use pinv() or lstsq for a solution of least squares, or regularize it"
            )

    def solve(self, columns: Array) -> Array:
        """Solve for the columns of an (n, k) array; complex columns with a real matrix are solved part by part."""
        if np.iscomplexobj(columns) and not np.issubdtype(self.dtype, np.complexfloating):
            parts = np.ascontiguousarray(columns).view(columns.real.dtype)
            return np.ascontiguousarray(self.solve(parts)).view(columns.dtype)
        ours = (self._rows[:, None] * columns).astype(self.dtype, copy=False)
        return self._columns[:, None] * self._solve(ours, "N")  # type: ignore[misc]


def inverse_norm(solve: Solve, size: int, dtype: Any) -> float:
    """A lower bound, mostly sharp, of the 1-norm of an inverse that is given by its action.

    Hager, "Condition estimates", SIAM J. Sci. Stat. Comput. 5 (1984), with the alternating vector of Higham, "FORTRAN codes for
    estimating the one-norm", ACM Trans. Math. Software 14 (1988). Nothing in it is random.

    Parameters
    ----------
    solve : function of an (n, 1) array and "N" or "H": solves with the matrix or its adjoint

    Examples
    --------
    >>> inverse_norm(lambda columns, mode: columns / np.array([[2.0], [0.25]]), 2, float)
    4.0
    """
    steps = np.arange(size) / max(1, size - 1)
    alternating = ((-1.0) ** np.arange(size) * (1 + steps))[:, None].astype(dtype)
    bound = float(2 * np.abs(solve(alternating, "N")).sum() / (3 * size))
    vector = np.full((size, 1), 1 / size, dtype=dtype)
    for _ in range(TRIALS):
        image = solve(vector, "N")
        bound = max(bound, float(np.abs(image).sum()))
        slopes = solve(_signs(image), "H")
        best = int(np.argmax(np.abs(slopes)))
        if not np.abs(slopes[best, 0]) > np.abs(np.vdot(slopes, vector)):
            break
        vector = np.zeros_like(vector)
        vector[best] = 1
    return bound


def _signs(image: Array) -> Array:
    sizes = np.abs(image)
    return np.where(sizes == 0, 1, image / np.where(sizes == 0, 1, sizes)).astype(image.dtype)


def _scaled(matrix: Factor, rows: Array, columns: Any = 1) -> Factor:
    """The matrix with its rows and columns multiplied by numbers, sparse as it is."""
    if not is_sparse(matrix):
        return rows[:, None] * matrix * columns
    left: Any = sparse.diags_array(rows)
    return left @ matrix @ sparse.diags_array(np.broadcast_to(columns, matrix.shape[1:]).astype(rows.dtype))


def _powers(largest: Any, dtype: Any) -> Array:
    """One over the powers of two next to the largest magnitudes: scaling by them does not round."""
    values = np.asarray(largest.toarray() if is_sparse(largest) else largest)
    exponents = np.where(values > 0, np.frexp(values)[1], 0)
    limit = np.finfo(dtype).maxexp - 2
    scales: Array = np.ldexp(np.ones((), dtype=values.dtype), -np.clip(exponents, -limit, limit))
    return scales


def _dense_lu(matrix: Array) -> Solve | None:
    lapack: Any = linalg.get_lapack_funcs(("getrf", "getrs"), (matrix,))
    factors, pivots, info = lapack[0](matrix)
    return None if info else lambda columns, mode: lapack[1](factors, pivots, columns, trans="NTH".index(mode))[0]


def _sparse_lu(matrix: Any) -> Solve | None:
    from scipy.sparse.linalg import splu

    try:
        solver: Any = splu(sparse.csc_array(matrix))
    except RuntimeError:  # "Factor is exactly singular"
        return None
    return lambda columns, mode: solver.solve(np.ascontiguousarray(columns), mode)


def _condition(factor: Factor, estimate: float) -> float:
    if factor.shape[0] > COLUMNS:
        return estimate
    return float(np.linalg.cond(factor.toarray() if is_sparse(factor) else factor))
