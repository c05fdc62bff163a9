"""Solving with a Kronecker sum: by eigenbases and by Schur forms, on any number of axes."""

import numpy as np
import pytest

from tensorfem.kron import kronsum
from tensorfem.kron.spectral import triangular

SINGLE = float(np.finfo(np.float32).eps)
EPS = float(np.finfo(float).eps)


@pytest.fixture(params=[2, 3, 40], autouse=True)
def _block(request, monkeypatch) -> None:
    """Halving down to two rows, so that no block of a real Schur form may be cut, and none at all."""
    monkeypatch.setattr(triangular, "BLOCK", request.param)
    monkeypatch.setattr(triangular, "PAIR_BLOCK", request.param - 1)


def residual(dense: np.ndarray, solution: np.ndarray, rhs: np.ndarray) -> float:
    """LAPACK's measure of a solution; below 30 it is as good as rounding allows."""
    precision = SINGLE if solution.dtype in (np.float32, np.complex64) else EPS
    return float(np.linalg.norm(dense @ solution - rhs) / (len(rhs) * precision * np.linalg.norm(dense, 2) * np.linalg.norm(solution)))


@pytest.mark.parametrize("masses", [False, True], ids=["", "masses"])
def test_it_solves(make_matrix_sum, sum_kind, sum_sizes, rng, masses) -> None:
    for shift in (0.0, -0.75):
        operator, dense, _ = make_matrix_sum(sum_kind, sum_sizes, masses=masses, shift=shift)
        rhs = rng.standard_normal(len(dense)).astype(operator.dtype)
        solution = operator.solve(rhs)
        assert solution.dtype == operator.dtype
        assert residual(dense, solution, rhs) < 30
        assert residual(dense.T, operator.T.solve(rhs), rhs) < 30


def test_it_solves_for_complex_sides_and_in_every_form(make_matrix_sum, sum_kind, rng) -> None:
    operator, dense, _ = make_matrix_sum(sum_kind, (5, 4, 3), shift=0.5)
    fields = rng.standard_normal((2, 2, 5, 4, 3)) + 1j * rng.standard_normal((2, 2, 5, 4, 3))
    solved = operator.solve(fields)
    assert solved.shape == fields.shape
    for index in np.ndindex(2, 2):
        assert residual(dense, solved[index].ravel(), fields[index].ravel()) < 30 * (SINGLE / EPS if sum_kind == "single" else 1)
    one = fields[0, 0]
    same = 1e3 * float(np.finfo(operator.dtype).eps) * np.abs(solved[0, 0]).max() * np.linalg.cond(dense)
    assert np.abs(operator.solve(one.ravel()) - solved[0, 0].ravel()).max() < same
    assert operator.solve(one.ravel()[:, None]).shape == (60, 1)
    assert operator.solve(list(np.ones(60))).shape == (60,)


def test_symmetric_and_other_axes_go_together(rng, make_matrix) -> None:
    kinds = ("symmetric", "non-symmetric", "hermitian", "sparse")
    matrices = [make_matrix(kind, size) for kind, size in zip(kinds, (5, 4, 3, 2), strict=True)]
    masses = [None, np.diag([1.0, 2.0, 3.0, -4.0]), np.diag([1.0, 2.0, 3.0]), None]
    operator, rhs = kronsum(*matrices, masses=masses), rng.standard_normal(120)
    assert residual(operator.toarray(), operator.solve(rhs), rhs) < 30


def test_a_singular_mass_may_be_solved_with(rng, make_matrix) -> None:
    masses = [np.diag([1.0, 2.0, 0.0]), np.diag([1.0, 3.0])]
    operator, rhs = kronsum(make_matrix("complex", 3), make_matrix("complex", 2), masses=masses), rng.standard_normal(6)
    assert residual(operator.toarray(), operator.solve(rhs), rhs) < 30
    with pytest.raises(ValueError, match=r"masses: one of shape \(3, 3\) is singular; eigenvalues need masses that have inverses"):
        kronsum(np.ones((3, 3)) + np.diag([1.0, 2.0, 3.0]), masses=[np.diag([1.0, 2.0, 0.0])]).eigenvalues()
    for call in (operator.expm, operator.inverse_diagonal, lambda: operator.function(np.cos, rhs)):
        with pytest.raises(ValueError, match=r"masses: one of shape \(3, 3\) is singular"):
            call()


def rotated(rng: np.random.Generator, *eigenvalues: float, normal: bool) -> np.ndarray:
    """A matrix with these eigenvalues, symmetric or not."""
    size = len(eigenvalues)
    basis = np.linalg.qr(rng.standard_normal((size, size)))[0]
    return basis @ (np.diag(eigenvalues) + (0 if normal else np.triu(rng.standard_normal((size, size)), 1))) @ basis.T


@pytest.mark.parametrize("normal", [True, False])
def test_a_singular_sum_names_the_eigenvalues(rng, normal) -> None:
    first, second = rotated(rng, 1.5, 4.0, 9.0, normal=normal), rotated(rng, 2.5, -3.5, normal=normal)
    singular = kronsum(first, second, shift=2.0)
    with pytest.raises(
        ValueError, match=r"solve: the sum is singular: the eigenvalues 1\.5 and -3\.5 of the axes and the shift 2 add up to 0"
    ):
        singular.solve(np.ones((3, 2)))
    with pytest.raises(ValueError, match="the sum is singular"):
        singular.inverse_diagonal()
    assert kronsum(first, second, shift=2.0 + 1e-6).resonance() is None
    assert kronsum(first, second, shift=2.0 + 1e-6).solve(np.ones((3, 2))).shape == (3, 2)
    with pytest.raises(ValueError, match=r"the eigenvalues (\S+) and -\1 of the axes add up to 0"):
        kronsum(first, -first).solve(np.ones((3, 3)))


def test_a_sum_with_a_known_null_vector_is_singular(make_pencil) -> None:
    operator = type(kronsum(np.eye(2)))([make_pencil(5, null=True), make_pencil(4, null=True)])
    with pytest.raises(ValueError, match="the eigenvalues 0 and 0 of the axes add up to 0"):
        operator.solve(np.ones((5, 4)))


def test_another_shape_is_refused(make_matrix_sum) -> None:
    operator = make_matrix_sum("symmetric", (5, 4)).operator
    for call, name in ((operator.solve, "solve"), (lambda v: operator.function(np.exp, v), "function")):
        with pytest.raises(ValueError, match=rf"{name}: got an array of shape \(4, 5\); allowed are \(5, 4\), batches of it, \(20,\)"):
            call(np.ones((4, 5)))


@pytest.mark.parametrize("kind", ["symmetric", "non-symmetric"])
def test_right_hand_sides_that_are_not_finite_are_refused(make_matrix_sum, kind) -> None:
    operator = make_matrix_sum(kind, (4, 3), shift=0.5).operator
    rhs = np.where(np.arange(12).reshape(4, 3) == 5, np.inf, 1.0)
    with pytest.raises(ValueError, match=r"^solve: entry \(1, 2\) is inf; all must be finite"):
        operator.solve(rhs)
    with pytest.raises(ValueError, match=r"^solve: got an array of shape \(12,\) and type <U1; allowed are numbers"):
        operator.solve(np.full(12, "a"))
