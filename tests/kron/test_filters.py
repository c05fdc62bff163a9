"""Filters are what scipy.ndimage and numpy.convolve compute, and Kronecker products with all that belongs to them."""

from typing import Any

import numpy as np
import pytest
import scipy.linalg
import scipy.ndimage
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st

from tensorfem.kron import KroneckerProduct, convolution_matrix, filter_operator, gaussian_kernel, separable_filter
from tensorfem.kron.filters.filtering import DENSE_ABOVE

BOUNDARIES = ("reflect", "mirror", "nearest", "wrap", "constant")
WINDOWS = ("full", "same", "valid")
TYPES = (np.float64, np.float32, np.complex128)
Generator = np.random.Generator


def draw(rng: Generator, dtype: Any, *shape: int) -> np.ndarray:
    real = rng.standard_normal(shape)
    return (real + 1j * rng.standard_normal(shape) if np.issubdtype(dtype, np.complexfloating) else real).astype(dtype)


def by_ndimage(image: np.ndarray, kernels: Any, mode: str, axes: Any, origins: Any) -> np.ndarray:
    for kernel, axis, origin in zip(kernels, axes, origins, strict=True):
        image = scipy.ndimage.convolve1d(image, kernel, axis, mode=mode, origin=origin)
    return image


def close(result: np.ndarray, expected: np.ndarray, size: float) -> bool:
    """Sums of a few dozen products, none larger than `size`."""
    eps = np.finfo(result.dtype).eps
    return result.dtype == expected.dtype and result.shape == expected.shape and bool(np.abs(result - expected).max() <= 32 * eps * size)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("mode", BOUNDARIES)
