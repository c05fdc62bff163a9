"""Data and an equation together: the dense normal equations, rates, limits, and noisy sparse data fitted better than by smoothness."""

import functools
from typing import Any

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.kron import row_kron
from tensorfem.regression import SumOfProducts, fit_sum_of_products, fit_with_equation

SEED = 60271
BASES = (
    tfem.BSpline(tfem.interval(0, 1, cells=5), degree=3),
    tfem.BSpline(tfem.graded(0, 2, cells=4, size_ratio=3), degree=2),
    tfem.BSpline(tfem.interval(-1, 1, cells=2), degree=3, continuity=1),
)
A = ((lambda x: 1 + x, lambda x: 1 + 0 * x), (lambda y: 3 - y, lambda y: 0 * y - 1), (lambda z: 2 + z, lambda z: 1 + 0 * z))
C = (lambda x: 3 + x, lambda y: y, lambda z: 1 + 0 * z)  # polynomials, for which degree + 2 Gauss points are exact


def space(dimension: int) -> tfem.Space:
    return tfem.Space(*BASES[:dimension])


def scattered(dimension: int, count: int) -> np.ndarray:
    ends = np.array(space(dimension).bounds)
    return ends[:, 0] + np.random.default_rng(SEED).random((count, dimension)) * np.diff(ends, axis=1).T


def dense_strong(dimension: int, product: bool) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """L as an explicit matrix at many Gauss points, their weights and places: coefficients differentiated by hand."""
    rules = [basis.mesh.quadrature(9) for basis in BASES[:dimension]]
    values, own, reacting, conducting = [], [], [], []
    for basis, rule, (a, da), c in zip(BASES, rules, A, C, strict=False):
        phi, slope, bend = (basis.tabulate(rule, k).toarray() for k in range(3))
        x = rule.points[:, None]
        values.append(phi)
        own.append(-a(x) * bend - da(x) * slope)
        reacting.append(c(x) * phi)
        conducting.append(a(x) * phi)
    others = conducting if product else values
    whole = 0.0
    for i in range(dimension):
        whole = whole + functools.reduce(np.kron, [*others[:i], own[i], *others[i + 1 :]])
        whole = whole + functools.reduce(np.kron, [*values[:i], reacting[i], *values[i + 1 :]])
    weights = functools.reduce(np.kron, [rule.weights for rule in rules])
    places = [p.ravel() for p in np.meshgrid(*(rule.points for rule in rules), indexing="ij")]
    return np.asarray(whole), weights, places


def source(*xs: Any) -> Any:
    return (1 + xs[0] ** 2) * (1 if len(xs) < 2 else 1 + xs[1]) - (0 if len(xs) < 3 else xs[2] ** 2)


@pytest.mark.parametrize("count", [30, 400])  # fewer data than unknowns, and more
@pytest.mark.parametrize(("dimension", "product"), [(1, False), (2, False), (2, True), (3, False)])
def test_the_normal_equations_hold(dimension: int, product: bool, count: int) -> None:
    """Against the explicit Kronecker form, with coefficients that vary along all axes."""
    whole, points = space(dimension), scattered(dimension, count)
    y = np.random.default_rng(SEED).standard_normal(count)
    L, weights, places = dense_strong(dimension, product)
    B, f, smoothing = row_kron(*(b.evaluate(x) for b, x in zip(whole.bases, points.T, strict=True))).toarray(), source(*places), 2e-3
    left = B.T @ B / count + smoothing * L.T @ (weights[:, None] * L)
    expected = np.linalg.solve(left, B.T @ y / count + smoothing * L.T @ (weights * f))
    a, c = tuple(pair[0] for pair in A[:dimension]), tfem.Sum(*C[:dimension])
    diffusion = tfem.Product(*a) if product else a
    fit = fit_with_equation(whole, points, y, source=source, diffusion=diffusion, reaction=c, smoothing=smoothing)
    scale = np.abs(expected).max()
    assert np.abs(fit.field.coefficients.ravel() - expected).max() <= 1e-9 * scale
    freedom = np.trace(np.linalg.solve(left, B.T @ B / count))
    assert abs(fit.degrees_of_freedom - freedom) <= 1e-9 * freedom
    assert np.allclose(fit.residuals, y - fit.field(*points.T))
    residual = np.sqrt(np.sum(weights * (L @ fit.field.coefficients.ravel() - f) ** 2))
    assert fit.equation_residual == pytest.approx(residual, rel=1e-9)


