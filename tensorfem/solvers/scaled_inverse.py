"""The inverse of ``S A0 S``, with a diagonal S and an A0 that fast diagonalization inverts, as a preconditioner."""

from typing import Any

import numpy as np

from tensorfem.kron import Array
from tensorfem.kron.threads import with_threads
from tensorfem.solvers.updates import multiply_into


class ScaledInverse:
    """The map ``r -> S^-1 A0^-1 S^-1 r``: symmetric and positive definite, as A0 is.

    Where A0 is singular, its pseudo-inverse takes the place of the inverse: r lies in the complement of the operator's null vector, and
    is mapped to it by the projections that the iteration makes before and after.

    Parameters
    ----------
    inverse : Spectrum or PartialSpectrum
        Of A0.
    inverse_scale : array, optional
        The diagonal of S^-1; the identity by default.
    threads : int, optional

    References
    ----------
    Concus & Golub, SIAM J. Numer. Anal. 10 (1973).
    """

    def __init__(self, inverse: Any, inverse_scale: Array | None = None, threads: int | None = None) -> None:
        self._inverse, self._scale, self._threads = inverse, inverse_scale, threads

    def __call__(self, residual: Array) -> Array:
        """The image of a residual, which stays as it is."""
        return self.into(residual, np.empty(residual.shape, dtype=residual.dtype))

    def into(self, residual: Array, result: Array) -> Array:
        """The image, put into an array that is there: first touch of fresh memory takes as long as the transforms.

        Parameters
        ----------
        residual : array
        result : C-contiguous array of its shape and type
        """
        if self._scale is None:
            np.copyto(result, residual)
            return np.asarray(self._inverse.solve(result, overwrite=True, threads=self._threads))
        with with_threads(self._threads):
            multiply_into(result, residual, self._scale)
            result = self._inverse.solve(result, overwrite=True, threads=self._threads)
            multiply_into(result, result, self._scale)
        return result
