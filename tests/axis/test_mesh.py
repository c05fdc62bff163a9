"""Meshes of one axis: what they are, and what is refused."""

import numpy as np
import pytest

from tensorfem.axis import Mesh, graded, interval

EPS = np.finfo(float).eps
PLACES = ("left", "right", "middle", "both")


def test_an_interval_has_equal_cells() -> None:
    mesh = interval(-0.25, 2, cells=6)
    assert mesh.cells == 6
    assert mesh.bounds == (-0.25, 2.0)
    assert mesh.length == 2.25
    assert mesh.nodes == pytest.approx(-0.25 + 0.375 * np.arange(7), abs=1e-15)
    assert mesh.uniform
    assert not mesh.periodic
    assert interval(0, 1, np.int64(3), periodic=True).periodic


def test_nodes_are_kept_as_given_and_copied() -> None:
    nodes = [0, 1, 4]
    mesh = Mesh(nodes)
    given = np.array([0.5, 0.75, 1.5])
    other = Mesh(given, periodic=True)
    given[1] = 9.0
    assert np.array_equal(mesh.sizes, [1.0, 3.0])
    assert np.array_equal(other.nodes, [0.5, 0.75, 1.5])
    assert other.nodes.dtype == mesh.nodes.dtype == float
    assert not mesh.uniform
    for array in (mesh.nodes, mesh.sizes):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0


def test_uniform_means_to_1e_12() -> None:
    nodes = np.linspace(0, 1, 5)
    for error, uniform in ((1e-14, True), (1e-9, False)):
        assert Mesh(nodes + error * np.eye(5)[1]).uniform is uniform
    assert interval(1e6, 1e6 + 1, 100).uniform  # its nodes are those of equal cells, to their own rounding
    assert interval(0, 1e-200, 100).uniform
    assert interval(0, 1, 1).uniform


@pytest.mark.parametrize("toward", PLACES)
@pytest.mark.parametrize("ratio", [1.0, 30.0, 1e4, 1e8, 1e10])
@pytest.mark.parametrize("cells", [3, 4, 9, 32])
def test_a_graded_mesh_reaches_its_size_ratio(toward, ratio, cells) -> None:
    mesh = graded(-0.3, 1.1, cells, ratio, toward=toward)
    rounding = 8 * EPS * mesh.length / mesh.sizes.min()  # of the nodes beside the smallest cell
    assert mesh.bounds == (-0.3, 1.1)
    assert mesh.cells == cells
    assert mesh.sizes.max() / mesh.sizes.min() == pytest.approx(ratio, rel=rounding)


@pytest.mark.parametrize(("toward", "smallest"), [("left", [0]), ("right", [8]), ("middle", [4]), ("both", [0, 8])])
def test_the_small_cells_are_where_they_are_asked_for(toward, smallest) -> None:
    sizes = graded(-0.3, 1.1, 9, 1e3, toward=toward).sizes
    assert np.flatnonzero(sizes < 1.01 * sizes.min()).tolist() == smallest


@pytest.mark.parametrize("toward", ["left", "right"])
def test_sizes_grow_geometrically(toward) -> None:
    sizes = graded(0, 1, 7, 64, toward=toward).sizes[:: 1 if toward == "left" else -1]
    assert sizes[1:] / sizes[:-1] == pytest.approx(np.full(6, 2.0), rel=1e-12)
    mirrored = graded(0, 1, 7, 64, toward={"left": "right", "right": "left"}[toward]).sizes
    assert graded(0, 1, 7, 64, toward=toward).sizes == pytest.approx(mirrored[::-1], rel=1e-12)


@pytest.mark.parametrize("toward", PLACES)
@pytest.mark.parametrize("ratio", [1.5, 1e4])
def test_roundings_do_not_add_up_over_many_cells(toward, ratio) -> None:
    """Each size is off by no more than the rounding of the two nodes."""
    mesh = graded(0, 1, 20_000, ratio, toward=toward)
    logarithms = {
        "left": np.linspace(0, 1, 20_000),
        "right": np.linspace(1, 0, 20_000),
        "middle": np.abs(np.linspace(-1, 1, 20_000)) - 1 / 19_999,
        "both": 1 + 1 / 19_999 - np.abs(np.linspace(-1, 1, 20_000)),
    }[toward] * (1 if toward in {"left", "right"} else 19_999 / 19_998)
    exact = ratio**logarithms
    assert np.abs(mesh.sizes - exact / exact.sum()).max() <= 1.01 * EPS


@pytest.mark.parametrize("toward", ["middle", "both"])
@pytest.mark.parametrize("cells", [2, 5, 8])
def test_two_sided_grading_is_symmetric(toward, cells) -> None:
    sizes = graded(0, 1, cells, 50, toward=toward).sizes
    assert sizes == pytest.approx(sizes[::-1], rel=1e-13)


def test_the_ends_are_the_ends_given() -> None:
    """-1 + (0.1 + 1) is not 0.1."""
    for toward in PLACES:
        assert graded(-1, 0.1, 7, 50, toward=toward).bounds == (-1.0, 0.1)


@pytest.mark.parametrize("periodic", [False, True])
def test_refining_halves_each_cell(periodic) -> None:
    mesh = graded(-0.3, 1.1, 5, 1e6, toward="middle", periodic=periodic)
    fine = mesh.refined()
    assert np.array_equal(fine.nodes[::2], mesh.nodes)
    assert fine.sizes[::2] == pytest.approx(fine.sizes[1::2], rel=1e-8)
    assert fine.sizes[::2] + fine.sizes[1::2] == pytest.approx(mesh.sizes, rel=1e-8)
    assert fine.periodic is periodic


