"""Lagrange functions are the textbook's, splines are SciPy's, and their nodes are where they belong."""

import numpy as np
import pytest
import scipy.interpolate

from tensorfem.axis import BSpline, Lagrange, Mesh, graded, interval


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_lagrange_functions_of_low_degree_are_the_textbook_s(degree, rng) -> None:
    """On [0, 1], written out; the inner nodes of degree 3 are (1 -+ 1/sqrt 5)/2."""
    x = rng.uniform(0, 1, 20)
    a, b = (1 - 5**-0.5) / 2, (1 + 5**-0.5) / 2
    expected = {
        1: [1 - x, x],
        2: [(1 - x) * (1 - 2 * x), 4 * x * (1 - x), x * (2 * x - 1)],
        3: [
            (1 - x) * (x - a) * (x - b) / (a * b),
            x * (x - 1) * (x - b) / (a * (a - 1) * (a - b)),
            x * (x - 1) * (x - a) / (b * (b - 1) * (b - a)),
            x * (x - a) * (x - b) / ((1 - a) * (1 - b)),
        ],
    }[degree]
    assert Lagrange(interval(0, 1, 1), degree).evaluate(x).toarray() == pytest.approx(np.transpose(expected), abs=1e-14)


@pytest.mark.parametrize("degree", range(1, 6))
@pytest.mark.parametrize("continuity", range(5))
@pytest.mark.parametrize("derivative", [0, 1, 2])
def test_splines_are_scipy_s(degree, continuity, derivative, rng) -> None:
    if continuity >= degree:
        return
    mesh = graded(0.25, 2, cells=5, size_ratio=9, toward="right")
    knots = np.repeat(mesh.nodes, [degree + 1, *[degree - continuity] * 4, degree + 1])
    basis, points = BSpline(mesh, degree, continuity), rng.uniform(0.25, 2, 30)
    theirs = scipy.interpolate.BSpline(knots, np.eye(len(knots) - degree - 1), degree)
    values = theirs(points, derivative)
    assert np.abs(basis.evaluate(points, derivative) - values).max() <= 1e-12 * np.abs(values).max()
    greville = [knots[i + 1 : i + degree + 1].mean() for i in range(basis.size)]
    assert basis.nodes == pytest.approx(greville, abs=1e-14)


@pytest.mark.parametrize("degree", range(1, 6))
def test_periodic_splines_are_scipy_s_wrapped_around(degree, rng) -> None:
    """The spline of the infinite axis, summed over its images; numbered by Greville points, so that only the order may differ."""
    mesh = Mesh([0.5, 0.7, 1.5, 1.6, 2.1, 2.5], periodic=True)
    turns = 3
    nodes = np.concatenate([mesh.nodes[:-1] + mesh.length * k for k in range(-turns, turns + 1)])
    theirs = scipy.interpolate.BSpline(nodes, np.eye(len(nodes) - degree - 1), degree, extrapolate=False)
    points = rng.uniform(*mesh.bounds, 30)
    images = np.nan_to_num(theirs(points))
    wrapped = sum(np.pad(images, ((0, 0), (0, degree + 1)))[:, 5 * k : 5 * (k + 1)] for k in range(2 * turns + 1))
    mine = BSpline(mesh, degree).evaluate(points).toarray()
    distances = np.abs(mine[:, :, None] - wrapped[:, None, :]).max(axis=0)
    assert sorted(distances.argmin(axis=1)) == list(range(5))
    assert distances.min(axis=1).max() < 1e-13


@pytest.mark.parametrize("periodic", [False, True])
@pytest.mark.parametrize(("degree", "continuity"), [(p, k) for p in range(1, 6) for k in range(p)])
def test_greville_points_belong_to_their_splines(degree, continuity, periodic, rng) -> None:
    """The points weighted by their functions average to x; on a periodic axis, the image nearest to x of each."""
    mesh = Mesh(np.cumsum([-0.4, 0.2, 0.3, 0.1, 0.15, 0.3, 0.25, 0.2, 0.1, 0.3]), periodic)
    basis, points = BSpline(mesh, degree, continuity), rng.uniform(*mesh.bounds, 30)
    offsets = basis.nodes - points[:, None]
    if periodic:
        offsets -= mesh.length * np.round(offsets / mesh.length)
    assert (basis.evaluate(points).toarray() * offsets).sum(axis=1) == pytest.approx(np.zeros(30), abs=1e-14)


@pytest.mark.parametrize(
    ("start", "end", "cells", "degree"), [(0.49, 0.96, 3, 4), (-2.32, -0.69, 8, 4), (1.18, 2.42, 8, 2), (-0.75, -0.3, 5, 5)]
)
def test_the_last_greville_point_is_the_end_whatever_rounds(start, end, cells, degree) -> None:
    assert BSpline(interval(start, end, cells), degree).nodes[[0, -1]].tolist() == [start, end]


@pytest.mark.parametrize(
    ("start", "end", "cells", "degree"), [(1.18, 2.42, 8, 1), (2.35, 4.73, 4, 3), (1.08, 2.62, 3, 3), (-2.25, -0.28, 8, 3)]
)
def test_a_greville_point_that_rounds_to_the_end_is_the_start(start, end, cells, degree) -> None:
    """Splines of odd degree on equal cells have their points at the mesh's nodes."""
    mesh = interval(start, end, cells, periodic=True)
    assert BSpline(mesh, degree).nodes == pytest.approx(mesh.nodes[:-1], abs=1e-14)


def test_a_spline_of_degree_one_is_a_hat(rng) -> None:
    mesh = Mesh([0.5, 0.7, 1.5, 1.6])
    points = rng.uniform(0.5, 1.6, 20)
    assert BSpline(mesh, 1).evaluate(points).toarray() == pytest.approx(Lagrange(mesh, 1).evaluate(points).toarray(), abs=1e-15)
    assert BSpline(mesh, 1).nodal
    assert not BSpline(mesh, 2).nodal
