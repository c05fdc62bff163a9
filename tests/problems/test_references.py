"""Values that others computed: each test states the definition, the value and its source."""

import numpy as np
import pytest

import tensorfem as tfem


def box_of(basis: tfem.Lagrange, dimension: int) -> tfem.Space:
    return tfem.Space(*(basis,) * dimension)


def toward_both_ends(cells: int, degree: int) -> tfem.Lagrange:
    """Fine cells at both ends, for the singularities r^2 log r in corners where f is not 0."""
    return tfem.Lagrange(tfem.graded(0, 1, cells, size_ratio=300.0, toward="both"), degree)


def test_unit_load_on_the_square() -> None:
    """-Lap u = 1, u = 0. Centre: cosh series. Integral: Saint-Venant's torsion constant / 4, tanh series."""
    u = tfem.Poisson(box_of(toward_both_ends(18, 6), 2), 1.0, boundary=0.0).solve()
    assert abs(u(0.5, 0.5) - 0.0736713532815138155639) < 1e-11
    assert abs(u.integral() - 0.0351442537387884288971) < 1e-11


def test_unit_load_on_the_cube() -> None:
    """-Lap u = 1, u = 0. Centre: double series."""
    u = tfem.Poisson(box_of(toward_both_ends(8, 6), 3), "1", boundary=0.0).solve()
    assert abs(u(0.5, 0.5, 0.5) - 0.0562128298294353644108) < 1e-8


@pytest.mark.parametrize("hot", ["x-", "x+", "y-", "y+"])
def test_one_hot_side_of_a_square(hot: str) -> None:
    """The four problems add up to u = 1, and are turned into one another: the centre is at 1/4, whatever the mesh."""
    space = tfem.box(x=(0, 3), y=(0, 3), cells=7, degree=2)
    u = tfem.Poisson(space, 0.0, boundary={hot: 1.0, "*": 0.0}, on_conflict="average").solve()
    assert abs(u(1.5, 1.5) - 1 / 4) < 1e-13


@pytest.mark.parametrize("hot", ["x-", "x+", "y-", "y+", "z-", "z+"])
@pytest.mark.parametrize("basis", ["lagrange", "bspline"])
def test_one_hot_side_of_a_cube(hot: str, basis: str) -> None:
    """Likewise 1/6: a node on an edge takes the mean of two values, one in a corner that of three."""
    space = tfem.box(x=(0, 1), y=(0, 1), z=(0, 1), cells=5, degree=2, basis=basis)
    u = tfem.Poisson(space, 0.0, boundary={hot: 1.0, "*": 0.0}, on_conflict="average").solve()
    assert abs(u(0.5, 0.5, 0.5) - 1 / 6) < 1e-13


MEANS = ("0.09375000", "0.12790179", "0.13733440", "0.13976069", "0.14037251", "0.14052586", "0.14056422", "0.14057382", "0.14057622")


@pytest.mark.parametrize(("level", "mean"), list(enumerate(MEANS, start=1)))
def test_mean_value_on_the_levels_of_deal_ii(level: int, mean: str) -> None:
    """-Lap u = 1 on [-1, 1]^2, u = 0, bilinear elements, 2^level cells a side: results of the tutorial step-3 of deal.II."""
    space = tfem.box(x=(-1, 1), y=(-1, 1), cells=2**level)
    assert f"{tfem.Poisson(space, 1.0, boundary=0.0).solve().mean():.8f}" == mean


def test_spectral_methods_in_matlab() -> None:
    """u_xx + u_yy = 10 sin(8x(y - 1)) on [-1, 1]^2, u = 0. Trefethen, Spectral Methods in MATLAB, p16, prints 9 of the digits."""
    space = box_of(tfem.Lagrange(tfem.graded(-1, 1, cells=20, size_ratio=30.0, toward="both"), 6), 2)
    u = tfem.Poisson(space, lambda x, y: -10 * np.sin(8 * x * (y - 1)), boundary=0.0).solve()
    assert abs(u(2**-0.5, 2**-0.5) - 0.3207159453279) < 1e-10


@pytest.mark.parametrize(
    ("dimension", "expected"), [(1, [1, 4, 9, 16]), (2, [2, 5, 5, 8, 10, 10]), (3, [3, 6, 6, 6])], ids=["line", "square", "cube"]
)
@pytest.mark.parametrize("basis", [tfem.Lagrange, tfem.BSpline])
def test_eigenvalues_of_boxes(basis: type, dimension: int, expected: list[int]) -> None:
    """-Lap u = lambda u, u = 0: lambda / pi^2 is a sum of squares."""
    space = box_of(basis(tfem.interval(0, 1, cells=18), 5), dimension)
    eigenvalues = np.sort(tfem.Poisson(space, 0.0, boundary=0.0).operator.spectrum().eigenvalues(), axis=None)
    assert np.allclose(eigenvalues[: len(expected)] / np.pi**2, expected, rtol=1e-8, atol=0)


def test_eigenvalues_of_linear_elements() -> None:
    """h = 1/n, u = 0 at both ends: (6/h^2)(1 - cos k pi h)/(2 + cos k pi h), textbooks."""
    n = 11
    eigenvalues = tfem.Poisson(tfem.box(x=(0, 1), cells=n), 0.0, boundary=0.0).operator.spectrum().eigenvalues()
    angles = np.arange(1, n) * np.pi / n
    assert np.allclose(eigenvalues, 6 * n**2 * (1 - np.cos(angles)) / (2 + np.cos(angles)), rtol=1e-13)


