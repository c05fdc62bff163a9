"""Matrix equations that are Kronecker sums of two axes: Sylvester's and the generalized one."""

from typing import Any

import numpy as np

from tensorfem.kron.matrix import all_finite
from tensorfem.kron.mode_product import Array, Factor, as_factor
from tensorfem.kron.spectral.resonance import describe
from tensorfem.kron.sum import KroneckerSum
from tensorfem.kron.sum_of_matrices import kronsum


def solve_sylvester(A: Factor, B: Factor, C: Any) -> Array:
    """Solve ``A X + X B = C``, that is ``(A (x) I + I (x) B^T) vec(X) = vec(C)`` in C order.

    Symmetric (Hermitian) A and B are diagonalized; otherwise Schur forms and recursive back substitution are taken (Bartels & Stewart 1972;
    Jonsson & Kagstrom 2002).

    Parameters
    ----------
    A : (m, m) array or sparse array
    B : (n, n) array or sparse array
    C : (m, n) array

    Returns
    -------
    X : (m, n) array

    Raises
    ------
    ValueError
        If shapes do not fit, something is not finite, or there is no unique solution: an eigenvalue of A is minus one of B.

    Examples
    --------
    >>> solve_sylvester(np.array([[1.0]]), np.array([[1.0, 0.0], [0.0, 3.0]]), np.array([[2.0, 8.0]]))
    array([[1., 2.]])
    """
    left, right, rhs = as_factor(A), as_factor(B), _field(C, "C")
    _check_fit({"A": left, "B": right}, rhs, "C")
    operator = kronsum(left, as_factor(right.T))
    _require_unique(operator, "A X + X B = C", "A", "B")
    return operator.solve(rhs)


def solve_generalized_sylvester(A: Factor, B: Factor, C: Factor, D: Factor, E: Any) -> Array:
    """Solve ``A X B + C X D = E``, that is ``(A (x) B^T + C (x) D^T) vec(X) = vec(E)`` in C order.

    The pairs (A, C) and (D^T, B^T) are made triangular by QZ; what remains is back substitution (Gardiner, Laub, Amato & Moler 1992).
    Single matrices may be singular. The two pencils may not, nor may an eigenvalue of (A, C) be minus one of (D, B).

    Parameters
    ----------
    A, C : (m, m) arrays or sparse arrays
    B, D : (n, n) arrays or sparse arrays
    E : (m, n) array

    Returns
    -------
    X : (m, n) array

    Raises
    ------
    ValueError
        If shapes do not fit, something is not finite, or there is no unique solution.

    Examples
    --------
    >>> one, two = np.array([[1.0]]), np.array([[2.0]])
    >>> solve_generalized_sylvester(one, two, two, two, np.array([[12.0]]))
    array([[2.]])
    """
    first, second, third, fourth = (as_factor(matrix) for matrix in (A, B, C, D))
    rhs = _field(E, "E")
    _check_fit({"A": first, "B": second}, rhs, "E")
    _check_fit({"C": third, "D": fourth}, rhs, "E")
    operator = kronsum(first, as_factor(fourth.T), masses=[third, as_factor(second.T)])
    _require_unique(operator, "A X B + C X D = E", "(A, C)", "(D, B)")
    return operator.solve(rhs)


def _field(matrix: Any, name: str) -> Array:
    array = np.asarray(matrix)
    if array.ndim != 2:
        raise ValueError(f"{name}: got an array of shape {array.shape}; allowed is a matrix")
    if not all_finite(array):
        raise ValueError(f"{name}: got NaN or infinite entries; allowed are finite ones")
    return array


def _check_fit(matrices: dict[str, Factor], rhs: Array, name: str) -> None:
    for (letter, matrix), size, what in zip(matrices.items(), rhs.shape, ("rows", "columns"), strict=True):
        if matrix.shape != (size, size):
            raise ValueError(
                f"{letter}: got the shape {matrix.shape}, but {name} has the shape {rhs.shape}; {letter} must be square, with as many rows "
                f"as {name} has {what}"
            )
        if not all_finite(matrix):
            raise ValueError(f"{letter}: got NaN or infinite entries; allowed are finite ones")


def _require_unique(operator: KroneckerSum, equation: str, first: str, second: str) -> None:
    values = operator.resonance()
    if values is not None:
        raise ValueError(
            f"{equation} has no unique solution: {describe(values[:1])} is an eigenvalue of {first} and {describe(values[1:])} of "
            f"{second}; their sum is zero, and no sum may be"
        )
