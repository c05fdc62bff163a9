"""The elementwise fit on grids is the dense penalized least-squares fit, with its traces, criteria and variances."""

import functools
import itertools
from typing import Any, NamedTuple

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.regression import OneHot, Polynomials, SeparableRegressor
from tensorfem.regression.criteria import CRITERIA
from tensorfem.regression.fit import evidence
from tensorfem.regression.modes import axis_modes
from tensorfem.regression.search import candidates, search
from tensorfem.regression.spectrum import ModeSpectrum

RNG = np.random.default_rng(74_093)


class Dense(NamedTuple):
    """A penalized least-squares fit written out."""

    design: np.ndarray
    penalty: np.ndarray
    values: np.ndarray

    @property
    def matrix(self) -> np.ndarray:
        return self.design.T @ self.design / self.values.size + self.penalty

    @property
    def coefficients(self) -> np.ndarray:
        return np.linalg.solve(self.matrix, self.design.T @ self.values / self.values.size)

    @property
    def hat(self) -> np.ndarray:
        return self.design @ np.linalg.solve(self.matrix, self.design.T) / self.values.size

    @property
    def residuals(self) -> np.ndarray:
        return self.values - self.design @ self.coefficients


CASES: dict[str, tuple[Any, tuple[np.ndarray, ...], Any, tuple[float, ...]]] = {
    "one axis": ((7,), (np.linspace(0, 1, 40),), 2, (1e-4,)),
    "two axes": ((5, 4), (np.linspace(0, 3, 17), np.sort(RNG.uniform(-1, 1, 12))), (2, 1), (1e-3, 2e-2)),
    "three axes": (
        (4, Polynomials(2, (0, 1)), OneHot(3)),
        (np.linspace(0, 2, 9), np.linspace(0, 1, 6), np.arange(3.0)),
        1,
        (1e-2, 3e-3, 0.1),
    ),
    "four axes": (
        (2, 1, 1, Polynomials(1, (0, 1))),
        tuple(np.linspace(0, 1, n) for n in (7, 6, 5, 4)),
        (2, 2, 1, 1),
        (1e-3, 1e-2, 0.1, 1.0),
    ),
}


def problem(name: str) -> tuple[SeparableRegressor, tuple[np.ndarray, ...], np.ndarray]:
    bases, axes, penalty, smoothing = CASES[name]
    values = np.random.default_rng(8_117).standard_normal([x.size for x in axes]) + 3.0
    return SeparableRegressor(bases, penalty=penalty, smoothing=smoothing), axes, values


def dense(fitted: SeparableRegressor, axes: tuple[np.ndarray, ...], values: np.ndarray, smoothing: Any = None) -> Dense:
    """One Gram matrix per axis beside the roughness of the others, by np.kron."""
    matrices = [basis.matrix(x).toarray() for basis, x in zip(fitted.bases_, axes, strict=True)]
    grams = [B.T @ B / len(B) for B in matrices]
    orders = np.broadcast_to(fitted.penalty, len(axes))
    roots = [
        basis.root(int(order)).toarray() if hasattr(basis.root(int(order)), "toarray") else basis.root(int(order))
        for basis, order in zip(fitted.bases_, orders, strict=True)
    ]
    penalty = sum(
        weight * functools.reduce(np.kron, [R.T @ R if i == axis else G for i, (R, G) in enumerate(zip(roots, grams, strict=True))])
        for axis, weight in enumerate(smoothing or fitted.smoothing_)
    )
    return Dense(functools.reduce(np.kron, matrices), penalty, values.ravel())


@pytest.mark.parametrize("name", CASES)
def test_it_is_the_dense_fit(name: str) -> None:
    estimator, axes, values = problem(name)
    kept = values.copy()
    fitted = estimator.fit(axes, values)
    assert fitted is estimator
    full = dense(fitted, axes, values)
    rounding = 1e3 * np.finfo(float).eps * np.linalg.cond(full.matrix) * np.abs(full.coefficients).max()
    assert np.abs(fitted.coefficients_.ravel() - full.coefficients).max() < rounding
    assert fitted.predict(axes).ravel() == pytest.approx(full.design @ full.coefficients, abs=1e-10)
    assert fitted.residuals_.ravel() == pytest.approx(full.residuals, abs=1e-10)
    assert fitted.degrees_of_freedom_ == pytest.approx(np.trace(full.hat), rel=1e-10)
    noise = np.sqrt(np.sum(full.residuals**2) / (values.size - np.trace(full.hat)))
    assert fitted.noise_ == pytest.approx(noise, rel=1e-10)
    assert np.array_equal(values, kept)


