"""Splines through values on a grid: SciPy's along each axis, the data themselves at the points, polynomials exactly."""

from typing import Any

import numpy as np
import pytest
from scipy.interpolate import make_interp_spline

import tensorfem as tfem

SEED = 577
SHAPE = (13, 11, 9)


def uneven(dimension: int) -> list[np.ndarray]:
    rng = np.random.default_rng(SEED)
    return [np.cumsum(rng.uniform(0.2, 1.0, n)) - 2 for n in SHAPE[:dimension]]


@pytest.mark.parametrize("dimension", [1, 2, 3])
@pytest.mark.parametrize("degree", [1, 2, 3, 4, 5])
def test_it_is_scipys_spline_along_each_axis(dimension: int, degree: int) -> None:
    axes = uneven(dimension)
    values = np.random.default_rng(SEED).standard_normal(SHAPE[:dimension])
    others = [np.linspace(x[0], x[-1], 7 + i) for i, x in enumerate(axes)]
    expected = values
    for axis, (x, other) in enumerate(zip(axes, others, strict=True)):
        expected = make_interp_spline(x, expected, k=degree, axis=axis)(other)
    field = tfem.interpolate_grid(axes, values, degree)
    assert field.space.shape == values.shape
    assert np.abs(field.on_grid(*others) - expected).max() <= 1e-11 * np.abs(expected).max()
    assert np.abs(field.on_grid(*axes) - values).max() <= 1e-12 * np.abs(values).max()


@pytest.mark.parametrize("points", [4, 5, 300])
def test_short_and_long_axes(points: int) -> None:
    """A cubic is the spline through its values; a long axis takes the banded solve."""
    x, y = np.linspace(-1, 2, points), np.linspace(0, 1, 6)
    field = tfem.interpolate_grid((x, y), x[:, None] ** 3 - y**2)
    assert np.abs(field([-0.9, 0.3, 1.99], 0.7) - (np.array([-0.9, 0.3, 1.99]) ** 3 - 0.49)).max() < 1e-12


def test_points_very_close_together_are_solved_banded() -> None:
    """There the collocation matrix is no benign one; the data are met all the same."""
    x = np.concatenate([np.linspace(0, 1, 12), 0.5 + np.array([1e-7, 2e-7])])
    x.sort()
    values = np.cos(3 * x)
    assert np.abs(tfem.interpolate_grid((x,), values)(x) - values).max() < 1e-12


def test_a_degree_for_each_axis() -> None:
    x, y = np.linspace(0, 1, 8), np.array([0.0, 2.0])
    field = tfem.interpolate_grid((x, y), x[:, None] ** 5 * (1 + y), degree=(5, 1))
    assert float(field(0.37, 0.5)) == pytest.approx(0.37**5 * 1.5, abs=1e-13)
    assert [basis.degree for basis in field.space.bases] == [5, 1]


def test_the_order_is_that_of_the_degree() -> None:
    errors = []
    for points in (40, 80):
        x, y = np.linspace(0, 3, points), np.linspace(0, 2, points - 3)
        field = tfem.interpolate_grid((x, y), np.sin(2 * x)[:, None] * np.exp(y))
        errors.append(field.l2_error(lambda x, y: np.sin(2 * x) * np.exp(y)))
    assert 3.8 < np.log2(errors[0] / errors[1]) < 4.8


def test_the_benchmark_knows_scipys_interpolator() -> None:
    """What `benchmarks/grid_interpolation.py` compares are the same splines: SciPy's stop at the tolerance of its solver."""
    from scipy.interpolate import RegularGridInterpolator

    axes, values = uneven(3), np.random.default_rng(SEED).standard_normal(SHAPE)
    points = np.stack([np.random.default_rng(k).uniform(x[0], x[-1], 50) for k, x in enumerate(axes)], axis=1)
    theirs = RegularGridInterpolator(axes, values, method="cubic")(points)
    assert np.abs(tfem.interpolate_grid(axes, values)(*points.T) - theirs).max() < 1e-3 * np.abs(theirs).max()


X, Y = np.arange(5.0), np.arange(4.0)
GRID = np.zeros((5, 4))


@pytest.mark.parametrize(
    ("axes", "values", "degree", "said"),
    [
        ((X, Y), GRID, 4, r"axes\[1\]: got 4 points; a spline of degree 4 needs at least 5; pass degree=3 or less"),
        ((X, [0.0, 1.0, 1.0, 2.0]), GRID, 3, r"axes\[1\]: point 2 \(1\) does not lie right of point 1 \(1\)"),
        ((X, Y), GRID.T, 3, r"values: got an array of shape \(4, 5\), but the axes have \(5, 4\) points"),
        ((X, Y), np.where(X[:, None] * Y == 6, np.nan, GRID), 3, r"values: the value at index \(2, 3\) is nan; give all"),
        ((X, Y), GRID, 0, "degree: got 0"),
        ((X, Y), GRID, (3, 3, 3), "degree: got 3 values; the data have 2 axes"),
        ((X, [np.nan, 1.0, 2.0, 3.0]), GRID, 3, r"axes\[1\]: entry 0 is nan"),
        ((), GRID, 3, r"axes: got \(\)"),
        (([1.0],), [1.0], 1, r"axes\[0\]: got an array of shape \(1,\).*at least 2 real numbers"),
    ],
)
def test_mistakes_are_named(axes: Any, values: Any, degree: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        tfem.interpolate_grid(axes, values, degree)


def test_values_are_left_alone() -> None:
    axes = tuple(np.linspace(0, 1, n) for n in (7, 6, 5, 4))
    values = np.random.default_rng(4_177).standard_normal((7, 6, 5, 4))
    kept = values.copy()
    assert tfem.interpolate_grid(axes, values).on_grid(*axes) == pytest.approx(kept, abs=1e-13)
    assert np.array_equal(values, kept)
