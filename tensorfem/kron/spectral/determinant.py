"""The determinant of a Kronecker sum, from the eigenvalues and the masses of its axes."""

import math
from collections.abc import Sequence

import numpy as np

from tensorfem.kron.log_determinant import LogDeterminant
from tensorfem.kron.matrix import dense
from tensorfem.kron.pencil import Pencil
from tensorfem.kron.spectral.eigenvalues import all_sums


def sum_slogdet(pencils: Sequence[Pencil], shift: float) -> LogDeterminant:
    """Sign and logarithm of the determinant's absolute value.

    ``det A = det(M_0 (x) M_1 ...) prod(lambda_i + lambda_j + ... + shift)``, where
    ``det(A (x) B) = det(A)^n det(B)^m`` for m x m and n x n matrices.

    Examples
    --------
    >>> unit = Pencil(np.array([[3.0]]), np.eye(1), unit_mass=True)
    >>> sign, logarithm = sum_slogdet([unit, unit], -8.0)
    >>> sign, round(math.exp(logarithm), 12)
    (-1.0, 2.0)
    """
    eigenvalues = all_sums([pencil.eigenvalues() for pencil in pencils], shift)
    sizes = np.abs(eigenvalues)
    if not sizes.all():
        return LogDeterminant(0.0, -math.inf)
    sign, logarithm = np.prod(eigenvalues / sizes), float(np.log(sizes).sum())
    for pencil in pencils:
        if not pencil.unit_mass:
            mass_sign, mass_logarithm = np.linalg.slogdet(dense(pencil.mass))
            others = eigenvalues.size // pencil.size
            sign, logarithm = sign * mass_sign**others, logarithm + others * float(mass_logarithm)
    if any(pencil.is_complex for pencil in pencils):
        return LogDeterminant(complex(sign / abs(sign)), logarithm)
    return LogDeterminant(float(np.sign(sign.real)), logarithm)
