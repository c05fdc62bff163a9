"""The Kronecker sum of matrices that are given as such, not made of finite elements."""

from collections.abc import Sequence

import scipy.sparse as sparse

from tensorfem.kron.matrix import all_finite
from tensorfem.kron.mode_product import Factor, as_factor
from tensorfem.kron.pencil import Pencil
from tensorfem.kron.sum import KroneckerSum


def kronsum(*matrices: Factor, masses: Sequence[Factor | None] | None = None, shift: float = 0.0) -> KroneckerSum:
    """The Kronecker sum ``sum_i M_0 (x) ... (x) A_i (x) ... (x) M_last + shift M_0 (x) ... (x) M_last``.

    On fields of two axes without masses: ``kronsum(A, B) @ X = A X + X B^T``. SciPy's `kronsum` has the opposite order.

    Parameters
    ----------
    *matrices : (n_i, n_i) arrays or sparse arrays
        One per axis, axis 0 leftmost; real or complex, symmetric or not. Dense ones are multiplied by BLAS, sparse ones stay sparse.
        One and the same matrix on several axes is decomposed once.
    masses : sequence of (n_i, n_i) arrays, sparse arrays or None, optional
        One per axis; None is the identity, which is never multiplied by.
    shift : float

    Raises
    ------
    ValueError
        Without any matrix, or if one is not square, has no rows or holds NaN, if the masses do not fit, or the shift is not a real number.

    Examples
    --------
    >>> import numpy as np
    >>> A = np.array([[0.0, 1.0], [0.0, 0.0]])
    >>> kronsum(A, np.array([[3.0]])).toarray()
    array([[3., 1.],
           [0., 3.]])
    """
    if not matrices:
        raise ValueError("kronsum: got no matrices; give one per axis")
    factors = [_square(matrix, f"matrices: matrix {i}") for i, matrix in enumerate(matrices)]
    given = list(masses) if masses is not None else [None] * len(factors)
    if len(given) != len(factors):
        raise ValueError(f"masses: got {len(given)} for {len(factors)} matrices; give one per matrix, None for the identity")
    _check_shift(shift)
    made: dict[tuple[int, int], Pencil] = {}
    for i, (matrix, factor, mass) in enumerate(zip(matrices, factors, given, strict=True)):
        if (id(matrix), id(mass)) not in made:
            made[id(matrix), id(mass)] = _pencil(factor, mass, i)
    return KroneckerSum([made[id(matrix), id(mass)] for matrix, mass in zip(matrices, given, strict=True)], shift)


def _pencil(matrix: Factor, mass: Factor | None, axis: int) -> Pencil:
    size = matrix.shape[0]
    if mass is None:
        return Pencil(matrix, sparse.eye_array(size, format="csr", dtype=matrix.dtype), unit_mass=True)
    factor = _square(mass, f"masses: mass {axis}")
    if factor.shape != matrix.shape:
        raise ValueError(f"masses: mass {axis} has shape {factor.shape}, but matrix {axis} has shape {matrix.shape}; they must agree")
    return Pencil(matrix, factor)


def _square(matrix: Factor, name: str) -> Factor:
    factor = as_factor(matrix)
    rows, columns = factor.shape
    if rows != columns or rows == 0:
        raise ValueError(f"{name} has shape {factor.shape}; allowed are square matrices with at least one row")
    if not all_finite(factor):
        raise ValueError(f"{name} holds NaN or infinite entries; allowed are finite ones")
    return factor


def _check_shift(shift: float) -> None:
    if isinstance(shift, complex) or not abs(shift) < float("inf"):
        raise ValueError(f"shift: got {shift}; allowed is a finite real number; add a complex one times its mass to one of the matrices")
