"""The solution as a function of the data, in any array library, and its derivatives against differences."""

import importlib

import numpy as np
import pytest

import tensorfem as tfem

FACES = {"x-": tfem.Dirichlet(lambda x, y: y), "x+": tfem.Robin(2.0, 0.5), "*": tfem.Neumann(lambda x, y: x)}
GIVEN = {"source": lambda x, y: np.exp(x * y), "boundary": FACES, "reaction": 0.7}
CELLS = (5, 4)


def space_of(degree=2, basis="lagrange"):
    return tfem.box(x=(0, 1), y=(0, 2), cells=CELLS, degree=degree, basis=basis)


def problem_of(diffusion=(2.0, lambda y: 1 + y), space=None, **data):
    return tfem.Poisson(space or space_of(), diffusion=diffusion, **{**GIVEN, **data})


def assert_solves(library, value, problem):
    expected = problem.solve(tfem.Direct()).coefficients
    np.testing.assert_allclose(library.numpy(value), expected, atol=1e-11 * np.abs(expected).max())


def test_the_problems_own_data_give_its_solution(library):
    solution = tfem.SolutionMap(problem_of())
    assert_solves(library, solution(reaction=library.array(0.7)), problem_of())


def test_a_source_is_a_field(library, rng):
    space = space_of()
    coefficients = rng.standard_normal(space.shape)
    value = tfem.SolutionMap(problem_of())(source=library.array(coefficients))
    assert_solves(library, value, problem_of(source=tfem.Field(space, coefficients)))


def test_boundary_values_are_taken_on_dirichlet_faces_alone(library, rng):
    space = space_of()
    inside = rng.standard_normal(space.shape)
    inside[0] = 3.0 + space.nodes[1] ** 2
    value = tfem.SolutionMap(problem_of())(boundary=library.array(inside))
    assert_solves(library, value, problem_of(boundary={**FACES, "x-": tfem.Dirichlet(lambda x, y: 3 + y**2)}))


def test_factors_multiply_the_diffusion_and_not_the_robin_coefficient(library):
    value = tfem.SolutionMap(problem_of())(diffusion=[library.array(3.0), 0.5], reaction=library.array(1.1))
    assert_solves(library, value, problem_of(diffusion=(6.0, lambda y: 0.5 * (1 + y)), reaction=1.1))


def test_factors_may_come_in_one_array(library):
    value = tfem.SolutionMap(problem_of())(diffusion=library.array([3.0, 0.5]))
    assert_solves(library, value, problem_of(diffusion=(6.0, lambda y: 0.5 * (1 + y))))


def test_factors_by_cell_are_a_piecewise_constant_diffusion(library):
    factors = np.array([1.0, 4.0, 2.0, 5.0, 3.0])
    value = tfem.SolutionMap(problem_of())(diffusion=[library.array(factors), 1.0])
    stepped = problem_of(diffusion=(lambda x: 2.0 * factors[np.minimum((x * 5).astype(int), 4)], lambda y: 1 + y))
    assert_solves(library, value, stepped)


def test_splines_and_all_free_faces(library, rng):
    space = space_of(degree=3, basis="bspline")
    data = {"boundary": tfem.Neumann(0.0), "reaction": 1.5, "space": space}
    coefficients = rng.standard_normal(space.shape)
    value = tfem.SolutionMap(problem_of(**data))(source=library.array(coefficients))
    assert_solves(library, value, problem_of(**{**data, "source": tfem.Field(space, coefficients)}))


@pytest.mark.parametrize(("own", "given"), [(0.0, 1.5), (1.5, 0.0), (0.0, 0.0), (0.0, -3.0)])
def test_the_reaction_of_the_call_says_whether_the_mean_is_free(library, rng, own, given):
    space = space_of()
    source = rng.standard_normal(space.shape)
    free = {"space": space, "boundary": tfem.Neumann(0.0)}
    if not given:
        source -= tfem.Field(space, source).integral() / space.volume
    value = tfem.SolutionMap(problem_of(**free, source=0.0, reaction=own))(source=library.array(source), reaction=library.array(given))
    expected = problem_of(**free, source=tfem.Field(space, source), reaction=given).solve(tfem.FastDiagonalization()).coefficients
    np.testing.assert_allclose(library.numpy(value), expected, atol=1e-11 * np.abs(expected).max())


