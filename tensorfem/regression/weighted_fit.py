"""Fits that are not elementwise: weighted, incomplete or scattered data, outliers, counts and shares."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.kron import KroneckerProduct
from tensorfem.regression.families import Family
from tensorfem.regression.fit import Fit
from tensorfem.regression.normal import Design
from tensorfem.regression.observations import Observations
from tensorfem.regression.reweighting import NORMAL, LeastSquares, Likelihood, Minimum, Model, Robust, minimize
from tensorfem.regression.search import Search, candidates, search
from tensorfem.regression.spectrum import ModeSpectrum

FloatArray = NDArray[np.float64]
SWEEP = 64  # smoothing parameters tried by the elementwise criterion
AROUND = np.array([0.1, 1.0, 10.0])  # those tried by the true criterion, over the best of them
EVALUATIONS = 15  # of the true criterion afterwards, per axis
RESCALINGS, SETTLED = 30, 1e-4  # of the noise of a robust fit
HUBER, SEARCHES = 2, 3  # rescalings of a robust fit that take the convex loss, and that choose the smoothing


@dataclass(frozen=True, eq=False)
class SolveCovariance:
    """The covariance that a minimum's own normal equations give."""

    minimum: Minimum
    scale: float

    def variance(self, matrices: Sequence[Any], *, grid: bool) -> FloatArray:
        """The diagonal of the inverse, times the noise."""
        return self.scale * self.minimum.solve.variance(matrices, grid=grid)


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
    return Fit(minimum.coefficients, chosen, degrees, noise, SolveCovariance(minimum, noise**2), found, minimum.iterations)


def _searched(model: Model, design: Design, name: str, count: int) -> Search:
    """Search by the criterion itself, near the best of one for which the data are taken to be full, equally weighted and Gaussian."""
    near = search(_elementwise(model, design, count), candidates(design.modes, SWEEP), evaluations=0).smoothing
    tried = tuple(np.array([s]) if not axis.rough.any() else s * AROUND for s, axis in zip(near, design.modes, strict=True))
    criterion, latest = CRITERIA[name], [None]

    def value(smoothing: Sequence[float]) -> float:
        minimum = minimize(design, model, smoothing, count, latest[0])
        if model.iterates:
            latest[0] = minimum.coefficients  # type: ignore[call-overload]
        return criterion(model, minimum, count)

    return search(value, tried, evaluations=EVALUATIONS)


def _elementwise(model: Model, design: Design, count: int) -> Callable[[Sequence[float]], float]:
    """Generalized cross-validation for the linearized data, with the separable inverse in the place of the inverse."""
    weights, values = model.linearize(model.start)
    spectrum = ModeSpectrum(design.modes)
    mean = float(weights.sum()) / count
    moments = KroneckerProduct(*(axis.vectors.T for axis in design.modes)).apply(design.transposed.apply(weights * values / count))
    total = float(np.sum(weights * values**2)) / count

    def value(smoothing: Sequence[float]) -> float:
        seen = mean * spectrum.seen
        inverse = seen + spectrum.roughness(smoothing)
        inverse = np.divide(1.0, inverse, out=np.zeros_like(inverse), where=inverse > 0)
        residual = total - float(np.sum(moments**2 * inverse * (2 - seen * inverse)))
        freedom = 1 - float(np.sum(seen * inverse)) / count
        return max(residual, 1e-12 * total) / freedom**2 if freedom > 0 else np.inf

    return value


def _gcv(model: Model, minimum: Minimum, count: int) -> float:
    """The deviance in the place of the squares (O'Sullivan, Yandell & Raynor 1986; Wood 2008)."""
    freedom = 1 - minimum.solve.degrees_of_freedom() / count
    return minimum.deviance / count / freedom**2 if freedom > 0 else np.inf


def _reml(model: Model, minimum: Minimum, count: int) -> float:
    """Laplace's approximation of the restricted likelihood, which is exact for squares (Wood 2011)."""
    determinant = minimum.solve.log_determinant()
    penalized = minimum.deviance + count * minimum.penalty
    if model.known_scale:
        return penalized + determinant
    freedom = count - int(np.count_nonzero(minimum.solve.spectrum.smooth))
    return freedom * float(np.log(penalized / count)) + determinant if penalized > 0 < freedom else np.inf


CRITERIA: dict[str, Callable[[Model, Minimum, int], float]] = {"gcv": _gcv, "reml": _reml}


def _robust(values: FloatArray, weights: FloatArray, count: int, design: Design, smoothing: str | tuple[float, ...], loss: str) -> Fit:
    """Fit, take the noise from the median residual, and again; the bisquare starts from Huber's fit.

    The smoothing is chosen anew with the first scales, then kept, or the sequence might not settle.
    """
    fit = _fitted(LeastSquares(values, weights), design, smoothing, count)
    scale, found = _scale(values, weights, design, fit), fit.search
    for step in range(RESCALINGS):
        model = Robust(values, weights, "huber" if step < HUBER else loss, scale)
        fit = _fitted(model, design, smoothing if step < SEARCHES else fit.smoothing, count)
        found = fit.search or found
        last, scale = scale, _scale(values, weights, design, fit)
        if step >= SEARCHES and abs(scale - last) <= SETTLED * last:
            break
    return replace(fit, search=found, shares=model.shares(design.operator.apply(fit.coefficients)))


def _scale(values: FloatArray, weights: FloatArray, design: Design, fit: Fit) -> float:
    """The standard deviation of the noise, from the median size of the residuals; that of half the data may be anything."""
    residuals = np.abs(values - design.operator.apply(fit.coefficients)) * np.sqrt(weights)
    observed = residuals[weights > 0]
    return NORMAL * float(np.median(observed)) or float(observed.max()) or 1.0
