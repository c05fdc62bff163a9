"""Diffusion and reaction: each form against solutions that the space contains and against matrices put together by hand."""

import itertools
from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.kron import KroneckerSum, SeparableOperator

Polynomial = np.polynomial.Polynomial
FACTORS = [Polynomial(c) for c in ((1.0, 2.0, -0.5), (2.0, -1.0, 1.0), (0.5, 1.0, 0.25))]  # of the solution
SLOPES = [Polynomial(c) for c in ((2.0, 0.5), (1.0, 1.5), (0.7, 0.1))]  # a_i
LEVELS = [Polynomial(c) for c in ((0.2, 0.1), (-0.3, 0.4), (0.0, 1.0))]  # r_i, of both signs
H = 1.5
BASES = (
    tfem.Lagrange(tfem.graded(-1, 1.5, 5, 6), 3),
    tfem.BSpline(tfem.interval(0, 0.8, 4), 2),
    tfem.Lagrange(tfem.graded(1, 2, 3, 2, toward="right"), 2),
)
KINDS = {"x-": "D", "x+": "N", "y-": "R", "y+": "D", "z-": "N", "z+": "R"}
LINE_KINDS = {"x-": "D", "x+": "R"}
DIFFUSIONS = ("number", "numbers", "functions", "product")
REACTIONS = ("none", "number", "sum")


def spelled(p: Polynomial, axis: int) -> Any:
    """A polynomial of one coordinate: a string on axis 1, a function elsewhere."""
    return f"{p.coef[0]} + ({p.coef[1]})*y" if axis == 1 else lambda t: p(t)


class Case:
    """A diffusion and a reaction with the solution ``prod_i q_i(x_i)``."""

    def __init__(self, dimension: int, diffusion: str, reaction: str) -> None:
        axes = range(dimension)
        self.space, self.axes, self.product = tfem.Space(*BASES[:dimension]), axes, diffusion == "product"
        constant = [Polynomial([1.3 + (0 if diffusion == "number" else i)]) for i in axes]
        self.a = constant if diffusion.startswith("number") else SLOPES[:dimension]
        self.r = {"none": [], "number": [Polynomial([0.8])], "sum": LEVELS[:dimension]}[reaction]
        own = tuple(spelled(p, i) if p.degree() else float(p.coef[0]) for i, p in enumerate(self.a))
        self.diffusion: Any = {"number": 1.3, "product": tfem.Product(*own)}.get(diffusion, own)
        self.reaction: Any = {"none": 0, "number": 0.8}.get(reaction, tfem.Sum(*(spelled(p, i) for i, p in enumerate(LEVELS[:dimension]))))

    def u(self, *x: Any) -> Any:
        return prod(q(t) for q, t in zip(FACTORS, x, strict=False))

    def term(self, axis: int, own: Polynomial, x: tuple[Any, ...]) -> Any:
        """A function of one coordinate times the other factors, weighted where the diffusion is a product."""
        return own(x[axis]) * prod(FACTORS[j](x[j]) * (self.a[j](x[j]) if self.product else 1) for j in self.axes if j != axis)

    def source(self, *x: Any) -> Any:
        second = sum(-self.term(i, (self.a[i] * FACTORS[i].deriv()).deriv(), x) for i in self.axes)
        return second + sum(r(t) for r, t in zip(self.r, x, strict=False)) * self.u(*x)

    def condition(self, face: str, kind: str) -> Any:
        axis, sign = "xyz".index(face[0]), 1 if face[1] == "+" else -1

        def flux(*x: Any) -> Any:
            return sign * self.term(axis, self.a[axis] * FACTORS[axis].deriv(), x)

        return {"D": tfem.Dirichlet(self.u), "N": tfem.Neumann(flux)}.get(kind, tfem.Robin(H, lambda *x: flux(*x) + H * self.u(*x)))

    def problem(self, kinds: dict[str, str]) -> tfem.Poisson:
        boundary = {face: self.condition(face, kinds[face]) for face in self.space.faces}
        return tfem.Poisson(self.space, self.source, diffusion=self.diffusion, reaction=self.reaction, boundary=boundary)


@pytest.mark.parametrize("robin", [True, False], ids=["robin", ""])
@pytest.mark.parametrize("reaction", REACTIONS)
@pytest.mark.parametrize("diffusion", DIFFUSIONS)
@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_polynomial_solutions(dimension: int, diffusion: str, reaction: str, robin: bool) -> None:
    """All quadrature is exact, so the solution is found to rounding (to the tolerance where Auto iterates)."""
    case = Case(dimension, diffusion, reaction)
    kinds = LINE_KINDS if dimension == 1 else KINDS
    u = case.problem({face: kind if robin else kind.replace("R", "N") for face, kind in kinds.items()}).solve()
    iterated = u.report.iterations > 0
    assert u.linf_error(case.u) < (1e-8 if iterated else 1e-11) * u.linf_norm()


