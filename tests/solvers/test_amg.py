"""Algebraic multigrid: what makes its iterations few."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from tensorfem.kron import memory
from tensorfem.solvers import AMG, amg, hierarchy


def iterations(operator: Any, **settings: Any) -> int:
    rhs = np.random.default_rng(2_711).standard_normal(operator.output_shape)
    record = AMG(**settings).prepare(operator)(rhs)
    assert record.residual <= 1e-10
    return record.iterations


@pytest.mark.parametrize("strength", ["Evolution", "", None, 3])
def test_refuses_an_unknown_strength(strength: Any) -> None:
    with pytest.raises(ValueError, match=r"strength: got .*; allowed are 'evolution', 'symmetric', 'classical'"):
        AMG(strength=strength)


def test_is_refused_where_the_hierarchy_would_not_fit(monkeypatch: pytest.MonkeyPatch, poisson: Any) -> None:
    operator = poisson(40, 30, 20)
    monkeypatch.setattr(memory, "available_memory", lambda: 10_000_000)
    with pytest.raises(MemoryError, match=r"^AMG.* needs about .* GB, this machine has 0\.01 GB free; .*FastDiagonalization\(\)"):
        AMG().prepare(operator)
    with pytest.raises(MemoryError, match=r"AMG: the hierarchy of .* needs about .* GB, .*; use CG\(\) or FastDiagonalization\(\)"):
        AMG().approximate_inverse(operator)


@pytest.mark.parametrize("strength", ["evolution", "symmetric", "classical"])
def test_iterations_do_not_grow_with_the_cells(poisson: Any, strength: str) -> None:
    assert iterations(poisson(60, 50), strength=strength) <= iterations(poisson(15, 12), strength=strength) + 8


def test_stretched_cells_need_the_strength_of_evolution(poisson: Any) -> None:
    stretched = poisson(40, 30, lengths=(1000.0, 1.0))
    assert iterations(stretched) <= 25
    assert iterations(stretched, strength="symmetric") > 3 * iterations(stretched)


@pytest.mark.parametrize("degree", [2, 4, 6])
def test_high_degrees(poisson: Any, degree: int) -> None:
    assert iterations(poisson(36 // degree, 24 // degree, degree=degree)) <= 25


@pytest.mark.parametrize("scale", [1e-12, 1e-100, 1e100])
def test_iterations_do_not_depend_on_the_unit(poisson: Any, scale: float) -> None:
    assert iterations(poisson(40, 30, diffusion=scale)) == iterations(poisson(40, 30))


def test_singular_operators_take_no_more_iterations(poisson: Any) -> None:
    assert iterations(poisson(40, 30, ends=(False, False))) <= iterations(poisson(40, 30)) + 5


def test_the_null_vector_is_known_on_all_levels(monkeypatch: pytest.MonkeyPatch, poisson: Any) -> None:
    """The coarsest level leaves one direction out, and that is the null vector: interpolated, it is the constant."""
    made: list[hierarchy.Hierarchy] = []

    def make(*given: Any, **named: Any) -> hierarchy.Hierarchy:
        made.append(hierarchy.Hierarchy(*given, **named))
        return made[-1]

    monkeypatch.setattr(amg, "Hierarchy", make)
    AMG().prepare(poisson(20, 15, ends=(False, False)))
    assert len(made[0].levels) > 0
    eigenvalues, vectors = np.linalg.eigh(made[0]._coarse)
    assert abs(eigenvalues[0]) < 1e-12 * eigenvalues[1]
    assert eigenvalues[-1] < 1e3 * eigenvalues[1]
    null = vectors[:, 0]
    for level in reversed(made[0].levels):
        null = level.interpolation @ null
    np.testing.assert_allclose(null / null[0], 1.0, rtol=1e-10)


def test_the_coarsest_null_vector_is_known_not_guessed() -> None:
    """Rounding may have made its eigenvalue anything: it is left out as the first one, not by a threshold."""
    matrix = np.diag([1e-9, 2.0, 4.0])
    np.testing.assert_allclose(hierarchy._pseudo_inverse(matrix, True), np.diag([0.0, 0.5, 0.25]), atol=1e-15)
    np.testing.assert_allclose(hierarchy._pseudo_inverse(matrix, False), np.diag([1e9, 0.5, 0.25]), rtol=1e-12)


def test_the_callers_random_numbers_do_not_matter(monkeypatch: pytest.MonkeyPatch, poisson: Any) -> None:
    """pyamg draws from NumPy's global generator: from the same place at every call."""
    drawn: list[float] = []
    original = hierarchy._smoothed_aggregation

    def listen(*given: Any) -> Any:
        drawn.append(float(np.random.get_state()[1][0]))  # type: ignore[index]  # noqa: NPY002
        return original(*given)

    monkeypatch.setattr(hierarchy, "_smoothed_aggregation", listen)
    state = np.random.get_state()  # noqa: NPY002
    try:
        for seed in (3_001, 77):
            np.random.seed(seed)  # noqa: NPY002
            AMG().prepare(poisson(12, 9))
    finally:
        np.random.set_state(state)  # noqa: NPY002
    assert drawn[0] == drawn[1]


def test_pyamg_is_imported_at_first_use_only() -> None:
    program = "import sys, tensorfem; tensorfem.AMG(); assert not any(name.startswith('pyamg') for name in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
