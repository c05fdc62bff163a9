"""Fast diagonalization of right-hand sides of any array library."""

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.kron import kronsum
from tensorfem.kron.portable.inverse import PlacedInverse
from tensorfem.kron.portable.place import Place
from tensorfem.kron.refinement import refine
from tensorfem.solvers.portable_solve import PortableSolve

EPS = float(np.finfo(float).eps)
DIRICHLET, NEUMANN = tfem.Dirichlet(0.0), tfem.Neumann(0.0)
KINDS = {
    "Dirichlet": {"*": DIRICHLET},
    "mixed": {"x-": DIRICHLET, "y+": tfem.Robin(2.0, 0.0), "*": NEUMANN},
    "Neumann": {"*": NEUMANN},
}


def operator_of(kind, degree=1, periodic="", **options):
    space = tfem.box(x=(0, 1), y=(0, 2), z=(0, 3), cells=(7, 6, 5), degree=degree, periodic=tuple(periodic))
    faces = {face: condition for face, condition in KINDS[kind].items() if face == "*" or face[0] not in periodic}
    return tfem.Poisson(space, source=1.0, boundary=faces, on_incompatible="project", **options).operator


def solve(library, operator, field, **settings):
    return PortableSolve(operator, **settings)(library.array(field))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("degree", "periodic"), [(1, ""), (2, ""), (1, "z"), (3, "z")])
def test_a_solve_inverts_the_operator(library, rng, kind, degree, periodic):
    operator = operator_of(kind, degree, periodic)
    field = rng.standard_normal(operator.output_shape)
    record = solve(library, operator, field)
    expected = tfem.Direct().prepare(operator)(field)
    assert record.residual < 1e-11
    value = library.numpy(record.value)
    np.testing.assert_allclose(value, expected.value, atol=1e-11 * np.abs(expected.value).max())
    assert record.defect == pytest.approx(expected.defect, abs=1e-11)


def test_the_solver_takes_foreign_arrays_where_it_takes_numpys(library, rng):
    operator = operator_of("mixed", 2)
    field = rng.standard_normal(operator.output_shape)
    record = tfem.FastDiagonalization().prepare(operator)(library.array(field))
    expected = tfem.FastDiagonalization().prepare(operator)(field)
    np.testing.assert_allclose(library.numpy(record.value), expected.value, atol=1e-12 * np.abs(expected.value).max())
    assert record.residual < 1e-12
    assert record.converged
    assert tfem.Auto().prepare(operator)(library.array(field.ravel())).value.shape == (field.size,)


def test_fields_of_a_batch_are_solved_one_by_one(library, rng):
    operator = operator_of("Neumann")
    fields = rng.standard_normal((3, *operator.output_shape))
    record = solve(library, operator, fields)
    single = [tfem.FastDiagonalization().prepare(operator)(field) for field in fields]
    np.testing.assert_allclose(library.numpy(record.value), [s.value for s in single], atol=1e-12)
    np.testing.assert_allclose(library.numpy(record.defect).ravel(), [s.defect for s in single], atol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "complex64", "complex128"])
def test_a_solve_keeps_the_type(library, rng, dtype):
    operator = operator_of("mixed")
    field = (rng.standard_normal(operator.output_shape) + (2j if "complex" in dtype else 0)).astype(dtype)
    record = solve(library, operator, field)
    value = library.numpy(record.value)
    assert value.dtype == dtype
    exact = np.linalg.solve(operator.toarray(), field.ravel().astype(complex)).reshape(field.shape)
    condition = np.linalg.cond(operator.toarray())
    np.testing.assert_allclose(value, exact, atol=10 * condition * np.finfo(dtype).eps * np.abs(exact).max())


@pytest.mark.parametrize("kind", KINDS)
def test_single_precision_is_refined_to_the_floor_of_double(library, rng, kind):
    operator = operator_of(kind, degree=3, reaction=0.0 if kind == "Neumann" else 0.1)
    field = rng.standard_normal(operator.output_shape)
    record = solve(library, operator, field, mixed=True)
    assert record.residual < 1e-12
    assert 1 <= record.iterations <= 3
    assert record.residual_history[0] > 1e-9  # the inverse itself was in single precision


def test_complex_numbers_are_refined_too(library, rng):
    operator = operator_of("mixed", 2)
    field = rng.standard_normal(operator.output_shape) + 1j * rng.standard_normal(operator.output_shape)
    record = solve(library, operator, field, mixed=True)
    assert record.residual < 1e-12
    assert record.residual_history[0] > 1e-9
    expected = np.linalg.solve(operator.toarray(), field.ravel()).reshape(field.shape)
    np.testing.assert_allclose(library.numpy(record.value), expected, atol=1e-10 * np.abs(expected).max())


def test_mixed_precision_is_a_setting(library, rng):
    operator = operator_of("mixed", 2)
    field = rng.standard_normal(operator.output_shape)
    record = tfem.FastDiagonalization(precision="mixed").prepare(operator)(library.array(field))
    assert record.residual < 1e-12
    assert 1 <= record.iterations <= 3
    assert len(record.residual_history) == record.iterations + 1
    single = tfem.FastDiagonalization(precision="mixed").prepare(operator)(library.array(field, "float32"))
    assert library.numpy(single.value).dtype == np.float32
    assert (single.iterations, single.residual_history) == (0, ())  # nothing to be refined with


