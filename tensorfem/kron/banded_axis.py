"""The choice of an axis that need not be diagonalized: banded systems along it take less time than its transforms."""

from collections.abc import Sequence
from typing import Any

import numpy as np

import tensorfem.kron.kernels as kernels
from tensorfem.kron.matrix import bandwidth
from tensorfem.kron.mode_product import Array
from tensorfem.kron.partial_spectrum import PartialSpectrum
from tensorfem.kron.pencil import TRANSFORM_OPERATION, Pencil
from tensorfem.kron.trigonometric import transform_cost

# A banded solve takes, per entry of the field and band, as long as so many operations of a matrix product, in the kernels (measured).
BANDED_OPERATIONS = 120.0
HALVES = 2.5  # operations per unknown of two transforms of an axis that is its own mirror image, sums and differences included
ROUNDING = 8.0  # times eps times the entries' sizes: what a row of differences adds up to
LOSS = 1e-11  # by rounding of the formed matrix, relative to the solution: what is accepted of matrices with more than three bands


def banded_inverse(pencils: Sequence[Pencil], shift: float) -> PartialSpectrum | None:
    """The inverse of a Kronecker sum with one axis left as it is, if that is right and takes less time than two transforms of the axis.

    It is right where all eigenvalues of all axes are known not to be negative, the shift is not, and the operator is not singular.
    Tridiagonal matrices are eliminated by their row sums, taken from the square root of the stiffness matrix: no grading of the mesh
    does any harm. Wider ones lose digits of the smooth modes, as formed matrices do, and serve where those few can be spared.

    Parameters
    ----------
    pencils : sequence of Pencil
        One per axis.
    shift : float
    """
    regular = shift > 0 or any(pencil.null_vector is None for pencil in pencils)
    if not regular or shift < 0 or any(pencil.root is None for pencil in pencils):
        return None
    if not kernels.pays(int(np.prod([pencil.size for pencil in pencils], dtype=float))):
        return None
    savings = [_saving(pencil) for pencil in pencils]
    axis = max(range(len(pencils)), key=savings.__getitem__)
    others = [*pencils[:axis], *pencils[axis + 1 :]]
    if savings[axis] <= 0 or not _accurate(pencils[axis], others, shift):
        return None
    pencil, bases = pencils[axis], [other.eigenbasis() for other in others]
    return PartialSpectrum([pencil.stiffness, pencil.mass], bases, axis, shift, [root_sums(pencil.root), pencil.mass.sum(axis=1)])


def root_sums(root: Any) -> Array:
    """The row sums of ``B^T B``, to the last digits also where they are small beside its entries: ``B^T (B 1)``.

    Rows of B that add up to rounding stand for differences, whose sum is zero.

    Examples
    --------
    >>> import scipy.sparse as sparse
    >>> root_sums(sparse.csr_array(np.array([[1e9, -1e9], [0.0, 0.5]])))
    array([0.  , 0.25])
    """
    sums, sizes = np.asarray(root.sum(axis=1)), np.asarray(abs(root).sum(axis=1))
    sums[np.abs(sums) <= ROUNDING * np.finfo(float).eps * sizes] = 0
    return np.asarray(root.T @ sums)


def _saving(pencil: Pencil) -> float:
    """Operations of a matrix product, per entry, that two transforms of the axis take more than a banded solve along it."""
    form = pencil.trigonometry
    if form is None or not pencil.is_trigonometric:
        transforms = (HALVES if pencil.is_symmetric else 4.0) * pencil.size
    else:
        transforms = 2 * TRANSFORM_OPERATION * transform_cost(form.kind, form.cells)
    return transforms - BANDED_OPERATIONS * max(1, bandwidth(pencil.stiffness), bandwidth(pencil.mass))


def _accurate(pencil: Pencil, others: Sequence[Pencil], shift: float) -> bool:
    """Whether rounding of the formed matrices does not matter beside the smallest eigenvalue of the systems."""
    if max(bandwidth(pencil.stiffness), bandwidth(pencil.mass)) <= 1:
        return True
    largest = float(np.max(pencil.stiffness.diagonal() / pencil.mass.diagonal()))
    smallest = sum((float(other.eigenbasis().eigenvalues.min()) for other in others), shift)
    return bool(np.finfo(float).eps * largest <= LOSS * smallest)
