"""Tensor grids contracted slab by slab, by kernels and by SciPy, against the dense Kronecker product."""

import functools
from collections.abc import Sequence

import numpy as np
import pytest
import scipy.sparse as sparse

from tensorfem.kron import KroneckerProduct, SlabContraction, kernels
from tensorfem.kron.outer_products import sum_of_outers
from tensorfem.kron.slab_contraction import contract
from tensorfem.kron.threads import parts

SHAPES = [[(5, 9)], [(6, 11), (5, 7)], [(5, 12), (4, 3), (3, 8)], [(4, 6), (3, 5), (4, 2), (2, 7)]]
each_shape = pytest.mark.parametrize("shape", SHAPES, ids="1234")
either = pytest.mark.parametrize("compiled", [False, True], ids=["scipy", "kernels"])


def matrices(shape: Sequence[tuple[int, int]], seed: int = 7341) -> list[sparse.csr_array]:
    """Sparse matrices with entries anywhere, empty rows and columns among them."""
    rng = np.random.default_rng(seed)
    return [sparse.csr_array(rng.standard_normal(pair) * (rng.random(pair) < 0.6)) for pair in shape]


def contracted(factors: Sequence[sparse.csr_array], values: np.ndarray, compiled: bool, entries: int, split: int = 1) -> np.ndarray:
    """The sum over all slabs, the rows of the first factor in so many parts."""
    out = np.zeros([factor.shape[0] for factor in factors])
    for rows in parts(len(out), split):
        work = SlabContraction([factors[0][rows], *factors[1:]], out[rows], compiled=compiled)
        for slab in work.slabs(entries):
            work.add(slab, work.trailing(np.ascontiguousarray(values[slab] if values.shape[0] > 1 else values)))
    return out


def tolerance(factors: Sequence[sparse.csr_array], values: np.ndarray) -> float:
    """Sums of so many products, each rounded to eps: a bound on the sum of all sizes."""
    sizes = KroneckerProduct(*(abs(factor) for factor in factors)).apply(np.broadcast_to(np.abs(values), [f.shape[1] for f in factors]))
    return 4 * sum(factor.shape[1] for factor in factors) * np.finfo(float).eps * float(sizes.max())


@each_shape
@either
@pytest.mark.parametrize("entries", [1, 50, 10**6])
@pytest.mark.parametrize("split", [1, 2, 5])
def test_slabs_add_up_to_the_kronecker_product(shape: list[tuple[int, int]], compiled: bool, entries: int, split: int) -> None:
    factors = matrices(shape)
    values = np.random.default_rng(88).standard_normal([q for _, q in shape])
    dense = functools.reduce(np.kron, [factor.toarray() for factor in factors])
    expected = (dense @ values.ravel()).reshape([n for n, _ in shape])
    assert np.allclose(contracted(factors, values, compiled, entries, split), expected, rtol=0, atol=tolerance(factors, values))


@either
@pytest.mark.parametrize("entries", [1, 50, 10**6])
@pytest.mark.parametrize("constant", [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)])
def test_axes_of_length_one_stand_for_constant_values(compiled: bool, entries: int, constant: tuple[int, ...]) -> None:
    shape = SHAPES[2]
    factors = matrices(shape)
    values = np.random.default_rng(5).standard_normal([1 if i in constant else q for i, (_, q) in enumerate(shape)])
    whole = np.broadcast_to(values, [q for _, q in shape])
    expected = KroneckerProduct(*factors).apply(whole)
    assert np.allclose(contracted(factors, values, compiled, entries), expected, rtol=0, atol=tolerance(factors, values))


@each_shape
@either
def test_a_field_is_contracted_in_threads(shape: list[tuple[int, int]], compiled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that is not contiguous, and one that must not be written to; neither changes."""
    monkeypatch.setattr(kernels, "COMPILED_ENTRIES", 1 if compiled else 1 << 60)
    monkeypatch.setenv("TENSORFEM_NUM_THREADS", "3")
    factors = matrices(shape)
    values = np.random.default_rng(19).standard_normal([q for _, q in shape])
    turned, fixed = np.asfortranarray(values), values.copy()
    fixed.setflags(write=False)
    expected = KroneckerProduct(*factors).apply(values)
    for given in (values, turned, fixed):
        assert np.allclose(contract(factors, given), expected, rtol=0, atol=tolerance(factors, values))
    assert np.array_equal(turned, fixed)


@pytest.mark.parametrize("lines", [1, 3, 4, 7, 8])
def test_lines_are_contracted_four_at_a_time_and_one_by_one(lines: int) -> None:
    (factor,) = matrices([(5, 9)])
    block, out = np.random.default_rng(lines).standard_normal((lines, 9)), np.full((lines, 5), np.nan)
    kernels.contract_lines(factor.indptr.astype(np.intp), factor.indices.astype(np.intp), factor.data, block, out)
    assert np.allclose(out, block @ factor.toarray().T, rtol=0, atol=tolerance([factor], np.abs(block).max(axis=0)))


def test_columns_without_entries_are_not_asked_for() -> None:
    factor = sparse.csr_array(np.array([[0.0, 0.0, 1.0, 0.0, 2.0, 0.0, 0.0, 0.0]]))
    work = SlabContraction([factor, sparse.eye_array(2, format="csr")], np.zeros((1, 2)))
    assert [(slab.start, slab.stop) for slab in work.slabs(1000)] == [(2, 3), (4, 5)]
    work = SlabContraction([sparse.csr_array(np.array([[0.0, 1, 1, 1, 0, 1, 1]])), sparse.eye_array(2, format="csr")], np.zeros((1, 2)))
    assert [(slab.start, slab.stop) for slab in work.slabs(4)] == [(1, 3), (3, 4), (5, 7)]


@pytest.mark.parametrize("shape", [(9,), (7, 5), (6, 5, 4), (5, 4, 3, 2)])
@pytest.mark.parametrize("count", [1, 2, 5])
@either
def test_sums_of_outer_products(shape: tuple[int, ...], count: int, compiled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "COMPILED_ENTRIES", 1 if compiled else 1 << 60)
    monkeypatch.setenv("TENSORFEM_NUM_THREADS", "3")
    rng = np.random.default_rng(31)
    terms = [[rng.standard_normal(n) for n in shape] for _ in range(count)]
    letters = "abcd"[: len(shape)]
    expected = sum(np.einsum(f"{','.join(letters)}->{letters}", *term) for term in terms)
    assert np.allclose(sum_of_outers(terms), expected, rtol=1e-13, atol=1e-13)
