"""Fast diagonalization: settings, precisions, memory, and where an axis is left as it is."""

from typing import Any

import numpy as np
import pytest

from tensorfem.kron import PartialSpectrum, Spectrum, kernels
from tensorfem.solvers import FastDiagonalization, fast_diagonalization


@pytest.mark.parametrize(
    ("threads", "came"), [(0, "0"), (-2, "-2"), ("many", r"'many' \(str\)"), (2.0, r"2.0 \(float\)"), (True, r"True \(bool\)")]
)
def test_refuses_thread_counts_that_are_none(threads: Any, came: str) -> None:
    with pytest.raises(ValueError, match=rf"threads: got {came}; allowed is an integer >= 1"):
        FastDiagonalization(threads=threads)


def test_threads_are_a_setting(case: Any) -> None:
    mixed = case("3d, mixed")
    assert repr(FastDiagonalization(threads=3)) == "FastDiagonalization(threads=3)"
    alone, together = (FastDiagonalization(threads=threads).prepare(mixed.operator)(mixed.rhs).value for threads in (1, 3))
    assert np.array_equal(alone, together)


@pytest.mark.parametrize(
    ("given", "solved"), [("f2", "f4"), ("f4", "f4"), ("f8", "f8"), ("g", "f8"), ("i2", "f8"), ("c8", "c8"), ("c16", "c16"), ("G", "c16")]
)
@pytest.mark.parametrize("name", ["2d, mixed", "3d, rings", "3d, free", "2d, negative reaction"])
def test_right_hand_sides_keep_their_precision(case: Any, name: str, given: str, solved: str) -> None:
    known = case(name)
    factor = 10 * (np.exp(0.5j) if given in ("c8", "c16", "G") else 1)
    rhs = (factor * known.rhs).astype(given)
    record = FastDiagonalization().prepare(known.operator)(rhs)
    assert record.value.dtype == solved
    eps = float(max(np.finfo(solved).eps, np.finfo(given).eps if given != "i2" else 0.0))
    if given != "i2":
        assert np.linalg.norm(record.value - factor * known.solution) <= 30 * known.condition * eps * np.linalg.norm(
            factor * known.solution
        )
        assert record.residual <= 100 * known.condition * eps
    else:
        assert record.residual <= 1e-10


def test_a_result_in_the_memory_of_the_right_hand_side(case: Any) -> None:
    known = case("3d, mixed")
    for numbers in ("f4", "f8", "c16"):
        rhs = known.rhs.astype(numbers)
        value = FastDiagonalization().prepare(known.operator)(rhs.ravel(), overwrite_rhs=True).value
        assert value.shape == (known.rhs.size,)
        grid = known.rhs.astype(numbers)
        assert np.may_share_memory(FastDiagonalization().prepare(known.operator)(grid, overwrite_rhs=True).value, grid)
        assert np.allclose(grid.ravel(), value, rtol=0, atol=1e-5 * np.abs(value).max())


def test_a_result_that_would_not_fit_is_refused_with_the_figure(case: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    known = case("3d, mixed")
    prepared = FastDiagonalization().prepare(known.operator)
    monkeypatch.setattr(fast_diagonalization, "LARGE", 0)
    monkeypatch.setattr("tensorfem.kron.memory.available_memory", lambda: 100)
    with pytest.raises(MemoryError, match=r"FastDiagonalization: the solve with .* needs about .* GB, .*; pass overwrite_rhs=True"):
        prepared(known.rhs)
    assert prepared(known.rhs.copy(), overwrite_rhs=True).converged


def test_an_axis_is_left_as_it_is_where_that_takes_less_time(poisson: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if not kernels.available():
        pytest.skip("numba is not installed")
    operator, made = poisson(80, 40, 60, robin=(1.0, 2.0), ends=(False, False)), []
    for kind in (PartialSpectrum, Spectrum):
        solve = kind.solve
        monkeypatch.setattr(kind, "solve", lambda self, rhs, solve=solve, **options: made.append(type(self)) or solve(self, rhs, **options))
    rhs = np.random.default_rng(6161).standard_normal(operator.output_shape)
    record = FastDiagonalization().prepare(operator)(rhs)
    assert made == [PartialSpectrum]
    assert record.backward_error < 1e-15
    expected = operator.spectrum().solve(rhs)
    assert np.abs(record.value - expected).max() < 1e-12 * np.abs(expected).max()
    assert FastDiagonalization().approximate_inverse(operator)(rhs) == pytest.approx(expected, rel=1e-9, abs=1e-12 * np.abs(expected).max())
    assert made == [PartialSpectrum, Spectrum, PartialSpectrum]
