"""The compiled forms beside the reference, on every shape that could break a loop."""

import numpy as np
import pytest

import tensorfem.cells.linear_form as linear_form
from tensorfem.axis import Lagrange, graded, interval
from tensorfem.cells import AxisCells, CellOperator, FaceTerm
from tensorfem.cells.factorized_form import FactorizedForm
from tensorfem.cells.linear_form import LinearForm
from tensorfem.kron import kernels
from tests.cells.conftest import AXES, KINDS, NEVER, close, drawn, reference

pytest.importorskip("numba")

TYPES = pytest.mark.parametrize("dtype", [np.float64, np.float32])


@pytest.mark.usefixtures("compiled")
@TYPES
@pytest.mark.parametrize("with_reaction", [True, False])
@pytest.mark.parametrize("per_cell", [True, False])
def test_image_and_residual_are_the_reference_s(axes, kind, per_cell, with_reaction, dtype, rng, monkeypatch) -> None:
    operator = drawn(axes, kind, rng, dtype, per_cell, with_reaction)
    u, rhs = rng.standard_normal((2, 2, *operator.input_shape)).astype(dtype)
    expected = reference(operator, u, monkeypatch)
    assert close(operator.apply(u), expected, dtype)
    assert close(operator.residual(rhs, u), rhs - expected, dtype)


def lines(shape):
    """Axes of degree 1, held at the left end, with so many functions."""
    return [AxisCells(Lagrange(graded(0, 1, n, size_ratio=3), degree=1), slice(1, n + 1), points=2) for n in shape]


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 2, 15), (2, 3, 16), (1, 4, 17), (3, 1, 8), (2, 40), (23,)], ids=str)
@pytest.mark.parametrize("longest", [8, 16, 512])
def test_rows_of_any_length(shape, longest, rng, monkeypatch) -> None:
    """Rows are cut at `longest` cells; registers hold eight numbers."""
    monkeypatch.setattr(linear_form, "LONGEST", longest)
    operator = drawn(lines(shape), "number", rng)
    u, rhs = rng.standard_normal((2, *shape))
    expected = reference(operator, u, monkeypatch)
    assert close(operator.apply(u), expected)
    assert close(operator.residual(rhs, u), rhs - expected)
    assert_relaxes(operator, rng, monkeypatch)


@pytest.mark.usefixtures("compiled")
@TYPES
def test_a_smoothing_step_is_that_of_the_residual(axes, kind, dtype, rng, monkeypatch) -> None:
    operator = drawn(axes, kind, rng, dtype)
    if operator.relaxes:
        assert_relaxes(operator, rng, monkeypatch)
    else:
        assert not isinstance(LinearForm.of(operator, dtype), LinearForm)


def assert_relaxes(operator, rng, monkeypatch) -> None:
    """By one pass: ``step = momentum step + factor inverse r``, ``value + step``; and the first two steps from zero."""
    dtype, shape = operator.dtype, operator.input_shape
    value, rhs, old = rng.standard_normal((3, *shape)).astype(dtype)
    inverse, out = rng.random(shape).astype(dtype), np.empty(shape, dtype)
    first = (0.9 * inverse * rhs).astype(dtype)
    for start, before, start_step in ((value, value, old), (None, first, first)):
        expected = 0.3 * start_step + 0.7 * inverse * (rhs - reference(operator, before, monkeypatch))
        step = old.copy()
        operator.relax(start, rhs, step=step, inverse=inverse, factors=(0.3, 0.7, 0.9), out=out)
        assert close(step, expected.astype(dtype), dtype)
        assert close(out, (before + expected).astype(dtype), dtype)


@pytest.mark.usefixtures("compiled")
def test_faces_and_higher_degrees_do_not_smooth_in_one_pass(rng) -> None:
    plain = drawn(lines((7,)), "number", rng)
    assert plain.relaxes
    assert not CellOperator(plain.axes, plain.diffusion, faces=[FaceTerm(0, -1, 2.0, None)]).relaxes
    quadratic = AxisCells(Lagrange(interval(0, 1, 5), degree=2), slice(0, 11), points=3)
    assert not drawn([quadratic], "number", rng, per_cell=False).relaxes


@pytest.mark.usefixtures("compiled")
def test_a_periodic_row_closes_whatever_its_pieces(rng, monkeypatch) -> None:
    monkeypatch.setattr(linear_form, "LONGEST", 8)
    first, *_ = lines((3,))
    operator = drawn([first, AxisCells(Lagrange(interval(0, 1, 19, periodic=True), degree=1), slice(0, 19), points=2)], "tensor", rng)
    u = rng.standard_normal((3, 19))
    assert close(operator.apply(u), reference(operator, u, monkeypatch))
    assert_relaxes(operator, rng, monkeypatch)


@pytest.mark.parametrize("room", [1, 1 << 14])
@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("name", [name for name in AXES if "mixed" not in name])
def test_pieces_join_whatever_the_threads(name, threads, room, rng, monkeypatch) -> None:
    monkeypatch.setattr(linear_form, "ROOM", room)
    operator = drawn(AXES[name](), "number", rng)
    u, image = rng.standard_normal(operator.input_shape), np.full(operator.output_shape, np.nan)
    LinearForm.of(operator, u.dtype).image(u, image, threads=threads)
    assert close(image, reference(operator, u, monkeypatch))


@pytest.mark.usefixtures("compiled")
def test_a_number_that_is_none_spreads_to_its_cells_only(rng) -> None:
    """The kernel reads rows and registers beyond the cells that it works on."""
    operator = drawn(lines((6, 5, 9)), "tensor", rng)
    u = rng.standard_normal(operator.input_shape)
    clean = operator.apply(u)
    u[3, 2, 4] = np.nan
    image = operator.apply(u)
    assert np.isnan(image[2:5, 1:4, 3:6]).all()
    image[2:5, 1:4, 3:6] = clean[2:5, 1:4, 3:6]
    assert np.array_equal(image, clean)


