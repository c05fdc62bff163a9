"""Arrays that are sums of few outer products are found to be, to the tolerance; others are not."""

import functools

import numpy as np
import pytest

from tensorfem.kron.approximation.cross import PROBES, cross_terms, probes, sum_of

SHAPE = (23, 17, 9, 6)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7_340_119)


def drawn(rng: np.random.Generator, shape: tuple[int, ...], rank: int) -> np.ndarray:
    """A sum of so many outer products of all axes."""
    return sum(functools.reduce(np.multiply.outer, [rng.standard_normal(n) for n in shape]) for _ in range(rank))


@pytest.mark.parametrize("rank", [1, 2, 3, 5])
def test_matrices_take_as_many_terms_as_their_rank(rank, rng) -> None:
    array = drawn(rng, SHAPE[:2], rank)
    terms = cross_terms(array, 5, rtol=1e-12)
    assert len(terms) == rank
    assert np.abs(sum_of(terms) - array).max() <= 1e-12 * np.abs(array).max()
    assert cross_terms(array, rank - 1, rtol=1e-12) is None


@pytest.mark.parametrize("dimension", [1, 2, 3, 4])
def test_products_are_one_term_in_every_dimension(dimension, rng) -> None:
    array = drawn(rng, SHAPE[:dimension], 1)
    (term,) = cross_terms(array, 1)
    assert [factor.shape for factor in term] == [(n,) for n in SHAPE[:dimension]]
    assert np.abs(sum_of([term]) - array).max() <= 1e-13 * np.abs(array).max()


@pytest.mark.parametrize("dimension", [3, 4])
def test_sums_of_products_of_some_coordinates(dimension, rng) -> None:
    """``f(x) + g(y)``, constant along the other axes, has two terms."""
    shape = SHAPE[:dimension]
    x, y = (rng.standard_normal([n if i == axis else 1 for i, n in enumerate(shape)]) for axis, n in ((0, shape[0]), (1, shape[1])))
    array = np.broadcast_to(x + y, shape)
    terms = cross_terms(array, 2)
    assert len(terms) == 2
    assert np.abs(sum_of(terms) - array).max() <= 1e-12 * np.abs(array).max()


def test_one_entry_that_is_off_is_not_missed(rng) -> None:
    array = drawn(rng, SHAPE[:3], 1)
    place = np.unravel_index(int(np.abs(array).argmin()), array.shape)
    array[place] += 1e-6 * np.abs(array).max()
    assert cross_terms(array, 1) is None
    terms = cross_terms(array, 4)
    assert len(terms) > 1
    assert np.abs(sum_of(terms) - array).max() <= 4e-13 * np.abs(array).max()


def test_the_tolerance_cuts_what_is_small(rng) -> None:
    array = drawn(rng, SHAPE[:2], 1)
    noisy = array + 1e-7 * rng.random(array.shape) * np.abs(array).max()
    (term,) = cross_terms(noisy, 3, rtol=1e-6)
    assert np.abs(sum_of([term]) - noisy).max() <= 1e-6 * np.abs(noisy).max()
    assert cross_terms(noisy, 3, rtol=1e-9) is None


def test_nothing_is_no_term_and_the_array_is_left_alone(rng) -> None:
    assert cross_terms(np.zeros((4, 3)), 2) == []
    array = drawn(rng, SHAPE[:3], 2)
    kept = array.copy()
    cross_terms(array, 3)
    assert np.array_equal(array, kept)


def test_probes_reach_both_ends() -> None:
    assert probes(1).tolist() == [0]
    assert probes(5).tolist() == [0, 1, 2, 3, 4]
    many = probes(97)
    assert (many[0], many[-1], many.size) == (0, 96, PROBES)
