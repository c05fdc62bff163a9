"""Isolated cells: found where there are some, and corrected by the inverse of their energy."""

import numpy as np
import pytest

from tensorfem.axis import Lagrange, graded, interval
from tensorfem.cells import AxisCells, CellOperator
from tensorfem.cells.clusters import ISOLATED, SHARE

SEED = 60_611


def axes_of(*counts: int, degree: int = 1, held: int = 1) -> list[AxisCells]:
    bases = [Lagrange(graded(0, 1, cells=n, size_ratio=1.5), degree) for n in counts]
    return [AxisCells(basis, slice(held, basis.size - held), degree + 1) for basis in bases]


def peaks(counts: tuple[int, ...], *places: tuple[int, ...]) -> np.ndarray:
    samples = np.ones((1, *counts))
    for place in places:
        samples[(0, *place)] = 1e3
    return samples


def found(operator: CellOperator):
    return operator.clusters(operator.diagonal())


@pytest.mark.parametrize("counts", [(9,), (7, 6), (6, 5, 4)])
def test_an_isolated_cell_is_corrected_by_the_inverse_of_its_energy(counts) -> None:
    place = tuple(n // 2 for n in counts)
    operator = CellOperator(axes_of(*counts), peaks(counts, place))
    clusters = found(operator)
    alive = np.ix_(*(axis.index[k] for axis, k in zip(operator.axes, place, strict=True)))
    indicator = np.zeros(operator.output_shape)
    indicator[alive] = 1.0
    np.testing.assert_array_equal(clusters.unknowns, np.flatnonzero(indicator))
    energy = indicator.ravel() @ operator.toarray() @ indicator.ravel()
    assert np.allclose(clusters.correction.toarray(), SHARE / energy, rtol=1e-10)


def test_several_cells_and_held_functions() -> None:
    """A corner's cluster has only its free functions."""
    operator = CellOperator(axes_of(8, 7), peaks((8, 7), (0, 0), (4, 3)))
    clusters, matrix = found(operator), operator.toarray()
    expected = np.zeros_like(matrix)
    for place in ((0, 0), (4, 3)):
        indicator = np.zeros(operator.output_shape)
        indicator[np.ix_(*(axis.index[k][axis.index[k] >= 0] for axis, k in zip(operator.axes, place, strict=True)))] = 1.0
        flat = indicator.ravel()
        if place != (0, 0):  # which the held end ties down: its diagonal tells its energy
            expected += SHARE * np.outer(flat, flat) / (flat @ matrix @ flat)
    full = np.zeros_like(matrix)
    full[np.ix_(clusters.unknowns, clusters.unknowns)] = clusters.correction.toarray()
    assert np.allclose(full, expected, rtol=0, atol=1e-12)


def test_smooth_and_blockwise_coefficients_have_none() -> None:
    axes = axes_of(16, 12)
    x, y = np.arange(16)[:, None], np.arange(12)
    for samples in (np.exp(x * y / 20), np.where((x // 4 + y // 4) % 2, 1e6, 1.0)):
        assert found(CellOperator(axes, samples[None])) is None


def test_a_tensor_counts_all_its_entries() -> None:
    """The energies are those of the explicit matrix, mixed derivatives included."""
    rng = np.random.default_rng(SEED)
    samples = np.exp(2 * rng.standard_normal((8, 7)))
    operator = CellOperator(axes_of(8, 7), np.stack([samples, 0.4 * samples, samples]))
    clusters, matrix = found(operator), operator.toarray()
    diagonal, indicators = np.diag(matrix), [(axis.alive > 0).toarray().astype(float) for axis in operator.axes]
    expected = np.zeros_like(matrix)
    for indicator in np.kron(*indicators):
        energy = indicator @ matrix @ indicator
        if indicator @ diagonal > ISOLATED * energy:
            expected += SHARE / energy * np.outer(indicator, indicator)
    full = np.zeros_like(matrix)
    full[np.ix_(clusters.unknowns, clusters.unknowns)] = clusters.correction.toarray()
    assert 0 < clusters.unknowns.size < matrix.shape[0]
    assert np.allclose(full, expected, rtol=0, atol=1e-12 * expected.max())


def test_reactions_and_higher_degrees_have_none() -> None:
    assert found(CellOperator(axes_of(7, 6), peaks((7, 6), (3, 3)), np.ones((7, 6)))) is None
    assert found(CellOperator(axes_of(7, 6, degree=2), peaks((7, 6), (3, 3)))) is None


def test_equal_cells_along_axis_0_are_seen() -> None:
    axis = AxisCells(Lagrange(interval(0, 1, cells=1), 1), slice(0, 2), 2)
    samples = np.ones((1, 1, 9))
    samples[0, 0, 4] = 1e3
    assert found(CellOperator([axis, *axes_of(9)], samples)) is not None
