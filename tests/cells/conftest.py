"""Operators with coefficients of all coordinates: the registry of the contract's tests."""

from collections.abc import Callable

import numpy as np
import pytest

from tensorfem.axis import BSpline, Lagrange, graded, interval
from tensorfem.cells import AxisCells, CellOperator
from tensorfem.kron import kernels

SEED = 5_812_077
NEVER = 1 << 60
Axes = list[AxisCells]


def linear_axes() -> Axes:
    """Three axes of hat functions: graded, equal and unequal cells, held at the left, at both ends, and nowhere."""
    meshes = graded(0, 1, cells=6, size_ratio=7), interval(0, 3, cells=5), graded(-1, 1, cells=3, size_ratio=2, toward="right")
    frees = slice(1, 7), slice(1, 5), slice(0, 4)
    return [AxisCells(Lagrange(mesh, degree=1), free, points=2) for mesh, free in zip(meshes, frees, strict=True)]


def periodic_axes() -> Axes:
    """Hat functions again: on the periodic axes some cells meet a function twice, or have the same neighbour on both sides."""
    meshes = interval(0, 2, cells=2, periodic=True), graded(0, 1, cells=4, size_ratio=3), graded(0, 1, cells=3, size_ratio=2, periodic=True)
    return [
        AxisCells(Lagrange(mesh, degree=1), free, points=2)
        for mesh, free in zip(meshes, (slice(0, 2), slice(1, 5), slice(0, 3)), strict=True)
    ]


def mixed_axes() -> Axes:
    """Degrees 3, 2 and a spline, the second axis periodic."""
    bases = Lagrange(graded(0, 2, cells=4, size_ratio=3), degree=3), Lagrange(interval(0, 1, cells=3, periodic=True), degree=2)
    spline = BSpline(graded(0, 1, cells=4, size_ratio=2), degree=2)
    frees = slice(1, 12), slice(0, 6), slice(0, 5)
    return [AxisCells(basis, free, points=basis.degree + 1) for basis, free in zip((*bases, spline), frees, strict=True)]


AXES: dict[str, Callable[[], Axes]] = {
    "linear": linear_axes,
    "linear 2D": lambda: linear_axes()[:2],
    "linear 1D": lambda: linear_axes()[2:],
    "periodic": periodic_axes,
    "periodic 2D": lambda: [
        periodic_axes()[1],
        AxisCells(Lagrange(interval(0, 1, cells=1, periodic=True), degree=1), slice(0, 1), points=2),
    ],
    "periodic 1D": lambda: periodic_axes()[2:],
    "mixed": mixed_axes,
    "mixed 2D": lambda: mixed_axes()[1:],
    "mixed 1D": lambda: mixed_axes()[:1],
}
KINDS = ("number", "diagonal", "tensor")


def grid_of(axes: Axes, per_cell: bool) -> tuple[int, ...]:
    """The shape of samples of a coefficient."""
    return tuple(axis.count * (1 if per_cell else axis.points) for axis in axes)


def drawn_tensor(rng: np.random.Generator, kind: str, dimension: int, grid: tuple[int, ...]) -> np.ndarray:
    """Samples of a positive definite tensor of some kind, (k, *grid)."""
    if kind != "tensor":
        return np.exp(rng.standard_normal((1 if kind == "number" else dimension, *grid)))
    root = rng.standard_normal((*grid, dimension, dimension))
    full = root @ np.swapaxes(root, -1, -2) + 0.1 * np.eye(dimension)
    return np.stack([full[..., i, j] for i in range(dimension) for j in range(i, dimension)])


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(SEED)


@pytest.fixture(params=AXES)
def axes(request) -> Axes:
    return AXES[request.param]()


@pytest.fixture(params=KINDS)
def kind(request) -> str:
    return request.param


@pytest.fixture(params=["per cell", "per point"])
def operator(request, axes, kind, rng) -> CellOperator:
    grid = grid_of(axes, request.param == "per cell")
    return CellOperator(axes, drawn_tensor(rng, kind, len(axes), grid), rng.random(grid))


@pytest.fixture
def compiled(monkeypatch):
    """Kernels for fields of any size."""
    monkeypatch.setattr(kernels, "COMPILED_ENTRIES", 1)


def reference(operator, array, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(kernels, "COMPILED_ENTRIES", NEVER)
        return operator.apply(array)


def close(found, expected, dtype=np.float64):
    return found.dtype == dtype and np.allclose(found, expected, rtol=0, atol=60 * np.finfo(dtype).eps * np.abs(expected).max())


def drawn(axes, kind, rng, dtype=np.float64, per_cell=True, with_reaction=True):
    grid = grid_of(axes, per_cell)
    reaction = rng.random(grid).astype(dtype) if with_reaction else None
    return CellOperator(axes, drawn_tensor(rng, kind, len(axes), grid).astype(dtype), reaction)
