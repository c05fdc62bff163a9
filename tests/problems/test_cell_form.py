"""The form cell by cell against the Kronecker form, where the data allow both; null space, definiteness, lifting, Robin terms."""

from typing import Any

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.cells import CellOperator
from tensorfem.problems.cell_form import CellForm
from tensorfem.problems.faces import add_fluxes
from tensorfem.problems.form import dirichlet_ends, robin_coefficients
from tensorfem.problems.found import found_diffusion, found_reaction
from tensorfem.problems.gauss_grid import GaussGrid

AXES = (
    lambda p: tfem.Lagrange(tfem.graded(-1, 1.5, 5, 4), p),
    lambda p: tfem.BSpline(tfem.interval(0, 0.8, 4), p),
    lambda p: tfem.Lagrange(tfem.graded(1, 2, 3, 2, toward="right", periodic=True), p),
    lambda p: tfem.Lagrange(tfem.graded(0, 1, 2, 1.5), p),
)
ENDS = {
    "x-": "exp(x)",
    "x+": tfem.Robin(0.7, ambient=lambda *x: x[0] + 2),
    "y-": tfem.Neumann("x"),
    "y+": tfem.Dirichlet(lambda *x: np.exp(x[0])),
    "z-": "exp(x)",
    "x4+": tfem.Robin(1.3),
}
DIFFUSIONS: dict[str, Any] = {
    "number": lambda d: 1.7,
    "numbers": lambda d: tuple(1.0 + i for i in range(d)),
    "functions": lambda d: tuple([lambda t: 2 + np.sin(t), "2 + y", lambda t: 1 + t**2, 3.0][:d]),
    "product": lambda d: tfem.Product(*[lambda t: 2 + np.sin(t), "2 + y", lambda t: 1 + t**2, 3.0][:d]),
}
REACTIONS: dict[str, Any] = {
    "none": lambda d: 0.0,
    "number": lambda d: 0.4,
    "sum": lambda d: tfem.Sum(*[lambda t: t**2, 0.5, 0.1, 0.2][:d]),
}


def problem_of(dimension: int, degree: int, diffusion: str, reaction: str) -> tfem.Poisson:
    space = tfem.Space(*(axis(degree) for axis in AXES[:dimension]))
    names = {"x1": "x", "x2": "y", "x3": "z"} if dimension > 3 else {}
    ends = {face: ENDS.get(names.get(face[:-1], face[:-1]) + face[-1], tfem.Neumann(0.0)) for face in space.faces}
    if dimension > 3:
        ends = {face: end if not isinstance(end, str) else tfem.Dirichlet(lambda *x: np.exp(x[0])) for face, end in ends.items()}
        ends["x2-"] = tfem.Neumann(1.0)
    data = DIFFUSIONS[diffusion](dimension)
    if dimension > 3 and diffusion in {"functions", "product"}:
        parts = [lambda t: 2 + np.sin(t), lambda t: 2 + t, lambda t: 1 + t**2, 3.0]
        data = tuple(parts) if diffusion == "functions" else tfem.Product(*parts)
    return tfem.Poisson(space, 1.0, diffusion=data, reaction=REACTIONS[reaction](dimension), boundary=ends)


def cell_form(problem: tfem.Poisson) -> CellForm:
    space, grid = problem.space, GaussGrid(problem.space)
    reaction = found_reaction(space, problem.reaction)
    present = any(part.varies or part.least for part in reaction.axes)
    ends, robin = dirichlet_ends(space, problem.conditions), robin_coefficients(space, problem.conditions)
    return CellForm(space, found_diffusion(space, problem.diffusion).on(grid), reaction.on(grid)[0] if present else None, ends, robin)


@pytest.mark.parametrize("reaction", REACTIONS)
@pytest.mark.parametrize("diffusion", DIFFUSIONS)
@pytest.mark.parametrize("dimension", [1, 2, 3, 4])
def test_operator_and_right_hand_side_are_those_of_the_kronecker_form(dimension: int, diffusion: str, reaction: str) -> None:
    """Of degree 2, whose samples are those that the matrices of the axes take; free functions, Robin terms and lifted values included."""
    problem = problem_of(dimension, 2, diffusion, reaction)
    form = cell_form(problem)
    operator, expected = form.operator(), problem.operator
    assert isinstance(operator, CellOperator)
    assert operator.definite
    u = np.random.default_rng(3_117).standard_normal(operator.input_shape)
    image = expected.apply(u)
    assert np.allclose(operator.apply(u), image, rtol=0, atol=1e-12 * np.abs(image).max())
    assert np.allclose(operator.diagonal(), expected.diagonal(), rtol=1e-12)
    reduced = problem.space.load(1.0, functions=form.free)
    add_fluxes(problem.space, problem.conditions, form.free, reduced)
    form.lift(problem._lifting, reduced)
    assert np.allclose(reduced, problem.rhs, rtol=0, atol=1e-12 * np.abs(problem.rhs).max())


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_degree_one_takes_means(dimension: int) -> None:
    """With one number per cell the operator differs from that of all samples by the order of the method, and not for constants."""
    constant = problem_of(dimension, 1, "numbers", "number")
    assert abs(cell_form(constant).operator().tosparse() - constant.operator.tosparse()).max() < 1e-13 * constant.operator.norm_bound()
    differences = []
    problem = problem_of(dimension, 1, "product", "sum")
    for _ in range(2):
        image = problem.operator.tosparse() - cell_form(problem).operator().tosparse()
        u = problem.solve().coefficients[problem._elliptic.form.free].ravel()
        differences.append(abs(u @ image @ u) / (u @ problem.operator.tosparse() @ u))
        problem = problem.refined()
    assert differences[1] < differences[0] / 3
    assert 0 < differences[0] < 0.05


