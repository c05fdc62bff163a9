"""Load vectors: integrals of functions against the basis, slab by slab or at 1D cost."""

import functools
import importlib
from typing import Any

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.kron import kernels

load_module = importlib.import_module("tensorfem.load_vector")
BASES = (
    tfem.Lagrange(tfem.graded(0, 2, 5, 4), 2),
    tfem.BSpline(tfem.interval(-1, 0.5, 4), 3),
    tfem.Lagrange(tfem.interval(0, 1, 3, periodic=True), 2),
    tfem.BSpline(tfem.graded(1, 2, 2, 2), 1),
)
SPACES = [tfem.Space(*BASES[:d]) for d in (1, 2, 3, 4)]
each_space = pytest.mark.parametrize("space", SPACES, ids="1234")


def entangled(*x: Any) -> Any:
    """A function of all coordinates that is no sum of few products."""
    return np.exp(0.3 * functools.reduce(np.multiply, [t + 1.5 for t in x])) / (3 + sum((i + 1) * t for i, t in enumerate(x)))


@pytest.fixture(
    params=[(None, False), (1, False), (40, False), (None, True), (1, True), (40, True)],
    ids=["as it is", "rows", "few rows", "compiled", "compiled rows", "compiled few rows"],
)
def slab_entries(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slabs so small that every way through the loop is gone, by kernels in three threads and by NumPy."""
    entries, compiled = request.param
    if entries:
        monkeypatch.setattr(load_module, "SLAB", entries)
        monkeypatch.setattr(load_module, "COMPILED_SLAB", entries)
    monkeypatch.setattr(kernels, "COMPILED_ENTRIES", 1 if compiled else 1 << 60)
    monkeypatch.setenv("TENSORFEM_NUM_THREADS", "3")


def brute_force(space: tfem.Space, function: Any, extra: int = 1) -> np.ndarray:
    """All Gauss points at once, dense tables, axis by axis."""
    points, tables = [], []
    for basis in space.bases:
        x, w = np.polynomial.legendre.leggauss(basis.degree + extra)
        mesh = basis.mesh
        points.append((mesh.nodes[:-1, None] + mesh.sizes[:, None] * (x + 1) / 2).ravel())
        tables.append(basis.evaluate(points[-1]).toarray().T * (mesh.sizes[:, None] * w / 2).ravel())
    values = function(*np.meshgrid(*points, indexing="ij"))
    for axis, table in enumerate(tables):
        values = np.moveaxis(np.tensordot(table, values, axes=(1, axis)), 0, axis)
    return values


@each_space
@pytest.mark.usefixtures("slab_entries")
def test_slabs_add_up_to_the_whole_grid(space: tfem.Space) -> None:
    expected = brute_force(space, entangled)
    assert np.allclose(space.load(entangled), expected, rtol=0, atol=1e-14 * np.abs(expected).max() * 10)


@each_space
def test_points_per_cell(space: tfem.Space) -> None:
    """degree + 1 by default, or as many as are asked for."""
    with_nine = space.load(entangled, points=9)
    assert np.allclose(with_nine, brute_force(space, entangled, extra=5), rtol=1e-6)
    assert np.array_equal(SPACES[0].load(entangled), SPACES[0].load(entangled, points=BASES[0].degree + 1))
    assert not np.allclose(space.load(entangled, points=1), space.load(entangled), rtol=1e-5)


SEPARABLE = (lambda t: np.exp(t), lambda t: 1 / (3 + t), lambda t: np.cos(2 * np.pi * t), lambda t: t**2)


@each_space
@pytest.mark.usefixtures("slab_entries")
def test_sums_and_products_are_loaded_axis_by_axis(space: tfem.Space) -> None:
    parts = SEPARABLE[: space.dimension]
    product = space.load(lambda *x: functools.reduce(np.multiply, [f(t) for f, t in zip(parts, x, strict=True)]))
    total = space.load(lambda *x: functools.reduce(np.add, [f(t) for f, t in zip(parts, x, strict=True)]))
    assert np.allclose(space.load(tfem.Product(*parts)), product, rtol=0, atol=1e-14 * np.abs(product).max() * 10)
    assert np.allclose(space.load(tfem.Sum(*parts)), total, rtol=0, atol=1e-14 * np.abs(total).max() * 10)


PARTIAL = {
    "a number": (lambda x, y, z: 2.5, lambda x, y, z: 2.5 + 0 * (x + y + z)),
    "a scalar of numpy": (lambda x, y, z: np.float32(2.5), lambda x, y, z: 2.5 + 0 * (x + y + z)),
    "x alone": (lambda x, y, z: np.sin(x), lambda x, y, z: np.sin(x) + 0 * (y + z)),
    "y alone": (lambda x, y, z: np.sin(y), lambda x, y, z: np.sin(y) + 0 * (x + z)),
    "x and z": (lambda x, y, z: x * z**2, lambda x, y, z: x * z**2 + 0 * y),
    "y and z": (lambda x, y, z: y - z, lambda x, y, z: y - z + 0 * x),
    "integers": (lambda x, y, z: np.ones(x.shape, dtype=int), lambda x, y, z: 1 + 0 * (x + y + z)),
    "truth": (lambda x, y, z: x > 0.5, lambda x, y, z: 1.0 * (x > 0.5) + 0 * (y + z)),
    "a list": (lambda x, y, z: [[[4.0]]], lambda x, y, z: 4 + 0 * (x + y + z)),
    "a formula": ("x*z + 1", lambda x, y, z: x * z + 1 + 0 * y),
}


@pytest.mark.parametrize("kind", PARTIAL)
@pytest.mark.usefixtures("slab_entries")
def test_functions_need_broadcast_only_as_far_as_they_vary(kind: str) -> None:
    given, whole = PARTIAL[kind]
    expected = brute_force(SPACES[2], whole)
    assert np.allclose(SPACES[2].load(given), expected, rtol=0, atol=1e-14 * np.abs(expected).max() * 10)


@each_space
def test_nodal_values_are_loaded_by_the_mass_matrix(space: tfem.Space) -> None:
    values = np.random.default_rng(615).standard_normal(space.shape)
    u = tfem.Field(space, space.nodal_coefficients(values))
    assert np.allclose(space.load(values), brute_force(space, u), rtol=0, atol=1e-11)
    integers = np.arange(space.size).reshape(space.shape)
    assert np.allclose(space.load(integers), space.load(integers.astype(float)), rtol=1e-15)


@each_space
def test_loads_add_up_to_the_integral(space: tfem.Space) -> None:
    """The basis is a partition of unity."""
    assert np.isclose(space.load(1.0).sum(), space.volume, rtol=1e-13)
    assert np.isclose(space.load("1").sum(), space.volume, rtol=1e-13)
    expected = np.prod([(b**2 - a**2) / 2 for a, b in space.bounds])
    assert np.isclose(space.load(lambda *x: functools.reduce(np.multiply, x)).sum(), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.usefixtures("slab_entries")
def test_a_value_that_is_not_finite_is_found_wherever_it_is() -> None:
    place = {"x": 1.9, "y": 0.4, "z": 0.9}
    with pytest.raises(ValueError, match=r"^source: the value is nan at x = 1\.\d+, y = 0\.[34]\d*, z = 0\.9\d*; all must be finite"):
        SPACES[2].load(lambda x, y, z: np.where((x > place["x"]) & (y > place["y"]) & (z > place["z"]), np.nan, 1.0))


@pytest.mark.parametrize("size", [1e-300, 1e200, 1e307])
def test_sources_of_any_size(size: float) -> None:
    """A sum that overflows says nothing about the values."""
    space = SPACES[2]
    assert np.allclose(space.load(lambda x, y, z: size + 0 * (x + y + z)) / size, space.load(1.0), rtol=1e-12)


@pytest.mark.parametrize("given", [0, -1, 2.5, True, "3"])
def test_wrong_numbers_of_points(given: Any) -> None:
    with pytest.raises(ValueError, match=r"^points: got .*; allowed is an integer >= 1"):
        SPACES[1].load(1.0, points=given)


def test_the_place_is_named_as_the_caller_wants() -> None:
    with pytest.raises(ValueError, match=r"^force: got None"):
        SPACES[0].load(None, where="force")


@pytest.mark.parametrize("source", [1.0, entangled, tfem.Product(1.0, "y", 2.0)], ids=["split", "sampled", "product"])
def test_a_load_that_would_not_fit_is_refused_before_it_is_made(source: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tensorfem.kron.memory.available_memory", lambda: 8 * SPACES[2].size - 1)
    with pytest.raises(MemoryError, match=r"source: the load of shape .* needs about .* GB, this machine has .* GB free; use fewer cells"):
        SPACES[2].load(source)
