"""The spectrum gives every eigenvalue of a Kronecker sum, and its inverse."""

import itertools
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import scipy.linalg as linalg
import scipy.sparse as sparse

from tensorfem.kron import KINDS, KroneckerSum, Pencil, Spectrum, TrigonometricEigenbasis, dense_eigenbasis, outer

EPS = np.finfo(float).eps
SCALE = (2.5, 0.3)
FORMS = ("dense", *KINDS)
MIXED = [
    *itertools.product(FORMS),
    *itertools.product(FORMS, FORMS),
    ("dense", "dense", "dense"),
    ("periodic", "dense", "dense"),
    ("periodic", "dense", "periodic"),
    ("dirichlet-neumann", "periodic", "dense"),
    ("neumann-dirichlet", "dense", "neumann-neumann"),
    ("periodic", "dense", "dirichlet-dirichlet", "neumann-neumann"),
]
NATURAL = [
    ("neumann-neumann",),
    ("periodic", "neumann-neumann"),
    ("periodic", "dense null", "neumann-neumann"),
    ("dense null", "dense null"),
]
SHIFT = 0.75


class Axes:
    """One pair of matrices and one eigenbasis per axis, of decreasing sizes."""

    def __init__(self, forms, make_pencil, hats) -> None:
        self.stiffness, self.masses, self.bases = [], [], []
        for number, form in enumerate(forms):
            cells = 7 - number
            if form.startswith("dense"):
                pencil = make_pencil(cells, null=form.endswith("null"))
                self.stiffness.append(pencil.stiffness.toarray())
                self.masses.append(pencil.mass.toarray())
                self.bases.append(dense_eigenbasis(pencil.root.toarray(), pencil.mass.toarray(), pencil.null_vector))
            else:
                stiffness, mass = hats(form, cells, 1.0 + number, SCALE)
                self.stiffness.append(stiffness)
                self.masses.append(mass)
                self.bases.append(TrigonometricEigenbasis(form, 1.0 + number, cells, SCALE))

    def explicit(self, make_explicit_sum, shift: float) -> np.ndarray:
        pencils = [Pencil(k, m, None) for k, m in zip(self.stiffness, self.masses, strict=True)]
        return make_explicit_sum(pencils, shift)


@pytest.fixture
def axes(make_pencil, hat_matrices):
    return lambda *forms: Axes(forms, make_pencil, hat_matrices)


@pytest.fixture
def mixed(request, axes, make_explicit_sum):
    """A spectrum and the explicit matrix."""
    chosen = axes(*request.param)
    return Spectrum(chosen.bases, SHIFT, singular=False), chosen.explicit(make_explicit_sum, SHIFT)


def solves(dense: np.ndarray, solution: np.ndarray, rhs: np.ndarray) -> bool:
    """Backward stable up to a modest factor, field by field: |b - A x| within rounding of |A| |x|."""
    x, b = (fields.reshape(-1, len(dense)).T for fields in (solution, rhs))
    rounding = 30 * len(dense) * EPS * linalg.norm(dense, np.inf)
    return bool(np.all(linalg.norm(b - dense @ x, axis=0) <= rounding * linalg.norm(x, axis=0)))


names = "-and-".join


@pytest.mark.parametrize("mixed", MIXED, indirect=True, ids=names)
@pytest.mark.parametrize("numbers", ["f8", "c16", "i8"])
@pytest.mark.parametrize("batch", [(), (2, 3)])
def test_it_solves_for_every_mixture_of_axes(mixed, rng, batch, numbers) -> None:
    spectrum, dense = mixed
    rhs = (9 * rng.standard_normal((*batch, *spectrum.shape))).astype(numbers) * np.asarray(
        np.exp(0.5j) if numbers == "c16" else 1, numbers
    )
    kept = rhs.copy()
    solution = spectrum.solve(rhs)
    assert solution.shape == rhs.shape
    assert solves(dense, solution, rhs)
    assert np.array_equal(rhs, kept)


@pytest.mark.parametrize("mixed", MIXED, indirect=True, ids=names)
def test_workspace_kept_from_a_solve_is_nobody_s_result(mixed, rng) -> None:
    """Several solves in turn, with and without leave to overwrite: no result and no right-hand side changes afterwards."""
    spectrum, dense = mixed
    held: list[tuple[np.ndarray, np.ndarray]] = []
    for overwrite in (False, False, True, True, False, True):
        rhs = rng.standard_normal(spectrum.shape)
        given = rhs.copy()
        solution = spectrum.solve(given, overwrite=overwrite)
        assert solves(dense, solution, rhs)
        held.append((solution, solution.copy()))
        if not overwrite:
            held.append((given, rhs))
        assert not any(np.may_share_memory(a, b) for (a, _), (b, _) in itertools.combinations(held, 2))
    for array, copy in held:
        assert np.array_equal(array, copy)


@pytest.mark.parametrize("mixed", MIXED, indirect=True, ids=names)
def test_a_buffer_filled_anew_can_be_given_again(mixed, rng) -> None:
    spectrum, dense = mixed
    buffer = np.empty(spectrum.shape)
    for _ in range(3):
        buffer[...] = rhs = rng.standard_normal(spectrum.shape)
        assert solves(dense, spectrum.solve(buffer, overwrite=True), rhs)


@pytest.mark.parametrize("mixed", MIXED, indirect=True, ids=names)
@pytest.mark.parametrize("overwrite", [False, True])
def test_any_memory_layout_will_do(mixed, rng, overwrite) -> None:
    spectrum, dense = mixed
    turned = rng.standard_normal((3, 2, *spectrum.shape)).swapaxes(0, 1)
    strided = rng.standard_normal((2, 3, *(2 * n for n in spectrum.shape)))[(..., *[slice(None, None, -2)] * len(spectrum.shape))]
    fortran = np.asfortranarray(rng.standard_normal((2, 3, *spectrum.shape)))
    for layout in (turned, strided, fortran):
        rhs = layout.copy()
        assert solves(dense, spectrum.solve(layout, overwrite=overwrite), rhs)


