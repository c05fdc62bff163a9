"""Sums of given matrices: how they are made, transposed and refused."""

import numpy as np
import pytest
import scipy.sparse as sparse
from scipy.sparse.linalg import LaplacianNd

from tensorfem.kron import KroneckerSum, Pencil, kronsum

EPS = np.finfo(float).eps


def second_differences(kind: str, size: int) -> sparse.csr_array:
    """[-1, 2, -1] with the ends of SciPy's boundary kinds, written down entry by entry."""
    matrix = 2 * np.eye(size, dtype=int) - np.eye(size, k=1, dtype=int) - np.eye(size, k=-1, dtype=int)
    if kind == "neumann":
        matrix[[0, -1], [0, -1]] = 1
    if kind == "periodic":
        matrix[[0, -1], [-1, 0]] -= 1
    return sparse.csr_array(matrix)


@pytest.mark.parametrize("shape", [(6,), (5, 4), (5, 4, 3), (5, 4, 3, 3)])
@pytest.mark.parametrize("kind", ["dirichlet", "neumann", "periodic"])
def test_second_differences_are_scipy_s_laplacian(kind, shape) -> None:
    operator = kronsum(*(second_differences(kind, size) for size in shape))
    theirs = -LaplacianNd(shape, boundary_conditions=kind, dtype=np.int64).toarray()
    assert np.array_equal(operator.toarray(), theirs)
    # SciPy's own `LaplacianNd.eigenvalues(m)` leaves values out on unequal axes; the dense matrix is the reference.
    expected = np.linalg.eigvalsh(theirs)
    assert operator.eigenvalues(sort=True) == pytest.approx(expected, abs=30 * EPS * 4 * len(shape))
    assert operator.eigenvalues(5) == pytest.approx(expected[:5], abs=30 * EPS * 4 * len(shape))


def test_it_is_the_sum_of_the_issue(make_matrix_sum, sum_kind, sum_sizes, ratio, rng) -> None:
    for masses in (False, True):
        operator, dense, mass = make_matrix_sum(sum_kind, sum_sizes, masses=masses, shift=0.5)
        rounding = EPS if sum_kind != "single" else float(np.finfo(np.float32).eps)
        assert np.abs(operator.toarray() - dense).max() < 30 * rounding * np.abs(dense).max()
        assert np.abs(operator.mass.toarray() - mass).max() < 30 * rounding * np.abs(mass).max()
        vector = rng.standard_normal(len(dense)).astype(operator.dtype)
        assert (operator @ vector).dtype == operator.dtype
        assert ratio(dense, vector, operator @ vector) < 30 * rounding / EPS


def test_it_acts_on_matrices_from_both_sides(rng) -> None:
    A, B, X = rng.standard_normal((5, 5)), rng.standard_normal((4, 4)), rng.standard_normal((5, 4))
    assert kronsum(A, B) @ X == pytest.approx(A @ X + X @ B.T, abs=1e-13)


def test_an_operator_of_symmetric_matrices_is_its_transpose(make_matrix_sum) -> None:
    for kind, symmetric, hermitian in (("symmetric", 1, 1), ("tridiagonal", 1, 1), ("hermitian", 0, 1), ("non-symmetric", 0, 0)):
        for masses in (False, True):
            operator = make_matrix_sum(kind, (5, 4), masses=masses).operator
            assert (operator.T is operator) is bool(symmetric)
            assert operator.is_hermitian is bool(hermitian)


@pytest.mark.parametrize("shift", [-2.0, -1.0, 0.0])
def test_it_is_definite_if_its_eigenvalues_are_positive(shift) -> None:
    matrices = np.diag([1.5, 9.0]), np.array([[1.0, 1.0], [1.0, 1.0]])
    assert kronsum(*matrices, shift=shift).definite is (shift > -1.5)
    assert not kronsum(np.diag([1.5, 9.0]), np.triu(np.ones((2, 2))), shift=9.0).definite


def test_rounding_does_not_make_a_matrix_non_symmetric(rng) -> None:
    root, weights = rng.standard_normal((9, 5)), rng.uniform(1, 2, 9)
    product = root.T @ (weights[:, None] * root)
    product[0, 1] *= 1 + 4 * EPS
    assert not np.array_equal(product, product.T)
    assert kronsum(product).is_hermitian
    product[0, 1] *= 1 + 1e-12
    assert not kronsum(product).is_hermitian


def test_a_mass_must_be_positive_definite_for_eigenbases(make_matrix) -> None:
    symmetric = make_matrix("symmetric", 3)
    assert kronsum(symmetric, masses=[np.diag([1.0, 2.0, 3.0])]).is_hermitian
    assert not kronsum(symmetric, masses=[np.diag([1.0, -2.0, 3.0])]).is_hermitian
    assert not kronsum(symmetric, masses=[np.array([[2.0, 1.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 1.0]])]).is_hermitian


