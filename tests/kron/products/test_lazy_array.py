"""A lazy Kronecker product of arrays is what `np.kron` makes of them, and an index forms no more than what is asked for."""

import functools
import re

import numpy as np
import pytest
import scipy.sparse as sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tensorfem.kron import KroneckerArray, KroneckerProduct, SeparableOperator, kron

SHAPES = {
    "vectors": ((5,), (4,), (3,)),
    "a number and vectors": ((), (3,), (2,)),
    "numbers": ((), ()),
    "three dimensions": ((3, 2, 2), (2, 3, 1)),
    "unequal dimensions": ((4,), (2, 3, 2), (3, 2)),
    "four of them": ((2, 1, 3), (), (3,), (2, 2)),
    "four dimensions": ((2, 1, 3, 2), (2, 2), (1, 3, 1, 2)),
    "one": ((3, 2, 4),),
}


def explicit(factors) -> np.ndarray:
    return functools.reduce(np.kron, factors)


@pytest.fixture(params=SHAPES)
def factors(request, rng) -> list[np.ndarray]:
    return [rng.integers(-9, 10, shape) for shape in SHAPES[request.param]]


def test_it_is_numpy_s_kronecker_product(factors) -> None:
    lazy, dense = kron(*factors), explicit(factors)
    assert isinstance(lazy, KroneckerArray)
    assert (lazy.shape, lazy.ndim, lazy.size, lazy.dtype) == (dense.shape, dense.ndim, dense.size, dense.dtype)
    assert np.array_equal(np.asarray(lazy), dense)
    assert np.array_equal(lazy.toarray(), dense)
    assert np.asarray(lazy, dtype=np.complex64).dtype == np.complex64
    assert np.array_equal(np.array(lazy, copy=True), dense)
    assert not any(np.shares_memory(lazy.toarray(), factor) for factor in factors)


def test_its_sums_norm_and_multiples(factors) -> None:
    lazy, dense = kron(*factors), explicit(factors)
    assert lazy.sum() == dense.sum()
    assert lazy.norm() == pytest.approx(np.linalg.norm(dense.ravel()))
    for axis in range(-dense.ndim, dense.ndim):
        assert np.array_equal(lazy.sum(axis=axis), dense.sum(axis=axis))
    assert np.array_equal(lazy.T, np.transpose(dense))
    for multiple, expected in [(lazy * 3, dense * 3), (2j * lazy, 2j * dense), (-lazy, -dense), ((1j * lazy).conj(), -1j * dense)]:
        assert isinstance(multiple, KroneckerArray)
        assert np.array_equal(multiple, expected)
    assert np.array_equal(np.float64(0.5) * lazy, 0.5 * dense)
    assert np.array_equal(lazy / 4, dense / 4)
    assert (2j * lazy).vdot(lazy) == pytest.approx(np.vdot(2j * dense, dense))


@st.composite
def indexed(draw):
    shape = draw(st.sampled_from([s for s in SHAPES.values() if max(map(len, s)) > 0]))
    dense_shape = explicit([np.ones(s) for s in shape]).shape
    basic = arrays.basic_indices(dense_shape, allow_newaxis=False)
    several = arrays.integer_array_indices(dense_shape, result_shape=arrays.array_shapes(max_dims=2, max_side=3))
    mixed = st.tuples(
        *(st.one_of(st.integers(-n, n - 1), st.slices(n), st.lists(st.integers(-n, n - 1), min_size=2, max_size=2)) for n in dense_shape)
    )
    return shape, draw(st.one_of(basic, several, mixed))


@given(indexed())
@settings(max_examples=300, deadline=None)
def test_an_index_gives_what_numpy_gives(drawn) -> None:
    shapes, key = drawn
    factors = [np.arange(1, 1 + int(np.prod(shape))).reshape(shape) * (2 * i + 1) for i, shape in enumerate(shapes)]
    result, expected = kron(*factors)[key], explicit(factors)[key]
    assert np.shape(result) == np.shape(expected)
    assert np.array_equal(result, expected)