def test_another_precision_is_refused():
    with pytest.raises(ValueError, match="precision: got 'half'; allowed are \"mixed\" and None, the precision of the right-hand side"):
        tfem.FastDiagonalization(precision="half")


def test_complex_hermitian_sums_are_inverted(library, rng):
    A, B = (rng.standard_normal((n, n)) + 1j * rng.standard_normal((n, n)) for n in (4, 3))
    operator = kronsum(A @ A.conj().T, B @ B.conj().T)
    field = rng.standard_normal((4, 3)) + 1j
    given = library.array(field)
    value = library.numpy(PlacedInverse.of(operator, Place.of("rhs", given)).solve(given))
    expected = np.linalg.solve(operator.toarray(), field.ravel()).reshape(4, 3)
    np.testing.assert_allclose(value, expected, atol=1e-10 * np.abs(expected).max())


def test_factors_and_shift_change_the_operator(library, rng):
    operator = operator_of("mixed", 2)
    field = rng.standard_normal(operator.output_shape)
    given = library.array(field)
    inverse = PlacedInverse.of(operator, Place.of("rhs", given))
    value = library.numpy(inverse.solve(given, factors=[2.0, 0.5, 3.0], shift=0.7))
    terms = [factor * term for factor, term in zip((2.0, 0.5, 3.0), operator.terms, strict=True)]
    image = sum(term.apply(value) for term in terms) + 0.7 * operator.mass.apply(value)
    np.testing.assert_allclose(image, field, atol=1e-11)


def test_eigenbases_are_placed_once_for_each_place(library, rng):
    prepared = PortableSolve(operator_of("mixed"))
    given = library.array(rng.standard_normal(prepared.operator.output_shape))
    place = Place.of("rhs", given)
    assert prepared.inverse(place) is prepared.inverse(place)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_refused(library, bad):
    operator = operator_of("mixed")
    field = np.ones(operator.output_shape)
    field[1, 2, 3] = bad
    with pytest.raises(ValueError, match="rhs: an entry is not finite; all must be"):
        solve(library, operator, field)


def test_another_shape_is_refused(library):
    operator = operator_of("mixed")
    shape = ", ".join(map(str, operator.output_shape))
    with pytest.raises(ValueError, match=rf"rhs: got an array of shape \(2, 2\); allowed are \({shape}\), batches of it, and"):
        solve(library, operator, np.ones((2, 2)))


@pytest.mark.parametrize("solver", [tfem.Direct(), tfem.CG(), tfem.AMG()])
def test_solvers_that_know_numpy_only_say_so(rng, solver):
    strict = pytest.importorskip("array_api_strict")
    operator = operator_of("mixed")
    prepared = solver.prepare(operator)
    words = r"rhs: got an array of another library than NumPy; \w+\(\) does not take it: use FastDiagonalization\(\), or convert it"
    with pytest.raises(ValueError, match=words):
        prepared(strict.asarray(rng.standard_normal(operator.output_shape)))


def test_eigenvectors_that_would_not_fit_are_refused(monkeypatch):
    operator = operator_of("mixed")
    monkeypatch.setattr("tensorfem.kron.memory.available_memory", lambda: 10)
    with pytest.raises(MemoryError, match=r"the dense eigenvectors of KroneckerSum.* needs about .* use a NumPy right-hand side"):
        PlacedInverse.of(operator, Place.of("rhs", np.ones(1)))


def test_refinement_of_nothing_is_nothing():
    done = refine(lambda r: r, lambda x: x, np.zeros(3), single=np.float32)
    np.testing.assert_array_equal(done.value, 0.0)


def test_refinement_ends_where_it_does_not_help():
    wrong = refine(lambda r: -r, lambda x: x, np.ones(3), single=np.float32)  # each correction would double the error
    assert wrong.residuals == pytest.approx((2.0,))


def test_refinement_ends_where_it_helps_little():
    slow = refine(lambda r: 0.4 * r, lambda x: x, np.ones(3), single=np.float32)  # each correction leaves 0.6 of the error
    assert slow.residuals == pytest.approx((0.6, 0.36), rel=1e-6)
    fast = refine(lambda r: 0.6 * r, lambda x: x, np.ones(3), single=np.float32)
    assert fast.residuals == pytest.approx((0.4, 0.16, 0.064, 0.0256), rel=1e-6)


def test_the_null_component_is_left_out(library, rng):
    operator = operator_of("Neumann", 2)
    constant = library.array(operator.mass_vector(operator.null_vector))
    inverse = PlacedInverse.of(operator, Place.of("rhs", constant))
    size = np.abs(library.numpy(inverse.solve(library.array(rng.standard_normal(operator.output_shape))))).max()
    np.testing.assert_allclose(library.numpy(inverse.solve(constant)), 0.0, atol=1e-13 * size)


def test_refinement_scales_what_single_precision_cannot_hold():
    for size in (1e200, 1e-200):
        done = refine(lambda r: r / np.float32(3), lambda x: 3 * x, np.full(2, size), single=np.float32)
        np.testing.assert_allclose(done.value, size / 3, rtol=1e-14)
