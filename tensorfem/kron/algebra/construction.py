"""Kronecker products of whatever there is: matrices, arrays, and operators that are Kronecker products already."""

import itertools
from typing import Any

import numpy as np

from tensorfem.kron.lazy_array import KroneckerArray, as_numbers
from tensorfem.kron.mode_product import is_sparse
from tensorfem.kron.operator import KroneckerOperator
from tensorfem.kron.product import KroneckerProduct
from tensorfem.kron.separable import SeparableOperator


def kron(*factors: Any) -> Any:
    """The Kronecker product of any number of factors, kept as its factors: a lazy `np.kron` and `scipy.sparse.kron`.

    `np.asarray` gives the explicit array, ``tosparse()`` the explicit sparse matrix.

    Parameters
    ----------
    *factors : arrays, sparse arrays, operators
        As `np.kron` has it, factors with fewer dimensions than others get axes of length one in front: a vector beside a matrix is a
        row. Operators with `terms` are taken apart. A nested list of numbers is one factor, as everywhere in NumPy. A list of arrays or
        operators, which would be stacked to one factor, is refused where it stands alone.

    Returns
    -------
    KroneckerProduct
        If the result is a matrix; its numbers are floating-point ones. A `SeparableOperator` if a factor is a sum of products.
    KroneckerArray
        If it is a number, a vector, or has three dimensions or more.

    Raises
    ------
    ValueError
        Without factors; for a lone list of arrays or operators; if a factor is empty, does not hold numbers, or is an operator that is no
        sum of Kronecker products.

    Examples
    --------
    >>> A, B = np.array([[1, 2], [3, 4]]), np.array([[0, 1], [1, 0]])
    >>> np.asarray(kron(A, B))
    array([[0., 1., 0., 2.],
           [1., 0., 2., 0.],
           [0., 3., 0., 4.],
           [3., 0., 4., 0.]])
    >>> state = kron([1, 0], [0, 1], [1, 0])
    >>> state.shape, np.flatnonzero(state)
    ((8,), array([2]))
    """
    if not factors:
        raise ValueError("kron: got no factors; give at least one array")
    if len(factors) == 1 and isinstance(factors[0], list | tuple) and any(getattr(part, "shape", ()) for part in factors[0]):
        raise ValueError(f"kron: got one {type(factors[0]).__name__} of {len(factors[0])} factors; write kron(*factors)")
    terms = [_terms(factor, i) for i, factor in enumerate(factors)]
    if not any(isinstance(factor, KroneckerOperator) for factor in factors):
        arrays = [part for (parts,) in terms for part in parts]
        if max(array.ndim for array in arrays) != 2:
            return KroneckerArray(*arrays)
    products = [KroneckerProduct(*map(_matrix, itertools.chain(*chosen))) for chosen in itertools.product(*terms)]
    return products[0] if len(products) == 1 else SeparableOperator(products, definite=False)


def _terms(factor: Any, position: int) -> list[tuple[Any, ...]]:
    """A factor as a sum of products of arrays."""
    if isinstance(factor, KroneckerArray):
        return [factor.factors]
    if not isinstance(factor, KroneckerOperator):
        return [(factor if is_sparse(factor) and factor.ndim == 2 else as_numbers(factor, position),)]
    products = getattr(factor, "terms", ())
    if not products:
        raise ValueError(f"kron: factor {position} is {factor!r}, which is no sum of Kronecker products; allowed are operators with terms")
    return [product.factors for product in products]


def _matrix(array: Any) -> Any:
    if array.ndim > 2:
        raise ValueError(f"kron: got an array of shape {array.shape} beside an operator; allowed are matrices, vectors and numbers")
    return array if is_sparse(array) else np.reshape(array, (1,) * (2 - array.ndim) + array.shape)
