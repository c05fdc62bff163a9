"""Boundary conditions: each kind on each face, in each spelling, against solutions that the space contains."""

import itertools
from typing import Any

import numpy as np
import pytest

import tensorfem as tfem

NAMES = ("x", "y", "z")
SPACES = {  # solutions of degree 2 per axis are contained, and the loads of their data are exact
    "line": tfem.Space(tfem.Lagrange(tfem.graded(-1, 1.5, 5, 6), 3)),
    "rectangle": tfem.Space(tfem.BSpline(tfem.interval(-1, 1.5, 6), 3), tfem.Lagrange(tfem.graded(0, 0.8, 4, 3, toward="both"), 2)),
    "cuboid": tfem.Space(
        tfem.Lagrange(tfem.interval(-1, 1.5, 5), 2),
        tfem.BSpline(tfem.graded(0, 0.8, 4, 3), 2),
        tfem.Lagrange(tfem.interval(1, 2, 3), 3),
    ),
}
FACTORS = [np.polynomial.Polynomial(c) for c in ((1.0, 2.0, -0.5), (2.0, -1.0, 1.0), (0.5, 1.0, 0.25))]
DIFFUSION = (1.7, 0.6, 1.1)
REACTION = 0.3
H = 2.5
FACES = [(shape, face) for shape, space in SPACES.items() for face in space.faces]


class Polynomial:
    """The solution ``prod_i q_i(x_i)`` and its data, as callables or as strings."""

    def __init__(self, dimension: int, spelling: str) -> None:
        self.dimension, self.spelling = dimension, spelling

    def term(self, orders: tuple[int, ...], scale: float) -> Any:
        """A multiple of the product of derivatives of the factors."""
        factors = [q.deriv(k) for q, k in zip(FACTORS, orders, strict=False)]
        if self.spelling == "string":
            texts = [
                "(" + " + ".join(f"({float(c)!r})*{x}**{n}" for n, c in enumerate(q.coef)) + ")"
                for q, x in zip(factors, NAMES, strict=False)
            ]
            return f"({scale!r})*" + "*".join(texts)
        return lambda *x: scale * np.prod([q(t) + 0 * sum(x) for q, t in zip(factors, x, strict=True)], axis=0)

    def sum(self, *terms: Any) -> Any:
        return " + ".join(terms) if self.spelling == "string" else lambda *x: sum(term(*x) for term in terms)

    def orders(self, axis: int, order: int) -> tuple[int, ...]:
        return tuple(order * (i == axis) for i in range(self.dimension))

    @property
    def value(self) -> Any:
        return self.term((0,) * self.dimension, 1.0)

    @property
    def source(self) -> Any:
        second = [self.term(self.orders(i, 2), -DIFFUSION[i]) for i in range(self.dimension)]
        return self.sum(*second, self.term((0,) * self.dimension, REACTION))

    def flux(self, face: str, scale: float = 1.0) -> Any:
        axis, sign = NAMES.index(face[0]), 1 if face[1] == "+" else -1
        return self.term(self.orders(axis, 1), scale * sign * DIFFUSION[axis])

    def condition(self, kind: str, face: str) -> Any:
        match kind:
            case "dirichlet":
                return tfem.Dirichlet(self.value)
            case "neumann":
                return tfem.Neumann(self.flux(face))
            case "robin":
                return tfem.Robin(H, flux=self.sum(self.flux(face), self.term((0,) * self.dimension, H)))
        return tfem.Robin(coefficient=H, ambient=self.sum(self.flux(face, 1 / H), self.value))


KINDS = ("dirichlet", "neumann", "robin", "robin, ambient")


@pytest.mark.parametrize("spelling", ["callable", "string"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("shape", "face"), FACES, ids=lambda v: v)
def test_each_kind_on_each_face(shape: str, face: str, kind: str, spelling: str) -> None:
    """The other faces take the other kinds in turn, so that every pair of kinds meets on an axis and on an edge."""
    space = SPACES[shape]
    made = Polynomial(space.dimension, spelling)
    others = itertools.islice(itertools.cycle(KINDS), KINDS.index(kind) + 1, None)
    boundary = {face: made.condition(kind, face), **{name: made.condition(next(others), name) for name in space.faces if name != face}}
    diffusion = DIFFUSION[: space.dimension]
    u = tfem.Poisson(space, made.source, diffusion=diffusion, reaction=REACTION, boundary=boundary).solve()
    exact = Polynomial(space.dimension, "callable").value
    assert u.linf_error(exact) < 1e-11 * u.linf_norm()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("shape", "face"), FACES, ids=lambda v: v)