@pytest.mark.parametrize("mixed", MIXED, indirect=True, ids=names)
def test_slabs_do_not_change_a_solve(mixed, rng, monkeypatch) -> None:
    spectrum, dense = mixed
    rhs = rng.standard_normal((2, *spectrum.shape))
    for name in ("THREAD_ENTRIES", "PRODUCT_ENTRIES", "FEWEST_PRODUCT_ENTRIES"):
        monkeypatch.setattr(f"tensorfem.kron.sweeps.{name}", 8)
    monkeypatch.setattr("tensorfem.kron.sweeps.COLUMNS", 2)
    assert solves(dense, spectrum.solve(rhs), rhs)


def test_threads_may_share_a_spectrum(axes, rng) -> None:
    chosen = axes("dense", "periodic", "dirichlet-neumann")
    spectrum = Spectrum(chosen.bases, SHIFT, singular=False)
    fields = [rng.standard_normal(spectrum.shape) for _ in range(200)]
    expected = [spectrum.solve(field) for field in fields]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            results = list(pool.map(spectrum.solve, fields))
    finally:
        sys.setswitchinterval(interval)
    for result, one in zip(results, expected, strict=True):
        assert np.array_equal(result, one)


@pytest.mark.parametrize("forms", MIXED, ids=names)
def test_its_eigenvalues_are_those_of_the_explicit_pencil(axes, make_explicit_sum, forms) -> None:
    chosen = axes(*forms)
    plain, shifted = (chosen.explicit(make_explicit_sum, shift) for shift in (0.0, SHIFT))
    expected = linalg.eigh(shifted, (shifted - plain) / SHIFT, eigvals_only=True)
    values = Spectrum(chosen.bases, SHIFT, singular=False).eigenvalues()
    assert values.shape == tuple(len(m) for m in chosen.masses)
    assert np.sort(values, axis=None) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("entries", [8, 1 << 18])
@pytest.mark.parametrize(
    "forms",
    [("dense", "periodic", "dirichlet-neumann"), ("neumann-neumann", "dense"), ("neumann-dirichlet", "dirichlet-dirichlet")],
    ids=names,
)
def test_the_eigenvalue_nearest_to_zero_is_found_slab_by_slab(axes, monkeypatch, forms, entries) -> None:
    """Also where another eigenvalue is nearly as near: shifts just off the middle between neighbours."""
    monkeypatch.setattr("tensorfem.kron.spectrum.SLAB_ENTRIES", entries)
    bases = axes(*forms).bases
    plain = Spectrum(bases, 0.0, singular=False).eigenvalues()
    below, above = (part[:: max(1, plain.size // 20)] for part in (np.unique(plain)[:-1], np.unique(plain)[1:]))
    for target in (-1.0, *(0.51 * below + 0.49 * above), *(0.49 * below + 0.51 * above)):
        value, place = Spectrum(bases, -target, singular=False).smallest_magnitude()
        assert abs(plain[place] - target) <= np.abs(plain - target).min() + 1e-13 * plain.max()
        assert all(type(i) is int for i in place)
        assert value == pytest.approx(plain[place] - target, abs=1e-13 * plain.max())


@pytest.mark.parametrize("forms", NATURAL, ids=names)
@pytest.mark.parametrize("entries", [8, 1 << 18])
def test_a_singular_sum_is_solved_without_its_null_component(axes, make_explicit_sum, rng, monkeypatch, forms, entries) -> None:
    chosen = axes(*forms)
    monkeypatch.setattr("tensorfem.kron.sweeps.THREAD_ENTRIES", entries)
    spectrum = Spectrum(chosen.bases, 0.0, singular=True)
    dense, with_mass = (chosen.explicit(make_explicit_sum, shift) for shift in (0.0, 1.0))
    mass, null = with_mass - dense, np.ones(len(dense))
    rhs = rng.standard_normal((2, *spectrum.shape))
    flat = rhs.reshape(2, -1)
    reachable = flat - np.outer(flat @ null, mass @ null) / (null @ mass @ null)
    solution = spectrum.solve(rhs).reshape(2, -1)
    assert solves(dense, solution, reachable)
    assert np.abs(solution @ mass @ null).max() < 1e-13 * np.abs(solution).max() * (null @ mass @ null)
    assert spectrum.eigenvalues()[(0,) * len(forms)] == 0


def test_a_sum_computes_its_spectrum_once(make_pencil, rng, make_explicit_sum) -> None:
    pencils = [make_pencil(size, null=True) for size in (5, 4, 3)]
    operator = KroneckerSum(pencils)
    spectrum = operator.spectrum()
    assert spectrum is operator.spectrum()
    assert spectrum.singular
    assert not KroneckerSum(pencils, 0.5).spectrum().singular
    field = rng.standard_normal((5, 4, 3))
    centred = field - np.sum(field * operator.mass_vector(operator.null_vector)) / np.sum(
        outer([p.mass @ np.ones(p.size) for p in pencils])
    )
    assert spectrum.solve(operator @ field) == pytest.approx(centred, abs=1e-12)


def test_the_inverse_of_a_field_of_one_entry() -> None:
    one = sparse.csr_array(np.array([[4.0]]))
    operator = KroneckerSum([Pencil(one, one, sparse.csr_array(np.array([[2.0]])))] * 3, 1.0)
    assert operator.spectrum().solve(np.full((1, 1, 1), 8.0)) == pytest.approx(8.0 / (3 * 64 + 64))
