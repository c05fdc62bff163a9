"""Operators on fields of any array library: what they do to NumPy's."""

import numpy as np
import pytest
import scipy.sparse as sparse

import tensorfem as tfem
from tensorfem.kron import KroneckerProduct, block_circulant, kronsum
from tensorfem.kron.portable.application import apply, placed
from tensorfem.kron.portable.place import Place, is_foreign

EPS = float(np.finfo(float).eps)


def poisson(**options):
    space = tfem.box(x=(0, 1), y=(0, 2), z=(0, 3), cells=(5, 4, 3), degree=(1, 2, 1))
    faces = {"x-": tfem.Dirichlet(0.0), "y+": tfem.Robin(2.0, 0.0), "*": tfem.Neumann(0.0)}
    return tfem.Poisson(space, source=1.0, boundary=faces, **options).operator


def operators(rng):
    rectangular = [rng.standard_normal(shape) for shape in ((2, 5), (4, 3), (3, 2))]
    A, B = rng.standard_normal((4, 4)), rng.standard_normal((3, 3))
    return {
        "product": KroneckerProduct(*rectangular),
        "one factor": KroneckerProduct(rectangular[0]),
        "sparse product": KroneckerProduct(sparse.csr_array(rectangular[0]), rectangular[1]),
        "sum": poisson(reaction=0.5),
        "sum without masses": kronsum(A, B),
        "sum of products": poisson(reaction=0.5, diffusion=tfem.Product("1+x", "1+y", "2")),
        "sum of operators": KroneckerProduct(A, B) + 2.0 * KroneckerProduct(A.T, B),
    }


