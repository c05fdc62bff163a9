"""Every structured operator does what its explicit matrix does."""

import math
import re

import numpy as np
import pytest
import scipy.sparse as sparse
from scipy.sparse.linalg import aslinearoperator, cg

from tensorfem.kron import KroneckerProduct, KroneckerSum, SeparableOperator, available_memory, outer


@pytest.mark.parametrize("kind", ["real", "complex"])
def test_it_acts_as_its_matrix_in_every_form_of_vector(case, rng, ratio, kind) -> None:
    operator, dense = case
    vector = rng.standard_normal(dense.shape[1]) + (1j * rng.standard_normal(dense.shape[1]) if kind == "complex" else 0)
    kept, field = vector.copy(), vector.reshape(operator.input_shape)
    flat = operator @ vector
    assert ratio(dense, vector, flat) < 30
    assert np.array_equal(operator @ field, flat.reshape(operator.output_shape))
    assert np.array_equal(operator @ vector[:, None], flat[:, None])
    assert np.array_equal(operator.matvec(list(vector)), flat)
    assert np.array_equal(vector, kept)


def test_it_acts_on_each_field_of_a_batch(case, rng, ratio) -> None:
    operator, dense = case
    fields = rng.standard_normal((2, 3, *operator.input_shape))
    result = operator @ fields
    assert result.shape == (2, 3, *operator.output_shape)
    for index in np.ndindex(2, 3):
        assert ratio(dense, fields[index].ravel(), result[index].ravel()) < 30


def test_it_acts_on_columns_as_its_matrix(case, rng) -> None:
    operator, dense = case
    columns, others = rng.standard_normal((dense.shape[1], 3)), rng.standard_normal((dense.shape[0], 3)) * (1 + 2j)
    rounding = 1e-14 * max(dense.shape) * np.abs(dense).sum()
    assert (operator @ columns).shape == (dense.shape[0], 3)
    for result in (operator @ columns, operator.matvec(columns), operator.matmat(columns)):
        assert np.abs(result - dense @ columns).max() < rounding
    for result in (operator.rmatvec(others), operator.rmatmat(others), operator.H @ others):
        assert np.abs(result - dense.conj().T @ others).max() < rounding
    assert (operator @ columns[:, :0]).shape == (dense.shape[0], 0)


def test_rows_are_multiplied_from_the_left(case, rng) -> None:
    operator, dense = case
    rows = rng.standard_normal((3, dense.shape[0]))
    rounding = 1e-14 * max(dense.shape) * np.abs(dense).sum()
    assert np.abs(rows @ operator - rows @ dense).max() < rounding
    assert np.abs(rows[0] @ operator - rows[0] @ dense).max() < rounding
    assert np.abs(list(rows[0]) @ operator - rows[0] @ dense).max() < rounding


def test_with_one_factor_a_matrix_holds_columns_and_apply_takes_batches(rng) -> None:
    A, square = rng.standard_normal((3, 4)), rng.standard_normal((4, 4))
    operator = KroneckerProduct(A)
    assert operator @ square == pytest.approx(A @ square, abs=1e-14)
    assert operator.apply(square) == pytest.approx(square @ A.T, abs=1e-14)
    with pytest.raises(
        ValueError, match=r"got an array of shape \(2, 4\); allowed are \(4,\) and columns \(4, k\); a batch of vectors goes"
    ):
        operator @ np.ones((2, 4))


def test_the_adjoint_passes_the_dot_test(case, rng) -> None:
    operator, dense = case
    x, y = (rng.standard_normal(n) + 1j * rng.standard_normal(n) for n in reversed(dense.shape))
    forward, backward = np.vdot(y, operator @ x), np.vdot(operator.rmatvec(y), x)
    scale = np.abs(y) @ np.abs(dense) @ np.abs(x)
    assert abs(forward - backward) < 30 * np.finfo(float).eps * scale


def test_the_transpose_is_an_operator_of_the_same_kind(case, rng, ratio) -> None:
    operator, dense = case
    turned = operator.T
    assert type(turned) is type(operator)
    assert turned.shape == dense.T.shape
    vector = rng.standard_normal(dense.shape[0])
    assert ratio(dense.T, vector, turned @ vector) < 30
    assert ratio(dense, np.ones(dense.shape[1]), turned.T @ np.ones(dense.shape[1])) < 30


