"""Axes that are their own mirror image: even and odd halves in the place of the whole."""

import numpy as np
import pytest
import scipy.linalg as linalg
import scipy.sparse as sparse

import tensorfem as tfem
import tensorfem.kron.kernels as kernels
from tensorfem.axis import AxisMatrices
from tensorfem.kron import Spectrum
from tensorfem.kron import pencil as pencil_module
from tensorfem.kron.periodic_eigenbasis import PeriodicEigenbasis
from tensorfem.kron.reflection import SymmetricEigenbasis, butterfly, is_symmetric, symmetric_eigenbasis

EPS = float(np.finfo(float).eps)
ENDS = {"Dirichlet": ((True, True), (0.0, 0.0)), "Neumann": ((False, False), (0.0, 0.0)), "Robin": ((False, False), (2.0, 2.0))}


def pencil_of(cells, degree, ends, *, toward="both", ratio=1e3):
    dirichlet, robin = ENDS[ends]
    return AxisMatrices(tfem.Lagrange(tfem.graded(-1, 3, cells, ratio, toward=toward), degree), robin=robin).restrict(dirichlet)


@pytest.mark.parametrize("ends", ENDS)
@pytest.mark.parametrize("toward", ["both", "middle"])
@pytest.mark.parametrize(("cells", "degree"), [(7, 1), (8, 1), (5, 2), (6, 3), (4, 4)])
def test_the_halves_diagonalize_the_whole(ends, toward, cells, degree):
    pencil = pencil_of(cells, degree, ends, toward=toward)
    basis = symmetric_eigenbasis(pencil.root, pencil.mass, pencil.null_vector)
    K, M = pencil.stiffness.toarray(), pencil.mass.toarray()
    V = basis.backward(np.eye(pencil.size), axis=0)
    scale = linalg.norm(V, 2) ** 2
    np.testing.assert_allclose(V.T @ M @ V, np.eye(pencil.size), atol=100 * EPS * scale * linalg.norm(M, 2))
    np.testing.assert_allclose(V.T @ K @ V, np.diag(basis.eigenvalues), atol=100 * EPS * scale * linalg.norm(K, 2))
    np.testing.assert_allclose(basis.forward(np.eye(pencil.size), axis=1), V, atol=1e-13 * np.abs(V).max())
    whole = pencil.eigenbasis().eigenvalues  # too short for halves: by one dense decomposition
    np.testing.assert_allclose(np.sort(basis.eigenvalues), whole, rtol=1e-12)
    if ends == "Neumann":
        assert basis.eigenvalues[0] == 0
        assert np.ptp(V[:, 0]) < 1e-15


def test_modes_are_even_and_odd():
    pencil = pencil_of(9, 2, "Dirichlet")
    basis = symmetric_eigenbasis(pencil.root, pencil.mass)
    V = basis.backward(np.eye(pencil.size), axis=0)
    even = (pencil.size + 1) // 2
    np.testing.assert_allclose(V[::-1, :even], V[:, :even], atol=1e-14 * np.abs(V).max())
    np.testing.assert_allclose(V[::-1, even:], -V[:, even:], atol=1e-14 * np.abs(V).max())
    assert np.all(np.diff(basis.eigenvalues[:even]) > 0)
    assert np.all(np.diff(basis.eigenvalues[even:]) > 0)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("shape", [(5,), (6, 3), (5, 4, 3), (1, 7, 2), (3, 4, 5, 6)])
@pytest.mark.parametrize("dtype", ["float64", "float32", "complex128"])
def test_sums_and_differences_along_every_axis(monkeypatch, compiled, shape, dtype):
    monkeypatch.setattr(kernels, "COMPILED_ENTRIES", 0 if compiled else 1 << 62)
    rng = np.random.default_rng(881)
    for axis, size in enumerate(shape):
        array = (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)).astype(dtype if dtype[0] == "c" else "complex128")
        array = array if dtype[0] == "c" else array.real.astype(dtype)
        half = size // 2
        matrix = np.eye(size)
        matrix[:half] += np.eye(size)[::-1][:half]
        matrix[size - half :] = np.eye(size)[::-1][size - half :] - np.eye(size)[size - half :]
        expected = np.moveaxis(np.tensordot(matrix, array, axes=(1, axis)), 0, axis)
        before, target = array.copy(), np.empty_like(array)
        assert butterfly(array, axis, target) is target
        np.testing.assert_array_equal(array, before)
        np.testing.assert_allclose(target, expected, atol=4 * np.finfo(dtype).eps * np.abs(array).max())
        assert butterfly(array, axis) is array
        np.testing.assert_array_equal(array, target)


@pytest.mark.parametrize("size", [6, 7])
def test_strided_arrays_are_transformed_in_place(size):
    pencil = pencil_of(size + 1, 1, "Dirichlet")
    basis = symmetric_eigenbasis(pencil.root, pencil.mass)
    field = np.random.default_rng(44).standard_normal((4, size, 10))
    slab = field[:, :, 3:8]
    expected = basis.analyse(np.ascontiguousarray(slab), 1)
    left = field[:, :, :3].copy()
    result = basis.analyse(slab, 1, overwrite=True)
    np.testing.assert_allclose(result, expected, atol=1e-13 * np.abs(expected).max())
    np.testing.assert_array_equal(field[:, :, :3], left)