def test_the_same_matrix_is_decomposed_once(make_matrix) -> None:
    matrix, mass = make_matrix("symmetric", 4), np.eye(4)
    assert len(set(kronsum(matrix, matrix).pencils)) == 1
    assert len(set(kronsum(matrix, matrix, masses=[mass, None]).pencils)) == 2


def test_sparse_matrices_stay_sparse_and_sizes_exact() -> None:
    matrix = sparse.eye_array(3_000_000, format="coo")
    operator = kronsum(matrix, matrix, matrix)
    assert operator.shape == (3_000_000**3,) * 2
    assert all(sparse.issparse(pencil.stiffness) for pencil in operator.pencils)
    assert operator.trace() == 3 * 3_000_000**3


def test_the_trace(make_matrix_sum, sum_kind, sum_sizes) -> None:
    operator, dense, _ = make_matrix_sum(sum_kind, sum_sizes, masses=True, shift=-0.5)
    rounding = float(np.finfo(operator.dtype).eps)
    assert abs(operator.trace() - np.trace(dense)) < 30 * rounding * np.abs(np.diag(dense)).sum()


def test_what_would_not_fit_is_refused_before_it_is_made() -> None:
    size = 3_000_000
    ring = sparse.diags_array([1.0, 2.0, 1.0], offsets=[-size // 2, 0, size // 2], shape=(size, size), format="csr")
    with pytest.raises(MemoryError, match=r"the dense form of a matrix of shape \(3000000, 3000000\) needs about .*; use shorter axes"):
        kronsum(ring).solve(np.ones(size))


def test_no_matrix_is_changed(make_matrix) -> None:
    matrix, mass = make_matrix("symmetric", 4), np.diag([1.0, 2.0, 3.0, 4.0])
    kept, mass_kept = matrix.copy(), mass.copy()
    operator, rhs = kronsum(matrix, masses=[mass], shift=9.0), np.ones(4)
    operator.solve(rhs), operator.inverse_diagonal(), operator.slogdet(), operator.expm(), operator.function(np.cos, rhs)
    assert np.array_equal(matrix, kept)
    assert np.array_equal(mass, mass_kept)
    assert np.array_equal(rhs, np.ones(4))


@pytest.mark.parametrize(
    ("arguments", "options", "words"),
    [
        ([], {}, "kronsum: got no matrices"),
        ([np.ones((3, 2))], {}, r"matrix 0 has shape \(3, 2\); allowed are square"),
        ([np.eye(2), np.ones((0, 0))], {}, r"matrix 1 has shape \(0, 0\); allowed are square matrices with at least one row"),
        ([np.eye(2), np.diag([1.0, np.nan])], {}, "matrix 1 holds NaN or infinite entries"),
        ([sparse.csr_array(np.diag([1.0, np.inf]))], {}, "matrix 0 holds NaN or infinite entries"),
        ([np.eye(2), np.eye(3)], {"masses": [np.eye(2)]}, "masses: got 1 for 2 matrices"),
        ([np.eye(2), np.eye(3)], {"masses": [None, np.eye(2)]}, r"mass 1 has shape \(2, 2\), but matrix 1 has shape \(3, 3\)"),
        ([np.eye(2)], {"masses": [np.diag([1.0, np.nan])]}, "mass 0 holds NaN"),
        ([np.eye(2)], {"shift": 1j}, "shift: got 1j; allowed is a finite real number"),
        ([np.eye(2)], {"shift": np.nan}, "shift: got nan"),
    ],
)
def test_bad_matrices_are_refused(arguments, options, words) -> None:
    with pytest.raises(ValueError, match=words):
        kronsum(*arguments, **options)


def test_without_symmetry_there_is_no_spectrum(make_matrix_sum) -> None:
    with pytest.raises(ValueError, match=r"spectrum: KroneckerSum\(5 x 4 from 5 x 4\) is not Hermitian .*; use its solve\(\)"):
        make_matrix_sum("non-symmetric", (5, 4)).operator.spectrum()


def test_a_pencil_with_a_root_keeps_small_eigenvalues(make_pencil) -> None:
    root = sparse.csr_array(np.diag([1e-12, 1.0]))
    stiffness, unit = sparse.csr_array(root.T @ root), sparse.eye_array(2, format="csr")
    rooted = KroneckerSum([Pencil(stiffness, unit, root)])
    assert rooted.eigenvalues()[0] == pytest.approx(1e-24, rel=1e-14)
    assert rooted.solve(np.ones(2)) == pytest.approx([1e24, 1.0], rel=1e-14)
    with pytest.raises(ValueError, match="the eigenvalues 1e-24 of the axes add up to 0"):
        KroneckerSum([Pencil(stiffness, unit)]).solve(np.ones(2))
