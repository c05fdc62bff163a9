"""Updates of vectors, by kernels and by NumPy; and residuals taken part by part."""

import math
from typing import Any

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.kron import kernels
from tensorfem.solvers import CG, FastDiagonalization, norm, updates

WAYS = pytest.mark.parametrize("compile_from", [1, 1 << 60], ids=["kernels", "numpy"])


@pytest.fixture
def way(monkeypatch: pytest.MonkeyPatch, compile_from: int) -> None:
    if compile_from == 1:
        pytest.importorskip("numba")
    monkeypatch.setattr(kernels, "COMPILED_ENTRIES", compile_from)
    monkeypatch.setattr(updates, "PIECE", 7)


@WAYS
@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_updates_are_their_formulas(dtype: Any) -> None:
    rng = np.random.default_rng(614_003)
    one, other = rng.standard_normal((2, 5, 4)).astype(dtype)
    target, kept = one.copy(), other.copy()
    size = updates.add_multiple(target, -0.75, other)
    tolerance = 8 * float(np.finfo(dtype).eps)
    np.testing.assert_allclose(target, one.astype(float) - 0.75 * other.astype(float), rtol=0, atol=4 * tolerance)
    assert size == pytest.approx(math.sqrt((target.astype(float) ** 2).sum()), rel=20 * tolerance)
    direction = one.copy()
    updates.turn(direction, -0.75, other)
    np.testing.assert_allclose(direction, other.astype(float) - 0.75 * one.astype(float), rtol=0, atol=4 * tolerance)
    assert target.dtype == direction.dtype == dtype
    np.testing.assert_array_equal(other, kept)


@WAYS
@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_inner_products_are_exact_where_they_can_be(dtype: Any) -> None:
    """Of whole numbers, in whatever order the pieces are added; and infinite where they are."""
    rng = np.random.default_rng(701_113)
    one, other = rng.integers(-9, 10, (2, 5, 4)).astype(dtype)
    assert updates.inner(one, other) == sum(int(a) * int(b) for a, b in zip(one.flat, other.flat, strict=True))
    assert updates.inner(np.full(30, 1e30, dtype), np.full(30, 1e30 if dtype is np.float32 else 1e300, dtype)) == math.inf
    assert math.isnan(updates.inner(np.full(30, np.nan, dtype), np.ones(30, dtype)))


@WAYS
@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_norms_neither_overflow_nor_underflow(scale: float) -> None:
    assert updates.add_multiple(np.array([1.0, 2.0]) * scale, 2.0, np.array([1.0, 1.0]) * scale) == pytest.approx(5.0 * scale)


@WAYS
@pytest.mark.usefixtures("way")
def test_other_layouts_are_updated_in_place() -> None:
    target, array = np.zeros((3, 4)).T, np.arange(12.0).reshape(4, 3)
    assert updates.add_multiple(target, 2.0, array) == pytest.approx(2 * norm(array))
    np.testing.assert_array_equal(target, 2 * array)


@WAYS
@pytest.mark.usefixtures("way")
def test_what_broadcasts_is_broadcast() -> None:
    target, row = np.ones((4, 3)), np.arange(3.0)
    assert updates.add_multiple(target, 2.0, row) == pytest.approx(math.sqrt(4 * (1 + 9 + 25)))
    np.testing.assert_array_equal(target, np.tile(1 + 2 * row, (4, 1)))
    updates.turn(target, -1.0, row)
    np.testing.assert_array_equal(target, np.tile(-1 - row, (4, 1)))


@WAYS
@pytest.mark.usefixtures("way")
def test_conjugate_gradients_go_both_ways() -> None:
    space = tfem.Space(*(tfem.Lagrange(tfem.interval(0, 1, cells), degree=1) for cells in (7, 6, 5)))
    problem = tfem.Poisson(space, source="x*y + z", boundary=0.0)
    operator, rhs = problem.operator, problem.rhs
    record = CG(rtol=1e-12).prepare(operator)(rhs)
    assert record.converged
    np.testing.assert_allclose(record.value, FastDiagonalization().prepare(operator)(rhs).value, rtol=1e-9)


@WAYS
@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("flat", [False, True])
def test_a_residual_in_parts_is_the_residual(monkeypatch: pytest.MonkeyPatch, flat: bool) -> None:
    monkeypatch.setattr("tensorfem.solvers.solution.PART", 30)
    space = tfem.Space(*(tfem.Lagrange(tfem.interval(0, 1, cells), degree=2) for cells in (5, 3, 2)))
    operator = tfem.Poisson(space, source=1.0, boundary=0.0).operator
    rhs = np.random.default_rng(91_577).standard_normal(operator.shape[0] if flat else operator.output_shape)
    record = CG(rtol=1e-3).prepare(operator)(rhs)
    true = norm(operator.tosparse() @ record.value.ravel() - rhs.ravel()) / norm(rhs)
    assert 1e-6 < true <= 1e-3
    assert record.residual == pytest.approx(true, rel=1e-9)
