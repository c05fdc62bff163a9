"""The choice: which solver for which operator, and why."""

from typing import Any

import numpy as np
import pytest

from tensorfem.axis import Lagrange, interval
from tensorfem.cells import AxisCells, CellOperator
from tensorfem.kron import KroneckerProduct, SeparableOperator, memory
from tensorfem.solvers import AMG, CG, Auto, Direct, FastDiagonalization, Multigrid, auto, cost

BY_SUM = "the operator is a Kronecker sum: its inverse is exact, from one-dimensional eigenbases"
BY_NEAREST = "no eigenbasis is common to all terms, but that of the nearest Kronecker sum preconditions"


@pytest.mark.parametrize(
    ("name", "chosen", "reason"),
    [
        ("1d, graded", FastDiagonalization(), BY_SUM),
        ("2d, mixed", FastDiagonalization(), BY_SUM),
        ("2d, negative reaction", FastDiagonalization(), BY_SUM),
        ("3d, rings", FastDiagonalization(), BY_SUM),
        ("1d, separable", Direct(), "no eigenbasis serves, and the factorization is small"),
        ("2d, separable", CG(preconditioner=FastDiagonalization()), BY_NEAREST),
        ("3d, separable", CG(preconditioner=FastDiagonalization()), BY_NEAREST),
        ("2d, separable, negative reaction", Direct(), "the operator is indefinite and no Kronecker sum"),
    ],
)
def test_choice(case: Any, name: str, chosen: Any, reason: str) -> None:
    solver, why = Auto().choose(case(name).operator)
    assert solver == chosen
    assert why.startswith(reason)


LONG = "an axis is too long for its eigenbasis to pay"


@pytest.mark.parametrize(
    ("cells", "options", "chosen", "reason"),
    [
        ((2000,), {}, FastDiagonalization(), BY_SUM),  # by sines
        ((2000,), {"degree": 2}, Direct(), f"{LONG}, and the factorization is small"),
        ((2000,), {"degree": 2, "ends": (False, False)}, Direct(), f"{LONG}, and the factorization is small"),
        ((2000, 5), {"degree": 2}, Direct(), f"{LONG}, and the factorization is small"),
        ((3000, 100), {"degree": 2}, CG(preconditioner=AMG()), f"{LONG}, and the factorization is large"),
        ((3000, 100), {"degree": 2, "shift": -5.0}, Direct(), f"{LONG}, and the operator is indefinite"),
        ((2000, 1500), {"degree": 2}, FastDiagonalization(), BY_SUM),
    ],
)
def test_long_axes(poisson: Any, cells: tuple[int, ...], options: dict[str, Any], chosen: Any, reason: str) -> None:
    assert Auto().choose(poisson(*cells, **options)) == (chosen, reason)


def test_a_long_axis_is_solved(poisson: Any) -> None:
    operator = poisson(900, degree=3)
    assert Auto().prepare(operator)(operator.diagonal()).backward_error < 1e-15


def test_memory_decides_too(monkeypatch: pytest.MonkeyPatch, case: Any) -> None:
    operator = case("2d, mixed").operator
    monkeypatch.setattr(auto, "available_memory", lambda: 1000)
    assert isinstance(Auto().choose(operator)[0], Direct)


def test_eigenbases_that_do_not_fit_are_refused(monkeypatch: pytest.MonkeyPatch, case: Any) -> None:
    operator = case("2d, mixed").operator
    monkeypatch.setattr(memory, "available_memory", lambda: 1000)
    with pytest.raises(MemoryError, match=r"FastDiagonalization: the dense eigenbases of .*; use AMG\(\) or Direct\(\)"):
        FastDiagonalization().prepare(operator)


def test_an_operator_without_a_nearest_kronecker_sum(case: Any) -> None:
    terms = case("2d, separable").operator.terms
    assert Auto().choose(SeparableOperator(terms)) == (Direct(), "no eigenbasis serves, and the factorization is small")


