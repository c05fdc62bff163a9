"""What multigrid's levels are made of: polynomials, the eigenvalue they need, and transfer between grids."""

import numpy as np
import pytest
import scipy.sparse as sparse

from tensorfem.kron import KroneckerProduct, kernels, outer
from tensorfem.solvers.chebyshev import MARGIN, largest_eigenvalue, recurrence
from tensorfem.solvers.transfer import Transfer
from tensorfem.solvers.updates import relax, relax_from_zero

SEED = 19_661


def remaining(eigenvalue: np.ndarray, steps: list[tuple[float, float]]) -> np.ndarray:
    """What is left of an error of 1 in the direction of an eigenvector."""
    value, step = np.zeros_like(eigenvalue), np.zeros_like(eigenvalue)
    for momentum, factor in steps:
        step = momentum * step + factor * (eigenvalue - eigenvalue * value)
        value = value + step
    return 1 - value


@pytest.mark.parametrize("degree", [1, 2, 3, 5])
@pytest.mark.parametrize(("largest", "ratio"), [(1.5, 4.0), (4.5, 12.0)])
def test_polynomial_is_chebyshevs(degree: int, largest: float, ratio: float) -> None:
    steps = list(recurrence(largest, ratio, degree))
    smallest = largest / ratio
    x = np.linspace(0, largest + 0.99 * smallest, 97)
    chebyshev = np.polynomial.Chebyshev.basis(degree)
    mapped = (largest + smallest - 2 * x) / (largest - smallest)
    expected = chebyshev(mapped) / chebyshev((largest + smallest) / (largest - smallest))
    assert np.allclose(remaining(x, steps), expected, rtol=0, atol=1e-12)
    assert np.abs(remaining(x[1:], steps)).max() < 1


def test_largest_eigenvalue_is_found_from_above() -> None:
    rng = np.random.default_rng(SEED)
    root = rng.standard_normal((60, 60))
    matrix, inverse = root @ root.T, np.exp(rng.standard_normal((12, 5)))
    found = largest_eigenvalue(lambda u: (matrix @ u.ravel()).reshape(u.shape), lambda u: inverse * u, (12, 5))
    exact = np.linalg.eigvals(inverse.ravel()[:, None] * matrix).real.max()
    assert exact * 0.98 <= found <= MARGIN * exact * (1 + 1e-12)


@pytest.mark.parametrize("shape", [(9,), (8, 5), (7, 5, 4), (5, 4, 3, 2)])
@pytest.mark.parametrize("compiled", [False, pytest.param(True, marks=pytest.mark.skipif(not kernels.available(), reason="needs numba"))])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_transfer_adds_the_kronecker_product(shape: tuple[int, ...], compiled: bool, dtype: type) -> None:
    rng = np.random.default_rng(SEED)
    factors = [sparse.random_array((n, n // 2 + 1), density=0.4, rng=rng, format="csr") for n in shape]
    for product in (KroneckerProduct(*factors), KroneckerProduct(*factors).T):
        array, out = rng.standard_normal(product.input_shape).astype(dtype), rng.standard_normal(product.output_shape).astype(dtype)
        expected = out + product.apply(array)
        Transfer(product.factors, dtype, compiled=compiled).add(array, out)
        assert out.dtype == dtype
        assert np.allclose(out, expected, rtol=0, atol=20 * np.finfo(dtype).eps * np.abs(expected).max())


@pytest.mark.parametrize("size", [100, kernels.COMPILED_ENTRIES])
def test_relaxing_steps(size: int) -> None:
    rng = np.random.default_rng(SEED)
    value, step, residual, inverse = rng.standard_normal((4, size))
    expected = 0.3 * step + 1.7 * inverse * residual
    before = value.copy()
    relax(value, step, residual, inverse, (0.3, 1.7))
    assert np.allclose(step, expected, rtol=1e-13, atol=1e-13)
    assert np.allclose(value, before + expected, rtol=1e-13, atol=1e-13)


def test_product_vectors_start_the_process_alike() -> None:
    """The same start always: two calls give the same number to the last bit."""
    scale = outer([np.arange(1.0, 7.0), np.arange(1.0, 5.0)])
    first, second = (largest_eigenvalue(lambda u: scale * u, lambda u: u, scale.shape) for _ in range(2))
    assert first == second
    assert 0.9 * 24 < first <= MARGIN * 24 * (1 + 1e-12)


@pytest.mark.parametrize("size", [100, kernels.COMPILED_ENTRIES])
def test_the_first_relaxing_step_forgets_what_was_there(size: int) -> None:
    rng = np.random.default_rng(31_870)
    residual, inverse, value, step = rng.standard_normal((4, size))
    relax_from_zero(value, step, residual, inverse, 1.7)
    assert np.allclose(value, 1.7 * inverse * residual, rtol=1e-14)
    assert np.array_equal(step, value)
