"""The compiled form of any degree where its batches of cells begin and end, and the tables it applies."""

import functools

import numpy as np
import pytest

from tensorfem.axis import BSpline, Lagrange, graded, interval
from tensorfem.cells import AxisCells, CellOperator
from tensorfem.cells.contraction_tables import cell_tables, folded, is_symmetric
from tensorfem.cells.lane_batches import LaneBatches
from tests.cells.conftest import close, drawn, reference

pytest.importorskip("numba")
from tensorfem.cells.kernels.calls import address
from tensorfem.cells.kernels.contraction import along_axis, there_and_back

pytestmark = pytest.mark.usefixtures("compiled")


def curved(cells, degree, points=None, free=None):
    """A graded axis of polynomials, held at both ends."""
    basis = Lagrange(graded(0, 1, cells=cells, size_ratio=4), degree=degree)
    return AxisCells(basis, slice(1, basis.size - 1) if free is None else free, points or degree + 1)


def spline(cells, degree):
    basis = BSpline(graded(0, 1, cells=cells, size_ratio=2), degree=degree)
    return AxisCells(basis, slice(1, basis.size), degree + 1)


def ring(cells, degree, held=0):
    basis = Lagrange(interval(0, 1, cells=cells, periodic=True), degree=degree)
    return AxisCells(basis, slice(held, basis.size), degree + 1)