def test_separated_index_arrays_go_in_front() -> None:
    factors = [np.arange(12.0).reshape(2, 1, 3, 2), np.arange(6.0).reshape(1, 3, 1, 2)]
    dense = explicit(factors)
    for key in (
        (slice(None), [0, 1], slice(1, None), [3, 0]),
        (slice(None), 1, slice(None), [3, 0]),
        (slice(None), 1, [2, 0], slice(None)),
    ):
        assert kron(*factors)[key].shape == dense[key].shape
        assert np.array_equal(kron(*factors)[key], dense[key])


def test_masks_and_empty_lists_are_indices(rng) -> None:
    lazy = kron(*(rng.standard_normal(n) for n in (3, 2)))
    mask = rng.random(6) < 0.5
    assert lazy[mask] == pytest.approx(np.asarray(lazy)[mask], rel=1e-15)
    assert lazy[[]].shape == (0,)
    assert len(lazy) == 6


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (6, "6 is out of bounds for axis 0 of length 6"),
        ([0, -7], "-7 is out of bounds for axis 0 of length 6"),
        ((0, 0), r"got 2 keys, 0 of them an ellipsis; the array has 1 axes"),
        ((..., ...), r"got 2 keys, 2 of them an ellipsis"),
        ("a", "got 'a' for axis 0; allowed are integers, slices"),
        (None, "got None for axis 0; allowed are integers, slices"),
        ([True, False], "masks of length 6"),
        (True, "got True for axis 0"),
        (1.5, "got 1.5 for axis 0"),
    ],
)
def test_another_index_is_an_error(key, words) -> None:
    with pytest.raises(IndexError, match="index: .*" + words):
        kron(np.ones(3), np.ones(2))[key]


def test_no_more_is_formed_than_is_asked_for(rng) -> None:
    pairs = [rng.standard_normal(2) for _ in range(90)]
    state = kron(*pairs)  # 2^90 entries
    assert state.shape == (2**90,)
    assert state.size == 2**90
    place = sum((i % 3 == 0) << (89 - i) for i in range(90))
    assert state[place] == pytest.approx(np.prod([pair[int(i % 3 == 0)] for i, pair in enumerate(pairs)]))
    assert state[place - 2**90] == state[place]
    assert state.sum() == pytest.approx(np.prod([pair.sum() for pair in pairs]))
    assert state.norm() == pytest.approx(np.prod([np.linalg.norm(pair) for pair in pairs]))
    with pytest.raises(MemoryError, match=rf"the explicit array of shape \({2**90},\) needs about 9.9e\+18 GB"):
        state.toarray()
    with pytest.raises(MemoryError, match=rf"the explicit dense matrix of shape \({4**30}, {4**30}\) needs about"):
        np.asarray(kron(*(np.eye(4) for _ in range(30))))


def test_matrices_make_an_operator(rng) -> None:
    A, B, C = rng.standard_normal((5, 3)), sparse.csr_array(rng.standard_normal((2, 4))), rng.standard_normal((3, 2))
    dense = explicit([A, B.toarray(), C])
    product = kron(A, B, C)
    assert isinstance(product, KroneckerProduct)
    assert np.asarray(product) == pytest.approx(dense)
    assert np.asarray(product, dtype=np.float32).dtype == np.float32
    assert product.tosparse().toarray() == pytest.approx(sparse.kron(sparse.kron(A, B), C).toarray())
    # With fewer dimensions, as np.kron has it.
    row, number = rng.standard_normal(3), 2.5
    assert np.asarray(kron(number, A, row)) == pytest.approx(explicit([number, A, row]))
    assert np.asarray(kron(row, sparse.coo_array(row), B)) == pytest.approx(explicit([row, row, B.toarray()]))


def test_operators_are_taken_apart(rng) -> None:
    A, B, C, D = (rng.standard_normal((n, n)) for n in (4, 3, 2, 2))
    assert np.asarray(kron(kron(A, B), C)) == pytest.approx(explicit([A, B, C]))
    total = kron(2.0, kron(A, B) - 3 * kron(A, B), kron(C) + kron(D))
    assert isinstance(total, SeparableOperator)
    assert len(total.terms) == 4
    assert total.toarray() == pytest.approx(explicit([-4 * A, B, C + D]))
    assert np.asarray(kron(kron([1, 2], [3, 4]), [5, 6])) == pytest.approx(explicit([[1, 2], [3, 4], [5, 6]]))
    composed = kron(rng.standard_normal((2, 3)), rng.standard_normal((3, 2))) ** 2
    with pytest.raises(ValueError, match=r"kron: factor 1 is ComposedOperator.*which is no sum of Kronecker products"):
        kron(A, composed)
    with pytest.raises(ValueError, match=r"kron: got an array of shape \(1, 2, 2\) beside an operator"):
        kron(kron(A, B), np.ones((1, 2, 2)))