def test_stencil_of_bilinear_elements_on_squares() -> None:
    """(1/3)[-1 -1 -1; -1 8 -1; -1 -1 -1]: pyamg's `diffusion_stencil_2d(type='FE')`, whatever the size of the squares."""
    space = tfem.box(x=(0, 6), y=(-1, 4), cells=(6, 5))
    operator = tfem.Poisson(space, 0.0, boundary=0.0).operator
    unit = np.zeros((5, 4))
    unit[2, 1] = 1.0
    expected = np.zeros((5, 4))
    expected[1:4, 0:3] = [[-1 / 3, -1 / 3, -1 / 3], [-1 / 3, 8 / 3, -1 / 3], [-1 / 3, -1 / 3, -1 / 3]]
    assert np.allclose(operator @ unit, expected, rtol=0, atol=1e-15)


@pytest.mark.parametrize(("dimension", "multiplicities"), [(1, [1, 1, 1, 1]), (2, [1, 2, 3, 4]), (3, [1, 3, 6])])
def test_harmonic_oscillator(dimension: int, multiplicities: list[int]) -> None:
    """-u''/2 + x^2 u/2 in d dimensions has the eigenvalues n + d/2; on |x| < 8 the walls do not show before exp(-64)."""
    space = box_of(tfem.Lagrange(tfem.interval(-8, 8, cells=16), 6), dimension)
    well = tfem.Sum(*["x**2/2", lambda y: y**2 / 2, "z**2/2"][:dimension])
    operator = tfem.Poisson(space, 0.0, diffusion=0.5, reaction=well, boundary=0.0).operator
    expected = np.repeat(np.arange(len(multiplicities)) + dimension / 2, multiplicities)
    assert np.allclose(np.sort(operator.spectrum().eigenvalues(), axis=None)[: expected.size], expected, rtol=1e-6)


def test_wall_of_two_layers() -> None:
    """Conductivities k1, k2, thicknesses a, b: the flux is dT / (a/k1 + b/k2), and linear elements are exact in the nodes."""
    k1, k2, a, b = 0.8, 0.04, 0.3, 0.12
    mesh = tfem.Mesh(np.concatenate([np.linspace(0, a, 4), a + np.array([0.02, 0.05, b])]))
    conductivity = lambda x: np.where(x < a, k1, k2)  # noqa: E731
    u = tfem.Poisson(
        tfem.Space(tfem.Lagrange(mesh, 1)), 0.0, diffusion=conductivity, boundary={"x-": tfem.Dirichlet(20.0), "x+": tfem.Dirichlet(-5.0)}
    ).solve()
    flux = 25.0 / (a / k1 + b / k2)
    x = mesh.nodes
    assert np.allclose(u.values, np.where(x <= a, 20 - flux * x / k1, -5 + flux * (a + b - x) / k2), rtol=0, atol=1e-12)
    assert np.allclose([-k1 * u.gradient(0.1)[0], -k2 * u.gradient(0.4)[0]], flux, rtol=1e-12)


@pytest.mark.parametrize("eps", [1e-2, 1e-4, 1e-8])
def test_boundary_layers(eps: float) -> None:
    """-eps u'' + u = 1, u(0) = u(1) = 0: u = 1 - cosh((2x - 1)/(2 sqrt eps)) / cosh(1/(2 sqrt eps)), on a mesh that is fine in both."""
    space = tfem.Space(tfem.Lagrange(tfem.graded(0, 1, cells=80, size_ratio=1e5, toward="both"), 4))

    def exact(x):
        root = np.sqrt(eps)
        return 1 - (np.exp(-x / root) + np.exp((x - 1) / root)) / (1 + np.exp(-1 / root))

    u = tfem.Poisson(space, 1.0, diffusion=eps, reaction=1.0, boundary=0.0).solve()
    assert u.linf_error(exact) < 2e-6


@pytest.mark.parametrize("spelling", ["flux", "ambient"])
def test_wall_with_a_convective_end(spelling: str) -> None:
    """-k u'' = 0, u(0) = T, k u'(L) + h u(L) = h T_a: u = T - (T - T_a) h x / (k + h L); linear elements are exact in the nodes."""
    k, h, length, inside, outside = 0.7, 8.0, 0.25, 21.0, -3.0
    space = tfem.Space(tfem.Lagrange(tfem.graded(0, length, cells=5, size_ratio=9, toward="right"), 1))
    robin = tfem.Robin(h, ambient=outside) if spelling == "ambient" else tfem.Robin(h, flux=h * outside)
    u = tfem.Poisson(space, 0.0, diffusion=k, boundary={"x-": inside, "x+": robin}).solve()
    x = space.nodes[0]
    assert np.allclose(u.values, inside - (inside - outside) * h * x / (k + h * length), rtol=0, atol=1e-12)


def test_robin_at_both_ends() -> None:
    """-u'' = -cosh(x) on [-0.5, 1.2], u = cosh(x): du/dn + h u at each end from u."""
    a, b, low, high = -0.5, 1.2, 0.3, 2.5
    boundary = {
        "x-": tfem.Robin(low, flux=-np.sinh(a) + low * np.cosh(a)),
        "x+": tfem.Robin(high, ambient=np.sinh(b) / high + np.cosh(b)),
    }
    space = tfem.Space(tfem.BSpline(tfem.interval(a, b, cells=20), 5))
    u = tfem.Poisson(space, "-(exp(x) + exp(-x))/2", boundary=boundary).solve()
    assert u.linf_error(np.cosh) < 1e-10
