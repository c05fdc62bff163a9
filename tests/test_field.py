"""Fields: values, gradients, integrals, norms and errors, interpolation and projection."""

import functools
import importlib
from math import prod, sqrt
from typing import Any

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.kron import slabs

evaluation = importlib.import_module("tensorfem.evaluation")
Polynomial = np.polynomial.Polynomial
BASES = (
    tfem.Lagrange(tfem.graded(0, 2, 4, 5), 3),
    tfem.BSpline(tfem.graded(-1, 0.5, 3, 2, toward="both"), 2),
    tfem.Lagrange(tfem.interval(1, 2, 2), 2),
    tfem.BSpline(tfem.interval(0, 3, 2), 3, continuity=0),
)
SPACES = [tfem.Space(*BASES[:d]) for d in (1, 2, 3, 4)]
FACTORS = [Polynomial(c) for c in ((1.0, -2.0, 0.5), (0.3, 1.0, 2.0), (-1.0, 1.0, 0.2), (2.0, -0.5, 0.1))]  # of degree 2: contained
each_space = pytest.mark.parametrize("space", SPACES, ids="1234")


def polynomial(*x: Any, orders: Any = ()) -> Any:
    orders = orders or (0,) * len(x)
    return prod(q.deriv(k)(t) for q, t, k in zip(FACTORS, x, orders, strict=False))


def polynomial_gradient(*x: Any) -> tuple[Any, ...]:
    return tuple(polynomial(*x, orders=tuple(int(i == axis) for i in range(len(x)))) for axis in range(len(x)))


def scattered(space: tfem.Space, count: int, seed: int) -> list[np.ndarray]:
    generator = np.random.default_rng(seed)
    return [generator.uniform(a, b, count) for a, b in space.bounds]


def smooth(*x: Any) -> Any:
    return np.exp(0.4 * x[0]) * functools.reduce(np.multiply, [np.sin(t + 0.7) for t in x])


@each_space
@pytest.mark.parametrize("make", [tfem.interpolate, tfem.project])
def test_polynomials_are_reproduced(space: tfem.Space, make: Any) -> None:
    """At the nodes, at scattered points, on grids; with gradient and integral."""
    u = make(space, polynomial)
    size = u.linf_norm()
    assert np.allclose(u.values, polynomial(*space.coordinates), rtol=0, atol=1e-12 * size)
    points = scattered(space, 50, 410)
    assert np.allclose(u(*points), polynomial(*points), rtol=0, atol=1e-12 * size)
    assert np.allclose(u.gradient(*points), polynomial_gradient(*points), rtol=0, atol=1e-10 * size)
    axes = [np.sort(x)[: 7 - i] for i, x in enumerate(points)]
    assert np.allclose(u.on_grid(*axes), polynomial(*np.meshgrid(*axes, indexing="ij")), rtol=0, atol=1e-12 * size)
    integral = prod(np.diff(q.integ()(np.array(ends)))[0] for q, ends in zip(FACTORS, space.bounds, strict=False))
    assert u.integral() == pytest.approx(integral, rel=1e-12)
    assert u.mean() == pytest.approx(integral / space.volume, rel=1e-12)
    assert u.linf_error(polynomial) < 1e-12 * size


@each_space
def test_points_broadcast(space: tfem.Space) -> None:
    """Open grids, numbers, lists and integers are points; the components of a gradient lead."""
    u = tfem.interpolate(space, polynomial)
    axes = [np.linspace(a, b, 6 - i) for i, (a, b) in enumerate(space.bounds)]
    opened = np.ix_(*axes)
    assert u(*opened).shape == u.on_grid(*axes).shape == tuple(x.size for x in axes)
    assert np.allclose(u(*opened), u.on_grid(*axes), rtol=0, atol=1e-12 * u.linf_norm())
    assert u.gradient(*opened).shape == (space.dimension, *(x.size for x in axes))
    ends = [b for _, b in space.bounds]
    assert u(*ends).shape == ()
    assert u.gradient(*ends).shape == (space.dimension,)
    assert u(*[[end] for end in ends]) == u(*ends)
    assert u(*[np.zeros((0, 2)) + end for end in ends]).shape == (0, 2)
    assert float(u(*ends)) == pytest.approx(float(polynomial(*ends)), rel=1e-12)


@each_space
def test_points_are_taken_slab_by_slab(space: tfem.Space, monkeypatch: pytest.MonkeyPatch) -> None:
    u = tfem.Field(space, np.random.default_rng(88).standard_normal(space.shape))
    points = [x.reshape(1, 23) for x in scattered(space, 23, 57)]  # no open grid
    expected = u(*points)
    monkeypatch.setattr(evaluation, "slabs", lambda length, row: slabs(length, row, entries=3 * row))
    assert np.array_equal(u(*points), expected)


