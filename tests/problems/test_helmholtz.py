"""Negative reaction: solved directly, refused at a resonance, refused by iterations that need definiteness."""

from typing import Any

import numpy as np
import pytest

import tensorfem as tfem

DIRECT_SOLVERS = (tfem.Direct(), tfem.FastDiagonalization(), tfem.Auto())
ITERATIONS = (tfem.CG(), tfem.CG(preconditioner=tfem.FastDiagonalization()), tfem.CG(preconditioner=tfem.AMG()), tfem.AMG())
PLATE = tfem.Space(tfem.Lagrange(tfem.interval(-1, 1, 16), 4), tfem.BSpline(tfem.graded(0, 1.5, 14, 3), 4))
TUBE = tfem.Space(
    tfem.BSpline(tfem.interval(0, 2, 10, periodic=True), 4),
    tfem.Lagrange(tfem.interval(0, 1.5, 6), 3),
    tfem.Lagrange(tfem.interval(0, 1, 5), 3),
)


@pytest.mark.parametrize("chosen", DIRECT_SOLVERS, ids=repr)
@pytest.mark.parametrize(("space", "ends"), [(PLATE, ["DN", "RD"]), (PLATE, ["NN", "NN"]), (TUBE, ["PP", "DA", "NN"])])
def test_waves(space: tfem.Space, ends: list[str], chosen: Any, manufactured: Any) -> None:
    """-Lap u - 40 u = f: many eigenvalues lie on either side of 40."""
    made = manufactured(space, ends, reaction=-40.0)
    u = made.problem().solve(chosen)
    assert u.l2_error(made.u) < 2e-3 * u.l2_norm()
    assert u.report.residual < 1e-9
    assert np.linalg.norm(u.values - made.problem().solve(tfem.FastDiagonalization()).values) < 1e-8 * np.linalg.norm(u.values)


@pytest.mark.parametrize("iteration", ITERATIONS, ids=repr)
def test_iterations_refuse(iteration: Any) -> None:
    with pytest.raises(ValueError, match=r"negative reaction.*use FastDiagonalization\(\) or Direct\(\)"):
        tfem.Poisson(PLATE, 1.0, reaction=-40.0, boundary=0.0).solve(iteration)


@pytest.mark.parametrize("chosen", DIRECT_SOLVERS, ids=repr)
@pytest.mark.parametrize("boundary", [0.0, {"x-": tfem.Neumann(0.0), "*": 0.0}, tfem.Neumann(0.0)], ids=["DD", "ND", "NN"])
@pytest.mark.parametrize("distance", [0.0, 5e-11, -5e-11])
@pytest.mark.parametrize("degree", [1, 3])
def test_resonance_is_refused_with_its_eigenvalue(degree: int, distance: float, boundary: Any, chosen: Any) -> None:
    """The reaction is minus a discrete eigenvalue, that of the mode (2, 3), to 1e-10 of it; it is not quite the continuous one."""
    space = tfem.box(x=(0, 1), y=(0, 2), cells=(9, 7), degree=degree)
    eigenvalues = tfem.Poisson(space, 1.0, boundary=boundary).operator.spectrum().eigenvalues()
    eigenvalue = float(eigenvalues[1, 2])
    problem = tfem.Poisson(space, 1.0, reaction=-eigenvalue * (1 + distance), boundary=boundary)
    with pytest.raises(ValueError, match=r"reaction: .* is resonant.*eigenvalue.*mode 2, 3.*change the reaction or the mesh") as caught:
        problem.solve(chosen)
    assert f"{eigenvalue:.9g}"[:-1] in str(caught.value)


@pytest.mark.parametrize("chosen", DIRECT_SOLVERS, ids=repr)
def test_next_to_a_resonance_there_is_an_answer(chosen: Any) -> None:
    """On a line, u'' + (1 + delta) k^2 u = -sin(k x): u = -sin(k x) / (delta k^2), by degree 6 to the rounding that 1/delta magnifies."""
    delta, k = 1e-4, 3 * np.pi
    space = tfem.Space(tfem.Lagrange(tfem.interval(0, 1, 20), 6))
    u = tfem.Poisson(space, lambda x: np.sin(k * x), reaction=-(1 + delta) * k**2, boundary=0.0).solve(chosen)
    assert u.linf_error(lambda x: -np.sin(k * x) / (delta * k**2)) < 1e-6 * u.linf_norm()


def test_pure_neumann_with_reaction_needs_no_balance() -> None:
    """-u'' - 3 u = 3 with no flux: u = -1."""
    u = tfem.Poisson(PLATE, 3.0, reaction=-3.0, boundary=tfem.Neumann(0.0)).solve()
    assert u.linf_error(-1.0) < 1e-11
