"""Fits whose weights depend on the fit: counts by their likelihood, outliers by how far out they lie."""

import abc
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tensorfem.regression.families import Family
from tensorfem.regression.normal import Design, WeightedDesign
from tensorfem.regression.weighted_solve import WeightedSolve, weighted_solve
from tensorfem.solvers import ConvergenceError, LinearSolution

FloatArray = NDArray[np.float64]
STEPS, HALVINGS = 200, 30  # of the iteration, and of one step
SETTLED, SETTLED_NOISE = 1e-9, 1e-7  # the change that ends it: of a function that has no unit, and over the noise (it shrinks slowly)
FLAT = 1e-9  # gain of deviance per datum that ends it too: the logit of what is separated perfectly grows without end
FLAT_NOISE = 1e-10  # the same over all that is minimized, where the noise is not known
FLAT_END = 1e-6  # that which is enough after the last step: data without noise and a linear loss converge slowly
NORMAL = 1.4826  # the standard deviation over the median absolute deviation


class Linearized(NamedTuple):
    """A weighted least-squares problem that has the same slope as the one to be solved."""

    weights: FloatArray
    values: FloatArray


class Model(abc.ABC):
    """What a fit minimizes beside the roughness: a sum over the data that depends on the fitted function."""

    start: FloatArray
    iterates: bool
    known_scale: bool

    @abc.abstractmethod
    def linearize(self, predictor: FloatArray) -> Linearized:
        """The least-squares problem at a function's values at the data."""

    @abc.abstractmethod
    def deviance(self, predictor: FloatArray) -> float:
        """The sum, at a function's values at the data."""

    @property
    def pilot(self) -> FloatArray:
        """Data without weights, from which a first smoothing is guessed."""
        return self.start

    def resolution(self, predictor: FloatArray) -> float:
        """A change of the function that is next to nothing."""
        return SETTLED * (1 + float(np.max(np.abs(predictor))))


@dataclass(frozen=True, eq=False)
class LeastSquares(Model):
    """Weighted squares: nothing depends on the function."""

    values: FloatArray
    weights: FloatArray
    known_scale: bool = False
    iterates = False

    @property
    def start(self) -> FloatArray:  # type: ignore[override]
        """The data."""
        return self.values

    def linearize(self, predictor: FloatArray) -> Linearized:
        """The problem itself."""
        return Linearized(self.weights, self.values)

    def deviance(self, predictor: FloatArray) -> float:
        """The weighted squares of the residuals."""
        return float(np.sum(self.weights * (self.values - predictor) ** 2))


@dataclass(frozen=True, eq=False)
class Likelihood(Model):
    """The deviance of counts or shares, linearized as in Fisher scoring.

    References
    ----------
    McCullagh & Nelder, Generalized Linear Models, 2nd ed., section 2.5; on grids Currie, Durban & Eilers 2006.
    """

    family: Family
    values: FloatArray
    weights: FloatArray
    iterates = True
    known_scale = True

    @property
    def start(self) -> FloatArray:  # type: ignore[override]
        """The link of the data, drawn into its range."""
        return np.where(self.weights > 0, self.family.start(self.values, self.weights), 0.0)

    def linearize(self, predictor: FloatArray) -> Linearized:
        """Weights are variances of the data, and values the function with the residuals over them."""
        mean = self.family.mean(predictor)
        slope = np.maximum(self.family.variance(mean), 1e-10)
        return Linearized(self.weights * slope, predictor + (self.values - mean) / slope)

    def deviance(self, predictor: FloatArray) -> float:
        """The weighted deviance."""
        return float(np.sum(self.weights * self.family.deviance(self.values, self.family.mean(predictor))))