NAMES = ["product", "one factor", "sparse product", "sum", "sum without masses", "sum of products", "sum of operators"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("batch", [(), (2,), (3, 1)])
def test_an_operator_does_to_a_field_what_it_does_to_numpys(library, rng, name, batch):
    operator = operators(rng)[name]
    field = rng.standard_normal((*batch, *operator.input_shape))
    given = library.array(field)
    image = apply(operator, given)
    np.testing.assert_allclose(library.numpy(image), operator.apply(field), atol=100 * EPS * operator.norm_bound() * np.abs(field).max())
    np.testing.assert_array_equal(library.numpy(given), field)


@pytest.mark.parametrize("name", NAMES)
def test_a_flat_vector_comes_back_flat(library, rng, name):
    operator = operators(rng)[name]
    vector = rng.standard_normal(operator.shape[1])
    image = library.numpy(apply(operator, library.array(vector)))
    assert image.shape == (operator.shape[0],)
    np.testing.assert_allclose(image, operator @ vector, atol=100 * EPS * operator.norm_bound() * np.abs(vector).max())


@pytest.mark.parametrize("dtype", ["float32", "complex64", "complex128"])
def test_the_type_of_the_numbers_is_kept(library, rng, dtype):
    operator = poisson(reaction=0.5)
    field = (rng.standard_normal(operator.input_shape) + (1j if "complex" in dtype else 0)).astype(dtype)
    image = library.numpy(apply(operator, library.array(field)))
    assert image.dtype == dtype
    bound = 100 * np.finfo(dtype).eps * operator.norm_bound() * np.abs(field).max()
    np.testing.assert_allclose(image, operator.apply(field.astype(complex)), atol=bound)


def test_operators_take_foreign_fields_by_the_usual_signs(library, rng):
    operator = poisson()
    field = rng.standard_normal(operator.input_shape)
    given = library.array(field)
    assert is_foreign(given) == (library.name != "numpy")
    np.testing.assert_allclose(library.numpy(operator @ given), operator @ field, atol=100 * EPS * operator.norm_bound() * 4)
    np.testing.assert_allclose(library.numpy(operator.matvec(given)), operator @ field, atol=100 * EPS * operator.norm_bound() * 4)


@pytest.mark.parametrize("name", [*NAMES, "complex"])
def test_the_adjoint_is_numpys_too(library, rng, name):
    matrices = [rng.standard_normal(shape) + 1j * rng.standard_normal(shape) for shape in ((2, 5), (4, 3))]
    operator = KroneckerProduct(*matrices) if name == "complex" else operators(rng)[name]
    field = rng.standard_normal(operator.output_shape) + (1j if name == "complex" else 0)
    image = library.numpy(operator.rmatvec(library.array(field)))
    bound = 100 * EPS * operator.norm_bound() * np.abs(field).max()
    np.testing.assert_allclose(image.ravel(), operator.toarray().conj().T @ field.ravel(), atol=bound)


@pytest.mark.parametrize("library", ["jax"], indirect=True)
def test_what_jax_traces_is_not_kept(library, rng):
    """Arrays made while one function is compiled are of no use to the next."""
    import jax

    operator = poisson()
    field = rng.standard_normal(operator.input_shape)
    solve = tfem.FastDiagonalization().prepare(operator)
    for factor in (1.0, 2.0):
        image = jax.jit(lambda x, c=factor: c * operator.matvec(x))(library.array(field))
        np.testing.assert_allclose(library.numpy(image), factor * (operator @ field), atol=1e-12)
        value = jax.jit(lambda x, c=factor: c * solve(x).value)(library.array(field))
        np.testing.assert_allclose(library.numpy(value), factor * solve(field).value, atol=1e-12)


def test_sparse_tensors_are_refused():
    torch = pytest.importorskip("torch")
    with pytest.raises(ValueError, match=r"matvec: got a tensor of layout torch.sparse_coo; allowed are dense ones: use its to_dense\(\)"):
        poisson().matvec(torch.ones(5, 9, 4).to_sparse())


def test_matrices_are_placed_once(library, rng):
    operator = poisson()
    given = library.array(rng.standard_normal(operator.input_shape))
    apply(operator, given)
    (first,) = vars(operator)["_placed"].values()
    apply(operator, given)
    assert list(vars(operator)["_placed"].values()) == [first]


def test_another_shape_is_refused(library):
    operator = poisson()
    with pytest.raises(ValueError, match=r"matvec: got an array of shape \(3, 4\); allowed are \(5, 9, 4\), batches of it, and \(180,\)"):
        apply(operator, library.array(np.ones((3, 4))))


def test_whole_numbers_are_refused(library):
    with pytest.raises(ValueError, match=r"matvec: got numbers of type .*int64; allowed are floating-point ones"):
        apply(poisson(), library.array(np.ones((5, 9, 4)), "int64"))


def test_a_complex_operator_asks_for_complex_numbers(library):
    operator = KroneckerProduct(np.eye(3) * 1j, np.eye(2))
    with pytest.raises(ValueError, match=r"got numbers of type .*float64; the operator is complex: make the array complex first"):
        apply(operator, library.array(np.ones((3, 2))))
    image = library.numpy(apply(operator, library.array(np.ones((3, 2)), "complex128")))
    np.testing.assert_array_equal(image, 1j * np.ones((3, 2)))


def test_an_operator_that_is_no_sum_of_products_is_refused(library):
    operator = block_circulant([np.eye(2), np.ones((2, 2)), np.eye(2)])
    with pytest.raises(ValueError, match=r"is no sum of Kronecker products; it takes NumPy arrays only"):
        apply(operator, library.array(np.ones(operator.input_shape)))


def test_arrays_of_two_libraries_are_refused():
    strict = pytest.importorskip("array_api_strict")
    with pytest.raises(
        ValueError, match=r"rhs: got array_api_strict\S* and numpy\.ndarray; the arrays of one call must come from one library"
    ):
        Place.of("rhs", strict.asarray([1.0]), np.ones(1))


def test_arrays_on_two_devices_are_refused():
    strict = pytest.importorskip("array_api_strict")
    one, other = strict.asarray([1.0]), strict.asarray([1.0], device=strict.Device("device1"))
    with pytest.raises(
        ValueError, match=r"rhs: got arrays on .*CPU_DEVICE.* and .*device1.*; the arrays of one call must be on one device"
    ):
        Place.of("rhs", one, other)


def test_a_placed_sum_has_the_problems_shift(library, rng):
    operator = poisson(reaction=2.5)
    place = Place.of("field", library.array(np.ones(1)))
    field = rng.standard_normal(operator.input_shape)
    without = placed(poisson(reaction=0.0), place).apply(library.array(field))
    mass = 2.5 * operator.mass.apply(field)
    image = library.numpy(placed(operator, place).apply(library.array(field)))
    np.testing.assert_allclose(image - library.numpy(without), mass, atol=1e-13)
