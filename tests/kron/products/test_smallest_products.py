"""The k smallest eigenvalues of a Kronecker product are the first of all of them."""

import functools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensorfem.kron import KroneckerProduct, kronsum
from tensorfem.kron.factorwise.smallest import smallest_products

AXIS = st.lists(st.integers(-3, 3) | st.floats(-1e3, 1e3), min_size=1, max_size=6)


@given(st.lists(AXIS, min_size=1, max_size=4), st.data())
def test_they_are_the_first_of_all(values, data) -> None:
    axes = [np.array(axis_values, dtype=float) for axis_values in values]
    everything = np.sort(functools.reduce(np.kron, axes))
    k = data.draw(st.integers(1, everything.size))
    assert np.array_equal(smallest_products(axes, k), everything[:k])


@pytest.mark.parametrize("hermitian", [False, True])
def test_they_are_eigenvalues_of_the_dense_matrix(square_factors, hermitian) -> None:
    matrices = [np.asarray(m.toarray() if hasattr(m, "toarray") else m) for m in square_factors.matrices]
    matrices = [m + m.conj().T - 9 * np.eye(len(m), dtype=m.dtype) for m in matrices] if hermitian else matrices
    product = KroneckerProduct(*matrices)
    everything = np.sort(np.asarray(product.eigenvalues()))
    for k in (1, 3, product.shape[0]):
        assert np.array_equal(product.eigenvalues(k), everything[:k])
    if hermitian:
        dense = product.toarray().astype(np.result_type(product.dtype, float))
        scale = 300 * square_factors.eps * float(np.linalg.norm(dense, 2))
        assert product.eigenvalues(4) == pytest.approx(np.linalg.eigvalsh(dense)[:4], abs=scale)
        assert product.eigenvalues(4).dtype == product.eigenvalues().dtype


def test_few_of_very_many_are_found_without_all() -> None:
    rising = np.diag(np.arange(-300.0, 300.0))
    found = KroneckerProduct(rising, rising, rising, rising).eigenvalues(3)
    assert found == pytest.approx([-(300.0**3) * 299] * 3)
    assert np.array_equal(np.sign(found), [-1, -1, -1])


def test_as_many_as_there_are(monkeypatch) -> None:
    product, turning = KroneckerProduct(np.eye(3), np.eye(2)), np.array([[0.0, 1.0], [-1.0, 0.0]])
    for k in (0, -1, 7):
        with pytest.raises(ValueError, match=rf"k: got {k}; allowed are 1 to 6, the number of eigenvalues"):
            product.eigenvalues(k)
    assert np.array_equal(product.eigenvalues(6), kronsum(np.eye(3), np.zeros((2, 2))).eigenvalues(6))
    monkeypatch.setattr("tensorfem.kron.memory.available_memory", lambda: 32 * 16 - 1)
    with pytest.raises(MemoryError, match=r"all 16 products of complex eigenvalues needs about .* eigenvalues\(\) without k is lazy"):
        KroneckerProduct(turning, turning, turning, turning).eigenvalues(2)
