"""Linear elements on the nodes of higher ones: the same nodes, the mean coefficients, and as many iterations at every degree."""

import numpy as np
import pytest
import scipy.linalg as linalg

from tensorfem.axis import BSpline, Lagrange, graded, interval, mass
from tensorfem.cells import AxisCells, CellOperator, FaceTerm
from tensorfem.kron import KroneckerProduct
from tensorfem.solvers import AMG, CG, norm

SEED = 40_129


def axis(mesh, degree, free=None, kind=Lagrange):
    basis = kind(mesh, degree)
    return AxisCells(basis, slice(1, basis.size - 1) if free is None else free, degree + 1)


def build(degree, cells=(4, 3), per_point=True, **options):
    axes = [axis(interval(0, 1 + k, cells=n), degree) for k, n in enumerate(cells)]
    grid = [a.count * (a.points if per_point else 1) for a in axes]
    lines = [np.linspace(0, 1, n) for n in grid]
    field = 1 + 5 * np.sin(4 * np.add.outer(*lines)) ** 2
    return CellOperator(axes, field[None], **options)


@pytest.mark.parametrize("degree", [2, 3, 5, 8])
def test_spectrally_equivalent(degree) -> None:
    """The condition number of the generalized eigenproblem is bounded, as that of constant coefficients is (Canuto et al.)."""
    operator = build(degree)
    low = operator.low_order()
    assert low.output_shape == operator.output_shape
    eigenvalues = linalg.eigh(operator.toarray(), low.toarray(), eigvals_only=True)
    assert eigenvalues[-1] / eigenvalues[0] < 8


@pytest.mark.parametrize("degree", [2, 4, 8])
def test_iterations_do_not_depend_on_the_degree(degree) -> None:
    operator = build(degree, cells=(32 // degree, 24 // degree))
    rhs = np.random.default_rng(SEED).standard_normal(operator.output_shape)
    record = CG(rtol=1e-8, preconditioner=AMG()).prepare(operator)(rhs)
    assert record.residual <= 1e-8
    assert record.iterations <= 30


def test_stretched_cells_do_no_harm() -> None:
    axes = [axis(interval(0, 1000, cells=6), 4), axis(graded(0, 1, cells=5, size_ratio=50), 4)]
    operator = CellOperator(axes, np.ones((1, 6, 5)))
    rhs = np.random.default_rng(SEED).standard_normal(operator.output_shape)
    assert AMG(rtol=1e-8).prepare(operator)(rhs).iterations <= 30


def test_means_keep_the_integral_and_the_place() -> None:
    axes = [axis(graded(0, 2, cells=3, size_ratio=3), 4), axis(interval(0, 1, cells=2, periodic=True), 3, slice(0, 6))]
    field = np.exp(np.random.default_rng(SEED).standard_normal((15, 8)))
    low = CellOperator(axes, field[None], field).low_order()
    weights, fine = (np.multiply.outer(*(a.weights.ravel() for a in own)) for own in (axes, low.axes))
    assert np.sum(fine * low.at_points(low.diffusion[0])) == pytest.approx(np.sum(weights * field), rel=1e-13)
    np.testing.assert_array_equal(low.diffusion[0], low.reaction)
    steps = np.repeat([1.0, 7.0, 3.0], 5)[:, None] * np.ones(8)
    np.testing.assert_allclose(CellOperator(axes, steps[None]).low_order().diffusion[0][:, 0], np.repeat([1.0, 7.0, 3.0], 4), rtol=1e-14)


def test_faces_and_null_vectors_go_along() -> None:
    axes = [axis(interval(0, 1, cells=3), 3, slice(0, 10)), axis(interval(0, 2, cells=2), 2, slice(0, 5))]
    face = FaceTerm(1, -1, 4.0, KroneckerProduct(mass(axes[0].basis)))
    ones = np.ones((1, 3, 2))
    low = CellOperator(axes, ones, faces=[face]).low_order()
    plain = CellOperator(axes, ones, null_vector=(np.ones(10), np.ones(5))).low_order()
    added = (low.toarray() - plain.toarray()).reshape(10, 5, 10, 5)
    assert added[:, -1, :, -1].sum() == pytest.approx(4.0)
    assert norm(plain.toarray() @ np.ones(50)) < 1e-12
    assert [v.size for v in plain.null_vector] == [10, 5]


def test_splines_and_linear_elements_have_none() -> None:
    assert build(1).low_order() is None
    spline = axis(interval(0, 1, cells=5), 3, kind=BSpline)
    operator = CellOperator([spline, axis(interval(0, 1, cells=3), 2)], np.ones((1, 5, 3)))
    assert operator.low_order() is None
    rhs = np.random.default_rng(SEED).standard_normal(operator.output_shape)
    assert AMG().prepare(operator)(rhs).residual <= 1e-10


def test_the_hierarchy_serves_many_right_hand_sides(monkeypatch) -> None:
    operator = build(3)
    solve = AMG().prepare(operator)
    monkeypatch.setattr(CellOperator, "tosparse", lambda self: pytest.fail("the matrix is made again"))
    for seed in (SEED, SEED + 1):
        assert solve(np.random.default_rng(seed).standard_normal(operator.output_shape)).residual <= 1e-10
