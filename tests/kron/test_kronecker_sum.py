"""The Kronecker sum: its nested form, its parts, and SciPy's Laplacians as an independent case."""

import functools

import numpy as np
import pytest
import scipy.sparse as sparse
from scipy.sparse.linalg import LaplacianNd

from tensorfem.kron import KroneckerProduct, KroneckerSum, Pencil, apply_sum, nonzero_rows, outer, slabs

SHAPES = {1: ((4, 6),), 2: ((4, 6), (7, 5)), 3: ((4, 6), (7, 5), (3, 4)), 4: ((4, 6), (7, 5), (3, 4), (2, 3))}


def band(rng: np.random.Generator, rows: int, columns: int) -> sparse.csr_array:
    return sparse.csr_array(sum(np.eye(rows, columns, k) * rng.standard_normal((rows, 1)) for k in (-1, 0, 1, 2)))


def wrapped(rng: np.random.Generator, size: int) -> sparse.csr_array:
    """A periodic axis' pattern: the first and the last unknown are neighbours."""
    return sparse.csr_array(sum(np.roll(np.eye(size), k, axis=1) * rng.standard_normal((size, 1)) for k in (-1, 0, 1)))


def explicit(stiffness, masses, shift):
    kron = lambda factors: functools.reduce(np.kron, [m.toarray() for m in factors])  # noqa: E731
    return sum(kron([*masses[:i], k, *masses[i + 1 :]]) for i, k in enumerate(stiffness)) + shift * kron(masses)


@pytest.fixture(params=[1, 7, 50, 10_000])
def slab_entries(request, monkeypatch) -> int:
    """Slabs of a row, of few rows with a rest, and of the whole field."""
    monkeypatch.setattr("tensorfem.kron.nested_sum.slabs", functools.partial(slabs, entries=request.param))
    return request.param


@pytest.mark.parametrize("dimension", SHAPES)
@pytest.mark.parametrize("shift", [0.0, -0.75])
@pytest.mark.usefixtures("slab_entries")
def test_the_nested_form_takes_rectangular_factors(rng, ratio, dimension, shift) -> None:
    stiffness, masses = ([band(rng, *shape) for shape in SHAPES[dimension]] for _ in range(2))
    dense = explicit(stiffness, masses, shift)
    fields = rng.standard_normal((2, *(columns for _, columns in SHAPES[dimension])))
    result = apply_sum(stiffness, masses, shift, fields)
    assert result.shape == (2, *(rows for rows, _ in SHAPES[dimension]))
    for field, image in zip(fields, result, strict=True):
        assert ratio(dense, field.ravel(), image.ravel()) < 30


@pytest.mark.parametrize("dimension", [1, 2, 3])
@pytest.mark.usefixtures("slab_entries")
def test_the_nested_form_closes_periodic_axes(rng, ratio, dimension) -> None:
    sizes = (6, 5, 4)[:dimension]
    stiffness, masses = ([wrapped(rng, size) for size in sizes] for _ in range(2))
    field = rng.standard_normal(sizes) + 1j * rng.standard_normal(sizes)
    image = apply_sum(stiffness, masses, 0.5, field)
    assert ratio(explicit(stiffness, masses, 0.5), field.ravel(), image.ravel()) < 30


def test_an_empty_column_adds_nothing(rng) -> None:
    stiffness, mass = sparse.csr_array(np.diag([1.0, 0.0, 2.0])), sparse.csr_array(np.diag([0.0, 0.0, 3.0]))
    assert np.array_equal(apply_sum([stiffness], [mass], 2.0, np.array([1.0, 5.0, 1.0])), [1.0, 0.0, 8.0])


