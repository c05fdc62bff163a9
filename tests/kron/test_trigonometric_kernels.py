"""Compiled trigonometric transforms against scipy.fft, and against what orthonormal matrices do."""

import threading

import numpy as np
import pytest

from tensorfem.kron import KINDS, TrigonometricEigenbasis, kernels
from tensorfem.kron import trigonometric as module
from tensorfem.kron.threads import in_threads
from tensorfem.kron.transform_plan import operations, transform_plan

pytest.importorskip("numba")

CELLS = (*range(1, 41), 49, 77, 96, 100, 127, 128, 160, 250, 254, 255, 256)
LARGE = (360, 500, 511, 512, 514, 999, 1000)


@pytest.fixture
def compiled(monkeypatch):
    """Kernels work on arrays of all sizes and lengths."""
    monkeypatch.setattr(kernels, "COMPILED_ENTRIES", 0)
    monkeypatch.setattr(module, "SCIPY_OPERATION", np.inf)


def both_ways(basis, array, axis):
    return basis.analyse(array, axis), basis.synthesise(array, axis)


def distance(result, expected):
    """In norm, relative to eps and the root of the passes that a transform of such length takes."""
    passes = np.sqrt(1 + np.log2(max(expected.shape)))
    return np.linalg.norm(result - expected) / (np.linalg.norm(expected) * np.finfo(result.dtype).eps * passes)


def by_scipy(basis, array, axis, monkeypatch):
    """The path without kernels, in double precision."""
    with monkeypatch.context() as patch:
        patch.setattr(kernels, "COMPILED_ENTRIES", np.inf)
        return both_ways(basis, array.astype(np.result_type(array.dtype, float)), axis)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", ["f8", "f4"])
def test_transforms_of_all_lengths_are_those_of_scipy(compiled, monkeypatch, rng, kind, number) -> None:
    for cells in CELLS[kind == "dirichlet-dirichlet" :]:  # one cell has no sines
        basis = TrigonometricEigenbasis(kind, 1.7, cells)
        array = rng.standard_normal((3, basis.mass.size, 13)).astype(number)
        for result, expected in zip(both_ways(basis, array, 1), by_scipy(basis, array, 1, monkeypatch), strict=True):
            assert result.dtype == array.dtype
            assert distance(result, expected) < 2, cells


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cells", LARGE)
def test_long_transforms_are_as_exact(compiled, monkeypatch, rng, kind, cells) -> None:
    basis = TrigonometricEigenbasis(kind, 1.7, cells)
    array = rng.standard_normal((basis.mass.size, 17))
    for result, expected in zip(both_ways(basis, array, 0), by_scipy(basis, array, 0, monkeypatch), strict=True):
        assert distance(result, expected) < 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cells", [12, 35, 64])
def test_both_directions_are_transposes_and_scaled_inverses(compiled, rng, kind, cells) -> None:
    """Q^T Q = O^T E^2 O: the mass matrix of lumped cells at the ends stands between the two directions."""
    basis = TrigonometricEigenbasis(kind, 1.7, cells)
    size = basis.mass.size
    ends = np.ones(size)
    ends[list(basis.natural)] = 0.5
    forward, backward = both_ways(basis, np.eye(size), 0)
    assert np.abs(forward - backward.T).max() < 20 * np.finfo(float).eps
    assert np.abs(forward @ (ends[:, None] * backward) - np.eye(size)).max() < 20 * np.finfo(float).eps


def test_sines_twice_are_the_identity(compiled, rng) -> None:
    basis, array = TrigonometricEigenbasis("dirichlet-dirichlet", 1.0, 96), rng.standard_normal((4, 95, 6))
    assert distance(basis.analyse(basis.analyse(array, 1), 1), array) < 2


VIEWS = {
    "plain": lambda array: array,
    "a slab": lambda array: np.concatenate([array, array, array])[array.shape[0] : 2 * array.shape[0]],
    "columns": lambda array: np.concatenate([array, array], axis=2)[:, :, 1 : array.shape[2] + 1],
    "every second": lambda array: np.repeat(array, 2, axis=2)[:, :, ::2],
    "Fortran order": np.asfortranarray,
    "axes swapped": lambda array: np.ascontiguousarray(array.swapaxes(0, 1)).swapaxes(0, 1),
}


@pytest.mark.parametrize("number", ["f8", "f4", "c16", "c8"])
@pytest.mark.parametrize("axis", [0, 1, 2, -1])
@pytest.mark.parametrize("view", VIEWS)
def test_views_are_transformed_in_their_own_memory(compiled, monkeypatch, rng, number, axis, view) -> None:
    shape = [21, 18, 9]
    shape[axis] = 15
    array = VIEWS[view]((rng.standard_normal(shape) + (1j * rng.standard_normal(shape) if number[0] == "c" else 0)).astype(number))
    whole = array if array.base is None else array.base
    basis = TrigonometricEigenbasis("neumann-dirichlet", 1.7, 15)
    expected, _ = by_scipy(basis, array, axis, monkeypatch)
    values = array.copy()
    array[...] = 0
    others = whole.copy()
    array[...] = values
    assert basis.works_in_place(array)
    assert basis.analyse(array, axis, overwrite=True) is array
    assert distance(array, expected) < 2
    array[...] = 0
    assert np.array_equal(whole, others)


REFUSED = {
    "backwards": lambda array: array[::-1],
    "the other byte order": lambda array: array.astype(">f8"),
    "between addresses": lambda array: np.frombuffer(b"." + array.tobytes(), offset=1).reshape(array.shape),
    "one row for all": lambda array: np.broadcast_to(array[:1], array.shape),
    "long numbers": lambda array: array.astype(np.longdouble),
}