def test_periodic_fields_go_round() -> None:
    space = tfem.box(x=(-1, 2), y=(0, 1), cells=(9, 4), degree=3, periodic="x", basis=("bspline", "lagrange"))
    u = tfem.interpolate(space, "sin(2*pi*(x - 0.3)/3)*(1 + y**2)")
    x, y = scattered(space, 40, 31)
    for turns in (-2, 1, 5):
        assert np.allclose(u(x + 3 * turns, y), u(x, y), rtol=0, atol=1e-12)
    assert np.allclose(u.gradient(np.full(9, -1.0), y[:9]), u.gradient(np.full(9, 2.0), y[:9]), rtol=0, atol=1e-11)
    assert abs(u.integral()) < 1e-13


def test_gradients_are_slopes() -> None:
    """Central differences of the field itself, away from the cells' ends where the slope jumps."""
    space = SPACES[2]
    u = tfem.Field(space, np.random.default_rng(1903).standard_normal(space.shape))
    points = [basis.mesh.nodes[:-1].mean() + basis.mesh.sizes[1] * 0.21 for basis in space.bases]
    for axis, slope in enumerate(u.gradient(*points)):
        step = np.eye(3)[axis] * 1e-5
        assert (u(*(points + step)) - u(*(points - step))) / 2e-5 == pytest.approx(slope, rel=1e-7)


@each_space
def test_projection_is_orthogonal(space: tfem.Space) -> None:
    """The error is orthogonal to every basis function, and no field is nearer, least of all the interpolant."""
    u = tfem.project(space, smooth, points=8)
    error = space.load(lambda *x: smooth(*x) - u(*x), points=8)
    assert np.abs(error).max() < 1e-13 * space.volume
    nearest = u.l2_error(smooth, points=8)
    assert nearest < tfem.interpolate(space, smooth).l2_error(smooth, points=8)
    other = tfem.Field(space, u.coefficients + 1e-3 * np.random.default_rng(64).standard_normal(space.shape))
    distance = other.l2_error(u, points=8)
    assert other.l2_error(smooth, points=8) ** 2 == pytest.approx(nearest**2 + distance**2, rel=1e-9)


@pytest.mark.parametrize("make", [tfem.interpolate, tfem.project])
@pytest.mark.parametrize("kind", [tfem.Lagrange, tfem.BSpline])
@pytest.mark.parametrize("degree", [1, 2, 3, 4])
def test_order_of_approximation(kind: Any, degree: int, make: Any) -> None:
    space = tfem.Space(kind(tfem.graded(0, 2, 8, 3), degree), kind(tfem.interval(-1, 0.5, 6), degree))
    errors = [make(s, smooth).l2_error(smooth) for s in (space.refined().refined(), space.refined().refined().refined())]
    assert np.log2(errors[0] / errors[1]) > degree + 0.9


def test_projection_of_sums_products_and_nodal_values() -> None:
    space = SPACES[1]
    product = tfem.project(space, tfem.Product(FACTORS[0], FACTORS[1]))
    assert product.linf_error(polynomial) < 1e-11
    assert tfem.project(space, tfem.Sum("x**2", lambda y: -y)).linf_error("x**2 - y") < 1e-12
    assert tfem.project(space, product.values).l2_error(product) < 1e-11


def test_norms_by_closed_forms() -> None:
    """u = x^2 y on [0, 2] x [-1, 1/2]: int x^4 = 32/5, int y^2 = 3/8, int 4 x^2 = 32/3, int 1 = 3/2."""
    u = tfem.interpolate(SPACES[1], "x**2*y")
    l2, h1 = 32 / 5 * 3 / 8, 32 / 3 * 3 / 8 + 32 / 5 * 3 / 2
    assert u.l2_norm() == pytest.approx(sqrt(l2), rel=1e-13)
    assert u.h1_seminorm() == pytest.approx(sqrt(h1), rel=1e-12)
    assert u.h1_norm() == pytest.approx(sqrt(l2 + h1), rel=1e-12)
    assert u.linf_norm() == pytest.approx(4.0, rel=1e-13)
    assert (u.max(), u.min()) == pytest.approx((2.0, -4.0), rel=1e-13)


