"""Factorization: its memory, resonance, pivots, and the pinned unknown of singular operators."""

import re
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sparse

from tensorfem.axis import BSpline, Lagrange
from tensorfem.kron import KroneckerProduct, KroneckerSum, Pencil, SeparableOperator, memory
from tensorfem.solvers import Direct, cost, direct, norm
from tensorfem.solvers.cost import factorization_entries


def test_is_refused_before_anything_is_allocated(monkeypatch: pytest.MonkeyPatch, poisson: Any) -> None:
    operator = poisson(40, 30, 20)
    monkeypatch.setattr(memory, "available_memory", lambda: 50_000_000)
    monkeypatch.setattr(operator, "tosparse", lambda: pytest.fail("the matrix was made"), raising=False)
    with pytest.raises(
        MemoryError, match=r"Direct: the factorization of .* needs about 0\.\d+ GB, .* 0\.05 GB free; use FastDiagonalization\(\)"
    ):
        Direct().prepare(operator)


@pytest.mark.parametrize(
    ("name", "instead"),
    [("3d, separable", "use CG(preconditioner=FastDiagonalization())"), ("2d, separable, negative reaction", "use fewer cells")],
)
def test_names_what_to_use_instead(monkeypatch: pytest.MonkeyPatch, case: Any, name: str, instead: str) -> None:
    operator = case(name).operator
    monkeypatch.setattr(memory, "available_memory", lambda: 1000)
    with pytest.raises(MemoryError, match=re.escape(instead)):
        Direct().prepare(operator)


def test_pivoting_takes_more_memory(monkeypatch: pytest.MonkeyPatch, poisson: Any) -> None:
    definite, indefinite = poisson(40, 30, 20), poisson(40, 30, 20, shift=-33.0)
    needed = 14 * factorization_entries(definite) + 60 * definite.entries
    monkeypatch.setattr(memory, "available_memory", lambda: int(1.2 * needed))
    direct._require_room(definite, definite=True)
    with pytest.raises(MemoryError, match="Direct: the factorization"):
        Direct().prepare(indefinite)


def test_is_refused_where_its_entries_cannot_be_numbered(monkeypatch: pytest.MonkeyPatch, case: Any) -> None:
    monkeypatch.setattr(memory, "available_memory", lambda: 10**15)
    monkeypatch.setattr(direct, "factorization_entries", lambda operator, pivoting: 3e9)
    with pytest.raises(MemoryError, match=r"has more than the 2147483647 that SuperLU can number; use FastDiagonalization\(\)"):
        Direct().prepare(case("3d, mixed").operator)


def resonant(case: Any) -> Any:
    """The operator with a shift that takes its 5th eigenvalue to zero, and that eigenvalue."""
    operator = case("2d, negative reaction").operator
    eigenvalue = np.sort((operator.spectrum().eigenvalues() - operator.shift).ravel())[4]
    return type(operator)(operator.pencils, -eigenvalue), eigenvalue


def test_names_a_resonant_eigenvalue(case: Any) -> None:
    operator, eigenvalue = resonant(case)
    with pytest.raises(ValueError, match=rf"is resonant: {eigenvalue:.10g}\d* is an eigenvalue of the discrete operator \(mode \d, \d\)"):
        Direct().prepare(operator)


def test_finds_a_resonant_eigenvalue_without_eigenbases(monkeypatch: pytest.MonkeyPatch, case: Any) -> None:
    operator, eigenvalue = resonant(case)
    monkeypatch.setattr(direct, "eigenbasis_seconds", lambda operator: np.inf)
    monkeypatch.setattr(operator, "spectrum", lambda: pytest.fail("the eigenbases were made"), raising=False)
    with pytest.raises(ValueError, match=rf"is resonant: {eigenvalue:.10g}\d* is an eigenvalue of the discrete operator, and"):
        Direct().prepare(operator)


@pytest.mark.parametrize("distance", [1e-8, -1e-8, 1e-2])
def test_near_resonance_is_none(monkeypatch: pytest.MonkeyPatch, case: Any, distance: float) -> None:
    operator, eigenvalue = resonant(case)
    near = type(operator)(operator.pencils, -eigenvalue * (1 + distance))
    rhs = case("2d, negative reaction").rhs
    by_eigenbases = Direct().prepare(near)(rhs)
    monkeypatch.setattr(direct, "eigenbasis_seconds", lambda operator: np.inf)
    assert norm(Direct().prepare(near)(rhs).value - by_eigenbases.value) == 0.0
    assert by_eigenbases.backward_error < 1e-14


