"""Triangular Kronecker sums: back substitution by recursive halving, so that nearly all of the work is matrix products.

The factors are upper triangular, so that the last unknowns of an axis can be found first. They are, by the same routine; what they add to
the others is subtracted from their right-hand side by matrix products; then the others are found (Jonsson & Kagstrom, "Recursive blocked
algorithms for solving triangular systems, part I: one-sided and coupled Sylvester-type matrix equations", ACM TOMS 28 (2002)).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.linalg as linalg

from tensorfem.kron.mode_product import Array, mode_product

BLOCK = 40  # rows and columns up to which LAPACK's trsyl, which works entry by entry, is faster than halving
PAIR_BLOCK = 32  # the same for the generalized equation, column by column

Factors = Sequence[Array]
Masses = Sequence[Array | None]


def substitute_back(stiffness: Factors, masses: Masses, scale: float | complex, shift: float | complex, rhs: Array) -> None:
    """Solve with ``scale (S_0 (x) T_1 ... + T_0 (x) S_1 ... + ...) + shift T_0 (x) T_1 ...``; the solution replaces the right-hand side.

    The first of three or more axes is halved down to single rows. In one row its S and T are numbers, and what is left is a sum over the
    other axes with another scale and shift.

    Parameters
    ----------
    stiffness : sequence of two or more (n_i, n_i) arrays
        S_i, upper triangular; of two without masses also quasi-triangular, as real Schur forms are.
    masses : sequence of (n_i, n_i) arrays or None
        T_i, upper triangular; None is the identity.
    scale, shift : number
    rhs : (n_0, n_1, ...) array
        It has the precision of the solution, complex where that is.
    """
    if len(stiffness) == 2:
        _substitute_pair(stiffness, masses, scale, shift, rhs)
        return
    (S, *inner), (T, *inner_masses) = stiffness, masses
    if len(S) == 1:
        corner = 1.0 if T is None else T[0, 0]
        substitute_back(inner, inner_masses, scale * corner, scale * S[0, 0] + shift * corner, rhs[0])
        return
    half = len(S) // 2
    last, first, beside = slice(half, None), slice(half), (slice(half), slice(half, None))
    substitute_back([S[last, last], *inner], [None if T is None else T[last, last], *inner_masses], scale, shift, rhs[last])
    known = _mass_product(inner_masses, rhs[last])
    rhs[first] -= mode_product(scale * S[beside] + (0.0 if T is None else shift * T[beside]), known, 0)
    if T is not None:
        rhs[first] -= mode_product(scale * T[beside], _sum_product(inner, inner_masses, rhs[last]), 0)
    substitute_back([S[first, first], *inner], [None if T is None else T[first, first], *inner_masses], scale, shift, rhs[first])


def _mass_product(masses: Masses, array: Array) -> Array:
    for axis, T in zip(range(-len(masses), 0), masses, strict=True):
        array = array if T is None else mode_product(T, array, axis)
    return array


def _sum_product(stiffness: Factors, masses: Masses, array: Array) -> Array:
    return sum(
        (mode_product(S, _mass_product([*masses[:i], None, *masses[i + 1 :]], array), i - len(masses)) for i, S in enumerate(stiffness)),
        np.zeros(()),
    )


def _substitute_pair(stiffness: Factors, masses: Masses, scale: float | complex, shift: float | complex, rhs: Array) -> None:
    if masses[0] is None and masses[1] is None:
        substitute_sylvester(scale * stiffness[0] + shift * np.eye(len(stiffness[0])), scale * stiffness[1], rhs)
        return
    left, right = (np.eye(len(S)) if T is None else T for S, T in zip(stiffness, masses, strict=True))
    substitute_generalized(scale * stiffness[0] + shift * left, right, scale * left, stiffness[1], rhs)


def substitute_sylvester(A: Array, B: Array, rhs: Array) -> None:
    """Solve ``A X + X B^T = rhs`` with upper (quasi-)triangular A and B; X replaces the right-hand side.

    Examples
    --------
    >>> X = np.array([[3.0, 4.0]])
    >>> substitute_sylvester(np.array([[1.0]]), np.array([[2.0, 1.0], [0.0, 1.0]]), X)
    >>> X
    array([[0.33333333, 2.        ]])
    """
    rows, columns = rhs.shape
    if max(rows, columns) <= BLOCK:
        rhs[...] = _small_sylvester(A, B, rhs)
    elif rows >= columns:
        half = _middle(A)
        substitute_sylvester(A[half:, half:], B, rhs[half:])
        rhs[:half] -= A[:half, half:] @ rhs[half:]
        substitute_sylvester(A[:half, :half], B, rhs[:half])
    else:
        half = _middle(B)
        substitute_sylvester(A, B[half:, half:], rhs[:, half:])
        rhs[:, :half] -= rhs[:, half:] @ B[:half, half:].T
        substitute_sylvester(A, B[:half, :half], rhs[:, :half])


def _middle(matrix: Array) -> int:
    """Where to halve without cutting through a block of two rows."""
    half = len(matrix) // 2
    return half + 1 if matrix[half, half - 1] != 0 else half


def _small_sylvester(A: Array, B: Array, rhs: Array) -> Array:
    trsyl: Any = linalg.get_lapack_funcs("trsyl", (A, B, rhs))
    adjoint = np.conj(B)  # of which trsyl takes the adjoint: it knows no transpose of a complex matrix
    solution, scale, _ = trsyl(A, adjoint, rhs, tranb="C" if np.iscomplexobj(rhs) else "T")
    return np.asarray(solution / scale)


def substitute_generalized(A: Array, B: Array, C: Array, D: Array, rhs: Array) -> None:
    """Solve ``A X B^T + C X D^T = rhs`` with upper triangular matrices; X replaces the right-hand side.

    Examples
    --------
    >>> one, two, X = np.array([[1.0]]), np.array([[2.0]]), np.array([[10.0]])
    >>> substitute_generalized(two, two, one, one, X)
    >>> X
    array([[2.]])
    """
    rows, columns = rhs.shape
    if max(rows, columns) <= PAIR_BLOCK:
        _by_columns(A, B, C, D, rhs)
    elif rows >= columns:
        half = rows // 2
        substitute_generalized(A[half:, half:], B, C[half:, half:], D, rhs[half:])
        rhs[:half] -= A[:half, half:] @ (rhs[half:] @ B.T) + C[:half, half:] @ (rhs[half:] @ D.T)
        substitute_generalized(A[:half, :half], B, C[:half, :half], D, rhs[:half])
    else:
        half = columns // 2
        substitute_generalized(A, B[half:, half:], C, D[half:, half:], rhs[:, half:])
        rhs[:, :half] -= (A @ rhs[:, half:]) @ B[:half, half:].T + (C @ rhs[:, half:]) @ D[:half, half:].T
        substitute_generalized(A, B[:half, :half], C, D[:half, :half], rhs[:, :half])


def _by_columns(A: Array, B: Array, C: Array, D: Array, rhs: Array) -> None:
    trtrs: Any = linalg.get_lapack_funcs("trtrs", (A, C, rhs))
    for j in reversed(range(rhs.shape[1])):
        rhs[:, j] = trtrs(B[j, j] * A + D[j, j] * C, rhs[:, j])[0]
        rhs[:, :j] -= np.outer(A @ rhs[:, j], B[:j, j]) + np.outer(C @ rhs[:, j], D[:j, j])
