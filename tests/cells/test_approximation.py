"""Scaled fast diagonalization: a symmetric positive map, exact where it can be, with few iterations where the coefficient is smooth."""

import functools
from typing import Any

import numpy as np
import pytest

from tensorfem.axis import AxisMatrices, Lagrange, graded, interval, mass
from tensorfem.cells import AxisCells, CellOperator, FaceTerm
from tensorfem.cells.approximation import BOTH, CONSTANT, KINDS, SEPARABLE, best, near
from tensorfem.cells.rehearsal import coarse_copy
from tensorfem.kron import KroneckerProduct
from tensorfem.solvers import CG, Direct, FastDiagonalization, norm

SEED = 71_993
SMOOTH = {
    "sine": lambda x, y, z: 1 + 10 * np.sin(np.pi * x * y) ** 2 * np.sin(2 * np.pi * z) ** 2,
    "exponential": lambda x, y, z: np.exp(4 * np.sin(3 * x * y) + z),
    "bell": lambda x, y, z: 1 + 1000 * np.exp(-50 * ((x - 0.4) ** 2 + (y - 0.5) ** 2 + (z - 0.6) ** 2)),
}


def axis(mesh: Any, degree: int, ends: tuple[bool, bool]) -> AxisCells:
    basis = Lagrange(mesh, degree)
    return AxisCells(basis, slice(int(ends[0]), basis.size - int(ends[1])), degree + 1)


def sampled(axes: list[AxisCells], function: Any) -> np.ndarray:
    """A function in the middle of each cell, of linear elements, or at the Gauss points of others."""
    points = [a.rule.points if a.basis.degree > 1 else a.rule.points.reshape(a.count, -1).mean(axis=1) for a in axes]
    grid = np.meshgrid(*points, indexing="ij", sparse=True)
    return np.array(np.broadcast_to(function(*grid), [p.size for p in points]), dtype=float)


def boxes(cells: tuple[int, ...], degree: int = 1, ends: tuple[bool, bool] = (True, True)) -> list[AxisCells]:
    return [axis(interval(0, 1, cells=n), degree, ends) for n in cells]


def iterations(operator: CellOperator, rtol: float = 1e-8) -> int:
    rhs = np.random.default_rng(SEED).standard_normal(operator.output_shape)
    return CG(rtol=rtol, preconditioner=FastDiagonalization()).prepare(operator)(rhs).iterations


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize(("cells", "degree"), [((16, 15, 14), 1), ((30, 28, 26), 1), ((10, 9, 8), 3)])
def test_few_iterations_for_smooth_coefficients(name: str, cells: tuple[int, ...], degree: int) -> None:
    axes = boxes(cells, degree)
    operator = CellOperator(axes, sampled(axes, SMOOTH[name])[None])
    assert iterations(operator) <= 20


def test_iterations_are_promised() -> None:
    axes = boxes((24, 22, 20))
    operator = CellOperator(axes, sampled(axes, SMOOTH["sine"])[None])
    promise = operator.scaled_approximation().promise
    assert promise.smooth
    assert abs(promise.iterations - iterations(operator)) <= 3
    assert promise.to(1e-16) == pytest.approx(2 * promise.iterations, abs=2)


@pytest.mark.parametrize("constant", [True, False])
def test_symmetric_and_positive(constant: bool) -> None:
    axes = [axis(graded(0, 1, cells=7, size_ratio=30), 2, (False, True)), *boxes((6, 5), 1, (False, False))]
    rng = np.random.default_rng(SEED)
    grid = [21, 6, 5]
    operator = CellOperator(axes, np.exp(rng.standard_normal((1, *grid)) / (3 if constant else 0.5)), rng.random(grid))
    apply = FastDiagonalization().approximate_inverse(operator)
    x, y = rng.standard_normal((2, *operator.output_shape))
    assert abs(np.vdot(y, apply(x)) - np.vdot(x, apply(y))) <= 1e-12 * norm(x) * norm(apply(y))
    assert np.vdot(x, apply(x)) > 0
    out = np.empty_like(x)
    assert apply.into(x, out) is out
    np.testing.assert_array_equal(out, apply(x))


