"""Problems whose mean nothing fixes: Neumann or periodic all around and no reaction."""

from typing import Any

import numpy as np
import pytest

import tensorfem as tfem

LINE = tfem.Space(tfem.Lagrange(tfem.graded(-1, 1.2, 12, 5), 3))
RING = tfem.Space(tfem.BSpline(tfem.graded(0, 2, 14, 3, toward="middle", periodic=True), 3))
PLATE = tfem.Space(tfem.Lagrange(tfem.graded(0, 1.5, 10, 4, toward="both"), 3), tfem.BSpline(tfem.interval(-1, 0, 12), 3))
TUBE = tfem.Space(tfem.BSpline(tfem.interval(0, 1, 10, periodic=True), 4), tfem.Lagrange(tfem.graded(0, 2, 7, 3), 3))
TORUS = tfem.Space(
    tfem.Lagrange(tfem.interval(0, 1, 9, periodic=True), 2),
    tfem.Lagrange(tfem.graded(0, 2, 8, 2, periodic=True), 2),
    tfem.BSpline(tfem.interval(0, 3, 7, periodic=True), 3),
)
CASES = {
    "line": (LINE, ["NN"]),
    "ring": (RING, ["PP"]),
    "plate": (PLATE, ["NN", "NN"]),
    "tube": (TUBE, ["PP", "NN"]),
    "torus": (TORUS, ["PP"] * 3),
}


@pytest.mark.parametrize("case", CASES)
def test_every_solver_gives_the_solution_of_mean_zero(case: str, solver: Any, manufactured: Any) -> None:
    space, ends = CASES[case]
    made = manufactured(space, ends, diffusion=(1.7, 0.6, 1.1)[: space.dimension], frequency=2.0)
    u = made.problem().solve(solver)
    reference = made.problem().solve(tfem.FastDiagonalization())
    assert np.linalg.norm(u.values - reference.values) < 1e-8 * np.linalg.norm(u.values)
    assert abs(u.integral()) < 1e-12 * space.volume * u.linf_norm()
    assert u.l2_error(made.u) < 0.03 * u.l2_norm()
    assert u.report.residual < 1e-9
    assert "constants" in u.report.null_space


def test_mean_zero_is_not_weighted(solver: Any) -> None:
    """-div((1 + x)(2 - y) grad u) = f with u = cos(pi x/1.5) (y + 1)^2 y^2, no flux anywhere: masses are weighted, the mean is not."""
    k = np.pi / 1.5

    def exact(x, y):
        return np.cos(k * x) * ((y + 1) * y) ** 2

    def source(x, y):
        q, dq, ddq = ((y + 1) * y) ** 2, 2 * (y + 1) * y * (2 * y + 1), 2 * (2 * y + 1) ** 2 + 4 * (y + 1) * y
        along_x = (k * np.sin(k * x) + (1 + x) * k**2 * np.cos(k * x)) * (2 - y) * q
        return along_x - (1 + x) * np.cos(k * x) * (-dq + (2 - y) * ddq)

    diffusion = tfem.Product("1 + x", lambda y: 2 - y)
    u = tfem.Poisson(PLATE, source, diffusion=diffusion, boundary=tfem.Neumann(0.0)).solve(solver)
    assert abs(u.integral()) < 1e-15
    assert u.l2_error(exact) < 3e-4 * u.l2_norm()


def test_null_space_is_known_from_the_data() -> None:
    """Any Dirichlet face, Robin coefficient or reaction fixes the mean; Robin with coefficient 0 does not."""

    def singular(boundary: Any, **options: Any) -> bool:
        return tfem.Poisson(PLATE, 0.0, boundary=boundary, **options).operator.null_vector is not None

    free = tfem.Neumann(0.0)
    assert singular(free)
    assert singular({"x-": tfem.Robin(0.0, flux=0.0), "*": free})
    assert singular(free, reaction=tfem.Sum(0.0, "0"))
    assert singular(free, reaction=tfem.Sum(lambda x: 0 * x, 0))
    assert not singular({"x-": 0.0, "*": free})
    assert not singular({"y+": tfem.Robin(1e-6), "*": free})
    assert not singular(free, reaction=1e-9)
    assert not singular(free, reaction=tfem.Sum("0.001*x", 0.0))
    assert singular(free, reaction=tfem.Sum(1.0, -1.0))
    assert tfem.Poisson(TORUS, 0.0).operator.null_vector is not None


