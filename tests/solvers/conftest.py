"""What the tests of solvers share: the registry of operators, with what is known of each, and the registry of solvers."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from tensorfem.axis import AxisMatrices, BSpline, Lagrange, Mesh, graded, interval
from tensorfem.kron import KroneckerOperator, KroneckerProduct, KroneckerSum, SeparableOperator, outer
from tensorfem.solvers import (
    AMG,
    CG,
    Auto,
    Direct,
    FastDiagonalization,
    Jacobi,
    LinearSolution,
    Preconditioner,
    PreparedSolve,
    Solver,
    norm,
)

EPS = float(np.finfo(float).eps)
RTOL = 1e-12
D, N = True, False  # ends of an axis: Dirichlet, and anything else


class Axis(NamedTuple):
    """One axis: all that its pencil is made of."""

    mesh: Mesh
    degree: int
    ends: tuple[bool, bool]
    kind: type[Lagrange] | type[BSpline] = Lagrange
    robin: tuple[float, float] = (0.0, 0.0)
    diffusion: Any = 1.0
    weight: Any = 1.0

    def matrices(self, **changed: Any) -> Any:
        axis = self._replace(**changed)
        basis = axis.kind(axis.mesh, axis.degree)
        return AxisMatrices(basis, diffusion=axis.diffusion, weight=axis.weight, robin=axis.robin).restrict(axis.ends)


def sum_of(*axes: Axis, shift: float = 0.0) -> KroneckerSum:
    return KroneckerSum([axis.matrices() for axis in axes], shift)


def separable(*axes: Axis, reaction: float) -> SeparableOperator:
    """A product diffusion, (1 + x)(1 + y)..., beside a reaction: the masses of the terms differ."""
    weighted = [axis.matrices(diffusion=lambda x: 1 + x, weight=lambda x: 1 + x) for axis in axes]
    plain = [axis.matrices().mass for axis in axes]
    terms = list(KroneckerSum(weighted).terms)
    terms.append(KroneckerProduct(reaction * plain[0], *plain[1:]))
    nearest = KroneckerSum([axis.matrices(diffusion=1.5, weight=1.5) for axis in axes], abs(reaction))
    return SeparableOperator(terms, approximation=nearest if reaction > 0 else None, definite=reaction > 0)


# Shapes decrease and differ from axis to axis, as do degrees, meshes and ends.
UNIFORM = Axis(interval(0, 2, cells=9), 1, (D, D))
HALF = Axis(interval(0, 1, cells=7), 1, (N, D))
FREE = Axis(interval(0, 3, cells=6), 1, (N, N))
CURVED = Axis(graded(0, 1, cells=5, size_ratio=20), 2, (D, N))
ROBIN = Axis(interval(0, 1, cells=4), 2, (N, N), robin=(2.0, 0.5))
SPLINE = Axis(interval(-1, 1, cells=5), 3, (N, D), BSpline)
FREE_SPLINE = Axis(graded(0, 1, cells=4, size_ratio=5, toward="right"), 2, (N, N), BSpline)
RING = Axis(interval(0, 1, cells=5, periodic=True), 1, (N, N))
SPLINE_RING = Axis(interval(0, 2, cells=8, periodic=True), 3, (N, N), BSpline)

OPERATORS: dict[str, Callable[[], KroneckerOperator]] = {
    "1d, one unknown": lambda: sum_of(UNIFORM._replace(mesh=interval(0, 1, cells=2))),
    "1d, Dirichlet": lambda: sum_of(UNIFORM),
    "1d, graded": lambda: sum_of(CURVED._replace(mesh=graded(0, 1, cells=12, size_ratio=1e4))),
    "1d, free": lambda: sum_of(FREE._replace(degree=2)),
    "1d, ring": lambda: sum_of(SPLINE_RING),
    "1d, separable": lambda: separable(CURVED, reaction=30.0),
    "2d, mixed": lambda: sum_of(CURVED, SPLINE),
    "2d, Robin": lambda: sum_of(UNIFORM, ROBIN._replace(mesh=interval(0, 1, cells=2))),
    "2d, free": lambda: sum_of(FREE._replace(degree=2), FREE_SPLINE),
    "2d, free and ring": lambda: sum_of(SPLINE_RING, FREE),
    "2d, rings": lambda: sum_of(SPLINE_RING, RING),
    "2d, free with reaction": lambda: sum_of(FREE._replace(degree=2), FREE_SPLINE, shift=2.5),
    "2d, negative reaction": lambda: sum_of(CURVED, HALF, shift=-50.0),
    "2d, separable": lambda: separable(CURVED, SPLINE, reaction=30.0),
    "2d, separable, negative reaction": lambda: separable(CURVED, SPLINE, reaction=-40.0),
    "3d, mixed": lambda: sum_of(SPLINE_RING, HALF, ROBIN._replace(degree=1)),
    "3d, free": lambda: sum_of(FREE, FREE_SPLINE, FREE._replace(mesh=interval(0, 1, cells=2))),
    "3d, rings": lambda: sum_of(SPLINE_RING, RING, RING._replace(mesh=interval(0, 1, cells=4, periodic=True))),
    "3d, negative reaction": lambda: sum_of(SPLINE_RING, HALF, ROBIN._replace(degree=1), shift=-70.0),
    "3d, separable": lambda: separable(CURVED, HALF, ROBIN._replace(degree=1), reaction=30.0),
}

SOLVERS: dict[str, Solver] = {
    "direct": Direct(),
    "fast diagonalization": FastDiagonalization(),
    "cg": CG(rtol=RTOL),
    "cg, jacobi": CG(rtol=RTOL, preconditioner=Jacobi()),
    "cg, amg": CG(rtol=RTOL, preconditioner=AMG()),
    "cg, fast diagonalization": CG(rtol=RTOL, preconditioner=FastDiagonalization()),
    "amg": AMG(rtol=RTOL),
    "amg, symmetric strength": AMG(rtol=RTOL, strength="symmetric"),
    "auto": Auto(),
}

PRECONDITIONERS: dict[str, Preconditioner] = {
    "fast diagonalization": FastDiagonalization(),
    "amg": AMG(),
    "jacobi": Jacobi(),
}


def fits(solver: Solver, operator: Any) -> bool:
    """Whether the solver promises to treat the operator."""
    indefinite = not operator.definite and operator.null_vector is None
    if isinstance(solver, FastDiagonalization):
        return isinstance(operator, KroneckerSum)
    return not (indefinite and isinstance(solver, CG | AMG))


class Case(NamedTuple):
    """An operator, its dense matrix, a right-hand side drawn for it, and the solution of mean zero."""

    operator: Any
    dense: np.ndarray
    rhs: np.ndarray
    solution: np.ndarray
    largest: float  # eigenvalue
    condition: float  # on the complement of the null space

    @property
    def tolerance(self) -> float:
        """By how much, relative to its norm, a solution may be off: by its residual, as far as the condition number magnifies it."""
        return 2 * self.condition * (RTOL + len(self.dense) * EPS)


@functools.cache
def build(name: str) -> Case:
    operator: Any = OPERATORS[name]()
    dense = operator.toarray()
    rhs = np.random.default_rng(sum(map(ord, name))).standard_normal(operator.output_shape)
    sizes = np.sort(np.abs(np.linalg.eigvalsh(dense)))
    if operator.null_vector is None:
        solution = np.linalg.solve(dense, rhs.ravel())
    else:
        # With z^T A = 0, (A + m m^T / z^T m) x = b has the solution of mean zero (m^T x = 0) if z^T b = 0.
        sizes = sizes[1:]
        null, mass = outer(operator.null_vector), operator.mass_vector(operator.null_vector)
        weight = np.vdot(null, mass)
        rhs -= mass * (np.vdot(null, rhs) / weight)
        solution = np.linalg.solve(dense + np.outer(mass, mass) / weight, rhs.ravel())
    rhs.setflags(write=False)
    return Case(operator, dense, rhs, solution.reshape(rhs.shape), float(sizes[-1]), float(sizes[-1] / sizes[0]))


class Pair(NamedTuple):
    """A solver and an operator that it promises to treat, prepared and solved once."""

    solver: Solver
    case: Case
    prepared: PreparedSolve
    record: LinearSolution


@functools.cache
def solve(solver: str, operator: str) -> Pair:
    case = build(operator)
    prepared = SOLVERS[solver].prepare(case.operator)
    return Pair(SOLVERS[solver], case, prepared, prepared(case.rhs))


PAIRS = [f"{solver} | {name}" for name, make in OPERATORS.items() for solver in SOLVERS if fits(SOLVERS[solver], make())]


@pytest.fixture(params=PAIRS)
def pair(request: pytest.FixtureRequest) -> Pair:
    """Every solver with every operator that it promises to treat."""
    return solve(*request.param.split(" | "))


@pytest.fixture(params=[pair for pair in PAIRS if pair.endswith(("free", "ring", "rings"))])
def singular_pair(request: pytest.FixtureRequest) -> Pair:
    """Every solver with every operator that has a null vector."""
    return solve(*request.param.split(" | "))


@pytest.fixture(params=[name for name in OPERATORS if fits(CG(), OPERATORS[name]()) and (name[0] != "1" or "separable" in name)])
def definite_case(request: pytest.FixtureRequest) -> Case:
    """Every operator, of more than a few unknowns, that preconditioners are for."""
    return build(request.param)


@pytest.fixture(params=PRECONDITIONERS)
def preconditioner(request: pytest.FixtureRequest) -> Preconditioner:
    return PRECONDITIONERS[request.param]


@pytest.fixture
def case() -> Callable[[str], Case]:
    """An operator by its name in the registry."""
    return build


@pytest.fixture
def poisson() -> Callable[..., KroneckerSum]:
    """The Laplacian on a box of given cells, and its like."""

    def make(
        *cells: int, degree: int = 1, lengths: tuple[float, ...] = (), ends: tuple[bool, bool] = (D, D), **options: Any
    ) -> KroneckerSum:
        shift = options.pop("shift", 0.0)
        sides = lengths or (1.0,) * len(cells)
        return sum_of(
            *(Axis(interval(0, side, cells=n), degree, ends, **options) for n, side in zip(cells, sides, strict=True)), shift=shift
        )

    return make


@pytest.fixture
def make_separable() -> Callable[..., SeparableOperator]:
    return separable


@pytest.fixture
def ratio() -> Callable[[Any, np.ndarray, np.ndarray], float]:
    """LAPACK's measure of a solution, |b - A x| / (|A| |x| n eps): below 30 it is as good as backward stable."""

    def measure(case: Case, value: np.ndarray, rhs: np.ndarray) -> float:
        residual = norm(case.dense @ value.ravel() - rhs.ravel())
        return residual / (case.largest * norm(value) * len(case.dense) * EPS)

    return measure