def test_exact_where_the_coefficient_is_separable() -> None:
    """Unequal axes, a jump along one, unequal numbers along the axes, and a Robin end."""
    axes = [axis(interval(0, 2, cells=8), 2, (False, True)), axis(graded(0, 1, cells=6, size_ratio=3), 1, (True, False))]
    points = [a.rule.points for a in axes]
    weights = [np.where(points[0] < 1, 1.0, 100.0), np.exp(points[1].reshape(6, -1).mean(axis=1))]
    both = np.multiply.outer(*weights)
    operator = CellOperator(axes, np.stack([2 * both, 7 * both]))
    kind, promise = best(operator)
    assert kind.words == SEPARABLE
    assert promise.iterations <= 3
    x = np.random.default_rng(SEED).standard_normal(operator.output_shape)
    again = FastDiagonalization().approximate_inverse(operator)(operator.apply(x))
    assert norm(again - x) <= 1e-10 * norm(x)


def test_constants_with_reaction_and_robin_are_a_kronecker_sum() -> None:
    axes = boxes((6, 5, 4), 2, (False, False))
    ones = np.ones((6, 5, 4))
    masses = [mass(a.basis) for a in axes]
    faces = [FaceTerm(1, -1, 3.0, KroneckerProduct(masses[0], masses[2])), FaceTerm(0, 0, 0.5, KroneckerProduct(*masses[1:]))]
    operator = CellOperator(axes, np.multiply.outer([2.0, 5.0, 9.0], ones), 0.7 * ones, faces=faces)
    nearest, scale = near(operator, KINDS[0])
    assert scale is not None
    np.testing.assert_allclose(nearest.toarray(), operator.toarray() * scale.ravel()[:, None] * scale.ravel(), rtol=1e-10, atol=1e-12)


def test_a_product_of_jumps_and_a_smooth_rest_is_separated_and_scaled() -> None:
    axes = boxes((24, 22, 20))
    operator = CellOperator(axes, sampled(axes, lambda x, y, z: np.where(x < 0.5, 1, 1e4) * (2 + np.sin(6 * y * z + x)))[None])
    kind, promise = best(operator)
    assert kind.words == BOTH
    assert promise.smooth
    assert iterations(operator) <= 10


def test_singular_operators_are_solved() -> None:
    axes = boxes((22, 20, 18), 1, (False, False))
    null = tuple(np.ones(a.size) for a in axes)
    operator = CellOperator(axes, sampled(axes, SMOOTH["exponential"])[None], null_vector=null)
    rhs = np.random.default_rng(SEED).standard_normal(operator.output_shape)
    rhs -= rhs.mean()
    record = CG(rtol=1e-8, preconditioner=FastDiagonalization()).prepare(operator)(rhs)
    assert record.iterations <= 20
    assert operator.kronecker_approximation().null_vector is not None
    apply = FastDiagonalization().approximate_inverse(operator)
    assert np.vdot(rhs, apply(rhs)) > 0


def test_reactions_and_robin_ends_do_no_harm() -> None:
    axes = boxes((22, 20, 18), 1, (False, False))
    masses = [mass(a.basis) for a in axes]
    faces = [FaceTerm(2, -1, 30.0, KroneckerProduct(*masses[:2]))]
    field, c = sampled(axes, SMOOTH["sine"]), sampled(axes, lambda x, y, z: 500 * (1 + np.sin(9 * x * z) + y))
    assert iterations(CellOperator(axes, field[None], faces=faces)) <= 25
    assert iterations(CellOperator(axes, field[None], c)) <= 25


def test_tensors_are_scaled_by_their_mean() -> None:
    axes = boxes((20, 18, 16))
    field = sampled(axes, SMOOTH["exponential"])
    operator = CellOperator(axes, np.multiply.outer([1.0, 10.0, 100.0], np.ones_like(field)) * field)
    assert iterations(operator) <= 12
    small = functools.partial(np.multiply, 0.3)
    full = np.stack([field, small(field), 0 * field, field, small(field), 2 * field])
    assert iterations(CellOperator(axes, full)) <= 25


def test_a_tensor_whose_mean_is_constant_is_not_taken_for_one() -> None:
    """``diag(a, 1 / a)``: the spread of the geometric mean says nothing of the iterations."""
    axes = boxes((26, 24))
    x, y = (a.rule.points.reshape(a.count, -1).mean(axis=1) for a in axes)
    field = np.exp(3 * np.sin(7 * np.multiply.outer(x, y)))
    operator = CellOperator(axes, np.stack([field, 1 / field]))
    assert operator.scaled_approximation().promise.iterations > 0.5 * iterations(operator) > 10


