"""The nearest Kronecker product against the definition, and against what is known of it."""

import numpy as np
import pytest
import scipy.sparse as sparse

from tensorfem.kron import KroneckerProduct, KroneckerSum, Pencil, SeparableOperator, nearest_kronecker

SHAPES = [((4, 3), (3, 2)), ((2, 5), (4, 1)), ((3, 3), (2, 2)), ((1, 4), (5, 3))]


def drawn(rng, shape, kind="real"):
    return rng.standard_normal(shape) + (1j * rng.standard_normal(shape) if kind == "complex" else 0)


def rearranged(matrix, left, right):
    """Van Loan and Pitsianis' matrix written out block by block: row (i, j) holds block (i, j) of the matrix."""
    rows, columns = right
    blocks = [matrix[i * rows : (i + 1) * rows, j * columns : (j + 1) * columns] for i in range(left[0]) for j in range(left[1])]
    return np.array([block.ravel() for block in blocks])


@pytest.mark.parametrize("kind", ["real", "complex"])
@pytest.mark.parametrize("shapes", SHAPES)
def test_a_kronecker_product_is_found_again(rng, shapes, kind) -> None:
    A, B = (drawn(rng, shape, kind) for shape in shapes)
    found = nearest_kronecker(np.kron(A, B), *shapes)
    assert isinstance(found.operator, KroneckerProduct)
    assert [factor.shape for factor in found.operator.factors] == list(shapes)
    assert found.operator.toarray() == pytest.approx(np.kron(A, B), abs=1e-13)
    assert np.linalg.norm(found.operator.factors[0]) == pytest.approx(np.linalg.norm(found.operator.factors[1]))
    assert found.relative_error < 1e-14


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array, sparse.coo_array])
@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("shapes", SHAPES)
def test_no_other_sum_is_nearer(rng, shapes, rank, form) -> None:
    """By Eckart, Young and Mirsky the least error is that of the truncated singular value decomposition of the rearranged matrix."""
    matrix = drawn(rng, tuple(np.multiply(*shapes)))
    kept = matrix.copy()
    values = np.linalg.svd(rearranged(matrix, *shapes), compute_uv=False)
    found = nearest_kronecker(form(matrix), *shapes, rank=rank)
    assert found.singular_values == pytest.approx(values, abs=1e-12)
    assert found.relative_error == pytest.approx(np.linalg.norm(values[rank:]) / np.linalg.norm(matrix), abs=1e-12)
    assert np.linalg.norm(found.operator.toarray() - matrix) == pytest.approx(np.linalg.norm(values[rank:]), abs=1e-11)
    assert np.array_equal(matrix, kept)


def test_full_rank_is_exact(rng) -> None:
    matrix = drawn(rng, (12, 6))
    found = nearest_kronecker(matrix, (4, 3), (3, 2), rank=6)
    assert isinstance(found.operator, SeparableOperator)
    assert found.operator.toarray() == pytest.approx(matrix, abs=1e-13)
    assert found.relative_error < 1e-14


def test_positive_matrices_have_positive_factors(rng) -> None:
    """Perron and Frobenius: the leading singular vectors of the rearranged matrix have one sign."""
    found = nearest_kronecker(rng.random((12, 6)), (4, 3), (3, 2))
    assert all((factor > 0).all() for factor in found.operator.factors)


def test_a_sum_of_products_is_compressed_without_expansion(rng) -> None:
    """Five terms that are a sum of two, with factors so large that the matrix, 65 GB, could not be formed."""
    left, right = rng.standard_normal((2, 2, 300, 300))
    terms = [KroneckerProduct(np.tensordot(rng.standard_normal(2), left, 1), right[i % 2]) for i in range(5)]
    found = nearest_kronecker(SeparableOperator(terms), (300, 300), (300, 300), rank=2)
    assert found.relative_error < 1e-14
    assert found.singular_values[2:] == pytest.approx(0, abs=1e-13 * found.singular_values[0])
    field = rng.standard_normal((300, 300))
    assert found.operator @ field == pytest.approx(SeparableOperator(terms) @ field, abs=1e-8)


@pytest.mark.parametrize("kind", ["real", "complex"])
def test_compression_agrees_with_the_expanded_matrix(rng, kind) -> None:
    terms = [KroneckerProduct(drawn(rng, (4, 3), kind), sparse.csr_array(drawn(rng, (3, 2), kind))) for _ in range(4)]
    operator = SeparableOperator(terms)
    found, expanded = (nearest_kronecker(A, (4, 3), (3, 2), rank=2) for A in (operator, operator.toarray()))
    assert found.singular_values == pytest.approx(expanded.singular_values[:4], abs=1e-12)
    assert found.relative_error == pytest.approx(expanded.relative_error, abs=1e-12)
    assert found.operator.toarray() == pytest.approx(expanded.operator.toarray(), abs=1e-11)


