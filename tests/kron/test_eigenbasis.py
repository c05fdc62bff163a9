"""Eigenbases diagonalize stiffness and mass at once; their transforms are products with the matrix of eigenvectors."""

import numpy as np
import pytest
import scipy.linalg as linalg
import scipy.sparse as sparse

from tensorfem.kron import KINDS, DenseEigenbasis, Pencil, TrigonometricEigenbasis, Trigonometry, dense_eigenbasis
from tensorfem.kron import eigenbasis as module
from tensorfem.kron.trigonometric import transform_cost

EPS = np.finfo(float).eps
LENGTH = 1.7
FEWEST = {kind: 2 if kind == "dirichlet-dirichlet" else 1 for kind in KINDS}
TRIGONOMETRIC = [
    (kind, cells, scale)
    for kind in KINDS
    for cells in (1, 2, 3, 4, 7, 8, 16, 31)
    for scale in ((1.0, 1.0), (2.5, 0.3))
    if cells >= FEWEST[kind]
]


def diagonalizes(basis, stiffness, mass, roundings: float = 30) -> None:
    """V^T M V = I and V^T K V = diag(eigenvalues) as far as rounding allows, in increasing order."""
    size = len(mass)
    vectors = basis.backward(np.eye(size), axis=0)
    values = basis.eigenvalues
    condition = linalg.norm(vectors, 2) ** 2 * linalg.norm(mass, 2)
    assert np.abs(vectors.T @ mass @ vectors - np.eye(size)).max() <= roundings * size * EPS * condition
    scale = linalg.norm(vectors, 2) ** 2 * linalg.norm(stiffness, 2)
    assert np.abs(vectors.T @ stiffness @ vectors - np.diag(values)).max() <= roundings * size * EPS * scale
    assert np.all(np.diff(values) >= -roundings * EPS * values[-1])


@pytest.mark.parametrize(("kind", "cells", "scale"), TRIGONOMETRIC)
def test_sines_and_cosines_diagonalize_the_hat_functions(hat_matrices, kind, cells, scale) -> None:
    diagonalizes(TrigonometricEigenbasis(kind, LENGTH, cells, scale), *hat_matrices(kind, cells, LENGTH, scale))


@pytest.mark.parametrize("kind", KINDS)
def test_their_eigenvalues_are_the_textbook_s(kind) -> None:
    """R8: (6/h^2)(1 - cos kh)/(2 + cos kh) at the wave numbers that the ends allow."""
    cells, width = 12, LENGTH / 12
    waves = {
        "dirichlet-dirichlet": np.arange(1, 12) * np.pi,
        "neumann-neumann": np.arange(13) * np.pi,
        "periodic": 2 * np.pi * np.array([0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6]),
    }.get(kind, (np.arange(12) + 0.5) * np.pi)
    cosine = np.cos(waves / cells)
    expected = 6 / width**2 * (1 - cosine) / (2 + cosine)
    values = TrigonometricEigenbasis(kind, LENGTH, cells).eigenvalues
    assert values == pytest.approx(expected, rel=1e-13, abs=1e-13)
    assert TrigonometricEigenbasis(kind, LENGTH, cells, (3.0, 0.5)).eigenvalues == pytest.approx(6 * expected, rel=1e-13, abs=1e-12)
    assert bool(values[0] == 0) is (kind in {"neumann-neumann", "periodic"})


@pytest.mark.parametrize("graded", [True, False])
@pytest.mark.parametrize("null", [True, False])
@pytest.mark.parametrize("size", [1, 2, 3, 17])
def test_both_decompositions_diagonalize_any_pencil(make_pencil, monkeypatch, graded, null, size) -> None:
    monkeypatch.setattr(module, "GRADED", 1e-9 if graded else np.inf)
    pencil = make_pencil(size, null=null)
    basis = pencil.eigenbasis()
    diagonalizes(basis, pencil.stiffness.toarray(), pencil.mass.toarray())
    expected = linalg.eigh(pencil.stiffness.toarray(), pencil.mass.toarray(), eigvals_only=True)
    assert basis.eigenvalues == pytest.approx(expected, abs=1e-13 * max(1.0, expected[-1]))
    if null:
        assert basis.eigenvalues[0] == 0
        assert np.ptp(basis.vectors[:, 0]) == 0


@pytest.mark.parametrize("graded", [True, False])
def test_a_root_of_few_rows_leaves_the_rest_at_zero(rng, monkeypatch, graded) -> None:
    monkeypatch.setattr(module, "GRADED", 1e-9 if graded else np.inf)
    root, half = rng.standard_normal((2, 5)), rng.standard_normal((5, 5)) + 4 * np.eye(5)
    mass = half.T @ half
    basis = dense_eigenbasis(root, mass)
    diagonalizes(basis, root.T @ root, mass)
    assert np.abs(basis.eigenvalues[:3]).max() < 30 * EPS * basis.eigenvalues[-1]
    assert np.all(basis.eigenvalues[3:] > 1e-3 * basis.eigenvalues[-1])


def test_small_eigenvalues_keep_their_digits_on_a_graded_pencil() -> None:
    """Two springs in a row, 1e8 times apart in stiffness, on unit masses: K = [a + b, -b; -b, b], lambda_1 lambda_2 = a b."""
    soft, stiff = 1.0, 1e16
    root = np.array([[np.sqrt(soft), 0.0], [np.sqrt(stiff), -np.sqrt(stiff)]])
    small, large = dense_eigenbasis(root, np.eye(2)).eigenvalues
    assert large == pytest.approx(2 * stiff + soft / 2, rel=1e-14)
    assert small == pytest.approx(soft / 2, rel=1e-14)


