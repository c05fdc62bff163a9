"""What the work on an operator costs, estimated before any of it is done."""

import math
from typing import Any

import numpy as np
import scipy.sparse as sparse

from tensorfem.kron import KroneckerProduct, KroneckerSum, PartialSum, Pencil

# Seconds of one core, measured (NumPy 2.4, SciPy 1.17, pyamg 5.4): the eigenbasis of 2000 unknowns takes 6 s, on a graded mesh 17 s; an AMG
# hierarchy and a solve with it take 1e-6 to 6e-6 s per entry of the matrix.
EIGENBASIS_SECONDS = 2e-9  # times n^3
EIGENBASIS_BYTES = 64  # times n^2: the dense root and mass, the decomposition and its workspace
AMG_SECONDS = 2e-6
PATIENCE = 2.0  # seconds of eigenproblems that are never too many

# Fits to what SuperLU stores (L.nnz + U.nnz) and computes on 150 grids, d = 1, 2, 3, Lagrange and splines of degree 1 to 6, up to 3e5
# unknowns: the estimates are 0.7 to 2.6 times the truth.
SEPARATOR_ENTRIES, SEPARATOR_RATE = 6.0, 1.75  # entries: times the separator's size squared, and a power of its thickness
SEPARATOR_OPERATIONS, OPERATIONS_RATE = 20.0, 2.6  # operations: times the separator's size cubed, and a power of its thickness
# An entry of the factors is searched for and moved in the time of so many operations, and more where the factors are beyond the caches.
ENTRY_OPERATIONS, ENTRY_GROWTH, CACHED_ENTRIES = 470.0, 0.3, 6e5
# Minimum degree falls behind nested dissection by this power of the first separator, from a size on, except in two dimensions with Lagrange
# elements.
MINIMUM_DEGREE, FIRST_SEPARATOR, FIRST_SPLINE_SEPARATOR = 0.3, 200, 50
PERIODIC_GROWTH = 1.3  # per periodic axis
PIVOTING_GROWTH = 2.5  # column ordering with row pivoting, for indefinite matrices


def eigenbasis_seconds(operator: KroneckerSum | PartialSum) -> float:
    """Seconds that the eigenbases take which no fast transform gives.

    Examples
    --------
    >>> from tensorfem.axis import AxisMatrices, Lagrange, interval
    >>> eigenbasis_seconds(KroneckerSum([AxisMatrices(Lagrange(interval(0, 1, cells=999), degree=1)).restrict((True, True))]))
    0.0
    """
    return sum((EIGENBASIS_SECONDS * n**3 for n in _dense_sizes(operator)), 0.0)


def eigenbasis_bytes(operator: KroneckerSum | PartialSum) -> float:
    """Bytes that these eigenbases take at most at once."""
    return sum((EIGENBASIS_BYTES * n**2 for n in _dense_sizes(operator)), 0.0)


def _dense_sizes(operator: KroneckerSum | PartialSum) -> list[int]:
    return [size for pencil in operator.pencils for size in dense_sizes(pencil)]


