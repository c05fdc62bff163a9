"""Banded systems along one axis, one per column: the kernels and the NumPy path against dense solves."""

import itertools

import numpy as np
import pytest
import scipy.sparse as sparse

from tensorfem.kron import kernels
from tensorfem.kron.banded_axis import root_sums
from tensorfem.kron.banded_systems import BandedSystems

PATHS = [False, pytest.param(True, marks=pytest.mark.skipif(not kernels.available(), reason="numba is not installed"))]
RATIO = 30  # LAPACK's measure of a solve: |b - A x| over |A| |x| n eps


def draw_matrices(rng, size: int, width: int, terms: int) -> list[np.ndarray]:
    """Symmetric positive definite matrices of a bandwidth, by diagonal dominance."""
    drawn = [sum(np.diag(rng.uniform(-1, 1, size - k), -k) for k in range(1, min(width, size - 1) + 1)) for _ in range(terms)]
    return [lower + np.transpose(lower) + np.diag(2 * width + rng.uniform(0.5, 2.0, size)) for lower in drawn]


def rest(matrices, factors, scale, field, rhs) -> float:
    """The largest of LAPACK's ratios of all columns."""
    size, found = len(matrices[0]), 0.0
    for b, k in itertools.product(range(field.shape[0]), range(field.shape[2])):
        mode = b % len(scale)
        matrix = matrices[0] + sum(f * m for f, m in zip(factors[:, mode, k], matrices[1:], strict=True))
        x, right = field[b, :, k], scale[mode, k] * rhs[b, :, k]
        eps = np.finfo(field.dtype).eps
        found = max(found, np.abs(right - matrix @ x).max() / (np.linalg.norm(matrix, np.inf) * np.abs(x).max() * size * eps))
    return found


@pytest.mark.parametrize("compiled", PATHS)
@pytest.mark.parametrize("numbers", ["f8", "f4", "c16", "c8"])
@pytest.mark.parametrize(
    ("size", "width", "terms"), [(7, 0, 2), (7, 1, 2), (6, 1, 4), (1, 0, 3), (2, 1, 2), (7, 2, 2), (6, 4, 3), (5, 4, 2)]
)
def test_it_solves_every_column(rng, compiled, numbers, size, width, terms) -> None:
    matrices = draw_matrices(rng, size, width, terms)
    systems = BandedSystems([sparse.csr_array(m) if i % 2 else m for i, m in enumerate(matrices)])
    assert (systems.size, systems.bandwidth) == (size, width)
    rhs = (rng.standard_normal((6, size, 23)) * (np.exp(0.5j) if numbers[0] == "c" else 1)).astype(numbers)
    factors, scale = rng.uniform(0, 3, (terms - 1, 3, 23)), rng.uniform(0.5, 2, (3, 23))
    field = rhs.copy()
    systems.solve(field, slice(0, 23), factors, scale, compiled=compiled)
    assert field.dtype == rhs.dtype
    assert rest(matrices, factors, scale, field, rhs) < RATIO


@pytest.mark.parametrize("compiled", PATHS)
@pytest.mark.parametrize("width", [0, 1, 3])
def test_only_the_columns_asked_for_are_touched(rng, compiled, width, monkeypatch) -> None:
    monkeypatch.setattr("tensorfem.kron.banded_systems.WIDEST", 4)
    monkeypatch.setattr("tensorfem.kron.banded_systems.NARROWEST", 4)
    matrices = draw_matrices(rng, 6, width, 2)
    rhs = rng.standard_normal((2, 6, 17)) + 1j * rng.standard_normal((2, 6, 17))
    factors, scale = rng.uniform(0, 3, (1, 1, 11)), rng.uniform(0.5, 2, (1, 11))
    field = rhs.copy()
    BandedSystems(matrices).solve(field, slice(3, 14), factors, scale, compiled=compiled)
    assert np.array_equal(field[:, :, :3], rhs[:, :, :3])
    assert np.array_equal(field[:, :, 14:], rhs[:, :, 14:])
    assert rest(matrices, factors, scale, field[:, :, 3:14], rhs[:, :, 3:14]) < RATIO


@pytest.mark.parametrize("compiled", PATHS)
def test_row_sums_keep_what_the_entries_have_lost(compiled) -> None:
    """A free rod of cells from 1 down to 1e-9 beside a weak spring: by the entries alone the spring is rounded away."""
    widths, spring = 10.0 ** -np.arange(10), 1e-6
    root = np.diag(widths**-0.5) @ (np.eye(10, 11, 1) - np.eye(10, 11))
    ended = np.vstack([root, np.sqrt(spring) * np.eye(1, 11)])
    matrices = [ended.T @ ended, np.zeros((11, 11))]
    field = np.ones((1, 11, 1))
    systems = BandedSystems(matrices, [root_sums(sparse.csr_array(ended)), np.zeros(11)])
    systems.solve(field, slice(0, 1), np.zeros((1, 1, 1)), np.ones((1, 1)), compiled=compiled)
    forces = np.arange(10, 0, -1)  # on what lies beyond each cell
    exact = 11 / spring + np.concatenate([[0.0], np.cumsum(forces * widths)])
    assert field[0, :, 0] == pytest.approx(exact, rel=1e-14)


def test_root_sums_are_those_of_the_product(rng) -> None:
    root = rng.uniform(1, 2, (9, 6)) * (rng.uniform(size=(9, 6)) < 0.5)
    assert root_sums(sparse.csr_array(root)) == pytest.approx((root.T @ root).sum(axis=1), rel=1e-14)
    differences = sparse.csr_array(np.array([[0.1, 0.2, -0.3], [0.3, 0.6, -0.9]]))
    assert np.all(differences.sum(axis=1) != 0), "it takes sums that rounding does not leave at zero"
    assert not root_sums(differences).any()
