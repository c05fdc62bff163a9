"""Matrices as vectors, in both orders."""

import numpy as np
import pytest

from tensorfem.kron import unvec, vec


def test_both_identities(rng) -> None:
    A, X, B = rng.standard_normal((2, 5)), rng.standard_normal((5, 4)), rng.standard_normal((4, 3))
    assert vec(A @ X @ B) == pytest.approx(np.kron(A, B.T) @ vec(X), abs=1e-13)
    assert vec(A @ X @ B, order="F") == pytest.approx(np.kron(B.T, A) @ vec(X, order="F"), abs=1e-13)


@pytest.mark.parametrize("shape", [(5,), (5, 4), (5, 4, 3)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_unvec_undoes_vec(rng, shape, order) -> None:
    X = rng.standard_normal(shape)
    assert np.array_equal(unvec(vec(X, order), shape, order), X)
    assert np.array_equal(vec(X, order), [X[index] for index in sorted(np.ndindex(shape), key=lambda i: i if order == "C" else i[::-1])])


def test_the_vector_is_a_copy() -> None:
    X = np.zeros((2, 2))
    vec(X)[0] = 1.0
    unvec(X.ravel(), (2, 2))[0, 0] = 1.0
    assert not X.any()


def test_bad_orders_and_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r'order: got \'A\'; allowed are "C" \(row by row\) and "F"'):
        vec(np.eye(2), order="A")
    with pytest.raises(ValueError, match="order: got 'K'"):
        unvec(np.ones(4), (2, 2), order="K")
    with pytest.raises(ValueError, match=r"unvec: got an array of shape \(5,\) for the shape \(2, 2\)"):
        unvec(np.ones(5), (2, 2))
    with pytest.raises(ValueError, match=r"unvec: got an array of shape \(2, 2\) for the shape \(4, 1\)"):
        unvec(np.eye(2), (4, 1))
