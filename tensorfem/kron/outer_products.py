"""Sums of outer products: tensors of low rank, written out in one pass."""

from collections.abc import Sequence

import numpy as np

import tensorfem.kron.kernels as kernels
from tensorfem.kron.mode_product import Array
from tensorfem.kron.product import outer
from tensorfem.kron.threads import in_threads, parts, thread_count


def sum_of_outers(terms: Sequence[Sequence[Array]]) -> Array:
    """The sum of outer products of vectors of float64.

    The leading vectors are the columns of a matrix, the outer products of the others the rows of another one: their product is the sum.

    Parameters
    ----------
    terms : sequence of sequences of (n_i,) arrays
        At least one term; one vector per axis in each.

    Returns
    -------
    array of shape (n_0, n_1, ...)

    Examples
    --------
    >>> sum_of_outers([[np.array([1.0, 2.0]), np.array([1.0, 1.0])], [np.array([0.0, 1.0]), np.array([0.0, 5.0])]])
    array([[1., 1.],
           [2., 7.]])
    """
    leading, others = np.stack([term[0] for term in terms], axis=1), [outer(term[1:]) for term in terms]
    shape = (len(leading), *others[0].shape)
    tails = np.stack(others).reshape(len(terms), -1)
    if not kernels.pays(len(leading) * tails.shape[1]):
        return np.asarray(leading @ tails).reshape(shape)
    result = np.empty((len(leading), tails.shape[1]))
    in_threads(lambda rows: _write(leading[rows], tails, result[rows]), parts(len(leading), thread_count()))
    return result.reshape(shape)


def _write(leading: Array, tails: Array, out: Array) -> None:
    """The product of two matrices of few columns and rows, as a sparse one times a block: each entry is written once."""
    rows, count = leading.shape
    kernels.contract_rows(np.arange(rows + 1) * count, np.tile(np.arange(count), rows), leading.ravel(), tails[None], out[None])