def wave(x: Any, y: Any) -> Any:
    return np.sin(5 * x) * np.exp(-y) + x * y


def wave_source(x: Any, y: Any) -> Any:
    return 24 * np.sin(5 * x) * np.exp(-y)


@pytest.mark.parametrize(("degree", "rate"), [(2, 2), (3, 4), (4, 5)])
def test_exact_data_give_the_solution_at_the_rate_of_the_space(degree: int, rate: int) -> None:
    """In L2, p + 1; for degree 2 it is 2, as of least squares of the operator. The equation itself holds to the order p - 1."""
    points = np.random.default_rng(SEED).random((200, 2)) * [1, 2]
    fits = [
        fit_with_equation(
            tfem.box(x=(0, 1), y=(0, 2), cells=(n, n - 1), degree=degree, basis="bspline"),
            points,
            wave(*points.T),
            source=wave_source,
            boundary=wave,
            smoothing=1e-4,
        )
        for n in (8, 16)
    ]
    errors = [fit.field.l2_error(wave) for fit in fits]
    assert np.log2(errors[0] / errors[1]) > rate - 0.2
    assert np.log2(fits[0].equation_residual / fits[1].equation_residual) > degree - 1 - 0.2
    assert errors[1] < {2: 1e-3, 3: 1e-5, 4: 1e-6}[degree]


def ripple(x: Any, y: Any) -> Any:
    return np.sin(3 * np.pi * x) * np.sin(2 * np.pi * y) + x * y


def ripple_source(x: Any, y: Any) -> Any:
    return 13 * np.pi**2 * np.sin(3 * np.pi * x) * np.sin(2 * np.pi * y)


RIPPLED = tfem.box(x=(0, 1), y=(0, 1), cells=12, degree=3, basis="bspline")


