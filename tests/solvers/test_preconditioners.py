"""What conjugate gradients need of a preconditioner: one linear, symmetric, positive definite map."""

import functools
from typing import Any

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.kron import KroneckerProduct, SeparableOperator, outer
from tensorfem.solvers import AMG, CG, FastDiagonalization, Jacobi, Preconditioner, norm

SEED = 90_467


def draw(case: Any, count: int) -> list[np.ndarray]:
    """Vectors orthogonal to the null vector, where there is one: those that residuals are."""
    vectors = [*np.random.default_rng(SEED).standard_normal((count, *case.rhs.shape))]
    if case.operator.null_vector is not None:
        null = outer(case.operator.null_vector)
        vectors = [v - null * (np.vdot(null, v) / np.vdot(null, null)) for v in vectors]
    return vectors


def test_linear_and_fixed(preconditioner: Preconditioner, definite_case: Any) -> None:
    apply = preconditioner.approximate_inverse(definite_case.operator)
    x, y = draw(definite_case, 2)
    first, scale = apply(x), norm(apply(x)) + norm(apply(y))
    assert norm(apply(3.5 * x - 0.75 * y) - (3.5 * first - 0.75 * apply(y))) <= 1e-12 * scale
    np.testing.assert_array_equal(apply(x), first)


def test_symmetric_and_positive(preconditioner: Preconditioner, definite_case: Any) -> None:
    apply = preconditioner.approximate_inverse(definite_case.operator)
    for x, y in zip(*[iter(draw(definite_case, 6))] * 2, strict=True):
        assert abs(np.vdot(y, apply(x)) - np.vdot(x, apply(y))) <= 1e-12 * norm(x) * norm(apply(y))
        assert np.vdot(x, apply(x)) > 0


def test_leaves_the_residual_as_it_is(preconditioner: Preconditioner, definite_case: Any) -> None:
    (x,) = draw(definite_case, 1)
    before = x.copy()
    preconditioner.approximate_inverse(definite_case.operator)(x)
    np.testing.assert_array_equal(x, before)


def explicit(apply: Any, shape: tuple[int, ...]) -> np.ndarray:
    size = int(np.prod(shape))
    return np.stack([apply(column.reshape(shape)).ravel() for column in np.eye(size)], axis=1)


@pytest.mark.parametrize("options", [{"degree": 1}, {"degree": 3}, {"ends": (False, False)}, {"shift": 4.0}])
def test_a_v_cycle_never_goes_too_far(poisson: Any, options: dict[str, Any]) -> None:
    """A symmetric cycle with an exact coarse solve shrinks every error in the energy norm: the spectrum of M A lies in (0, 1]."""
    degree = options.get("degree", 1)
    operator = poisson(14 // degree, 9 // degree, lengths=(1.0, 3.0), **options)
    cycle = explicit(AMG().approximate_inverse(operator), operator.output_shape)
    dense = operator.toarray()
    sizes, vectors = np.linalg.eigh(dense)
    root = vectors * np.sqrt(np.maximum(sizes, 0.0))
    eigenvalues = np.linalg.eigvalsh(root.T @ cycle @ root)
    assert np.abs(cycle - cycle.T).max() <= 1e-13 * np.abs(cycle).max()
    assert eigenvalues[-1] <= 1 + 1e-11
    assert eigenvalues[1 if operator.null_vector else 0] > 0.05


def test_fast_diagonalization_inverts_a_kronecker_sum(case: Any) -> None:
    mixed = case("3d, mixed")
    value = FastDiagonalization().approximate_inverse(mixed.operator)(mixed.rhs)
    assert norm(value - mixed.solution) <= mixed.tolerance * norm(mixed.solution)


def test_jacobi_divides_by_the_diagonal(case: Any) -> None:
    mixed = case("2d, mixed")
    value = Jacobi().approximate_inverse(mixed.operator)(mixed.rhs)
    np.testing.assert_allclose(value.ravel(), mixed.rhs.ravel() / np.diag(mixed.dense), rtol=1e-14)


def test_jacobi_refuses_a_diagonal_that_is_not_positive() -> None:
    operator = SeparableOperator([KroneckerProduct(np.diag([3.0, 0.0, 1.0]))])
    with pytest.raises(ValueError, match=r"Jacobi: the smallest diagonal entry of .* is 0; all must be positive"):
        Jacobi().approximate_inverse(operator)


def test_fast_diagonalization_refuses_an_operator_without_a_kronecker_sum() -> None:
    operator = SeparableOperator([KroneckerProduct(np.eye(3))])
    with pytest.raises(ValueError, match=r"knows no nearest Kronecker sum .* CG\(preconditioner=AMG\(\)\)"):
        FastDiagonalization().approximate_inverse(operator)


def test_amg_refuses_an_indefinite_operator(case: Any) -> None:
    with pytest.raises(ValueError, match=r"AMG: a negative reaction .* use FastDiagonalization\(\) or Direct\(\)"):
        AMG().approximate_inverse(case("2d, negative reaction").operator)


class Given(Preconditioner):
    """A user's map, as it is."""

    def __init__(self, inverse: Any) -> None:
        self.inverse = inverse

    def approximate_inverse(self, operator: Any) -> Any:
        return self.inverse


class Elsewhere:
    """The map of a diagonal, whose `into` takes no notice of the room that it is offered, but to spoil it."""

    def __init__(self, diagonal: np.ndarray) -> None:
        self.diagonal = diagonal

    def __call__(self, residual: np.ndarray) -> np.ndarray:
        return residual / self.diagonal

    def into(self, residual: np.ndarray, out: np.ndarray) -> np.ndarray:
        out[...] = np.nan
        return residual / self.diagonal


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_maps_of_all_manners(dtype: Any) -> None:
    """One that keeps a buffer, gives the residual itself, works in single precision, or takes no room: on operators of two precisions."""
    space = tfem.box(x=(0, 1), y=(0, 2), cells=(9, 7))
    operator = tfem.Poisson(space, 1.0, diffusion="exp(x*y)", boundary=0.0).cell_operator.astype(dtype)
    rhs, diagonal = np.random.default_rng(90_713).standard_normal(operator.output_shape), operator.diagonal()
    buffer = np.empty_like(rhs)
    maps = {
        "buffer": lambda residual: np.divide(residual, diagonal, out=buffer),
        "itself": lambda residual: residual,
        "single": lambda residual: (residual / diagonal).astype(np.float32),
        "elsewhere": Elsewhere(diagonal),
    }
    expected = np.linalg.solve(operator.toarray().astype(float), rhs.ravel()).reshape(rhs.shape)
    for name, inverse in maps.items():
        shown: list[np.ndarray] = []
        solver = CG(rtol=1e-6, preconditioner=Given(inverse), callback=functools.partial(keep, shown))
        assert np.allclose(solver.prepare(operator)(rhs).value, expected, rtol=0, atol=1e-4 * np.abs(expected).max()), name
        assert len({iterate.tobytes() for iterate in shown}) == len(shown), name


def keep(shown: list[np.ndarray], count: int, residual: float, iterate: np.ndarray) -> None:
    shown.append(iterate)
