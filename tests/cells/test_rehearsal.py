"""The coarse copy of a problem: the same box, ends and coefficient, on few cells, in any dimension."""

import numpy as np
import pytest

from tensorfem.axis import Lagrange, graded, interval, mass
from tensorfem.cells import AxisCells, CellOperator, FaceTerm
from tensorfem.cells.approximation import SEPARABLE
from tensorfem.cells.rehearsal import CELLS, coarse_copy, growth
from tensorfem.kron import KroneckerProduct
from tensorfem.solvers import CG, FastDiagonalization

SEED = 350_081


def axis(mesh, free) -> AxisCells:
    return AxisCells(Lagrange(mesh, degree=1), free, points=2)


def test_the_copy_has_the_box_the_ends_and_the_middles() -> None:
    axes = [axis(interval(0, 3, cells=124), slice(1, 125)), axis(graded(0, 1, cells=64, size_ratio=9), slice(0, 64))]
    field = np.exp(np.random.default_rng(SEED).standard_normal((124, 64)))
    masses = [mass(a.basis)[a.free, a.free] for a in axes]
    faces = [FaceTerm(1, 0, 2.5, KroneckerProduct(masses[0])), FaceTerm(0, -1, 1.5, KroneckerProduct(masses[1]))]
    copy = coarse_copy(CellOperator(axes, field[None], 2 * field, faces=faces))
    assert [a.count for a in copy.axes] == [32, 32]
    assert np.prod([a.count for a in copy.axes]) <= 1.1 * CELLS
    assert [a.basis.mesh.bounds for a in copy.axes] == [(0.0, 3.0), (0.0, 1.0)]
    assert [(a.free.start, a.basis.size - a.free.stop) for a in copy.axes] == [(1, 0), (0, 1)]
    np.testing.assert_array_equal(copy.diffusion[0][0], field[2, 1::2])
    np.testing.assert_array_equal(copy.reaction, 2 * copy.diffusion[0])
    assert [(face.axis, face.place % copy.output_shape[face.axis], face.coefficient) for face in copy.faces] == [(1, 0, 2.5), (0, 31, 1.5)]
    assert copy.faces[0].mass.factors[0].sum() == pytest.approx(mass(copy.axes[0].basis)[1:, 1:].sum())
    assert growth(CellOperator(axes, field[None]), copy) == 124 / 32


@pytest.mark.parametrize("dimension", [1, 2, 4])
def test_separable_coefficients_of_any_dimension(dimension: int) -> None:
    axes = [axis(interval(0, 1 + k, cells=9 - k), slice(0, 9 - k)) for k in range(dimension)]
    field = np.ones([])
    for k, own in enumerate(axes):
        field = np.multiply.outer(field, np.where(np.arange(own.count) < 3, 1.0, 50.0 + k))
    operator = CellOperator(axes, field[None])
    assert operator.scaled_approximation().promise.words == SEPARABLE
    rhs = np.random.default_rng(SEED).standard_normal(operator.output_shape)
    assert CG(preconditioner=FastDiagonalization()).prepare(operator)(rhs).iterations <= 2