LAST = {
    **{f"degree 3, {count}": functools.partial(curved, count, 3) for count in (1, 2, 7, 8, 9, 15, 16, 17, 20)},
    **{f"spline of degree 2, {count}": functools.partial(spline, count, 2) for count in (1, 8, 13, 17)},
    **{f"ring, {count}": functools.partial(ring, count, 2) for count in (1, 2, 8, 11, 18)},
    **{f"ring held at a node, {count}": functools.partial(ring, count, 2, held=1) for count in (3, 8, 11)},
    "free": lambda: curved(19, 2, free=slice(0, 39)),
    "held within": lambda: curved(17, 2, free=slice(5, 29)),
    "more points": lambda: curved(9, 2, points=5),
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("last", LAST)
def test_rows_of_any_length(last, dtype, rng, monkeypatch) -> None:
    axes = [curved(3, 2), LAST[last]()]
    operator = drawn(axes, "tensor", rng, dtype, per_cell=False)
    u, rhs = rng.standard_normal((2, *operator.input_shape)).astype(dtype)
    expected = reference(operator, u, monkeypatch)
    assert close(operator.apply(u), expected, dtype)
    assert close(operator.residual(rhs, u), rhs - expected, dtype)


@pytest.mark.parametrize("per_cell", [True, False])
@pytest.mark.parametrize("kind", ["number", "diagonal", "tensor"])
def test_more_points_than_functions_on_every_axis(kind, per_cell, rng, monkeypatch) -> None:
    operator = drawn([curved(3, 3, points=5), curved(2, 2, points=5), curved(9, 1, points=3)], kind, rng, per_cell=per_cell)
    u = rng.standard_normal(operator.input_shape)
    assert close(operator.apply(u), reference(operator, u, monkeypatch))


@pytest.mark.parametrize("degree", [2, 5, 9])
def test_any_degree_has_the_energy_of_a_bubble(degree) -> None:
    """For u = x (1 - x) y (1 - y) and a = 1 + x y: the integral of a |grad u|^2 is 1/45 + 1/180, that of x y u^2 is 1/3600."""
    axes = [curved(2, degree, points=degree + 2), curved(3, degree, points=degree + 2)]
    x, y = np.meshgrid(*(axis.rule.points for axis in axes), indexing="ij")
    operator = CellOperator(axes, (1 + x * y)[None], x * y)
    bubbles = [np.linalg.lstsq(axis.values.toarray(), axis.rule.points * (1 - axis.rule.points))[0] for axis in axes]
    u = np.multiply.outer(*bubbles)
    assert np.isclose(np.vdot(u, operator.apply(u)), 1 / 45 + 1 / 180 + 1 / 3600, rtol=1e-13)


def test_a_number_that_is_none_spreads_to_its_cells_only(rng) -> None:
    """Of 11 cells the last batch takes 5 of the first once more."""
    operator = drawn([curved(4, 2), curved(11, 2)], "number", rng, per_cell=False)
    u = rng.standard_normal(operator.input_shape)
    clean = operator.apply(u)
    u[2, 10] = np.nan  # inside cells 1 and 5
    image = operator.apply(u)
    assert np.isnan(image[1:4, 9:12]).all()
    image[1:4, 9:12] = clean[1:4, 9:12]
    assert np.array_equal(image, clean)


@pytest.mark.parametrize("lanes", [1, 4, 8])
@pytest.mark.parametrize("last", LAST)
def test_batches_hold_each_cell_once_and_say_where_functions_are(last, lanes) -> None:
    axis = LAST[last]()
    batches = LaneBatches(axis, lanes)
    assert sorted(batches.cells[batches.own].tolist()) == list(range(axis.count))
    for cells, own, (first, low, high, fits) in zip(batches.cells, batches.own, batches.segments.tolist(), strict=True):
        entries = np.arange(lanes)[:, None] * batches.apart + np.arange(axis.index.shape[1])
        found = np.where((entries >= low) & (entries < high), first + entries, -1)
        assert not fits or np.array_equal(found[own], axis.index[cells[own]])
    assert batches.segments[:, 3].all() or "ring" in last or axis.count < lanes


@pytest.mark.parametrize("axis", [curved(3, 4), curved(2, 3, points=6), ring(4, 2)], ids=["5", "4 x 6", "3"])
def test_folded_tables_are_those_of_even_and_odd_parts(axis) -> None:
    values = np.swapaxes(axis.table(0), 1, 2)
    assert is_symmetric(axis)
    n = axis.points
    halves = folded(values)
    even, odd = halves[..., : n - n // 2], halves[..., n - n // 2 :][..., ::-1]
    assert np.allclose(even[..., : n // 2] + odd, values[..., : n // 2], atol=1e-15)
    assert np.allclose((even[..., : n // 2] - odd)[..., ::-1], values[..., n - n // 2 :], atol=1e-15)
    assert cell_tables(axis).shape == (axis.count, axis.index.shape[1] + n + 1, n)
    assert not is_symmetric(spline(3, 2))


@pytest.mark.parametrize(("terms", "rows", "parity"), [(1, 1, 1), (2, 3, 1), (4, 4, 2), (5, 5, 2), (5, 4, 1), (3, 4, 0)])
@pytest.mark.parametrize("lanewise", [0, 1])
def test_a_table_along_an_axis_and_back(terms, rows, parity, lanewise, rng) -> None:
    outer, inner, lanes = 3, 2, 8
    given = rng.standard_normal((terms, rows, lanes))
    table = given if parity == 0 else given + (-1) ** (parity + 1) * given[::-1, ::-1]
    table = table if lanewise else np.repeat(table[..., :1], lanes, axis=-1)
    kept = np.moveaxis(folded(np.moveaxis(table, -1, 0)), 0, -1) if parity else table
    kept = np.ascontiguousarray(kept if lanewise else kept[..., 0]).ravel()
    source, before = rng.standard_normal((outer, terms, inner, lanes)), rng.standard_normal((outer, rows, inner, lanes))
    expected = before + np.einsum("crl,ocil->oril", table, source)
    assert np.allclose(_called(along_axis(terms, rows, lanewise, parity), source, before, kept, False), expected, atol=1e-13)
    back = source + np.einsum("crl,oril->ocil", table, before)
    assert np.allclose(_called(along_axis(rows, terms, lanewise, parity), before, source, kept, True), back, atol=1e-13)
    if parity == 2:
        both = source + np.einsum("crl,oril,drl,odil->ocil", table, before, table, source)
        assert np.allclose(_called(there_and_back(terms, rows, lanewise, parity), source, source, kept, True, before), both, atol=1e-12)


def _called(kernel, source, target, table, transposed, factors=None):
    """What becomes of the target."""
    parts = [part.ravel() for part in (source, target, np.zeros(0) if factors is None else factors)]
    work, places = np.concatenate(parts), np.cumsum([0, *map(len, parts)])
    kernel(work, *places[:3], table, 0, transposed, source.shape[0], source.shape[2], True)
    return work[places[1] : places[2]].reshape(target.shape)


def test_machine_code_is_made_once_for_each_length() -> None:
    one, other = (address(along_axis, 2, rows, 0, 1, dtype=np.dtype(float)) for rows in (2, 3))
    assert one == address(along_axis, 2, 2, 0, 1, dtype=np.dtype(float)) != other
    names = {along_axis(2, rows, 0, 1).py_func.__qualname__ for rows in (2, 3)}
    assert len(names) == 2  # files of the cache are named so
