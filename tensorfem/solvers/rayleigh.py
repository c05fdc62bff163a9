"""Extreme eigenvalues of sums of Kronecker products, found among product vectors at one-dimensional cost."""

import functools
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import scipy.linalg as linalg
import scipy.sparse as sparse

from tensorfem.kron import Array

Terms = list[tuple[Any, ...]]  # a sum of Kronecker products: the sparse factors of each, one per axis
SWEEPS, POWER_STEPS, INVERSE_STEPS = 2, 25, 10
FEW, LOWEST = 64, 24  # axes with no more than FEW unknowns have all their eigenvalues computed, others the LOWEST
MOST = 4096  # low eigenvalues that are kept
SHIFT = 1e-8  # relative to the operator: what keeps a singular factor invertible
ROUGHNESS = 0.1  # of a start, so that it is orthogonal to nothing


def terms_of(form: Any) -> Terms:
    """The factors of an operator, or of one near it, written as a sum of Kronecker products.

    Raises
    ------
    ValueError
        If it knows none.
    """
    if not hasattr(form, "terms"):
        form = getattr(form, "kronecker_approximation", lambda: None)()
    if form is None:
        raise ValueError("no sum of Kronecker products is known near the operator, and without one nothing can be foretold")
    return [tuple(sparse.csc_array(factor) for factor in product.factors) for product in form.terms]


def identity(terms: Terms) -> Terms:
    """The identity on the same vectors, as a sum of one Kronecker product."""
    return [tuple(sparse.eye_array(factor.shape[0], format="csc") for factor in terms[0])]


def diagonals(terms: Terms) -> Terms:
    """The diagonal of a sum of Kronecker products, as such a sum."""
    return [tuple(sparse.diags_array(factor.diagonal(), format="csc") for factor in term) for term in terms]


def quotient(terms: Terms, scale: Terms, vectors: Sequence[Array]) -> float:
    """The Rayleigh quotient of a product vector.

    Examples
    --------
    >>> laplacian = sparse.csc_array(np.array([[2.0, -1.0], [-1.0, 2.0]]))
    >>> quotient([(laplacian, laplacian)], [(laplacian, sparse.eye_array(2))], [np.ones(2), np.ones(2)])
    1.0
    """
    return _form(terms, vectors) / _form(scale, vectors)


def largest_eigenvalue(terms: Terms, scale: Terms) -> float:
    """The largest eigenvalue of ``terms v = lambda scale v``, from below, by the power method axis by axis."""
    rough = [_rough(factor.shape[0], 1.0) for factor in terms[0]]
    starts = [rough, *([r if i == axis else np.ones_like(r) for i, r in enumerate(rough)] for axis in range(len(rough)))]
    return max(quotient(terms, scale, _turned(terms, scale, start, POWER_STEPS, lambda form, norm: (norm, form))) for start in starts)


def minimum(terms: Terms, scale: Terms, signs: Sequence[float]) -> list[Array]:
    """A product vector at which the quotient is the smallest for each factor; the search starts from vectors of equal (sign 1) or
    alternating entries (sign -1)."""
    starts = [_start(factor.shape[0], sign) for factor, sign in zip(terms[0], signs, strict=True)]
    return _turned(terms, scale, starts, INVERSE_STEPS, lambda form, norm: (form + _shift(form, norm) * norm, norm))


def eigenvalues_around(terms: Terms, scale: Terms, vectors: list[Array]) -> Array:
    """The low eigenvalues around a minimum, increasing, as sums of one-dimensional ones; none above the first that may be missing."""
    value = quotient(terms, scale, vectors)
    total, reach = np.array([value]), math.inf
    for axis, vector in enumerate(vectors):
        own = _lowest(_contracted(terms, vectors, axis), _contracted(scale, vectors, axis))
        if own.size < vector.size:
            reach = min(reach, float(own[-1]))
        total = np.sort(np.add.outer(total, own - value).ravel())[:MOST]
    return np.asarray(total[total <= reach])


def _start(size: int, sign: float) -> Array:
    return np.ones(size) if sign > 0 else sign ** np.arange(size) * (1.0 + _rough(size, ROUGHNESS))


def _rough(size: int, amount: float) -> Array:
    return amount * np.random.default_rng(1952).standard_normal(size)


def _lowest(form: Any, norm: Any) -> Array:
    """The lowest eigenvalues of one axis, others being held."""
    from scipy.sparse.linalg import eigsh

    size = form.shape[0]
    if size <= FEW:
        return np.asarray(linalg.eigh(form.toarray(), norm.toarray(), eigvals_only=True))
    options: dict[str, Any] = {"which": "LM", "v0": _rough(size, 1.0), "tol": 1e-3, "return_eigenvectors": False}
    return np.sort(eigsh(form, k=LOWEST, M=norm, sigma=-_shift(form, norm), **options))


def _shift(form: Any, norm: Any) -> float:
    return SHIFT * float(form.diagonal().sum() / norm.diagonal().sum())


def _form(terms: Terms, vectors: Sequence[Array]) -> float:
    return sum(math.prod(float(v @ (factor @ v)) for factor, v in zip(term, vectors, strict=True)) for term in terms)


def _contracted(terms: Terms, vectors: Sequence[Array], axis: int) -> Any:
    """The form of one axis that is left when the vectors of the others are held."""
    held = [[float(v @ (factor @ v)) for factor, v in zip(term, vectors, strict=True)] for term in terms]
    parts = (math.prod(numbers[:axis] + numbers[axis + 1 :]) * term[axis] for numbers, term in zip(held, terms, strict=True))
    return sparse.csc_array(functools.reduce(operator.add, parts))


def _turned(terms: Terms, scale: Terms, start: list[Array], steps: int, pair: Callable[[Any, Any], tuple[Any, Any]]) -> list[Array]:
    """Each vector turned to an extreme eigenvector in its turn: the first matrix of a pair is solved with, the second applied."""
    from scipy.sparse.linalg import splu

    vectors = [vector / np.linalg.norm(vector) for vector in start]
    for axis in list(range(len(vectors))) * SWEEPS:
        solved, applied = pair(_contracted(terms, vectors, axis), _contracted(scale, vectors, axis))
        solve = splu(sparse.csc_array(solved)).solve
        for _ in range(steps):
            vector = solve(applied @ vectors[axis])
            vectors[axis] = vector / np.linalg.norm(vector)
    return vectors
