"""Partial diagonalization: banded systems along one axis in the place of its transforms."""

import itertools

import numpy as np
import pytest

from tensorfem.axis import AxisMatrices, BSpline, Lagrange, graded, interval
from tensorfem.kron import KroneckerSum, PartialSpectrum, PartialSum, Pencil, Trigonometry, kernels
from tensorfem.kron.banded_axis import banded_inverse

EPS = float(np.finfo(float).eps)
SHAPES = [(6,), (6, 5), (5, 1), (1, 5), (6, 5, 4), (4, 1, 3), (5, 4, 3, 2)]
PLACES = [(shape, axis) for shape in SHAPES for axis in range(len(shape))]
ENDS = [(True, True), (False, True), (True, False)]


def partial(operator: KroneckerSum, axis: int) -> PartialSpectrum:
    pencil, others = operator.pencils[axis], [*operator.pencils[:axis], *operator.pencils[axis + 1 :]]
    return PartialSpectrum([pencil.stiffness, pencil.mass], [other.eigenbasis() for other in others], axis, operator.shift)


def ratio(operator, solution, rhs) -> float:
    """LAPACK's measure, of all fields of a batch together."""
    dense, x, b = operator.toarray(), *(a.reshape(-1, operator.shape[0]).T for a in (solution, rhs))
    return float(np.linalg.norm(dense @ x - b) / (np.linalg.norm(dense, np.inf) * np.linalg.norm(x) * len(dense) * np.finfo(x.dtype).eps))


@pytest.fixture(params=["reference", pytest.param("kernels", marks=pytest.mark.skipif(not kernels.available(), reason="without numba"))])
def path(request, monkeypatch) -> str:
    """Small fields by NumPy, and by the kernels in many pieces."""
    if request.param == "kernels":
        monkeypatch.setattr(kernels, "COMPILED_ENTRIES", 1)
        for name, entries in {"THREAD_ENTRIES": 14, "PRODUCT_ENTRIES": 10, "FEWEST_PRODUCT_ENTRIES": 4, "COLUMNS": 2}.items():
            monkeypatch.setattr(f"tensorfem.kron.sweeps.{name}", entries)
        monkeypatch.setattr("tensorfem.kron.diagonalization.FEW_COLUMNS", 3)
    return str(request.param)


@pytest.mark.parametrize(("shape", "axis"), PLACES, ids=str)
def test_it_solves_whichever_axis_is_left(make_pencil, rng, path, shape, axis) -> None:
    operator = KroneckerSum([make_pencil(size) for size in shape], 0.75)
    spectrum = partial(operator, axis)
    assert spectrum.shape == shape
    for batch, factor in [((), 1.0), ((2, 3), 1.0), ((3,), np.exp(0.5j)), ((2,), np.float32(1))]:
        rhs = rng.standard_normal((*batch, *shape)).astype(np.asarray(factor).dtype) * factor
        kept = rhs.copy()
        solution = spectrum.solve(rhs)
        assert solution.dtype == rhs.dtype
        assert ratio(operator, solution, rhs) < 30
        assert np.array_equal(rhs, kept)
        assert spectrum.solve(kept, overwrite=True, threads=3) is kept
        assert np.allclose(kept, solution, rtol=0, atol=30 * np.finfo(rhs.dtype).eps * np.abs(solution).max())


