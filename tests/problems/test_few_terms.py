"""Coefficients that are sums of few products keep the Kronecker form, and give the operator that they give cell by cell."""

from typing import Any

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.cells import CellOperator
from tensorfem.kron import SeparableOperator
from tensorfem.problems.cell_form import CellForm
from tensorfem.problems.form import dirichlet_ends, robin_coefficients
from tensorfem.problems.found import found_diffusion, found_reaction
from tensorfem.problems.gauss_grid import GaussGrid

RNG = np.random.default_rng(24_690)
BASES = (
    lambda p: tfem.Lagrange(tfem.graded(0, 1, 6, 3), p),
    lambda p: tfem.BSpline(tfem.interval(0, 2, 5), p),
    lambda p: tfem.Lagrange(tfem.interval(0, 0.5, 4, periodic=True), p),
)
CELLS = 1 + sum(np.einsum("i,j,k", *(RNG.random(n) for n in (6, 5, 4))) for _ in range(2))
DATA: dict[str, dict[str, Any]] = {
    "formula": {"diffusion": "1 + x*y*cos(z)"},
    "function": {"diffusion": lambda x, y, z: 2 + np.sin(x) * y + 0 * z, "reaction": 0.7},
    "reaction": {"diffusion": 2.0, "reaction": "x*y + y*z"},
    "both": {"diffusion": lambda x, y, z: 1 + x * y + 0 * z, "reaction": lambda x, y, z: np.exp(x) * y + 0 * z},
    "with a sum": {"diffusion": lambda x, y, z: 1 + y * z + 0 * x, "reaction": tfem.Sum("x", 0.2, "z")},
    "with a product": {"diffusion": tfem.Product("1 + x", "2 + y", 1.0), "reaction": "x*y"},
    "with one function per axis": {"diffusion": ("1 + x", "2 + y", 3.0), "reaction": "x*y"},
    "cells": {"diffusion": CELLS[:, :, :1] + 0 * CELLS, "reaction": tfem.CellValues(CELLS[:1] + 0 * CELLS)},
}


def problem_of(degree: int, **data: Any) -> tfem.Poisson:
    boundary = {"x-": "y", "x+": tfem.Robin(0.6, ambient="y"), "y-": tfem.Neumann("x"), "y+": tfem.Dirichlet(2.0)}
    return tfem.Poisson(tfem.Space(*(basis(degree) for basis in BASES)), "x", boundary=boundary, on_conflict="average", **data)


def by_cells(problem: tfem.Poisson) -> CellForm:
    space, conditions = problem.space, problem.conditions
    a, c = found_diffusion(space, problem.diffusion), found_reaction(space, problem.reaction)
    grid = GaussGrid(space)
    return CellForm(space, a.on(grid), c.on(grid)[0], dirichlet_ends(space, conditions), robin_coefficients(space, conditions))


@pytest.mark.parametrize(("name", "degree"), [(name, p) for name in DATA for p in (1, 2) if p > 1 or not name.startswith("with ")])
def test_operator_and_lifting_are_those_of_the_cells(name: str, degree: int) -> None:
    """Functions given for one coordinate each are not taken by their means over cells of degree 1."""
    problem = problem_of(degree, **DATA[name])
    operator, form = problem.operator, by_cells(problem)
    assert isinstance(operator, SeparableOperator)
    u = np.random.default_rng(5_566).standard_normal(operator.input_shape)
    expected = form.operator()
    assert np.allclose(operator.apply(u), expected.apply(u), rtol=0, atol=1e-11 * np.abs(operator.apply(u)).max())
    assert np.allclose(operator.diagonal(), expected.diagonal(), rtol=1e-11)
    lifted = [np.zeros(operator.output_shape) for _ in range(2)]
    for target, one in zip(lifted, (problem._elliptic.form, form), strict=True):
        one.lift(problem._lifting, target)
    assert np.allclose(*lifted, rtol=0, atol=1e-11 * np.abs(lifted[0]).max())


@pytest.mark.parametrize("name", DATA)
def test_solution_and_report(name: str) -> None:
    problem = problem_of(2, **DATA[name])
    u, v = problem.solve(), problem.solve(tfem.Direct())
    assert u.report.solver == "CG(preconditioner=FastDiagonalization())"
    assert u.report.iterations < 60
    assert np.allclose(u.values, v.values, rtol=0, atol=1e-8 * v.linf_norm())
    assert "products of functions of one coordinate" in u.report.coefficients