def test_the_incompatible_part_of_a_source_is_left_out(library, rng):
    space = space_of()
    source = 1 + rng.standard_normal(space.shape)
    free = {"space": space, "boundary": tfem.Neumann(0.0), "reaction": 0.0, "on_incompatible": "project"}
    value = tfem.SolutionMap(problem_of(**free))(source=library.array(source))
    assert_solves(library, value, problem_of(**{**free, "source": tfem.Field(space, source)}))
    assert abs(tfem.Field(space, library.numpy(value)).integral()) < 1e-13


def test_without_dirichlet_faces_boundary_values_are_not_taken(library, rng):
    problem = problem_of(boundary=tfem.Neumann(0.0), reaction=0.0, on_incompatible="project")
    value = tfem.SolutionMap(problem)(boundary=library.array(2 + rng.standard_normal(space_of().shape)))
    assert_solves(library, value, problem)


def test_the_weights_of_a_product_diffusion_are_none_of_the_source(library, rng):
    space = space_of()
    coefficients = rng.standard_normal(space.shape)
    data = {"diffusion": tfem.Product("1 + x", "2 - y/2"), "reaction": 0.0, "boundary": {"x-": tfem.Dirichlet(1.0), "*": tfem.Neumann(0.0)}}
    value = tfem.SolutionMap(problem_of(**data))(source=library.array(coefficients))
    assert_solves(library, value, problem_of(**data, source=tfem.Field(space, coefficients)))


def test_a_resonant_reaction_is_refused(library):
    problem = problem_of()
    shift = problem.operator.shift - float(problem.operator.eigenvalues(1)[0])
    with pytest.raises(ValueError, match=r"reaction: -.* is resonant: .* is an eigenvalue of the discrete operator"):
        tfem.SolutionMap(problem)(reaction=library.array(shift))


DATA = ("source", "boundary", "cells", "factor", "reaction")


def objective(solution, weights):
    """A scalar function of all data."""

    def evaluate(source, boundary, cells, factor, reaction):
        u = solution(source=source, boundary=boundary, diffusion=[factor, cells], reaction=reaction)
        return (weights * u * u).sum()

    return evaluate


@pytest.fixture
def at(rng):
    shape = space_of().shape
    return [rng.standard_normal(shape), rng.standard_normal(shape), rng.uniform(1, 2, CELLS[1]), np.array(1.3), np.array(0.4)]


@pytest.fixture
def weights(rng):
    return rng.uniform(0.5, 1.5, space_of().shape)


def differences(function, at, rng):
    """For each argument a direction, and the central difference along it."""
    for i, value in enumerate(at):
        direction = rng.standard_normal(value.shape)
        sides = [function(*at[:i], value + sign * 1e-5 * direction, *at[i + 1 :]) for sign in (1, -1)]
        yield direction, (sides[0] - sides[1]) / 2e-5


def assert_derivatives(gradients, function, at, rng):
    for name, gradient, (direction, difference) in zip(DATA, gradients, differences(function, at, rng), strict=True):
        assert np.abs(difference) > 1e-6, name
        np.testing.assert_allclose(np.sum(gradient * direction), difference, rtol=1e-6, err_msg=name)


@pytest.mark.parametrize("library", ["torch"], indirect=True)
def test_derivatives_by_torch_are_those_of_differences(library, rng, at, weights):
    solution = tfem.SolutionMap(problem_of())
    tensors = [library.array(value).requires_grad_() for value in at]
    objective(solution, library.array(weights))(*tensors).backward()
    assert_derivatives([tensor.grad.cpu().numpy() for tensor in tensors], objective(solution, weights), at, rng)


@pytest.mark.parametrize("library", ["jax"], indirect=True)
def test_derivatives_by_jax_are_those_of_differences(library, rng, at, weights):
    jax = importlib.import_module("jax")
    solution = tfem.SolutionMap(problem_of())
    gradients = jax.grad(objective(solution, library.array(weights)), argnums=range(5))(*map(library.array, at))
    assert_derivatives([np.asarray(g) for g in gradients], objective(solution, weights), at, rng)
    compiled = jax.jit(lambda source, reaction: solution(source=source, reaction=reaction))
    plain = solution(source=at[0], reaction=at[4])
    np.testing.assert_allclose(compiled(library.array(at[0]), library.array(at[4])), plain, atol=1e-12)
    with pytest.raises(ValueError, match=r"diffusion: got a traced array; its numbers are needed for the eigenbases: leave jax.jit out"):
        jax.jit(lambda factor: solution(diffusion=[factor, 1.0]))(library.array(2.0))