def test_a_factorization_without_a_pivot_says_so() -> None:
    operator = SeparableOperator([KroneckerProduct(np.diag([3.0, 0.0, -1.0]), np.eye(2))], definite=False)
    with pytest.raises(ValueError, match=r"Direct: .* is singular \(.*\); change the reaction or the mesh"):
        Direct().prepare(operator)


def test_indefinite_operators_are_pivoted(poisson: Any) -> None:
    """K_ii + c M_ii = 0 for c = -3/h^2: without row exchanges the first pivot would already be zero."""
    operator = poisson(41, shift=-3.0 * 41**2)
    rhs = np.random.default_rng(613).standard_normal(operator.output_shape)
    assert Direct().prepare(operator)(rhs).backward_error < 1e-15


def test_definite_operators_are_ordered_symmetrically(monkeypatch: pytest.MonkeyPatch, poisson: Any) -> None:
    """What the options are for: the factors have fewer entries."""
    operator = poisson(50, 40)
    symmetric = direct._factorized(operator, operator.tosparse(), definite=True).nnz
    assert symmetric < 0.75 * direct._factorized(operator, operator.tosparse(), definite=False).nnz
    made: list[Any] = []
    original = direct._factorized
    monkeypatch.setattr(direct, "_factorized", lambda *given, **named: made.append(original(*given, **named)) or made[-1])
    Direct().prepare(operator)
    Direct().prepare(poisson(50, 40, ends=(False, False)))
    assert made[0].nnz == symmetric
    assert made[1].nnz < 1.3 * symmetric


def test_the_pinned_unknown_costs_no_digits(poisson: Any) -> None:
    operator = poisson(7, 6, 5, degree=2, lengths=(1.0, 2.0, 3.0), ends=(False, False))
    rhs = np.random.default_rng(811).standard_normal(operator.output_shape)
    assert Direct().prepare(operator)(rhs).backward_error < np.finfo(float).eps


@pytest.mark.parametrize("size", [2, 4, 8])
def test_an_exactly_singular_matrix_is_solved(size: int) -> None:
    """In whole numbers nothing is rounded: the last pivot is zero, not small, unless an unknown is pinned."""
    root = sparse.csr_array(np.diff(np.eye(size), axis=0))
    pencil = Pencil(stiffness=root.T @ root, mass=sparse.eye_array(size, format="csr"), root=root, null_vector=np.ones(size))
    rhs = np.arange(size) - (size - 1) / 2
    value = Direct().prepare(KroneckerSum([pencil]))(rhs).value
    np.testing.assert_allclose(value, np.linalg.pinv((root.T @ root).toarray()) @ rhs, atol=1e-13)


def test_other_operators_are_solved_too() -> None:
    product = KroneckerProduct(np.diag([2.0, 4.0]), np.array([[1.0, 1.0], [0.0, 1.0]]))
    np.testing.assert_allclose(Direct().prepare(product)(np.array([[3.0, 1.0], [4.0, 4.0]])).value, [[1.0, 0.5], [0.0, 1.0]])


GRIDS = [
    {"cells": (2000,), "degree": 2},
    {"cells": (60, 50), "degree": 1},
    {"cells": (300, 12), "degree": 1},
    {"cells": (22, 20), "degree": 3},
    {"cells": (15, 13, 11), "degree": 1},
    {"cells": (40, 9, 5), "degree": 1},
    {"cells": (5, 4, 3), "degree": 4},
    {"cells": (15, 13, 11), "degree": 1, "ends": (False, False)},
    {"cells": (120, 100), "degree": 1, "shift": -33.0},
]


@pytest.mark.parametrize("grid", GRIDS, ids=lambda grid: f"{grid['cells']} of degree {grid['degree']}")
def test_the_estimate_is_that_of_the_factors(poisson: Any, grid: dict[str, Any]) -> None:
    options = dict(grid)
    operator = poisson(*options.pop("cells"), **options)
    definite = operator.shift >= 0
    shifted = operator if operator.null_vector is None else type(operator)(operator.pencils, 1.0)
    entries = direct._factorized(shifted, shifted.tosparse(), definite).nnz
    assert 0.6 < factorization_entries(operator, pivoting=not definite) / entries < 3


def test_the_estimate_knows_splines_and_rings(case: Any, poisson: Any) -> None:
    rings, mixed = case("2d, rings").operator, case("2d, mixed").operator
    layers = [cost._separator_layers(*cost._factors(poisson(20, degree=3, kind=kind))) for kind in (BSpline, Lagrange)]
    assert layers == [3, 1]
    assert [cost._wraps(factor) for factor in cost._factors(rings)] == [True, True]
    assert not any(map(cost._wraps, cost._factors(mixed)))