@pytest.mark.parametrize(
    ("shape", "taps"), [((9,), (4,)), ((7, 5), (3, 6)), ((5, 4, 3), (11, 2, 9)), ((5, 4, 3, 2), (1, 3, 4, 7)), ((1, 300), (4, 9))]
)
def test_a_filter_is_that_of_ndimage(rng: Generator, dtype: Any, mode: Any, shape: Any, taps: Any) -> None:
    """Kernels of odd and even length, some longer than their axis, each with a shifted centre; the long axis keeps its band sparse."""
    image, kernels = draw(rng, dtype, *shape), [draw(rng, dtype, n) for n in taps]
    origins = [(n - 1) // 2 - i % 2 * (n - 1) for i, n in enumerate(taps)]
    kept = image.copy()
    result = separable_filter(image, kernels, mode=mode, origin=origins)
    size = float(np.abs(image).max() * np.prod([np.abs(kernel).sum() for kernel in kernels]))
    assert close(result, by_ndimage(image, kernels, mode, range(len(shape)), origins), size)
    assert np.array_equal(image, kept)


@given(n=st.integers(1, 9), size=st.integers(1, 30), mode=st.sampled_from(BOUNDARIES), data=st.data())
def test_a_boundary_matrix_is_that_of_ndimage(n: int, size: int, mode: Any, data: Any) -> None:
    origin = data.draw(st.integers(-(size // 2), size - size // 2 - 1))
    kernel = np.arange(1.0, size + 1) ** 2
    columns = [scipy.ndimage.convolve1d(row, kernel, mode=mode, origin=origin) for row in np.eye(n)]
    assert np.array_equal(convolution_matrix(kernel, n, mode, origin=origin).toarray(), np.transpose(columns))


@given(n=st.integers(1, 9), size=st.integers(1, 12), mode=st.sampled_from(WINDOWS))
def test_a_window_matrix_is_that_of_numpy(n: int, size: int, mode: Any) -> None:
    kernel = np.arange(1, size + 1) ** 2
    columns = [np.convolve(row, kernel, mode) for row in np.eye(n)]
    matrix = convolution_matrix(kernel, n, mode).toarray()
    assert np.array_equal(matrix, np.transpose(columns))
    assert np.array_equal(matrix, scipy.linalg.convolution_matrix(kernel, n, mode))


@pytest.mark.parametrize("mode", WINDOWS)
def test_windows_of_an_image_are_those_of_signal(rng: Generator, mode: Any) -> None:
    image, u, v = draw(rng, float, 9, 7), draw(rng, float, 4), draw(rng, float, 3)
    assert close(
        separable_filter(image, [u, v], mode=mode),
        scipy.signal.convolve2d(image, np.outer(u, v), mode),
        float(np.abs(image).max() * np.abs(u).sum() * np.abs(v).sum()),
    )


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("size", [5, 4])
def test_a_correlation_is_a_convolution_with_the_reversed_kernel(rng: Generator, dtype: Any, size: int) -> None:
    image, kernel = draw(rng, dtype, 9), draw(rng, dtype, size)
    expected = scipy.ndimage.correlate1d(image, kernel, mode="mirror", origin=1)
    result = separable_filter(image, [kernel[::-1].conj()], mode="mirror", origin=-1 - (size % 2 == 0))
    assert close(result, expected, float(np.abs(image).max() * np.abs(kernel).sum()))


@pytest.mark.parametrize("axes", [(0,), (2, 0), (-1, 1), (1, 2, 0)])
def test_the_axes_are_chosen(rng: Generator, axes: Any) -> None:
    image, kernels = draw(rng, float, 6, 5, 4), [draw(rng, float, 3 + i) for i in range(len(axes))]
    expected = by_ndimage(image, kernels, "nearest", axes, [0] * len(axes))
    assert close(separable_filter(image, kernels, mode="nearest", axes=axes), expected, 1e2)


def test_batch_axes_lead_and_one_array_serves_all_axes(rng: Generator) -> None:
    image, kernel = draw(rng, float, 3, 6, 5), np.array([1.0, 2.0, 4.0])
    batch = np.stack([separable_filter(one, kernel) for one in image])
    assert close(separable_filter(image, [kernel, kernel]), batch, 49 * np.abs(image).max())
    assert close(separable_filter(image, kernel, axes=(1, 2)), batch, 49 * np.abs(image).max())
    assert close(separable_filter(image, kernel), by_ndimage(image, [kernel] * 3, "reflect", range(3), [0] * 3), 343 * np.abs(image).max())


def test_a_complex_kernel_makes_a_real_image_complex_in_its_precision(rng: Generator) -> None:
    image, kernel = draw(rng, np.float32, 6, 5), draw(rng, complex, 3)
    result = separable_filter(image, [[1.0, 2.0], kernel])
    parts = [by_ndimage(image, [[1.0, 2.0], part], "reflect", (0, 1), (0, 0)) for part in (kernel.real, kernel.imag)]
    assert close(result, parts[0] + 1j * parts[1], float(3 * np.abs(image).max() * np.abs(kernel).sum()))
    assert result.dtype == np.complex64


def test_integers_are_filtered_in_floating_point() -> None:
    assert np.array_equal(separable_filter([[1, 2, 4]], [[1], [0.5, 0.5]], mode="nearest"), [[1.5, 3.0, 4.0]])


@pytest.mark.parametrize("mode", BOUNDARIES + WINDOWS)
@pytest.mark.parametrize("dtype", [float, complex])
def test_the_operator_is_a_kronecker_product_with_an_adjoint(rng: Generator, dtype: Any, mode: Any) -> None:
    shape, kernels = (6, 5, 4), [draw(rng, dtype, n) for n in (3, 2, 6)]
    operator = filter_operator(shape, kernels, mode)
    factors = [convolution_matrix(h, n, mode).toarray() for h, n in zip(kernels, shape, strict=True)]
    dense = np.kron(np.kron(factors[0], factors[1]), factors[2])
    u, v = draw(rng, dtype, *operator.input_shape), draw(rng, dtype, *operator.output_shape)
    assert isinstance(operator, KroneckerProduct)
    bound = 64 * np.finfo(float).eps * np.linalg.norm(dense) * np.linalg.norm(u)
    assert np.linalg.norm(np.ravel(operator @ u) - dense @ u.ravel()) < bound
    assert abs(np.vdot(v, operator @ u) - np.vdot(operator.rmatvec(v), u)) < bound * np.linalg.norm(v)


def test_a_factor_is_stored_as_its_band_asks() -> None:
    narrow, wide = filter_operator((90, 9), [[1.0, 2.0, 1.0]] * 2).factors
    assert narrow.nnz <= 3 * 90 < DENSE_ABOVE * 90**2
    assert isinstance(wide, np.ndarray)


@pytest.mark.parametrize("order", range(5))
@pytest.mark.parametrize("sigma", [0.3, 1.0, 2.7])
@pytest.mark.parametrize("truncate", [4.0, 2.5])
def test_the_gaussian_is_that_of_ndimage(order: int, sigma: float, truncate: float) -> None:
    impulse = np.zeros(41)
    impulse[20] = 1
    kernel = gaussian_kernel(sigma, truncate=truncate, order=order)
    radius = len(kernel) // 2
    expected = scipy.ndimage.gaussian_filter1d(impulse, sigma, order=order, truncate=truncate, mode="constant")
    assert radius == int(truncate * sigma + 0.5)
    assert np.abs(np.pad(kernel, 20 - radius) - expected).max() <= 64 * np.finfo(float).eps * np.abs(expected).max()


def test_derivatives_of_a_parabola(rng: Generator) -> None:
    """Away from the ends: the sampled Gaussian of sigma 3 differentiates x^2 but for what is cut off."""
    x = np.arange(80.0)
    for order, exact in ((1, 2 * x), (2, np.full(80, 2.0))):
        inside = slice(20, -20)
        kernel = gaussian_kernel(3.0, order=order, truncate=6.0)
        assert np.allclose(separable_filter(x**2, [kernel])[inside], exact[inside], rtol=1e-5)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: convolution_matrix([1.0], 3, "mirrored"),
            "mode: got 'mirrored'; allowed are full, same, valid, reflect, mirror, nearest, wrap",
        ),  # type: ignore[arg-type]
        (lambda: convolution_matrix([], 3), r"h: got an array of shape \(0,\); a kernel has one dimension and at least one tap"),
        (lambda: convolution_matrix(np.eye(2), 3), r"h: got an array of shape \(2, 2\)"),
        (lambda: convolution_matrix([1.0, np.nan, np.inf], 3), "h: 2 of 3 taps are not finite"),
        (lambda: convolution_matrix([1.0], 0), "n: got 0; a signal has at least 1 value"),
        (lambda: convolution_matrix([1.0, 2.0], 3, "wrap", origin=1), "origin: got 1; for 2 taps allowed are -1 to 0"),
        (lambda: convolution_matrix([1.0, 2.0], 3, "wrap", origin=-2), "origin: got -2; for 2 taps"),
        (lambda: convolution_matrix([1.0] * 3, 3, "same", origin=1), "origin: got 1 with mode 'same'; only reflect"),
        (lambda: gaussian_kernel(0.0), "sigma: got 0.0; it is a positive"),
        (lambda: gaussian_kernel(np.nan), "sigma: got nan"),
        (lambda: gaussian_kernel(1.0, truncate=-1.0), "truncate: got -1.0"),
        (lambda: gaussian_kernel(1.0, order=-1), "order: got -1"),
        (lambda: filter_operator((4, 3), [[1.0]]), "kernels: got 1 for 2 axes"),
        (lambda: filter_operator((), []), "kernels: got 0 for 0 axes"),
        (lambda: filter_operator((4, 3), [[1.0], []]), r"kernels\[1\]: got an array of shape \(0,\)"),
        (lambda: filter_operator((4, 3), [[1.0], [1.0]], origin=[0]), "origin: got 1 for 2 axes"),
        (lambda: separable_filter(np.ones((4, 3)), [[1.0]] * 3), "kernels: got 3 for 2 axes"),
        (lambda: separable_filter(np.ones((4, 3)), [[1.0]], axes=(0, 1)), "kernels: got 1 for 2 axes"),
        (lambda: separable_filter(np.ones((4, 3)), [1.0, 2.0]), r"kernels\[0\]: got an array of shape \(\)"),
        (lambda: separable_filter(np.ones((4, 3)), [[1.0]], axes=(2,)), r"axes: got \(2,\); allowed are different axes of an image with 2"),
        (lambda: separable_filter(np.ones((4, 3)), [[1.0]] * 2, axes=(1, -1)), r"axes: got \(1, -1\)"),
        (lambda: separable_filter([1.0, np.nan], [[1.0]]), "image: 1 of 2 values are not finite; fill them"),
    ],
)
def test_bad_input_is_refused(call: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