@pytest.mark.parametrize("name", CASES)
def test_standard_errors_are_the_diagonal_of_the_inverse(name: str) -> None:
    estimator, axes, values = problem(name)
    fitted = estimator.fit(axes, values)
    full = dense(fitted, axes, values)
    variances = fitted.noise_**2 / values.size * np.diag(full.design @ np.linalg.inv(full.matrix) @ full.design.T)
    assert fitted.standard_error(axes).ravel() == pytest.approx(np.sqrt(variances), rel=1e-9)
    lower, upper = fitted.band(axes, level=0.9)
    assert (upper - lower).ravel() == pytest.approx(2 * 1.6448536269514722 * np.sqrt(variances), rel=1e-9)
    assert (upper + lower) / 2 == pytest.approx(fitted.predict(axes), abs=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_a_table_of_points_gives_what_the_grid_gives(name: str) -> None:
    estimator, axes, values = problem(name)
    fitted = estimator.fit(axes, values)
    table = np.array(list(itertools.product(*axes)))
    assert fitted.predict(table) == pytest.approx(fitted.predict(axes).ravel(), abs=1e-12)
    assert fitted.standard_error(table) == pytest.approx(fitted.standard_error(axes).ravel(), rel=1e-10)


@pytest.mark.parametrize("name", ["one axis", "two axes", "three axes"])
def test_the_criteria_are_those_of_the_dense_fit(name: str) -> None:
    """GCV by its definition; REML from the determinants of the penalized normal matrix and of the penalty (Wood 2011)."""
    estimator, axes, values = problem(name)
    fitted = estimator.fit(axes, values)
    orders = np.broadcast_to(fitted.penalty, len(axes))
    modes = [axis_modes(b.matrix(x), b.root(int(o))) for b, x, o in zip(fitted.bases_, axes, orders, strict=True)]
    _, known = evidence(ModeSpectrum(modes), values)

    def both(smoothing: tuple[float, ...]) -> tuple[float, float]:
        full = dense(fitted, axes, values, smoothing)
        n, rss = values.size, float(np.sum(full.residuals**2))
        eigenvalues = np.linalg.eigvalsh(full.penalty)
        positive = eigenvalues[eigenvalues > 1e-9 * eigenvalues[-1]]
        free = n - (eigenvalues.size - positive.size)
        penalized = rss + n * full.coefficients @ full.penalty @ full.coefficients
        determinants = np.linalg.slogdet(full.matrix)[1] - np.sum(np.log(positive))
        return n * rss / (n - np.trace(full.hat)) ** 2, free * np.log(penalized / n) + determinants

    weights = [CASES[name][3], tuple(7.0 * s for s in CASES[name][3])]
    expected = np.array([both(w) for w in weights])
    assert [CRITERIA["gcv"](known, w) for w in weights] == pytest.approx(expected[:, 0], rel=1e-9)
    differences = np.diff([CRITERIA["reml"](known, w) for w in weights])
    assert differences == pytest.approx(np.diff(expected[:, 1]), rel=1e-7)


@pytest.mark.parametrize("criterion", CRITERIA)
def test_the_smoothing_chosen_is_a_minimum(criterion: str) -> None:
    x, y = np.linspace(0, 1, 60), np.linspace(0, 2, 40)
    values = np.sin(6 * x)[:, None] * np.cos(3 * y) + 0.2 * RNG.standard_normal((60, 40))
    fitted = SeparableRegressor((12, 8), smoothing=criterion).fit((x, y), values)
    found = fitted.search_
    assert found is not None
    assert found.values.shape == tuple(c.size for c in found.candidates) == (32, 32)
    assert found.value <= found.values.min()
    modes = [axis_modes(b.matrix(p), b.root(2)) for b, p in zip(fitted.bases_, (x, y), strict=True)]
    _, known = evidence(ModeSpectrum(modes), values)
    at = CRITERIA[criterion](known, fitted.smoothing_)
    assert at == pytest.approx(found.value, rel=1e-12)
    for factors in ((1.3, 1.0), (1 / 1.3, 1.0), (1.0, 1.3), (1.0, 1 / 1.3)):
        assert CRITERIA[criterion](known, tuple(np.multiply(fitted.smoothing_, factors))) >= at


def test_each_axis_gets_its_own_smoothing() -> None:
    """Rough along x, straight along y: only y is smoothed away."""
    x, y = np.linspace(0, 1, 80), np.linspace(0, 1, 50)
    values = np.sin(20 * x)[:, None] + y + 0.1 * RNG.standard_normal((80, 50))
    fitted = SeparableRegressor((25, 10)).fit((x, y), values)
    assert fitted.smoothing_[1] > 1e3 * fitted.smoothing_[0]
    turned = SeparableRegressor((10, 25)).fit((y, x), values.T)
    assert turned.smoothing_[::-1] == pytest.approx(fitted.smoothing_, rel=0.05)


@pytest.mark.parametrize("criterion", CRITERIA)
def test_noise_and_bands_hold_what_they_promise(criterion: str) -> None:
    """Over the whole surface about 95 % of the truth lies inside the band (Nychka 1988), and the noise is found."""
    x, y = np.linspace(0, 1, 90), np.linspace(0, 2, 70)
    truth = np.exp(-3 * x)[:, None] * np.cos(3 * y)
    fitted = SeparableRegressor(smoothing=criterion).fit((x, y), truth + 0.3 * RNG.standard_normal(truth.shape))
    lower, upper = fitted.band((x, y))
    assert 0.9 < np.mean((lower < truth) & (truth < upper)) <= 1.0
    assert fitted.noise_ == pytest.approx(0.3, rel=0.05)
    assert np.sqrt(np.mean((fitted.predict((x, y)) - truth) ** 2)) < 0.3 / 5


def test_without_smoothing_it_interpolates_and_with_much_it_is_a_plane() -> None:
    x, y = np.linspace(0, 1, 8), np.linspace(0, 1, 6)
    values = RNG.standard_normal((8, 6))
    assert SeparableRegressor((5, 3), smoothing=0).fit((x, y), values).predict((x, y)) == pytest.approx(values, abs=1e-11)
    flat = SeparableRegressor((5, 3), smoothing=1e12).fit((x, y), values).predict((x, y))
    plane = np.stack([np.ones((8, 6)), np.broadcast_to(x[:, None], (8, 6)), np.broadcast_to(y, (8, 6)), x[:, None] * y], axis=-1)
    best = plane @ np.linalg.lstsq(plane.reshape(48, 4), values.ravel(), rcond=None)[0]
    assert flat == pytest.approx(best, abs=1e-8)


def test_least_squares_without_enough_data_has_the_minimum_norm() -> None:
    """One axis with more cells than data: those unseen stay 0."""
    fitted = SeparableRegressor((OneHot(5), OneHot(4)), smoothing="minimum norm").fit(
        (np.array([0.0, 3.0, 3.0]), np.arange(4.0)), RNG.standard_normal((3, 4))
    )
    assert np.abs(fitted.coefficients_[[1, 2, 4]]).max() == 0
    assert np.all(fitted.coefficients_[[0, 3]] != 0)


def test_the_search_is_not_lost_where_nothing_can_be_smoothed() -> None:
    modes = [axis_modes(np.eye(3), np.zeros((0, 3)))]
    found = search(lambda smoothing: 1.0, candidates(modes))
    assert (found.smoothing, found.value, found.values.shape) == ((1.0,), 1.0, (1,))


def test_fields_come_from_fits_on_spaces() -> None:
    x, y = np.linspace(0, 1, 30), np.linspace(0, 2, 20)
    values = x[:, None] ** 2 + y**3
    fitted = SeparableRegressor((6, tfem.Lagrange(tfem.interval(0, 2, cells=5), 3)), smoothing=0).fit((x, y), values)
    u = fitted.to_field()
    assert u.space.shape == fitted.coefficients_.shape
    assert u(0.3, 1.1) == pytest.approx(0.3**2 + 1.1**3, abs=1e-10)
    assert u.integral() == pytest.approx(2 / 3 + 4, abs=1e-10)
    with pytest.raises(ValueError, match=r"to_field: got the basis OneHot\(3 cells .*; a field needs BSpline or Lagrange along every axis"):
        SeparableRegressor((6, OneHot(3)), smoothing=1).fit((x, np.arange(3.0)), values[:, :3]).to_field()


@pytest.mark.parametrize("noise", [0.05, 0.3])
def test_of_smooth_surfaces_reml_keeps_more_freedom(noise: float) -> None:
    """What the docstring of the criteria says was measured: in each draw, and in the median by more than a fifth."""
    x, y = np.linspace(0, 1, 60), np.linspace(0, 1, 40)
    truth = np.sin(2 * np.pi * x)[:, None] * np.cos(np.pi * y)
    ratios = []
    for _ in range(3):
        data = truth + noise * RNG.standard_normal(truth.shape)
        gcv, reml = (SeparableRegressor((16, 12), smoothing=name).fit((x, y), data).degrees_of_freedom_ for name in ("gcv", "reml"))
        ratios.append(reml / gcv)
    assert min(ratios) > 1
    assert np.median(ratios) > 1.2