def test_errors_by_closed_forms() -> None:
    """The difference of x^2 y and x^2 is x^2 (y - 1): int (y - 1)^2 = (8 - 1/8)/3."""
    u = tfem.interpolate(SPACES[1], "x**2*y")
    l2 = 32 / 5 * (8 - 1 / 8) / 3
    semi = 32 / 3 * (8 - 1 / 8) / 3 + 32 / 5 * 3 / 2
    for exact in ("x**2", lambda x, y: x**2, tfem.interpolate(SPACES[1], "x**2")):
        assert u.l2_error(exact) == pytest.approx(sqrt(l2), rel=1e-12)
        assert u.linf_error(exact) == pytest.approx(8.0, rel=1e-12)
    for gradient in (lambda x, y: (2 * x, 0.0), ("2*x", 0), [lambda x, y: 2 * x, "0"], lambda x, y: np.stack([2 * x + 0 * y, 0 * (x + y)])):
        assert u.h1_seminorm_error(gradient) == pytest.approx(sqrt(semi), rel=1e-12)
        assert u.h1_error("x**2", gradient) == pytest.approx(sqrt(l2 + semi), rel=1e-12)


def test_points_of_norms() -> None:
    """One Gauss point per cell is the midpoint rule: u = x on [0, 1] in two cells has (1/16 + 9/16)/2."""
    u = tfem.interpolate(tfem.box(x=(0, 1), cells=2), "x")
    assert u.l2_norm(points=1) == pytest.approx(sqrt(5 / 16), rel=1e-14)
    assert u.l2_norm(points=2) == pytest.approx(sqrt(1 / 3), rel=1e-14)
    assert u.h1_seminorm(points=1) == pytest.approx(1.0, rel=1e-14)
    assert u.h1_norm(points=1) == pytest.approx(sqrt(21 / 16), rel=1e-14)
    assert u.l2_error("x**2", points=1) == pytest.approx(3 / 16, rel=1e-14)
    assert u.linf_error("x + where(abs(x - 1/4) < 1e-9, 1, 0)", points=1) == 1.0
    assert u.linf_error("x + where(abs(x - 1/4) < 1e-9, 1, 0)", points=2) < 1e-15


@pytest.mark.parametrize("size", [1e-300, 1e-160, 1e160, 1e200, 1e300])
def test_norms_of_any_size(size: float) -> None:
    """No square overflows or vanishes, and no warning is given (warnings are errors here)."""
    unit = tfem.interpolate(SPACES[2], polynomial)
    u = tfem.Field(SPACES[2], size * unit.coefficients)
    assert u.l2_norm() / size == pytest.approx(unit.l2_norm(), rel=1e-12)
    assert u.h1_norm() / size == pytest.approx(unit.h1_norm(), rel=1e-12)
    assert u.linf_norm() / size == pytest.approx(unit.linf_norm(), rel=1e-12)
    assert u.integral() / size == pytest.approx(unit.integral(), rel=1e-12)
    assert u.l2_error(lambda *x: size * smooth(*x)) / size == pytest.approx(unit.l2_error(smooth), rel=1e-12)
    assert tfem.Field(SPACES[2], 0 * unit.coefficients).l2_norm() == 0.0


