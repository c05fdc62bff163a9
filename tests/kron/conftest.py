"""What the tests of Kronecker algebra share: drawn matrices, and the registry of operators beside their explicit matrices."""

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest
import scipy.linalg
import scipy.sparse as sparse

from tensorfem.kron import (
    CombinedOperator,
    ConjugateOperator,
    KroneckerOperator,
    KroneckerProduct,
    KroneckerSum,
    PartialSum,
    Pencil,
    SeparableOperator,
    block_circulant,
    block_diag,
    kronsum,
    row_kron,
)

Generator = np.random.Generator
EPS = float(np.finfo(float).eps)


@pytest.fixture
def rng() -> Generator:
    return np.random.default_rng(7_340_219)


def explicit(*factors: Any) -> np.ndarray:
    return functools.reduce(np.kron, [m.toarray() if sparse.issparse(m) else m for m in factors])


@pytest.fixture
def explicit_kron() -> Callable[..., np.ndarray]:
    return explicit


def draw_pencil(rng: Generator, size: int, *, null: bool = False) -> Pencil:
    """Tridiagonal K = B^T B and M, by no mesh; with `null` the rows of B add up to zero."""
    differences = np.eye(size + 1, size) - np.eye(size + 1, size, -1)
    differences = differences[1:-1] if null else differences
    root = rng.uniform(0.5, 2.0, (len(differences), 1)) * differences
    half = np.diag(rng.uniform(1.0, 2.0, size)) + np.diag(rng.uniform(0.0, 0.5, size - 1), 1)
    return Pencil(
        stiffness=sparse.csr_array(root.T @ root),
        mass=sparse.csr_array(half.T @ half),
        root=sparse.csr_array(root),
        null_vector=np.ones(size) if null else None,
    )


def explicit_sum(pencils: Sequence[Pencil], shift: float) -> np.ndarray:
    """The sum of the issue written out: one stiffness beside the masses of the other axes, and the shift."""
    masses = [p.mass for p in pencils]
    terms = [explicit(*masses[:i], p.stiffness, *masses[i + 1 :]) for i, p in enumerate(pencils)]
    return functools.reduce(operator.add, terms) + shift * explicit(*masses)


class Case(NamedTuple):
    """An operator, and what it stands for."""

    operator: KroneckerOperator
    dense: np.ndarray


def drawn(rng: Generator, *shape: int) -> np.ndarray:
    return rng.standard_normal(shape)


def product_of(*factors: Any) -> Case:
    return Case(KroneckerProduct(*factors), explicit(*factors))


def sum_of(rng: Generator, *sizes: int, shift: float = 0.0, null: bool = False) -> Case:
    pencils = [draw_pencil(rng, size, null=null) for size in sizes]
    return Case(KroneckerSum(pencils, shift), explicit_sum(pencils, shift))


def separable(*terms: Sequence[Any]) -> Case:
    return Case(SeparableOperator([KroneckerProduct(*term) for term in terms]), sum(explicit(*term) for term in terms))


def diagonal_of(*blocks: Any) -> Case:
    return Case(block_diag(*blocks), scipy.linalg.block_diag(*(b.toarray() if hasattr(b, "toarray") else b for b in blocks)))


def circulant_of(*blocks: Any) -> Case:
    """Written out from the definition: block (i, j) is block (i - j) mod count."""
    dense, count = [b.toarray() if hasattr(b, "toarray") else b for b in blocks], len(blocks)
    return Case(block_circulant(blocks), np.block([[dense[(i - j) % count] for j in range(count)] for i in range(count)]))


def rows_of(*matrices: Any) -> Case:
    dense = [m.toarray() if sparse.issparse(m) else m for m in matrices]
    return Case(row_kron(*matrices), np.array([explicit(*(m[s : s + 1] for m in dense))[0] for s in range(len(dense[0]))]))


def thin(rng: Generator, rows: int, columns: int) -> Any:
    return sparse.random_array((rows, columns), density=0.4, rng=rng, format="coo")


def waves(rng: Generator, *shape: int) -> np.ndarray:
    return drawn(rng, *shape) + 1j * drawn(rng, *shape)