def test_numbers_as_data(shape: str, face: str, kind: str) -> None:
    """u = 1 + 2 t - t^2/2 along the face's axis t: all data of that axis' ends are numbers, and nothing flows through the other faces."""
    space = SPACES[shape]
    axis, q = NAMES.index(face[0]), FACTORS[0]
    a = DIFFUSION[axis]

    def condition(name: str, kind: str) -> Any:
        end = 0 if name[1] == "-" else 1
        t = space.bounds[axis][end]
        value, flux = float(q(t)), a * float(q.deriv()(t)) * (2 * end - 1)
        given = {"dirichlet": tfem.Dirichlet(value), "neumann": tfem.Neumann(flux), "robin": tfem.Robin(H, flux + H * value)}
        return given.get(kind, tfem.Robin(H, ambient=flux / H + value))

    opposite = next(name for name in space.faces if name[0] == face[0] and name != face)
    boundary = {face: condition(face, kind), opposite: condition(opposite, "robin"), "*": tfem.Neumann(0)}
    u = tfem.Poisson(space, a, diffusion=DIFFUSION[: space.dimension], boundary=boundary).solve()
    assert u.linf_error(lambda *x: q(x[axis])) < 1e-11 * u.linf_norm()


def solved(boundary: Any, space: tfem.Space = SPACES["rectangle"], **options: Any) -> Any:
    return tfem.Poisson(space, "x + 2*y", boundary=boundary, **options).solve().values


def test_ways_to_say_the_same() -> None:
    """A datum is a Dirichlet value, "*" covers what is not named, faces can share a key, a condition alone is for all faces."""
    faces = ("x-", "x+", "y-", "y+")
    said = solved({face: tfem.Dirichlet("x*y") for face in faces})
    for boundary in (
        "x*y",
        lambda x, y: x * y,
        tfem.Dirichlet("x*y"),
        {"*": "x*y"},
        {faces: "x*y"},
        {"y-": "x*y", "*": lambda x, y: x * y},
    ):
        assert np.array_equal(solved(boundary), said)


def test_robin_with_an_ambient_value_is_robin_with_a_flux() -> None:
    by_flux = solved({"x-": tfem.Robin(3.0, flux=lambda x, y: 3 * np.cos(y)), "*": 1.0})
    by_ambient = solved({"x-": tfem.Robin(coefficient=3.0, ambient="cos(y)"), "*": 1.0})
    assert np.allclose(by_flux, by_ambient, rtol=0, atol=1e-13)


def test_robin_without_a_coefficient_is_neumann() -> None:
    mixed = {"x+": 1.0, "*": tfem.Neumann("y")}
    assert np.array_equal(solved({**mixed, "y-": tfem.Robin(0.0, flux="x")}), solved({**mixed, "y-": tfem.Neumann("x")}))
    assert np.array_equal(solved({**mixed, "y-": tfem.Robin(0, ambient="x")}), solved({**mixed, "y-": tfem.Neumann(0.0)}))
    assert np.array_equal(solved({**mixed, "y-": tfem.Robin(0)}), solved({**mixed, "y-": tfem.Neumann(0)}))


def test_robin_goes_to_dirichlet() -> None:
    """u - ambient = -a du/dn / h on the face: the distance falls like 1/h."""
    limit = solved("x")
    far, near = (np.linalg.norm(solved({"y+": tfem.Robin(h, ambient="x"), "*": "x"}) - limit) for h in (1e5, 1e7))
    assert 80 < far / near < 120


@pytest.mark.parametrize("kind", [tfem.Lagrange, tfem.BSpline])
def test_dirichlet_values_are_met_at_the_nodes_of_every_face(kind: Any) -> None:
    """Splines interpolate at the Greville points of a face, which faces share along edges: the data agree there to rounding."""
    space = tfem.Space(*(kind(tfem.graded(a, b, n, 3), p) for a, b, n, p in ((0, 1, 5, 4), (-1, 1, 4, 3), (2, 3, 3, 2))))

    def exact(x, y, z):
        return np.exp(x * y) * np.sin(z + x)

    u = tfem.Poisson(space, 0.0, boundary=exact).solve()
    wanted, values = exact(*space.coordinates), u.values
    for axis in range(3):
        for side in (0, -1):
            face = (slice(None),) * axis + (side,)
            assert np.allclose(values[face], wanted[face], rtol=0, atol=1e-12 * np.abs(wanted).max())


def test_splines_and_lagrange_elements_see_the_same_boundary() -> None:
    """Two discretizations of high degree of one problem with values that no polynomial takes, on all kinds of faces."""
    boundary = {"x-": "sin(3*y)", "x+": tfem.Robin(2.0, ambient="exp(y)"), "y-": tfem.Neumann("cos(4*x)"), "y+": tfem.Neumann(0.0)}
    values = []
    for basis in ("lagrange", "bspline"):
        space = tfem.box(x=(0, 1), y=(0, 2), cells=(24, 36), degree=4, basis=basis)
        values.append(tfem.Poisson(space, "x*y", boundary=boundary).solve().on_grid(np.linspace(0.2, 0.8, 5), np.linspace(0.4, 1.6, 7)))
    assert np.allclose(*values, rtol=0, atol=1e-6)
