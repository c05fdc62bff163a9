"""The matrices of one axis: identities that integrals keep, and what the ends leave of them."""

import itertools

import numpy as np
import pytest
from scipy.integrate import quad

from tensorfem.axis import AxisMatrices, BSpline, Lagrange, Mesh, bilinear, convection, graded, interval, mass, stiffness
from tensorfem.kron import KroneckerSum, Trigonometry

EPS = np.finfo(float).eps
ENDS = list(itertools.product("DNR", repeat=2))


def smooth(x):
    return np.exp(x) + x**2


def test_mass_is_symmetric_positive_and_adds_up_to_the_length(basis) -> None:
    matrix = mass(basis).toarray()
    assert np.abs(matrix - matrix.T).max() <= 4 * EPS * np.abs(matrix).max()
    scale = np.diag(matrix) ** -0.5
    assert np.linalg.eigvalsh(scale[:, None] * matrix * scale).min() > 1e-5
    assert matrix.sum() == pytest.approx(basis.mesh.length, rel=100 * basis.degree * EPS)


def test_stiffness_is_symmetric_and_knows_the_constant_alone(basis, magnitude) -> None:
    matrix = stiffness(basis).toarray()
    energy = (basis.mesh.sizes * magnitude(basis, 1) ** 2).max()
    assert np.abs(matrix - matrix.T).max() <= 4 * EPS * energy
    assert np.abs(matrix.sum(axis=1)).max() <= 100 * basis.degree**2 * EPS * energy
    scale = np.diag(mass(basis).toarray()) ** -0.5
    eigenvalues = np.linalg.eigvalsh(scale[:, None] * matrix * scale)
    assert abs(eigenvalues[0]) < 1e-12 * energy * scale.max() ** 2
    if basis.mesh.sizes.max() < 1e6 * basis.mesh.sizes.min():
        assert np.all(eigenvalues[1:] > 1e-10 * eigenvalues[-1])


def test_integration_by_parts_leaves_the_ends(basis) -> None:
    """The integral of (phi_i phi_j)' is its value at the end less that at the start: zero on a periodic axis."""
    matrix = convection(basis).toarray()
    ends = np.zeros_like(matrix)
    if not basis.mesh.periodic:
        start, end = basis.evaluate(basis.mesh.bounds).toarray()
        ends = np.outer(end, end) - np.outer(start, start)
    assert np.abs(matrix + matrix.T - ends).max() < 1e3 * basis.degree * EPS
    assert np.abs(matrix.sum(axis=1)).max() < 1e3 * basis.degree * EPS


def test_the_slope_of_x_has_energy_one_per_length(open_basis) -> None:
    """K, C and M on the coefficients of 1 and x: exact integrals of polynomials."""
    basis, (start, end) = open_basis, open_basis.mesh.bounds
    one, x = np.ones(basis.size), np.linalg.solve(basis.collocation.toarray(), basis.nodes)
    rounding = 1e3 * basis.degree**2 * EPS * max(1.0, float(np.abs(stiffness(basis)).max()))
    assert x @ (stiffness(basis) @ x) == pytest.approx(end - start, abs=rounding)
    assert one @ (convection(basis) @ x) == pytest.approx(end - start, abs=rounding)
    assert x @ (mass(basis) @ x) == pytest.approx((end**3 - start**3) / 3, abs=rounding)
    assert x @ (convection(basis) @ x) == pytest.approx((end**2 - start**2) / 2, abs=rounding)


def test_the_root_squared_is_the_stiffness(basis) -> None:
    root = AxisMatrices(basis).root()
    matrix = stiffness(basis)
    assert np.abs((root.T @ root - matrix).toarray()).max() <= 100 * EPS * np.abs(matrix).max()
    assert root.shape[0] == basis.mesh.cells * (basis.degree + 1)


@pytest.mark.parametrize(
    "basis_",
    [
        Lagrange(graded(-1, 0.5, 3, 5, toward="right"), 2),
        Lagrange(interval(0.25, 2, 2), 5),
        BSpline(Mesh([0.5, 0.7, 1.5, 1.6], periodic=True), 2),
    ],
    ids=repr,
)
@pytest.mark.parametrize(("test", "trial", "form"), [(0, 0, mass), (1, 1, stiffness), (0, 1, convection), (1, 0, None)])
def test_weighted_matrices_are_integrals(basis_, test, trial, form) -> None:
    """Against adaptive quadrature, cell by cell, of each pair of functions."""
    basis = basis_
    matrix = (form(basis, smooth, points=14) if form else bilinear(basis, smooth, test=test, trial=trial, points=14)).toarray()

    def integrand(x: float, i: int, j: int) -> float:
        return float(smooth(x) * basis.evaluate([x], test).toarray()[0, i] * basis.evaluate([x], trial).toarray()[0, j])

    cells = list(itertools.pairwise(basis.mesh.nodes))
    for i, j in ((0, 0), (0, 1), (1, 0), (basis.size - 1, 1), (basis.size - 1, 0)):
        inside = [(a + 1e-14, b - 1e-14) for a, b in cells]
        expected = sum(quad(integrand, a, b, args=(i, j), epsabs=1e-12, epsrel=1e-11)[0] for a, b in inside)
        assert matrix[i, j] == pytest.approx(expected, abs=1e-10)


