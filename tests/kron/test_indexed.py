"""Selected rows and columns of Kronecker products, by either way of computing."""

import numpy as np
import pytest
import scipy.sparse as sparse
from scipy.sparse.linalg import aslinearoperator

from tensorfem.kron import IndexedProduct, KroneckerProduct

SHAPES = [[(9, 7), (4, 6)], [(7, 5), (6, 6), (3, 5)], [(5, 4), (4, 4), (3, 4), (2, 3)]]


def drawn(rng, shape, kind):
    if kind == "sparse":
        return sparse.random_array(shape, density=0.4, rng=rng, format="csr")
    matrix = rng.standard_normal(shape)
    return matrix + 1j * rng.standard_normal(shape) if kind == "complex" else matrix


@pytest.fixture(params=["real", "complex", "sparse"])
def kind(request):
    return request.param


@pytest.fixture(params=SHAPES, ids=len)
def product(request, rng, kind):
    return KroneckerProduct(*(drawn(rng, shape, kind) for shape in request.param))


def check(operator, dense, rng):
    """Against the explicit matrix: forward, transposed, adjoint, batches, explicit forms."""
    rounding = 30 * np.finfo(float).eps * max(dense.shape) * max(1.0, np.abs(dense).max())
    x, y = (rng.standard_normal(n) + 1j * rng.standard_normal(n) for n in reversed(dense.shape))
    fields = rng.standard_normal((3, 2, *operator.input_shape))
    assert operator.shape == dense.shape
    assert np.abs(operator @ x - dense @ x).max() < rounding * np.abs(x).max()
    assert np.abs(operator.T @ y - dense.T @ y).max() < rounding * np.abs(y).max()
    assert np.abs(operator.rmatvec(y) - dense.conj().T @ y).max() < rounding * np.abs(y).max()
    assert np.abs(operator.apply(fields).reshape(6, -1) - fields.reshape(6, -1) @ dense.T).max() < 4 * rounding
    assert np.abs(operator.toarray() - dense).max() < rounding
    assert np.abs(operator.T.toarray() - dense.T).max() < rounding


@pytest.mark.parametrize("share", [0.05, 0.5, 1.5])
def test_rows_of_the_matrix(product, explicit_kron, rng, share) -> None:
    rows = rng.integers(0, product.shape[0], max(1, int(share * product.shape[0])))  # with repetition, in any order
    check(IndexedProduct(product, rows), explicit_kron(*product.factors)[rows], rng)


@pytest.mark.parametrize("share", [0.02, 0.7])
def test_rows_and_columns_of_the_matrix(product, explicit_kron, rng, share) -> None:
    rows = rng.integers(0, product.shape[0], max(1, int(share * product.shape[0])))
    columns = rng.integers(0, product.shape[1], max(1, int(0.3 * product.shape[1])))
    dense = explicit_kron(*product.factors)
    check(IndexedProduct(product, rows, columns), dense[np.ix_(rows, columns)], rng)
    check(IndexedProduct(product, columns=columns), dense[:, columns], rng)


def test_the_three_ways_to_select_are_one(product, rng) -> None:
    mask = rng.random(product.output_shape) < 0.4
    by_mask = IndexedProduct(product, mask)
    flat, tuples = IndexedProduct(product, np.flatnonzero(mask)), IndexedProduct(product, np.nonzero(mask))
    field = rng.standard_normal(product.input_shape)
    assert np.array_equal(by_mask @ field, flat @ field)
    assert np.array_equal(by_mask @ field, tuples @ field)
    assert by_mask @ field == pytest.approx((product @ field)[mask], abs=1e-12)


def test_few_scattered_rows_are_sampled_and_many_are_not(rng) -> None:
    product = KroneckerProduct(*(rng.standard_normal((30, 10)) for _ in range(3)))
    few, many = (IndexedProduct(product, rng.integers(0, 27_000, n)) for n in (5, 20_000))
    assert few._sampled is not None
    assert many._sampled is None
    assert few.T._sampled.transposed
    # A slab of many rows has few different indices along one axis: the restricted product is cheapest.
    slab = np.zeros((30, 30, 30), bool)
    slab[4] = True
    assert IndexedProduct(product, slab)._sampled is None
    assert IndexedProduct(product, slab)._restriction[0].output_shape == (1, 30, 30)