def test_the_explicit_forms_are_the_matrix(case) -> None:
    operator, dense = case
    rounding = 30 * np.finfo(float).eps * np.abs(dense).max()
    assert isinstance(operator.tosparse(), sparse.csr_array)
    assert np.abs(operator.tosparse().toarray() - dense).max() < rounding
    assert np.abs(operator.toarray() - dense).max() < rounding
    assert operator.shape == dense.shape
    assert all(type(n) is int for n in operator.shape)
    assert operator.dtype == dense.astype(np.result_type(dense.dtype, float)).dtype


def test_the_diagonal_is_a_field(square_case) -> None:
    operator, dense = square_case
    diagonal = operator.diagonal()
    assert diagonal.shape == operator.output_shape
    assert np.abs(diagonal.ravel() - np.diag(dense)).max() <= 30 * np.finfo(float).eps * np.abs(dense).max()


def test_bounds_are_bounds(case) -> None:
    operator, dense = case
    norm = np.abs(dense).sum(axis=1).max()
    assert np.count_nonzero(dense) <= operator.tosparse().nnz <= operator.entries <= 3 * dense.size
    assert norm <= operator.norm_bound() * (1 + 1e-14) <= 8 ** len(getattr(operator, "operators", "1")) * norm
    if isinstance(operator, KroneckerProduct):
        assert operator.norm_bound() == pytest.approx(norm, rel=1e-14)


def test_scipy_takes_it_for_a_linear_operator(case, rng, ratio) -> None:
    operator, dense = case
    wrapped = aslinearoperator(operator)
    vector, other = rng.standard_normal(dense.shape[1]), rng.standard_normal(dense.shape[0])
    assert ratio(dense, vector, wrapped @ vector) < 30
    assert ratio(dense.conj().T, other, wrapped.rmatvec(other)) < 30
    columns = rng.standard_normal((dense.shape[1], 3))
    assert np.abs(wrapped @ columns - dense @ columns).max() < 1e-13 * np.abs(dense @ columns).max()


@pytest.mark.parametrize("shift", [0.0, 0.75])
def test_scipy_s_cg_solves_with_it(make_pencil, make_explicit_sum, rng, shift) -> None:
    pencils = [make_pencil(size) for size in (5, 4, 3)]
    operator, dense = KroneckerSum(pencils, shift), make_explicit_sum(pencils, shift)
    expected = rng.standard_normal(60)
    solution, flag = cg(operator, dense @ expected, rtol=1e-13, maxiter=500)
    assert flag == 0
    assert np.linalg.norm(solution - expected) < 1e-12 * np.linalg.cond(dense) * np.linalg.norm(expected)


def test_another_shape_is_refused(case) -> None:
    operator, dense = case
    field, columns = ", ".join(map(str, operator.input_shape)), dense.shape[1]
    several = rf"\({field}\), batches of it, \({columns},\) and columns \({columns}, k\)$"
    one = rf"\({columns},\) and columns \({columns}, k\); a batch of vectors goes to apply"
    for shape in ((columns + 1,), (columns + 1, 2), ()):
        expected = rf"matvec: got an array of shape {re.escape(str(shape))}; allowed are "
        with pytest.raises(ValueError, match=expected + (several if len(operator.input_shape) > 1 else one)):
            operator @ np.ones(shape)
    for shape in ((dense.shape[0] + 1,), (dense.shape[0], 2, 1), ()):
        expected = rf"@: got an array of shape {re.escape(str(shape))} on the left of an operator of shape {re.escape(str(dense.shape))}"
        with pytest.raises(ValueError, match=expected):
            np.ones(shape) @ operator


def test_its_repr_tells_its_shape(case) -> None:
    operator, _ = case
    assert repr(operator).startswith(type(operator).__name__)
    for shape in (operator.input_shape, operator.output_shape):
        assert " x ".join(map(str, shape)) in repr(operator)


def test_it_has_no_null_vector_unless_its_data_say_so(case, request) -> None:
    singular = "singular" in request.node.name
    assert (case.operator.null_vector is not None) is singular
    if singular:
        field = outer(case.operator.null_vector)
        assert np.abs(case.dense @ field.ravel()).max() < 30 * np.finfo(float).eps * np.abs(case.dense).max()


