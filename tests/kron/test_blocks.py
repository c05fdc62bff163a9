"""Operators of blocks: solves, and what they refuse; that they act as their matrices is in test_operators."""

import numpy as np
import pytest
import scipy.sparse as sparse

from tensorfem.kron import BlockCirculant, KroneckerProduct, SeparableOperator, block_circulant, block_diag


def regular(rng, size, kind="real"):
    matrix = rng.standard_normal((size, size)) + 4 * np.eye(size)
    return matrix + 1j * rng.standard_normal((size, size)) if kind == "complex" else matrix


def banded(rng, size):
    return sparse.diags_array([np.full(size, 5.0), rng.standard_normal(size - 1), rng.standard_normal(size - 1)], offsets=[0, 1, -1])


def product(rng, *sizes):
    return KroneckerProduct(*(regular(rng, size) for size in sizes))


SOLVABLE = {
    "diagonal": lambda r: block_diag(regular(r, 5), banded(r, 4), product(r, 3, 2), regular(r, 1)),
    "complex diagonal": lambda r: block_diag(regular(r, 3, "complex"), banded(r, 4)),
    "diagonal of a sum": lambda r: block_diag(SeparableOperator([product(r, 3, 2), product(r, 3, 2)]), regular(r, 2)),
    "circulant": lambda r: block_circulant([regular(r, 4) for _ in range(5)]),
    "circulant of an even count": lambda r: block_circulant([regular(r, 3) for _ in range(4)]),
    "complex circulant": lambda r: block_circulant([regular(r, 4, "complex") for _ in range(3)]),
    "circulant of sparse": lambda r: block_circulant([banded(r, 20) for _ in range(5)]),
    "circulant of narrow sparse": lambda r: block_circulant([banded(r, 4), 0.1 * banded(r, 4), 0.1 * banded(r, 4)]),
    "circulant of products": lambda r: block_circulant([product(r, 4, 3), product(r, 4, 3), product(r, 4, 3)]),
    "circulant of one": lambda r: block_circulant([regular(r, 4)]),
}


@pytest.fixture(params=SOLVABLE)
def solvable(request, rng):
    return SOLVABLE[request.param](rng)


@pytest.mark.parametrize("kind", ["real", "complex"])
def test_solve_inverts_in_every_form_of_vector(solvable, rng, kind) -> None:
    dense = solvable.toarray()
    x = rng.standard_normal(dense.shape[1]) + (1j * rng.standard_normal(dense.shape[1]) if kind == "complex" else 0)
    rhs = dense @ x
    kept, tolerance = rhs.copy(), 100 * np.finfo(float).eps * np.linalg.cond(dense) * np.abs(x).max()
    found = solvable.solve(rhs)
    assert np.abs(found - x).max() < tolerance
    assert np.array_equal(solvable.solve(rhs[:, None]), found[:, None])
    assert np.array_equal(solvable.solve(rhs.reshape(solvable.output_shape)), found.reshape(solvable.input_shape))
    assert (found.dtype.kind == "c") is (solvable.dtype.kind == "c" or kind == "complex")
    assert np.array_equal(rhs, kept)


def test_solve_takes_batches(solvable, rng) -> None:
    fields = rng.standard_normal((2, 3, *solvable.input_shape))
    found = solvable.solve(solvable @ fields)
    assert found.shape == fields.shape
    assert found == pytest.approx(fields, abs=1e-11)


def test_no_right_hand_sides_have_no_solutions(solvable) -> None:
    for shape in ((0,), (2, 0)):
        assert solvable.solve(np.ones((*shape, 1, *solvable.output_shape))).shape == (*shape, 1, *solvable.input_shape)
        assert solvable.apply(np.ones((*shape, *solvable.input_shape))).shape == (*shape, *solvable.output_shape)


def test_solve_takes_columns(solvable, rng) -> None:
    columns = rng.standard_normal((solvable.shape[1], 7))
    assert solvable.solve(solvable.toarray() @ columns) == pytest.approx(columns, abs=1e-11)


class _Stubborn(KroneckerProduct):
    def solve(self, rhs):
        raise ValueError(f"factor 1: it is singular, for {rhs.shape}")


