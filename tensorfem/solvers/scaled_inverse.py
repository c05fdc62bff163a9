"""The inverse of ``S A0 S``, with a diagonal S and an A0 that fast diagonalization inverts, as a preconditioner."""

from typing import Any

import numpy as np

from tensorfem.kron import Array, slabs
from tensorfem.kron.threads import in_threads

PIECE = 1 << 16  # entries for one thread at a time


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
        else:
            _multiply(residual, self._scale, result, self._threads)
        result = self._inverse.solve(result, overwrite=True, threads=self._threads)
        if self._scale is not None:
            _multiply(result, self._scale, result, self._threads)
        return result


def _multiply(array: Array, other: Array, out: Array, threads: int | None) -> None:
    flat = [np.ascontiguousarray(field).reshape(-1) for field in (array, other)] + [out.reshape(-1)]
    in_threads(lambda piece: np.multiply(flat[0][piece], flat[1][piece], out=flat[2][piece]), slabs(out.size, 1, PIECE), threads)
