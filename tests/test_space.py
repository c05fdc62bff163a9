"""Spaces: the tensor product of bases, its nodes, its mass matrix, its refinement."""

import functools
from typing import Any

import numpy as np
import pytest

import tensorfem as tfem

SPACES = {
    "line": tfem.Space(tfem.BSpline(tfem.graded(-1, 2, 7, 5), 3)),
    "plate": tfem.Space(tfem.Lagrange(tfem.interval(0, 3, 5), 3), tfem.BSpline(tfem.graded(0, 1, 4, 3, toward="right"), 2)),
    "tube": tfem.Space(
        tfem.BSpline(tfem.interval(0, 2, 6, periodic=True), 3),
        tfem.Lagrange(tfem.interval(1, 2, 4), 1),
        tfem.BSpline(tfem.interval(0, 1, 2), 3, continuity=1),
    ),
    "tesseract": tfem.Space(
        *(tfem.Lagrange(tfem.interval(0, length, n), p) for length, n, p in ((4, 3, 2), (3, 5, 1), (2, 2, 2), (1, 3, 1)))
    ),
}
each_space = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)


def test_names_faces_and_sizes() -> None:
    tube, tesseract = SPACES["tube"], SPACES["tesseract"]
    assert SPACES["line"].names == ("x",)
    assert (tube.names, tube.faces) == (("x", "y", "z"), ("y-", "y+", "z-", "z+"))
    assert tesseract.names == ("x1", "x2", "x3", "x4")
    assert tesseract.faces == ("x1-", "x1+", "x2-", "x2+", "x3-", "x3+", "x4-", "x4+")
    assert (tube.dimension, tube.shape, tube.size, tube.volume) == (3, (6, 5, 6), 180, 2.0)
    assert tesseract.bounds == ((0.0, 4.0), (0.0, 3.0), (0.0, 2.0), (0.0, 1.0))


def test_sizes_are_python_integers() -> None:
    """NumPy's own would wrap silently."""
    space = tfem.Space(*(tfem.Lagrange(tfem.interval(0, 1, 99_999), 1),) * 5)
    assert type(space.size) is int
    assert space.size == 10**25


@each_space
def test_mass_matrix_is_the_inner_product(space: tfem.Space) -> None:
    """c^T M c is the squared norm, and M 1 adds up to the volume; explicitly, a Kronecker product in C order."""
    coefficients = np.random.default_rng(5821).standard_normal(space.shape)
    norm = tfem.Field(space, coefficients).l2_norm()
    assert np.isclose(np.vdot(coefficients, space.mass @ coefficients), norm**2, rtol=1e-12)
    assert np.isclose(np.sum(space.mass @ np.ones(space.shape)), space.volume, rtol=1e-12)
    explicit = functools.reduce(np.kron, [factor.toarray() for factor in space.mass.factors])
    assert np.allclose(explicit @ coefficients.ravel(), (space.mass @ coefficients).ravel(), rtol=0, atol=1e-13)


@each_space
def test_coefficients_and_nodal_values(space: tfem.Space) -> None:
    """Each is had back from the other; Lagrange coefficients are values."""
    values = np.random.default_rng(733).standard_normal(space.shape)
    coefficients = space.nodal_coefficients(values)
    assert np.allclose(space.nodal_values(coefficients), values, rtol=0, atol=1e-11)
    assert np.allclose(tfem.Field(space, coefficients)(*space.coordinates), values, rtol=0, atol=1e-11)
    if all(basis.nodal for basis in space.bases):
        assert np.array_equal(coefficients, values)


@each_space
def test_coordinates_are_open(space: tfem.Space) -> None:
    for axis, (open_array, nodes) in enumerate(zip(space.coordinates, space.nodes, strict=True)):
        assert open_array.shape == tuple(n if i == axis else 1 for i, n in enumerate(space.shape))
        assert np.array_equal(open_array.ravel(), nodes)
    assert np.broadcast_shapes(*(x.shape for x in space.coordinates)) == space.shape


@each_space
def test_refined_spaces_contain_the_coarse_ones(space: tfem.Space) -> None:
    """Every cell is halved, kind, degree and periodicity stay, and the field of a coarse space is one of the fine space."""
    fine = space.refined()
    for coarse_basis, basis in zip(space.bases, fine.bases, strict=True):
        assert (type(basis), basis.degree, basis.mesh.periodic) == (type(coarse_basis), coarse_basis.degree, coarse_basis.mesh.periodic)
        assert np.allclose(basis.mesh.sizes, np.repeat(coarse_basis.mesh.sizes / 2, 2), rtol=1e-12)
    u = tfem.Field(space, np.random.default_rng(97).standard_normal(space.shape))
    assert tfem.project(fine, u).l2_error(u) < 1e-12 * u.l2_norm()


def test_refinement_of_some_axes() -> None:
    fine = SPACES["plate"].refined(("y",))
    assert fine.bases[0] is SPACES["plate"].bases[0]
    assert fine.bases[1].mesh.cells == 8
    with pytest.raises(ValueError, match=r"^axes: got .*; the axes of this space are x, y"):
        SPACES["plate"].refined(("z",))


@pytest.mark.parametrize("given", [(), (tfem.interval(0, 1, 3),), ([tfem.Lagrange(tfem.interval(0, 1, 3), 1)],), ("lagrange",), (None,)])
def test_what_is_no_basis(given: Any) -> None:
    with pytest.raises(ValueError, match=r"(?s)^Space: got .*; allowed is one basis per axis, Lagrange\(mesh, degree\) or BSpline"):
        tfem.Space(*given)


def test_what_is_no_mesh_or_degree() -> None:
    with pytest.raises(ValueError, match=r"^mesh: got \[0, 1\]; allowed is a mesh, as made by interval, graded or Mesh"):
        tfem.Lagrange([0, 1], 2)
    with pytest.raises(ValueError, match=r"^continuity: got 3; allowed is an integer from 0 to 2"):
        tfem.BSpline(tfem.interval(0, 1, 3), 3, continuity=3)


def test_representation() -> None:
    said = repr(SPACES["tube"])
    assert said.startswith("Space(x: BSpline(degree=3, 6 periodic cells on [0, 2], 6 unknowns), y: Lagrange(degree=1, 4 cells on [1, 2]")