def test_gates_act_on_product_states(rng) -> None:
    gates = [rng.standard_normal((2, 2)) + 1j * rng.standard_normal((2, 2)) for _ in range(4)]
    state = kron(*(rng.standard_normal(2) for _ in range(4)))
    result = KroneckerProduct(*gates) @ state
    assert isinstance(result, KroneckerArray)
    assert np.asarray(result) == pytest.approx(explicit(gates) @ np.asarray(state))
    # Where the factors do not fit, the vector is formed.
    pair = KroneckerProduct(explicit(gates[:2]), explicit(gates[2:]))
    assert pair @ state == pytest.approx(np.asarray(result))
    assert (pair + pair) @ state == pytest.approx(2 * np.asarray(result))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: kron(), "kron: got no factors; give at least one array"),
        (lambda: kron([np.eye(2), np.eye(2)]), r"kron: got one list of 2 factors; write kron\(\*factors\)"),
        (lambda: kron((np.ones(2), [1.0, 2.0])), r"kron: got one tuple of 2 factors; write kron\(\*factors\)"),
        (lambda: kron([KroneckerProduct(np.eye(2))]), r"kron: got one list of 1 factors; write"),
        (lambda: kron([sparse.eye_array(2)] * 3), r"kron: got one list of 3 factors; write"),
        (lambda: KroneckerArray(), "KroneckerArray: got no factors"),
        (lambda: kron([1.0], ["a"]), r"kron: factor 1 has shape \(1,\) and type <U1; allowed are numbers"),
        (lambda: kron([1.0], np.ones((2, 0))), r"kron: factor 1 has shape \(2, 0\); a factor has at least one entry"),
        (
            lambda: KroneckerProduct(np.eye(2), np.ones((0, 3))),
            r"KroneckerProduct: factor 1 has shape \(0, 3\); a factor has at least one row",
        ),
        (lambda: kron([1.0], [2.0]) * "a", r"\*: got str; allowed beside a lazy array are numbers"),
        (lambda: kron([1.0], [2.0]) * np.ones(1), r"\*: got ndarray; allowed beside"),
        (lambda: kron([1.0], [2.0]) / [1.0], r"\*: got list; allowed beside"),
        (lambda: kron([1.0], [2.0]) / 0, "/: got 0; a lazy array is divided by a number that is not zero"),
        (lambda: kron([1.0], [2.0]).vdot(kron([1.0, 2.0])), re.escape("vdot: got factors of shapes [(1,), (1,)] and [(2,)]")),
        (lambda: np.asarray(kron([1.0], [2.0]), copy=False), r"copy: got False; the explicit array of shape \(1,\) is always made anew"),
        (lambda: np.asarray(kron(np.eye(2)), copy=False), r"copy: got False; the explicit matrix of an operator of shape \(2, 2\)"),
    ],
)
def test_what_is_no_kronecker_product_is_refused(call, words) -> None:
    with pytest.raises(ValueError, match=words):
        call()


def test_a_number_has_no_length() -> None:
    with pytest.raises(TypeError, match="a number has no length"):
        len(kron(2.0, 3.0))
    assert float(np.asarray(kron(2.0, 3.0))) == 6.0
    assert kron(2.0, 3.0)[()] == 6.0
    assert repr(kron([1.0, 2.0], [3.0])) == "KroneckerArray(shape=(2,), factors=(2,) x (1,))"


def test_nested_lists_of_numbers_are_one_factor() -> None:
    assert np.array_equal(kron([[1, 2], [3, 4]]), [[1, 2], [3, 4]])
    assert np.array_equal(kron([np.float64(1), np.array(2.0)]), [1, 2])
    assert np.array_equal(kron([np.ones(2), np.zeros(2)], [[1], [2]]), np.kron([[1, 1], [0, 0]], [[1], [2]]))