def test_default_quadrature_is_exact_for_constant_weights(basis, magnitude) -> None:
    for form, orders in ((mass, (0, 0)), (stiffness, (1, 1)), (convection, (0, 1))):
        usual, finer = form(basis, 2.5).toarray(), form(basis, 2.5, points=basis.degree + 4).toarray()
        scale = (basis.mesh.sizes * np.prod([magnitude(basis, order) for order in orders], axis=0)).max()
        assert np.abs(usual - finer).max() <= 100 * basis.degree * EPS * scale
        assert np.abs(usual - 2.5 * form(basis).toarray()).max() <= 30 * EPS * scale


def test_matrices_of_a_cell_of_degree_one_and_two() -> None:
    h = 0.4
    one, two = (Lagrange(interval(0.3, 0.7, 1), p) for p in (1, 2))
    assert stiffness(one).toarray() == pytest.approx(np.array([[1, -1], [-1, 1]]) / h, rel=1e-14)
    assert mass(one).toarray() == pytest.approx(h / 6 * np.array([[2, 1], [1, 2]]), rel=1e-14)
    assert stiffness(two).toarray() == pytest.approx(np.array([[7, -8, 1], [-8, 16, -8], [1, -8, 7]]) / (3 * h), rel=1e-13)
    assert mass(two).toarray() == pytest.approx(h / 30 * np.array([[4, 2, -1], [2, 16, 2], [-1, 2, 4]]), rel=1e-13, abs=1e-16)


def marks(ends) -> tuple[bool, bool]:
    return ends[0] == "D", ends[1] == "D"


def robin(ends) -> tuple[float, float]:
    return tuple(value if end == "R" else 0.0 for value, end in zip((1.75, 0.5), ends, strict=True))


@pytest.mark.parametrize("ends", ENDS, ids="".join)
@pytest.mark.parametrize("family", [lambda m: Lagrange(m, 1), lambda m: Lagrange(m, 3), lambda m: BSpline(m, 3, 1)])
@pytest.mark.parametrize("reaction", [None, lambda x: 1 + x**2])
def test_the_ends_leave_the_free_rows_and_columns(family, ends, reaction) -> None:
    basis = family(graded(-1, 0.5, 4, 20, toward="right"))
    axis = AxisMatrices(basis, diffusion=smooth, weight=np.exp, reaction=reaction, robin=robin(ends))
    full = stiffness(basis, smooth).toarray() + (mass(basis, reaction).toarray() if reaction else 0)
    full[0, 0] += robin(ends)[0]
    full[-1, -1] += robin(ends)[1]
    masses = mass(basis, np.exp).toarray()
    free = slice(int(ends[0] == "D"), basis.size - int(ends[1] == "D"))
    assert axis.free(marks(ends)) == free
    pencil = axis.restrict(marks(ends))
    rounding = 100 * EPS * np.abs(full).max()
    assert pencil.size == len(masses[free])
    assert np.abs(pencil.stiffness.toarray() - full[free, free]).max() < rounding
    assert np.abs((pencil.root.T @ pencil.root).toarray() - full[free, free]).max() < rounding
    assert pencil.mass.toarray() == pytest.approx(masses[free, free], abs=1e-14)
    for matrix, expected in zip(axis.coupling(marks(ends)), (full[free], masses[free]), strict=True):
        assert matrix.shape == expected.shape
        assert np.abs(matrix.toarray() - expected).max() < rounding
    natural = ends == ("N", "N") and reaction is None
    assert (pencil.null_vector is not None) is natural
    if natural:
        assert np.array_equal(pencil.null_vector, np.ones(basis.size))
        assert pencil.eigenbasis().eigenvalues[0] == 0
        assert np.ptp(pencil.eigenbasis().vectors[:, 0]) == 0
    assert pencil.trigonometry is None


