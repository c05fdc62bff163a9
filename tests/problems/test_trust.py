"""What a problem does with data that are nearly, or just about, too much for it; and that it keeps its own copy of all of them."""

import dataclasses

import numpy as np
import pytest
import scipy.linalg as linalg

import tensorfem as tfem
from tensorfem.kron import KroneckerSum

SPACE = tfem.box(x=(0, 1), y=(0, 2), cells=(6, 5), degree=2)
FORMED = [tfem.Direct(), tfem.CG(), tfem.AMG(), tfem.CG(preconditioner=tfem.FastDiagonalization())]


@pytest.mark.parametrize("solver", FORMED, ids=repr)
@pytest.mark.parametrize(
    "data", [{"reaction": 1e-13, "boundary": tfem.Neumann(0.0)}, {"boundary": {"x+": tfem.Robin(1e-12), "*": tfem.Neumann(0.0)}}]
)
def test_a_mean_that_hangs_on_rounding_is_refused(solver, data):
    """The mean of u is the integral of the source over what holds it; a formed matrix is off by some 5 %."""
    problem = tfem.Poisson(SPACE, 1.0, **data)
    with pytest.raises(tfem.ConvergenceError, match=r"nearly singular: .* add up to .*e-1.; use FastDiagonalization\(\), or set them to 0"):
        problem.solve(solver)


def test_what_to_do_about_it_is_possible_for_cells():
    problem = tfem.Poisson(SPACE, 1.0, diffusion="exp(sin(9*x*y))", reaction=1e-13, boundary=tfem.Neumann(0.0))
    with pytest.raises(tfem.ConvergenceError, match=r"nearly singular: .*; give a face a Dirichlet condition, or set them to 0"):
        problem.solve()


@pytest.mark.parametrize("reaction", [1.0, 1e-6, 1e-12])
def test_fast_diagonalization_holds_the_mean(reaction):
    u = tfem.Poisson(SPACE, 1.0, reaction=reaction, boundary=tfem.Neumann(0.0)).solve()
    assert u.mean() * reaction == pytest.approx(1.0, rel=1e-9)


def test_a_weak_but_sufficient_hold_is_fine():
    for solver in FORMED:
        assert tfem.Poisson(SPACE, 1.0, reaction=1e-3, boundary=tfem.Neumann(0.0)).solve(solver).mean() == pytest.approx(1e3, rel=1e-6)


def test_a_reaction_that_is_zero_in_decimals():
    """0.1 + 0.2 - 0.3 is 5.6e-17 in floats; the problem is singular all the same, and every solver gives the solution of mean zero."""
    space = tfem.box(x=(0, 1), y=(0, 2), z=(0, 1), cells=(5, 4, 3))
    problem = tfem.Poisson(space, "cos(pi*x)", reaction=tfem.Sum(0.1, 0.2, -0.3), boundary=tfem.Neumann(0.0))
    assert problem.operator.null_vector is not None
    reference = tfem.Poisson(space, "cos(pi*x)", boundary=tfem.Neumann(0.0)).solve()
    for solver in [*FORMED, tfem.FastDiagonalization()]:
        assert np.abs(problem.solve(solver).values - reference.values).max() < 1e-8


def test_resonance_of_a_product_diffusion_is_refused():
    data = {"diffusion": tfem.Product("1 + x", "2 + y"), "boundary": 0.0}
    plain = tfem.Poisson(SPACE, 1.0, **data).operator.toarray()
    mass = tfem.Poisson(SPACE, 1.0, reaction=1.0, **data).operator.toarray() - plain
    lowest = linalg.eigh(plain, mass, eigvals_only=True)[0]
    problem = tfem.Poisson(SPACE, 1.0, reaction=-lowest, **data)
    with pytest.raises(ValueError, match="resonant"):
        problem.solve()
    assert np.isfinite(tfem.Poisson(SPACE, 1.0, reaction=-1.01 * lowest, **data).solve().max())


@pytest.mark.parametrize("solver", [tfem.CG(rtol=1e-3), tfem.AMG(rtol=1e-4), tfem.CG(rtol=1e-12, atol=1e-3)], ids=repr)
def test_a_coarse_tolerance_is_kept_and_believed(solver):
    report = tfem.Poisson(SPACE, "exp(x)*y", boundary="x").solve(solver).report
    assert 1e-10 < report.residual < 1e-2