def composed(left: Case, right: Case) -> Case:
    return Case(left.operator @ right.operator, left.dense @ right.dense)


def combined(left: Case, right: Case, weight: complex) -> Case:
    return Case(CombinedOperator([left.operator, right.operator], [1, weight]), left.dense + weight * right.dense)


def draw_matrix(rng: Generator, kind: str, size: int) -> Any:
    """A square matrix of a kind that `SUM_KINDS` lists."""
    real = drawn(rng, size, size)
    match kind:
        case "symmetric":
            return real + real.T
        case "hermitian":
            return (real + real.T) + 1j * (real - real.T)
        case "complex":
            return real + 1j * drawn(rng, size, size)
        case "single":
            return real.astype(np.float32)
        case "sparse":
            return sparse.csr_array(np.triu(real, -1) * (np.abs(real) > 0.3) + np.diag(np.arange(1.0, size + 1)))
        case "tridiagonal":
            return sparse.diags_array([real[0, 1:], real[1], real[0, 1:]], offsets=[-1, 0, 1], format="csr")
        case _:
            return real


def draw_mass(rng: Generator, kind: str, size: int) -> Any:
    """A mass matrix to go with a matrix of that kind: a condition number below ten, and definite where that can be."""
    disturbance = draw_matrix(rng, kind, size)
    return disturbance * (0.7 / np.linalg.norm(explicit(disturbance), 2)) + np.eye(size, dtype=disturbance.dtype)


class MatrixSum(NamedTuple):
    """A Kronecker sum of matrices, its dense form, and that of its masses."""

    operator: KroneckerSum
    dense: np.ndarray
    mass: np.ndarray


SUM_KINDS = ("symmetric", "non-symmetric", "complex", "hermitian", "single", "sparse", "tridiagonal")


def draw_matrix_sum(rng: Generator, kind: str, sizes: Sequence[int], *, masses: bool = False, shift: float = 0.0) -> MatrixSum:
    matrices = [draw_matrix(rng, kind, size) for size in sizes]
    units = [np.eye(size) for size in sizes]
    given = [draw_mass(rng, kind, size) if masses else unit for size, unit in zip(sizes, units, strict=True)]
    terms = [explicit(*given[:i], matrix, *given[i + 1 :]) for i, matrix in enumerate(matrices)]
    mass = explicit(*given)
    return MatrixSum(kronsum(*matrices, masses=given if masses else None, shift=shift), sum(terms) + shift * mass, mass)


def mixed_sum(rng: Generator, *, masses: bool) -> Case:
    """Dense and sparse matrices side by side, some with masses."""
    matrices = [drawn(rng, 5, 5), draw_matrix(rng, "sparse", 4), drawn(rng, 3, 3)]
    given = [None, draw_mass(rng, "sparse", 4), drawn(rng, 3, 3)] if masses else None
    units = [np.eye(n) if mass is None else mass for n, mass in zip((5, 4, 3), given or [None] * 3, strict=True)]
    terms = [explicit(*units[:i], matrix, *units[i + 1 :]) for i, matrix in enumerate(matrices)]
    return Case(kronsum(*matrices, masses=given, shift=0.5), sum(terms) + 0.5 * explicit(*units))


def partial_sum(rng: Generator, *sizes: int, axis: int) -> Case:
    pencils = [draw_pencil(rng, size) for i, size in enumerate(sizes) if i != axis]
    own, *weights = [draw_pencil(rng, sizes[axis]).stiffness for _ in sizes]
    factors = [[p.mass if j != i else p.stiffness for j, p in enumerate(pencils)] for i in range(-1, len(pencils))]
    terms = [explicit(*others[:axis], matrix, *others[axis:]) for matrix, others in zip((own, *weights), factors, strict=True)]
    return Case(PartialSum(own, weights, pencils, axis), sum(terms))