@each_space
@pytest.mark.parametrize("size", [1.0, 1e200, 1e-300])
def test_norms_are_taken_slab_by_slab(space: tfem.Space, size: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """The largest value comes in a late slab here, in an early one there: sums are rescaled on the way."""
    fields = [tfem.interpolate(space, lambda *x, s=s: size * np.exp(s * x[0]) + 0 * sum(x)) for s in (3.0, -3.0)]
    whole = [(u.l2_norm(), u.h1_norm(), u.linf_norm()) for u in fields]
    monkeypatch.setattr("tensorfem.norms.slabs", lambda length, row: slabs(length, row, entries=2 * row))
    for u, norms in zip(fields, whole, strict=True):
        assert (u.l2_norm(), u.h1_norm(), u.linf_norm()) == pytest.approx(norms, rel=1e-13)


def test_a_problem_in_four_dimensions() -> None:
    """-Lap u + u = f for the polynomial, with values, fluxes and a Robin condition on the faces."""
    space = SPACES[3]

    def source(*x: Any) -> Any:
        return polynomial(*x) - sum(polynomial(*x, orders=tuple(2 * (i == axis) for i in range(4))) for axis in range(4))

    boundary = {
        "x3+": tfem.Neumann(lambda *x: polynomial_gradient(*x)[2]),
        "x4-": tfem.Robin(2.0, flux=lambda *x: 2 * polynomial(*x) - polynomial_gradient(*x)[3]),
        "*": polynomial,
    }
    u = tfem.Poisson(space, source, reaction=1.0, boundary=boundary).solve()
    assert u.linf_error(polynomial) < 1e-11 * u.linf_norm()
    assert u.h1_error(polynomial, polynomial_gradient) < 1e-9 * u.h1_norm()


def test_a_field_is_data_for_another() -> None:
    """-Lap v = u: the source is a field on another mesh."""
    u = tfem.interpolate(SPACES[1], polynomial)
    space = tfem.box(x=(0, 2), y=(-1, 0.5), cells=(5, 4), degree=3)
    by_field, by_function = (tfem.Poisson(space, source, boundary=0.0).solve() for source in (u, polynomial))
    assert np.allclose(by_field.values, by_function.values, rtol=0, atol=1e-12)


def test_a_field_owns_its_coefficients() -> None:
    given = np.arange(63.0).reshape(9, 7)
    space = tfem.box(x=(0, 1), y=(0, 1), cells=(4, 3), degree=2)
    made, interpolated = tfem.Field(space, given), tfem.interpolate(space, given)
    given[...] = -1.0
    assert made.coefficients[1, 0] == interpolated.coefficients[1, 0] == 7.0
    assert tfem.Field(space, np.ones((9, 7), dtype=int)).coefficients.dtype == np.float64


FIELD = tfem.interpolate(SPACES[1], 1.0)
WRONG = [
    (lambda: FIELD(0.5), r"^points: got 1 coordinates; this field has 2 \(x, y\)"),
    (lambda: FIELD.gradient(0.5, 0.1, 0.2), "^points: got 3 coordinates"),
    (lambda: FIELD(0.5, 0.7), "^y: points: 0.7 lies outside the axis, which goes from -1.0 to 0.5"),
    (lambda: FIELD(np.nan, 0.0), "^x: points: nan lies outside the axis"),
    (
        lambda: FIELD([0.1, 0.2], [0.1, 0.2, 0.3]),
        r"^points: the coordinates have shapes x \(2,\), y \(3,\), which do not broadcast; on_grid",
    ),
    (lambda: FIELD("0.5", 0.1), "^x: got points of type <U3; allowed are real numbers"),
    (lambda: FIELD(0.5, 1j), "^y: got points of type complex128"),
    (lambda: FIELD.on_grid(np.zeros((2, 2)), [0.0]), r"^x: got points of shape \(2, 2\); a grid takes one axis of points"),
    (lambda: FIELD.on_grid([0.0]), "^points: got 1 coordinates"),
    (lambda: FIELD.l2_error(None), r"^exact: got None \(NoneType\); allowed are a real number, a string in x, y, or a function"),
    (lambda: FIELD.l2_error("1/(x - x)"), "^exact: the value is inf at x = .*; all must be finite"),
    (lambda: FIELD.l2_error(1.0, points=0), "^points: got 0; allowed is an integer >= 1"),
    (lambda: FIELD.h1_seminorm(points=1.5), r"^points: got 1.5 \(float\)"),
    (lambda: FIELD.h1_seminorm_error(("x",)), r"^exact_gradient: got \('x',\); allowed are 2 functions, or one that returns 2 arrays"),
    (lambda: FIELD.h1_seminorm_error(1.0), "^exact_gradient: got 1.0; allowed are 2 functions"),
    (lambda: FIELD.h1_seminorm_error(lambda x, y: (x,)), "^exact_gradient, component 0: .*a gradient has 2 components here; got 1"),
    (lambda: FIELD.h1_seminorm_error(("x", lambda x, y: 1j * x)), "^exact_gradient, component 1: the function returned complex numbers"),
    (lambda: tfem.Field(SPACES[0], np.ones(3)), r"^coefficients: got an array of shape \(3,\) and type float64; .*of shape \(13,\)"),
    (lambda: tfem.Field(SPACES[0], np.full(13, np.inf)), r"^coefficients: the value at node \(0,\) is inf"),
    (lambda: tfem.interpolate(SPACES[0], np.ones(3)), r"^function: got an array of shape \(3,\)"),
    (lambda: tfem.interpolate(SPACES[0], "log(x)"), "^function: the value is -inf at x = 0; all must be finite"),
    (lambda: tfem.project(SPACES[0], lambda x: x * np.nan), "^function: the value is nan at x = 0.0"),
    (lambda: tfem.project(SPACES[0], tfem.Product("x", "y")), "^function: Product got 2 functions; give one per axis"),
    (lambda: tfem.interpolate(SPACES[3], 1.0).plot(), "4 axes.*at most 3 can be drawn"),
]


@pytest.mark.parametrize(("wrong", "said"), WRONG, ids=[said[:30] for _, said in WRONG])
def test_wrong_arguments(wrong: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        wrong()


def test_representation() -> None:
    assert repr(tfem.interpolate(SPACES[0], 1.0)) == f"Field({SPACES[0]!r})"