def test_data_cannot_be_replaced():
    problem = tfem.Poisson(SPACE, 1.0, boundary=0.0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        problem.source = 2.0


def test_the_right_hand_side_is_kept_safe():
    problem = tfem.Poisson(SPACE, 1.0, boundary=0.0)
    solve = tfem.FastDiagonalization().prepare(problem.operator)
    with pytest.raises(ValueError, match=r"rhs: the array is read-only .* pass a copy, or overwrite_rhs=False"):
        solve(problem.rhs, overwrite_rhs=True)
    before = problem.solve().values.copy()
    solve(problem.rhs.copy(), overwrite_rhs=True)
    assert np.array_equal(problem.solve().values, before)


def test_the_caller_may_change_what_was_given():
    boundary, source = {"*": tfem.Dirichlet(0.0)}, np.ones(SPACE.shape)
    problem = tfem.Poisson(SPACE, source, boundary=boundary)
    boundary["x-"] = tfem.Neumann(1.0)
    source *= 10
    same = tfem.Poisson(SPACE, np.ones(SPACE.shape), boundary=0.0)
    assert np.array_equal(problem.solve().values, same.solve().values)
    assert set(dataclasses.replace(problem, source=1.0).refined().conditions.values()) == set(problem.conditions.values())


def test_the_field_of_a_vector():
    problem = tfem.Poisson(SPACE, "y", boundary="x")
    assert isinstance(problem.operator, KroneckerSum)
    value = tfem.FastDiagonalization().prepare(problem.operator)(problem.rhs).value
    assert np.array_equal(problem.field(value).values, problem.solve().values)
    assert np.array_equal(problem.field(value.ravel()).values, problem.solve().values)
    natural = tfem.Poisson(SPACE, "y", reaction=1.0, boundary=tfem.Neumann(0.0))
    vector = np.ones(SPACE.shape)
    natural.field(vector).coefficients[:] = 5.0
    assert (vector == 1.0).all()


@pytest.mark.parametrize(
    "value", [np.ones(3), np.full((11, 9), np.nan), np.full((11, 9), 1j), "x"], ids=["shape", "nan", "complex", "text"]
)
def test_the_field_of_something_else(value):
    with pytest.raises(ValueError, match=r"value: got an array of shape .*; allowed are finite real ones of \(11, 9\), or flat"):
        tfem.Poisson(SPACE, 1.0, boundary=0.0).field(value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"source": "sin(q)"}, 'source: .*unknown name "q"'),
        ({"source": object()}, "source: got <object"),
        ({"source": tfem.Product("x")}, "source: Product got 1 function; give one per axis"),
        ({"source": np.nan}, "source: got nan"),
        ({"boundary": tfem.Dirichlet("q")}, 'boundary, face "x-": .*unknown name "q"'),
        ({"boundary": tfem.Neumann(False)}, 'boundary, face "x-": got False'),
        ({"boundary": tfem.Robin(1.0, ambient=None, flux=[1])}, r'boundary, face "x-": got \[1\]'),
    ],
)
def test_wrong_data_are_refused_at_once(data, message):
    with pytest.raises(ValueError, match=message):
        tfem.Poisson(SPACE, **{"source": 1.0, "boundary": 0.0, **data})


def test_a_periodic_box_has_no_boundary():
    ring = tfem.box(x=(0, 1), cells=4, periodic="x")
    with pytest.raises(
        ValueError, match=r"boundary: got 5\.0, but all axes of this space are periodic, and it has no faces; leave boundary out"
    ):
        tfem.Poisson(ring, 0.0, boundary=5.0)


def test_an_array_of_fewer_axes_is_refused():
    """On a square grid it would fit, transposed."""
    square = tfem.box(x=(0, 1), y=(0, 1), cells=6)
    with pytest.raises(ValueError, match=r"function: the function returned shape \(7,\), which does not broadcast"):
        tfem.interpolate(square, lambda x, y: np.ravel(x))


@pytest.mark.parametrize("start", [0.0, 100.0, 5e5, -3e7])
def test_equal_cells_are_equal_wherever_they_lie(start):
    mesh = tfem.interval(start, start + 1, cells=100)
    assert mesh.uniform
    assert mesh.refined().uniform
    u = tfem.Poisson(tfem.Space(tfem.Lagrange(mesh, 1)), 1.0, boundary=0.0).solve()
    assert u.max() == pytest.approx(1 / 8, rel=1e-12)
