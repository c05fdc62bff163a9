"""Coordinates are those of numpy.meshgrid with indexing "ij", dense, as products, and as points."""

from typing import Any

import numpy as np
import pytest

from tensorfem.kron import coordinate_products, coordinates, grid_points

SHAPES = [(5,), (5, 4), (5, 4, 3), (5, 4, 3, 2), (1, 4), (3, 0, 2)]
TYPES = (np.float64, np.float32, np.complex128, np.int64)


def draw(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> list[np.ndarray]:
    return [(100 * rng.standard_normal(n)).astype(dtype) for n in shape]


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_coordinates_are_those_of_meshgrid(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> None:
    axes = draw(rng, shape, dtype)
    for ours, theirs in zip(coordinates(*axes), np.meshgrid(*axes, indexing="ij"), strict=True):
        assert ours.dtype == theirs.dtype
        assert np.array_equal(ours, theirs)


def test_every_axis_keeps_its_dtype() -> None:
    x, y = coordinates(np.array([1.5], np.float32), np.array([2, 3]))
    assert (x.dtype, y.dtype) == (np.float32, np.int64)


@pytest.mark.parametrize("shape", SHAPES[:4])
def test_products_are_the_coordinates_and_remember_the_axes(rng: np.random.Generator, shape: tuple[int, ...]) -> None:
    axes, weights = draw(rng, shape, float), rng.standard_normal(shape)
    for axis, (product, dense) in enumerate(zip(coordinate_products(*axes), coordinates(*axes), strict=True)):
        assert np.array_equal(product @ np.ones((1,) * len(shape)), dense)
        assert np.array_equal(product.toarray()[:, 0], dense.ravel())
        assert np.array_equal(product.factors[axis][:, 0], axes[axis])
        assert np.isclose((product.T @ weights).item(), np.sum(weights * dense), rtol=0, atol=1e-14 * np.sum(np.abs(weights * dense)))


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_points_are_in_c_order(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> None:
    axes = draw(rng, shape, dtype)
    points = grid_points(*axes)
    assert points.shape == (np.prod(shape, dtype=int), len(shape))
    for place, index in enumerate(np.ndindex(*shape)):
        assert points[place].tolist() == [axis[i] for axis, i in zip(axes, index, strict=True)]


@pytest.mark.parametrize("function", [coordinates, coordinate_products, grid_points])
def test_bad_axes_are_refused(function: Any) -> None:
    with pytest.raises(ValueError, match=r"axes: got shapes \[\]; give at least one axis"):
        function()
    with pytest.raises(ValueError, match=r"axes: got shapes \[\(2,\), \(2, 2\)\]"):
        function([1.0, 2.0], np.eye(2))
    with pytest.raises(ValueError, match=r"axes: got shapes \[\(\)\]"):
        function(1.0)