def test_a_call_without_arrays_is_refused():
    solution = tfem.SolutionMap(problem_of())
    for data in ({}, {"diffusion": [1.0, 2.0]}, {"reaction": 0.5}):
        with pytest.raises(ValueError, match="SolutionMap: got no array; give source, boundary, diffusion or reaction"):
            solution(**data)


def test_a_problem_that_is_no_kronecker_sum_is_refused():
    with pytest.raises(ValueError, match=r"SolutionMap: Poisson.* is no Kronecker sum"):
        tfem.SolutionMap(problem_of(diffusion=tfem.Product("1+x", "1+y")))


def test_matrices_that_would_not_fit_are_refused(monkeypatch):
    solution = tfem.SolutionMap(problem_of())
    monkeypatch.setattr("tensorfem.kron.memory.available_memory", lambda: 10)
    with pytest.raises(MemoryError, match=r"SolutionMap: the dense matrices of the axes of Poisson.* needs about .* use fewer cells"):
        solution(reaction=np.array(1.0))


@pytest.mark.parametrize("name", ["source", "boundary"])
def test_another_shape_is_refused(name):
    with pytest.raises(ValueError, match=rf"{name}: got an array of shape \(3,\); allowed is an array of shape \(11, 9\), the space's"):
        tfem.SolutionMap(problem_of())(**{name: np.ones(3)})
    with pytest.raises(ValueError, match=rf"{name}: got a list; allowed is an array of shape \(11, 9\), the space's"):
        tfem.SolutionMap(problem_of())(**{name: [[1.0]], "reaction": np.array(1.0)})


@pytest.mark.parametrize(
    ("diffusion", "words"),
    [
        ([np.ones(5)], r"diffusion: got 1 entries; this space has 2 axes \(x, y\)"),
        ([np.ones(4), 1.0], r"diffusion, axis x: got an array of shape \(4,\); allowed are a number and \(5,\)"),
        ([np.array([1.0, 1, 1, 0, 1]), 1.0], "diffusion, axis x: a factor is not positive and finite; all must be"),
        ([np.ones(5), np.inf], "diffusion, axis y: a factor is not positive and finite; all must be"),
        ([np.ones(5), "1"], r"diffusion, axis y: got '1'; allowed are a number and an array of shape \(4,\)"),
        ([np.ones(5), None], r"diffusion, axis y: got None; allowed are a number and an array of shape \(4,\)"),
        (2.0, r"diffusion: got 2.0; give one entry per axis \(x, y\)"),
        (np.array(2.0), r"diffusion: got array\(2.\); give one entry per axis \(x, y\)"),
        (np.ones(3), r"diffusion: got 3 entries; this space has 2 axes \(x, y\)"),
        ([np.ones(5), -1.0], "diffusion, axis y: a factor is not positive and finite; all must be"),
    ],
)
def test_factors_that_are_none_are_refused(diffusion, words):
    with pytest.raises(ValueError, match=words):
        tfem.SolutionMap(problem_of())(diffusion=diffusion)


@pytest.mark.parametrize("given", [np.ones(2), "1", [1.0]])
def test_a_reaction_that_is_no_number_is_refused(given):
    with pytest.raises(ValueError, match=r"reaction: got .*; allowed is a number or an array without axes"):
        tfem.SolutionMap(problem_of())(source=np.ones(space_of().shape), reaction=given)


@pytest.mark.parametrize("name", ["source", "boundary", "reaction"])
def test_data_that_are_not_finite_are_refused(library, name):
    bad = np.full(() if name == "reaction" else space_of().shape, np.nan)
    with pytest.raises(ValueError, match=rf"{name}: an entry is not finite; all must be"):
        tfem.SolutionMap(problem_of())(**{name: library.array(bad)})
