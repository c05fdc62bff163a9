"""Arrows point where the vectors do, and the longest fits between its neighbours."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.quiver import Quiver

from tensorfem.plotting import arrow_places, draw_arrows

X, Y = np.array([0.0, 1.0, 2.0, 4.0]), np.array([-1.0, 0.0, 0.5])


def drawn(components: np.ndarray, ax: plt.Axes | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The middles of the arrows and their vectors, in data coordinates."""
    ax = ax or plt.figure().add_subplot()
    draw_arrows(components, (X, Y), ax=ax)
    (quiver,) = (artist for artist in ax.collections if isinstance(artist, Quiver))
    assert [quiver.angles, quiver.scale_units, quiver.pivot] == ["xy", "xy", "middle"]
    return quiver.XY, np.column_stack([quiver.U, quiver.V]) / quiver.scale


def test_stand_at_their_points_and_have_their_directions():
    u, v = 1 + X[:, None] + 0 * Y, 10 * Y + 0.1 * X[:, None]
    places, vectors = drawn(np.stack([u, v]))
    for (x, y), arrow in zip(places, vectors, strict=True):
        np.testing.assert_allclose(arrow[0] * (10 * y + 0.1 * x), arrow[1] * (1 + x), atol=1e-12)
        assert arrow[0] > 0
    np.testing.assert_array_equal(places, [[x, y] for x in X for y in Y])


@pytest.mark.parametrize("scale", [1e-300, 1.0, 1e200, 1e308])
def test_the_longest_fits_between_its_neighbours(scale):
    rng = np.random.default_rng(98_127_331)
    _, vectors = drawn(scale * rng.uniform(-1, 1, (2, X.size, Y.size)))
    assert max(np.abs(vectors[:, 0]).max() / 1.0, np.abs(vectors[:, 1]).max() / 0.5) == pytest.approx(0.9)


def test_a_constant_field_has_none():
    _, vectors = drawn(np.zeros((2, X.size, Y.size)))
    assert not vectors.any()
    plt.gcf().canvas.draw()


def test_the_limits_of_the_axes_stay():
    ax = plt.figure().add_subplot()
    ax.set(xlim=(0, 4), ylim=(-1, 1))
    drawn(np.ones((2, X.size, Y.size)), ax)
    assert [*ax.get_xlim(), *ax.get_ylim()] == [0, 4, -1, 1]


@pytest.mark.parametrize(
    ("bounds", "numbers"), [([(0, 3), (-1, 1)], [18, 12]), ([(0, 1e-3), (0, 1)], [5, 18]), ([(2, 3), (0, 1)], [18, 18])]
)
def test_places(bounds, numbers):
    places = arrow_places(bounds)
    assert [points.size for points in places] == numbers
    for points, (low, high) in zip(places, bounds, strict=True):
        np.testing.assert_allclose([points[0] - low, high - points[-1]], (high - low) / points.size / 2)
        np.testing.assert_allclose(np.diff(points), (high - low) / points.size)


def test_errors():
    ax = plt.figure().add_subplot()
    with pytest.raises(ValueError, match=r"^components: shape \(2, 3, 4\); .* of shape \(2, 4, 3\)"):
        draw_arrows(np.ones((2, 3, 4)), (X, Y), ax=ax)
    with pytest.raises(ValueError, match=r"^components: .* finite"):
        draw_arrows(np.full((2, 4, 3), np.nan), (X, Y), ax=ax)
    with pytest.raises(ValueError, match=r"^ax: 3d axes; a flat picture"):
        draw_arrows(np.ones((2, 4, 3)), (X, Y), ax=plt.figure().add_subplot(projection="3d"))
    assert not ax.has_data()
