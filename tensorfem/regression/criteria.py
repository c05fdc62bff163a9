"""What chooses the smoothing: generalized cross-validation and restricted maximum likelihood, elementwise in the modes.

REML smooths less than GCV where the function is smooth. Measured on waves, ``sin(2 pi x) cos(pi y)``, and on a Gaussian bump, on 60 x 40
points in 19 x 15 splines with order 2 and normal noise of 0.05 and 0.3: in each of 64 draws REML left more degrees of freedom, in the
median 1.3 to 1.7 times as many, for an error 1.05 to 1.3 times that of GCV. A reason is its model: coefficients drawn at random with the
roughness as their precision are wilder than such a surface. GCV is the default.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tensorfem.regression.spectrum import ModeSpectrum

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the criteria know of the data: nothing else of them matters.

    Attributes
    ----------
    spectrum : ModeSpectrum
    count : int
        Number of data.
    squares : array over the modes
        The mean square of the data's part along each mode (0 for unseen modes).
    outside : float
        The mean square of the data's part outside the span of the functions.
    """

    spectrum: ModeSpectrum
    count: int
    squares: FloatArray
    outside: float

    def gcv(self, smoothing: Sequence[float]) -> float:
        """Mean squared residual over the squared share of freedom left (Craven & Wahba 1979)."""
        kept = self.spectrum.kept(smoothing)
        freedom = 1 - float(kept.sum()) / self.count
        return self.residual(smoothing) / freedom**2 if freedom > 0 else np.inf

    def reml(self, smoothing: Sequence[float]) -> float:
        """Minus twice the restricted log likelihood, over the noise, up to a constant (Patterson & Thompson 1971; Wood 2011)."""
        penalty, seen = self.spectrum.roughness(smoothing), self.spectrum.seen
        wild = (penalty > 0) & (seen > 0)
        lost = penalty[wild] / (penalty[wild] + seen[wild])
        deviance = self.outside + float(lost @ self.squares[wild])
        freedom = self.count - int(np.count_nonzero(self.spectrum.smooth))
        if deviance <= 0 or freedom <= 0:
            return np.inf
        return freedom * float(np.log(deviance)) - float(np.sum(np.log(lost)))

    def residual(self, smoothing: Sequence[float]) -> float:
        """The mean square of the residuals."""
        return self.outside + float(np.sum((1 - self.spectrum.kept(smoothing)) ** 2 * self.squares))

    def noise(self, smoothing: Sequence[float]) -> float:
        """The standard deviation of the noise: squared residuals over the degrees of freedom that they have; 0 without any."""
        freedom = self.count - float(self.spectrum.kept(smoothing).sum())
        return float(np.sqrt(self.count * self.residual(smoothing) / freedom)) if freedom > 1e-9 * self.count else 0.0


CRITERIA: dict[str, Callable[[Evidence, Sequence[float]], float]] = {"gcv": Evidence.gcv, "reml": Evidence.reml}
