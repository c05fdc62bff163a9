"""Fits as data of problems: a field or a sum of products is a source, a boundary value, a coefficient, an exact solution."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.axis import overlap
from tensorfem.load_vector import TensorFunction
from tensorfem.regression import SeparableRegressor, fit_sum_of_products

SEED = 88001
MEASURED = (np.linspace(0, 1, 23), np.linspace(0, 2, 17), np.linspace(-1, 1, 11))  # the cells of a fit are none of the problem's
SPACE = (
    tfem.Lagrange(tfem.graded(0, 1, cells=8, size_ratio=20), degree=2),
    tfem.BSpline(tfem.interval(0, 2, cells=6), degree=3),
    tfem.Lagrange(tfem.interval(-1, 1, cells=5), degree=1),
)


def surface(*xs: Any) -> Any:
    return np.exp(-((xs[0] - 0.4) ** 2)) * (1 if len(xs) < 2 else np.cos(xs[1]) + xs[0] * xs[1] ** 2) * (1 if len(xs) < 3 else 2 + xs[2])


def interpolated(dimension: int) -> tfem.Field:
    axes = MEASURED[:dimension]
    return tfem.interpolate_grid(axes, surface(*np.meshgrid(*axes, indexing="ij")))


def regressed(dimension: int) -> tfem.Field:
    axes = MEASURED[:dimension]
    return SeparableRegressor(smoothing=1e-9).fit(axes, surface(*np.meshgrid(*axes, indexing="ij"))).to_field()


def products(dimension: int) -> TensorFunction:
    axes = MEASURED[:dimension]
    return fit_sum_of_products(axes, surface(*np.meshgrid(*axes, indexing="ij")), rank=min(dimension, 2))


MAKERS = [interpolated, regressed, products]
Maker = Callable[[int], Any]


def reference_load(space: tfem.Space, function: Any) -> np.ndarray:
    """The integrals over the cells of both meshes, by the function's values alone."""
    tables, points = [], []
    for basis, other in zip(space.bases, function.bases, strict=True):
        nodes = np.union1d(basis.mesh.nodes, other.mesh.nodes)
        rule = tfem.Mesh(nodes).quadrature(6)
        tables.append((basis.evaluate(rule.points).toarray() * rule.weights[:, None]).T)
        points.append(rule.points)
    letters = "abc"[: space.dimension]
    spec = ",".join(c.upper() + c for c in letters) + f",{letters}->{letters.upper()}"
    return np.asarray(np.einsum(spec, *tables, function(*np.meshgrid(*points, indexing="ij", sparse=True)), optimize=True))


@pytest.mark.parametrize("dimension", [1, 2, 3])
@pytest.mark.parametrize("maker", MAKERS)
def test_the_load_is_exact_on_any_mesh(maker: Maker, dimension: int) -> None:
    function, space = maker(dimension), tfem.Space(*SPACE[:dimension])
    expected = reference_load(space, function)
    assert np.abs(space.load(function) - expected).max() <= 1e-12 * np.abs(expected).max()
    assert space.load(function).sum() == pytest.approx(expected.sum(), rel=1e-12)


def test_gauss_points_alone_miss_the_kinks() -> None:
    """The same field as a plain function is sampled, which misses by more than rounding: the exact load is no accident."""
    function, space = interpolated(2), tfem.Space(*SPACE[:2])
    exact, sampled = space.load(function), space.load(lambda x, y: function(x, y))
    difference = np.abs(exact - sampled).max() / np.abs(exact).max()
    assert 1e-11 < difference < 1e-3


@pytest.mark.parametrize("dimension", [1, 2, 3])
@pytest.mark.parametrize("maker", MAKERS)
def test_a_fit_is_a_source(maker: Maker, dimension: int) -> None:
    """The solution differs from that of the function itself by what the fit does."""
    function, space = maker(dimension), tfem.Space(*SPACE[:dimension])
    problem = tfem.Poisson(space, function, boundary=0.0)
    direct = tfem.Poisson(space, surface, boundary=0.0).solve()
    u = problem.solve()
    assert np.abs(u.values - direct.values).max() < 2e-3 * np.abs(direct.values).max()
    assert "load" in str(problem.explain())
    assert problem.refined().source is function


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("maker", MAKERS)
def test_a_fit_is_a_boundary_value_a_flux_and_an_exact_solution(maker: Maker, dimension: int) -> None:
    """A harmonic polynomial, fitted exactly, put in on the faces and found again inside."""

    def harmonic(*xs: Any) -> Any:
        return xs[0] * xs[1] + 3 * xs[0] - (xs[2] if dimension == 3 else 0)

    axes = MEASURED[:dimension]
    values = harmonic(*np.meshgrid(*axes, indexing="ij"))
    rank = 3
    made = {
        interpolated: lambda: tfem.interpolate_grid(axes, values),
        regressed: lambda: SeparableRegressor(smoothing=0.0).fit(axes, values).to_field(),
        products: lambda: fit_sum_of_products(axes, values, rank if dimension == 3 else 2),
    }[maker]()  # type: ignore[index]
    space = tfem.Space(*SPACE[:dimension])
    flux = lambda *xs: np.broadcast_to(xs[1] + 3.0, np.broadcast_shapes(*(np.shape(x) for x in xs)))  # noqa: E731
    u = tfem.Poisson(space, 0.0, boundary={"*": tfem.Dirichlet(made), "x+": tfem.Neumann(flux)}).solve()
    tolerance = 1e-5 if maker is products and dimension == 3 else 1e-8
    assert u.l2_error(made) < tolerance
    assert u.linf_error(made) < 10 * tolerance
    slope = fit_sum_of_products(axes, flux(*np.meshgrid(*axes, indexing="ij")), 1)
    again = tfem.Poisson(space, 0.0, boundary={"*": tfem.Dirichlet(made), "x+": tfem.Neumann(slope)}).solve()
    assert np.abs(again.values - u.values).max() < 1e-8


