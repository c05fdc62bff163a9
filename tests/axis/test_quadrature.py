"""Gauss rules and Gauss-Lobatto nodes, against closed forms, exactness and extended precision."""

import mpmath
import numpy as np
import pytest

from tensorfem.axis import Mesh, gauss_legendre, gauss_lobatto, graded

EPS = np.finfo(float).eps


@pytest.mark.parametrize(
    ("degree", "inner"),
    [
        (1, []),
        (2, [0.0]),
        (3, [np.sqrt(1 / 5)]),
        (4, [0.0, np.sqrt(3 / 7)]),
        (5, [np.sqrt((7 - 2 * np.sqrt(7)) / 21), np.sqrt((7 + 2 * np.sqrt(7)) / 21)]),
        (6, [0.0, np.sqrt((15 - 2 * np.sqrt(15)) / 33), np.sqrt((15 + 2 * np.sqrt(15)) / 33)]),
    ],
)
def test_lobatto_nodes_have_closed_forms(degree, inner) -> None:
    half = [*inner, 1.0]
    expected = sorted({*half, *(-x for x in half)})
    assert 2 * gauss_lobatto(degree) - 1 == pytest.approx(expected, abs=4 * EPS)


@pytest.mark.parametrize("degree", range(2, 25))
def test_lobatto_nodes_are_roots_of_the_legendre_derivative(degree) -> None:
    """A Newton step in 40 digits moves none by more than rounding."""
    nodes = gauss_lobatto(degree)
    assert len(nodes) == degree + 1
    assert (nodes[0], nodes[-1]) == (0, 1)
    assert np.all(np.diff(nodes) > 0)
    assert np.abs(nodes + nodes[::-1] - 1).max() <= EPS
    with mpmath.workdps(40):
        for node in nodes[1:-1]:
            x = 2 * mpmath.mpf(float(node)) - 1
            p, before = mpmath.legendre(degree, x), mpmath.legendre(degree - 1, x)
            slope = degree * (before - x * p) / (1 - x**2)
            curvature = (2 * x * slope - degree * (degree + 1) * p) / (1 - x**2)
            assert abs(slope / curvature) < 16 * EPS


@pytest.mark.parametrize("points", [1, 2, 3, 4, 7, 13, 25])
def test_gauss_rules_are_exact_as_far_as_they_can_be(points) -> None:
    nodes, weights = gauss_legendre(points)
    assert np.all(weights > 0)
    for degree in range(2 * points):
        assert weights @ nodes**degree == pytest.approx(1 / (degree + 1), abs=8 * EPS)
    # The monic Legendre polynomial squared is of degree 2 n: the rule sees zero, the integral is n!^4 / ((2n + 1) (2n)!^2).
    missed = np.prod((nodes[:, None] - nodes) ** 2, axis=1) @ weights
    assert missed == pytest.approx(0, abs=1e-300)
    exact = float(mpmath.factorial(points) ** 4 / ((2 * points + 1) * mpmath.factorial(2 * points) ** 2))
    more, heavier = gauss_legendre(points + 1)
    assert np.prod((more[:, None] - nodes) ** 2, axis=1) @ heavier == pytest.approx(exact, rel=1e-10)


def test_gauss_rules_of_two_and_three_points() -> None:
    assert gauss_legendre(2)[0] == pytest.approx([(1 - 3**-0.5) / 2, (1 + 3**-0.5) / 2], abs=2 * EPS)
    nodes, weights = gauss_legendre(3)
    assert nodes == pytest.approx([(1 - 0.6**0.5) / 2, 0.5, (1 + 0.6**0.5) / 2], abs=2 * EPS)
    assert weights == pytest.approx([5 / 18, 4 / 9, 5 / 18], abs=2 * EPS)


def test_shared_rules_cannot_be_changed() -> None:
    for array in (*gauss_legendre(3), gauss_lobatto(3)):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0


@pytest.mark.parametrize("mesh", [Mesh([0.5, 0.7, 1.5, 2.25]), graded(-1, 2, 9, 1e6, toward="middle")])
@pytest.mark.parametrize("points", [1, 3])
def test_a_mesh_integrates_piecewise_polynomials(mesh, points) -> None:
    rule = mesh.quadrature(points)
    start, end = mesh.bounds
    for degree in range(2 * points):
        assert rule.weights @ rule.points**degree == pytest.approx((end ** (degree + 1) - start ** (degree + 1)) / (degree + 1), abs=1e-14)
    assert np.array_equal(rule.cells, np.sort(rule.cells))
    assert np.all(np.diff(rule.points) > 0)
    assert mesh.nodes[rule.cells] + mesh.sizes[rule.cells] * rule.reference == pytest.approx(rule.points, abs=EPS)
    per_cell = np.bincount(rule.cells, rule.weights)
    assert per_cell == pytest.approx(mesh.sizes, rel=1e-14)