@pytest.mark.parametrize("view", REFUSED)
def test_other_memory_goes_to_scipy(compiled, rng, view) -> None:
    array, basis = rng.standard_normal((15, 4)), TrigonometricEigenbasis("dirichlet-dirichlet", 1.0, 16)
    assert not basis.works_in_place(REFUSED[view](array)) or np.dtype(np.longdouble) == np.dtype(float)
    assert np.asarray(basis.analyse(REFUSED[view](array), 0), float) == pytest.approx(
        basis.analyse(np.array(REFUSED[view](array), float), 0)
    )


def test_what_may_not_be_overwritten_is_kept(compiled, rng) -> None:
    basis, array = TrigonometricEigenbasis("neumann-neumann", 1.0, 16), rng.standard_normal((17, 5))
    kept, out = array.copy(), np.full_like(array, np.nan)
    expected = basis.analyse(array, 0)
    assert basis.analyse(array, 0, out=out) is out
    assert np.array_equal(out, expected)
    array.flags.writeable = False
    assert np.array_equal(basis.analyse(array, 0, overwrite=True), expected)
    assert np.array_equal(basis.analyse(array, 0, out=np.full(array.shape, 1j)), expected)
    assert np.array_equal(array, kept)


def test_slabs_of_a_large_field_go_to_the_kernels_as_the_field_does(monkeypatch) -> None:
    monkeypatch.setattr(kernels, "COMPILED_ENTRIES", 15 * 15 * 15)
    basis, field = TrigonometricEigenbasis("dirichlet-dirichlet", 1.0, 16), np.ones((15, 15, 15))
    assert basis.works_in_place(field)
    assert basis.works_in_place(field[3:5])
    assert not basis.works_in_place(field[3:5].copy())
    monkeypatch.setattr(kernels, "available", lambda: False)
    assert not basis.works_in_place(field)


def test_slow_lengths_stay_with_scipy(monkeypatch) -> None:
    """999 = 27 * 37 cells are an odd number: not halved, but good for scipy.fft; 2 * 1009 has tables that are too large."""
    monkeypatch.setattr(kernels, "COMPILED_ENTRIES", 0)
    works = {
        cells: TrigonometricEigenbasis("dirichlet-dirichlet", 1.0, cells).works_in_place(np.ones(cells - 1))
        for cells in (128, 257, 999, 2018)
    }
    assert works == {128: True, 257: True, 999: False, 2018: False}
    assert np.isinf(operations("periodic", 1009))
    assert np.isinf(operations("neumann-neumann", 2 * 509))


def test_plans_have_no_more_steps_than_operations_promise() -> None:
    """The count of multiplications in the tables is that of the model, up to its rounding to whole passes."""
    plan = transform_plan("dirichlet-dirichlet", 256, True, np.dtype(float))
    assert plan.height < 256 + 16
    assert len(plan.steps) < 40
    assert operations("dirichlet-dirichlet", 256) < operations("dirichlet-dirichlet", 255) / 5


def test_lines_in_threads_and_in_turn_are_the_same(compiled, monkeypatch, rng) -> None:
    basis, array = TrigonometricEigenbasis("periodic", 1.0, 12), rng.standard_normal((70, 12, 90))
    alone = []
    for count in ("1", "3"):
        monkeypatch.setenv("TENSORFEM_NUM_THREADS", count)
        alone.append(basis.analyse(array, 1))
    assert np.array_equal(*alone)


def test_scipy_gets_one_thread_within_threads(monkeypatch, rng) -> None:
    monkeypatch.setenv("TENSORFEM_NUM_THREADS", "2")
    counts = {}
    in_threads(lambda i: counts.setdefault(threading.current_thread().name, module._workers()), range(4))
    assert set(counts.values()) == {1}
    assert module._workers() == 2


def test_a_line_that_is_not_finite_spoils_few_others(compiled, rng) -> None:
    array, basis = rng.standard_normal((95, 64)), TrigonometricEigenbasis("dirichlet-dirichlet", 1.0, 96)
    expected = basis.analyse(array, 0)
    array[4, 20] = np.nan
    result = basis.analyse(array, 0)
    assert np.isnan(result[:, 20]).all()
    assert np.isfinite(result).all(axis=0).sum() >= 62
    assert np.array_equal(result[:, :16], expected[:, :16])


def test_a_line_alone_has_only_its_own_rounding_errors(compiled, monkeypatch, rng) -> None:
    """The seventeenth begins a block; what the rows held before is not its partner."""
    array, basis = rng.standard_normal((95, 17)), TrigonometricEigenbasis("dirichlet-dirichlet", 1.0, 96)
    array[:, :16] *= 1e9
    expected, _ = by_scipy(basis, array, 0, monkeypatch)
    assert distance(basis.analyse(array, 0)[:, 16], expected[:, 16]) < 2


@pytest.mark.parametrize("entries", [0, np.inf])
@pytest.mark.parametrize("step", ["analyse", "synthesise"])
def test_another_length_is_refused(monkeypatch, entries, step) -> None:
    monkeypatch.setattr(kernels, "COMPILED_ENTRIES", entries)
    basis = TrigonometricEigenbasis("dirichlet-dirichlet", 1.0, 16)
    with pytest.raises(ValueError, match=r"array: got shape \(15, 16\); axis 1 must have 15 entries"):
        getattr(basis, step)(np.ones((15, 16)), 1, overwrite=True)


def test_slices_without_entries_need_no_kernel(compiled) -> None:
    assert not TrigonometricEigenbasis("periodic", 1.0, 6).works_in_place(np.ones((4, 6, 5))[2:2])