def test_points_are_found_in_their_cells() -> None:
    mesh = Mesh([0.0, 1.0, 3.0, 4.0])
    cells, reference = mesh.locate(np.array([0.0, 0.25, 1.0, 2.5, 4.0, -1.0, 9.0]))
    assert cells.tolist() == [0, 0, 1, 1, 2, 0, 2]
    assert reference[:5].tolist() == [0.0, 0.25, 0.0, 0.75, 1.0]
    closed = Mesh([0.0, 1.0, 3.0, 4.0], periodic=True)
    cells, reference = closed.locate(np.array([4.0, -0.25, 9.0, -1e-20]))
    assert cells.tolist() == [0, 2, 1, 2]
    assert reference.tolist() == [0.0, 0.75, 0.0, 1.0]


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ([0.0], r"nodes: got an array of shape \(1,\) .* at least 2 real numbers"),
        ([], r"nodes: got an array of shape \(0,\)"),
        (1.0, r"nodes: got an array of shape \(\)"),
        ([[0.0, 1.0], [2.0, 3.0]], r"nodes: got an array of shape \(2, 2\)"),
        (["0", "1"], "nodes: got an array of shape .* and type <U1"),
        ([False, True], "nodes: got an array of shape .* and type bool"),
        ([0, 1j], "nodes: got an array of shape .* and type complex128"),
        ([0, None], "nodes: got an array of shape .* and type object"),
        ([0.0, np.nan, 1.0], "nodes: entry 1 is nan; all must be finite"),
        ([0.0, 1.0, np.inf], "nodes: entry 2 is inf; all must be finite"),
        ([0.0, 2.0, 1.0], r"nodes: node 2 \(1.0\) does not lie right of node 1 \(2.0\); sort them"),
        ([0.0, 1.0, 1.0], r"nodes: node 2 \(1.0\) does not lie right of node 1 \(1.0\); .* drop repeated ones"),
        ([-1e308, 1e308], "nodes: the interval from -1e.308 to 1e.308 is longer than a float can tell; scale the coordinates"),
        ([-1e308, 0.0, 1e308], "longer than a float can tell"),
    ],
)
def test_nodes_that_make_no_mesh_are_refused(nodes, message) -> None:
    with pytest.raises(ValueError, match=message):
        Mesh(nodes)


@pytest.mark.parametrize("make", [lambda *a: interval(*a), lambda *a: graded(*a, 2.0)])
@pytest.mark.parametrize(
    ("start", "end", "cells", "message"),
    [
        (0, 1, 0, "cells: got 0; allowed is an integer >= 1"),
        (0, 1, -3, "cells: got -3; allowed is an integer >= 1"),
        (0, 1, 2.0, r"cells: got 2.0 \(float\); allowed is an integer >= 1"),
        (0, 1, True, r"cells: got True \(bool\)"),
        (0, 1, np.True_, r"cells: got np.True_ \(bool\)"),
        (0, 1, "4", r"cells: got '4' \(str\)"),
        (0, 1, None, r"cells: got None \(NoneType\)"),
        (1, 1, 4, r"end: got 1.0; it must be larger than start, 1.0"),
        (1, 0, 4, r"end: got 0.0; it must be larger than start, 1.0"),
        (np.nan, 1, 4, "start: got nan; allowed is a finite real number"),
        (0, np.inf, 4, "end: got inf; allowed is a finite real number"),
        (0, True, 4, "end: got True; allowed is a finite real number"),
        ("0", 1, 4, "start: got '0'; allowed is a finite real number"),
        (0, 1j, 4, "end: got 1j; allowed is a finite real number"),
        (1, 1 + 2e-16, 4, "does not lie right of node"),
    ],
)
def test_an_interval_that_is_none_is_refused(make, start, end, cells, message) -> None:
    with pytest.raises(ValueError, match=message):
        make(start, end, cells)


@pytest.mark.parametrize("ratio", [0.5, 0, -3.0])
def test_a_size_ratio_below_one_is_refused(ratio) -> None:
    with pytest.raises(ValueError, match=f"size_ratio: got {ratio}; allowed is a number >= 1, the largest cell size over the smallest"):
        graded(0, 1, 4, ratio)


@pytest.mark.parametrize("ratio", [np.nan, np.inf, "2", True])
def test_a_size_ratio_that_is_no_number_is_refused(ratio) -> None:
    with pytest.raises(ValueError, match=f"size_ratio: got {ratio!r}; allowed is a finite real number"):
        graded(0, 1, 4, ratio)


@pytest.mark.parametrize("toward", ["centre", "", None, 1])
def test_an_unknown_place_is_refused(toward) -> None:
    with pytest.raises(ValueError, match=f"toward: got {toward!r}; allowed are 'left', 'right', 'middle', 'both'"):
        graded(0, 1, 4, 2.0, toward=toward)


@pytest.mark.parametrize("toward", ["right", "middle", "both"])
def test_cells_that_vanish_in_rounding_are_refused(toward) -> None:
    with pytest.raises(ValueError, match="does not lie right of node"):
        graded(1, 2, 9, 1e18, toward=toward)
