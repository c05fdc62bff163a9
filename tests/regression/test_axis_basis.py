"""The functions of one axis of a regression, and their roughness."""

import numpy as np
import pytest
import scipy.sparse as sparse

import tensorfem as tfem
from tensorfem.regression import AxisBasis, Columns, OneHot, Piecewise, Polynomials
from tensorfem.regression.axis_basis import axis_basis
from tensorfem.regression.differences import divided_differences

MESH = tfem.graded(0.5, 3.0, cells=6, size_ratio=5)
BASES: dict[str, AxisBasis] = {
    "cubic splines": Piecewise(tfem.BSpline(MESH, 3)),
    "rough splines": Piecewise(tfem.BSpline(MESH, 3, continuity=0)),
    "quadratic splines": Piecewise(tfem.BSpline(MESH, 2)),
    "Lagrange": Piecewise(tfem.Lagrange(MESH, 2)),
    "cells": OneHot(MESH),
    "polynomials": Polynomials(5, (0.5, 3.0)),
}


def nearest(basis: AxisBasis, function: np.polynomial.Polynomial) -> np.ndarray:
    """The coefficients of a function in a basis, by least squares at many points; of cells its values in their middles."""
    if isinstance(basis, OneHot):
        return function(basis.mesh.nodes[:-1] + basis.mesh.sizes / 2)
    x = np.linspace(*basis.bounds, 200)
    return np.linalg.lstsq(basis.matrix(x).toarray(), function(x), rcond=None)[0]


@pytest.mark.parametrize("name", BASES)
@pytest.mark.parametrize("order", [1, 2, 3])
def test_polynomials_of_lower_degree_have_no_roughness(name: str, order: int) -> None:
    basis = BASES[name]
    root = basis.root(order)
    assert root.shape[1] == basis.size
    for degree in range(order):
        smooth = nearest(basis, np.polynomial.Polynomial([0.0] * degree + [1.0]))
        assert np.abs(root @ smooth).max() < 1e-9 * max(1.0, np.abs(root).max())


@pytest.mark.parametrize("name", ["cubic splines", "polynomials"])
@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_roughness_is_the_integral_of_the_squared_derivative(name: str, order: int) -> None:
    cubic = np.polynomial.Polynomial([1.0, -2.0, 0.5, 1.5])
    derivative = cubic.deriv(order) if order else cubic
    antiderivative = (derivative**2).integ()
    exact = antiderivative(3.0) - antiderivative(0.5)
    basis = BASES[name]
    assert np.sum((basis.root(order) @ nearest(basis, cubic)) ** 2) == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize(("order", "rows"), [(0, 7), (1, 6), (2, 5), (6, 1), (7, 0), (9, 0)])
def test_divided_differences_are_those_of_taylor(order: int, rows: int) -> None:
    """The k-th divided difference of x^k is 1, times k!, whatever the points; rows are weighted by the root of their share."""
    x = np.array([0.0, 0.3, 1.0, 1.2, 2.5, 2.6, 4.0])
    root = divided_differences(x, order)
    assert root.shape == (rows, 7)
    if 0 < order < 7:
        widths = (x[order:] - x[:-order]) / order
        assert root @ x**order == pytest.approx(np.sqrt(widths) * np.prod(np.arange(1, order + 1)), rel=1e-9)


@pytest.mark.parametrize("order", [1, 2])
def test_roughness_on_a_ring_converges(order: int) -> None:
    """sin(2 pi x) has the roughness (2 pi)^(2 order) / 2; periodic differences reach it at second order, and constants have none."""

    def defect(count: int) -> float:
        x = np.linspace(0, 1, count, endpoint=False)
        root = divided_differences(x, order, period=1.0)
        assert root.shape == (count, count)
        assert np.abs(root @ np.ones(count)).max() < 1e-9 * count**2
        return abs(np.sum((root @ np.sin(2 * np.pi * x)) ** 2) - (2 * np.pi) ** (2 * order) / 2)

    assert 3.7 < defect(24) / defect(48) < 4.3


def test_a_ring_of_few_points_wraps_more_than_once() -> None:
    root = divided_differences([0.0, 0.5], 3, period=1.0)
    assert root.shape == (2, 2)
    assert np.abs(root @ np.ones(2)).max() == 0


def test_a_periodic_axis_goes_round() -> None:
    basis = Piecewise(tfem.BSpline(tfem.interval(0, 2, cells=8, periodic=True), 3))
    assert basis.matrix([0.3]).toarray() == pytest.approx(basis.matrix([2.3]).toarray(), abs=1e-14)
    assert np.abs(basis.root(2) @ np.ones(8)).max() < 1e-10