def test_operators_of_other_shapes_are_taken_as_sparse_matrices(rng) -> None:
    matrix = sparse.eye_array(3, format="csr")
    pencils = [Pencil(stiffness=2 * matrix, mass=matrix, root=np.sqrt(2) * matrix) for _ in range(2)]
    found = nearest_kronecker(KroneckerSum(pencils), (3, 3), (3, 3))
    assert found.operator.toarray() == pytest.approx(4 * np.eye(9), abs=1e-13)
    product = KroneckerProduct(*(rng.standard_normal((2, 2)) for _ in range(3)))
    assert nearest_kronecker(product, (4, 4), (2, 2)).operator.toarray() == pytest.approx(product.toarray(), abs=1e-13)


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
def test_large_matrices_have_their_leading_values_alone(rng, form) -> None:
    """The rearranged matrix is 441 x 441, above the bound: the sum is one of two products and a disturbance."""
    parts = [sparse.random_array((21, 21), density=0.1, rng=rng) for _ in range(4)]
    matrix = (sparse.kron(parts[0], parts[1]) + 0.1 * sparse.kron(parts[2], parts[3])).toarray()
    matrix[0, 0] += 1e-3
    values = np.linalg.svd(rearranged(matrix, (21, 21), (21, 21)), compute_uv=False)
    found = nearest_kronecker(form(matrix), (21, 21), (21, 21), rank=2)
    assert found.singular_values == pytest.approx(values[:2], rel=1e-10)
    assert np.linalg.norm(matrix - found.operator.toarray()) == pytest.approx(np.linalg.norm(values[2:]), rel=1e-6)
    assert found.relative_error == pytest.approx(np.linalg.norm(values[2:]) / np.linalg.norm(matrix), abs=2e-8)
    assert np.array_equal(found.singular_values, nearest_kronecker(form(matrix), (21, 21), (21, 21), rank=2).singular_values)


@pytest.mark.parametrize("shapes", [[(4, 2), (3, 3), (2, 3)], [(3, 2), (2, 3), (2, 1), (1, 2)]])
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
def test_more_than_two_factors(rng, explicit_kron, shapes, form) -> None:
    matrix = explicit_kron(*(drawn(rng, shape) for shape in shapes))
    found = nearest_kronecker(form(matrix), *shapes)
    assert found.converged
    assert [factor.shape for factor in found.operator.factors] == shapes
    assert found.operator.toarray() == pytest.approx(matrix, abs=1e-8)
    disturbed = nearest_kronecker(matrix + 1e-4 * drawn(rng, matrix.shape), *shapes)
    # Nearer than the product that was disturbed.
    assert disturbed.relative_error <= np.linalg.norm(1e-4 * np.ones(matrix.shape)) / np.linalg.norm(matrix) * 1.2


def test_zero_and_single_precision(rng) -> None:
    assert nearest_kronecker(np.zeros((4, 4)), (2, 2), (2, 2)).relative_error == 0
    single = nearest_kronecker(drawn(rng, (6, 6)).astype(np.float32), (2, 2), (3, 3), rank=2)
    assert single.operator.dtype == np.float32


def test_bad_input_is_refused(rng) -> None:
    matrix = drawn(rng, (8, 15))
    with pytest.raises(ValueError, match=r"^shapes: got \(2, 3\), \(4, 4\), which multiply to \(8, 12\); A has shape \(8, 15\)"):
        nearest_kronecker(matrix, (2, 3), (4, 4))
    with pytest.raises(ValueError, match=r"^shapes: got 1; give the shape of each factor, at least two"):
        nearest_kronecker(matrix, (8, 15))
    with pytest.raises(ValueError, match=r"^shapes: got 0; allowed is an integer >= 1"):
        nearest_kronecker(matrix, (0, 3), (4, 5))
    with pytest.raises(ValueError, match=r"^shapes: got 3; allowed are pairs of rows and columns, and then rank="):
        nearest_kronecker(matrix, (2, 3), (4, 5), 3)
    with pytest.raises(ValueError, match=r"^rank: got 7; allowed is an integer from 1 to 6"):
        nearest_kronecker(matrix, (2, 3), (4, 5), rank=7)
    with pytest.raises(ValueError, match=r"^A: got nan at \(0, 0\)"):
        nearest_kronecker(np.nan * matrix, (2, 3), (4, 5))


def test_what_would_not_fit_is_refused(monkeypatch) -> None:
    monkeypatch.setattr("tensorfem.kron.memory.available_memory", lambda: 1000)
    with pytest.raises(MemoryError, match=r"the singular value decomposition needs about .*; ask for a lower rank, or give a sparse"):
        nearest_kronecker(np.ones((8, 15)), (2, 3), (4, 5))
    with pytest.raises(MemoryError, match=r"the matrix as a dense tensor needs about .*; take two factors at a time"):
        nearest_kronecker(sparse.eye_array(16), (2, 2), (2, 2), (4, 4))
