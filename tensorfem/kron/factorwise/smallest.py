"""The smallest products of one number per factor, without all of them."""

import functools
import math
from collections.abc import Sequence

import numpy as np

from tensorfem.kron.memory import require_memory
from tensorfem.kron.mode_product import Array


def smallest_products(values: Sequence[Array], count: int) -> Array:
    """The smallest products of one value per factor, in order, each as often as it occurs.

    A product is monotone in each of its real factors, rising or falling as the others' sign is. So the smallest of all lie among those of
    the smallest and the largest of what came before, whatever the signs: from factor to factor, `count` of both are kept. Complex
    products are not monotone: all are formed, and ordered by their real parts.

    Parameters
    ----------
    values : sequence of (n_i,) arrays
    count : int

    Raises
    ------
    ValueError
        If there are fewer products than `count`, or `count` is not positive.
    MemoryError
        If complex products would not fit into this machine's memory.

    Examples
    --------
    >>> smallest_products([np.array([-1.0, 2.0]), np.array([1.0, 3.0])], 3)
    array([-3., -1.,  2.])
    """
    size = math.prod(map(len, values))
    if not 1 <= count <= size:
        raise ValueError(f"k: got {count}; allowed are 1 to {size}, the number of eigenvalues")
    if any(map(np.iscomplexobj, values)):
        require_memory(32.0 * size, f"all {size} products of complex eigenvalues", "eigenvalues() without k is lazy: index it")
        return np.sort(functools.reduce(np.kron, values))[:count]
    kept = functools.reduce(
        lambda before, own: _ends(np.multiply.outer(before, _ends(own, count)), count), values, np.ones(1, values[0].dtype)
    )
    return kept[:count]


def _ends(values: Array, count: int) -> Array:
    """The smallest and the largest values, sorted."""
    ordered = np.sort(values, axis=None)
    return ordered if ordered.size <= 2 * count else np.concatenate([ordered[:count], ordered[-count:]])