def test_a_structured_block_s_own_solve_is_used_and_its_errors_name_the_block(rng) -> None:
    block = _Stubborn(regular(rng, 3), regular(rng, 2))
    with pytest.raises(ValueError, match=r"^block_diag: block 1 of 2: factor 1: it is singular, for \(1, 3, 2\)"):
        block_diag(regular(rng, 2), block).solve(np.ones(8))


def test_solve_refuses_another_shape(solvable) -> None:
    with pytest.raises(ValueError, match=r"^solve: got an array of shape \(7, 1, 1, 3\); allowed are \(.*\) and columns"):
        solvable.solve(np.ones((7, 1, 1, 3)))


@pytest.mark.parametrize("name", ["diagonal", "circulant", "circulant of sparse"])
def test_single_precision_stays_single(rng, name) -> None:
    double = SOLVABLE[name](rng)
    blocks = [block.factors[0].astype(np.float32) for block in double.blocks]
    single = block_circulant(blocks) if isinstance(double, BlockCirculant) else block_diag(*blocks)
    x = rng.standard_normal(single.input_shape).astype(np.float32)
    assert single.dtype == (single @ x).dtype == single.solve(single @ x).dtype == np.float32
    assert single.solve(single @ x) == pytest.approx(x, abs=1e-3)


def test_a_circulant_of_numbers_is_a_convolution(rng) -> None:
    kernel, x = rng.standard_normal((2, 7))
    expected = np.fft.ifft(np.fft.fft(kernel) * np.fft.fft(x)).real
    assert block_circulant(kernel[:, None, None]) @ x == pytest.approx(expected, abs=1e-13)


def test_fields_of_products_keep_their_shape(rng) -> None:
    operator = block_circulant([product(rng, 4, 3), product(rng, 4, 3)])
    assert operator.input_shape == (2, 4, 3)
    assert block_circulant([product(rng, 4, 3), regular(rng, 12)]).input_shape == (2, 4, 3)
    assert block_circulant([product(rng, 4, 3), product(rng, 3, 4)]).input_shape == (2, 12)


@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_a_singular_block_is_named(rng, kind) -> None:
    turn = (lambda m: m) if kind == "dense" else sparse.csr_array
    rank_one = turn(np.outer([1.0, 2.0, 3.0], [1.0, 1.0, 2.0]))
    with pytest.raises(
        ValueError,
        match=r"^block_diag: block 1 of 2: the matrix of shape \(3, 3\) is singular .* its condition number is .*; use pinv\(\) or lstsq",
    ):
        block_diag(regular(rng, 2), rank_one).solve(np.ones(5))
    with pytest.raises(
        ValueError, match=r"^block_diag: block 0 of 1: the matrix of shape \(2, 2\) is singular .* its condition number is \d.*e\+1\d"
    ):
        block_diag(turn(np.array([[1.0, 1.0], [1.0, 1.0]]))).solve(np.ones(2))
    # The blocks add up at frequency 0, and cancel there.
    large = turn(np.diag(np.arange(1.0, 21.0)))
    with pytest.raises(
        ValueError, match=r"^block_circulant: the block of frequency 0 of 3: the matrix .* is singular .* condition number is inf"
    ):
        block_circulant([large, -0.5 * large, -0.5 * large]).solve(np.ones(60))
    with pytest.raises(ValueError, match=r"^block_circulant: the block of frequency 1 of 2: the matrix .* is singular"):
        block_circulant([large, large]).solve(np.ones(40))


@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_near_singular_is_told_from_badly_conditioned(rng, kind) -> None:
    turn = (lambda m: m) if kind == "dense" else sparse.csr_array
    left, right = (np.linalg.qr(rng.standard_normal((6, 6)))[0] for _ in range(2))
    bad, worse = (turn(left @ np.diag([1.0, 1.0, 1.0, 1.0, 1.0, least]) @ right) for least in (1e-12, 1e-18))
    assert np.isfinite(block_diag(bad).solve(np.ones(6))).all()
    with pytest.raises(ValueError, match=r"condition number is \d(\.\d+)?e\+1[5-9]"):
        block_diag(worse).solve(np.ones(6))


