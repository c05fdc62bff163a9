"""The package as its user meets it: one script from a box to a checked and plotted field."""

import inspect
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest

import tensorfem as tfem

SPACE = tfem.box(x=(0, 1), y=(0, 2), cells=(24, 20), degree=2)


def exact(x: Any, y: Any) -> Any:
    return np.exp(x) * np.sin(2 * y)


def exact_gradient(x: Any, y: Any) -> Any:
    return np.exp(x) * np.sin(2 * y), 2 * np.exp(x) * np.cos(2 * y)


@pytest.fixture(scope="module")
def problem() -> tfem.Poisson:
    """-Lap u = 3 u for u = e^x sin 2y."""
    return tfem.Poisson(SPACE, source=lambda x, y: 3 * exact(x, y), boundary=tfem.Dirichlet(exact))


@pytest.fixture(scope="module")
def u(problem: tfem.Poisson) -> tfem.Field:
    return problem.solve()


def test_the_field_answers_what_people_ask(u: tfem.Field) -> None:
    assert u.values.shape == (49, 41)
    assert abs(u(0.5, 1.0) - exact(0.5, 1.0)) < 1e-5
    assert np.allclose(u.gradient(0.4, 1.1), exact_gradient(0.4, 1.1), rtol=0, atol=2e-2)
    assert abs(u.integral() - (np.e - 1) * (1 - np.cos(4)) / 2) < 1e-6
    assert abs(u.max() - np.e) < 2e-3
    assert abs(u.min() - np.e * np.sin(4)) < 1e-12
    assert u.l2_error(exact) < 2e-4
    assert u.h1_error(exact, exact_gradient) < 1e-2
    assert u.linf_error(exact) < 1e-3


def test_the_report_can_be_read(u: tfem.Field) -> None:
    """One row per subject, label first: what ran and why, how large, how well, how long."""
    report = u.report
    rows = {line[:11].strip(): line[12:] for line in str(report).splitlines()}
    assert list(rows) == ["solver", "because", "unknowns", "residual", "iterations", "null space", "seconds", "memory"]
    assert rows["solver"] == "FastDiagonalization()"
    assert "Kronecker sum" in rows["because"]
    assert rows["unknowns"] == "1,833 (47 x 39)"
    assert rows["null space"] == "none"
    assert list(report.seconds) == ["assembly", "load", "setup", "solve", "residual"]
    assert all(phase in rows["seconds"] for phase in report.seconds)
    assert report.converged
    assert report.residual < 1e-12
    assert report.backward_error < 1e-14
    assert report.memory > 1e6
    assert "MB" in rows["memory"]


def test_every_solver_is_asked_in_the_same_way(problem: tfem.Poisson, u: tfem.Field) -> None:
    solvers = (
        tfem.Direct(),
        tfem.CG(rtol=1e-12),
        tfem.CG(preconditioner=tfem.AMG(), rtol=1e-12),
        tfem.AMG(rtol=1e-12),
        tfem.FastDiagonalization(),
    )
    for solver in solvers:
        other = problem.solve(solver)
        assert other.report.solver == repr(solver)
        assert other.report.reason == "asked for"
        assert np.linalg.norm(other.values - u.values) < 1e-8 * np.linalg.norm(u.values)


def test_the_linear_system_can_be_had(problem: tfem.Poisson, u: tfem.Field) -> None:
    """The reduced operator is explicit on request, its solve prepared once; SciPy's own solver gives the same."""
    import scipy.sparse.linalg as sla

    A, b = problem.operator, problem.rhs
    record = tfem.FastDiagonalization().prepare(A)(b)
    assert record.residual < 1e-10
    assert np.allclose(record.value, u.values[1:-1, 1:-1], rtol=0, atol=1e-12)
    assert np.allclose(sla.spsolve(A.tosparse().tocsc(), b.ravel()), record.value.ravel(), rtol=0, atol=1e-10)
    iterated, flag = sla.cg(sla.aslinearoperator(A), b.ravel(), rtol=1e-12)
    assert flag == 0
    assert np.allclose(iterated, record.value.ravel(), rtol=0, atol=1e-9)