def noisy(count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(SEED)
    points = rng.random((count, 2))
    return points, ripple(*points.T) + 0.2 * rng.standard_normal(count)


def best_plain(points: np.ndarray, y: np.ndarray) -> float:
    """The smallest L2 error that second derivatives as the penalty can give, over all weights: chosen with the truth at hand."""
    matrices = [
        [b.tabulate(b.mesh.quadrature(4), k).toarray() * np.sqrt(b.mesh.quadrature(4).weights)[:, None] for k in (0, 1, 2)]
        for b in RIPPLED.bases
    ]
    M, K, S = ([table[k].T @ table[k] for table in matrices] for k in (0, 1, 2))
    rough = np.kron(S[0], M[1]) + 2 * np.kron(K[0], K[1]) + np.kron(M[0], S[1])
    B = row_kron(*(b.evaluate(x) for b, x in zip(RIPPLED.bases, points.T, strict=True))).toarray()
    tried = [np.linalg.solve(B.T @ B / len(y) + w * rough, B.T @ y / len(y)) for w in np.geomspace(1e-9, 1, 19)]
    return min(tfem.Field(RIPPLED, c.reshape(RIPPLED.shape)).l2_error(ripple) for c in tried)


@pytest.mark.parametrize("smoothing", ["gcv", "reml"])
def test_noisy_sparse_data_are_fitted_better_than_by_smoothness(smoothing: str) -> None:
    """The best that plain smoothing could do is beaten without boundary values, and by far with them."""
    points, y = noisy(200)
    plain = best_plain(points, y)
    free = fit_with_equation(RIPPLED, points, y, source=ripple_source, smoothing=smoothing)
    held = fit_with_equation(RIPPLED, points, y, source=ripple_source, boundary=ripple, smoothing=smoothing)
    assert free.field.l2_error(ripple) < 0.85 * plain
    assert held.field.l2_error(ripple) < 0.3 * plain
    assert 0.1 < free.noise < 0.3
    assert free.search is not None
    assert free.search.value <= free.search.values.min()


def test_smoothing_to_infinity_solves_the_equation() -> None:
    """With boundary values it is the equation's own solution; without, the eight harmonic polynomials of the bicubics are left free."""
    points, y = noisy(60)
    held = fit_with_equation(RIPPLED, points, y, source=ripple_source, boundary=ripple, smoothing=1e6)
    assert held.field.l2_error(ripple) < 2e-3
    assert held.degrees_of_freedom < 1e-4
    unlike = fit_with_equation(RIPPLED, points, -3 * y, source=ripple_source, boundary=ripple, smoothing=1e6)
    assert np.abs(unlike.field.values - held.field.values).max() < 1e-4
    free = fit_with_equation(RIPPLED, points, y, source=ripple_source, smoothing=1e9)
    assert free.degrees_of_freedom == pytest.approx(8, abs=1e-3)
    assert free.equation_residual <= held.equation_residual * (1 + 1e-6)


@pytest.mark.parametrize("count", [25, 300])
def test_smoothing_to_zero_meets_the_data(count: int) -> None:
    """Fewer data than unknowns are interpolated; more are fitted by least squares, whatever the equation says."""
    whole, points = space(2), scattered(2, count)
    y = np.random.default_rng(SEED).standard_normal(count)
    fit = fit_with_equation(whole, points, y, source=source, smoothing=0.0)
    B = row_kron(*(b.evaluate(x) for b, x in zip(whole.bases, points.T, strict=True))).toarray()
    least, *_ = np.linalg.lstsq(B, y, rcond=None)
    assert np.allclose(B @ fit.field.coefficients.ravel(), B @ least, rtol=0, atol=1e-6)
    assert fit.degrees_of_freedom == pytest.approx(min(count, whole.size), abs=1e-3)


def test_grids_with_gaps_are_their_points() -> None:
    axes = np.linspace(0, 1, 9), np.linspace(0, 2, 8)
    values = wave(*np.meshgrid(*axes, indexing="ij"))
    values[2, 3] = values[8, 0] = np.nan
    seen = np.isfinite(values)
    table = np.stack([x[seen] for x in np.meshgrid(*axes, indexing="ij")], axis=1)
    one = fit_with_equation(space(2), axes, values, source=wave_source, smoothing=1e-3)
    other = fit_with_equation(space(2), table, values[seen], source=wave_source, smoothing=1e-3)
    assert np.allclose(one.field.coefficients, other.field.coefficients, rtol=0, atol=1e-9)
    assert np.array_equal(np.isnan(one.residuals), ~seen)
    assert np.allclose(one.residuals[seen], other.residuals)


def products_source(whole: tfem.Space) -> SumOfProducts:
    axes = tuple(np.linspace(*ends, 30) for ends in whole.bounds)
    return fit_sum_of_products(axes, source(*np.meshgrid(*axes, indexing="ij")), 1)


@pytest.mark.parametrize(
    "given",
    [
        lambda whole: tfem.Product("1 + x**2", "1 + y"),
        products_source,
        lambda whole: tfem.interpolate(tfem.box(x=(0, 1), y=(0, 2), cells=20, degree=3), source),
        lambda whole: "(1 + x**2)*(1 + y)",
    ],
)
def test_sources_of_all_kinds(given: Any) -> None:
    points = scattered(2, 40)
    expected = fit_with_equation(space(2), points, wave(*points.T), source=source, smoothing=1e-2).field.values
    found = fit_with_equation(space(2), points, wave(*points.T), source=given(space(2)), smoothing=1e-2).field.values
    assert np.abs(found - expected).max() < 1e-4 * np.abs(expected).max()


def test_sums_nodal_values_and_periodic_axes() -> None:
    whole = tfem.Space(tfem.BSpline(tfem.interval(0, 1, cells=8, periodic=True), 3), BASES[1])
    points = np.random.default_rng(SEED).random((40, 2)) * [1, 2]
    y = np.sin(2 * np.pi * points[:, 0])
    given = tfem.Sum("4*pi**2*sin(2*pi*x)", 0.0)
    nodal = tfem.interpolate(whole, lambda x, y: 4 * np.pi**2 * np.sin(2 * np.pi * x) + 0 * y).values
    fields = [fit_with_equation(whole, points, y, source=f, smoothing=1e-2).field for f in (given, nodal)]
    for field in fields:
        assert field.l2_error(lambda x, y: np.sin(2 * np.pi * x) + 0 * y) < 1e-2


def test_dirichlet_values_hold_on_their_faces() -> None:
    points, y = noisy(50)
    fit = fit_with_equation(
        RIPPLED, points, y, source=ripple_source, boundary={"x-": 0.0, ("y-", "y+"): tfem.Dirichlet("x*y")}, smoothing=1.0
    )
    t = np.linspace(0, 1, 13)
    assert np.abs(fit.field(0.0, t)).max() < 1e-12
    assert np.abs(fit.field(t, 1.0) - t).max() < 1e-12
    assert np.abs(fit.field(1.0, t) - t).max() > 1e-6


POINTS, VALUES = scattered(2, 20), np.ones(20)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"space": 3}, "space: got an object of type int; allowed is a Space of B-splines"),
        ({"space": tfem.box(x=(0, 1), y=(0, 2), cells=4, degree=3)}, r"space: axis x has Lagrange\(.*needs BSpline"),
        ({"space": tfem.box(x=(0, 1), y=(0, 2), cells=4, degree=1, basis="bspline")}, r"space: axis x .*needs BSpline"),
        ({"X": POINTS[:, :1]}, r"X: got points with 1 coordinates; this space has 2 \(x, y\)"),
        ({"X": np.add(POINTS, [0, 1.5])}, r"X: y = [\d.]+ lies outside the box, which goes from 0 to 2 there"),
        ({"y": np.ones(19)}, r"y: got an array of shape \(19,\), but X has 20 rows"),
        ({"smoothing": "best"}, "smoothing: got 'best'; allowed are 'gcv', 'reml', or a number >= 0"),
        ({"smoothing": -1}, "smoothing: got -1; allowed is a number >= 0"),
        ({"boundary": {"x+": tfem.Neumann(0.0)}}, r'boundary: face "x\+" has Neumann\(.*allowed are Dirichlet values'),
        ({"boundary": {"z+": 0.0}}, r'unknown face "z\+"'),
        ({"diffusion": "1 + x*y"}, "diffusion: .* general function of all coordinates"),
        ({"X": POINTS[:3], "y": VALUES[:3]}, "the 3 data leave solutions of the homogeneous equation open; give more points"),
    ],
)
def test_mistakes_are_named(given: dict[str, Any], said: str) -> None:
    arguments = {"space": space(2), "X": POINTS, "y": VALUES, **given}
    with pytest.raises(ValueError, match=said):
        fit_with_equation(arguments.pop("space"), arguments.pop("X"), arguments.pop("y"), **{"smoothing": 1.0, **arguments})


def test_too_many_data_and_unknowns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tensorfem.regression.equation_modes.MOST", 15)
    with pytest.raises(ValueError, match="got 20 data and 48 unknowns; one of the two must be at most 15"):
        fit_with_equation(space(2), POINTS, VALUES)