@pytest.mark.parametrize("name", BASES)
def test_linear_extrapolation_follows_the_tangent(name: str) -> None:
    basis, rng = BASES[name], np.random.default_rng(90_521)
    coefficients = rng.standard_normal(basis.size)
    inside, slope = (basis.evaluate(np.array([3.0]), k) @ coefficients for k in (0, 1))
    ahead = basis.matrix([3.5, 5.0], extrapolation="linear") @ coefficients
    assert ahead == pytest.approx(inside + slope * np.array([0.5, 2.0]), rel=1e-12)
    assert isinstance(basis.matrix([1.0]), sparse.csr_array)


def test_a_bound_and_its_rounding_are_inside() -> None:
    basis = BASES["cubic splines"]
    beyond = np.nextafter([0.5, 3.0], [0.0, 4.0])
    assert np.array_equal(basis.matrix(beyond).toarray(), basis.matrix([0.5, 3.0]).toarray())


@pytest.mark.parametrize("name", BASES)
def test_points_outside_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"points: 3\.25 lies outside the fitted axis, which goes from 0\.5 to 3; stay inside, or pass"):
        BASES[name].matrix([1.0, 3.25])


def test_cells_are_half_open_and_counted_from_the_left() -> None:
    cells = OneHot([0.0, 1.0, 4.0])
    assert cells.matrix([0.0, 0.99, 1.0, 4.0]).toarray().tolist() == [[1, 0], [1, 0], [0, 1], [0, 1]]
    assert OneHot(3).bounds == (-0.5, 2.5)


def test_what_is_linear_in_the_middles_of_cells_has_no_curvature() -> None:
    cells = OneHot([0.0, 1.0, 4.0, 6.0, 11.0])
    middles = np.array([0.5, 2.5, 5.0, 8.5])
    assert np.abs(cells.root(2) @ (3 - 2 * middles)).max() < 1e-14
    assert np.linalg.norm(cells.root(1) @ (3 - 2 * middles)) ** 2 == pytest.approx(4 * 8.0)  # the integral of the square of the slope


def test_columns_are_known_at_their_points_only() -> None:
    matrix = np.arange(6.0).reshape(3, 2)
    columns = Columns([0.0, 1.0, 3.0], sparse.csr_array(matrix), penalty=np.eye(2))
    assert columns.matrix([3.0, 0.0]).toarray().tolist() == matrix[[2, 0]].tolist()
    assert columns.root(5).tolist() == np.eye(2).tolist()
    assert Columns([0.0, 1.0, 3.0], matrix).root(1).toarray().tolist() == [[-1.0, 1.0]]
    with pytest.raises(ValueError, match=r"a basis given as a matrix is known at its 3 points only, not at 0\.5"):
        columns.matrix([0.5])
    with pytest.raises(ValueError, match="known at its 3 points only, not beyond its points"):
        columns.matrix([4.0], extrapolation="linear")


@pytest.mark.parametrize("matrix", [np.ones((2, 2)), np.ones(3), np.full((3, 2), np.nan), np.ones((3, 0)), np.ones((3, 2)) * 1j])
def test_a_matrix_that_does_not_fit_is_refused(matrix: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"matrix: got an array of shape .* allowed is one of shape \(3, any\), finite and real"):
        Columns([0.0, 1.0, 2.0], matrix)


def test_a_penalty_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match=r"penalty: got an array of shape \(2, 3\) .* allowed is one of shape \(any, 2\)"):
        Columns([0.0, 1.0, 2.0], np.ones((3, 2)), penalty=np.ones((2, 3)))


def test_what_a_user_may_give_for_an_axis() -> None:
    x = np.array([1.0, 2.0, 4.0])
    assert isinstance(axis_basis(np.ones((3, 2)), x, "bases[0]"), Columns)
    assert isinstance(axis_basis(sparse.eye_array(3), x, "bases[0]"), Columns)
    assert axis_basis(OneHot(2), x, "bases[0]").size == 2
    splines = axis_basis(5, x, "bases[0]")
    assert isinstance(splines, Piecewise)
    assert (splines.size, splines.bounds) == (8, (1.0, 4.0))
    assert axis_basis(tfem.Lagrange(MESH, 2), x, "bases[0]").size == 13
    with pytest.raises(ValueError, match=r"bases\[1\] \(or a BSpline, .*\): got 'cubic' \(str\); allowed is an integer >= 1"):
        axis_basis("cubic", x, "bases[1]")


def test_their_reprs_tell_what_they_are() -> None:
    assert repr(OneHot(3)) == "OneHot(3 cells on [-0.5, 2.5])"
    assert repr(Polynomials(2, (0, 1))) == "Polynomials(degree=2, [0, 1])"
    assert repr(Columns([0, 1], np.eye(2))) == "Columns(2 points x 2 columns)"
    assert repr(BASES["Lagrange"]).startswith("Lagrange(degree=2")
