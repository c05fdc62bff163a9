"""A determinant that may be too large for a number: its sign, and the logarithm of its magnitude."""

import math
from typing import Any, NamedTuple

import numpy as np

UNIT = 1e-6  # how far from 1 rounding may take the sign of a complex matrix in single precision


class LogDeterminant(NamedTuple):
    """The determinant as ``sign * exp(logabsdet)``; `sign` is a number of magnitude 1, or 0."""

    sign: Any
    logabsdet: float

    @property
    def det(self) -> Any:
        """The determinant itself; infinite where it is too large for a number.

        Examples
        --------
        >>> LogDeterminant(-1.0, 0.0).det, LogDeterminant(1j, 1e3).det
        (-1.0, infj)
        """
        size = math.exp(self.logabsdet) if self.logabsdet < math.log(np.finfo(float).max) else math.inf
        if not isinstance(self.sign, complex):
            return self.sign * size
        real, imaginary = (part * size if part else 0.0 for part in (self.sign.real, self.sign.imag))
        return complex(real, imaginary)

    @property
    def logdet(self) -> float:
        """The logarithm of the determinant.

        Raises
        ------
        ValueError
            If the determinant is not a positive number.
        """
        if not abs(self.sign - 1) < UNIT:
            raise ValueError(f"logdet: the determinant has the sign {self.sign:.6g}; its logarithm is real for 1 only: use slogdet()")
        return self.logabsdet
