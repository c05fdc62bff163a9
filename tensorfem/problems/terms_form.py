"""The form of coefficients that are sums of few products of functions of one coordinate: a sum of Kronecker products."""

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.axis import AxisMatrices, mass, stiffness
from tensorfem.boundary import Condition, Dirichlet
from tensorfem.kron import kernels
from tensorfem.kron.approximation.cross import Terms, cross_terms, probes, sum_of
from tensorfem.problems.coefficients import AxisCoefficient, number_per_axis
from tensorfem.problems.form import SumForm, TermsForm, dirichlet_ends, lower_terms, nearest_sum, robin_coefficients
from tensorfem.problems.found import MULTIPLIED, PER_AXIS, Coefficient
from tensorfem.space import Space

FloatArray = NDArray[np.float64]
MOST = 3  # terms: a product takes one mode product per axis and term, and one axis more for each derivative
FAR = 25.0  # times that the ratio to the nearest product may vary: the preconditioner of the sum takes about its root of iterations
SPLIT = 1e-12  # of each sample of a diffusion, of the sizes of a reaction's terms: by so much they may miss it
COMPILED_AXES = 3  # up to which cells are applied by kernels, where fields are large: that is cheaper than any sum


def terms_form(
    space: Space, diffusion: Coefficient, reaction: Coefficient, conditions: dict[str, Condition]
) -> tuple[TermsForm, dict[str, str]] | None:
    """The form in Kronecker form, and what was found in words; None where it has none, or where cell by cell it is cheaper to apply.

    A singular form is left cell by cell, too: its null space would not be known.
    """
    held = any(isinstance(c, Dirichlet) for c in conditions.values()) or any(map(any, robin_coefficients(space, conditions)))
    if _cells_are_cheaper(space) or (reaction.is_zero and not held):
        return None
    found = [_few_terms(space, coefficient) if coefficient.axes is None else [] for coefficient in (diffusion, reaction)]
    if found[0] is None or found[1] is None:
        return None
    form = _form(space, (diffusion, found[0]), (reaction, found[1]), conditions)
    pairs = zip(("diffusion", "reaction"), (diffusion, reaction), found, strict=True)
    return form, {name: _words(len(terms)) if terms else coefficient.words for name, coefficient, terms in pairs}


def words_of_cells(space: Space, coefficient: Coefficient) -> str:
    """What was found of a coefficient that is left cell by cell; of a large one, whether a few samples show a sum of few terms."""
    if coefficient.samples is None or len(coefficient.samples) > 1 or not _cells_are_cheaper(space):
        return coefficient.words
    (samples,) = coefficient.samples
    terms = cross_terms(samples[np.ix_(*map(probes, samples.shape))], MOST)
    few = "" if terms is None else f" (a sum of {len(terms)} products, as it looks, but cheaper to apply cell by cell)"
    return coefficient.words + few


def _cells_are_cheaper(space: Space) -> bool:
    return space.dimension <= COMPILED_AXES and kernels.pays(space.size)