def test_an_svd_that_fails_says_so(make_pencil, monkeypatch) -> None:
    monkeypatch.setattr(module, "GRADED", 1e-9)
    monkeypatch.setattr("scipy.linalg.lapack.dgejsv", lambda matrix, **_: (None, None, None, None, None, 7))
    with pytest.raises(np.linalg.LinAlgError, match=r"eigenbasis of one axis was not found \(info = 7\)"):
        make_pencil(3).eigenbasis()


BASES = {**{kind: lambda kind=kind: TrigonometricEigenbasis(kind, LENGTH, 7, (2.5, 0.3)) for kind in KINDS}, "dense": None}


@pytest.fixture(params=BASES)
def basis(request, make_pencil):
    return BASES[request.param]() if BASES[request.param] else make_pencil(6).eigenbasis()


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2])
@pytest.mark.parametrize("numbers", ["f8", "f4", "c16", "i8"])
def test_transforms_are_products_with_the_eigenvectors(basis, rng, axis, numbers) -> None:
    size, shape = basis.mass.size, [5, 4, 3]
    shape[axis] = size
    array = (9 * rng.standard_normal(shape)).astype(numbers) * np.asarray(np.exp(0.5j) if numbers == "c16" else 1, numbers)
    kept = array.copy()
    vectors = basis.backward(np.eye(size), axis=0)
    rounding = 30 * size * (np.finfo(np.float32).eps if numbers == "f4" else EPS) * np.abs(vectors).max() * np.abs(array).max()
    along = np.moveaxis(array, axis, -1)
    for result, matrix in ((basis.forward(array, axis), vectors), (basis.backward(array, axis), vectors.T)):
        assert np.abs(np.moveaxis(result, axis, -1) - along @ matrix).max() < rounding
    assert np.array_equal(array, kept)


def test_forward_is_the_transpose_of_backward_and_inverts_it_with_the_mass(basis, rng, hat_matrices) -> None:
    size = basis.mass.size
    x, y = rng.standard_normal((2, size, 3))
    assert np.vdot(basis.forward(x, 0), y) == pytest.approx(np.vdot(x, basis.backward(y, 0)), rel=1e-13)
    if isinstance(basis, TrigonometricEigenbasis):
        _, mass = hat_matrices(basis.kind, 7, LENGTH, (2.5, 0.3))
        assert basis.forward(mass @ basis.backward(x, 0), 0) == pytest.approx(x, abs=1e-13)


@pytest.mark.parametrize("step", ["analyse", "synthesise"])
def test_workspace_changes_where_the_result_is_not_what_it_is(basis, rng, step) -> None:
    array = rng.standard_normal((3, basis.mass.size, 4))
    transform = getattr(basis, step)
    expected = transform(array, 1)
    assert not np.may_share_memory(expected, array)
    assert np.array_equal(transform(array.copy(), 1, overwrite=True), expected)
    assert np.array_equal(transform(array, 1, out=np.full(array.shape, np.nan)), expected)
    assert np.array_equal(transform(np.asfortranarray(array), 1, overwrite=True), expected)


@pytest.mark.parametrize("kind", KINDS)
def test_single_precision_stays_single(rng, kind) -> None:
    basis = TrigonometricEigenbasis(kind, LENGTH, 7)
    array = rng.standard_normal((basis.mass.size, 3)).astype(np.float32)
    assert basis.analyse(array, 0).dtype == basis.synthesise(array, 0).dtype == np.float32


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match=r"kind: got 'robin-robin'; allowed are dirichlet-dirichlet, .*, periodic"):
        TrigonometricEigenbasis("robin-robin", 1.0, 4)


def test_the_cost_model_knows_good_lengths() -> None:
    """DST-I of n entries is a transform of length 2 (n + 1): n = 255 is a power of two, n = 256 has the prime 257."""
    assert transform_cost("dirichlet-dirichlet", 257) > 3 * transform_cost("dirichlet-dirichlet", 256)
    assert transform_cost("periodic", 256) < transform_cost("periodic", 254) < transform_cost("periodic", 251)
    # Bluestein's way bounds the cost of a prime by that of convolutions: it grows as a logarithm.
    assert transform_cost("periodic", 65_537) < 2 * transform_cost("periodic", 257)
    assert transform_cost("periodic", 1) == 0


def hat_pencil(hats, kind: str, cells: int) -> Pencil:
    stiffness, mass = map(sparse.csr_array, hats(kind, cells, LENGTH, (1.0, 1.0)))
    root = sparse.csr_array(linalg.cholesky(stiffness.toarray()))
    return Pencil(stiffness, mass, root, trigonometry=Trigonometry(kind, LENGTH, cells))


def test_a_pencil_takes_the_faster_eigenbasis_and_keeps_it(hat_matrices) -> None:
    short, long, prime = (hat_pencil(hat_matrices, "dirichlet-dirichlet", cells) for cells in (8, 256, 257))
    assert (short.is_trigonometric, long.is_trigonometric) == (False, True)
    assert isinstance(short.eigenbasis(), DenseEigenbasis)
    assert isinstance(long.eigenbasis(), TrigonometricEigenbasis)
    assert long.eigenbasis() is long.eigenbasis()
    assert long.size == 255
    dense = dense_eigenbasis(long.root.toarray(), long.mass.toarray())
    assert long.eigenbasis().eigenvalues == pytest.approx(dense.eigenvalues, rel=1e-10)
    assert not Pencil(prime.stiffness, prime.mass, prime.root).is_trigonometric
