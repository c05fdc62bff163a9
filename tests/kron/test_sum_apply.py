"""The compiled Kronecker sum beside its dense form and the nested form, on every shape that could break a loop."""

import numpy as np
import pytest
import scipy.sparse as sparse

from tensorfem.kron import apply_sum, kernels
from tensorfem.kron.banded_sum import TILE, BandedSum, bands, is_banded, pieces

pytest.importorskip("numba")

LONGEST = 256  # of a row that the narrow kernel takes whole


@pytest.fixture
def compiled(monkeypatch):
    """Kernels for fields of any size."""
    monkeypatch.setattr(kernels, "COMPILED_ENTRIES", 1)


def banded(rng, size, half, dtype=float):
    dense = np.tril(np.triu(rng.standard_normal((size, size)), -half), half)
    return sparse.csr_array(dense.astype(dtype))


def elements(rng, degree, cells):
    """A non-symmetric matrix with the pattern of a Lagrange axis: dense blocks that share a node."""
    dense = np.zeros((degree * cells + 1,) * 2)
    for cell in range(cells):
        nodes = slice(degree * cell, degree * cell + degree + 1)
        dense[nodes, nodes] += rng.standard_normal((degree + 1, degree + 1))
    return sparse.csr_array(dense)


def drawn_sum(rng, sizes, half, dtype=float):
    return [[banded(rng, size, half, dtype) for size in sizes] for _ in range(2)]


def dense_sum(explicit_kron, stiffness, masses, shift):
    given = [sparse.eye_array(K.shape[0]) if M is None else M for K, M in zip(stiffness, masses, strict=True)]
    terms = [explicit_kron(*given[:i], K, *given[i + 1 :]) for i, K in enumerate(stiffness)]
    return sum(terms) + shift * explicit_kron(*given)


SHAPES = [
    (5, 4, 3),
    (7, 5),
    (9,),
    (1, 1, 1),
    (1, 5, 2),
    (3, 1, 2),
    (2, 2, 1),
    (4, 2),
    (1,),
    (2,),
    (1, 7),
    (3, TILE + 3, 2),
    (2, 2, LONGEST + 5),
    (3, 3, 17),
    (2, 2, LONGEST - 1),
]


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("half", [1, 2, 5])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_kernel_is_the_sum(rng, ratio, explicit_kron, shape, half):
    stiffness, masses = drawn_sum(rng, shape, half)
    field = rng.standard_normal(shape)
    image = apply_sum(stiffness, masses, -0.75, field)
    assert image.shape == shape
    assert ratio(dense_sum(explicit_kron, stiffness, masses, -0.75), field.ravel(), image.ravel()) < 30


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("degree", [1, 2, 4, 8])
def test_the_kernel_takes_axes_of_any_degree(rng, ratio, explicit_kron, degree):
    matrices = [[elements(rng, d, cells) for d, cells in ((degree, 2), (2, 2), (1, 3))] for _ in range(2)]
    field = rng.standard_normal([K.shape[0] for K in matrices[0]])
    assert ratio(dense_sum(explicit_kron, *matrices, 0.5), field.ravel(), apply_sum(*matrices, 0.5, field).ravel()) < 30


@pytest.mark.usefixtures("compiled")
def test_a_mass_may_be_the_identity(rng, ratio, explicit_kron):
    stiffness, masses = drawn_sum(rng, (6, 5, 4), 1)
    for missing in range(3):
        given = [None if axis == missing else mass for axis, mass in enumerate(masses)]
        field = rng.standard_normal((6, 5, 4))
        assert ratio(dense_sum(explicit_kron, stiffness, given, 2.0), field.ravel(), apply_sum(stiffness, given, 2.0, field).ravel()) < 30


