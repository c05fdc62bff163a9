"""Resonance: eigenvalues of the axes that add up to zero, so that the sum has no inverse."""

from collections.abc import Sequence

import numpy as np

from tensorfem.kron.mode_product import Array
from tensorfem.kron.pencil import Pencil
from tensorfem.kron.spectrum import Spectrum

# Times eps and the size of the eigenvalues: what rounding leaves of an eigenvalue of the sum that is zero.
ROUNDING = 8.0


def spectral_resonance(spectrum: Spectrum, pencils: Sequence[Pencil]) -> tuple[float, ...] | None:
    """The eigenvalues, one per axis, that add up (with the shift) to nothing but rounding, or None where the sum is regular.

    Rounding is eps times the eigenvalue itself where the pencil has a root, or sines and cosines; elsewhere eps times all of the axis.
    """
    place = (0,) * len(pencils) if spectrum.singular else spectrum.smallest_magnitude()[1]
    eigenvalues = [np.sort(basis.eigenvalues) for basis in spectrum.bases]
    values = tuple(float(axis[i]) for axis, i in zip(eigenvalues, place, strict=True))
    sizes = [_size(axis, i, p.root is not None) for axis, i, p in zip(eigenvalues, place, pencils, strict=True)]
    rounding = ROUNDING * np.finfo(float).eps * (sum(sizes) + abs(spectrum.shift))
    return values if abs(sum(values) + spectrum.shift) <= rounding else None


def require_regular(resonance: Sequence[complex] | None, shift: float) -> None:
    """Refuse a singular sum.

    Raises
    ------
    ValueError
        If there is a resonance; its eigenvalues are named.
    """
    if resonance is not None:
        beside = f" and the shift {shift:.6g}" if shift else ""
        raise ValueError(
            f"solve: the sum is singular: the eigenvalues {describe(resonance)} of the axes{beside} add up to 0; change the shift"
        )


def _size(eigenvalues: Array, index: int, relative: bool) -> float:
    return abs(float(eigenvalues[index])) if relative else float(np.linalg.norm(eigenvalues))


def describe(values: Sequence[complex]) -> str:
    """Numbers as words: real or imaginary where they are, up to rounding.

    Examples
    --------
    >>> describe([1 + 0j, -2 + 1e-16j]), describe([1e-17 + 1j])
    ('1 and -2', '1j')
    """
    return " and ".join(_word(complex(value)) for value in values)


def _word(value: complex) -> str:
    small = ROUNDING * np.finfo(float).eps * abs(value)
    if abs(value.imag) <= small:
        return f"{value.real:.6g}"
    return f"{value.imag:.6g}j" if abs(value.real) <= small else f"{value:.6g}"