@pytest.mark.parametrize("robin", [False, True])
@pytest.mark.parametrize("reaction", REACTIONS)
@pytest.mark.parametrize("diffusion", DIFFUSIONS)
def test_structure(diffusion: str, reaction: str, robin: bool) -> None:
    """All is a Kronecker sum but a product diffusion beside a reaction or a Robin condition (Robin with coefficient 0 is none)."""
    case = Case(3, diffusion, reaction)
    boundary = {"x-": tfem.Robin(1.0 if robin else 0.0), "*": tfem.Dirichlet(0.0)}
    operator = tfem.Poisson(case.space, 1.0, diffusion=case.diffusion, reaction=case.reaction, boundary=boundary).operator
    expected = SeparableOperator if diffusion == "product" and (robin or reaction != "none") else KroneckerSum
    assert type(operator) is expected


def hats(nodes: np.ndarray, integrand: Callable[[float], float], derivative: int) -> np.ndarray:
    """The matrix of the integrals of a function times two hats, or two slopes of hats: cell by cell, three Gauss points."""
    matrix = np.zeros((nodes.size, nodes.size))
    for i, (a, b) in enumerate(itertools.pairwise(nodes)):
        for s, w in ((-np.sqrt(3 / 5), 5 / 9), (0.0, 8 / 9), (np.sqrt(3 / 5), 5 / 9)):
            x, h = (a + b + s * (b - a)) / 2, b - a
            local = np.array([b - x, x - a]) / h if derivative == 0 else np.array([-1.0, 1.0]) / h
            matrix[i : i + 2, i : i + 2] += w * h / 2 * integrand(x) * np.outer(local, local)
    return matrix


@pytest.mark.parametrize("reaction", REACTIONS)
@pytest.mark.parametrize("diffusion", DIFFUSIONS)
def test_matrices_put_together_by_hand(diffusion: str, reaction: str) -> None:
    """Bilinear elements on an uneven grid; x- Dirichlet, x+ and y- Robin, y+ Neumann; entries by `numpy.kron`, axis 0 on the left."""
    case = Case(2, diffusion, reaction)
    grids = [np.array([0.0, 0.3, 0.5, 1.2, 1.5]), np.array([-0.1, 0.4, 0.6, 1.0])]
    space = tfem.Space(*(tfem.Lagrange(tfem.Mesh(nodes), 1) for nodes in grids))
    conditions = {"x-": 0.0, "x+": tfem.Robin(2.0), "y-": tfem.Robin(0.7), "y+": tfem.Neumann(0.0)}
    operator = tfem.Poisson(space, 0.0, diffusion=case.diffusion, reaction=case.reaction, boundary=conditions).operator

    stiffness = [hats(nodes, a, 1) for nodes, a in zip(grids, case.a, strict=True)]
    plain = [hats(nodes, lambda x: 1.0, 0) for nodes in grids]
    weighted = [hats(nodes, a, 0) for nodes, a in zip(grids, case.a, strict=True)] if case.product else plain
    expected = np.kron(stiffness[0], weighted[1]) + np.kron(weighted[0], stiffness[1])
    end, start = np.diag([0, 0, 0, 0, 2.0]), np.diag([0.7, 0, 0, 0])
    expected += np.kron(end, plain[1]) + np.kron(plain[0], start)
    for i, r in enumerate(case.r):
        own = hats(grids[i], r, 0)
        expected += np.kron(own, plain[1]) if i == 0 else np.kron(plain[0], own)
    free = np.arange(20).reshape(5, 4)[1:].ravel()
    expected = expected[np.ix_(free, free)]
    assert np.allclose(operator.toarray(), expected, rtol=0, atol=1e-14 * np.abs(expected).max())
    assert np.allclose(operator.diagonal().ravel(), np.diag(expected), rtol=1e-13)


def test_short_forms_on_a_line() -> None:
    """In one dimension a string or a function needs no wrapping."""
    space = tfem.Space(BASES[0])
    wrapped = tfem.Poisson(space, 1.0, diffusion=("2 + x",), reaction=tfem.Sum("x**2"), boundary=0.0).solve()
    for diffusion, reaction in (("2 + x", lambda x: x**2), (lambda x: 2 + x, "x**2"), (tfem.Product("2 + x"), tfem.Sum("x**2"))):
        u = tfem.Poisson(space, 1.0, diffusion=diffusion, reaction=reaction, boundary=0.0).solve()
        assert np.allclose(u.values, wrapped.values, rtol=0, atol=1e-14)