@pytest.mark.parametrize(("form", "kind", "needed"), [("tosparse", "sparse", 16 * 60**2), ("toarray", "dense", 8 * 60**2)])
def test_what_would_not_fit_is_refused_before_it_is_made(monkeypatch, rng, form, kind, needed) -> None:
    operator = KroneckerProduct(*(rng.standard_normal((n, n)) for n in (5, 4, 3)))
    monkeypatch.setattr("tensorfem.kron.memory.available_memory", lambda: needed - 1)
    with pytest.raises(
        MemoryError,
        match=rf"the explicit {kind} matrix of shape \(60, 60\) needs about {needed / 1e9:.3g} GB, this machine has .* GB free; use",
    ):
        getattr(operator, form)()
    monkeypatch.setattr("tensorfem.kron.memory.available_memory", lambda: 16 * 60**2)
    assert getattr(operator, form)().shape == (60, 60)


def test_a_machine_that_does_not_tell_has_its_physical_memory(monkeypatch) -> None:
    told = available_memory()

    def fail(*_: object, **__: object) -> str:
        raise OSError

    monkeypatch.setattr("pathlib.Path.read_text", fail)
    assert 1 << 20 < told <= available_memory()


def test_c_order_and_the_textbook_s_vec(rng) -> None:
    A, B, X = rng.standard_normal((2, 5)), rng.standard_normal((6, 4)), rng.standard_normal((5, 4))
    vec = lambda matrix: matrix.ravel(order="F")  # noqa: E731
    product, turned = KroneckerProduct(A, B), KroneckerProduct(B, A)
    assert product @ X == pytest.approx(A @ X @ B.T, abs=1e-13)
    assert product @ X.ravel() == pytest.approx((A @ X @ B.T).ravel(), abs=1e-13)
    # The textbook: (B (x) A) vec(X) = vec(A X B^T).
    assert turned @ vec(X) == pytest.approx(vec(A @ X @ B.T), abs=1e-13)
    assert turned.toarray() @ vec(X) == pytest.approx(vec(A @ X @ B.T), abs=1e-13)


def test_products_multiply_factor_by_factor(rng) -> None:
    left, right = ([rng.standard_normal(shape) for shape in shapes] for shapes in ([(2, 5), (6, 4)], [(5, 3), (4, 7)]))
    multiplied = KroneckerProduct(*(a @ b for a, b in zip(left, right, strict=True)))
    field = rng.standard_normal((3, 7))
    assert KroneckerProduct(*left) @ (KroneckerProduct(*right) @ field) == pytest.approx(multiplied @ field, abs=1e-12)


def test_large_sizes_are_counted_exactly() -> None:
    size = 3_000_000  # three such axes: more than 64 bits count
    identity = sparse.eye_array(size, format="csr")
    assert KroneckerProduct(identity, identity, identity).shape == (size**3,) * 2
    assert KroneckerProduct(identity, identity, identity).entries == size**3
    with pytest.raises(MemoryError, match="explicit sparse matrix"):
        KroneckerProduct(identity, identity).tosparse()


def test_operators_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="KroneckerProduct: got no factors"):
        KroneckerProduct()
    with pytest.raises(ValueError, match="KroneckerSum: got no pencils"):
        KroneckerSum([])
    with pytest.raises(ValueError, match="must share one shape; got no terms"):
        SeparableOperator([])
    with pytest.raises(ValueError, match=r"must share one shape; got \[\(\(2,\), \(2,\)\), \(\(3,\), \(3,\)\)\]"):
        SeparableOperator([KroneckerProduct(np.eye(2)), KroneckerProduct(np.eye(3))])
    with pytest.raises(ValueError, match=r"factor: got 1 dimensions of shape \(3,\); a factor is a matrix with 2"):
        KroneckerProduct(np.eye(2), np.ones(3))


def test_a_separable_operator_passes_on_what_is_known_of_it(make_pencil) -> None:
    nearest = KroneckerSum([make_pencil(3), make_pencil(2)])
    operator = SeparableOperator(nearest.terms, approximation=nearest, definite=False)
    assert operator.kronecker_approximation() is nearest is operator.T.kronecker_approximation()
    assert operator.definite is operator.T.definite is False
    assert SeparableOperator(nearest.terms).definite
    assert SeparableOperator(nearest.terms).kronecker_approximation() is None


def test_single_precision_stays_single(rng) -> None:
    factors = [rng.standard_normal((n, n)).astype(np.float32) for n in (5, 4)]
    product, field = KroneckerProduct(*factors), rng.standard_normal((5, 4)).astype(np.float32)
    for operator in (product, SeparableOperator([product, product])):
        assert operator.dtype == (operator @ field).dtype == np.float32
    assert math.prod(product.shape) == 400
