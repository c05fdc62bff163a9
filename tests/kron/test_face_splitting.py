"""The face-splitting product and its normal matrix; that it acts as its matrix is in test_operators."""

import time
import tracemalloc

import numpy as np
import pytest
import scipy.sparse as sparse

import tensorfem.kron.rows.normal_matrix as normal_matrix
from tensorfem.kron import row_kron
from tensorfem.kron.rows.normal_matrix import _grouped_gram, _sparse_gram


def scattered(rng, rows, size, width):
    """A few nonzeros in each row, anywhere."""
    index = (np.repeat(np.arange(rows), width), rng.integers(0, size, rows * width))
    return sparse.csr_array((rng.standard_normal(rows * width), index), shape=(rows, size))


def row_by_row(matrices):
    dense = [matrix.toarray() if sparse.issparse(matrix) else matrix for matrix in matrices]
    rows = np.ones((len(dense[0]), 1))
    for matrix in dense:
        rows = np.array([np.kron(left, right) for left, right in zip(rows, matrix, strict=True)])
    return rows


def local(rng, rows, size, width, kind="real"):
    """Rows of `width` neighbouring nonzeros, some of fewer, one of none, as spline bases give."""
    start = rng.integers(0, size - width + 1, rows)
    values = rng.uniform(0.5, 1.5, (rows, width)) + (1j * rng.standard_normal((rows, width)) if kind == "complex" else 0)
    values[rng.random((rows, width)) < 0.1] = 0
    values[rows // 2] = 0
    index = (np.repeat(np.arange(rows), width), (start[:, None] + np.arange(width)).ravel())
    matrix = sparse.csr_array((values.ravel(), index), shape=(rows, size))
    matrix.eliminate_zeros()
    return matrix


CASES = {
    "one": lambda r: [local(r, 40, 9, 3)],
    "sparse": lambda r: [local(r, 60, 9, 4), local(r, 60, 6, 2), local(r, 60, 4, 2)],
    "complex": lambda r: [local(r, 50, 7, 2, "complex"), r.standard_normal((50, 3)) + 1j * r.standard_normal((50, 3))],
    "scattered": lambda r: [scattered(r, 60, 12, 3), scattered(r, 60, 9, 2), local(r, 60, 4, 2)],
    "dense": lambda r: [r.standard_normal((30, n)) for n in (5, 4, 2)],
    "four": lambda r: [local(r, 30, n, 2) for n in (5, 4, 3, 2)],
    "many of one support": lambda r: [sparse.csr_array(np.hstack([r.random((500, 2)), np.zeros((500, 5))])), local(r, 500, 3, 3)],
}


@pytest.fixture(params=CASES)
def matrices(request, rng):
    return CASES[request.param](rng)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_normal_matrix(matrices, rng, weighted) -> None:
    operator, dense = row_kron(*matrices), row_by_row(matrices)
    weights = rng.uniform(-1, 2, len(dense)) if weighted else None
    weights_kept = None if weights is None else weights.copy()
    expected = dense.conj().T @ ((1 if weights is None else weights[:, None]) * dense)
    found = operator.gram(weights)
    rounding = 30 * np.finfo(float).eps * np.abs(dense).max() ** 2 * len(dense)
    assert isinstance(found, sparse.csr_array)
    assert np.abs(found.toarray() - expected).max() < rounding
    for way in (_grouped_gram, _sparse_gram):
        ones = np.ones(len(dense)) if weights is None else weights
        assert np.abs(way(operator._axes, ones, operator._width).toarray() - expected).max() < rounding
    assert weights is None or np.array_equal(weights, weights_kept)


def test_the_way_is_chosen_by_work(rng, monkeypatch) -> None:
    taken = []
    monkeypatch.setattr(normal_matrix, "_sparse_gram", lambda *_: taken.append("sparse"))
    monkeypatch.setattr(normal_matrix, "_grouped_gram", lambda *_: taken.append("grouped"))
    row_kron(local(rng, 50, 9, 2), local(rng, 50, 9, 2)).gram()  # few rows in each cell
    row_kron(rng.standard_normal((50, 9)), rng.standard_normal((50, 9))).gram()  # one support
    assert taken == ["sparse", "grouped"]


def test_what_it_does_to_scattered_data(matrices, rng) -> None:
    """The normal equations of least squares with weights: B^H W B c = B^H W y."""
    operator, dense = row_kron(*matrices), row_by_row(matrices)
    weights, values = rng.random(len(dense)), rng.standard_normal(len(dense))
    assert operator.rmatvec(weights * values) == pytest.approx(dense.conj().T @ (weights * values), abs=1e-11)


def test_a_hundred_thousand_scattered_points_need_no_dense_matrix(rng) -> None:
    rows = 100_000
    operator = row_kron(*(local(rng, rows, 20, 4) for _ in range(3)))
    weights, coefficients = rng.random(rows), rng.standard_normal((20, 20, 20))
    tracemalloc.start()
    start = time.process_time()
    found = operator.gram(weights)
    seconds, peak = time.process_time() - start, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.shape == (8000, 8000)
    assert seconds < 10  # well below 1 s on a machine with nothing else to do
    assert peak < 0.1 * 8 * rows * 8000
    assert found @ coefficients.ravel() == pytest.approx(operator.T @ (weights * (operator @ coefficients)), abs=1e-9)


def test_no_fields_have_no_values(matrices) -> None:
    operator = row_kron(*matrices)
    assert operator.apply(np.ones((0, 2, *operator.input_shape))).shape == (0, 2, *operator.output_shape)
    assert operator.T.apply(np.ones((0, *operator.output_shape))).shape == (0, *operator.input_shape)


def test_what_comes_flat_comes_back_flat(rng) -> None:
    operator = row_kron(rng.standard_normal((7, 3)), rng.standard_normal((7, 2)))
    assert (operator @ np.ones((3, 2))).shape == (7,)
    assert (operator.T @ np.ones(7)).shape == (6,)
    assert operator.T.apply(np.ones(7)).shape == (3, 2)
    assert (operator.T @ np.ones((4, 1, 7))).shape == (4, 1, 3, 2)


def test_single_precision_stays_single(rng) -> None:
    operator = row_kron(*(local(rng, 30, n, 2).astype(np.float32) for n in (9, 8)))
    assert operator.dtype == (operator @ np.ones((9, 8), np.float32)).dtype == operator.gram().dtype == np.float32


def test_bad_input_is_refused(rng) -> None:
    A, B = rng.standard_normal((6, 2)), rng.standard_normal((5, 3))
    with pytest.raises(ValueError, match=r"^row_kron: matrices: got none"):
        row_kron()
    with pytest.raises(ValueError, match=r"^row_kron: got matrices of shapes \(6, 2\), \(5, 3\); all must have as many rows"):
        row_kron(A, B)
    with pytest.raises(ValueError, match=r"^row_kron: matrices\[1\]: got nan at \(0, 0\)"):
        row_kron(A[:5], np.nan * B)
    operator = row_kron(A[:5], B)
    with pytest.raises(ValueError, match=r"^weights: got an array of shape \(6,\) and type float64; allowed is \(5,\), one real"):
        operator.gram(np.ones(6))
    with pytest.raises(ValueError, match=r"^weights: got an array of shape \(5,\) and type complex128; allowed is"):
        operator.gram(1j * np.ones(5))
    with pytest.raises(ValueError, match=r"^weights: got nan at \(2,\)"):
        operator.gram([1.0, 1.0, np.nan, 1.0, 1.0])
    with pytest.raises(ValueError, match=r"^row_kron: got shape \(5, 6\); only a square matrix has a diagonal"):
        operator.diagonal()


def test_a_normal_matrix_that_would_not_fit_is_refused(rng, monkeypatch) -> None:
    operator = row_kron(*(rng.standard_normal((30, n)) for n in (5, 4)))
    monkeypatch.setattr("tensorfem.kron.memory.available_memory", lambda: 32 * 400 - 1)
    with pytest.raises(MemoryError, match=r"the normal matrix needs about .*; use fewer basis functions, or solve with matvec"):
        operator.gram()


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array, sparse.coo_array])
def test_zeros_in_a_single_factor_stay_where_they_are(rng, form) -> None:
    """Its explicit matrix has no zeros stored; those of the caller, and of the operator, are not dropped for that."""
    values = np.where(rng.random((7, 4)) < 0.4, 0, rng.standard_normal((7, 4)))
    matrix = form(values.copy())
    operator = row_kron(matrix)
    for _ in range(2):
        assert operator.tosparse().nnz == np.count_nonzero(values)
        assert np.array_equal(operator.toarray(), values)
        assert np.array_equal(operator.T.toarray(), values.T)
        assert operator @ np.ones(4) == pytest.approx(values.sum(axis=1), abs=1e-14)
    assert np.array_equal(matrix if form is np.asarray else matrix.toarray(), values)
    frozen = values[:1].copy()
    frozen.flags.writeable = False
    assert np.array_equal(row_kron(frozen).toarray(), frozen)
