"""`explain`: structure and forecasts, without a solve. No test times anything: forecasts are held to order, bounds and words."""

import re

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.kron import memory
from tensorfem.problems import explanation
from tensorfem.solvers import Solver


def square(cells, **data):
    return tfem.Poisson(tfem.box(x=(0, 1), y=(0, 2), cells=cells), "exp(x*y)", **{"boundary": 0.0, **data})


@pytest.fixture
def no_solve(monkeypatch):
    def refuse(self, operator):
        raise AssertionError("explain has prepared a solve")

    monkeypatch.setattr(Solver, "prepare", refuse)


def by_solver(problem):
    return {forecast.solver: forecast for forecast in problem.explain().forecasts}


def test_nothing_is_solved_and_the_whole_source_is_not_sampled(no_solve):
    seen = []

    def source(x, y):
        seen.append(x.size * y.size)
        return x * y

    problem = tfem.Poisson(tfem.box(x=(0, 1), y=(0, 1), cells=700), source, boundary=0.0)
    told = problem.explain()
    assert told.unknowns == 699**2
    assert max(seen) < 1400**2 / 2


def test_the_structure_in_words():
    mesh = tfem.graded(0, 1, cells=5, size_ratio=8)
    space = tfem.Space(
        tfem.Lagrange(tfem.interval(0, 1, 2048), 1), tfem.BSpline(mesh, 3), tfem.Lagrange(tfem.interval(0, 1, 3, periodic=True), 2)
    )
    text = str(
        tfem.Poisson(space, 1.0, boundary={"x-": 0.0, "x+": tfem.Neumann(0.0), "y-": tfem.Robin(1.0), "y+": tfem.Neumann(0.0)}).explain()
    )
    for line in (
        "axis x .*2048 equal cells, Lagrange of degree 1, Dirichlet and Neumann",
        "axis y .*BSpline|splines of degree 3",
        "periodic",
    ):
        assert re.search(line, text), text
    assert "Kronecker sum" in text
    assert "none" in text
    assert "constants" in str(square(4, boundary=tfem.Neumann(0.0)).explain())


def test_the_choice_is_that_of_auto():
    for problem in (square(6), square(6, diffusion=tfem.Product("1 + x", "1 + y"), reaction=1.0), square(6, reaction=-5.0)):
        told = problem.explain()
        assert (told.choice, told.reason) == tfem.Auto().choose(problem.operator)
        assert told.choice == tfem.FastDiagonalization() or "CG" in repr(told.choice)


def test_those_that_cannot_treat_the_operator_say_so():
    helmholtz = by_solver(square(6, reaction=-5.0))
    assert helmholtz["FastDiagonalization()"].usable
    assert helmholtz["Direct()"].usable
    for name in ("CG()", "AMG()"):
        assert not helmholtz[name].treats
        assert "negative reaction" in helmholtz[name].note
    product = by_solver(square(6, diffusion=tfem.Product("1 + x", "1 + y"), reaction=1.0))
    assert "not a Kronecker sum" in product["FastDiagonalization()"].note
    assert product["CG(preconditioner=FastDiagonalization())"].usable


def test_those_that_would_not_fit_say_how_much_they_need(monkeypatch):
    problem = tfem.Poisson(tfem.box(x=(0, 1), y=(0, 1), z=(0, 1), cells=64), 1.0, boundary=0.0)
    for module in (memory, explanation):
        monkeypatch.setattr(module, "available_memory", lambda: 200_000_000)
    told = problem.explain()
    direct = {forecast.solver: forecast for forecast in told.forecasts}["Direct()"]
    assert direct.treats
    assert not direct.fits
    assert direct.memory > 1e9
    assert "Direct() does not fit" in str(told)
    assert "GB" in str(told)
    with pytest.raises(MemoryError, match=r"Direct: .* GB"):
        problem.solve(tfem.Direct())
    assert told.choice == tfem.FastDiagonalization()


@pytest.mark.parametrize("name", ["FastDiagonalization()", "Direct()", "AMG()", "CG()"])
def test_more_unknowns_take_more(name):
    small, large = (by_solver(square(cells))[name] for cells in (40, 160))
    assert small.memory < large.memory
    assert 0 < small.solve < large.solve
    assert large.memory > 2 * 8 * 159**2  # the right-hand side and the solution at least


def test_iterations_grow_as_cells_shrink_and_with_the_preconditioner_do_not():
    plain, exact = "CG()", "CG(preconditioner=FastDiagonalization())"
    small, large = (by_solver(square(cells)) for cells in (20, 80))
    assert large[plain].iterations > 2.5 * small[plain].iterations
    assert small[exact].iterations == large[exact].iterations == 1
    actual = square(80).solve(tfem.CG()).report.iterations
    assert 0.5 < large[plain].iterations / actual < 2


def test_in_a_notebook_and_on_paper():
    told = square(6).explain()
    assert told._repr_html_().count("<table>") == 3
    assert str(told).count("\n") > 10
    assert all(str(forecast).startswith(forecast.solver) for forecast in told.forecasts)
    assert told.seconds(told.forecasts[0]) > told.forecasts[0].seconds


@pytest.mark.parametrize(
    "source",
    [2.0, "x", lambda x, y: x, tfem.Product("x", "y"), tfem.Sum("x", "y"), np.ones((7, 7))],
    ids=lambda source: type(source).__name__,
)
def test_any_source(source):
    assert tfem.Poisson(tfem.box(x=(0, 1), y=(0, 1), cells=6), source, boundary=0.0).explain().load > 0
