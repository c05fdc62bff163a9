"""The nested form of a Kronecker sum: how it is applied."""

import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np
import scipy.sparse as sparse

import tensorfem.kron.kernels as kernels
from tensorfem.kron.banded_sum import AXES, BandedSum, is_banded
from tensorfem.kron.mode_product import Array, is_sparse, mode_product
from tensorfem.kron.slabs import nonzero_rows, slabs

Apply = Callable[[Array, range, Array], None]


def apply_sum(
    stiffness: Sequence[Any], masses: Sequence[Any], shift: float, array: Array, *, rows: slice | None = None, out: Array | None = None
) -> Array:
    """Apply a Kronecker sum given by its factors, which may be rectangular.

    Large fields of one to three axes with banded real factors go to a compiled kernel that reads the field once and writes the result
    once. For all others the nested form ``S_i = K_i P_(i+1) + M_i S_(i+1)``, ``P_i = M_i P_(i+1)`` takes 3 d - 2 mode products instead
    of d^2. Slabs of axis 0 go through all of it at once, so that intermediate fields stay in the cache.

    Parameters
    ----------
    stiffness, masses : (m_i, n_i) CSR or dense arrays, one of each per axis
        A mass may be None, the identity.
    shift : float
    array : array of shape (\\*batch, n_0, n_1, ...)
    rows : slice, optional
        Which rows of the result's axis 0 are wanted, without steps; all by default. Only what they need is read.
    out : array, optional
        Where to put the result: C-contiguous, of its shape and type, not overlapping `array`.

    Returns
    -------
    array of shape (\\*batch, m_0, m_1, ...), or with as many rows as are wanted instead of m_0

    Raises
    ------
    ValueError
        If `rows` has a step, or `out` is not such an array.

    Examples
    --------
    >>> import scipy.sparse as sparse
    >>> A = sparse.csr_array(np.array([[2.0, -1.0], [-1.0, 2.0]]))
    >>> apply_sum([A, A], [None, None], 0.0, np.array([[1.0, 0.0], [0.0, 0.0]]), rows=slice(1, 2))
    array([[-1.,  0.]])
    """
    dimension = len(masses)
    batch = array.shape[: array.ndim - dimension]
    wanted = _range(rows, stiffness[0].shape[0])
    given = [mass for mass in masses if mass is not None]
    dtype = np.result_type(array.dtype, *(m.dtype for m in (*given, *stiffness)), shift)
    result = result_array((*batch, len(wanted), *(matrix.shape[0] for matrix in stiffness[1:])), dtype, array, out)
    apply = _kernel(stiffness, masses, shift, result) or partial(_nested, stiffness, masses, shift)
    for index in np.ndindex(batch):
        apply(array[index], wanted, result[index])
    return result


def _range(rows: slice | None, length: int) -> range:
    wanted = range(length)[rows or slice(None)]
    if wanted.step != 1:
        raise ValueError(f"rows: got {rows}; allowed is a slice without steps")
    return wanted


def result_array(shape: tuple[int, ...], dtype: Any, array: Array, out: Array | None) -> Array:
    """Where the image of an array goes: `out`, if it can take it, else a new array."""
    if out is None:
        return np.empty(shape, dtype=dtype)
    if out.shape != shape or out.dtype != dtype or not out.flags.c_contiguous or not out.flags.writeable:
        raise ValueError(f"out: got {_form(out)}; allowed is a C-contiguous, writable array of shape {shape} and type {dtype}")
    if np.may_share_memory(array, out):
        raise ValueError(f"out: got an array of shape {shape} that overlaps the one the operator is applied to; give another")
    return out


def _form(array: Array) -> str:
    return f"an array of shape {array.shape}, strides {array.strides} and type {array.dtype}"


def _kernel(stiffness: Sequence[Any], masses: Sequence[Any], shift: float, result: Array) -> Apply | None:
    """The compiled way, where there is one and it pays."""
    entries = math.prod(matrix.shape[1] for matrix in stiffness)
    if len(stiffness) > AXES or result.dtype not in (np.float32, np.float64) or not result.size or not kernels.pays(entries):
        return None
    if len(stiffness) == 1 and result.shape[-1] < entries:  # the kernels do not cut the last axis
        return None
    if not all(map(is_banded, (*stiffness, *(mass for mass in masses if mass is not None)))):
        return None
    banded = BandedSum.of(stiffness, masses, shift, result.dtype)
    return lambda field, rows, target: banded.apply(np.ascontiguousarray(field, dtype=result.dtype), rows, target)


def _nested(stiffness: Sequence[Any], masses: Sequence[Any], shift: float, array: Array, rows: range, target: Array) -> None:
    """The reference: mode products, slab by slab."""
    stiffness, masses, array = _cut(stiffness, masses, array, rows)
    dimension = len(masses)
    field = array.astype(target.dtype, copy=False)
    target[...] = 0
    # Columns of the leftmost factors are cut out slab by slab: cheap in CSC, and each slab touches few rows.
    first_stiffness, first_mass = _by_columns(stiffness[0]), _by_columns(masses[0])
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


def _cut(stiffness: Sequence[Any], masses: Sequence[Any], array: Array, rows: range) -> tuple[Sequence[Any], Sequence[Any], Array]:
    """The leftmost factors' rows that are wanted, and what of the array these need."""
    if len(rows) == stiffness[0].shape[0]:
        return stiffness, masses, array
    here = slice(rows.start, rows.stop)
    mass = sparse.eye_array(stiffness[0].shape[0], format="csr", dtype=array.dtype) if masses[0] is None else masses[0]
    first = [stiffness[0][here], mass[here]]
    if all(map(is_sparse, first)):
        columns = np.concatenate([matrix.indices for matrix in first])
        needed = slice(int(columns.min(initial=array.shape[0])), int(columns.max(initial=-1)) + 1)
        first, array = [matrix[:, needed] for matrix in first], array[needed]
    return [first[0], *stiffness[1:]], [first[1], *masses[1:]], array


def _by_columns(matrix: Any) -> Any:
    return matrix.tocsc() if hasattr(matrix, "tocsc") else matrix


def _pieces(field: Array, *first: Any) -> Iterable[slice]:
    """Slabs; but the whole at once where a leftmost factor is dense, of which every slab would touch all rows."""
    whole = any(isinstance(matrix, np.ndarray) for matrix in first)
    return [slice(0, field.shape[0])] if whole else slabs(field.shape[0], math.prod(field.shape[1:]))


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
