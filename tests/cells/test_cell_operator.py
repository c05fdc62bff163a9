"""The contract of cell operators: the image is the explicit matrix's, and that is the integral."""

import functools

import numpy as np
import pytest
import scipy.linalg as linalg
import scipy.sparse as sparse

from tensorfem.axis import AxisMatrices, mass
from tensorfem.cells import CellOperator, FaceTerm
from tensorfem.kron import KroneckerProduct, KroneckerSum
from tensorfem.solvers import Direct
from tests.cells.conftest import AXES


def test_image_is_that_of_the_explicit_matrix(operator, rng) -> None:
    u = rng.standard_normal((2, *operator.input_shape))
    explicit = (operator.tosparse() @ u.reshape(2, -1).T).T.reshape(u.shape)
    assert np.allclose(operator.apply(u), explicit, rtol=0, atol=1e-13 * np.abs(explicit).max())


def test_explicit_matrix_is_symmetric_and_definite(operator) -> None:
    matrix = operator.toarray()
    assert np.allclose(matrix, matrix.T, rtol=0, atol=1e-13 * np.abs(matrix).max())
    assert np.linalg.eigvalsh(matrix)[0] > 0


def test_diagonal_is_that_of_the_explicit_matrix(operator) -> None:
    explicit = operator.tosparse().diagonal().reshape(operator.output_shape)
    assert np.allclose(operator.diagonal(), explicit, rtol=1e-12, atol=0)


def test_norm_bound_and_entries_are_upper_bounds(operator) -> None:
    matrix = operator.tosparse()
    matrix.eliminate_zeros()
    assert matrix.nnz <= operator.entries
    assert abs(matrix).sum(axis=1).max() <= operator.norm_bound() * (1 + 1e-12)


def test_constants_give_the_kronecker_sum(axes, rng) -> None:
    diffusion, reaction = 2.0 + np.arange(len(axes)), 0.7
    pencils = [AxisMatrices(axis.basis, diffusion=float(a)).restrict(_ends(axis)) for axis, a in zip(axes, diffusion, strict=True)]
    expected = KroneckerSum(pencils, reaction)
    ones = np.ones([axis.count for axis in axes])
    found = CellOperator(axes, np.multiply.outer(diffusion, ones), reaction * ones)
    u = rng.standard_normal(found.input_shape)
    image = expected.apply(u)
    assert np.allclose(found.apply(u), image, rtol=0, atol=1e-12 * np.abs(image).max())


def _ends(axis) -> tuple[bool, bool]:
    return axis.free.start > 0, axis.free.stop < axis.basis.size


@pytest.mark.parametrize("name", [name for name in AXES if "1D" not in name])
def test_off_diagonal_entries_are_mixed_derivatives(name) -> None:
    """The entry a_xy is met by d_x u d_y v + d_y u d_x v."""
    axes = AXES[name]()
    dimension = len(axes)
    ones, zeros = np.ones([axis.count for axis in axes]), np.zeros([axis.count for axis in axes])
    entries = [(i, j) for i in range(dimension) for j in range(i, dimension)]
    found = CellOperator(axes, np.stack([ones if entry == (0, 1) else zeros for entry in entries])).toarray()
    first, second = (axis.slopes.T @ sparse.diags_array(axis.weights.ravel()) @ axis.values for axis in axes[:2])
    others = [mass(axis.basis)[axis.free, axis.free] for axis in axes[2:]]
    expected = functools.reduce(np.kron, [m.toarray() for m in (first, second.T, *others)])
    assert np.allclose(found, expected + expected.T, rtol=0, atol=1e-13 * max(1.0, np.abs(expected).max()))


def test_faces_add_their_masses(axes, rng) -> None:
    ones = np.ones((1, *(axis.count for axis in axes)))
    plain = CellOperator(axes, ones)
    others = [mass(axis.basis)[axis.free, axis.free] for axis in axes[:-1]]
    term = FaceTerm(len(axes) - 1, -1, 3.0, KroneckerProduct(*others) if others else None)
    found = CellOperator(axes, ones, faces=[term])
    corner = np.zeros((axes[-1].size, axes[-1].size))
    corner[-1, -1] = 3.0
    expected = functools.reduce(np.kron, [*(m.toarray() for m in others), corner])
    assert np.allclose(found.toarray() - plain.toarray(), expected, rtol=0, atol=1e-12)
    u = rng.standard_normal(found.input_shape)
    assert np.allclose((found.apply(u) - plain.apply(u)).ravel(), expected @ u.ravel(), rtol=0, atol=1e-11)
    assert np.allclose(found.diagonal() - plain.diagonal(), np.diag(expected).reshape(u.shape), rtol=0, atol=1e-12)
    assert np.abs(found.toarray()).sum(axis=1).max() <= found.norm_bound()


@pytest.mark.parametrize("sign", [1, -1])
def test_a_reaction_alone_is_bounded(axes, sign) -> None:
    grid = [axis.count for axis in axes]
    found = CellOperator(axes, 1e-9 * np.ones((1, *grid)), 3.0 * sign * np.ones(grid), definite=sign > 0)
    size = 3 * np.prod([m.sum(axis=1).max() for m in found.mass.factors])
    assert abs(found.tosparse()).sum(axis=1).max() <= found.norm_bound() * (1 + 1e-12)
    assert found.norm_bound() >= size


def test_a_reaction_that_makes_it_singular_is_refused_whatever_its_mean() -> None:
    """In units of the diffusion the reaction is s p, its mean positive, with s such that ``K u = -s M_p u`` for some u."""
    axis = AXES["linear 1D"]()[0]
    axis = type(axis)(axis.basis, slice(1, axis.basis.size - 1), axis.points)
    profile = np.where(np.arange(axis.count) == 0, 40.0, -1.0)
    small = 1e-300 * np.ones((1, axis.count))
    stiffness, weighted = CellOperator([axis], np.ones((1, axis.count))).toarray(), CellOperator([axis], small, profile).toarray()
    factor = -1 / linalg.eigvalsh(weighted, stiffness)[0]
    assert factor * profile.mean() > 0
    operator = CellOperator([axis], np.ones((1, axis.count)), factor * profile, definite=False)
    with pytest.raises(ValueError, match="is resonant"):
        Direct().prepare(operator)
