"""Functions of a Kronecker sum against SciPy's of the dense matrix."""

import numpy as np
import pytest
import scipy.linalg as linalg

from tensorfem.kron import KroneckerProduct, kronsum

POLE = 0.3 + 5.0j
EPS = float(np.finfo(float).eps)
SINGLE = float(np.finfo(np.float32).eps)


def resolvent(values):
    """A function that the dense matrix has by a linear solve; it takes conjugates to no conjugates."""
    return 1 / (values - POLE)


@pytest.fixture(params=[False, True], ids=["", "masses"])
def drawn(request, make_matrix_sum, sum_kind, sum_sizes):
    """A sum, M^-1 A, and how exactly functions of it can be known: eps times the condition of the eigenvectors."""
    operator, dense, mass = make_matrix_sum(sum_kind, sum_sizes, masses=request.param, shift=0.5)
    matrix = np.linalg.solve(mass, dense).astype(np.result_type(dense, float))
    precision = SINGLE if operator.dtype == np.float32 else EPS
    return operator, matrix, 300 * len(matrix) * precision * np.linalg.cond(np.linalg.eig(matrix)[1])


def test_a_resolvent(drawn, rng) -> None:
    operator, matrix, accuracy = drawn
    vector = rng.standard_normal(len(matrix))
    expected = np.linalg.solve(matrix - POLE * np.eye(len(matrix)), vector)
    result = operator.function(resolvent, vector)
    assert np.iscomplexobj(result)
    assert np.abs(result - expected).max() < accuracy * np.abs(expected).max()
    diagonal = np.diag(np.linalg.inv(matrix - POLE * np.eye(len(matrix))))
    assert operator.function_diagonal(resolvent).shape == operator.output_shape
    assert np.abs(operator.function_diagonal(resolvent).ravel() - diagonal).max() < accuracy * np.abs(diagonal).max()


def test_a_cosine_of_a_real_matrix_is_real(drawn, rng) -> None:
    operator, matrix, accuracy = drawn
    vector, expected = rng.standard_normal(len(matrix)), linalg.cosm(0.1 * matrix)
    result = operator.function(lambda values: np.cos(0.1 * values), vector)
    assert np.isrealobj(result) is np.isrealobj(matrix)
    assert np.abs(result - expected @ vector).max() < accuracy * np.abs(expected).max()
    diagonal = operator.function_diagonal(lambda values: np.cos(0.1 * values))
    assert np.isrealobj(diagonal) or np.iscomplexobj(matrix)
    assert np.abs(diagonal.ravel() - np.diag(expected)).max() < accuracy * np.abs(expected).max()


@pytest.mark.parametrize("time", [0.2, -0.1, 0.3j])
def test_the_exponential_is_a_product(drawn, rng, time) -> None:
    operator, matrix, accuracy = drawn
    expected = linalg.expm(time * matrix)
    product = operator.expm(time)
    assert isinstance(product, KroneckerProduct)
    assert np.abs(product.toarray() - expected).max() < accuracy * np.abs(expected).max()
    vector = rng.standard_normal(len(matrix))
    assert operator.exp(vector, time) == pytest.approx(product @ vector, rel=1e-15)


def test_a_defective_matrix_has_an_exponential_and_no_function() -> None:
    block = np.array([[2.0, 1.0, 0.0], [0.0, 2.0, 1.0], [0.0, 0.0, 2.0]])
    operator = kronsum(np.diag([1.0, 3.0]), block)
    assert operator.expm().toarray() == pytest.approx(linalg.expm(operator.toarray()), rel=1e-11)
    assert operator.toarray() @ operator.solve(np.arange(6.0)) == pytest.approx(np.arange(6.0), abs=1e-14)
    for call in (lambda: operator.function(np.exp, np.ones(6)), lambda: operator.function_diagonal(np.exp), operator.inverse_diagonal):
        with pytest.raises(
            ValueError, match=r"the eigenvectors of matrix 1 have condition number .*; solve\(\) for the inverse and expm\(\)"
        ):
            call()


