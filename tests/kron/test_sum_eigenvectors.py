"""The k smallest eigenpairs of Hermitian Kronecker sums: residuals, orthonormality, values."""

import numpy as np
import pytest
import scipy.linalg as linalg
import scipy.sparse as sparse

from tensorfem.kron import KINDS, KroneckerSum, Pencil, Trigonometry, kronsum

EPS = float(np.finfo(float).eps)
HERMITIAN = ("symmetric", "hermitian", "tridiagonal")


def check(pairs, dense: np.ndarray, mass: np.ndarray, shape: tuple[int, ...], k: int, eps: float = EPS) -> None:
    """``A v = lambda M v`` and ``v^H M v = 1`` to rounding, and the values are the smallest there are: nothing else passes."""
    values, vectors = pairs
    assert vectors.shape == (k, *shape)
    flat, single = vectors.reshape(k, -1).T, len(dense) * eps
    scale = np.linalg.norm(dense, 2) * np.linalg.norm(flat, 2) * np.linalg.cond(mass)
    assert np.abs(dense @ flat - mass @ flat * values).max() < 30 * single * scale
    assert np.abs(flat.conj().T @ mass @ flat - np.eye(k)).max() < 30 * single * np.linalg.cond(mass)
    expected = linalg.eigh(dense, mass, eigvals_only=True)[:k]
    assert values == pytest.approx(expected, abs=30 * single * scale)
    assert np.isrealobj(values)


@pytest.mark.parametrize("masses", [False, True], ids=["", "masses"])
@pytest.mark.parametrize("kind", HERMITIAN)
def test_eigenpairs_are_those_of_the_dense_matrix(make_matrix_sum, kind, sum_sizes, masses) -> None:
    operator, dense, mass = make_matrix_sum(kind, sum_sizes, masses=masses, shift=-0.5)
    for k in (1, 3, len(dense)):
        check(operator.eigh(k), dense, mass, sum_sizes, k)
        assert np.isrealobj(operator.eigh(k).eigenvectors) is np.isrealobj(dense)
    assert np.array_equal(operator.eigh(2).eigenvalues, operator.eigenvalues(2))


def test_equal_axes_give_each_eigenvector_once(make_matrix) -> None:
    """Multiple eigenvalues, of the sum and of the axis itself: the vectors are orthonormal still."""
    Q = np.linalg.qr(make_matrix("symmetric", 3))[0]
    matrix = Q @ np.diag([1.0, 1.0, 4.0]) @ Q.T
    operator = kronsum(matrix, (matrix + matrix.T) / 2, matrix)
    check(operator.eigh(20), operator.toarray(), np.eye(27), (3, 3, 3), 20)


def test_the_eigenvectors_of_finite_elements(make_pencil, make_explicit_sum) -> None:
    pencils = [make_pencil(size, null=True) for size in (5, 4, 3)]
    operator = KroneckerSum(pencils, 0.25)
    pairs = operator.eigh(7)
    check(pairs, make_explicit_sum(pencils, 0.25), operator.mass.toarray(), (5, 4, 3), 7)
    assert np.ptp(pairs.eigenvectors[0]) < 1e-13 * np.abs(pairs.eigenvectors[0]).max(), "the null vectors of the axes are constant"


@pytest.mark.parametrize("kind", KINDS)
def test_the_eigenvectors_of_fast_transforms(make_pencil, hat_matrices, kind) -> None:
    cells = 128
    K, M = hat_matrices(kind, cells, 2.0, (1.0, 1.0))
    waves = Pencil(sparse.csr_array(K), sparse.csr_array(M), root=sparse.csr_array(K), trigonometry=Trigonometry(kind, 2.0, cells))
    operator = KroneckerSum([waves, make_pencil(3)], 0.5)
    assert waves.is_trigonometric
    check(operator.eigh(9), operator.toarray(), operator.mass.toarray(), (len(K), 3), 9)


def test_single_precision_and_integers(rng) -> None:
    A, B = (m + m.T for m in (rng.integers(-4, 5, (4, 4)), rng.integers(-4, 5, (3, 3))))
    dense = np.kron(A, np.eye(3)) + np.kron(np.eye(4), B)
    check(kronsum(A, B).eigh(5), dense, np.eye(12), (4, 3), 5)
    check(kronsum(A.astype(np.float32), B.astype(np.float32)).eigh(5), dense, np.eye(12), (4, 3), 5)


def test_what_has_no_such_pairs_is_refused(make_matrix_sum) -> None:
    with pytest.raises(ValueError, match=r"eigh: KroneckerSum\(5 x 4 from 5 x 4\) is not Hermitian .* use eigenvalues\(\)"):
        make_matrix_sum("non-symmetric", (5, 4)).operator.eigh(2)
    with pytest.raises(ValueError, match=r"k: got 21; allowed are 1 to 20"):
        make_matrix_sum("symmetric", (5, 4)).operator.eigh(21)


@pytest.mark.parametrize("masses", [False, True], ids=["", "masses"])
def test_the_determinant_is_numpy_s(make_matrix_sum, sum_kind, sum_sizes, masses) -> None:
    operator, dense, _ = make_matrix_sum(sum_kind, sum_sizes[:3], masses=masses, shift=0.5)
    expected = np.linalg.det(dense.astype(np.result_type(dense, float)))
    eps = float(np.finfo(np.float32).eps) if sum_kind == "single" else EPS
    assert abs(operator.det() - expected) < 30 * len(dense) ** 2 * eps * np.linalg.cond(dense) * abs(expected)
    assert isinstance(operator.det(), complex if np.iscomplexobj(dense) else float)


def test_determinants_too_large_for_a_number() -> None:
    assert kronsum(1e6 * np.eye(30), np.eye(30)).det() == np.inf
    assert kronsum(np.diag([-1e200, 1e200]), np.array([[0.0]])).det() == -np.inf
    assert kronsum(np.diag([1e110, 1e110, 1e110j]), np.array([[0.0]])).det() == complex(0, np.inf)
    assert kronsum(np.diag([1.0, -1.0]), np.array([[1.0]])).det() == 0
