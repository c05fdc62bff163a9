"""Matrix equations: against SciPy, and against the explicit Kronecker form."""

import numpy as np
import pytest
import scipy.linalg as linalg
import scipy.sparse as sparse

from tensorfem.kron import solve_generalized_sylvester, solve_sylvester, vec
from tensorfem.kron.spectral import schur

EPS = float(np.finfo(float).eps)
SHAPES = [(1, 1), (1, 5), (7, 4), (4, 7), (90, 61), (50, 83)]
KINDS = ["symmetric", "non-symmetric", "complex", "hermitian", "sparse"]


def measure(residual: np.ndarray, X: np.ndarray, *pairs: tuple[np.ndarray, np.ndarray]) -> float:
    """The residual over what rounding allows."""
    size = sum(np.linalg.norm(one) * np.linalg.norm(other) for one, other in pairs)
    return float(np.linalg.norm(residual) / (EPS * size * np.linalg.norm(X)))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("other", ["symmetric", "non-symmetric", "complex"])
def test_sylvester(make_matrix, rng, shape, kind, other) -> None:
    A, B, C = make_matrix(kind, shape[0]), make_matrix(other, shape[1]), rng.standard_normal(shape)
    X = solve_sylvester(A, B, C)
    assert X.shape == shape
    assert np.iscomplexobj(X) is (np.iscomplexobj(A) or np.iscomplexobj(B))
    full = A.toarray() if sparse.issparse(A) else A
    theirs = linalg.solve_sylvester(full, B, C)
    mine = measure(full @ X + X @ B - C, X, (full, np.eye(1)), (B, np.eye(1)))
    assert mine < 30 + measure(full @ theirs + theirs @ B - C, theirs, (full, np.eye(1)), (B, np.eye(1)))