OPERATORS: dict[str, Callable[[Generator], Case]] = {
    "product of one": lambda r: product_of(drawn(r, 5, 5)),
    "product of dense and sparse": lambda r: product_of(drawn(r, 5, 5), thin(r, 4, 4).tocsr() + sparse.eye_array(4), drawn(r, 3, 3)),
    "product of four": lambda r: product_of(*(drawn(r, n, n) for n in (5, 4, 3, 2))),
    "rectangular product": lambda r: product_of(drawn(r, 2, 5), thin(r, 6, 4), drawn(r, 3, 2)),
    "complex product": lambda r: product_of(drawn(r, 5, 5) + 1j * drawn(r, 5, 5), drawn(r, 4, 4), 1j * drawn(r, 3, 3)),
    "product of integers": lambda r: product_of(r.integers(-4, 5, (5, 5)), r.integers(-4, 5, (4, 4))),
    "block diagonal": lambda r: diagonal_of(drawn(r, 5, 5), product_of(drawn(r, 3, 3), thin(r, 2, 2)).operator, thin(r, 4, 4)),
    "rectangular block diagonal": lambda r: diagonal_of(drawn(r, 5, 2), product_of(drawn(r, 3, 2), 1j * drawn(r, 2, 1)).operator),
    "block circulant": lambda r: circulant_of(*(drawn(r, 4, 4) for _ in range(5))),
    "block circulant of sparse": lambda r: circulant_of(*(thin(r, 9, 9).multiply(np.eye(9) + np.eye(9, k=1)) for _ in range(6))),
    "block circulant of few": lambda r: circulant_of(drawn(r, 4, 4), drawn(r, 4, 4), thin(r, 4, 4).multiply(0.0), np.zeros((4, 4))),
    "block circulant of products": lambda r: circulant_of(*(product_of(drawn(r, 4, 4), thin(r, 3, 3)).operator for _ in range(3))),
    "rectangular block circulant": lambda r: circulant_of(*(drawn(r, 3, 2) for _ in range(4))),
    "rectangular complex block circulant": lambda r: circulant_of(drawn(r, 3, 4), 1j * thin(r, 3, 4), drawn(r, 3, 4)),
    "face-splitting product": lambda r: rows_of(drawn(r, 12, 4), thin(r, 12, 3)),
    "face-splitting product of sparse": lambda r: rows_of(thin(r, 60, 10).multiply(thin(r, 60, 10)), thin(r, 60, 6)),
    "rectangular face-splitting product": lambda r: rows_of(drawn(r, 7, 4), 1j * drawn(r, 7, 3), drawn(r, 7, 2)),
    "rectangular face-splitting product of sparse": lambda r: rows_of(*(thin(r, 9, n).multiply(thin(r, 9, n)) for n in (8, 7, 6, 2))),
    "rectangular complex face-splitting product of sparse": lambda r: rows_of(
        *((1 + 2j) * thin(r, 9, n).multiply(thin(r, 9, n)) for n in (8, 7, 6))
    ),
    "sum along one axis": lambda r: sum_of(r, 5, shift=0.75),
    "sum along two axes": lambda r: sum_of(r, 5, 4),
    "shifted sum": lambda r: sum_of(r, 5, 4, 3, shift=0.75),
    "negatively shifted sum": lambda r: sum_of(r, 5, 4, 3, shift=-1.25),
    "singular sum": lambda r: sum_of(r, 5, 4, 3, null=True),
    "sum along four axes": lambda r: sum_of(r, 5, 4, 3, 2, shift=0.75),
    "sum of matrices": lambda r: Case(*draw_matrix_sum(r, "sparse", (5, 4, 3))[:2]),
    "sum of dense matrices": lambda r: Case(*draw_matrix_sum(r, "non-symmetric", (5, 4, 3), shift=-0.5)[:2]),
    "sum of Hermitian matrices": lambda r: Case(*draw_matrix_sum(r, "hermitian", (5, 4), masses=True, shift=0.5)[:2]),
    "sum of complex matrices along four axes": lambda r: Case(*draw_matrix_sum(r, "complex", (5, 4, 3, 2), masses=True)[:2]),
    "sum of dense and sparse matrices": lambda r: mixed_sum(r, masses=False),
    "sum of dense and sparse matrices with masses": lambda r: mixed_sum(r, masses=True),
    "separable": lambda r: separable((drawn(r, 5, 5), thin(r, 4, 4), drawn(r, 3, 3)), (thin(r, 5, 5), drawn(r, 4, 4), thin(r, 3, 3))),
    "rectangular separable": lambda r: separable((drawn(r, 2, 5), thin(r, 6, 4)), (1j * drawn(r, 2, 5), drawn(r, 6, 4))),
    "partial sum": lambda r: partial_sum(r, 5, 4, 3, axis=0),
    "partial sum along two axes": lambda r: partial_sum(r, 5, 4, axis=1),
    "partial sum along four axes": lambda r: partial_sum(r, 5, 4, 3, 2, axis=2),
    "misfits composed": lambda r: composed(product_of(drawn(r, 4, 5), drawn(r, 5, 3)), product_of(waves(r, 5, 10), drawn(r, 3, 2))),
    "three composed": lambda r: composed(composed(sum_of(r, 4, 3), product_of(drawn(r, 12, 12))), sum_of(r, 3, 2, 2)),
    "rectangular, composed": lambda r: composed(product_of(drawn(r, 2, 5), thin(r, 6, 4)), product_of(drawn(r, 10, 3), waves(r, 2, 4))),
    "combination": lambda r: combined(sum_of(r, 4, 3), product_of(drawn(r, 3, 3), drawn(r, 2, 2), drawn(r, 2, 2)), 2 - 1j),
    "rectangular combination": lambda r: combined(product_of(waves(r, 6, 4), drawn(r, 2, 3)), product_of(drawn(r, 12, 12)), -0.5),
    "conjugate": lambda r: (lambda case: Case(ConjugateOperator(case.operator), case.dense.conj()))(
        product_of(waves(r, 5, 5), waves(r, 3, 3))
    ),
}