def test_hard_grading_does_not_hide_the_null_space() -> None:
    """At size ratio 1e8 the rounding of eigenvalues is larger than the smallest of them: no threshold tells which is 0."""
    space = tfem.Space(tfem.Lagrange(tfem.graded(0, 1, 40, 1e8, toward="both"), 3))
    u = tfem.Poisson(space, "3 - 6*x", boundary=tfem.Neumann(0.0)).solve()
    assert u.linf_error("x**3 - 3*x**2/2 + 1/4") < 1e-10


@pytest.mark.parametrize("factor", [1e-300, 1.0, 1e200])
def test_incompatible_data_are_refused(factor: float) -> None:
    """-Lap u = 2 with no flux through the boundary has no solution: 2 * 1.5 comes in, nothing leaves."""
    with pytest.raises(ValueError, match=r"not compatible.*add up to 3e?.*") as caught:
        tfem.Poisson(PLATE, lambda x, y: 2 * factor, boundary=tfem.Neumann(0.0)).solve()
    for word in ("balance", "Dirichlet or Robin", 'on_incompatible="project"', f"{3 * factor:.6g}"):
        assert word in str(caught.value)
    with pytest.raises(ValueError, match="not compatible"):
        tfem.Poisson(TORUS, "1 + sin(2*pi*x)").solve()


def test_incompatible_data_are_projected_on_request(solver: Any) -> None:
    """The mean of the source is taken out: with 2 + f one gets what f gives, and the report says how much was missing."""
    f = "cos(2*pi*x/1.5)*(y + 1/2) + y + 1/2"
    balanced = tfem.Poisson(PLATE, f, boundary=tfem.Neumann(0.0)).solve()
    u = tfem.Poisson(PLATE, "2 + " + f, boundary=tfem.Neumann(0.0), on_incompatible="project").solve(solver)
    assert np.linalg.norm(u.values - balanced.values) < 1e-8 * np.linalg.norm(u.values)
    assert abs(u.report.defect - 2 * 1.5) < 1e-10
    assert "3.0e+00" in str(u.report)


def test_a_defect_of_quadrature_is_removed_and_reported() -> None:
    """The source integrates to 0 exactly but not by two Gauss points per cell."""
    space = tfem.box(x=(0, 1), y=(0, 2), cells=(8, 6))
    u = tfem.Poisson(space, lambda x, y: np.exp(x) - (np.e - 1) + 0 * y, boundary=tfem.Neumann(0.0)).solve()
    assert 0 < abs(u.report.defect) < 1e-4
    assert u.report.residual < 1e-10


def test_fluxes_balance_the_source() -> None:
    """u = x^2 + x y - y^2 less its mean: the source is 0, what enters through some faces leaves through others."""
    boundary = {"x-": "-y", "x+": "3 + y", "y-": "-x - 2", "y+": "x"}
    natural = {face: tfem.Neumann(flux) for face, flux in boundary.items()}
    u = tfem.Poisson(PLATE, 0.0, boundary=natural).solve()
    mean = 1.5**2 / 3 - 0.75 / 2 - 1 / 3
    assert u.linf_error(lambda x, y: x**2 + x * y - y**2 - mean) < 1e-12


def test_unknown_remedy() -> None:
    with pytest.raises(ValueError, match="on_incompatible: got 'ignore'; allowed are 'error', 'project'"):
        tfem.Poisson(PLATE, 0.0, boundary=tfem.Neumann(0.0), on_incompatible="ignore")