LEFT: dict[str, tuple[tfem.Space, dict[str, Any]]] = {
    "four terms": (tfem.box(x=(0, 1), y=(0, 1), cells=12), {"diffusion": "4 + x*y + x**2*y**2 + x**3*y**3 + x**4*exp(y)"}),
    "high contrast": (tfem.box(x=(0, 1), y=(0, 1), cells=12), {"diffusion": "where((x - 0.5)*(y - 0.5) > 0, 1, 1000)"}),
    "no term at all": (tfem.box(x=(0, 1), y=(0, 1), cells=12), {"diffusion": "exp(sin(9*x*y))"}),
    "singular": (tfem.box(x=(0, 1), y=(0, 1), cells=12), {"diffusion": "1 + x*y", "boundary": tfem.Neumann(0.0)}),
    "large": (tfem.box(x=(0, 1), y=(0, 1), cells=400), {"diffusion": "1 + x*y"}),
    "tensor": (tfem.box(x=(0, 1), y=(0, 1), cells=12), {"diffusion": [[2, 1], [1, 3]]}),
}


@pytest.mark.parametrize("name", LEFT)
def test_what_is_left_cell_by_cell(name: str) -> None:
    """More terms, a product too far away to precondition, a null space, and where compiled cells are cheaper."""
    space, data = LEFT[name]
    problem = tfem.Poisson(space, "x - 0.5", **{"boundary": 0.0, **data})
    assert isinstance(problem.operator, CellOperator)
    told = "(a sum of 2 products, as it looks, but cheaper to apply cell by cell)"
    assert (told in problem._elliptic.words["diffusion"]) == (name == "large")


HUGE: dict[str, dict[str, Any]] = {
    "nearly a product": {"diffusion": lambda x, y: np.where(x < 0.5, 1e14, 1.5 + np.sin(3 * x * y))},
    "nearly few terms": {"diffusion": lambda x, y: np.where(x < 0.5, 1e9 * (1 + 0.1 * y), 1 + 0.1 * y + 4e-5 * np.sin(3 * x * y))},
    "formula": {"diffusion": "1e14*exp(-60*x) + 1 + x*y + 0.1*sin(x*y)"},
    "cancellation": {"diffusion": "(1e9 + x*y) - (1e9 - 1 - x)"},
    "reaction nearly a sum": {"reaction": lambda x, y: np.where(x < 0.5, 1e16, 3 * np.sin(3 * x * y))},
    "reaction nearly few terms": {"reaction": lambda x, y: np.where(x < 0.5, 1e13 * (1 + x * y), np.sin(9 * x * y))},
}


@pytest.mark.parametrize("name", HUGE)
def test_coefficient_that_is_huge_elsewhere_hides_nothing(name: str) -> None:
    """Structure is compared sample by sample: where the coefficient is small, its variation is not lost beside the largest sample."""
    space = tfem.box(x=(0, 1), y=(0, 2), cells=(6, 5), degree=2)
    problem = tfem.Poisson(space, 1.0, boundary={"x-": 0.0, "*": tfem.Neumann(0.0)}, **HUGE[name])
    expected = by_cells(problem).operator().toarray()
    size = 1 / np.sqrt(np.diag(expected))
    assert np.allclose(size[:, None] * problem.operator.toarray() * size, size[:, None] * expected * size, rtol=0, atol=1e-10)


def test_negative_sum_of_products_is_solved_directly() -> None:
    space = tfem.box(x=(0, 1), y=(0, 2), cells=(8, 6), degree=2)
    few, cells = (
        tfem.Poisson(space, 1.0, diffusion=2.0, reaction=reaction, boundary=0.0)
        for reaction in ("-20 - x*y", lambda x, y: -20 - x * y + 1e-9 * np.sin(9 * x * y))
    )
    assert (type(few.operator), type(cells.operator)) == (SeparableOperator, CellOperator)
    assert not few.operator.definite
    u, v = few.solve(), cells.solve()
    assert u.report.solver == v.report.solver == "Direct()"
    assert np.allclose(u.values, v.values, rtol=0, atol=1e-6 * u.linf_norm())


def test_sum_that_is_zero_in_decimals_leaves_the_null_space() -> None:
    space = tfem.box(x=(0, 1), y=(0, 2), z=(0, 1), cells=(5, 4, 3))
    problem = tfem.Poisson(space, "x - 0.5", diffusion="exp(sin(x*y + z))", reaction=tfem.Sum(0.1, 0.2, -0.3), boundary=tfem.Neumann(0.0))
    assert problem.operator.null_vector is not None


def test_nearest_sum_is_near() -> None:
    """A diffusion within 10 % of a product, beside a reaction and a Robin condition: so near is what preconditions."""
    operator = problem_of(2, diffusion="9*(1 + x)*(1 + 0.2*y) + 0.4*x*y", reaction=0.7).operator
    assert isinstance(operator, SeparableOperator)
    ratio = operator.kronecker_approximation().diagonal() / operator.diagonal()
    assert 0.7 < ratio.min() <= ratio.max() < 1.4