@pytest.mark.parametrize("masses", [False, True], ids=["", "masses"])
def test_the_diagonal_of_the_inverse(make_matrix_sum, sum_kind, sum_sizes, masses) -> None:
    operator, dense, mass = make_matrix_sum(sum_kind, sum_sizes, masses=masses, shift=0.5)
    diagonal, expected = operator.inverse_diagonal(), np.linalg.inv(dense.astype(np.result_type(dense, float)))
    spread = np.linalg.cond(np.linalg.eig(np.linalg.solve(mass, dense))[1])
    precision = SINGLE if sum_kind == "single" else EPS
    assert diagonal.shape == sum_sizes
    assert np.isrealobj(diagonal) or np.iscomplexobj(dense)
    assert np.abs(diagonal.ravel() - np.diag(expected)).max() < 300 * precision * spread * np.linalg.cond(dense) * np.abs(expected).max()


def test_functions_of_finite_elements(make_pencil, make_explicit_sum, rng) -> None:
    pencils = [make_pencil(size, null=True) for size in (5, 4, 3)]
    operator = type(kronsum(np.eye(1)))(pencils, 0.5)
    dense, mass, vector = make_explicit_sum(pencils, 0.5), operator.mass.toarray(), rng.standard_normal(60)
    root = linalg.sqrtm(np.linalg.solve(mass, dense))
    assert operator.function(np.sqrt, vector) == pytest.approx(root @ vector, abs=1e-11)
    assert operator.function_diagonal(np.sqrt).ravel() == pytest.approx(np.diag(root), abs=1e-11)
    assert operator.inverse_diagonal().ravel() == pytest.approx(np.diag(np.linalg.inv(dense)), rel=1e-12)
    assert operator.expm(-0.1).toarray() == pytest.approx(linalg.expm(-0.1 * np.linalg.solve(mass, dense)), abs=1e-12)


def test_sines_and_cosines_serve_as_well(hat_matrices, rng) -> None:
    import scipy.sparse as sparse

    from tensorfem.kron import KroneckerSum, Pencil, Trigonometry

    stiffness, mass = hat_matrices("dirichlet-neumann", 512, 2.0, (1.0, 1.0))
    root = sparse.csr_array(linalg.cholesky(stiffness))
    fast = Pencil(sparse.csr_array(stiffness), sparse.csr_array(mass), root, trigonometry=Trigonometry("dirichlet-neumann", 2.0, 512))
    assert fast.is_trigonometric
    operator, vector = KroneckerSum([fast]), rng.standard_normal(512)
    inverse = np.linalg.inv(stiffness)
    assert operator.inverse_diagonal() == pytest.approx(np.diag(inverse), rel=1e-9)
    assert operator.solve(vector) == pytest.approx(inverse @ vector, rel=1e-9)
    assert operator.function(lambda values: 1 / values, vector) == pytest.approx(inverse @ (mass @ vector), rel=1e-9)
    assert operator.expm(-1.0) @ vector == pytest.approx(operator.function(lambda values: np.exp(-values), vector), abs=1e-10)


def test_batches_and_fields(make_matrix_sum, rng) -> None:
    operator = make_matrix_sum("hermitian", (5, 4, 3)).operator
    fields = rng.standard_normal((2, 5, 4, 3))
    for field, result in zip(fields, operator.function(np.sin, fields), strict=True):
        assert operator.function(np.sin, field.ravel()) == pytest.approx(result.ravel(), abs=1e-13)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda values: values[0], r"f: got values of shape \(2,\) for eigenvalues of shape \(2, 2\); f must be elementwise"),
        (lambda values: np.where(values == 3, np.nan, values), r"f: got nan at the eigenvalue 3; f must be finite at all eigenvalues"),
        (lambda values: np.where(values > 3, np.inf, values), r"f: got inf at the eigenvalue 4"),
    ],
)
def test_a_bad_function_is_refused(function, words) -> None:
    operator = kronsum(np.diag([1.0, 2.0]), np.diag([1.0, 2.0]))
    with pytest.raises(ValueError, match=words):
        operator.function(function, np.ones((2, 2)))
    with pytest.raises(ValueError, match=words):
        operator.function_diagonal(function)


def test_a_constant_function_is_a_multiple_of_the_identity(make_matrix_sum, rng) -> None:
    operator, vector = make_matrix_sum("non-symmetric", (5, 4), masses=True).operator, rng.standard_normal(20)
    assert operator.function(lambda values: 2.0, vector) == pytest.approx(2 * vector, abs=1e-11)
    assert operator.function_diagonal(lambda values: 2.0) == pytest.approx(np.full((5, 4), 2.0), abs=1e-11)