def test_the_whole_may_be_too_large_to_form(rng) -> None:
    """10^12 rows and columns: neither the matrix nor a field of the product's rows would fit; nor are they made."""
    factors = [rng.standard_normal((10_000, 8)) for _ in range(3)]
    rows = tuple(rng.integers(0, 10_000, 5) for _ in factors)
    field = rng.standard_normal((8, 8, 8))
    expected = [np.einsum("i,j,k,ijk", *(A[r] for A, r in zip(factors, row, strict=True)), field) for row in zip(*rows, strict=True)]
    assert IndexedProduct(KroneckerProduct(*factors), rows) @ field == pytest.approx(np.array(expected), rel=1e-10)


def test_diagonal_and_bounds(product, explicit_kron, rng) -> None:
    rows, columns = rng.integers(0, product.shape[0], 12), rng.integers(0, product.shape[1], 12)
    operator, dense = IndexedProduct(product, rows, columns), explicit_kron(*product.factors)[np.ix_(rows, columns)]
    assert operator.diagonal() == pytest.approx(np.diag(dense), abs=1e-13)
    assert operator.norm_bound() == pytest.approx(np.abs(dense).sum(axis=1).max(), rel=1e-12)
    assert np.count_nonzero(dense) <= operator.tosparse().nnz <= operator.entries <= 144


def test_scipy_takes_it_for_a_linear_operator(product, explicit_kron, rng) -> None:
    rows = rng.integers(0, product.shape[0], 9)
    wrapped, dense = aslinearoperator(IndexedProduct(product, rows)), explicit_kron(*product.factors)[rows]
    x, y = rng.standard_normal(dense.shape[1]), rng.standard_normal(9)
    assert wrapped @ x == pytest.approx(dense @ x, abs=1e-11)
    assert wrapped.rmatvec(y) == pytest.approx(dense.conj().T @ y, abs=1e-11)
    assert (wrapped @ rng.standard_normal((dense.shape[1], 2))).shape == (9, 2)


def test_single_precision_stays_single(rng) -> None:
    product = KroneckerProduct(*(rng.standard_normal((n, 4)).astype(np.float32) for n in (6, 5)))
    for rows in ([3], np.arange(30)):
        operator = IndexedProduct(product, rows)
        assert operator.dtype == (operator @ np.ones((4, 4), np.float32)).dtype == np.float32
        assert (operator.T @ np.ones(len(rows), np.float32)).dtype == np.float32


def test_bad_selections_are_refused(rng) -> None:
    product = KroneckerProduct(rng.standard_normal((5, 4)), rng.standard_normal((3, 2)))
    for selection, words in [
        ([0, 15], r"^rows: entry 1 is 15; allowed are indices from 0 to 14"),
        ([-1], r"^rows: entry 0 is -1; allowed are indices from 0 to 14"),
        ([[0, 1]], r"^rows: got an array of shape \(1, 2\) and type int64; allowed are flat indices, a tuple of 2 index arrays, or a mask"),
        ([0.0], r"^rows: got an array of shape \(1,\) and type float64"),
        (np.ones((3, 5), bool), r"^rows: got a mask of shape \(3, 5\); allowed is the field's, \(5, 3\)"),
        (np.zeros((5, 3), bool), r"^rows: nothing is selected of a field of shape \(5, 3\); select at least one entry"),
        (([0, 1], [2]), r"^rows: got index arrays of lengths \[2, 1\]; all must have one length"),
        (([0, 1],), r"^rows: got a tuple of arrays of shapes \[\(2,\)\]; allowed are 2 index arrays"),
        (([0, 4], [2, 3]), r"^rows\[1\]: entry 1 is 3; allowed are indices from 0 to 2"),
    ]:
        with pytest.raises(ValueError, match=words):
            IndexedProduct(product, selection)
    with pytest.raises(ValueError, match=r"^columns: entry 0 is 8; allowed are indices from 0 to 7"):
        IndexedProduct(product, columns=[8])
    with pytest.raises(ValueError, match=r"^IndexedProduct: got shape \(2, 8\); only a square selection has a diagonal"):
        IndexedProduct(product, [0, 1]).diagonal()
