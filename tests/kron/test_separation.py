"""The terms of a kernel add up to it, are orthogonal, and are the nearest of their number."""

import functools
from typing import Any

import numpy as np
import pytest

from tensorfem.kron import gaussian_kernel, outer, separable_filter, separate

Generator = np.random.Generator
EPS = float(np.finfo(float).eps)


def total(terms: Any) -> np.ndarray:
    return functools.reduce(np.add, [outer(term) for term in terms])


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128])
@pytest.mark.parametrize("shape", [(7,), (7, 5), (3, 6), (5, 4, 3), (5, 4, 3, 2)])
def test_a_product_is_taken_apart(rng: Generator, dtype: Any, shape: tuple[int, ...]) -> None:
    vectors = [rng.standard_normal(n) + (1j * rng.standard_normal(n) if dtype is np.complex128 else 0) for n in shape]
    kernel = outer(vectors).astype(dtype)
    (term,) = separate(kernel)  # float32: what rounding adds is no second term
    assert [len(vector) for vector in term] == list(shape)
    assert {vector.dtype for vector in term} == {np.dtype(dtype)}
    assert np.abs(outer(term) - kernel).max() < 64 * np.finfo(dtype).eps * np.abs(kernel).max()
    norms = [np.linalg.norm(vector) for vector in term]
    assert np.allclose(norms, norms[0], rtol=1e-5)


@pytest.mark.parametrize("shape", [(7, 5), (4, 6), (5, 4, 3), (4, 3, 3, 2)])
@pytest.mark.parametrize("imaginary", [0.0, 1.0])
def test_all_terms_add_up_and_are_orthogonal(rng: Generator, shape: tuple[int, ...], imaginary: float) -> None:
    kernel = rng.standard_normal(shape) + imaginary * 1j * rng.standard_normal(shape)
    terms = separate(kernel, rank=kernel.size)
    size = float(np.linalg.norm(kernel))
    assert np.linalg.norm(total(terms) - kernel) < 64 * EPS * size
    products = np.array([outer(term).ravel() for term in terms])
    gram = products.conj() @ products.T
    weights = np.sqrt(np.diag(gram).real)
    assert np.abs(gram - np.diag(weights**2)).max() < 64 * EPS * size**2
    assert (np.diff(weights) <= 64 * EPS * size).all()
    # What is left out is as large as its terms say.
    assert abs(np.linalg.norm(kernel - total(terms[:2])) - np.linalg.norm(weights[2:])) < 64 * EPS * size


def test_a_matrix_is_cut_off_at_its_singular_values(rng: Generator) -> None:
    kernel = rng.standard_normal((7, 5))
    singular = np.linalg.svd(kernel, compute_uv=False)
    for rank in range(1, 5):
        missing = np.linalg.norm(kernel - total(separate(kernel, rank=rank)), 2)
        assert abs(missing - singular[rank]) < 64 * EPS * singular[0]


def test_a_gaussian_of_several_axes_is_separated_into_the_filter(rng: Generator) -> None:
    """exp(-(x^2 + y^2) / (2 sigma^2)) by its values, against the filter of one axis after the other."""
    vectors = [gaussian_kernel(1.2), gaussian_kernel(0.8), gaussian_kernel(0.5)]
    (term,) = separate(outer(vectors))
    image = rng.standard_normal((9, 8, 7))
    assert np.abs(separable_filter(image, term) - separable_filter(image, vectors)).max() < 64 * EPS * np.abs(image).max()
    assert all((vector > 0).all() for vector in term)


def test_a_ring_is_no_product_and_the_error_says_how_many_terms_it_takes() -> None:
    ring = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    with pytest.raises(
        ValueError, match=r"kernel: no product of 1D kernels to rtol=1e-10, the nearest one is off by 0\.71 .* rank=2 terms"
    ):
        separate(ring)
    assert np.abs(total(separate(ring, rank=2)) - ring).max() < 64 * EPS
    assert len(separate(ring, rtol=0.8)) == 1


def test_the_error_counts_the_terms_that_the_tolerance_asks_for(rng: Generator) -> None:
    U, V = (np.linalg.qr(rng.standard_normal((n, 4)))[0] for n in (7, 5))
    kernel = U * [1.0, 0.1, 1e-4, 1e-6] @ V.T
    for rtol, rank in ((1e-8, 4), (1e-5, 3), (1e-3, 2)):
        with pytest.raises(ValueError, match=f"rtol={rtol:g}, the nearest one is off by 0\\.1 of its norm; rank={rank} terms"):
            separate(kernel, rtol=rtol)
        assert np.linalg.norm(total(separate(kernel, rank=rank)) - kernel) <= rtol * np.linalg.norm(kernel)


@pytest.mark.parametrize(
    ("kernel", "settings", "words"),
    [
        (np.zeros((3, 2)), {}, r"kernel: got shape \(3, 2\), zero or not finite"),
        ([[1.0, np.nan]], {}, r"kernel: got shape \(1, 2\), zero or not finite"),
        (np.ones((3, 0)), {}, r"kernel: got shape \(3, 0\), without entries or axes"),
        (3.0, {}, r"kernel: got shape \(\), without entries or axes"),
        (np.ones((3, 2)), {"rank": 0}, "rank: got 0; allowed are 1, 2"),
    ],
)
def test_bad_input_is_refused(kernel: Any, settings: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        separate(kernel, **settings)