@pytest.mark.parametrize("least", [1, NEVER])
def test_images_go_where_they_shall(least, rng, monkeypatch) -> None:
    monkeypatch.setattr(kernels, "COMPILED_ENTRIES", least)
    operator = drawn(lines((4, 3)), "number", rng)
    operator = CellOperator(operator.axes, operator.diffusion, operator.reaction, faces=[FaceTerm(0, -1, 2.5, None)])
    u, out = rng.standard_normal((2, 4, 3)), np.full((2, 4, 3), np.nan)
    expected = operator.apply(u)
    assert operator.apply(u, out=out) is out
    assert np.array_equal(out, expected)
    rhs = rng.standard_normal((2, 4, 3))
    left = rhs - expected
    assert operator.residual(rhs, u, out=rhs) is rhs
    assert close(rhs, left)


def test_an_unfit_target_is_refused(rng) -> None:
    operator = drawn(lines((4, 3)), "number", rng)
    with pytest.raises(ValueError, match=r"out: got an array of shape .3, 4.*allowed is a C-contiguous"):
        operator.apply(np.ones((4, 3)), out=np.empty((3, 4)))
    u = np.ones((4, 3))
    with pytest.raises(ValueError, match="overlaps the one the operator is applied to"):
        operator.residual(u, u, out=u)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["linear", "mixed", "mixed 2D"])
def test_axes_and_coefficients_that_do_not_fit_go_elsewhere(name, kind, rng) -> None:
    axes = AXES[name]()
    assert (LinearForm.of(drawn(axes, kind, rng), np.dtype(float)) is not None) == ("linear" in name)
    assert LinearForm.of(drawn(axes, kind, rng, per_cell=False), np.dtype(float)) is None
    assert LinearForm.of(drawn(axes, kind, rng), np.dtype(complex)) is None


@pytest.mark.usefixtures("compiled")
def test_rings_held_at_a_node_and_few_points_are_right_too(rng, monkeypatch) -> None:
    """The linear kernel knows no rings that are cut open, the other no slopes from fewer values than functions."""
    cut = AxisCells(Lagrange(interval(0, 1, 7, periodic=True), degree=1), slice(0, 6), points=2)
    coarse = AxisCells(Lagrange(interval(0, 1, 5), degree=3), slice(1, 15), points=2)
    for axes, per_cell in (([*lines((4,)), cut], True), ([*lines((4,)), coarse], False)):
        operator = drawn(axes, "number", rng, per_cell=per_cell)
        u = rng.standard_normal(operator.input_shape)
        assert close(operator.apply(u), reference(operator, u, monkeypatch))


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("per_cell", [True, False])
def test_fields_of_another_shape_are_refused(rng, per_cell) -> None:
    """Kernels do not look where a field ends."""
    operator = drawn(lines((7, 5)), "number", rng, per_cell=per_cell)
    u = rng.standard_normal(operator.input_shape)
    for wrong in (u[:-1], u[:, :-1], u.T.copy(), u.ravel(), np.zeros(())):
        with pytest.raises(ValueError, match=r"array: got shape \(.*\); allowed is \(.*\), after axes of a batch if there are any"):
            operator.apply(wrong)
    for wrong in (u[:-1], np.stack([u, u])):
        with pytest.raises(ValueError, match=r"rhs: got shape \(.*\); allowed is that of the array"):
            operator.residual(wrong, u)


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("name", ["value", "rhs", "step", "inverse", "out"])
def test_no_step_is_made_of_fields_that_are_others(name, rng) -> None:
    operator = drawn(lines((7, 5)), "number", rng)
    fields = {field: rng.standard_normal(operator.input_shape) for field in ("value", "rhs", "step", "inverse", "out")}
    for wrong in (fields[name][:-1], fields[name].astype(np.float32), np.asfortranarray(fields[name])):
        with pytest.raises(ValueError, match=r"relax: got shape \(.*\) and type float\d\d; allowed are C-contiguous arrays, \("):
            operator.relax(**{**fields, name: wrong}, factors=(0.1, 0.2, 0.3))


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("name", [name for name in AXES if "mixed" in name])
def test_slabs_of_any_degree_join_whatever_the_threads(name, threads, rng, monkeypatch) -> None:
    operator = drawn(AXES[name](), "tensor", rng, per_cell=False)
    u, image = rng.standard_normal(operator.input_shape), np.full(operator.output_shape, np.nan)
    FactorizedForm.of(operator, u.dtype).image(u, image, threads=threads)
    assert close(image, reference(operator, u, monkeypatch))


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("name", AXES)
def test_slabs_worked_on_together_share_no_functions(name, threads, rng) -> None:
    operator = drawn(AXES[name](), "number", rng)
    pieces = FactorizedForm.of(operator, np.dtype(float)).pieces(threads)
    axes = [None] * (3 - len(operator.axes)) + list(operator.axes)
    for together in (pieces[::2], pieces[1::2]):
        alive = [{(x, y) for x in _functions(axes[0], a, b) for y in _functions(axes[1], c, d)} for a, b, c, d in together]
        assert sum(map(len, alive)) == len(set().union(*alive))
    cells = {(i, j) for a, b, c, d in pieces for i in range(a, b) for j in range(c, d)}
    assert len(cells) == sum((b - a) * (d - c) for a, b, c, d in pieces) == np.prod([axis.count for axis in axes[:2] if axis])


def _functions(axis, start, stop):
    return set(axis.index[start:stop].ravel().tolist()) - {-1} if axis else {0}