def test_constants_in_any_spelling_are_numbers() -> None:
    """A function that is constant leaves the fast transforms of uniform linear elements in place."""
    space = tfem.box(x=(0, 1), y=(0, 1), cells=(128, 128))
    for diffusion in (3.0, (3.0, 3.0), tfem.Product(1.5, 2.0), ("3", lambda y: 3 + 0 * y), tfem.Product("1.5", lambda y: 2)):
        operator = tfem.Poisson(space, 1.0, diffusion=diffusion, boundary=0.0).operator
        assert all(pencil.is_trigonometric for pencil in operator.pencils)
        assert np.allclose(operator.diagonal(), 8.0)


def test_nearest_sum_preconditions_at_every_mesh_size() -> None:
    """The number of iterations depends on the coefficients, not on the mesh."""
    space = tfem.box(x=(0, 1), y=(0, 2), cells=(8, 6), degree=2)
    diffusion = tfem.Product("1 + x", "2 + sin(y)")
    problem = tfem.Poisson(space, "x", diffusion=diffusion, reaction=2.0, boundary={"x-": tfem.Robin(3.0), "*": 0.0})
    counts = []
    for _ in range(4):
        report = problem.solve().report
        assert "CG" in report.solver
        assert "FastDiagonalization" in report.solver
        counts.append(report.iterations)
        problem = problem.refined()
    assert max(counts) <= 15
    assert counts[-1] <= counts[1] + 1


def test_product_beside_negative_reaction_is_solved_directly() -> None:
    case = Case(2, "product", "none")
    boundary = {face: case.condition(face, KINDS[face]) for face in case.space.faces}
    source = lambda *x: case.source(*x) - 9 * case.u(*x)  # noqa: E731
    problem = tfem.Poisson(case.space, source, diffusion=case.diffusion, reaction=-9.0, boundary=boundary)
    for solver in (tfem.Direct(), tfem.Auto()):
        assert problem.solve(solver).linf_error(case.u) < 1e-10
    for solver in (tfem.CG(), tfem.AMG()):
        with pytest.raises(ValueError, match=r"negative reaction.*use Direct\(\)"):
            problem.solve(solver)


REFUSED: list[tuple[str, Any, str]] = [
    ("diffusion", tfem.Sum("x", "y"), r"diffusion: got Sum\('x', 'y'\); allowed are a positive number, .* a tuple of 2"),
    ("reaction", tfem.Product("x", "y"), r"reaction: got Product\('x', 'y'\); allowed are a number, .* or a Sum"),
    ("diffusion", (1.0, 2.0, 3.0), r"diffusion: got 3 entries, .*this space has 2 axes \(x, y\)"),
    ("diffusion", tfem.Product("x", "1", "1"), r"diffusion: Product got 3 functions; give one per axis of this space \(x, y\)"),
    ("reaction", tfem.Sum("x"), r"reaction: Sum got 1 function; give one per axis of this space \(x, y\)"),
    ("diffusion", ("1 + y", 1.0), r'diffusion, axis x: formula "1 \+ y": unknown name "y"'),
    ("diffusion", (1.0, lambda x, y: x), r"diffusion, axis y: the function raised TypeError: .*called with 1 array"),
    ("diffusion", None, "diffusion: got None; allowed are a positive number"),
    ("diffusion", True, "diffusion: got True; allowed are a positive number"),
    ("reaction", [1.0, 2.0], r"reaction: got \[1.0, 2.0\]; allowed are a number, .* or a Sum"),
]


@pytest.mark.parametrize(("name", "given", "said"), REFUSED)
def test_other_coefficients_are_refused(name: str, given: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        tfem.Poisson(tfem.Space(*BASES[:2]), 1.0, boundary=0.0, **{name: given})


def test_equal_axes_share_a_pencil_and_others_do_not() -> None:
    """Their eigenbasis is computed once; anything that makes the matrices differ makes two pencils."""
    cube = tfem.box(x=(0, 1), y=(5, 6), z=(0, 2), cells=(4, 4, 4), degree=2)
    x, y, z = tfem.Poisson(cube, 1.0, boundary=0.0).operator.pencils
    assert x is y
    assert x is not z
    for data in (
        {"boundary": {"x-": tfem.Neumann(0.0), "*": 0.0}},
        {"boundary": {"x-": tfem.Robin(1.0), "y-": tfem.Robin(2.0), "*": 0.0}},
        {"boundary": 0.0, "diffusion": (1.0, 2.0, 1.0)},
        {"boundary": 0.0, "diffusion": ("1", lambda y: 1 + y, 1.0)},
        {"boundary": 0.0, "reaction": tfem.Sum("x", "y", 0.0)},
    ):
        pencils = tfem.Poisson(cube, 1.0, **data).operator.pencils
        assert pencils[0] is not pencils[1]
