"""Boundary values extended into the box: the Boolean sum of blendings, against its explicit matrix and on functions that it keeps."""

import functools
from typing import Any

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.problems.lifting import SmoothLifting

BASES = (
    tfem.Lagrange(tfem.graded(-1, 2, 3, 5), 2),
    tfem.BSpline(tfem.graded(0, 0.7, 3, 4, toward="right"), 3),
    tfem.Lagrange(tfem.interval(1, 3, 4), 1),
    tfem.BSpline(tfem.interval(0, 1, 2), 1),
)
ENDS = {"all": "BBBB", "one axis": "NNNB", "low and both": "LBNH", "corner": "LHLH", "high": "HNNN", "slab": "BNNN"}
CASES = [(name, d) for d in (1, 2, 3, 4) for name in ENDS if set(ENDS[name][:d]) - {"N"}]
RNG = np.random.default_rng(61_127)


def free_of(space: tfem.Space, ends: str) -> tuple[slice, ...]:
    """What the ends leave: L, H and B stand for a Dirichlet face at the low end, at the high one, or both."""
    return tuple(slice(int(end in "LB"), n - int(end in "HB")) for end, n in zip(ends, space.shape, strict=False))


def blending(x: np.ndarray, end: str) -> np.ndarray:
    """The matrix of the linear interpolation along one axis from its Dirichlet ends."""
    weights = {"L": (1.0, 0.0), "H": (0.0, 1.0), "N": (0.0, 0.0)}
    matrix = np.zeros((x.size, x.size))
    matrix[:, 0], matrix[:, -1] = weights.get(end, ((x[-1] - x) / (x[-1] - x[0]), (x - x[0]) / (x[-1] - x[0])))
    return matrix


@pytest.mark.parametrize(("ends", "dimension"), CASES)
def test_it_is_the_boolean_sum(ends: str, dimension: int) -> None:
    """``I - prod (I - P_i)`` of any coefficients: those of free unknowns are not read, those of Dirichlet faces are kept."""
    space = tfem.Space(*BASES[:dimension])
    free, given = free_of(space, ENDS[ends]), RNG.standard_normal(space.shape)
    left = [np.eye(x.size) - blending(x, end) for x, end in zip(space.nodes, ENDS[ends], strict=False)]
    expected = given.ravel() - functools.reduce(np.kron, left) @ given.ravel()
    whole = given.copy()
    whole[free] = SmoothLifting(given, space.nodes, free).values()
    assert np.allclose(whole.ravel(), expected, rtol=0, atol=1e-13)
    given[free] = np.nan
    assert np.array_equal(SmoothLifting(given, space.nodes, free).values(), whole[free])


@pytest.mark.parametrize(("ends", "dimension"), CASES)
def test_constants_are_kept_to_the_last_bit(ends: str, dimension: int) -> None:
    space = tfem.Space(*BASES[:dimension])
    free = free_of(space, ENDS[ends])
    assert (SmoothLifting(np.full(space.shape, 0.1), space.nodes, free).values() == 0.1).all()


@pytest.mark.parametrize(("ends", "dimension"), [case for case in CASES if "B" in ENDS[case[0]][: case[1]] or case == ("corner", 3)])
def test_linear_functions_are_kept(ends: str, dimension: int) -> None:
    """By their values on faces, whatever degrees and cells: where an axis has two ends, or two axes have one."""
    space = tfem.Space(*BASES[:dimension])
    boundary = dict.fromkeys(space.faces, tfem.Neumann(0.0)) | {
        name + face: tfem.Dirichlet(linear)
        for name, end in zip(space.names, ENDS[ends], strict=False)
        for face, kinds in (("-", "LB"), ("+", "HB"))
        if end in kinds
    }
    problem = tfem.Poisson(space, 0.0, boundary=boundary)
    assert problem._smooth_lifting is not None
    values = problem._smooth_lifting.values()
    u = problem.field(values)
    points = [low + (high - low) * RNG.random(30) for low, high in space.bounds]
    assert np.allclose(u(*points), linear(*points), rtol=0, atol=1e-12)


def linear(*x: Any) -> Any:
    """A linear function without symmetry."""
    return 1.5 + sum((i + 1) * (-1) ** i * t for i, t in enumerate(x))


def test_periodic_axes_are_left_alone() -> None:
    """Values that wave along a ring between two circles are blended across it."""
    ring = tfem.Lagrange(tfem.interval(0, 1, 6, periodic=True), 2)
    space = tfem.Space(ring, tfem.Lagrange(tfem.graded(0, 2, 5, 3), 1))
    problem = tfem.Poisson(space, 0.0, boundary={"y-": "sin(2*pi*x)", "y+": "3*cos(2*pi*x)"})
    assert problem._smooth_lifting is not None
    x, y = space.coordinates
    expected = np.sin(2 * np.pi * x) * (1 - y / 2) + 3 * np.cos(2 * np.pi * x) * y / 2
    assert np.allclose(problem._smooth_lifting.values(), expected[:, 1:-1], rtol=0, atol=1e-14)