def _few_terms(space: Space, coefficient: Coefficient) -> Terms | None:
    """Weights of the axes' matrices, at their Gauss points, of a coefficient that is a number everywhere."""
    if coefficient.samples is None or len(coefficient.samples) > 1:
        return None
    (samples,) = coefficient.samples
    if coefficient.how == MULTIPLIED and _distance(samples) > FAR:
        return None
    terms = coefficient.terms if _are_few(coefficient, coefficient.terms) else cross_terms(samples, MOST)
    if terms is None or not _are_few(coefficient, terms):
        return None
    points = [basis.mesh.cells * (basis.degree + 1) for basis in space.bases]
    return [[np.repeat(factor, n // factor.size) for factor, n in zip(term, points, strict=True)] for term in terms]


def _are_few(coefficient: Coefficient, terms: Terms | None) -> bool:
    """Whether the terms are few, and meet every sample, however large others are."""
    if terms is None or len(terms) > MOST or coefficient.samples is None:
        return False
    (samples,) = coefficient.samples
    sizes = sum_of([[np.abs(factor) for factor in term] for term in terms])
    missed = np.abs(sum_of(terms) - samples) + np.finfo(float).eps * sizes  # with what rounding takes where terms cancel
    return bool((missed <= SPLIT * (np.abs(samples) if coefficient.how == MULTIPLIED else sizes)).all())


def _distance(samples: FloatArray) -> float:
    """By what factor the ratio of samples to the product of their means over all axes but one varies."""
    ratio = samples / functools.reduce(np.multiply.outer, _marginals(samples))
    return float(ratio.max() / ratio.min())


def _marginals(samples: FloatArray) -> list[FloatArray]:
    """The means over all axes but one, over the mean of all except the first."""
    axes = range(samples.ndim)
    means = [samples.mean(axis=tuple(other for other in axes if other != axis)) for axis in axes]
    return [means[0], *(line / samples.mean() for line in means[1:])]


def _form(
    space: Space, diffusion: tuple[Coefficient, Terms], reaction: tuple[Coefficient, Terms], conditions: dict[str, Condition]
) -> TermsForm:
    (a, a_terms), (c, c_terms) = diffusion, reaction
    plain = tuple(mass(basis) for basis in space.bases)
    robin, ends = robin_coefficients(space, conditions), dirichlet_ends(space, conditions)
    terms = [*_stiffness_terms(space, plain, a, a_terms), *(_masses(space, term) for term in c_terms)]
    terms += lower_terms(space, plain, c.axes or (), robin)
    mean, least = c.extent(space)
    if a_terms or a.how != PER_AXIS:
        product = _axes_of_means(space, a.samples) if a_terms and a.samples is not None else a.axes or ()
        nearest = nearest_sum(space, product, number_per_axis(mean, 1), ends, robin)
    else:
        pairs = zip(space.bases, a.axes or (), robin, strict=True)
        nearest = SumForm(tuple(AxisMatrices(basis, diffusion=part.weight, robin=h) for basis, part, h in pairs), ends, mean)
    return TermsForm(tuple(terms), plain, nearest, least)


def _stiffness_terms(space: Space, plain: tuple[Any, ...], a: Coefficient, terms: Terms) -> list[tuple[Any, ...]]:
    if terms:
        return [_with_stiffness(space, i, _masses(space, term), term[i]) for term in terms for i in range(space.dimension)]
    weights = [part.weight for part in a.axes or ()]
    masses = plain if a.how == PER_AXIS else tuple(mass(basis, weight) for basis, weight in zip(space.bases, weights, strict=True))
    return [(*masses[:i], stiffness(basis, weights[i]), *masses[i + 1 :]) for i, basis in enumerate(space.bases)]


def _with_stiffness(space: Space, axis: int, masses: tuple[Any, ...], weight: FloatArray) -> tuple[Any, ...]:
    return (*masses[:axis], stiffness(space.bases[axis], functools.partial(_constant, weight)), *masses[axis + 1 :])


def _masses(space: Space, term: Sequence[FloatArray]) -> tuple[Any, ...]:
    return tuple(mass(basis, functools.partial(_constant, factor)) for basis, factor in zip(space.bases, term, strict=True))


def _constant(values: FloatArray, x: FloatArray) -> FloatArray:
    return values


def _axes_of_means(space: Space, samples: FloatArray) -> tuple[AxisCoefficient, ...]:
    """The product of means nearest to a coefficient, as functions at the Gauss points."""
    lines = _marginals(samples[0])
    weights = [np.repeat(line, basis.mesh.cells * (basis.degree + 1) // line.size) for line, basis in zip(lines, space.bases, strict=True)]
    rules = [basis.mesh.quadrature(basis.degree + 1) for basis in space.bases]
    means = [float(weight @ rule.weights / rule.weights.sum()) for weight, rule in zip(weights, rules, strict=True)]
    return tuple(AxisCoefficient(functools.partial(_constant, w), float(w.min()), m) for w, m in zip(weights, means, strict=True))


def _words(count: int) -> str:
    return f"a sum of {count} products of functions of one coordinate"