def test_fits_of_one_axis_are_coefficients() -> None:
    """Of one axis alone, in a product and in a sum; the terms of a sum of products of two axes as a product diffusion."""
    axes = MEASURED[:2]
    conductivity = fit_sum_of_products(axes, (1 + axes[0][:, None]) * (3 - axes[1]), rank=1)
    space = tfem.Space(*SPACE[:2])
    u = tfem.Poisson(space, 1.0, diffusion=conductivity.terms[0], boundary=0.0).solve()
    expected = tfem.Poisson(space, 1.0, diffusion=tfem.Product(lambda x: 1 + x, lambda y: 3 - y), boundary=0.0).solve()
    assert np.abs(u.values - expected.values).max() < 1e-12
    potential = tfem.interpolate_grid(axes[:1], axes[0] ** 2)
    v = tfem.Poisson(space, 1.0, reaction=tfem.Sum(potential, 0.5), boundary=0.0).solve()
    expected = tfem.Poisson(space, 1.0, reaction=tfem.Sum(lambda x: x**2, 0.5), boundary=0.0).solve()
    assert np.abs(v.values - expected.values).max() < 1e-12
    line = tfem.Space(SPACE[0])
    w = tfem.Poisson(line, 1.0, diffusion=tfem.interpolate_grid(axes[:1], 1 + axes[0]), reaction=potential, boundary=0.0).solve()
    expected = tfem.Poisson(line, 1.0, diffusion="1 + x", reaction="x**2", boundary=0.0).solve()
    assert np.abs(w.values - expected.values).max() < 1e-12


def test_a_projection_of_a_field_is_itself_on_its_own_space() -> None:
    u = interpolated(2)
    assert np.abs(tfem.project(u.space, u).coefficients - u.coefficients).max() < 1e-11
    coarse = tfem.project(tfem.Space(*SPACE[:2]), u)
    assert tfem.project(coarse.space, u).l2_error(u) <= tfem.interpolate(coarse.space, u).l2_error(u)


def test_the_overlap_of_a_periodic_basis() -> None:
    """On a box that is another part of its period, and on its own."""
    periodic = tfem.BSpline(tfem.interval(0, 1, cells=7, periodic=True), degree=3)
    basis = tfem.Lagrange(tfem.interval(-1.25, 1.8, cells=4), degree=2)
    assert abs(overlap(basis, periodic).sum() - 3.05) < 1e-12
    assert np.allclose(overlap(periodic, periodic).sum(axis=0), 1 / 7)
    fine = tfem.Mesh(np.union1d(basis.mesh.nodes, [k / 7 for k in range(-8, 13)])).quadrature(6)
    direct = basis.evaluate(fine.points).T @ np.diag(fine.weights) @ periodic.evaluate(fine.points).toarray()
    assert np.allclose(overlap(basis, periodic).toarray(), direct, rtol=0, atol=1e-13)


def test_a_function_must_cover_the_box() -> None:
    u = interpolated(2)
    with pytest.raises(ValueError, match=r"source: got a function on \[0, 2\] along y, where this space has \[0, 3\]; it must cover"):
        tfem.Poisson(tfem.box(x=(0, 1), y=(0, 3), cells=4), u, boundary=0.0).solve()
    with pytest.raises(ValueError, match=r"source: got a function of 2 coordinates; this space has 3 \(x, y, z\)"):
        tfem.Poisson(tfem.box(x=(0, 1), y=(0, 2), z=(0, 1), cells=4), u, boundary=0.0)
    rounded = tfem.Space(tfem.Lagrange(tfem.interval(0, 1 + 1e-15, cells=3), 1), tfem.Lagrange(tfem.interval(0, 2, cells=3), 1))
    assert rounded.load(u).sum() == pytest.approx(u.integral(), rel=1e-12)


def test_the_overlap_needs_a_mesh_that_covers() -> None:
    with pytest.raises(ValueError, match=r"lies outside the axis, which goes from 0.0 to 1.0"):
        overlap(tfem.Lagrange(tfem.interval(0, 2, cells=3), 1), tfem.Lagrange(tfem.interval(0, 1, cells=3), 1))
