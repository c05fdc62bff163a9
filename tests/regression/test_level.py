"""The level of the data is no part of the fit: neither its smoothing nor its digits."""

from typing import Any

import numpy as np
import pytest

from tensorfem.regression import Columns, OneHot, Polynomials, SeparableRegressor
from tensorfem.regression.level import constant

RNG = np.random.default_rng(91_733)
X, Y = np.linspace(0, 1, 30), np.linspace(0, 2, 20)
SMOOTH = np.sin(4 * X)[:, None] * Y + 0.1 * RNG.standard_normal((30, 20))
TABLE = RNG.uniform(0, 1, (200, 2))
DATA: dict[str, tuple[Any, ...]] = {
    "full": ((X, Y), SMOOTH),
    "gaps": ((X, Y), np.where(RNG.uniform(size=SMOOTH.shape) < 0.2, np.nan, SMOOTH)),
    "weights": ((X, Y), SMOOTH, np.exp(RNG.uniform(-1, 1, SMOOTH.shape))),
    "scattered": (TABLE, np.sin(4 * TABLE[:, 0]) * TABLE[:, 1] + 0.1 * RNG.standard_normal(200)),
}
LEVEL = 1e6


@pytest.mark.parametrize("penalty", [1, 2])
@pytest.mark.parametrize("criterion", ["gcv", "reml"])
@pytest.mark.parametrize("name", DATA)
def test_data_moved_up_give_the_fit_moved_up(name: str, criterion: str, penalty: int) -> None:
    """To the rounding of the moved data themselves, eps times the level, and of the sums over functions."""
    points, values, *weights = DATA[name]
    plain = SeparableRegressor((6, 5), smoothing=criterion, penalty=penalty).fit(points, values, *weights)
    moved = SeparableRegressor((6, 5), smoothing=criterion, penalty=penalty).fit(points, values + LEVEL, *weights)
    assert np.abs(moved.predict(points) - LEVEL - plain.predict(points)).max() < 100 * np.finfo(float).eps * LEVEL
    assert moved.smoothing_ == pytest.approx(plain.smoothing_, rel=1e-5)
    assert moved.degrees_of_freedom_ == pytest.approx(plain.degrees_of_freedom_, rel=1e-5)
    assert moved.noise_ == pytest.approx(plain.noise_, rel=1e-6)


def test_robust_fits_too() -> None:
    points, values = DATA["gaps"]
    plain, moved = (SeparableRegressor((6, 5), robust=True).fit(points, values + level) for level in (0.0, LEVEL))
    assert moved.predict(points) - LEVEL == pytest.approx(plain.predict(points), abs=1e-6)
    assert moved.robust_weights_ == pytest.approx(plain.robust_weights_, abs=1e-4)


@pytest.mark.parametrize("settings", [{"penalty": 0, "smoothing": 1.0}, {"smoothing": "minimum norm"}])
def test_where_the_size_counts_the_level_does(settings: dict[str, Any]) -> None:
    """Ridge regression draws the level itself to zero; so does the minimum norm, where the data do not see."""
    bases = (OneHot(np.linspace(0, 1, 8)), OneHot(np.linspace(0, 2, 6)))
    table = 0.4 * TABLE
    low, high = (SeparableRegressor(bases, **settings).fit(table, DATA["scattered"][1] + level) for level in (0.0, LEVEL))
    corner = [[1.0, 2.0]]
    assert (low.predict(corner), high.predict(corner)) == (0.0, 0.0)


@pytest.mark.parametrize("basis", [7, Polynomials(3, (0, 1)), OneHot(np.linspace(0, 1, 5)), Columns(X, np.vander(X, 3))])
def test_the_constant_is_one(basis: Any) -> None:
    fitted = SeparableRegressor(basis, penalty=1, smoothing=1.0).fit((X,), X)
    matrix, root = fitted.bases_[0].matrix(X), fitted.bases_[0].root(1)
    found = constant([matrix, matrix], [root, root])
    if isinstance(basis, Columns):  # differences of a stranger's coefficients see the function 1
        assert found is None
    else:
        assert found is not None
        assert matrix @ found @ matrix.T == pytest.approx(np.ones((30, 30)), abs=1e-13)
    assert constant([matrix, matrix], [root, np.eye(matrix.shape[1])]) is None
