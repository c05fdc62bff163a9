"""The promises of a solve in place: whose memory is used, how much, by how many threads, in which precision."""

import itertools
import tracemalloc

import numpy as np
import pytest

from tensorfem.kron import DenseEigenbasis, Eigenbasis, KroneckerSum, Pencil, Spectrum, Trigonometry

SHAPES = [(6,), (1,), (5, 4), (5, 1), (1, 4), (6, 5, 4), (5, 1, 3), (1, 5, 4), (5, 4, 3, 2), (4, 1, 3, 1)]
KINDS = ("dense", "dirichlet-dirichlet", "neumann-dirichlet")
PRECISIONS = ["f4", "f8", "c8", "c16"]


@pytest.fixture
def make_sum(make_pencil, hat_matrices, monkeypatch):
    """A shifted sum with axes of given kinds and sizes: those with trigonometric ones transform them, however short they are."""
    monkeypatch.setattr(Pencil, "is_trigonometric", property(lambda pencil: pencil.trigonometry is not None))

    def axis(kind: str, size: int) -> Pencil:
        if kind == "dense":
            return make_pencil(size)
        cells = size + (kind == "dirichlet-dirichlet")
        return Pencil(*hat_matrices(kind, cells, 1.5, (2.0, 0.5)), trigonometry=Trigonometry(kind, 1.5, cells, (2.0, 0.5)))

    return lambda kinds, shape: KroneckerSum([axis(kind, size) for kind, size in zip(kinds, shape, strict=True)], 0.75)


def mixtures(shape):
    """All kinds alike, and each kind first with another behind it in turn."""
    return {
        tuple(itertools.islice(itertools.cycle(order), len(shape)))
        for order in [*((kind,) for kind in KINDS), *itertools.permutations(KINDS)]
    }


def wave(rng, shape, numbers="f8"):
    imaginary = 1j * rng.standard_normal(shape) if numbers[0] == "c" else 0.0
    return (rng.standard_normal(shape) + imaginary).astype(numbers)


def error(operator, solution, rhs) -> float:
    """LAPACK's ratio, of all fields of a batch together."""
    dense, x, b = operator.toarray(), *(a.reshape(-1, operator.shape[0]).T for a in (solution, rhs))
    size = np.linalg.norm(dense, np.inf) * np.linalg.norm(x) * len(dense) * np.finfo(solution.dtype).eps
    return float(np.linalg.norm(dense @ x - b) / size)


@pytest.mark.parametrize("small", [False, True])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_every_mixture_is_solved_in_every_precision(make_sum, rng, monkeypatch, shape, small) -> None:
    if small:
        for name, entries in {"THREAD_ENTRIES": 12, "PRODUCT_ENTRIES": 10, "FEWEST_PRODUCT_ENTRIES": 4, "COLUMNS": 3}.items():
            monkeypatch.setattr(f"tensorfem.kron.sweeps.{name}", entries)
    for kinds, numbers, batch in zip(mixtures(shape), itertools.cycle(PRECISIONS), itertools.cycle([(), (3,), (2, 2)]), strict=False):
        operator = make_sum(kinds, shape)
        rhs = wave(rng, (*batch, *shape), numbers)
        solution = operator.spectrum().solve(rhs)
        assert solution.dtype == rhs.dtype
        assert error(operator, solution, rhs) < 30, kinds


@pytest.mark.parametrize("numbers", PRECISIONS)
@pytest.mark.parametrize("kinds", sorted(mixtures((3, 2, 1))), ids="-and-".join)
def test_leave_to_overwrite_gives_the_result_in_the_same_memory(make_sum, rng, kinds, numbers) -> None:
    operator = make_sum(kinds, (5, 4, 3))
    rhs = wave(rng, (2, 5, 4, 3), numbers)
    given = rhs.copy()
    assert operator.spectrum().solve(given, overwrite=True) is given
    assert error(operator, given, rhs) < 30


