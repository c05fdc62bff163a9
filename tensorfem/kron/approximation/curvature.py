"""The Kronecker-factored curvature update of a layer of a network: two small solves in place of a large one."""

import math
from typing import Any

import numpy as np
import scipy.linalg

from tensorfem.kron.inputs import at_least_zero, finite_array
from tensorfem.kron.mode_product import Array, mode_product


def kfac_update(gradient: Any, activations_covariance: Any, gradients_covariance: Any, damping: float, *, exact: bool = False) -> Array:
    """The gradient of a layer, multiplied by the inverse of its damped curvature ``G (x) A``.

    The layer maps inputs a to ``s = W a`` (append a 1 to a for a bias). Its curvature, the Fisher matrix, is approximated by the Kronecker
    product of ``A = E[a a^T]`` and ``G = E[g g^T]``, g the gradient by s (Martens & Grosse, "Optimizing neural networks with
    Kronecker-factored approximate curvature", 2015). W is raveled in C order here, hence ``G (x) A``; the paper stacks columns and writes
    ``A (x) G``. The step is ``W - rate * kfac_update(...)``.

    Parameters
    ----------
    gradient : (\\*batch, n_out, n_in) array
        Of the loss by W; leading axes for many at once.
    activations_covariance : (n_in, n_in) array
        A, symmetric positive semidefinite (Hermitian: then its transpose stands in the formula below).
    gradients_covariance : (n_out, n_out) array
        G, likewise.
    damping : float
        At least 0.
    exact : bool
        By default the damping is split as in the paper, section 6.3: ``(G + sqrt(damping) / pi I)^-1 gradient (A + pi sqrt(damping) I)^-1``
        with ``pi^2 = (trace A / n_in) / (trace G / n_out)``: two Cholesky factorizations. Otherwise ``(G (x) A + damping I)^-1`` itself is
        applied, by the eigenvalues of both.

    Returns
    -------
    array of the gradient's shape

    Raises
    ------
    ValueError
        If the shapes do not fit, a covariance is not symmetric positive semidefinite, or the damped curvature is singular.

    Examples
    --------
    >>> kfac_update(np.array([[4.0, 8.0]]), np.diag([1.0, 4.0]), np.array([[2.0]]), damping=0.0)
    array([[2., 1.]])
    >>> kfac_update(np.array([[4.0, 9.0]]), np.diag([1.0, 4.0]), np.array([[2.0]]), damping=1.0, exact=True).round(12)
    array([[1.33333333, 1.        ]])
    """
    array = finite_array(gradient, "gradient")
    inputs, outputs = (
        _covariance(activations_covariance, "activations_covariance"),
        _covariance(gradients_covariance, "gradients_covariance"),
    )
    if array.shape[-2:] != (len(outputs), len(inputs)):
        raise ValueError(
            f"gradient: got shape {array.shape} with covariances of shapes {outputs.shape} (of gradients) and {inputs.shape} (of "
            f"activations); the last axes must be ({len(outputs)}, {len(inputs)})"
        )
    amount = at_least_zero(damping, "damping")
    return _exact(array, inputs, outputs, amount) if exact else _split(array, inputs, outputs, amount)


def _covariance(values: Any, name: str) -> Array:
    matrix = finite_array(values, name)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.size == 0:
        raise ValueError(f"{name}: got shape {matrix.shape}; allowed is a square matrix")
    asymmetry, size = float(np.abs(matrix - matrix.conj().T).max()), float(np.abs(matrix).max())
    if asymmetry > len(matrix) * 10 * np.finfo(matrix.dtype).eps * size:
        raise ValueError(f"{name}: entries on both sides of the diagonal differ by up to {asymmetry:.3g}; give a symmetric matrix")
    return matrix


def _split(array: Array, inputs: Array, outputs: Array, damping: float) -> Array:
    """Each covariance gets its share of the damping, in proportion to its mean eigenvalue."""
    means = [float(np.trace(matrix).real) / len(matrix) for matrix in (inputs, outputs)]
    pi = math.sqrt(means[0] / means[1]) if min(means) > 0 else 1.0
    half = _solved(outputs, math.sqrt(damping) / pi, array, "gradients_covariance", 0)
    return _solved(inputs, math.sqrt(damping) * pi, half, "activations_covariance", 1)


def _solved(matrix: Array, shift: float, array: Array, name: str, axis: int) -> Array:
    """Solve along one of the last two axes with the shifted matrix."""
    shifted = matrix + matrix.dtype.type(shift) * np.eye(len(matrix), dtype=matrix.dtype)
    try:
        factor = scipy.linalg.cho_factor(shifted, lower=True)
    except scipy.linalg.LinAlgError as error:
        raise ValueError(f"{name}: with its share of the damping, {shift:.3g}, it is not positive definite; raise damping") from error
    moved = np.moveaxis(array, axis - 2, 0)
    solved = scipy.linalg.cho_solve(factor, moved.reshape(len(matrix), -1)).reshape(moved.shape)
    return np.ascontiguousarray(np.moveaxis(solved, 0, axis - 2))


def _exact(array: Array, inputs: Array, outputs: Array, damping: float) -> Array:
    """In the eigenvectors of both the curvature is diagonal, the products of the eigenvalues."""
    (mu, U), (nu, V) = _spectrum(outputs, "gradients_covariance"), _spectrum(inputs, "activations_covariance")
    values = np.multiply.outer(mu, nu) + mu.dtype.type(damping)
    if not values.min() > np.finfo(values.dtype).eps * values.max():
        raise ValueError(
            f"damping: got {damping}; with it the eigenvalues of the curvature go from {values.min():.3g} to {values.max():.3g}, "
            "which is singular to working precision: raise it"
        )
    core = mode_product(U.conj().T, mode_product(V.conj().T, array, 1, dimension=2), 0, dimension=2) / values
    return mode_product(U, mode_product(V, core, 1, dimension=2), 0, dimension=2)


def _spectrum(matrix: Array, name: str) -> tuple[Array, Array]:
    values, vectors = np.linalg.eigh(matrix)
    if values[0] < -len(values) * 10 * np.finfo(values.dtype).eps * max(values[-1], 0):
        raise ValueError(f"{name}: its smallest eigenvalue is {values[0]:.3g}; a covariance has none below 0")
    return np.maximum(values, 0), vectors
