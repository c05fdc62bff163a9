"""The Kronecker-factored update against the dense solve it stands for, and against Newton's step."""

import numpy as np
import pytest

from tensorfem.kron import kfac_update


def covariance(rng, size, kind="real"):
    samples = rng.standard_normal((3 * size, size)) + (1j * rng.standard_normal((3 * size, size)) if kind == "complex" else 0)
    return samples.T @ samples.conj() / len(samples)


@pytest.mark.parametrize("kind", ["real", "complex"])
@pytest.mark.parametrize("damping", [0.0, 1e-3, 5.0])
@pytest.mark.parametrize("shape", [(5, 3), (2, 6), (1, 4)])
def test_exact_damping_is_the_dense_solve(rng, shape, damping, kind) -> None:
    outputs, inputs = (covariance(rng, size, kind) for size in shape)
    gradient = rng.standard_normal(shape)
    curvature = np.kron(outputs, inputs) + damping * np.eye(gradient.size)
    expected = np.linalg.solve(curvature, gradient.ravel()).reshape(shape)
    found = kfac_update(gradient, inputs, outputs, damping, exact=True)
    assert np.abs(found - expected).max() < 100 * np.finfo(float).eps * np.linalg.cond(curvature) * np.abs(expected).max()


@pytest.mark.parametrize("kind", ["real", "complex"])
@pytest.mark.parametrize("damping", [0.0, 1e-3, 5.0])
@pytest.mark.parametrize("shape", [(5, 3), (2, 6), (1, 4)])
def test_split_damping_is_the_dense_solve_with_damped_factors(rng, shape, damping, kind) -> None:
    outputs, inputs = (covariance(rng, size, kind) for size in shape)
    gradient = rng.standard_normal(shape)
    pi = np.sqrt((np.trace(inputs).real / shape[1]) / (np.trace(outputs).real / shape[0]))
    left, right = outputs + np.sqrt(damping) / pi * np.eye(shape[0]), inputs + np.sqrt(damping) * pi * np.eye(shape[1])
    dense = np.kron(left, right)
    expected = np.linalg.solve(dense, gradient.ravel()).reshape(shape)
    found = kfac_update(gradient, inputs, outputs, damping)
    assert np.abs(found - expected).max() < 100 * np.finfo(float).eps * np.linalg.cond(dense) * np.abs(expected).max()


def test_the_split_does_not_depend_on_the_units(rng) -> None:
    """pi is chosen so that c A and G / c, one curvature, give one update."""
    outputs, inputs, gradient = covariance(rng, 4), covariance(rng, 3), rng.standard_normal((4, 3))
    assert kfac_update(gradient, 100 * inputs, outputs / 100, 0.3) == pytest.approx(kfac_update(gradient, inputs, outputs, 0.3), rel=1e-12)


@pytest.mark.parametrize("exact", [False, True])
def test_with_exact_factors_a_linear_layer_takes_newton_s_step(rng, exact) -> None:
    """Least squares with weights on the outputs: the curvature is G (x) A exactly, and one step arrives."""
    inputs, targets = rng.standard_normal((50, 4)), rng.standard_normal((50, 3))
    metric, weights = covariance(rng, 3), rng.standard_normal((3, 4))
    gradient = metric @ (weights @ inputs.T - targets.T) @ inputs / 50
    step = kfac_update(gradient, inputs.T @ inputs / 50, metric, 0.0, exact=exact)
    assert weights - step == pytest.approx(np.linalg.lstsq(inputs, targets, rcond=None)[0].T, abs=1e-10)


@pytest.mark.parametrize("exact", [False, True])
def test_leading_axes_are_many_gradients(rng, exact) -> None:
    outputs, inputs, gradients = covariance(rng, 4), covariance(rng, 3), rng.standard_normal((2, 5, 4, 3))
    kept = gradients.copy()
    found = kfac_update(gradients, inputs, outputs, 0.1, exact=exact)
    for index in np.ndindex(2, 5):
        assert found[index] == pytest.approx(kfac_update(gradients[index], inputs, outputs, 0.1, exact=exact), rel=1e-11)
    assert np.array_equal(gradients, kept)


@pytest.mark.parametrize("exact", [False, True])
def test_single_precision_stays_single(rng, exact) -> None:
    args = [array.astype(np.float32) for array in (rng.standard_normal((4, 3)), covariance(rng, 3), covariance(rng, 4))]
    assert kfac_update(*args, 0.1, exact=exact).dtype == np.float32


def test_covariances_of_zeros_are_all_damping(rng) -> None:
    gradient = rng.standard_normal((2, 3))
    for exact in (False, True):
        assert kfac_update(gradient, np.zeros((3, 3)), np.zeros((2, 2)), 4.0, exact=exact) == pytest.approx(gradient / 4)


def test_bad_input_is_refused(rng) -> None:
    outputs, inputs, gradient = covariance(rng, 4), covariance(rng, 3), rng.standard_normal((4, 3))
    with pytest.raises(
        ValueError, match=r"^gradient: got shape \(3, 4\) with covariances of shapes \(4, 4\) .* the last axes must be \(4, 3\)"
    ):
        kfac_update(gradient.T, inputs, outputs, 0.1)
    with pytest.raises(ValueError, match=r"^damping: got -0.1; allowed is a number >= 0"):
        kfac_update(gradient, inputs, outputs, -0.1)
    with pytest.raises(ValueError, match=r"^activations_covariance: got shape \(2, 3\); allowed is a square matrix"):
        kfac_update(gradient, inputs[:2], outputs, 0.1)
    with pytest.raises(ValueError, match=r"^gradients_covariance: entries on both sides of the diagonal differ by up to 1;"):
        kfac_update(gradient, inputs, np.eye(4) + np.eye(4, k=1), 0.1)
    with pytest.raises(ValueError, match=r"^gradient: got nan at \(0, 0\)"):
        kfac_update(np.nan * gradient, inputs, outputs, 0.1)
    with pytest.raises(
        ValueError, match=r"^gradients_covariance: with its share of the damping, 0, it is not positive definite; raise damping"
    ):
        kfac_update(gradient, inputs, np.ones((4, 4)), 0.0)
    with pytest.raises(ValueError, match=r"^damping: got 0.0; with it the eigenvalues of the curvature go from .* to .*: raise it"):
        kfac_update(gradient, inputs, np.ones((4, 4)), 0.0, exact=True)
    with pytest.raises(ValueError, match=r"^activations_covariance: its smallest eigenvalue is -1; a covariance has none below 0"):
        kfac_update(gradient, np.diag([1.0, 1.0, -1.0]), outputs, 3.0, exact=True)
