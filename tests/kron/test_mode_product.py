"""The mode product is what einsum says, on every way through it; `mode_solve` undoes it."""

import string
import sys
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sparse

from tensorfem.kron import KroneckerProduct, block_diag, kronsum, mode_product, row_kron
from tensorfem.kron.mode_product import DENSE_INNER, DENSE_LAST
from tensorfem.kron.mode_solve import mode_solve

# n decides between dense and sparse multiplication; the shapes have the axis first, inside, last, alone, and beside axes of length one.
SIZES = {"few": 7, "some": DENSE_INNER + 3, "many": DENSE_LAST + 2}
PLACES = {
    "first": ((), (4, 3)),
    "inside": ((3,), (4,)),
    "last": ((4, 3), ()),
    "alone": ((), ()),
    "before one": ((3,), (1,)),
    "after one": ((1,), (2,)),
}
FORMS = {
    "dense": np.asarray,
    "csr": sparse.csr_array,
    "csc": sparse.csc_array,
    "dia": sparse.dia_array,
    "turned": lambda m: sparse.csr_array(m.T).T,
}


def einsum(factor: np.ndarray, array: np.ndarray, position: int) -> np.ndarray:
    names = string.ascii_lowercase[: array.ndim]
    return np.einsum(f"Z{names[position]},{names}->{names.replace(names[position], 'Z')}", factor, array)


def band(rng: np.random.Generator, rows: int, columns: int) -> np.ndarray:
    return sum(np.eye(rows, columns, k) * rng.standard_normal((rows, 1)) for k in (-2, -1, 0, 1))


def close(result: np.ndarray, expected: np.ndarray) -> bool:
    """At most four nonzeros per row meet: a few roundings of the larger numbers."""
    return result.shape == expected.shape and np.abs(result - expected).max() <= 8 * np.finfo(result.dtype).eps * np.abs(expected).max()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("rows", ["square", "fewer", "more"])
def test_it_is_the_sum_over_the_axis(rng: np.random.Generator, size: str, place: str, form: str, rows: str) -> None:
    before, after = PLACES[place]
    columns = SIZES[size]
    dense = band(rng, columns + {"square": 0, "fewer": -3, "more": 5}[rows], columns)
    array = rng.standard_normal((*before, columns, *after))
    kept = array.copy()
    assert close(mode_product(FORMS[form](dense), array, len(before)), einsum(dense, array, len(before)))
    assert np.array_equal(array, kept)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_leading_axes_are_a_batch(rng: np.random.Generator, size: str, form: str, axis: int) -> None:
    columns = SIZES[size]
    dense, shape = band(rng, columns - 1, columns), [2, 3, 4, 4]
    shape[axis % 2 + 2] = columns
    array = rng.standard_normal(shape)
    assert close(mode_product(FORMS[form](dense), array, axis, dimension=2), einsum(dense, array, axis % 2 + 2))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_the_result_goes_where_it_is_asked_to(rng: np.random.Generator, size: str, form: str, axis: int) -> None:
    columns, shape = SIZES[size], [5, 4, 3]
    shape[axis] = columns
    dense, array = band(rng, columns, columns), rng.standard_normal(shape)
    out = np.full(shape, np.nan)
    assert mode_product(FORMS[form](dense), array, axis, out=out) is out
    assert close(out, einsum(dense, array, axis))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("form", ["dense", "csr"])
@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize(
    ("of_factor", "of_array", "of_result"),
    [("f4", "f4", "f4"), ("f4", "f8", "f8"), ("f8", "c16", "c16"), ("c16", "f8", "c16"), ("c8", "f4", "c8"), ("f8", "i8", "f8")],
)
def test_numbers_keep_their_kind(
    rng: np.random.Generator, size: str, form: str, axis: int, of_factor: str, of_array: str, of_result: str
) -> None:
    columns, shape = SIZES[size], [4, 3, 2]
    shape[axis] = columns
    dense = (
        (band(rng, columns, columns) * np.exp(1j * (of_factor[0] == "c"))).astype(of_factor)
        if of_factor[0] == "c"
        else band(rng, columns, columns).astype(of_factor)
    )
    array = (9 * rng.standard_normal(shape)).astype(of_array) * np.asarray(np.exp(0.5j) if of_array[0] == "c" else 1, of_array)
    result = mode_product(FORMS[form](dense), array, axis)
    assert result.dtype == np.dtype(of_result)
    assert close(result, einsum(dense, array, axis).astype(of_result))