@pytest.mark.parametrize("half", [1, 3])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_pieces_join_whatever_the_threads(rng, explicit_kron, half, threads):
    shape = (7, 2 * TILE + 1, 3)
    stiffness, masses = drawn_sum(rng, shape, half)
    field, image = rng.standard_normal(shape), np.full(shape, np.nan)
    BandedSum.of(stiffness, masses, 0.0, field.dtype).apply(field, range(shape[0]), image, threads)
    np.testing.assert_allclose(image, apply_sum(stiffness, masses, 0.0, field), rtol=0, atol=1e-11)


@pytest.mark.parametrize("threads", [1, 2, 3, 5])
@pytest.mark.parametrize("rows", [(0, 9, 0, 50), (3, 4, 0, 70), (0, 100, 0, 1), (0, 1, 5, 600)])
def test_pieces_cover_all_rows_once(rows, threads):
    count = np.zeros((rows[1], rows[3]), dtype=int)
    for i0, i1, j0, j1 in pieces(rows, threads):
        count[i0:i1, j0:j1] += 1
        assert j1 - j0 <= TILE
    assert (count[rows[0] :, rows[2] :] == 1).all()
    assert count.sum() == (rows[1] - rows[0]) * (rows[3] - rows[2])


@pytest.mark.parametrize("compile_from", [1, 1 << 60])
@pytest.mark.parametrize("half", [1, 2])
@pytest.mark.parametrize("shape", [(7, 5, 4), (7, 5), (7,), (6, 4, 3, 2)])
def test_some_rows_are_rows_of_all(rng, monkeypatch, compile_from, half, shape):
    monkeypatch.setattr(kernels, "COMPILED_ENTRIES", compile_from)
    stiffness, masses = drawn_sum(rng, shape, half)
    for given in (masses, [None, *masses[1:]]):
        fields = rng.standard_normal((2, *shape))
        whole = apply_sum(stiffness, given, 0.5, fields)
        for rows in (slice(None), slice(0, 1), slice(2, 5), slice(4, None), slice(-1, None), slice(3, 3)):
            image = apply_sum(stiffness, given, 0.5, fields, rows=rows)
            np.testing.assert_allclose(image, whole[:, rows], rtol=0, atol=1e-12 * np.abs(whole).max())


def test_rows_that_are_not_wanted_are_not_read(rng, monkeypatch):
    stiffness, masses = drawn_sum(rng, (9, 4, 3), 1)
    field = rng.standard_normal((9, 4, 3))
    wanted = apply_sum(stiffness, masses, 0.0, field)[3:5]
    field[:2], field[6:] = np.nan, np.nan
    for least in (1, 1 << 60):
        monkeypatch.setattr(kernels, "COMPILED_ENTRIES", least)
        np.testing.assert_allclose(apply_sum(stiffness, masses, 0.0, field, rows=slice(3, 5)), wanted, rtol=1e-10, atol=1e-12)


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("half", [1, 2])
@pytest.mark.parametrize("shape", [(6, 5, 4), (3, 4, 33), (2, 2, LONGEST + 3)])
def test_single_precision_stays_single(rng, explicit_kron, shape, half):
    stiffness, masses = drawn_sum(rng, shape, half, np.float32)
    field = rng.standard_normal(shape).astype(np.float32)
    image, dense = apply_sum(stiffness, masses, 0.5, field), dense_sum(explicit_kron, stiffness, masses, 0.5)
    assert image.dtype == np.float32
    bound = 30 * np.finfo(np.float32).eps * (np.abs(dense) @ np.abs(field.ravel())).max()
    assert np.abs(dense @ field.ravel() - image.ravel()).max() < bound
    assert apply_sum(stiffness, masses, 0.5, field.astype(float)).dtype == np.float64