def test_an_operator_of_which_nothing_is_known() -> None:
    assert isinstance(Auto().choose(KroneckerProduct([[1.0, 2.0], [3.0, 4.0]]))[0], Direct)


def test_fast_diagonalization_names_what_to_use_instead(case: Any) -> None:
    with pytest.raises(ValueError, match=r"is not a Kronecker sum .* use CG\(preconditioner=FastDiagonalization\(\)\), or Auto\(\)"):
        FastDiagonalization().prepare(case("2d, separable").operator)


def test_fast_transforms_cost_nothing(poisson: Any) -> None:
    assert cost.eigenbasis_seconds(poisson(1024, 512)) == 0.0
    assert cost.eigenbasis_bytes(poisson(1024, 512)) == 0.0
    assert cost.eigenbasis_seconds(poisson(1024, degree=2)) > 1.0


def in_cells(*counts: int) -> CellOperator:
    """An operator with a coefficient that varies little, on axes held at both ends."""
    axes = [AxisCells(Lagrange(interval(0, 1, cells=n), degree=1), slice(1, n), points=2) for n in counts]
    places = sum(np.ix_(*(np.arange(n) / n for n in counts)))
    return CellOperator(axes, 1.0 + 0.1 * np.sin(3 * places)[None])


def test_axes_alone_are_factorized_however_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A factorization of an interval's matrix takes no more than its few diagonals."""
    monkeypatch.setattr(auto, "SMALL_ENTRIES", 0)
    assert Auto().choose(in_cells(90))[0] == Direct()
    assert Auto().choose(in_cells(12, 11))[0] == CG(preconditioner=FastDiagonalization())


def test_eigenbases_that_do_not_fit_leave_cells_to_multigrid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auto, "SMALL_ENTRIES", 0)
    monkeypatch.setattr(auto, "available_memory", lambda: 1.0)
    assert Auto().choose(in_cells(12, 11))[0] == Multigrid()


@pytest.mark.parametrize(
    ("cells", "options", "chosen"),
    [
        ((3000, 100), {"degree": 2}, CG(rtol=1e-6, preconditioner=AMG())),
        ((2000,), {"degree": 2}, Direct()),
        ((20, 10), {}, FastDiagonalization()),
    ],
)
def test_a_tolerance_goes_to_the_iteration_that_is_chosen(
    poisson: Any, cells: tuple[int, ...], options: dict[str, Any], chosen: Any
) -> None:
    assert Auto(rtol=1e-6).choose(poisson(*cells, **options))[0] == chosen


def test_a_tolerance_goes_to_every_choice_for_cells(monkeypatch: pytest.MonkeyPatch, case: Any) -> None:
    monkeypatch.setattr(auto, "SMALL_ENTRIES", 0)
    operator = in_cells(12, 11)
    loose = Auto(rtol=1e-3)
    assert loose.choose(case("2d, separable").operator)[0] == CG(rtol=1e-3, preconditioner=FastDiagonalization())
    assert loose.choose(operator)[0] == CG(rtol=1e-3, preconditioner=FastDiagonalization())
    rhs = np.sin(np.arange(operator.shape[0]))
    records = [Auto(rtol=rtol).prepare(operator)(rhs) for rtol in (1e-3, 1e-12)]
    assert 1e-12 < records[0].residual <= 1e-3
    assert records[1].residual <= 1e-12
    assert records[0].iterations < records[1].iterations
    monkeypatch.setattr(auto, "available_memory", lambda: 1.0)
    assert loose.choose(operator)[0] == Multigrid(rtol=1e-3)
    assert repr(loose) == "Auto(rtol=0.001)"


@pytest.mark.parametrize("rtol", [0, 1.0, -1e-3, 1e-16, "small", None])
def test_a_tolerance_out_of_range(rtol: Any) -> None:
    with pytest.raises(ValueError, match=r"rtol: got .*; allowed is a number from 1e-15, .* to below 1"):
        Auto(rtol=rtol)