@pytest.mark.parametrize("kinds", sorted(mixtures((3, 2, 1))), ids="-and-".join)
@pytest.mark.parametrize("overwrite", [False, True])
def test_of_what_cannot_be_overwritten_nothing_is(make_sum, rng, kinds, overwrite) -> None:
    operator = make_sum(kinds, (5, 4, 3))
    whole = wave(rng, (2, 5, 4, 6))
    read_only = wave(rng, (5, 4, 3))
    read_only.setflags(write=False)
    for rhs in (whole[..., ::-2], np.asfortranarray(wave(rng, (5, 4, 3))), read_only, np.arange(60).reshape(5, 4, 3)):
        kept = rhs.copy()
        solution = operator.spectrum().solve(rhs, overwrite=overwrite)
        assert error(operator, solution, kept) < 30
        assert np.array_equal(rhs, kept)
        assert not np.may_share_memory(solution, rhs)


@pytest.mark.parametrize(
    "kinds", [("dense",) * 3, ("dirichlet-dirichlet",) * 3, ("dense", "dirichlet-dirichlet", "dense")], ids="-and-".join
)
def test_no_second_field_is_taken(make_sum, rng, kinds) -> None:
    operator = make_sum(kinds, (127, 95, 63))
    bases, rhs = [pencil.eigenbasis() for pencil in operator.pencils], wave(rng, (127, 95, 63))
    expected = operator.spectrum().solve(rhs)  # also loads the kernels
    spectrum = Spectrum(bases, operator.shift, singular=False)  # has no workspace yet
    tracemalloc.start()
    try:
        spectrum.solve(rhs, overwrite=True)
        taken = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert taken < 1.1 * rhs.nbytes / 4  # little more than a quarter: the bases' own small arrays
    assert np.allclose(rhs, expected, rtol=0, atol=1e-13 * np.abs(expected).max())


@pytest.mark.parametrize("kinds", sorted(mixtures((3, 2, 1))), ids="-and-".join)
def test_the_number_of_threads_changes_nothing(make_sum, rng, monkeypatch, kinds) -> None:
    monkeypatch.setattr("tensorfem.kron.sweeps.THREAD_ENTRIES", 16)
    operator, rhs = make_sum(kinds, (9, 8, 7)), wave(rng, (9, 8, 7))
    alone = operator.spectrum().solve(rhs, threads=1)
    assert error(operator, alone, rhs) < 30
    monkeypatch.setenv("TENSORFEM_NUM_THREADS", "many")  # refused by whoever asks, instead of taking the number that is given
    for threads in (1, 2, 3):
        for given in (rhs, np.asfortranarray(rhs)):
            assert np.array_equal(operator.spectrum().solve(given, threads=threads), alone)


class Stored(Eigenbasis):
    """A basis of another kind: it writes to `out` where it is told to, and may overwrite what it is given."""

    def __init__(self, basis: DenseEigenbasis) -> None:
        self.stiffness, self.mass, self._basis = basis.stiffness, basis.mass, basis

    def _apply(self, matrix, array, axis, out, overwrite):
        assert out is None or not np.may_share_memory(array, out)
        product = np.moveaxis(np.tensordot(matrix, array, (1, axis)), 0, axis)
        if overwrite:
            array[...] = np.nan
        if out is None or self.mass.size % 2:
            return product
        out[...] = product
        return out

    def analyse(self, array, axis, *, out=None, overwrite=False):
        return self._apply(self._basis.adjoint, array, axis, out, overwrite)

    def synthesise(self, array, axis, *, out=None, overwrite=False):
        return self._apply(self._basis.vectors, array, axis, out, overwrite)


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("shape", [(5,), (6, 5), (5, 4, 3), (5, 4, 3, 2)], ids=str)
def test_bases_of_other_kinds_are_applied_as_they_promise(make_pencil, rng, overwrite, shape) -> None:
    pencils = [make_pencil(size) for size in shape]
    spectrum = Spectrum([Stored(pencil.eigenbasis()) for pencil in pencils], 0.75, singular=False)
    rhs = wave(rng, (2, *shape))
    given = rhs.copy()
    solution = spectrum.solve(given, overwrite=overwrite)
    assert error(KroneckerSum(pencils, 0.75), solution, rhs) < 30
    assert (solution is given) == overwrite
    assert overwrite or np.array_equal(given, rhs)
