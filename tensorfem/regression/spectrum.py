"""What the modes of all axes make together: the denominators of a separable fit, and its degrees of freedom."""

import functools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tensorfem.kron import outer
from tensorfem.regression.modes import AxisModes

FloatArray = NDArray[np.float64]


class ModeSpectrum:
    """How well the data see each mode, and how rough it is along each axis, as fields over the modes.

    A fit minimizes the mean square of its residuals plus ``sum_i smoothing_i c^T (G x .. P_i .. x G) c``: along axis i the roughness P_i,
    along the others the data's own mean square G. In the modes that is ``seen + sum_i smoothing_i rough_i``, elementwise: a Kronecker sum
    with the data's term as its shift.

    Parameters
    ----------
    axes : sequence of AxisModes
    """

    def __init__(self, axes: Sequence[AxisModes]) -> None:
        self.axes = tuple(axes)
        self.seen = outer([axis.seen for axis in axes])
        self.rough = tuple(outer([axis.rough if j == i else axis.seen for j, axis in enumerate(self.axes)]) for i in range(len(self.axes)))

    @functools.cached_property
    def smooth(self) -> NDArray[np.bool_]:
        """The modes without roughness along any axis."""
        return np.asarray(np.all([rough == 0 for rough in self.rough], axis=0) & (self.seen > 0))

    def roughness(self, smoothing: Sequence[float]) -> FloatArray:
        """The weighted sum of the roughnesses."""
        total = np.zeros_like(self.seen)
        for weight, rough in zip(smoothing, self.rough, strict=True):
            total += weight * rough
        return total

    def inverse(self, smoothing: Sequence[float]) -> FloatArray:
        """The reciprocals of ``seen + roughness``; 0 for modes that neither the data nor the roughness fix: minimum norm."""
        total = self.seen + self.roughness(smoothing)
        return np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)

    def kept(self, smoothing: Sequence[float]) -> FloatArray:
        """The share of each mode that the fit keeps, from 0 to 1; their sum are the effective degrees of freedom."""
        return self.seen * self.inverse(smoothing)