@pytest.mark.usefixtures("compiled")
def test_any_layout_is_taken_and_nothing_changed(rng):
    stiffness, masses = drawn_sum(rng, (6, 5, 4), 1)
    field = rng.standard_normal((2, 6, 5, 4))
    expected = apply_sum(stiffness, masses, 0.5, field)
    assert field.flags.writeable
    turned = np.asfortranarray(field)
    locked = field.copy()
    locked.flags.writeable = False
    spaced = np.repeat(field, 2, axis=-1)[..., ::2]
    for other in (turned, locked, spaced):
        np.testing.assert_array_equal(apply_sum(stiffness, masses, 0.5, other), expected)
        np.testing.assert_array_equal(other, field)


@pytest.mark.parametrize("compile_from", [1, 1 << 60])
def test_the_result_goes_where_it_is_wanted(rng, monkeypatch, compile_from):
    monkeypatch.setattr(kernels, "COMPILED_ENTRIES", compile_from)
    stiffness, masses = drawn_sum(rng, (6, 5, 4), 1)
    field, out = rng.standard_normal((6, 5, 4)), np.full((2, 5, 4), np.nan)
    assert apply_sum(stiffness, masses, 0.5, field, rows=slice(1, 3), out=out) is out
    np.testing.assert_allclose(out, apply_sum(stiffness, masses, 0.5, field)[1:3], rtol=1e-10, atol=1e-12)


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("place", [0, 20])
def test_what_lies_beside_a_row_is_not_in_its_sum(rng, explicit_kron, place):
    stiffness, masses = drawn_sum(rng, (3, 4, 21), 1)
    field = rng.standard_normal((3, 4, 21))
    field[1, 2, place] = np.nan  # the first entry of a row, and the last: memory goes on beside them
    touched = dense_sum(explicit_kron, stiffness, masses, 0.0)[:, np.isnan(field.ravel())] != 0
    np.testing.assert_array_equal(np.isnan(apply_sum(stiffness, masses, 0.0, field)).ravel(), touched.ravel())


def test_refuses_places_that_do_not_fit(rng):
    stiffness, masses = drawn_sum(rng, (6, 5), 1)
    field = rng.standard_normal((6, 5))
    for out in (np.empty((5, 5)), np.empty((6, 5), np.float32), np.empty((5, 6)).T):
        with pytest.raises(ValueError, match=r"out: got an array of shape .*; allowed is a C-contiguous, writable array of shape \(6, 5\)"):
            apply_sum(stiffness, masses, 0.0, field, out=out)
    with pytest.raises(ValueError, match=r"out: got an array of shape .* that overlaps"):
        apply_sum(stiffness, masses, 0.0, field, out=field)
    with pytest.raises(ValueError, match=r"rows: got slice\(0, 4, 2\); allowed is a slice without steps"):
        apply_sum(stiffness, masses, 0.0, field, rows=slice(0, 4, 2))


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("change", [lambda m: m.toarray(), lambda m: m * 1j, lambda m: m[:4], lambda m: sparse.csr_array(m.tolil())])
def test_what_is_not_banded_takes_the_nested_form(rng, ratio, change):
    matrix = change(banded(rng, 12, 2))
    assert is_banded(matrix) == (matrix.shape == (12, 12) and sparse.issparse(matrix) and matrix.dtype == float)
    wrapped = banded(rng, 20, 1).tolil()
    wrapped[0, 19] = 1.0
    assert not is_banded(sparse.csr_array(wrapped))
    field = rng.standard_normal((12, 20))
    dense = np.kron(matrix.toarray() if sparse.issparse(matrix) else matrix, np.eye(20))
    zero = sparse.csr_array((20, 20))
    image = apply_sum([matrix, zero], [matrix * 0, sparse.eye_array(20, format="csr")], 0.0, field)
    assert ratio(dense, field.ravel(), image.ravel()) < 30


def test_entries_given_twice_add_up():
    twice = sparse.csr_array((np.array([1.0, 2.0, 5.0]), np.array([0, 0, 1]), np.array([0, 2, 3])), shape=(2, 2))
    np.testing.assert_array_equal(bands(twice, twice, float), 2 * [[[0, 3, 0], [0, 5, 0]]])