@pytest.mark.parametrize(("shape", "axis"), [place for place in PLACES if len(place[0]) > 1], ids=str)
def test_an_axis_may_have_a_matrix_per_term(make_pencil, rng, path, shape, axis) -> None:
    pencils = [make_pencil(size) for i, size in enumerate(shape) if i != axis]
    own, *weights = [make_pencil(shape[axis]).stiffness for _ in shape]
    operator = PartialSum(own, weights, pencils, axis)
    rhs = rng.standard_normal((2, *shape))
    assert ratio(operator, operator.partial_spectrum().solve(rhs), rhs) < 30


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_masses_of_the_other_modes_need_not_be_one(make_pencil, hat_matrices, rng, path, monkeypatch, axis) -> None:
    """Cosines: the first and the last have twice the mass of the others. Few columns are turned, a batch of fields with them."""
    monkeypatch.setattr(Pencil, "is_trigonometric", property(lambda pencil: pencil.trigonometry is not None))
    cosines = [
        Pencil(*hat_matrices("neumann-neumann", n, 1.5, (2.0, 0.5)), trigonometry=Trigonometry("neumann-neumann", 1.5, n, (2.0, 0.5)))
        for n in (4, 3)
    ]
    operator = KroneckerSum([*cosines[:axis], make_pencil(5), *cosines[axis:]], 0.75)
    rhs = rng.standard_normal((2, *operator.input_shape))
    assert ratio(operator, partial(operator, axis).solve(rhs), rhs) < 30


@pytest.fixture
def compiled(monkeypatch) -> None:
    if not kernels.available():
        pytest.skip("numba is not installed")
    monkeypatch.setattr(kernels, "COMPILED_ENTRIES", 1)


@pytest.mark.parametrize("size_ratio", [1e2, 1e6, 1e10])
@pytest.mark.parametrize(("toward", "ends"), [*itertools.product(["left", "right", "middle"], ENDS)])
def test_no_grading_does_harm(compiled, size_ratio, toward, ends) -> None:
    """As accurate as the singular value decomposition of Jacobi, at a bound from that method's own tests."""
    axis = AxisMatrices(Lagrange(graded(0, 1, cells=180, size_ratio=size_ratio, toward=toward), 1)).restrict(ends)
    other = AxisMatrices(Lagrange(interval(0, 3, cells=6), 1)).restrict((True, True))
    operator = KroneckerSum([axis, other])
    inverse = banded_inverse(operator.pencils, 0.0)
    assert inverse is not None
    assert inverse.axis == 0
    rhs = operator.mass.apply(np.ones(operator.output_shape))
    expected = operator.spectrum().solve(rhs)
    assert np.abs(inverse.solve(rhs) - expected).max() < 1e-12 * np.abs(expected).max()


def choice(cells: int, *, ends=(True, True), shift=0.0, degree=1, basis=Lagrange, mesh=None) -> PartialSpectrum | None:
    pencil = AxisMatrices(basis(mesh or graded(0, 1, cells=cells, size_ratio=4), degree)).restrict(ends)
    return banded_inverse([pencil] * 2, shift)


def test_the_axis_is_left_where_that_is_right_and_pays(compiled) -> None:
    assert choice(100) is not None
    assert choice(100, ends=(False, False), shift=0.5) is not None
    assert choice(12) is None, "transforms of few unknowns cost less"
    assert choice(100, ends=(False, False)) is None, "it is singular"
    assert choice(100, shift=-0.5) is None, "it may be indefinite"
    ring = interval(0, 1, cells=100, periodic=True)
    assert choice(100, mesh=ring, ends=(False, False), shift=0.5) is None, "the matrix is no band"
    assert choice(60, degree=2) is not None
    assert choice(80, degree=2, basis=BSpline) is not None
    assert choice(80, degree=2, mesh=graded(0, 1, cells=80, size_ratio=1e4)) is None, "rounding would tell"


def test_small_fields_and_matrices_without_roots_have_all_axes_transformed(make_pencil) -> None:
    assert choice(100) is None
    plain = [Pencil(pencil.stiffness, pencil.mass) for pencil in [make_pencil(400)] * 2]
    assert banded_inverse(plain, 1.0) is None
    assert not kernels.available() or banded_inverse([make_pencil(400)] * 2, 1.0) is not None


def test_the_axis_that_saves_most_is_left(compiled) -> None:
    sizes = [AxisMatrices(Lagrange(graded(0, 1, cells=n, size_ratio=4), 1)).restrict((True, True)) for n in (40, 90, 60)]
    inverse = banded_inverse(sizes, 0.0)
    assert inverse is not None
    assert inverse.axis == 1
