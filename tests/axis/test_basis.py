"""What every basis of one axis keeps, whatever its family, degree, continuity and mesh."""

import numpy as np
import pytest
from numpy.polynomial import Polynomial

from tensorfem.axis import Basis, BSpline, Lagrange, interval

EPS = np.finfo(float).eps


def inside(basis, rng, count: int = 40) -> np.ndarray:
    """Points in cells, with both ends and all nodes of the mesh."""
    return np.concatenate([rng.uniform(*basis.mesh.bounds, count), basis.mesh.nodes])


def in_cell(basis, reference: float, derivative: int = 0) -> np.ndarray:
    """All functions in every cell at one reference coordinate: (cells, size)."""
    cells = np.arange(basis.mesh.cells)
    values = np.zeros((cells.size, basis.size))
    np.add.at(values, (cells[:, None], basis.unknowns), basis.local(cells, np.full(cells.size, reference), derivative))
    return values


def coarseness(basis) -> float:
    """By how much a reference coordinate that is taken from a rounded point is off, in roundings."""
    return max(map(abs, basis.mesh.bounds)) / float(basis.mesh.sizes.min())


def smoothness(basis) -> int:
    """How many derivatives are continuous between cells."""
    return basis.continuity if isinstance(basis, BSpline) else 0


def amplification(basis) -> float:
    """By how much interpolation at the nodes may magnify rounding: a condition number, times a Lebesgue constant."""
    return 100 * basis.size * float(np.linalg.cond(basis.collocation.toarray()))


def test_the_functions_add_up_to_one(basis, rng, magnitude) -> None:
    points = inside(basis, rng)
    assert np.abs(basis.evaluate(points).sum(axis=1) - 1).max() < 100 * basis.degree * EPS
    assert np.abs(basis.evaluate(points, 1).sum(axis=1)).max() < 100 * basis.degree * EPS * magnitude(basis, 1).max()


def test_its_size_is_what_degree_and_continuity_leave(basis) -> None:
    """degree + 1 numbers per cell, less the conditions between cells; a periodic axis has one more place for them."""
    cells, places = basis.mesh.cells, basis.mesh.cells - (not basis.mesh.periodic)
    assert basis.size == (basis.degree + 1) * cells - (smoothness(basis) + 1) * places
    assert basis.nodes.shape == (basis.size,)
    assert basis.evaluate([basis.nodes[0]]).shape == (1, basis.size)


def test_each_cell_sees_its_own_functions_only(basis, rng) -> None:
    cells = basis.mesh.cells
    assert basis.unknowns.shape == (cells, basis.degree + 1)
    assert set(basis.unknowns.ravel()) == set(range(basis.size))
    cell = rng.integers(0, cells, 20)
    points = basis.mesh.nodes[cell] + rng.uniform(0.1, 0.9, 20) * basis.mesh.sizes[cell]
    for row, own in zip(basis.evaluate(points).toarray(), basis.unknowns[cell], strict=True):
        assert set(np.flatnonzero(row)) <= set(own)


def test_the_nodes_increase_and_lie_inside(basis) -> None:
    start, end = basis.mesh.bounds
    assert np.all(np.diff(basis.nodes) > 0)
    if basis.mesh.periodic:
        assert start <= basis.nodes[0]
        assert basis.nodes[-1] < end
    else:
        assert (basis.nodes[0], basis.nodes[-1]) == (start, end)


def test_values_at_the_nodes_determine_the_function(basis, rng) -> None:
    collocation = basis.collocation.toarray()
    assert np.linalg.matrix_rank(collocation, tol=1e-9) == basis.size
    rounding = 10 * basis.degree**2 * EPS * coarseness(basis)
    assert basis.evaluate(basis.nodes).toarray() == pytest.approx(collocation, abs=max(rounding, 1e-13))
    assert basis.nodal or basis.size == 1 or not np.array_equal(collocation, np.eye(basis.size))


def test_each_derivative_is_the_derivative_of_the_one_before(basis, magnitude) -> None:
    """The fundamental theorem of calculus in every cell: no step size to choose."""
    rule = basis.mesh.quadrature(basis.degree + 1)
    sums = np.equal.outer(np.arange(basis.mesh.cells), rule.cells) * rule.weights
    for order in range(min(basis.degree + 1, 4)):
        integrals = sums @ basis.tabulate(rule, order + 1)
        differences = in_cell(basis, 1.0, order) - in_cell(basis, 0.0, order)
        rounding = 100 * basis.degree**2 * EPS * (magnitude(basis, order) + basis.mesh.sizes * magnitude(basis, order + 1))
        assert np.all(np.abs(integrals - differences) <= rounding[:, None])


def test_derivatives_beyond_the_degree_vanish(basis, rng) -> None:
    beyond = basis.evaluate(inside(basis, rng), basis.degree + 1)
    assert beyond.shape[1] == basis.size
    assert abs(beyond).max() == 0


def test_it_is_as_smooth_as_it_says_and_no_smoother(basis, magnitude) -> None:
    """From cell to cell, and where a periodic axis closes: also with cells of very different size."""
    cells = np.arange(basis.mesh.cells)
    left, right = (cells, (cells + 1) % cells.size) if basis.mesh.periodic else (cells[:-1], cells[1:])
    for order in range(smoothness(basis) + 2):
        ends, starts = in_cell(basis, 1.0, order)[left], in_cell(basis, 0.0, order)[right]
        same = np.abs(ends - starts).max(initial=0) <= 100 * basis.degree * EPS * magnitude(basis, order).max()
        assert same == (order <= smoothness(basis) or left.size == 0 or basis.size == 1)


