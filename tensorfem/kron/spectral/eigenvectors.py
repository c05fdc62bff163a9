"""Eigenvectors of a Kronecker sum: outer products of those of the axes."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tensorfem.kron.mode_product import Array
from tensorfem.kron.product import outer
from tensorfem.kron.spectral.axis_modes import Modes


class SumEigenpairs(NamedTuple):
    """Eigenvalues (k,), increasing, and eigenvectors (k, n_0, n_1, ...), in one order."""

    eigenvalues: Array
    eigenvectors: Array


def smallest_eigenpairs(modes: Sequence[Modes], values: Array, indices: Array) -> SumEigenpairs:
    """An eigenvector for each eigenvalue of a Hermitian sum, as a batch of fields: ``A v = lambda M v`` with ``v^H M v = 1``.

    If ``K_i v_i = lambda_i M_i v_i`` on each axis, then ``v_0 (x) v_1 (x) ...`` is an eigenvector of the sum, whose eigenvalue is
    ``lambda_0 + lambda_1 + ... + shift``. Those of a multiple eigenvalue are orthonormal too. Only the columns asked for are made.

    Parameters
    ----------
    modes : sequence of Modes
        One per axis.
    values : (k,) array
    indices : (k, d) array of int
        For each eigenvalue the numbers of its 1D eigenvalues, in increasing order.

    Examples
    --------
    >>> from tensorfem.kron import kronsum
    >>> A, one = np.diag([3.0, 1.0]), np.array([[5.0]])
    >>> values, vectors = kronsum(A, one).eigh(1)
    >>> values, np.abs(vectors[0])
    (array([6.]), array([[0.],
           [1.]]))
    """
    columns = [_columns(axis, places) for axis, places in zip(modes, indices.T, strict=True)]
    return SumEigenpairs(values, np.stack([outer(vectors) for vectors in zip(*columns, strict=True)]))


def _columns(modes: Modes, places: Array) -> Array:
    """The eigenvectors of one axis at some places, one in each row; each is made once."""
    found, number = np.unique(np.argsort(modes.eigenvalues, kind="stable")[places], return_inverse=True)
    units = np.zeros((len(modes.eigenvalues), len(found)))
    units[found, np.arange(len(found))] = 1
    return np.asarray(modes.backward(units, 0).T[number])
