"""Solves with the blocks of an operator: each is factorized once, and refused where it is singular."""

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tensorfem.kron.factorwise.factorization import Factorization
from tensorfem.kron.factorwise.inverse import precision
from tensorfem.kron.forms import mapped, numeric
from tensorfem.kron.mode_product import Array, Factor
from tensorfem.kron.operator import KroneckerOperator

Solve = Callable[[Array], Array]


def factorized(matrix: Factor, name: str) -> Solve:
    """The function that solves with the columns of an (n, k) array, by one `Factorization`.

    Columns of double precision are solved for in double precision: a matrix in single precision is then factorized once more.

    Parameters
    ----------
    matrix : (n, n) array or sparse array
    name : str
        What the matrix is, for the message.

    Raises
    ------
    ValueError
        If the matrix is not square, or singular to working precision: the message tells its condition number.

    Examples
    --------
    >>> factorized(np.array([[2.0, 1.0], [0.0, 1.0]]), "factor")(np.array([[3.0], [1.0]]))
    array([[1.],
           [1.]])
    """
    if matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"{name}: got shape {matrix.shape}; solve needs a square matrix, use lstsq for others")

    @functools.cache
    def factors(dtype: Any) -> Factorization:
        return Factorization(matrix.astype(np.result_type(matrix.dtype, dtype), copy=False), name)

    factors(precision(matrix.dtype))
    return lambda columns: factors(precision(np.result_type(matrix.dtype, columns.dtype))).solve(columns)


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
        If the right-hand side has another shape than these, or is not finite.
    """

    def solved(fields: Array) -> Array:
        batch = fields.shape[: fields.ndim - len(operator.output_shape)]
        return solve(fields.reshape(math.prod(batch), operator.shape[0])).reshape(*batch, *operator.input_shape)

    return mapped(solved, numeric(rhs, "solve"), operator.output_shape, operator.input_shape, "solve")
