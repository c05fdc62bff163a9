"""The result of a fit, and the fit whose every step is elementwise."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tensorfem.kron import KroneckerProduct
from tensorfem.regression.criteria import CRITERIA, Evidence
from tensorfem.regression.evaluation import combine
from tensorfem.regression.modes import AxisModes
from tensorfem.regression.search import Search, candidates, search
from tensorfem.regression.spectrum import ModeSpectrum

FloatArray = NDArray[np.float64]


class Covariance(Protocol):
    """The covariance of the coefficients, known by what it says of the function."""

    def variance(self, matrices: Sequence[Any], *, grid: bool) -> FloatArray:
        """The variance of the function, for noise of variance 1, at points that have these matrices of functions, one per axis."""


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted function.

    Attributes
    ----------
    coefficients : (m_0, m_1, ...) array
    smoothing : tuple of float
        One per axis.
    degrees_of_freedom : float
        The trace of the map from the data to the fitted values.
    noise : float
        The standard deviation of the data around the function, at weight 1; 1 where the family of the data has none.
    covariance : Covariance
        Of the coefficients for noise 1, given the smoothing (Bayesian: Wahba 1983, Nychka 1988).
    search : Search or None
        What was searched, where the smoothing was not given.
    iterations : int
        0 for a fit in closed form.
    shares : array of the data's shape, or None
        How much each datum counts in a robust fit, from 0 to 1.
    deviance : float
        The weighted sum of squared residuals, or what the family of the data or the loss has in its place.
    """

    coefficients: FloatArray
    smoothing: tuple[float, ...]
    degrees_of_freedom: float
    noise: float
    covariance: Covariance
    search: Search | None = None
    iterations: int = 0
    shares: FloatArray | None = None
    deviance: float = math.nan


@dataclass(frozen=True, eq=False)
class ModeCovariance:
    """A covariance that is diagonal in the modes."""

    axes: tuple[AxisModes, ...]
    variances: FloatArray

    def variance(self, matrices: Sequence[Any], *, grid: bool) -> FloatArray:
        """The squares of the modes, weighted by their variances: the exact diagonal."""
        return combine([(matrix @ axis.vectors) ** 2 for matrix, axis in zip(matrices, self.axes, strict=True)], self.variances, grid=grid)


def evidence(spectrum: ModeSpectrum, values: FloatArray) -> tuple[FloatArray, Evidence]:
    """The data's mean products with the modes, and what the criteria need."""
    designs = [axis.design for axis in spectrum.axes]
    products = KroneckerProduct(*(design.T for design in designs)).apply(values) / values.size
    parts = np.divide(products, spectrum.seen, out=np.zeros_like(products), where=spectrum.seen > 0)
    outside = values - KroneckerProduct(*designs).apply(parts)
    return products, Evidence(spectrum, values.size, parts * products, float(np.mean(outside**2)))


def chosen(
    smoothing: str | tuple[float, ...], criterion: Callable[[str], Callable[[Sequence[float]], float]], axes: Sequence[AxisModes]
) -> tuple[tuple[float, ...], Search | None]:
    """The smoothing given, or the best by the criterion named."""
    if not isinstance(smoothing, str):
        return smoothing, None
    found = search(criterion(smoothing), candidates(axes))
    return found.smoothing, found


def grid_fit(axes: Sequence[AxisModes], values: FloatArray, smoothing: str | tuple[float, ...]) -> Fit:
    """Fit values on a full grid, all of weight 1: the normal equations are diagonal in the modes.

    Parameters
    ----------
    axes : sequence of AxisModes
    values : (n_0, n_1, ...) array
    smoothing : "gcv", "reml", or one number per axis

    References
    ----------
    Eilers, Currie & Durban, "Fast and compact smoothing on large multidimensional grids", Comput. Stat. Data Anal. 50 (2006);
    Lynch, Rice & Thomas 1964 for the diagonalization.
    """
    spectrum = ModeSpectrum(axes)
    products, known = evidence(spectrum, values)
    weights, found = chosen(smoothing, lambda name: lambda tried: CRITERIA[name](known, tried), axes)
    inverse, noise = spectrum.inverse(weights), known.noise(weights)
    coefficients = KroneckerProduct(*(axis.vectors for axis in axes)).apply(products * inverse)
    covariance = ModeCovariance(tuple(axes), inverse / values.size)
    deviance = known.count * known.residual(weights)
    return Fit(coefficients, weights, float(spectrum.kept(weights).sum()), noise, covariance, found, deviance=deviance)
