"""Fits that are not elementwise: weighted, incomplete or scattered data, outliers, counts and shares."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tensorfem.kron import KroneckerProduct
from tensorfem.regression.families import Family
from tensorfem.regression.fit import Fit
from tensorfem.regression.normal import Design, WeightedDesign
from tensorfem.regression.observations import Observations
from tensorfem.regression.reweighting import NORMAL, LeastSquares, Likelihood, Minimum, Model, Robust, at, minimize
from tensorfem.regression.search import Search, candidates, search
from tensorfem.regression.weighted_solve import DENSE, weighted_solve

FloatArray = NDArray[np.float64]
Criterion = Callable[[Model, Minimum, int], float]
SWEEP = 64  # smoothing parameters tried by the elementwise criterion
STAY, STEP = np.ones(1), np.log(30.0)
AROUND = (np.array([0.1, 1.0, 10.0]), STAY)  # those tried by the true criterion, over the best of them; where each takes long, itself
EVALUATIONS = 12  # of the true criterion afterwards, per axis
ROUNDS, CLOSE = 4, 0.2  # linearizations, and the change of a logarithm of smoothing that ends them
RESCALINGS, SETTLED = 30, 1e-4  # of the noise of a robust fit
HUBER, SEARCHES = 2, 3  # rescalings of a robust fit that take the convex loss, and that choose the smoothing


def weighted_fit(data: Observations, design: Design, smoothing: str | tuple[float, ...], family: Family, loss: str | None) -> Fit:
    """Fit by reweighted, preconditioned normal equations.

    Parameters
    ----------
    data : Observations
    design : Design
    smoothing : "gcv", "reml", or one number per axis
    family : Family
    loss : {"huber", "bisquare"} or None
    """
    weights = np.ones_like(data.values) if data.weights is None else data.weights
    if loss is not None:
        return _robust(data.values, weights, data.count, design, smoothing, loss)
    model: Model = Likelihood(family, data.values, weights) if family.known_scale else LeastSquares(data.values, weights)
    return _fitted(model, design, smoothing, data.count)


def _fitted(model: Model, design: Design, smoothing: str | tuple[float, ...], count: int) -> Fit:
    found = _searched(model, design, smoothing, count) if isinstance(smoothing, str) else None
    chosen = smoothing if isinstance(smoothing, tuple) else found.smoothing if found else ()
    minimum = minimize(design, model, chosen, count)
    degrees = minimum.solve.degrees_of_freedom()
    free = count - degrees
    noise = 1.0 if model.known_scale else float(np.sqrt(minimum.deviance / free)) if free > 1e-9 * count else 0.0
    steps, deviance = minimum.iterations, minimum.deviance
    return Fit(minimum.coefficients, chosen, degrees, noise, minimum.solve, found, steps, deviance=deviance)


def _searched(model: Model, design: Design, name: str, count: int) -> Search:
    """Search for the smoothing of the linearized problem, and linearize anew, until the smoothing does not change.

    The first guess is from data taken to be full and equally weighted, for which everything is elementwise (Gu, "Cross-validating
    non-Gaussian data", J. Comput. Graph. Stat. 1 (1992), for the iteration).
    """
    weights = model.linearize(model.start).weights
    level = float(np.mean(weights[weights > 0])) if np.any(weights > 0) else 1.0  # smoothing weighs against squares of this weight
    found = search(_elementwise(model, design, count), candidates(design.modes, SWEEP), evaluations=0)
    guess, predictor = tuple(level * s for s in found.smoothing), model.start
    for number in range(ROUNDS if model.iterates else 1):
        if model.iterates:
            predictor = minimize(design, model, guess, count).predictor
        near = guess
        around = AROUND[math.prod(design.shape) > DENSE] if number == 0 else STAY
        rough = [bool(axis.rough.any()) for axis in design.modes]
        tried = tuple(s * (around if free else STAY) for s, free in zip(near, rough, strict=True))
        steps = [STEP * free for free in rough]
        found = search(_linearized(model, predictor, design, CRITERIA[name], count), tried, evaluations=EVALUATIONS, steps=steps)
        guess = found.smoothing
        if np.max(np.abs(np.log(np.divide(guess, near)))) < CLOSE:
            break
    return found


def _linearized(
    model: Model, predictor: FloatArray, design: Design, criterion: Criterion, count: int
) -> Callable[[Sequence[float]], float]:
    weights, values = model.linearize(predictor)
    linear, weighted = LeastSquares(values, weights, model.known_scale), WeightedDesign(design, weights, count)
    moments = weighted.moments(values)

    def value(smoothing: Sequence[float]) -> float:
        solve = weighted_solve(weighted, smoothing)
        return criterion(linear, at(design, linear, solve, solve.inverse(moments)), count)

    return value


def _elementwise(model: Model, design: Design, count: int) -> Callable[[Sequence[float]], float]:
    """Generalized cross-validation with the inverse for equal weights in the place of the inverse."""
    pilot, weights = model.pilot, (model.linearize(model.start).weights > 0).astype(float)
    pilot = pilot - np.average(pilot, weights=weights) if weights.any() else pilot  # the inverse is not exact: a level would outweigh all
    weighted, spectrum = WeightedDesign(design, weights, count), design.spectrum
    vectors = KroneckerProduct(*(axis.vectors for axis in design.modes))
    moments = vectors.T.apply(weighted.moments(pilot))
    share = float(weighted.shares.sum())

    def value(smoothing: Sequence[float]) -> float:
        total = share * spectrum.seen + spectrum.roughness(smoothing)
        inverse = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
        residuals = pilot - design.operator.apply(vectors.apply(moments * inverse))
        freedom = 1 - float(np.sum(share * spectrum.seen * inverse)) / count
        return float(np.sum(weighted.shares * residuals**2)) / freedom**2 if freedom > 0 else np.inf

    return value


def _gcv(model: Model, minimum: Minimum, count: int) -> float:
    """Weighted squares of the residuals over the squared share of freedom left (Craven & Wahba 1979)."""
    freedom = 1 - minimum.solve.degrees_of_freedom() / count
    return minimum.deviance / count / freedom**2 if freedom > 0 else np.inf


def _reml(model: Model, minimum: Minimum, count: int) -> float:
    """The restricted likelihood of the linearized problem (Wood 2011), whose noise is known or taken to be the most likely."""
    determinant = minimum.solve.log_determinant()
    penalized = minimum.deviance + count * minimum.penalty
    if model.known_scale:
        return penalized + determinant
    freedom = count - int(np.count_nonzero(minimum.solve.design.spectrum.smooth))
    return freedom * float(np.log(penalized / count)) + determinant if penalized > 0 < freedom else np.inf


CRITERIA: dict[str, Criterion] = {"gcv": _gcv, "reml": _reml}


def _robust(values: FloatArray, weights: FloatArray, count: int, design: Design, smoothing: str | tuple[float, ...], loss: str) -> Fit:
    """Fit, take the noise from the median residual, and again; the bisquare starts from Huber's fit.

    The smoothing is chosen anew with the first scales, then kept, or the sequence might not settle.
    """
    fit = _fitted(LeastSquares(values, weights), design, smoothing, count)
    scale, found = _scale(values, weights, design, fit), fit.search
    for step in range(RESCALINGS):
        start = design.operator.apply(fit.coefficients)
        model = Robust(values, weights, "huber" if step < HUBER else loss, scale, start)
        fit = _fitted(model, design, smoothing if step < SEARCHES else fit.smoothing, count)
        found = fit.search or found
        last, scale = scale, _scale(values, weights, design, fit)
        if step >= SEARCHES and abs(scale - last) <= SETTLED * last:
            break
    shares = np.where(weights > 0, model.shares(design.operator.apply(fit.coefficients)), 0.0)
    return replace(fit, search=found, noise=scale, shares=shares)


def _scale(values: FloatArray, weights: FloatArray, design: Design, fit: Fit) -> float:
    """The standard deviation of the noise, from the median size of the residuals; that of half the data may be anything."""
    residuals = np.abs(values - design.operator.apply(fit.coefficients)) * np.sqrt(weights)
    observed = residuals[weights > 0]
    return NORMAL * float(np.median(observed)) or float(observed.max()) or 1.0
