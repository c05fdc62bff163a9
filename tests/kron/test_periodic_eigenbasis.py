"""Periodic axes of equal cells: Fourier transforms over the cells diagonalize block circulant matrices."""

import numpy as np
import pytest
import scipy.linalg as linalg

import tensorfem as tfem
from tensorfem.axis import AxisMatrices
from tensorfem.kron import pencil as pencil_module
from tensorfem.kron.periodic_eigenbasis import PeriodicEigenbasis

EPS = float(np.finfo(float).eps)
BASES = {
    "Lagrange 1": lambda mesh: tfem.Lagrange(mesh, 1),
    "Lagrange 2": lambda mesh: tfem.Lagrange(mesh, 2),
    "Lagrange 5": lambda mesh: tfem.Lagrange(mesh, 5),
    "spline 2": lambda mesh: tfem.BSpline(mesh, 2),
    "spline 3": lambda mesh: tfem.BSpline(mesh, 3),
    "spline 4, once continuous": lambda mesh: tfem.BSpline(mesh, 4, 1),
}


def pencil_of(name, cells):
    return AxisMatrices(BASES[name](tfem.interval(-1, 2, cells, periodic=True)), diffusion=2.5, weight=0.3).restrict((False, False))


def basis_of(pencil):
    return PeriodicEigenbasis(pencil.root, pencil.mass, pencil.period, pencil.null_vector)


# Few cells for Lagrange elements alone: a spline would meet itself.
CASES = [(name, cells) for name in BASES for cells in (1, 2, 3, 6, 9) if "spline" not in name or cells >= 6]


@pytest.mark.parametrize(("name", "cells"), CASES)
def test_it_diagonalizes_stiffness_and_mass(name, cells):
    pencil = pencil_of(name, cells)
    basis = basis_of(pencil)
    K, M = pencil.stiffness.toarray(), pencil.mass.toarray()
    V = basis.backward(np.eye(pencil.size), axis=0)
    scale = linalg.norm(V, 2) ** 2
    np.testing.assert_allclose(V.T @ M @ V, np.eye(pencil.size), atol=100 * EPS * scale * linalg.norm(M, 2))
    np.testing.assert_allclose(V.T @ K @ V, np.diag(basis.eigenvalues), atol=100 * EPS * scale * linalg.norm(K, 2))
    np.testing.assert_allclose(basis.forward(np.eye(pencil.size), axis=1), V, atol=1e-13 * np.abs(V).max())
    assert basis.eigenvalues[0] == 0
    assert np.ptp(V[:, 0]) < 1e-15 * pencil.size


def test_smooth_modes_have_all_their_digits():
    """exp(2 pi i k x / L) is resolved by degree 5 on 300 cells to far below rounding: (2 pi k / L)^2 a / b."""
    values = np.sort(basis_of(pencil_of("Lagrange 5", 300)).eigenvalues)
    waves = np.repeat((2 * np.pi * np.arange(1, 6) / 3) ** 2 * 2.5 / 0.3, 2)
    np.testing.assert_allclose(values[1:11], waves, rtol=1e-11)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "complex128"])
def test_any_axis_and_type(axis, dtype):
    pencil = pencil_of("Lagrange 2", 5)
    basis = basis_of(pencil).astype(dtype)
    rng = np.random.default_rng(92)
    shape = [4, 3, 2]
    shape[axis] = pencil.size
    array = (rng.standard_normal(shape) + (1j * rng.standard_normal(shape) if dtype[0] == "c" else 0)).astype(dtype)
    V = basis_of(pencil).backward(np.eye(pencil.size), axis=0)
    tolerance = 100 * np.finfo(dtype).eps * np.abs(V).max() * pencil.size
    for transform, matrix in ((basis.analyse, V.T), (basis.synthesise, V)):
        result = transform(array, axis)
        assert result.dtype == dtype
        np.testing.assert_allclose(result, np.moveaxis(np.tensordot(matrix, array, axes=(1, axis)), 0, axis), atol=tolerance)


@pytest.mark.parametrize("shift", [0.0, 2.0])
@pytest.mark.parametrize("cells", [12, 13])
def test_problems_on_long_periodic_axes_are_solved_by_it(monkeypatch, shift, cells):
    monkeypatch.setattr(pencil_module, "CIRCULANT_PAYS", 20)
    space = tfem.Space(
        tfem.BSpline(tfem.interval(0, 1, 7), degree=2),
        tfem.Lagrange(tfem.interval(0, 2, cells, periodic=True), degree=3),
        tfem.BSpline(tfem.interval(0, 1, 22, periodic=True), degree=3),
    )
    faces = tfem.Dirichlet(0.0) if shift == 0 else tfem.Neumann(0.0)
    problem = tfem.Poisson(
        space, source=lambda x, y, z: x * np.exp(np.sin(np.pi * y)) * np.cos(2 * np.pi * z), boundary=faces, reaction=shift
    )
    assert [isinstance(pencil.eigenbasis(), PeriodicEigenbasis) for pencil in problem.operator.pencils] == [False, True, True]
    fast, direct = (problem.solve(solver).coefficients for solver in (tfem.FastDiagonalization(), tfem.Direct()))
    np.testing.assert_allclose(fast, direct, atol=1e-12 * np.abs(direct).max())


def test_coefficients_that_vary_have_no_period():
    basis = tfem.Lagrange(tfem.interval(0, 1, 9, periodic=True), degree=2)
    uneven = tfem.Lagrange(tfem.graded(0, 1, 9, 3, periodic=True), degree=2)
    open_axis = tfem.Lagrange(tfem.interval(0, 1, 9), degree=2)
    assert AxisMatrices(basis).restrict((False, False)).period == 2
    for matrices in (
        AxisMatrices(basis, diffusion=lambda x: 1 + x),
        AxisMatrices(basis, reaction=lambda x: x),
        AxisMatrices(uneven),
        AxisMatrices(open_axis),
    ):
        assert matrices.restrict((False, False)).period is None
