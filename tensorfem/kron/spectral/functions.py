"""Functions of a Kronecker sum: f of its matrix applied to a field, the diagonal of f, and the exponential as a product."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import scipy.linalg as linalg

from tensorfem.kron.matrix import dense, require_inverse
from tensorfem.kron.mode_product import Array, mode_product
from tensorfem.kron.pencil import Pencil
from tensorfem.kron.spectral.axis_modes import Modes
from tensorfem.kron.spectral.eigenvalues import all_sums

Function = Callable[[Any], Any]

# Eigenvectors of this condition number leave half of the digits.
WORST_CONDITION = 1e8


def apply_function(modes: Sequence[Modes], shift: float, function: Function, array: Array, *, real: bool) -> Array:
    """Apply ``f(A) = W f(eigenvalues) W^-1`` to an array of shape (\\*batch, \\*shape).

    Parameters
    ----------
    modes : sequence of Modes
        One per axis.
    shift : float
    function : callable
        f, of an array of eigenvalues.
    array : array
    real : bool
        Whether the operator is real.

    Raises
    ------
    ValueError
        If the eigenvectors are too ill-conditioned, or f gives another shape, NaN or infinite values.

    Examples
    --------
    >>> from tensorfem.kron import kronsum
    >>> kronsum(np.diag([1.0, 3.0]), np.diag([0.0, 6.0])).function(np.sqrt, np.ones((2, 2)))
    array([[1.        , 2.64575131],
           [1.73205081, 3.        ]])
    """
    check_condition(modes)
    eigenvalues = all_sums([m.eigenvalues for m in modes], shift)
    values = sampled(function, eigenvalues)
    axes = range(-len(modes), 0)
    result = array
    for axis, m in zip(axes, modes, strict=True):
        result = m.forward(result, axis)
    result = result * values
    for axis, m in zip(axes, modes, strict=True):
        result = m.backward(result, axis)
    return result.real if real and np.isrealobj(array) and _stays_real(function, eigenvalues, values) else result


def function_diagonal(modes: Sequence[Modes], shift: float, function: Function, *, real: bool) -> Array:
    """The diagonal of f(A), exactly: for Hermitian matrices the squares of the eigenvectors' entries, summed with f as weights.

    Raises
    ------
    ValueError
        As `apply_function`.
    """
    check_condition(modes)
    eigenvalues = all_sums([m.eigenvalues for m in modes], shift)
    values = sampled(function, eigenvalues)
    diagonal = along_axes([m.factor for m in modes], values)
    return diagonal.real if real and _stays_real(function, eigenvalues, values) else diagonal


def inverse_diagonal(modes: Sequence[Modes], shift: float, *, real: bool) -> Array:
    """The diagonal of the inverse of a regular sum, masses and all.

    Raises
    ------
    ValueError
        As `apply_function`.
    """
    check_condition(modes)
    diagonal = along_axes([m.inverse_factor for m in modes], 1 / all_sums([m.eigenvalues for m in modes], shift))
    return diagonal.real if real else diagonal


def along_axes(factors: Iterable[Array], array: Array) -> Array:
    """One matrix along each axis."""
    for axis, factor in enumerate(factors):
        array = mode_product(factor, array, axis)
    return array


def check_condition(modes: Sequence[Modes]) -> None:
    """Refuse eigenvectors that would leave less than half of the digits.

    Raises
    ------
    ValueError
        Naming the axis with the largest condition number.
    """
    worst = max(range(len(modes)), key=lambda axis: modes[axis].condition)
    if math.prod(m.condition for m in modes) > WORST_CONDITION:
        raise ValueError(
            f"matrices: the eigenvectors of matrix {worst} have condition number {modes[worst].condition:.3g}; functions by eigenvectors "
            f"need a product below {WORST_CONDITION:.0e} over all axes; solve() for the inverse and expm() for the exponential need none"
        )


def sampled(function: Function, eigenvalues: Array) -> Array:
    """The values of f at the eigenvalues.

    Raises
    ------
    ValueError
        If they have another shape, or one is NaN or infinite.
    """
    values = np.asarray(function(eigenvalues))
    if values.shape not in {eigenvalues.shape, ()}:
        raise ValueError(f"f: got values of shape {values.shape} for eigenvalues of shape {eigenvalues.shape}; f must be elementwise")
    values = np.broadcast_to(values, eigenvalues.shape)
    bad = ~np.isfinite(values)
    if bad.any():
        first = np.unravel_index(int(np.argmax(bad)), bad.shape)
        raise ValueError(f"f: got {values[first]} at the eigenvalue {eigenvalues[first]:.6g}; f must be finite at all eigenvalues")
    return values


def _stays_real(function: Function, eigenvalues: Array, values: Array) -> bool:
    """Whether f of a real matrix is real: f takes conjugates to conjugates, with which the eigenvalues come in pairs."""
    return np.isrealobj(values) if np.isrealobj(eigenvalues) else np.allclose(function(eigenvalues.conj()), np.conj(values))


def axis_exponential(pencil: Pencil, time: float | complex) -> Array:
    """The exponential of ``time M^-1 K``: by the eigenbasis where the pencil is Hermitian, by scaling and squaring elsewhere.

    Examples
    --------
    >>> axis_exponential(Pencil(np.array([[0.0, 1.0], [0.0, 0.0]]), np.eye(2), unit_mass=True), 3.0)
    array([[1., 3.],
           [0., 1.]])
    """
    if not pencil.is_hermitian:
        return np.asarray(linalg.expm(time * _generator(pencil)))
    basis, identity = pencil.eigenbasis(), np.eye(pencil.size)
    weighted = basis.forward(identity.astype(complex) if basis.is_complex else identity, 0)
    evolved = basis.backward(np.exp(time * basis.eigenvalues)[:, None] * weighted, 0)
    return evolved if pencil.unit_mass else np.asarray(evolved @ dense(pencil.mass))


def _generator(pencil: Pencil) -> Array:
    """M^-1 K."""
    if pencil.unit_mass:
        return dense(pencil.stiffness)
    require_inverse(pencil.eigenvalues(), pencil.mass)
    return np.asarray(linalg.solve(dense(pencil.mass), dense(pencil.stiffness)))