def test_a_reaction_that_no_sample_sees_is_regular_still() -> None:
    """In one cell of many, and free at all ends: the coarse copy picks other cells, and must not be singular."""
    axes = boxes((64, 62), 1, (False, False))
    c, field = np.zeros((64, 62)), np.ones((64, 62))
    c[0, 0] = 40.0
    operator = CellOperator(axes, field[None], c)
    copy = coarse_copy(operator)
    assert copy.reaction.mean() == pytest.approx(c.mean())
    assert operator.kronecker_approximation().null_vector is None
    rhs = np.random.default_rng(SEED).standard_normal(operator.output_shape)
    assert CG(rtol=1e-8, preconditioner=FastDiagonalization()).prepare(operator)(rhs).iterations <= 20


def test_where_no_reaction_is_left_the_nearest_sum_is_regular_still() -> None:
    axes = boxes((6, 5), 1, (False, False))
    ones = np.ones((6, 5))
    assert near(CellOperator(axes, ones[None], 0 * ones), KINDS[1])[0].null_vector is None
    null = tuple(np.ones(a.size) for a in axes)
    assert near(CellOperator(axes, ones[None], null_vector=null), KINDS[1])[0].null_vector is not None


def test_jumps_are_told_from_slopes() -> None:
    axes = boxes((24, 22, 20))
    ball = sampled(axes, lambda x, y, z: np.where((x - 0.5) ** 2 + (y - 0.4) ** 2 + (z - 0.5) ** 2 < 0.09, 1e4, 1.0))
    promise = CellOperator(axes, ball[None]).scaled_approximation().promise
    assert not promise.smooth
    assert promise.iterations > 40


ROUGHNESS = {
    "a ball": (lambda x, y, z: np.where((x - 0.5) ** 2 + (y - 0.4) ** 2 + (z - 0.5) ** 2 < 0.09, 1e4, 1.0), True),
    "layers": (lambda x, y, z: np.where(x < 0.3, 1e4, 1.0) * np.where(z > 0.6, 1e-3, 1.0), False),  # a product takes them
    "small steps": (lambda x, y, z: 1 + ((x - 0.5) ** 2 + (y - 0.4) ** 2 + (z - 0.5) ** 2 < 0.09), False),
    "smooth": (SMOOTH["bell"], False),
}


@pytest.mark.parametrize("name", ROUGHNESS)
def test_rough_is_what_jumps_and_no_product_takes(name: str) -> None:
    function, expected = ROUGHNESS[name]
    axes = boxes((24, 22, 20))
    assert CellOperator(axes, sampled(axes, function)[None]).is_rough() == expected


def test_an_indefinite_operator_has_none() -> None:
    axes = boxes((6, 5))
    ones = np.ones((6, 5))
    operator = CellOperator(axes, ones[None], -50 * ones, definite=False)
    assert operator.kronecker_approximation() is None
    with pytest.raises(ValueError, match="knows no nearest Kronecker sum"):
        FastDiagonalization().approximate_inverse(operator)


def test_the_solution_is_the_direct_one() -> None:
    axes = boxes((9, 8, 7), 2)
    operator = CellOperator(axes, sampled(axes, SMOOTH["bell"])[None])
    rhs = np.random.default_rng(SEED).standard_normal(operator.output_shape)
    found, exact = (s.prepare(operator)(rhs).value for s in (CG(rtol=1e-12, preconditioner=FastDiagonalization()), Direct()))
    assert norm(found - exact) <= 1e-8 * norm(exact)
    assert best(operator)[0].words == CONSTANT


def test_parts_are_those_of_a_kronecker_sum_with_weights() -> None:
    axes = boxes((6, 5), 1, (True, False))
    x, y = (a.rule.points.reshape(a.count, -1).mean(axis=1) for a in axes)
    operator = CellOperator(axes, np.multiply.outer(1 + x, np.exp(y))[None])
    nearest, _ = near(operator, KINDS[1])
    weights = [lambda points: np.repeat(1 + x, 2), lambda points: np.repeat(np.exp(y), 2)]
    expected = [AxisMatrices(a.basis, diffusion=w, weight=w).restrict((True, False)) for a, w in zip(axes, weights, strict=True)]
    ratios = [(found.mass / own.mass.toarray()[0, 0] * 1.0).toarray()[0, 0] for found, own in zip(nearest.pencils, expected, strict=True)]
    assert np.prod(ratios) == pytest.approx(1.0)
    for found, own, ratio in zip(nearest.pencils, expected, ratios, strict=True):
        np.testing.assert_allclose(found.stiffness.toarray(), ratio * own.stiffness.toarray(), rtol=1e-10, atol=1e-12)