def test_mixed_bases_and_boundaries() -> None:
    """Lagrange elements on a graded axis beside splines; values, fluxes and exchange; two spellings of Robin."""
    mesh = tfem.graded(0, 1, cells=32, size_ratio=1e3, toward="left")
    space = tfem.Space(tfem.Lagrange(mesh, degree=4), tfem.BSpline(tfem.interval(0, 1, cells=20), degree=3))
    boundary = {
        "x-": tfem.Dirichlet(0.0),
        "x+": tfem.Neumann(flux=1.0),
        "y+": tfem.Dirichlet(lambda x, y: x**2),
    }
    fields = [
        tfem.Poisson(
            space,
            source="exp(-x)*sin(pi*y)",
            diffusion=(1.0, 10.0),
            reaction=0.5,
            boundary={**boundary, "y-": robin},
            on_conflict="average",
        ).solve()
        for robin in (tfem.Robin(coefficient=2.0, flux=0.5), tfem.Robin(coefficient=2.0, ambient=0.25))
    ]
    w, again = fields
    assert abs(w(0.5, 1.0) - 0.25) < 1e-12
    assert abs(w(0.0, 0.5)) < 1e-14
    assert abs(w.gradient(1.0, 0.5)[0] - 1.0) < 1e-2
    assert abs(-10 * w.gradient(0.5, 0.0)[1] + 2 * w(0.5, 0.0) - 0.5) < 1e-3
    assert np.allclose(w.values, again.values, rtol=0, atol=1e-13)


def test_periodic_splines_with_natural_ends() -> None:
    space = tfem.box(x=(0, 1), y=(0, 1), cells=16, degree=3, periodic="x", basis="bspline")
    v = tfem.Poisson(space, source=lambda x, y: 4 * np.pi**2 * np.sin(2 * np.pi * x), boundary={"*": tfem.Neumann(flux=0.0)}).solve()
    assert v.linf_error(lambda x, y: np.sin(2 * np.pi * x)) < 1e-4
    assert abs(v.integral()) < 1e-12
    assert "constants" in str(v.report)


def test_separable_coefficients() -> None:
    product = tfem.Poisson(SPACE, source=1.0, diffusion=tfem.Product(lambda x: 1 + x, lambda y: 2 + np.sin(y)), boundary=0.0).solve()
    potential = tfem.Poisson(SPACE, source=1.0, reaction=tfem.Sum(lambda x: x**2, lambda y: 3 * y), boundary=0.0).solve()
    assert product.report.residual < 1e-11
    assert potential.report.residual < 1e-11


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"boundary": {"left": tfem.Dirichlet(0.0)}}, 'unknown face "left"; the faces of this space are "x-"'),
        ({"boundary": {"x-": tfem.Dirichlet(0.0)}}, r'"x\+", "y-", "y\+" have no condition'),
        ({"boundary": 0.0, "diffusion": -1.0}, "diffusion: the smallest value is -1; diffusion must be positive"),
        ({"boundary": {"*": tfem.Neumann(flux=0.0)}}, "the data are not compatible"),
    ],
)
def test_mistakes_are_named(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        tfem.Poisson(SPACE, source=1.0, **given).solve()


def drawn(dimension: int) -> tfem.Field:
    ends = dict(zip("xyz"[:dimension], ((0, 2), (0, 1), (-1, 1)), strict=False))
    space = tfem.box(**ends, cells=5, degree=2)
    return tfem.Poisson(space, 1.0, boundary=0.0).solve()


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_plots_are_drawn_on_the_axes_given(dimension: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """ax in, ax out; without one, new axes; never shown, and matplotlib's settings left alone."""
    monkeypatch.setattr(plt, "show", lambda *a, **k: pytest.fail("shown"))
    settings = dict(plt.rcParams)
    figure = plt.figure()
    ax = figure.add_subplot(projection="3d" if dimension == 3 else None)
    field = drawn(dimension)
    assert field.plot(ax=ax) is ax
    assert ax.has_data()
    new = field.plot()
    assert new is not ax
    assert new.figure is not figure
    assert dict(plt.rcParams) == settings
    assert ax.get_xlabel() == "x"
    assert (ax.get_ylabel() == "y") == (dimension > 1)


def test_everything_exported_is_documented() -> None:
    assert sorted(tfem.__all__, key=str.lower) == sorted(set(tfem.__all__), key=str.lower)
    for name in tfem.__all__:
        assert inspect.getdoc(getattr(tfem, name)), name


def test_objects_say_what_they_are(problem: tfem.Poisson, u: tfem.Field) -> None:
    assert repr(SPACE) == (
        "Space(x: Lagrange(degree=2, 24 cells on [0, 1], 49 unknowns), y: Lagrange(degree=2, 20 cells on [0, 2], 41 unknowns))"
    )
    assert repr(u) == f"Field({SPACE!r})"
    assert repr(problem).startswith(f"Poisson({SPACE!r}, source=<function")
    assert "boundary=Dirichlet(value=" in repr(problem)
    assert repr(problem.operator) == "KroneckerSum(47 x 39 from 47 x 39)"
    assert repr(tfem.CG(rtol=1e-8, preconditioner=tfem.AMG())) == "CG(rtol=1e-08, preconditioner=AMG())"
    assert repr(tfem.Robin(2.0, ambient="x")) == "Robin(coefficient=2.0, flux=None, ambient='x')"
