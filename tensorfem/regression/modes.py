"""The modes of one axis: the functions in which neither the data nor the roughness couple."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg as linalg
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
EPS = float(np.finfo(float).eps)


@dataclass(frozen=True, eq=False)
class AxisModes:
    """Vectors V of coefficients with ``V^T G V = diag(seen)`` and ``V^T P V = diag(rough)``.

    G is the mean of the squares at the data's points, ``B^T B / n``, and P = R^T R the roughness. Directions that neither sees are left
    out, so that coefficients are those of minimum norm.

    Attributes
    ----------
    vectors : (m, r) array
    seen, rough : (r,) arrays, >= 0
        Ordered by increasing roughness; the entries of the null space of R are exactly 0.
    design : (n, r) array
        The modes at the data's points, B V: orthogonal columns, of mean square `seen`.
    """

    vectors: FloatArray
    seen: FloatArray
    rough: FloatArray
    design: FloatArray


def axis_modes(matrix: Any, root: Any) -> AxisModes:
    """Diagonalize ``B^T B / n`` and ``R^T R`` at once, forming neither: a generalized singular value decomposition.

    The stack of both is decomposed as U S W^T; the part of U that belongs to R then has the sines of the angles between them as its
    singular values (Paige & Saunders 1981; Golub & Van Loan, Matrix Computations, 4th ed., 6.1.6 and 8.7.4). Small ones come out right.

    Parameters
    ----------
    matrix : (n, m) array or sparse array
        B, the functions at the data's points.
    root : (q, m) array or sparse array
        R.

    Raises
    ------
    ValueError
        If all functions are 0 at all points.

    Examples
    --------
    >>> modes = axis_modes(np.eye(3), np.array([[1.0, -1.0, 0.0], [0.0, 1.0, -1.0]]))
    >>> (modes.rough / modes.seen / 3).round(12)  # of a path of three nodes
    array([0., 1., 3.])
    """
    B, R = _dense(matrix) / np.sqrt(matrix.shape[0]), _dense(root)
    balance = linalg.norm(B) / linalg.norm(R) if R.any() else 1.0
    U, values, W = linalg.svd(np.vstack([B, balance * R]), full_matrices=False)
    rank = int(np.count_nonzero(values > max(B.shape[0], B.shape[1]) * EPS * values[0]))
    if not rank:
        raise ValueError(f"bases: the {B.shape[1]} functions of an axis are 0 at all its {B.shape[0]} points; give functions that are not")
    top, bottom = U[: len(B), :rank], U[len(B) :, :rank]
    _, sines, turn = linalg.svd(np.vstack([bottom, np.zeros((max(0, rank - len(bottom)), rank))]), full_matrices=False)
    sines, turn = sines[::-1], turn[::-1].T
    vectors = (W[:rank].T / values[:rank]) @ turn
    null = sines <= rank * EPS * 8
    rough = np.where(null, 0.0, (sines / balance) ** 2)
    seen = np.sum((top @ turn) ** 2, axis=0)
    spread = float(values[0] / values[rank - 1])  # by which rounding grows in the parts of U
    seen[seen <= (rank * EPS * 8 * spread) ** 2] = 0.0
    return AxisModes(vectors, seen, rough, np.sqrt(matrix.shape[0]) * (top @ turn))


def _dense(matrix: Any) -> FloatArray:
    return np.asarray(matrix.toarray() if hasattr(matrix, "toarray") else matrix, dtype=np.float64)