def test_single_precision_stays_single():
    pencil = pencil_of(9, 2, "Robin")
    basis = symmetric_eigenbasis(pencil.root, pencil.mass)
    single = basis.astype(np.float32)
    field = np.random.default_rng(45).standard_normal((4, pencil.size)).astype(np.float32)
    assert single.analyse(field, 1).dtype == np.float32
    np.testing.assert_allclose(single.analyse(field, 1), basis.analyse(field.astype(float), 1), atol=1e-5)
    assert basis.astype(np.float64) is basis


def test_what_is_symmetric_is_told_from_what_is_not():
    left = AxisMatrices(tfem.Lagrange(tfem.graded(0, 1, 8, 1.0 + 1e-9), 1)).restrict((True, True))
    assert not is_symmetric(left.stiffness)
    assert not is_symmetric(sparse.csr_array(np.diag([1.0, 2.0])))
    assert is_symmetric(pencil_of(8, 3, "Robin").stiffness)


@pytest.mark.parametrize(("start", "end"), [(0, 1), (-1, 0), (5, 9)])
@pytest.mark.parametrize("cells", [8, 9])
def test_meshes_that_are_mirrored_to_rounding_are_mirrored(start, end, cells):
    mesh = tfem.graded(start, end, cells, 1e6, toward="both")
    np.testing.assert_array_equal(mesh.sizes, mesh.sizes[::-1])
    np.testing.assert_allclose(mesh.sizes, np.diff(mesh.nodes), atol=4 * EPS * max(abs(start), abs(end)))


def test_long_symmetric_axes_are_taken_for_what_they_are(monkeypatch):
    monkeypatch.setattr(pencil_module, "REFLECTION_PAYS", 5)
    space = tfem.Space(
        tfem.Lagrange(tfem.graded(0, 1, 9, 50, toward="both"), 2), tfem.Lagrange(tfem.graded(0, 2, 7, 20, toward="middle"), 1)
    )
    problem = tfem.Poisson(space, source=lambda x, y: np.exp(x - y), boundary=tfem.Dirichlet(lambda x, y: x * y), reaction=-3.0)
    assert all(isinstance(pencil.eigenbasis(), SymmetricEigenbasis) for pencil in problem.operator.pencils)
    fast, direct = (problem.solve(solver).coefficients for solver in (tfem.FastDiagonalization(), tfem.Direct()))
    np.testing.assert_allclose(fast, direct, atol=1e-12 * np.abs(direct).max())


def test_eigenvalues_are_numbered_in_increasing_order(monkeypatch):
    monkeypatch.setattr(pencil_module, "REFLECTION_PAYS", 3)
    pencils = [pencil_of(7, 2, "Dirichlet"), pencil_of(6, 1, "Neumann")]
    bases = [pencil.eigenbasis() for pencil in pencils]
    values = Spectrum(bases, 0.5, singular=False).eigenvalues()
    dense = [linalg.eigh(p.stiffness.toarray(), p.mass.toarray(), eigvals_only=True) for p in pencils]
    np.testing.assert_allclose(values, np.add.outer(*dense) + 0.5, atol=1e-9 * values.max())
    resonant = -float(values[2, 3] - 0.5)
    nearest, index = Spectrum(bases, resonant, singular=False).smallest_magnitude()
    assert index == (2, 3)
    assert abs(nearest) < 1e-9 * values.max()


def test_eigenvectors_belong_to_their_eigenvalues(monkeypatch):
    monkeypatch.setattr(pencil_module, "REFLECTION_PAYS", 3)
    operator = tfem.Poisson(
        tfem.Space(*(tfem.Lagrange(tfem.graded(0, 1, n, 20, toward="both"), 1) for n in (8, 7))), source=1.0, boundary=0.0
    ).operator
    pairs = operator.eigh(6)
    for value, vector in zip(pairs.eigenvalues, pairs.eigenvectors, strict=True):
        np.testing.assert_allclose(operator.apply(vector), value * operator.mass.apply(vector), atol=1e-10 * value)


def test_small_rows_are_compared_by_their_own_size() -> None:
    matrix = np.diag([1.0, 1e14, 1e14, 1.0])
    assert is_symmetric(sparse.csr_array(matrix))
    matrix[0, 0] = 1.001
    assert not is_symmetric(sparse.csr_array(matrix))


@pytest.mark.parametrize("kind", ["mirrored", "periodic"])
def test_transforms_take_the_threads_that_the_solve_is_given(monkeypatch, kind) -> None:
    monkeypatch.setattr(kernels, "COMPILED_ENTRIES", 0)
    monkeypatch.setattr("tensorfem.kron.reflection.PIECE", 8)
    if kind == "mirrored":
        pencil = pencil_of(9, 2, "Dirichlet")
        bases = [symmetric_eigenbasis(pencil.root, pencil.mass)] * 2
    else:
        pencil = AxisMatrices(tfem.Lagrange(tfem.interval(0, 1, 8, periodic=True), 2)).restrict((False, False))
        bases = [PeriodicEigenbasis(pencil.root, pencil.mass, 2, pencil.null_vector)] * 2
    started = []
    monkeypatch.setattr("tensorfem.kron.threads.ThreadPoolExecutor", lambda threads, **_: started.append(threads))
    monkeypatch.setenv("TENSORFEM_NUM_THREADS", "many")  # refused by whoever asks, instead of taking the number that is given
    Spectrum(bases, 0.5, singular=False).solve(np.ones((pencil.size, pencil.size)), threads=1)
    assert not started