@pytest.mark.parametrize("form", FORMS)
def test_any_memory_layout_will_do(rng: np.random.Generator, form: str) -> None:
    dense = band(rng, 40, 40)
    for array in (
        rng.standard_normal((3, 40, 5)).T,
        np.asfortranarray(rng.standard_normal((5, 40, 3))),
        rng.standard_normal((10, 80, 6))[::2, ::-2, ::2],
    ):
        assert close(mode_product(FORMS[form](dense), array, 1), einsum(dense, array, 1))


def test_axes_without_length_stay_so(rng: np.random.Generator) -> None:
    assert mode_product(np.ones((2, 3)), np.empty((0, 3, 4)), 1).shape == (0, 2, 4)
    assert np.array_equal(mode_product(np.ones((2, 0)), np.empty((5, 0)), 1), np.zeros((5, 2)))


def test_the_bounds_between_dense_and_sparse_do_not_change_the_result(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    dense, array = band(rng, 6, 6), rng.standard_normal((6, 6, 6))
    module: Any = sys.modules[mode_product.__module__]
    for bound in (0, 100):
        monkeypatch.setattr(module, "DENSE_INNER", bound)
        monkeypatch.setattr(module, "DENSE_LAST", bound)
        for axis in range(3):
            assert close(mode_product(sparse.csr_array(dense), array, axis), einsum(dense, array, axis))


def test_an_axis_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match=r"factor has shape \(2, 4\), but axis 1 of the array \(2, 4, 3\) is not 4 long"):
        mode_product(np.ones((2, 4)), np.ones((2, 4, 3)), 1, dimension=2)
    with pytest.raises(ValueError, match=r"out: got an array of shape \(3, 4\) and strides .*; allowed is a C-contiguous one"):
        mode_product(np.ones((3, 3)), np.ones((3, 4)), 0, out=np.ones((4, 3)).T)
    with pytest.raises(IndexError):
        mode_product(np.ones((3, 3)), np.ones((3, 3)), 2)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_mode_solve_undoes_the_product(rng: np.random.Generator, axis: int) -> None:
    shape = (5, 4, 3)
    dense = band(rng, shape[axis], shape[axis]) + 8 * np.eye(shape[axis])  # diagonally dominant
    array = rng.standard_normal(shape)
    kept = array.copy()
    solved = mode_solve(sparse.csr_array(dense), array, axis)
    assert solved.flags.c_contiguous
    assert np.abs(einsum(dense, solved, axis) - array).max() < 30 * np.finfo(float).eps * np.abs(array).max()
    assert np.array_equal(array, kept)


def test_factors_that_are_no_matrix_of_numbers_are_refused() -> None:
    A, B = np.eye(2), np.eye(3)
    for lone, many in (([A, A], 2), ([A, B, A], 3), ((A, sparse.csr_array(B)), 2)):
        for call in (KroneckerProduct, kronsum, row_kron, block_diag):
            with pytest.raises(ValueError, match=rf"^(\w+: )*factor: got one (list|tuple) of {many} matrices; write them one by one"):
                call(lone)
    for strange, kind in (([["a"]], "<U1"), ([[None]], "object"), (np.array([["2020-01-01"]], "datetime64[D]"), "datetime64")):
        with pytest.raises(ValueError, match=rf"^factor: got a matrix of shape \(1, 1\) and type {kind}.*; allowed are numbers"):
            KroneckerProduct(strange)
    assert np.array_equal(KroneckerProduct([np.ones(2), np.zeros(2)]).toarray(), [[1, 1], [0, 0]])
