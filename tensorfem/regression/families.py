"""What the data are: measurements with noise, counts, or successes among trials."""

import abc
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
HIGHEST = 300.0  # logarithm of a mean, beyond which sums of means might overflow


class Names(NamedTuple):
    """What pictures call the data, their mean, and the function that has the standard errors."""

    data: str
    mean: str
    function: str


class Family(abc.ABC):
    """A distribution of the data and its canonical link: the function fitted is `link` of the mean."""

    known_scale: bool
    names: Names

    @abc.abstractmethod
    def mean(self, predictor: FloatArray) -> FloatArray:
        """The mean of the data, from the fitted function."""

    @abc.abstractmethod
    def variance(self, mean: FloatArray) -> FloatArray:
        """The variance at a mean: with the canonical link also the derivative of `mean`."""

    @abc.abstractmethod
    def deviance(self, values: FloatArray, mean: FloatArray) -> FloatArray:
        """Twice the loss of log likelihood against the data themselves, per datum."""

    @abc.abstractmethod
    def start(self, values: FloatArray, weights: FloatArray) -> FloatArray:
        """A linear predictor near the data."""

    @abc.abstractmethod
    def check(self, values: FloatArray) -> str:
        """What is wrong with values that cannot be such data, or nothing."""


@dataclass(frozen=True)
class Gaussian(Family):
    """Measurements with noise of one size, which is estimated."""

    known_scale = False
    names = Names("f", "f", "f")

    def mean(self, predictor: FloatArray) -> FloatArray:
        """The function itself."""
        return predictor

    def variance(self, mean: FloatArray) -> FloatArray:
        """The same everywhere."""
        return np.ones_like(mean)

    def deviance(self, values: FloatArray, mean: FloatArray) -> FloatArray:
        """The squared residual."""
        return (values - mean) ** 2

    def start(self, values: FloatArray, weights: FloatArray) -> FloatArray:
        """The data."""
        return values

    def check(self, values: FloatArray) -> str:
        """All numbers are allowed."""
        return ""


@dataclass(frozen=True)
class Poisson(Family):
    """Counts: the function is the logarithm of their mean."""

    known_scale = True
    names = Names("count", "mean count", "the log of the mean")

    def mean(self, predictor: FloatArray) -> FloatArray:
        """The exponential, kept from overflow: a step too long must be seen to be one."""
        return np.exp(np.minimum(predictor, HIGHEST))

    def variance(self, mean: FloatArray) -> FloatArray:
        """The mean itself."""
        return mean

    def deviance(self, values: FloatArray, mean: FloatArray) -> FloatArray:
        """``2 (y log(y / mean) - (y - mean))``."""
        ratio = np.where(values > 0, values, 1.0) / np.where(values > 0, mean, 1.0)
        return 2 * (values * np.log(ratio) - (values - mean))

    def start(self, values: FloatArray, weights: FloatArray) -> FloatArray:
        """The logarithm of the data, kept from that of zero."""
        return np.log(values + 0.1 * np.average(values, weights=weights) + 1e-6)

    def check(self, values: FloatArray) -> str:
        """Nothing below 0."""
        return f"the count {values.min():g} is negative; allowed are numbers >= 0" if values.min() < 0 else ""


@dataclass(frozen=True)
class Binomial(Family):
    """Shares of successes, from 0 to 1, among as many trials as the weights say: the function is the logit of the probability."""

    known_scale = True
    names = Names("share", "probability", "the logit")

    def mean(self, predictor: FloatArray) -> FloatArray:
        """The logistic function."""
        return np.asarray(0.5 * (1 + np.tanh(predictor / 2)))

    def variance(self, mean: FloatArray) -> FloatArray:
        """``p (1 - p)``."""
        return mean * (1 - mean)

    def deviance(self, values: FloatArray, mean: FloatArray) -> FloatArray:
        """``2 (y log(y / p) + (1 - y) log((1 - y) / (1 - p)))``."""
        tiny = np.finfo(float).tiny
        both = [(values, mean), (1 - values, 1 - mean)]
        parts = [share * np.log(np.where(share > 0, share, 1.0) / np.where(share > 0, np.maximum(p, tiny), 1.0)) for share, p in both]
        return 2 * (parts[0] + parts[1])

    def start(self, values: FloatArray, weights: FloatArray) -> FloatArray:
        """The logit of the data drawn a little to the middle."""
        share = (values * weights + 0.5) / (weights + 1)
        return np.log(share / (1 - share))

    def check(self, values: FloatArray) -> str:
        """Nothing outside 0 to 1."""
        wrong = values[(values < 0) | (values > 1)]
        return (
            f"the share {wrong[0]:g} is no number from 0 to 1; give shares of successes, and trials as sample_weight" if wrong.size else ""
        )


FAMILIES: dict[str, Family] = {"gaussian": Gaussian(), "poisson": Poisson(), "binomial": Binomial()}