def test_null_space_is_known_from_the_data() -> None:
    space = tfem.box(x=(0, 1), y=(0, 2), cells=(5, 4), periodic="x")
    data: dict[str, Any] = {"diffusion": "exp(sin(2*pi*x)*y)", "boundary": tfem.Neumann(0.0)}  # no sum of few terms
    singular = tfem.Poisson(space, "sin(2*pi*x)", **data)
    assert all((factor == 1).all() for factor in singular.operator.null_vector)
    assert np.abs(singular.operator.apply(np.ones(space.shape))).max() < 1e-13
    assert abs(singular.solve().mean()) < 1e-14
    with pytest.raises(ValueError, match="the data are not compatible"):
        tfem.Poisson(space, 1.0, **data).solve()
    for held in ({"reaction": "exp(x*y)"}, {"boundary": {"y-": tfem.Robin(1.0), "*": tfem.Neumann(0.0)}}, {"boundary": 0.0}):
        operator = tfem.Poisson(space, 1.0, **{**data, **held}).operator
        assert isinstance(operator, CellOperator)
        assert operator.null_vector is None
        assert operator.definite


def test_reaction_that_is_zero_everywhere_leaves_the_null_space() -> None:
    space = tfem.box(x=(0, 1), y=(0, 2), cells=(5, 4))
    problem = tfem.Poisson(space, "x - 0.5", diffusion="exp(x*y)", reaction=lambda x, y: 0 * x * y, boundary=tfem.Neumann(0.0))
    assert problem.operator.null_vector is not None


def test_mean_that_hangs_on_rounding_is_refused() -> None:
    space = tfem.box(x=(0, 1), y=(0, 2), cells=(5, 4))
    data: dict[str, Any] = {"diffusion": "exp(x*y)", "boundary": tfem.Neumann(0.0)}
    with pytest.raises(tfem.ConvergenceError, match="nearly singular: reaction and Robin coefficients"):
        tfem.Poisson(space, 1.0, reaction="1e-14*exp(x*y)", **data).solve()
    u = tfem.Poisson(space, "1e-3*exp(x*y)", reaction="1e-3*exp(x*y)", **data).solve()
    assert np.allclose(u.values, 1.0, rtol=1e-3)


def test_reaction_in_a_few_cells_holds_the_mean() -> None:
    """It is zero elsewhere: its mean counts. With the same numbers as the source the solution is 1."""
    space = tfem.box(x=(0, 1), y=(0, 2), cells=(5, 4))
    array = np.where(np.add.outer(np.arange(5), np.arange(4)) == 3, 2.0, 0.0)
    data: dict[str, Any] = {"diffusion": "exp(sin(3*x*y))", "boundary": tfem.Neumann(0.0), "reaction": tfem.CellValues(array)}
    ones = tfem.Poisson(space, lambda x, y: array[np.ix_((5 * x.ravel()).astype(int), (2 * y.ravel()).astype(int))], **data)
    assert isinstance(ones.operator, CellOperator)
    assert np.allclose(ones.solve().values, 1.0, rtol=1e-9)


def test_negative_reaction_is_solved_directly_unless_resonant() -> None:
    space = tfem.box(x=(0, 1), y=(0, 1), cells=(12, 10), degree=2)
    data: dict[str, Any] = {"diffusion": "1 + 0*x*y + 1e-6*sin(x*y)", "boundary": 0.0}
    problem = tfem.Poisson(space, 1.0, reaction=lambda x, y: -30 - 0.01 * np.cos(x * y), **data)
    u = problem.solve()
    assert u.report.solver == "Direct()"
    near = tfem.Poisson(space, 1.0, reaction=-30.01, boundary=0.0).solve()
    assert 0 < np.abs(u.values - near.values).max() < 0.05 * near.linf_norm()
    with pytest.raises(ValueError, match=r"negative reaction.*use Direct\(\)"):
        problem.solve(tfem.CG())
