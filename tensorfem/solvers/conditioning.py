"""How many iterations conjugate gradients will need, from the one-dimensional factors of an operator alone."""

import itertools
import math

import numpy as np

from tensorfem.kron import Array
from tensorfem.solvers.rayleigh import Terms, diagonals, eigenvalues_around, largest_eigenvalue, minimum, quotient

ZERO = 1e-12  # relative to the largest eigenvalue: what a null space leaves in rounding
MANY_AXES = 4  # beyond, not all combinations of shapes are looked at
SYMMETRY = 0.95  # data that share symmetries of the box, as constant ones, take 0.7 of the steps, others 1.1
LOWER = 0.9  # times the smallest eigenvalue: alternating vectors that have a lower one count
ALTERNATING_SHARE = 0.5  # of the digits wanted: smooth data hold so few alternating components that the rest is there from the start
LONGEST_AXIS, MANY = 20_000, 1_000_000  # an axis beyond so many unknowns is not looked at: it takes more iterations than are ever made

# A V-cycle, measured: TYPICAL iterations at 10^4 unknowns, slowly growing; but FACTOR times the square root of the condition number of what
# coarse levels do not see, components that alternate along some axis and change slowly along others.
TYPICAL, GROWTH, FACTOR = 14.5, 0.12, 2.9


def cg_iterations(terms: Terms, scale: Terms, rtol: float) -> int:
    """Iterations until conjugate gradients reduce the residual by a factor, for smooth data.

    Where eigenvalues at the lower end are few and far between, the iteration finds them one by one, and goes on as if they were not there.
    After s steps it has found those whose number below any ``lambda`` is less than ``(2 s / pi) sqrt(lambda / lambda_max)``; from the
    smallest that is left comes the rate of the moment. Splines of high degree have low eigenvalues of alternating vectors too.

    Parameters
    ----------
    terms, scale : sums of Kronecker products
        The operator, and what the preconditioner inverts (the identity, the diagonal, or another operator).
    rtol : float

    References
    ----------
    Beckermann & Kuijlaars, "Superlinear convergence of conjugate gradients", SIAM J. Numer. Anal. 39 (2001).

    Examples
    --------
    >>> import scipy.sparse as sparse
    >>> factor, unit = sparse.diags_array((-np.ones(99), np.full(100, 2.0), -np.ones(99)), offsets=(-1, 0, 1)), sparse.eye_array(100)
    >>> 200 < cg_iterations([(factor, unit), (unit, factor)], [(unit, unit)], rtol=1e-10) < 400
    True
    """
    dimension = len(terms[0])
    if max(factor.shape[0] for factor in terms[0]) > LONGEST_AXIS:
        return MANY
    largest, wanted = largest_eigenvalue(terms, scale), math.log(2 / rtol)
    steps, lowest = 0.0, math.inf
    for signs in _signs(dimension):
        vectors = minimum(terms, scale, signs)
        if steps and not ZERO * largest < quotient(terms, scale, vectors) < LOWER * lowest:
            continue
        eigenvalues = _positive(eigenvalues_around(terms, scale, vectors), largest)
        share = ALTERNATING_SHARE if all(v[1:] @ v[:-1] < 0 for v in vectors) else 1.0
        steps, lowest = max(steps, _steps(eigenvalues, largest, share * wanted)), min(lowest, float(eigenvalues[0]))
    return 1 + math.ceil(SYMMETRY * steps)


def _signs(dimension: int) -> list[tuple[float, ...]]:
    """All ways to alternate or not, in few dimensions; everywhere or nowhere, in many."""
    if dimension > MANY_AXES:
        return [(1.0,) * dimension, (-1.0,) * dimension]
    return list(itertools.product((1.0, -1.0), repeat=dimension))


def _positive(eigenvalues: Array, largest: float) -> Array:
    return np.asarray(np.minimum(eigenvalues[eigenvalues > ZERO * largest], largest))


def _steps(lowest: Array, largest: float, wanted: float) -> float:
    """Steps until the rates of the moment add up to what is wanted."""
    found = np.arange(lowest.size) * (math.pi / 2) * np.sqrt(largest / lowest)  # the step at which so many eigenvalues are found
    order = np.argsort(found, kind="stable")
    step = gained = 0.0
    effective = float(lowest[0])
    rate = math.inf
    for upcoming, value in zip([*found[order][1:], math.inf], [*lowest[order][1:], largest], strict=True):
        root = math.sqrt(largest / effective)
        rate = math.log((root + 1) / max(root - 1, 1e-3))
        if gained + (upcoming - step) * rate >= wanted:
            break
        step, gained = float(upcoming), gained + (upcoming - step) * rate
        effective = max(effective, float(value))
    return step + (wanted - gained) / rate


def amg_iterations(terms: Terms, rtol: float, *, splines: bool) -> int:
    """Iterations of conjugate gradients preconditioned by one V-cycle."""
    share = math.log(rtol) / math.log(1e-10)
    unknowns = math.prod(int(factor.shape[0]) for factor in terms[0])
    typical = TYPICAL * max(1.0, unknowns / 1e4) ** GROWTH
    unseen = FACTOR * math.sqrt(_unseen(terms)) if splines else 0.0
    return math.ceil(share * max(float(typical), unseen))


def _unseen(terms: Terms) -> float:
    """The condition number, diagonally scaled, of products of vectors that alternate along one axis at least."""
    scale = diagonals(terms)
    shapes = [_shapes(factor.shape[0])[: 2 if len(terms[0]) > MANY_AXES else None] for factor in terms[0]]
    forms = [_tabulated(part, shapes) for part in (terms, scale)]
    smallest = math.inf
    for places in itertools.product(*(range(len(own)) for own in shapes)):
        if any(place % 2 for place in places):
            above, below = (sum(math.prod(row[i] for row, i in zip(term, places, strict=True)) for term in form) for form in forms)
            smallest = min(smallest, above / below)
    return largest_eigenvalue(terms, scale) / smallest


def _tabulated(terms: Terms, shapes: list[list[Array]]) -> list[list[list[float]]]:
    """The quadratic forms of all factors at all vectors of their axes."""
    return [[[float(v @ (factor @ v)) for v in own] for factor, own in zip(term, shapes, strict=True)] for term in terms]


def _shapes(size: int) -> list[Array]:
    """Vectors over all of an axis and over its ends: one that changes slowly, then the same alternating."""
    part = min(size, max(4, size // 8))
    whole, end = _arch(size), np.concatenate([_arch(part), np.zeros(size - part)])
    alternating = (-1.0) ** np.arange(size)
    return [shape for slow in (whole, end, end[::-1]) for shape in (slow, alternating * slow)]


def _arch(size: int) -> Array:
    return np.sin(np.pi * np.arange(1, size + 1) / (size + 1))
