"""Arrays as sums of few outer products, found by crosses of their own rows and columns."""

import functools

import numpy as np

from tensorfem.kron.mode_product import Array

PROBES = 12  # entries of each axis that tell beforehand of most arrays that they are no such sum
Terms = list[list[Array]]


def cross_terms(array: Array, most: int, rtol: float = 1e-13) -> Terms | None:
    """An array as a sum of at most so many outer products of vectors, if it is one.

    Pivots are the largest entries that are left: the row and the column through one are subtracted as an outer product, until nothing is
    left. Of more than two axes the first is split off so, and each row, an array of one axis less, treated in the same way.

    Parameters
    ----------
    array : (n_0, n_1, ...) array
    most : int
        Terms; more are not looked for.
    rtol : float
        What may be left of any entry, relative to the largest; through further axes as much again for each term.

    Returns
    -------
    list of lists of arrays, or None
        For each product one vector per axis; None where so many do not do. The number of terms is the least for two axes, and may be more
        than that for more.

    References
    ----------
    Bebendorf, Numer. Math. 86 (2000); Oseledets & Tyrtyshnikov, Linear Algebra Appl. 432 (2010).

    Examples
    --------
    >>> x, y = np.arange(4.0), np.arange(1.0, 4.0)
    >>> len(cross_terms(1 + np.multiply.outer(x, y), most=3)), cross_terms(np.sin(np.multiply.outer(x, y)), most=2)
    (2, None)
    """
    allowed, probe = rtol * _size(array), array[np.ix_(*map(probes, array.shape))]
    if probe.size < array.size and _terms(probe, most, allowed) is None:
        return None
    return _terms(array, most, allowed)


def sum_of(terms: Terms) -> Array:
    """The array that a sum of outer products stands for.

    Examples
    --------
    >>> sum_of([[np.array([1.0, 2.0]), np.array([3.0, 4.0])]])
    array([[3., 4.],
           [6., 8.]])
    """
    return functools.reduce(np.add, (functools.reduce(np.multiply.outer, term) for term in terms))


def _terms(array: Array, most: int, allowed: float) -> Terms | None:
    """The terms of an array, of each entry of which so much may be left."""
    if array.ndim == 1:
        return [[array]]
    if not array.size or _size(array) <= allowed:
        return []
    terms: Terms = []
    left = array.reshape(len(array), -1).copy()
    while _size(left) > allowed:
        i, j = divmod(int(np.abs(left).argmax()), left.shape[1])
        column, row = left[:, j] / left[i, j], left[i].copy()
        own = _terms(row.reshape(array.shape[1:]), most - len(terms), allowed)
        if own is None or len(terms) + len(own) > most:
            return None
        terms += [[column, *factors] for factors in own]
        left -= np.multiply.outer(column, row)
    return terms


def probes(length: int) -> Array:
    """A few places of an axis, both ends among them."""
    return np.unique(np.linspace(0, length - 1, PROBES).round().astype(np.intp))


def _size(array: Array) -> float:
    return float(np.max(np.abs(array), initial=0.0))
