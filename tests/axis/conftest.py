"""What the tests of one axis share: the registry of bases on meshes of every kind."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from tensorfem.axis import Basis, BSpline, Lagrange, Mesh, graded, interval


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5_118_362)


MESHES: dict[str, Mesh] = {
    "uniform": interval(0.25, 2, cells=5),
    "graded": graded(-1, 0.5, cells=7, size_ratio=30, toward="middle"),
    "one cell": interval(-0.5, 1, cells=1),
    "periodic": Mesh([0.5, 0.7, 1.5, 1.6, 2.1, 2.5], periodic=True),
    "periodic graded": graded(-1, 0.5, cells=4, size_ratio=1e8, toward="both", periodic=True),
    "periodic one cell": interval(0.25, 2, cells=1, periodic=True),
}

FAMILIES: dict[str, Callable[[Mesh], Basis]] = {
    **{f"Lagrange {p}": lambda mesh, p=p: Lagrange(mesh, p) for p in (*range(1, 9), 24)},
    **{f"BSpline {p}, continuity {k}": lambda mesh, p=p, k=k: BSpline(mesh, p, k) for p in range(1, 6) for k in range(p)},
}


def cases(*meshes: str) -> list:
    return [pytest.param((FAMILIES[name], MESHES[mesh]), id=f"{name}-{mesh}") for name, mesh in itertools.product(FAMILIES, meshes)]


@pytest.fixture(params=cases(*MESHES))
def basis(request: pytest.FixtureRequest) -> Basis:
    """Every family on every mesh."""
    family, mesh = request.param
    return family(mesh)


@pytest.fixture(params=cases("uniform", "graded", "one cell"))
def open_basis(request: pytest.FixtureRequest) -> Basis:
    """Every family on every mesh that has ends."""
    family, mesh = request.param
    return family(mesh)


@pytest.fixture(params=cases("periodic", "periodic graded", "periodic one cell"))
def closed_basis(request: pytest.FixtureRequest) -> Basis:
    """Every family on every periodic mesh."""
    family, mesh = request.param
    return family(mesh)


@pytest.fixture
def magnitude() -> Callable[[Basis, int], np.ndarray]:
    """The size of the functions' derivatives in each cell, before neighbours are added up: what rounding is relative to."""

    def measure(basis: Basis, order: int) -> np.ndarray:
        cells = np.arange(basis.mesh.cells)
        return np.max([np.abs(basis.local(cells, np.full(cells.size, x), order)).max(axis=1) for x in (0.0, 0.3, 1.0)], axis=0)

    return measure