def test_slabs_cover_each_row_once() -> None:
    for length in (0, 1, 5, 12):
        for row in (0, 1, 3, 40):
            for entries in (1, 7, 1000):
                pieces = list(slabs(length, row, entries=entries))
                assert [i for piece in pieces for i in range(piece.start, piece.stop)] == list(range(length))
                assert all(piece.stop - piece.start <= max(1, entries // max(1, row)) for piece in pieces)


def test_rows_that_are_neighbours_are_a_slice() -> None:
    matrix = sparse.csr_array(np.array([[0, 0], [1, 0], [0, 2], [0, 0]]))
    assert nonzero_rows(matrix) == slice(1, 3)
    assert list(nonzero_rows(sparse.csr_array(np.array([[1], [0], [1]])))) == [0, 2]
    assert list(nonzero_rows(sparse.csr_array((3, 2)))) == []


@pytest.mark.parametrize("shift", [0.0, 1.5, -1.5])
def test_its_terms_add_up_to_it(make_pencil, make_explicit_sum, shift) -> None:
    pencils = [make_pencil(size) for size in (5, 4, 3)]
    operator = KroneckerSum(pencils, shift)
    terms = operator.terms
    assert len(terms) == 3 + (shift != 0)
    dense = make_explicit_sum(pencils, shift)
    assert np.abs(sum(term.toarray() for term in terms) - dense).max() < 1e-14 * np.abs(dense).max()
    assert operator.T is operator is operator.kronecker_approximation()
    assert operator.definite is (shift >= 0)


@pytest.mark.parametrize(
    ("nulls", "shift", "singular"), [((1, 1, 1), 0, True), ((1, 0, 1), 0, False), ((1, 1, 1), 1e-3, False), ((1, 1, 1), -1.0, False)]
)
def test_the_null_space_is_known_from_the_data(make_pencil, nulls, shift, singular) -> None:
    operator = KroneckerSum([make_pencil(size, null=bool(null)) for size, null in zip((5, 4, 3), nulls, strict=True)], shift)
    assert (operator.null_vector is not None) is singular
    assert operator.definite is (shift >= 0 and not singular)
    if singular:
        assert np.abs(operator @ outer(operator.null_vector)).max() < 1e-13 * operator.norm_bound()


def test_the_mass_of_an_outer_product_costs_one_dimension(make_pencil, rng) -> None:
    pencils = [make_pencil(size) for size in (5, 4, 3)]
    vectors = [rng.standard_normal(p.size) for p in pencils]
    expected = KroneckerProduct(*(p.mass for p in pencils)) @ outer(vectors)
    assert KroneckerSum(pencils).mass_vector(vectors) == pytest.approx(expected, abs=1e-13)


def difference_pencil(kind: str, size: int) -> Pencil:
    """Second differences: K = B^T B with the ghost points of SciPy's boundary kinds, M = I."""
    inner = np.eye(size - 1, size, 1) - np.eye(size - 1, size)
    ends = {
        "dirichlet": [np.eye(1, size), np.eye(1, size, size - 1)],
        "neumann": [],
        "periodic": [np.eye(1, size) - np.eye(1, size, size - 1)],
    }
    root = sparse.csr_array(np.vstack([inner, *ends[kind]]))
    null = None if kind == "dirichlet" else np.ones(size)
    return Pencil(sparse.csr_array(root.T @ root), sparse.eye_array(size, format="csr"), root, null)


@pytest.mark.parametrize("shape", [(6,), (5, 4), (5, 4, 3)])
@pytest.mark.parametrize("kind", ["dirichlet", "neumann", "periodic"])
def test_second_differences_are_scipy_s_laplacian(kind, shape) -> None:
    operator = KroneckerSum([difference_pencil(kind, size) for size in shape])
    theirs = -LaplacianNd(shape, boundary_conditions=kind, dtype=np.int64).toarray()
    assert np.array_equal(operator.toarray(), theirs)
    mine = np.sort(operator.spectrum().eigenvalues(), axis=None)
    assert mine == pytest.approx(np.linalg.eigvalsh(theirs), abs=1e-13 * 4 * len(shape))


def test_entries_bound_a_sum_whose_masses_are_diagonal() -> None:
    operator = KroneckerSum([difference_pencil("dirichlet", size) for size in (5, 4, 3)], 1.0)
    assert operator.entries >= operator.tosparse().nnz
