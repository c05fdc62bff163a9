"""Orders of convergence: degree p gives p + 1 in L2 and p in H1, whatever the basis, the mesh, the dimension and the boundary."""

import itertools
from math import log2
from typing import Any

import pytest

import tensorfem as tfem

BASES = [(tfem.Lagrange, p) for p in range(1, 7)] + [(tfem.BSpline, p) for p in range(1, 6)]
SIZE_RATIOS = (1.0, 3.0)  # largest over smallest cell; 1 is uniform
KINDS = ("DD", "NN", "RR", "PP", "DN", "ND", "DR", "AN", "NA", "RD")
FIRST_CELLS = {1: 12, 2: 10, 3: 9, 4: 8, 5: 7, 6: 8}  # by degree, on the first axis: coarser meshes have not reached their order
LEVELS = {1: 4, 2: 4, 3: 2}  # by dimension
LIMITS = ((-1.3, 0.9), (0.2, 1.7), (2.0, 2.8))
TOWARD = ("left", "right", "both")
FLOOR = 1e-10  # of the norm: below, rounding shows

MESHED_BASES = list(itertools.product(BASES, SIZE_RATIOS))


def axis(kind: Any, degree: int, ratio: float, position: int, periodic: bool) -> Any:
    mesh = tfem.graded(
        *LIMITS[position], FIRST_CELLS[degree] - position + 2 * (kind is tfem.BSpline), ratio, toward=TOWARD[position], periodic=periodic
    )
    return kind(mesh, degree)


def errors_by_level(problem: tfem.Poisson, exact: Any) -> tuple[list[float], list[float]]:
    """L2 and H1 errors on ever finer meshes, relative to the norm, while they stand above rounding."""
    l2, h1 = [], []
    for _ in range(LEVELS[problem.space.dimension]):
        u = problem.solve()
        l2.append(u.l2_error(exact.u) / u.l2_norm())
        h1.append(u.h1_error(exact.u, exact.gradient) / u.h1_norm())
        problem = problem.refined()
    return [e for e in l2 if e > FLOOR], [e for e in h1 if e > FLOOR]


def check_orders(exact: Any, degree: int) -> None:
    l2, h1 = errors_by_level(exact.problem(), exact)
    assert log2(l2[-2] / l2[-1]) >= degree + 0.9, l2
    assert log2(h1[-2] / h1[-1]) >= degree - 0.1, h1
    assert l2[-1] < 0.02
    assert h1[-1] < 0.15


@pytest.mark.parametrize("ends", KINDS)
@pytest.mark.parametrize(("basis", "ratio"), MESHED_BASES, ids=lambda v: f"{v[0].__name__}{v[1]}" if isinstance(v, tuple) else f"{v:g}")
def test_line(basis: Any, ratio: float, ends: str, manufactured: Any) -> None:
    """The complete product of bases, meshes and pairs of ends."""
    kind, degree = basis
    space = tfem.Space(axis(kind, degree, ratio, 0, ends == "PP"))
    check_orders(manufactured(space, [ends], diffusion=[1.7], frequency=2 * degree + 3), degree)


@pytest.mark.parametrize(("number", "ends"), list(enumerate(itertools.product(KINDS, repeat=2))), ids=str)
def test_rectangle(number: int, ends: tuple[str, str], manufactured: Any) -> None:
    """Each pair of kinds on the two axes; bases and meshes take turns, families mixed."""
    (kind, degree), ratio = MESHED_BASES[number % len(MESHED_BASES)]
    kinds = (kind, tfem.BSpline if number % 3 and degree < 6 else tfem.Lagrange)
    space = tfem.Space(*(axis(k, degree, ratio, i, end == "PP") for i, (k, end) in enumerate(zip(kinds, ends, strict=True))))
    check_orders(manufactured(space, ends, diffusion=(1.7, 0.6), reaction=(number // 4 % 2) * 0.8, frequency=degree + 6), degree)


FEWER = ("DD", "NN", "RD", "PP", "DN")
TRIPLES = [(FEWER[i], FEWER[j], FEWER[(i + j) % 5]) for i in range(5) for j in range(5)]  # each pair of kinds on each pair of axes


@pytest.mark.parametrize(("number", "ends"), list(enumerate(TRIPLES)), ids=str)
def test_cuboid(number: int, ends: tuple[str, str, str], manufactured: Any) -> None:
    """An orthogonal array of kinds of strength 2; every basis on every mesh occurs."""
    (kind, degree), ratio = MESHED_BASES[number % len(MESHED_BASES)]
    space = tfem.Space(*(axis(kind, degree, min(ratio, 2.0), i, end == "PP") for i, end in enumerate(ends)))
    check_orders(
        manufactured(space, ends, diffusion=(1.7, 0.6, 1.1), reaction=(number // 4 % 2) * 0.8, frequency=max(6.0, 1.25 * degree)), degree
    )
