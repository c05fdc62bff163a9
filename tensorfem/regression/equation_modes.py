"""The modes in which neither data nor an equation couple: one factorization for all smoothing parameters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg as linalg
import scipy.sparse as sparse
from numpy.typing import NDArray

from tensorfem.regression.modes import AxisModes

FloatArray = NDArray[np.float64]
MOST = 4000  # data, or unknowns, whichever are fewer: the size of the dense eigenproblem
EPS = float(np.finfo(float).eps)
NULL = 1e-9  # a mode with less of the equation, relative to its size in the data, has none
PIVOT = 1e-13  # relative size of a pivot that rounding alone has left


@dataclass(frozen=True, eq=False)
class EquationModes:
    """Modes V of the data's matrix B and the square A of an operator: ``V^T B^T B V / n = seen`` and ``V^T A V = rough``, both diagonal.

    Attributes
    ----------
    axis : AxisModes
        The modes as those of an axis: all that a fit needs.
    particular : (m,) array
        A solution of ``A u = load``: the equation's own least squares, before the data have their say.
    """

    axis: AxisModes
    particular: FloatArray


def equation_modes(design: Any, square: Any, load: FloatArray, scale: float) -> EquationModes:
    """Diagonalize both at once by a factorization of ``H = A + scale B^T B / n``.

    The modes solve ``B^T B V = H V diag(g)``: orthonormal in H, of g / n in the data, they are of ``1 - scale g / n`` in A. With fewer
    data than unknowns that is an eigenproblem of the size of the data. What these do not see is determined by the equation, whatever the
    smoothing.

    Parameters
    ----------
    design : (n, m) sparse array
        B.
    square : (m, m) sparse array
        A.
    load : (m,) array
        In the range of A.
    scale : float
        Any number > 0; best of the size of A relative to B for the smoothest functions.

    Raises
    ------
    ValueError
        If both data and unknowns are too many for a dense eigenproblem, or A and B together leave functions undetermined.
    """
    count, unknowns = design.shape
    if min(count, unknowns) > MOST:
        raise ValueError(
            f"fit_with_equation: got {count} data and {unknowns} unknowns; one of the two must be at most {MOST}; take fewer cells, or "
            "thin the data out"
        )
    weight = scale / count
    normal = sparse.csc_array(design.T @ design)
    whole = sparse.csc_array(square + weight * normal)
    solve = _factorized(whole, count)
    g, vectors = _tall(normal, whole) if count > unknowns else _wide(design, solve)
    rough = 1 - weight * g
    rough[rough < NULL] = 0.0
    own = solve(load)
    parts = np.divide(vectors.T @ (normal @ own), rough, out=np.zeros_like(g), where=rough > 0)
    return EquationModes(AxisModes(vectors, g / count, rough, design @ vectors), own + vectors @ (weight * parts))


def _wide(design: Any, solve: Callable[[FloatArray], FloatArray]) -> tuple[FloatArray, FloatArray]:
    """As many modes as data at most: ``B H^-1 B^T = Q diag(g) Q^T`` and ``V = H^-1 B^T Q / sqrt(g)``."""
    columns = solve(design.T.toarray())
    energies, Q = linalg.eigh(design @ columns)
    kept = energies > len(energies) * EPS * energies[-1]
    return energies[kept], columns @ (Q[:, kept] / np.sqrt(energies[kept]))


def _tall(normal: Any, whole: Any) -> tuple[FloatArray, FloatArray]:
    """As many modes as unknowns: ``B^T B V = H V diag(g)``, with 0 for a g of rounding."""
    energies, vectors = linalg.eigh(normal.toarray(), whole.toarray())
    return np.where(energies > len(energies) * EPS * energies[-1], energies, 0.0), vectors


def _factorized(matrix: Any, count: int) -> Callable[[FloatArray], FloatArray]:
    """Solves with a sparse positive definite matrix, scaled to a unit diagonal.

    Raises
    ------
    ValueError
        If it is singular.
    """
    from scipy.sparse.linalg import splu

    scaling = 1 / np.sqrt(matrix.diagonal())
    balanced = sparse.csc_array(sparse.diags_array(scaling) @ matrix @ sparse.diags_array(scaling))
    settings: dict[str, Any] = {"permc_spec": "MMD_AT_PLUS_A", "diag_pivot_thresh": 0.0, "options": {"SymmetricMode": True}}
    undetermined = ValueError(
        f"fit_with_equation: the {count} data leave solutions of the homogeneous equation open; give more points, or boundary values"
    )
    try:
        factors = splu(balanced, **settings)
    except RuntimeError as error:
        raise undetermined from error
    if np.abs(factors.U.diagonal()).min() < PIVOT:
        raise undetermined
    return lambda rhs: (factors.solve((rhs.T * scaling).T).T * scaling).T