def test_lifting_solves_the_wall_of_r21() -> None:
    """R21: -k u'' = 0, u(0) = T, k u'(L) + h u(L) = h T_a; nodal values exact: T - (T - T_a) h x / (k + h L)."""
    k, h, length, inside, outside = 0.8, 3.5, 0.6, 20.0, -5.0
    basis = Lagrange(graded(0, length, 7, 40, toward="right"), 2)
    axis = AxisMatrices(basis, diffusion=k, robin=(0.0, h))
    ends = (True, False)
    load = np.zeros(basis.size)
    load[-1] = h * outside
    lifted = np.zeros(basis.size)
    lifted[0] = inside
    free = axis.free(ends)
    coupled, _ = axis.coupling(ends)
    solution = lifted.copy()
    solution[free] = np.linalg.solve(axis.restrict(ends).stiffness.toarray(), load[free] - coupled @ lifted)
    assert solution == pytest.approx(inside - (inside - outside) * h * basis.nodes / (k + h * length), abs=1e-11)


UNIFORM, PERIODIC = interval(0.25, 2, 6), interval(0.25, 2, 6, periodic=True)


@pytest.mark.parametrize("basis_", [Lagrange(UNIFORM, 1), BSpline(UNIFORM, 1)], ids=repr)
@pytest.mark.parametrize("ends", ENDS, ids="".join)
def test_uniform_axes_of_degree_one_are_trigonometric_without_robin_ends(basis_, ends) -> None:
    pencil = AxisMatrices(basis_, diffusion=2.5, weight=0.3, robin=robin(ends)).restrict(marks(ends))
    if "R" in ends:
        assert pencil.trigonometry is None
        return
    names = {"D": "dirichlet", "N": "neumann"}
    assert pencil.trigonometry == Trigonometry("-".join(names[end] for end in ends), 1.75, 6, (2.5, 0.3))


def test_what_is_not_uniform_constant_and_of_degree_one_is_not_trigonometric() -> None:
    assert AxisMatrices(Lagrange(PERIODIC, 1)).restrict((False, False)).trigonometry == Trigonometry("periodic", 1.75, 6)
    for axis in (
        AxisMatrices(Lagrange(UNIFORM, 2)),
        AxisMatrices(Lagrange(Mesh([0, 1, 2, 3 + 1e-9]), 1)),
        AxisMatrices(Lagrange(UNIFORM, 1), diffusion=lambda x: 1 + 0 * x),
        AxisMatrices(Lagrange(UNIFORM, 1), weight=np.exp),
        AxisMatrices(Lagrange(UNIFORM, 1), reaction=lambda x: 1 + 0 * x),
    ):
        assert axis.restrict((True, False)).trigonometry is None


@pytest.mark.parametrize("cells", [3, 12])
def test_discrete_eigenvalues_are_the_textbook_s(cells) -> None:
    """R8: (6/h^2)(1 - cos k pi h)/(2 + cos k pi h) on [0, 1]."""
    basis = AxisMatrices(Lagrange(interval(0, 1, cells), 1)).restrict((True, True)).eigenbasis()
    cosine = np.cos(np.arange(1, cells) * np.pi / cells)
    assert basis.eigenvalues == pytest.approx(6 * cells**2 * (1 - cosine) / (2 + cosine), rel=1e-12)


@pytest.mark.parametrize("ends", ["DD", "DN", "ND", "NN", "periodic"])
def test_dense_and_trigonometric_eigenbases_agree(ends) -> None:
    closed = ends == "periodic"
    axis = AxisMatrices(Lagrange(interval(0.25, 2, 256, periodic=closed), 1), diffusion=2.5, weight=0.3)
    pencil = axis.restrict((False, False) if closed else marks(ends))
    assert pencil.is_trigonometric
    fast = pencil.eigenbasis()
    vectors, values = fast.backward(np.eye(pencil.size), axis=0), fast.eigenvalues
    assert np.abs(vectors.T @ (pencil.mass @ vectors) - np.eye(pencil.size)).max() < 1e-12
    assert np.abs(vectors.T @ (pencil.stiffness @ vectors) - np.diag(values)).max() < 1e-12 * values[-1]


def test_the_stencil_of_bilinear_elements_on_squares() -> None:
    """R9: (1/3)[-1 -1 -1; -1 8 -1; -1 -1 -1], whatever the size of the squares."""
    pencils = [AxisMatrices(Lagrange(interval(0, 0.3 * cells, cells), 1)).restrict((False, False)) for cells in (5, 4)]
    row = KroneckerSum(pencils).toarray().reshape(6, 5, 6, 5)[2, 2]
    expected = np.zeros((6, 5))
    expected[1:4, 1:4] = -1 / 3
    expected[2, 2] = 8 / 3
    assert row == pytest.approx(expected, abs=1e-14)


def test_a_constant_may_be_any_number_and_a_function_may_return_one() -> None:
    basis = Lagrange(UNIFORM, 2)
    doubled = 2 * mass(basis).toarray()
    assert mass(basis, 2).toarray() == pytest.approx(doubled, rel=1e-14)
    assert mass(basis, lambda x: 2).toarray() == pytest.approx(doubled, rel=1e-14)