@pytest.fixture(params=OPERATORS)
def case(request: pytest.FixtureRequest, rng: Generator) -> Case:
    return OPERATORS[request.param](rng)


@pytest.fixture(params=[name for name in OPERATORS if "rectangular" not in name])
def square_case(request: pytest.FixtureRequest, rng: Generator) -> Case:
    return OPERATORS[request.param](rng)


@pytest.fixture
def make_pencil(rng: Generator) -> Callable[..., Pencil]:
    return functools.partial(draw_pencil, rng)


@pytest.fixture
def make_explicit_sum() -> Callable[[Sequence[Pencil], float], np.ndarray]:
    return explicit_sum


@pytest.fixture
def make_matrix(rng: Generator) -> Callable[[str, int], Any]:
    return functools.partial(draw_matrix, rng)


@pytest.fixture
def make_matrix_sum(rng: Generator) -> Callable[..., MatrixSum]:
    return functools.partial(draw_matrix_sum, rng)


@pytest.fixture(params=SUM_KINDS)
def sum_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[(5,), (5, 4), (5, 4, 3), (5, 4, 3, 2)], ids=str)
def sum_sizes(request: pytest.FixtureRequest) -> tuple[int, ...]:
    return tuple(request.param)


@pytest.fixture
def ratio() -> Callable[[Any, Any, Any], float]:
    """LAPACK's measure of a product: the error of A x over what rounding allows, n eps |A| |x|; below 30 it is rounding."""

    def measure(matrix: Any, vector: Any, result: Any) -> float:
        bound = len(vector) * EPS * (np.abs(matrix) @ np.abs(vector)).max()
        return float(np.abs(matrix @ vector - result).max() / bound)

    return measure


def hats(kind: str, cells: int, length: float, scale: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Stiffness and mass of the hat functions, from the two matrices of a cell."""
    size, width = cells + (kind != "periodic"), length / cells
    stiffness, mass = np.zeros((2, size, size))
    for cell in range(cells):
        here = np.ix_(*[np.array([cell, cell + 1]) % size] * 2)
        np.add.at(stiffness, here, scale[0] / width * np.array([[1.0, -1.0], [-1.0, 1.0]]))
        np.add.at(mass, here, scale[1] * width / 6 * np.array([[2.0, 1.0], [1.0, 2.0]]))
    free = slice(int(kind.startswith("dirichlet")), size - int(kind.endswith("dirichlet")))
    return stiffness[free, free], mass[free, free]


@pytest.fixture
def hat_matrices() -> Callable[[str, int, float, tuple[float, float]], tuple[np.ndarray, np.ndarray]]:
    return hats
