"""Solves with the blocks of an operator: each is factorized once, and refused where it is singular."""

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sparse
from scipy.linalg.lapack import get_lapack_funcs
from scipy.sparse.linalg import splu

from tensorfem.kron.mode_product import Array, Factor
from tensorfem.kron.operator import KroneckerOperator

Solve = Callable[[Array], Array]


def factorized(matrix: Factor, name: str) -> Solve:
    """The function that solves with the columns of an (n, k) array, by LU decomposition of the matrix with rows and columns scaled.

    Rows or columns that differ in scale alone do not make a matrix singular: the condition number is that after scaling (Golub & Van Loan,
    "Matrix Computations", section 3.5.2).

    Parameters
    ----------
    matrix : (n, n) array or sparse array
    name : str
        What the matrix is, for the message.

    Raises
    ------
    ValueError
        If the matrix is not square, or singular to working precision: the message tells its condition number, which LAPACK estimates
        for dense matrices and a few steps of inverse iteration (from below) for sparse ones.

    Examples
    --------
    >>> factorized(np.array([[2.0, 1.0], [0.0, 1.0]]), "factor")(np.array([[3.0], [1.0]]))
    array([[1.],
           [1.]])
    """
    if matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"{name}: got shape {matrix.shape}; solve needs a square matrix, use lstsq for others")
    rows = _scales(matrix, 1)
    half: Any = sparse.diags_array(rows) @ matrix
    columns = _scales(half, 0)
    scaled: Any = half @ sparse.diags_array(columns)
    solve, condition = _sparse(scaled) if sparse.issparse(scaled) else _dense(np.asarray(scaled))
    if not condition * np.finfo(matrix.dtype).eps < 1:
        raise ValueError(
            f"{name}: it is singular to working precision, its condition number is {condition:.3g}; use lstsq, or regularize it"
        )
    whole: Solve = lambda right: columns[:, None] * solve(rows[:, None] * right)  # noqa: E731
    return _by_parts(whole) if matrix.dtype.kind != "c" else whole


def _scales(matrix: Any, axis: int) -> Array:
    """One over the power of two next to the largest entry of each row or column: multiplying by it does not round."""
    largest: Any = abs(matrix).max(axis=axis)
    values = np.asarray(largest.toarray() if hasattr(largest, "toarray") else largest).reshape(-1)
    limit = np.finfo(values.dtype).maxexp - 2
    exponents = np.where(values > 0, np.clip(np.frexp(values)[1], -limit, limit), 0)
    return np.asarray(np.ldexp(np.ones_like(values), -exponents))


def _by_parts(solve: Solve) -> Solve:
    """A real factorization takes a complex right-hand side in two parts."""
    return lambda columns: solve(columns.real) + 1j * solve(columns.imag) if columns.dtype.kind == "c" else solve(columns)


def _dense(matrix: Array) -> tuple[Solve, float]:
    functions: Any = get_lapack_funcs(["getrf", "getrs", "gecon"], (matrix,))
    getrf, getrs, gecon = functions
    lu, pivots, failed = getrf(matrix)
    reciprocal = 0.0 if failed else float(gecon(lu, np.abs(matrix).sum(axis=0).max())[0])
    return lambda columns: getrs(lu, pivots, columns)[0], 1 / reciprocal if reciprocal else np.inf


def _sparse(matrix: Any) -> tuple[Solve, float]:
    try:
        lu = splu(matrix.tocsc())
    except RuntimeError:  # SuperLU: "Factor is exactly singular"
        return np.asarray, np.inf
    solve: Solve = lambda columns: lu.solve(np.ascontiguousarray(columns, dtype=np.result_type(columns, matrix)))  # noqa: E731
    return solve, _largest_column_sum(matrix) * _inverse_norm(lu, matrix)


def _largest_column_sum(matrix: Any) -> float:
    return float(abs(matrix).sum(axis=0).max())


def _inverse_norm(lu: Any, matrix: Any, steps: int = 3) -> float:
    """The 2-norm of the inverse, from below, by power iteration on ``A^-H A^-1``."""
    vector = np.random.default_rng(matrix.shape[0]).standard_normal(matrix.shape[0]).astype(matrix.dtype)
    norm = 0.0
    for _ in range(steps):
        vector = lu.solve(vector / np.linalg.norm(vector))
        norm = float(np.linalg.norm(vector))
        vector = lu.solve(vector / norm, trans="H")
    return norm


def block_solver(block: KroneckerOperator, name: str) -> Solve:
    """The function that solves with a batch of flat fields, one in each row: by the operator's own `solve` where it has one.

    Raises
    ------
    ValueError
        If the block is not square, or singular.
    """
    factors: tuple[Factor, ...] = getattr(block, "factors", ())
    own = getattr(block, "solve", None)
    if own is not None and len(factors) != 1:
        return _own_solver(block, own, name)
    columns = factorized(factors[0] if len(factors) == 1 else block.tosparse(), name)
    return lambda rows: columns(rows.T).T


def _own_solver(block: KroneckerOperator, solve: Solve, name: str) -> Solve:
    def solved(rows: Array) -> Array:
        try:
            return np.asarray(solve(rows.reshape(-1, *block.output_shape))).reshape(len(rows), block.shape[1])
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error

    return solved


def solve_in_form(operator: KroneckerOperator, solve: Solve, rhs: Any) -> Array:
    """Solve for a field, a batch of fields, a flat vector or columns, and give the solution in that form.

    Parameters
    ----------
    operator : KroneckerOperator
    solve : function of flat fields, one in each row
    rhs : (\\*batch, \\*output_shape), (N,) or (N, k) array
        Where fields are flat, a matrix holds columns.

    Raises
    ------
    ValueError
        If the right-hand side has another shape than these.
    """
    array, shape, size = np.asarray(rhs), operator.output_shape, operator.shape[0]
    dimension = len(shape)
    if array.shape[-dimension:] == shape and (dimension > 1 or array.ndim != 2):
        return solve(array.reshape(-1, size)).reshape(*array.shape[:-dimension], *operator.input_shape)
    if array.shape == (size,):
        return solve(array.reshape(1, size)).reshape(-1)
    if array.ndim == 2 and len(array) == size:
        return solve(array.T).T
    raise ValueError(f"solve: got an array of shape {array.shape}; allowed are {shape}, batches of it, ({size},) and columns ({size}, k)")