def dense_sizes(pencil: Pencil) -> list[int]:
    """The sizes of the dense decompositions that an axis takes: one, two halves of an axis that is its own mirror image, or none.

    Examples
    --------
    >>> from tensorfem.axis import AxisMatrices, Lagrange, interval
    >>> [dense_sizes(AxisMatrices(Lagrange(interval(0, 1, cells=n), degree=2)).restrict((True, True))) for n in (10, 50)]
    [[19], [50, 49]]
    """
    if pencil.is_trigonometric or pencil.is_circulant:
        return []
    return [(pencil.size + 1) // 2, pencil.size // 2] if pencil.is_symmetric else [pencil.size]


def amg_seconds(operator: Any) -> float:
    """Seconds that a solve with algebraic multigrid takes, setup included."""
    return AMG_SECONDS * float(operator.entries)


def factorization_entries(operator: Any, *, pivoting: bool = False) -> float:
    """How many entries the sparse triangular factors have, by the count for nested dissection.

    A box is cut in halves again and again; each cut removes a separator, whose unknowns are all coupled in the factors. A separator of
    Lagrange elements is one layer of nodes thick, one of splines as many as continuous derivatives ask for.

    References
    ----------
    George, "Nested dissection of a regular finite element mesh", SIAM J. Numer. Anal. 10 (1973).
    """
    squares, _, growth = _separators(operator, pivoting)
    return float(operator.entries + operator.shape[0]) + growth * SEPARATOR_ENTRIES * squares


def factorization_operations(operator: Any, *, pivoting: bool = False) -> float:
    """How many additions and multiplications a sparse factorization takes, the search for its entries counted in, by the same count.

    Examples
    --------
    >>> from tensorfem.axis import AxisMatrices, Lagrange, interval
    >>> operators = [KroneckerSum([AxisMatrices(Lagrange(interval(0, 1, n), 1)).restrict((True, True))] * 3) for n in (16, 32)]
    >>> coarse, fine = map(factorization_operations, operators)
    >>> 40 < fine / coarse < 90  # n^6 is 64 times as many
    True
    """
    _, cubes, growth = _separators(operator, pivoting)
    entries = factorization_entries(operator, pivoting=pivoting)
    moves = 1 + ENTRY_GROWTH * math.log10(max(1.0, entries / CACHED_ENTRIES))
    return growth * SEPARATOR_OPERATIONS * cubes + ENTRY_OPERATIONS * moves * entries


def _separators(operator: Any, pivoting: bool) -> tuple[float, float, float]:
    """The squared and the cubed sizes of all separators, added up, and by what the factors outgrow them."""
    factors = _factors(operator)
    shape = [factor.shape[0] for factor in factors]
    layers = separator_layers(operator)
    threshold = {1: math.inf, 2: FIRST_SPLINE_SEPARATOR if max(layers) > 1 else math.inf}.get(len(shape), FIRST_SEPARATOR)
    growth = max(1.0, math.prod(shape) / max(shape) / threshold) ** MINIMUM_DEGREE
    growth *= PERIODIC_GROWTH ** sum(map(_wraps, factors)) * (PIVOTING_GROWTH if pivoting else 1.0)
    return *_dissection(shape, layers), growth


def separator_layers(operator: Any) -> list[int]:
    """How many unknowns thick the separators of each axis are: 1 for Lagrange elements, the degree for the smoothest splines."""
    return [_separator_layers(factor) for factor in _factors(operator)]


def _factors(operator: Any) -> list[Any]:
    """One sparse factor per axis, with the pattern of the operator along it."""
    if isinstance(operator, KroneckerSum):
        return [sparse.coo_array(pencil.mass) for pencil in operator.pencils]
    terms = getattr(operator, "terms", None)  # an operator that is no sum of products has its mass matrix's pattern
    product: KroneckerProduct = operator if isinstance(operator, KroneckerProduct) else terms[0] if terms else operator.mass
    return [sparse.coo_array(factor) for factor in product.factors]


def _separator_layers(factor: Any) -> int:
    """The fewest unknowns that, taken out near the middle of an axis, leave two pieces."""
    size = factor.shape[0]
    near = np.abs(factor.row - factor.col) <= size / 2  # what lies farther off is a periodic axis' wrap
    reach = np.zeros(size, dtype=np.int64)
    np.maximum.at(reach, factor.row[near], factor.col[near])
    overlap = np.maximum.accumulate(reach)[:-1] - np.arange(1, size) + 1
    middle = overlap[size // 4 : max(size // 4 + 1, 3 * size // 4)]
    return max(1, int(middle.min(initial=size)) if middle.size else 1)


def _wraps(factor: Any) -> bool:
    return bool(np.any(np.abs(factor.row - factor.col) > max(factor.shape[0] / 2, 1)))


def _dissection(shape: list[int], layers: list[int]) -> tuple[float, float]:
    """The squared and the cubed sizes of all separators, added up, thickness counted by its own powers."""
    sides, pieces, squares, cubes = [float(n) for n in shape], 1.0, 0.0, 0.0
    while True:
        axis = max(range(len(sides)), key=lambda i: sides[i] / layers[i])
        if sides[axis] <= 2 * layers[axis]:
            return squares, cubes
        size = math.prod(sides) / sides[axis]
        squares += pieces * layers[axis] ** SEPARATOR_RATE * size**2
        cubes += pieces * layers[axis] ** OPERATIONS_RATE * size**3
        sides[axis] /= 2
        pieces *= 2