@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_working_precision_is_that_of_the_block(rng, kind) -> None:
    left, right = (np.linalg.qr(rng.standard_normal((6, 6)))[0] for _ in range(2))
    matrix = left @ np.diag([1.0, 1.0, 1.0, 1.0, 1.0, 1e-10]) @ right
    turn = (lambda m: m) if kind == "dense" else sparse.csr_array
    assert np.isfinite(block_diag(turn(matrix)).solve(np.ones(6))).all()
    with pytest.raises(ValueError, match=r"^block_diag: block 0 of 1: the matrix of shape .* is singular to working precision"):
        block_diag(turn(matrix.astype(np.float32))).solve(np.ones(6, dtype=np.float32))


@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_a_triangle_without_small_pivots_may_be_singular(kind) -> None:
    """With 1 on the diagonal and -2 beside it, the inverse has the entry 2^69: neither pivots nor eigenvalues tell."""
    triangle = np.eye(70) - 2 * np.eye(70, k=1)
    with pytest.raises(ValueError, match=r"singular to working precision, its condition number is \d(\.\d+)?e\+2\d"):
        block_diag(triangle if kind == "dense" else sparse.csr_array(triangle)).solve(np.ones(70))


@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_bad_scaling_is_not_singular(rng, kind) -> None:
    turn = (lambda m: m) if kind == "dense" else sparse.csr_array
    scales, block, x = 10.0 ** np.array([-60, -30, 0, 30]), regular(rng, 4), rng.standard_normal(4)
    assert block_diag(turn(scales[:, None] * block)).solve(scales * (block @ x)) == pytest.approx(x, abs=1e-12)
    assert scales * block_diag(turn(block * scales)).solve(block @ x) == pytest.approx(x, abs=1e-12)


def test_bad_blocks_are_refused(rng) -> None:
    A, B = rng.standard_normal((3, 2)), rng.standard_normal((2, 3))
    with pytest.raises(ValueError, match=r"^block_diag: got no blocks; give at least one"):
        block_diag()
    with pytest.raises(ValueError, match=r"^block_circulant: got no blocks; give at least one"):
        block_circulant([])
    with pytest.raises(ValueError, match=r"^block_circulant: block 1 has shape \(2, 3\), block 0 has \(3, 2\); all must share one shape"):
        block_circulant([A, B])
    with pytest.raises(ValueError, match=r"^block_diag: block 1: got nan at \(0, 0\)"):
        block_diag(A, np.nan * B)
    with pytest.raises(ValueError, match=r"^block_circulant: block 0: got shape \(0, 2\)"):
        block_circulant([A[:0]])
    with pytest.raises(ValueError, match=r"^block_diag: block 0 of 2: got shape \(3, 2\); solve needs a square matrix, use lstsq"):
        block_diag(A, B).solve(np.ones(5))
    with pytest.raises(ValueError, match=r"^block_circulant: the block of frequency 0 of 2: got shape \(3, 2\); solve needs a square"):
        block_circulant([A, A]).solve(np.ones(6))
    with pytest.raises(ValueError, match=r"^block_diag: block 0 has shape \(3, 2\); a diagonal needs square blocks"):
        block_diag(A, B).diagonal()


@pytest.mark.parametrize("precision", [np.float32, np.complex64])
@pytest.mark.parametrize("form", [np.asarray, sparse.csr_array])
def test_double_right_hand_sides_of_single_blocks_are_solved_for_in_double(rng, form, precision) -> None:
    kind = "complex" if precision is np.complex64 else "real"
    blocks = [form((weight * regular(rng, 4, kind)).astype(precision)) for weight in (4, 1)]
    columns = rng.standard_normal((8, 3)) + 1j * rng.standard_normal((8, 3))
    # The blocks of the frequencies of a circulant are rounded to single precision themselves.
    for operator, error in ((block_diag(*blocks), 1e-13), (block_circulant(blocks), 1e-5)):
        matrix = operator.toarray().astype(np.result_type(precision, float))
        for rhs in (columns.real, columns, columns[:, 0], np.arange(8)):
            found = operator.solve(rhs)
            assert found.dtype == np.result_type(precision, rhs.dtype, float)
            assert found == pytest.approx(np.linalg.solve(matrix, rhs), abs=error * np.abs(rhs).max())
        with pytest.raises(ValueError, match=r"^solve: entry \(1,\) is nan; all must be finite"):
            operator.solve(np.where(np.arange(8) == 1, np.nan, 1.0))
