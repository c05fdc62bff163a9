"""The nested form of a Kronecker sum: how it is applied."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tensorfem.kron.mode_product import Array, mode_product
from tensorfem.kron.slabs import nonzero_rows, slabs


def apply_sum(stiffness: Sequence[Any], masses: Sequence[Any], shift: float, array: Array) -> Array:
    """Apply a Kronecker sum given by its factors, which may be rectangular.

    The nested form ``S_i = K_i P_(i+1) + M_i S_(i+1)``, ``P_i = M_i P_(i+1)`` takes 3 d - 2 mode products instead of d^2. Slabs of
    axis 0 go through all of it at once, so that intermediate fields stay in the cache.

    Parameters
    ----------
    stiffness, masses : (m_i, n_i) CSR or dense arrays, one of each per axis
        A mass may be None, the identity.
    shift : float
    array : array of shape (\\*batch, n_0, n_1, ...)
    """
    dimension = len(masses)
    batch = array.shape[: array.ndim - dimension]
    shape = tuple(matrix.shape[0] for matrix in stiffness)
    given = [mass for mass in masses if mass is not None]
    result = np.zeros((*batch, *shape), dtype=np.result_type(array.dtype, *(m.dtype for m in (*given, *stiffness)), shift))
    # Columns of the leftmost factors are cut out slab by slab: cheap in CSC, and each slab touches few rows.
    first_stiffness, first_mass = _by_columns(stiffness[0]), _by_columns(masses[0])
    for index in np.ndindex(batch):
        field, target = array[index].astype(result.dtype, copy=False), result[index]
        for slab in _pieces(field, first_stiffness, first_mass):
            # The shift enters at the last axis: S = K u + shift M u, so that it costs nothing further up.
            product, total = field[slab], shift * field[slab]
            for axis in range(dimension - 1, 0, -1):
                carried = _along(masses[axis], total, axis) if axis < dimension - 1 or shift else 0.0
                total = mode_product(stiffness[axis], product, axis)
                total += carried
                product = _along(masses[axis], product, axis)
            _accumulate(target, first_stiffness, slab, product)
            if dimension > 1 or shift:
                _accumulate(target, first_mass, slab, total)
    return result


def _by_columns(matrix: Any) -> Any:
    return matrix.tocsc() if hasattr(matrix, "tocsc") else matrix


def _pieces(field: Array, *first: Any) -> Iterable[slice]:
    """Slabs; but the whole at once where a leftmost factor is dense, of which every slab would touch all rows."""
    whole = any(isinstance(matrix, np.ndarray) for matrix in first)
    return [slice(0, field.shape[0])] if whole else slabs(field.shape[0], field[0].size)


def _along(mass: Any, array: Array, axis: int) -> Array:
    return array if mass is None else mode_product(mass, array, axis)


def _accumulate(target: Array, matrix: Any, slab: slice, block: Array) -> None:
    if matrix is None:
        target[slab] += block
    elif isinstance(matrix, np.ndarray):
        target += mode_product(matrix[:, slab], block, 0)
    else:
        columns = matrix[:, slab].tocsr()
        rows = nonzero_rows(columns)
        target[rows] += mode_product(columns[rows], block, 0)