def test_interpolation_reproduces_polynomials_and_their_derivatives(open_basis, rng) -> None:
    basis, (start, end) = open_basis, open_basis.mesh.bounds
    for degree in range(basis.degree + 1):
        exact = Polynomial(rng.standard_normal(degree + 1), domain=[start, end])
        coefficients = np.linalg.solve(basis.collocation.toarray(), exact(basis.nodes))
        points = inside(basis, rng)
        for order in range(3):
            expected, matrix = exact.deriv(order)(points) if order else exact(points), basis.evaluate(points, order)
            rounding = amplification(basis) * EPS * (abs(matrix) @ np.abs(coefficients)).max() + EPS
            assert np.abs(matrix @ coefficients - expected).max() < rounding


def test_a_rule_is_evaluated_as_its_points(basis) -> None:
    rule = basis.mesh.quadrature(3)
    sharp = 1e-7 if basis.mesh.sizes.max() > 1e6 * basis.mesh.sizes.min() else 1e-13  # points know tiny cells only roughly
    for order in (0, 1):
        tabulated, evaluated = basis.tabulate(rule, order).toarray(), basis.evaluate(rule.points, order).toarray()
        assert np.all(np.abs(tabulated - evaluated) <= sharp * basis.degree**2 * np.abs(tabulated).max(axis=1, keepdims=True))


def test_halving_the_cells_keeps_every_function(basis, rng) -> None:
    """The coarse function is one of the fine space: interpolated there at the fine nodes, it is the same between them."""
    fine, coefficients = basis.refined(), rng.standard_normal(basis.size)
    assert type(fine) is type(basis)
    assert (fine.mesh.cells, fine.degree, smoothness(fine)) == (2 * basis.mesh.cells, basis.degree, smoothness(basis))
    if basis.mesh.sizes.max() > 1e6 * basis.mesh.sizes.min():
        return  # the fine nodes are rounded: there the values are no longer those of the coarse function
    refined = np.linalg.solve(fine.collocation.toarray(), basis.evaluate(fine.nodes) @ coefficients)
    points = inside(basis, rng)
    scale = amplification(fine) * EPS * np.abs(coefficients).max()
    assert np.abs(fine.evaluate(points) @ refined - basis.evaluate(points) @ coefficients).max() < scale


def test_a_periodic_function_repeats(closed_basis, rng) -> None:
    basis, points = closed_basis, rng.uniform(*closed_basis.mesh.bounds, 20)
    for turns in (1, -3):
        moved = basis.evaluate(points + turns * basis.mesh.length)
        assert (
            abs(moved - basis.evaluate(points)).max()
            < 1e-12 * basis.degree**2 * basis.mesh.length / basis.mesh.sizes[basis.mesh.locate(points)[0]].min()
        )
    assert np.array_equal(basis.evaluate([basis.mesh.bounds[1]]).toarray(), basis.evaluate([basis.mesh.bounds[0]]).toarray())


def test_points_outside_are_refused(open_basis) -> None:
    start, end = open_basis.mesh.bounds
    for wrong in (start - 1e-9, end + 1e-9, np.nan, np.inf):
        with pytest.raises(ValueError, match=rf"points: {wrong} lies outside the axis, which goes from {start} to {end}"):
            open_basis.evaluate([start, wrong])


def test_points_that_are_not_finite_are_refused_on_a_periodic_axis(closed_basis) -> None:
    for wrong in (np.nan, -np.inf):
        with pytest.raises(ValueError, match=f"points: {wrong} lies outside the axis"):
            closed_basis.evaluate([0.5, wrong])


def test_one_point_and_a_grid_of_points_are_points_too(basis) -> None:
    x, y = basis.nodes[0], basis.mesh.bounds[1]
    one, grid = basis.evaluate(x), basis.evaluate([[x, y], [y, x]])
    assert np.array_equal(one.toarray(), basis.evaluate([x]).toarray())
    assert np.array_equal(grid.toarray(), basis.evaluate([x, y, y, x]).toarray())


@pytest.mark.parametrize("wrong", [-1, 0.5, True, "1"])
def test_a_derivative_that_is_no_count_is_refused(basis, wrong) -> None:
    with pytest.raises(ValueError, match=f"derivative: got {wrong!r}"):
        basis.evaluate([basis.nodes[0]], derivative=wrong)


def test_its_repr_tells_what_it_is(basis) -> None:
    text = repr(basis)
    assert text.startswith(type(basis).__name__)
    for part in (f"degree={basis.degree}", f"{basis.mesh.cells} {'periodic ' * basis.mesh.periodic}cells", f"{basis.size} unknowns"):
        assert part in text


def test_a_basis_says_what_its_functions_are() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Basis(interval(0, 1, 2), 1)


@pytest.mark.parametrize("family", [Lagrange, BSpline])
@pytest.mark.parametrize("degree", [0, -1, 25, 50, 1.5, True, "2", None])
def test_a_degree_out_of_range_is_refused(family, degree) -> None:
    with pytest.raises(ValueError, match=f"degree: got {degree}|degree: got '{degree}'.*allowed is an integer from 1 to 24"):
        family(interval(0, 1, 2), degree)


@pytest.mark.parametrize("mesh", [None, 4, np.linspace(0, 1, 5)])
def test_what_is_no_mesh_is_refused(mesh) -> None:
    with pytest.raises(ValueError, match=r"mesh: got .*; allowed is a mesh, as made by interval, graded or Mesh"):
        Lagrange(mesh, 1)


@pytest.mark.parametrize("continuity", [-1, 3, 1.0, True, "1"])
def test_a_continuity_out_of_range_is_refused(continuity) -> None:
    with pytest.raises(ValueError, match=r"continuity: got .*allowed is an integer from 0 to 2"):
        BSpline(interval(0, 1, 2), 3, continuity)