@pytest.mark.parametrize("size", [127, 128])
@pytest.mark.parametrize("kind", ["full", "triangular", "permuted", "zero rows"])
def test_sizes_that_are_padded(rng, size, kind) -> None:
    A, B, C = rng.standard_normal((size, size)), rng.standard_normal((3, 3)), rng.standard_normal((size, 3))
    A = np.triu(A) + size * np.eye(size) if kind in {"triangular", "permuted"} else A
    order = rng.permutation(size) if kind == "permuted" else np.arange(size)
    A = A[order][:, order]
    A[[0, size // 2, -1]] *= kind != "zero rows"
    X = solve_sylvester(A, B, C)
    assert measure(A @ X + X @ B - C, X, (A, np.eye(1)), (B, np.eye(1))) < 30
    M, D = rng.standard_normal((size, size)), rng.standard_normal((3, 3))
    X = solve_generalized_sylvester(A, D, M, B, C)
    assert measure(A @ X @ D + M @ X @ B - C, X, (A, D), (M, B)) < 30


def test_what_mixes_the_padding_in_is_not_taken(rng) -> None:
    A, sizes = rng.standard_normal((128, 128)), []

    def mixing(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        sizes.append(len(matrix))
        turned = np.roll(np.eye(len(matrix)), 1, axis=0) if len(matrix) > 128 else np.eye(len(matrix))
        return turned.T @ matrix @ turned, turned

    parts = schur._padded(mixing, (A, 0.0))
    assert sizes == [136, 128]
    assert np.array_equal(parts[0], A)


def test_it_is_the_kronecker_form(rng) -> None:
    A, B, C = rng.standard_normal((4, 4)), rng.standard_normal((3, 3)), rng.standard_normal((4, 3)) + 1j
    explicit = np.kron(A, np.eye(3)) + np.kron(np.eye(4), B.T)
    assert vec(solve_sylvester(A, B, C)) == pytest.approx(np.linalg.solve(explicit, vec(C)), rel=1e-12)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("kind", ["non-symmetric", "complex"])
def test_generalized_sylvester(make_matrix, rng, shape, kind) -> None:
    A, C = make_matrix("non-symmetric", shape[0]), make_matrix(kind, shape[0])
    B, D = make_matrix(kind, shape[1]), make_matrix("non-symmetric", shape[1])
    E = rng.standard_normal(shape)
    X = solve_generalized_sylvester(A, B, C, D, E)
    assert np.iscomplexobj(X) is (kind == "complex")
    assert measure(A @ X @ B + C @ X @ D - E, X, (A, B), (C, D)) < 30


def test_the_generalized_equation_is_the_kronecker_form(rng) -> None:
    A, C, B, D = (rng.standard_normal((n, n)) for n in (4, 4, 3, 3))
    E = rng.standard_normal((4, 3))
    explicit = np.kron(A, B.T) + np.kron(C, D.T)
    assert vec(solve_generalized_sylvester(A, B, C, D, E)) == pytest.approx(np.linalg.solve(explicit, vec(E)), rel=1e-11)


@pytest.mark.parametrize("singular", range(4))
def test_single_matrices_may_be_singular(rng, singular) -> None:
    matrices = [rng.standard_normal((n, n)) for n in (4, 3, 4, 3)]
    matrices[singular][0] = 0.0
    A, B, C, D = matrices
    E = rng.standard_normal((4, 3))
    X = solve_generalized_sylvester(A, B, C, D, E)
    assert measure(A @ X @ B + C @ X @ D - E, X, (A, B), (C, D)) < 30


def test_definite_pencils_go_by_eigenbases(rng) -> None:
    root, A, D = rng.standard_normal((4, 4)), np.diag([1.0, 2.0, 3.0, 4.0]), np.diag([1.0, 2.0, 5.0])
    B, C, E = np.diag([1.0, 2.0, 3.0]), root @ root.T + np.eye(4), rng.standard_normal((4, 3))
    X = solve_generalized_sylvester(A, B, C, D, E)
    assert measure(A @ X @ B + C @ X @ D - E, X, (A, B), (C, D)) < 300


def test_single_precision(rng) -> None:
    A, B, C = (rng.standard_normal(shape).astype(np.float32) for shape in ((4, 4), (3, 3), (4, 3)))
    X = solve_sylvester(A, B, C)
    assert X.dtype == np.float32
    assert np.abs(A @ X + X @ B - C).max() < 1e-4


def test_integers_are_numbers() -> None:
    assert solve_sylvester([[1, 0], [0, 2]], [[1]], [[4], [6]]) == pytest.approx(np.array([[2.0], [2.0]]))


def test_without_a_unique_solution_both_eigenvalues_are_named() -> None:
    A, B = np.array([[2.0, 7.0], [0.0, 5.0]]), np.array([[-5.0, 1.0, 0.0], [0.0, 3.0, 1.0], [0.0, 0.0, 4.0]])
    with pytest.raises(ValueError, match=r"A X \+ X B = C has no unique solution: 5 is an eigenvalue of A and -5 of B; their sum is zero"):
        solve_sylvester(A, B, np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"3 is an eigenvalue of A and -3 of B"):
        solve_sylvester(np.diag([1.0, 3.0]), np.diag([2.0, -3.0]), np.ones((2, 2)))
    rotation = np.array([[0.0, 2.0], [-2.0, 0.0]])
    with pytest.raises(ValueError, match=r"(2j is an eigenvalue of A and -2j|-2j is an eigenvalue of A and 2j) of B"):
        solve_sylvester(rotation, rotation, np.ones((2, 2)))


def test_a_generalized_equation_without_a_unique_solution() -> None:
    A, C, B, D = np.diag([1.0, 6.0]), np.diag([1.0, 2.0]), np.diag([1.0, 2.0]), np.diag([1.0, -6.0])
    words = r"A X B \+ C X D = E has no unique solution: 3 is an eigenvalue of \(A, C\) and -3 of \(D, B\)"
    with pytest.raises(ValueError, match=words):
        solve_generalized_sylvester(A, B, C, D, np.ones((2, 2)))
    A[0, 1] = B[0, 1] = 0.5
    with pytest.raises(ValueError, match=words):
        solve_generalized_sylvester(A, B, C, D, np.ones((2, 2)))
    nothing = np.diag([1.0, 0.0])
    with pytest.raises(ValueError, match=r"has no unique solution: nan"):
        solve_generalized_sylvester(nothing, np.eye(2), nothing, np.triu(np.ones((2, 2))), np.ones((2, 2)))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            (np.eye(2), np.eye(3), np.ones((3, 2))),
            r"A: got the shape \(2, 2\), but C has the shape \(3, 2\); A must be square, with as many rows as C",
        ),
        ((np.eye(3), np.eye(3), np.ones((3, 2))), r"B: got the shape \(3, 3\), but C has the shape \(3, 2\); B must .* as C has columns"),
        ((np.ones((3, 2)), np.eye(2), np.ones((3, 2))), r"A: got the shape \(3, 2\), but C has the shape \(3, 2\)"),
        ((np.eye(2), np.eye(2), np.ones(4)), r"C: got an array of shape \(4,\); allowed is a matrix"),
        ((np.eye(2), np.diag([1, np.nan]), np.eye(2)), "B: got NaN or infinite entries"),
        ((sparse.csr_array(np.diag([1, np.inf])), np.eye(2), np.eye(2)), "A: got NaN or infinite entries"),
        ((np.eye(2), np.eye(2), np.full((2, 2), np.nan)), "C: got NaN or infinite entries"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, words) -> None:
    with pytest.raises(ValueError, match=words):
        solve_sylvester(*arguments)


@pytest.mark.parametrize("wrong", range(4))
def test_each_matrix_of_the_generalized_equation_must_fit(wrong) -> None:
    matrices = [np.eye(n) for n in (4, 3, 4, 3)]
    matrices[wrong] = np.eye(5)
    with pytest.raises(ValueError, match=rf"{'ABCD'[wrong]}: got the shape \(5, 5\), but E has the shape \(4, 3\)"):
        solve_generalized_sylvester(*matrices, np.ones((4, 3)))
    matrices[wrong] = np.full((4, 4) if wrong in {0, 2} else (3, 3), np.nan)
    with pytest.raises(ValueError, match=f"{'ABCD'[wrong]}: got NaN"):
        solve_generalized_sylvester(*matrices, np.ones((4, 3)))