@dataclass(frozen=True, eq=False)
class Robust(Model):
    """Squares of small residuals, and less of large ones: what counts as large follows from the median of their sizes.

    Parameters
    ----------
    values, weights : arrays
        A residual counts as large or small times the root of its weight.
    loss : {"huber", "bisquare"}
        Huber's function grows linearly beyond 1.345 standard deviations; Tukey's bisquare not at all beyond 4.685. Both keep 95 % of the
        efficiency where the noise is normal (Huber & Ronchetti, Robust Statistics, 2nd ed., section 7.8).
    scale : float
        The standard deviation of the noise, at weight 1.
    start : array
        Where to start: a function's values at the data.
    """

    values: FloatArray
    weights: FloatArray
    loss: str
    scale: float
    start: FloatArray
    iterates = True
    known_scale = False

    @property
    def pilot(self) -> FloatArray:
        """The data, outliers drawn to where the iteration starts."""
        return self.start + self.shares(self.start) * (self.values - self.start)

    def resolution(self, predictor: FloatArray) -> float:
        """A part of the noise."""
        return SETTLED_NOISE * self.scale

    def shares(self, predictor: FloatArray) -> FloatArray:
        """How much each datum counts, from 0 to 1."""
        out = self._outlying(predictor)
        if self.loss == "huber":
            return 1 / np.maximum(out, 1.0)
        return np.where(out < 1, (1 - np.minimum(out, 1.0) ** 2) ** 2, 0.0)

    def _outlying(self, predictor: FloatArray) -> FloatArray:
        return np.sqrt(self.weights) * np.abs(self.values - predictor) / (LOSSES[self.loss] * self.scale)

    def linearize(self, predictor: FloatArray) -> Linearized:
        """Weights that shrink with the residuals."""
        return Linearized(self.weights * self.shares(predictor), self.values)

    def deviance(self, predictor: FloatArray) -> float:
        """Twice the loss, which for small residuals is their weighted squares."""
        out = self._outlying(predictor)
        inside = np.minimum(out, 1.0)
        loss = inside**2 + 2 * (out - inside) if self.loss == "huber" else (1 - (1 - inside**2) ** 3) / 3
        return float(np.sum(loss)) * (LOSSES[self.loss] * self.scale) ** 2


LOSSES = {"huber": 1.345, "bisquare": 4.685}


class Minimum(NamedTuple):
    """Where the deviance and the roughness together are least."""

    coefficients: FloatArray
    predictor: FloatArray
    deviance: float
    penalty: float
    solve: WeightedSolve
    iterations: int

    def objective(self, count: int) -> float:
        """What is minimized."""
        return self.deviance / count + self.penalty


def minimize(design: Design, model: Model, smoothing: Sequence[float], count: int) -> Minimum:
    """Minimize ``deviance / count + roughness`` by iteratively reweighted least squares, with steps halved until they help.

    Parameters
    ----------
    design : Design
    model : Model
    smoothing : sequence of float
    count : int
        Number of data.

    Raises
    ------
    ConvergenceError
        If 200 steps do not suffice.
    """
    best = _step(design, model, smoothing, count, model.start)
    for number in range(2, STEPS + 1):
        if not model.iterates:
            return best
        target = _step(design, model, smoothing, count, best.predictor)
        found = _halved(design, model, best, target, count)
        change = float(np.max(np.abs(found.predictor - best.predictor)))
        gain = best.objective(count) - found.objective(count)
        best = found._replace(iterations=number)
        if change <= model.resolution(best.predictor) or gain <= (FLAT if model.known_scale else FLAT_NOISE * best.objective(count)):
            return best
    if not model.known_scale and gain <= FLAT_END * best.objective(count):
        return best
    record = LinearSolution(best.coefficients, False, "not settled", STEPS, (), 0.0, best.solve.operator, None)
    raise ConvergenceError(
        f"fit: the function still changed by {change:.2g} in the last of {STEPS} reweighted fits; use more smoothing, or fewer functions",
        record,
    )


def _step(design: Design, model: Model, smoothing: Sequence[float], count: int, predictor: FloatArray) -> Minimum:
    weights, values = model.linearize(predictor)
    weighted = WeightedDesign(design, weights, count)
    solve = weighted_solve(weighted, smoothing)
    return at(design, model, solve, solve.inverse(weighted.moments(values)))


def at(design: Design, model: Model, solve: WeightedSolve, coefficients: FloatArray) -> Minimum:
    """Coefficients as a step towards the minimum."""
    function = design.operator.apply(coefficients)
    return Minimum(coefficients, function, model.deviance(function), solve.penalty(coefficients), solve, 1)


def _halved(design: Design, model: Model, before: Minimum, target: Minimum, count: int) -> Minimum:
    """The step, or as much of it as does not make things worse; none, where rounding hides what is better."""
    limit = before.objective(count) * (1 + 1e-12)
    found, share = target, 1.0
    while not found.objective(count) <= limit and share > 2.0**-HALVINGS:
        share /= 2
        found = at(design, model, target.solve, before.coefficients + share * (target.coefficients - before.coefficients))
    return found if found.objective(count) <= limit else before
