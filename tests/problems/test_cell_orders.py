"""Orders of convergence with coefficients of all coordinates: p + 1 in L2 and p in H1, also with a jump on cell faces."""

from math import log2
from typing import Any

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.cells import CellOperator
from tests.problems.waves import KINDS, Waves

LIMITS = ((0.0, 1.0), (0.0, 0.8), (0.0, 0.6))
ENDS = {1: "RD", 2: "DNRD", 3: "DNRDND"}
CELLS = {1: {1: 6, 2: 6, 3: 5, 4: 4, 5: 4, 6: 5}, 2: {1: 8, 2: 6, 3: 5, 4: 4, 5: 3, 6: 3}, 3: {1: 6, 2: 4, 3: 3, 4: 2, 5: 2, 6: 2}}
SOLVERS = {1: tfem.FastDiagonalization(), 2: tfem.Direct(), 3: tfem.CG(rtol=1e-11, preconditioner=tfem.Jacobi())}


def space_of(dimension: int, degree: int) -> tfem.Space:
    """Unequal cells, fewer along each further axis."""
    cells = CELLS[dimension][degree]
    meshes = [tfem.graded(*ends, cells=max(2, cells - i), size_ratio=1.5) for i, ends in enumerate(LIMITS[:dimension])]
    return tfem.Space(*(tfem.Lagrange(mesh, degree) for mesh in meshes))


def check_orders(problem: tfem.Poisson, exact: Any, degree: int) -> None:
    errors = []
    for _ in range(2):
        u = problem.solve(SOLVERS[problem.space.dimension])
        errors.append((u.l2_error(exact.u), u.h1_error(exact.u, exact.gradient)))
        problem = problem.refined()
    (l2, h1), (finer_l2, finer_h1) = errors
    assert log2(l2 / finer_l2) >= degree + 0.85, errors
    assert log2(h1 / finer_h1) >= degree - 0.15, errors
    assert finer_l2 < 0.02 * u.l2_norm()


CASES = [
    (d, p, kind)
    for d, degrees in CELLS.items()
    for p in degrees
    for kind in KINDS
    if d < 3 or kind == "tensor" or (kind, p) == ("number", 3)
]


@pytest.mark.parametrize(("dimension", "degree", "kind"), CASES)
def test_smooth_coefficients(dimension: int, degree: int, kind: str) -> None:
    waves = Waves(space_of(dimension, degree), kind, reaction=0.8 if degree % 2 else 0.0)
    problem = waves.problem(ENDS[dimension])
    assert isinstance(problem.operator, CellOperator) == (dimension > 1)
    check_orders(problem, waves, degree)


@pytest.mark.parametrize("degree", [1, 3])
def test_periodic_axis(degree: int) -> None:
    mesh = tfem.graded(0, 1, cells=12, size_ratio=1.5, periodic=True)
    space = tfem.Space(tfem.Lagrange(mesh, degree), tfem.BSpline(tfem.interval(0, 0.7, cells=5), degree))
    waves = Waves(space, "tensor", reaction=0.5, periodic="x")
    check_orders(waves.problem("DR"), waves, degree)


class Blocks:
    """``u = sin(4 pi x) sin(4 pi y) / a``, with another conductivity in each of 4 x 4 blocks: u vanishes where it jumps."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.blocks, self.levels = np.exp(2 * rng.standard_normal((4, 4))), rng.random((4, 4))

    def at(self, blocks: np.ndarray, x: Any, y: Any) -> Any:
        return blocks[np.minimum((4 * x).astype(int), 3), np.minimum((4 * y).astype(int), 3)]

    def u(self, x: Any, y: Any) -> Any:
        return np.sin(4 * np.pi * x) * np.sin(4 * np.pi * y) / self.at(self.blocks, x, y)

    def gradient(self, x: Any, y: Any) -> tuple[Any, Any]:
        (sx, cx), (sy, cy) = ((np.sin(4 * np.pi * t), np.cos(4 * np.pi * t)) for t in (x, y))
        scale = 4 * np.pi / self.at(self.blocks, x, y)
        return scale * cx * sy, scale * sx * cy

    def source(self, x: Any, y: Any) -> Any:
        return (32 * np.pi**2 * self.at(self.blocks, x, y) + self.at(self.levels, x, y)) * self.u(x, y)


@pytest.mark.parametrize("spelled", ["cells", "function"])
@pytest.mark.parametrize("degree", [1, 2, 4])
def test_jumps_on_cell_faces(degree: int, spelled: str) -> None:
    """The solution is smooth in each cell, so nothing of the order is lost."""
    exact = Blocks(np.random.default_rng(60_213))
    cells = {1: 36, 2: 12, 4: 8}[degree]
    space = tfem.box(x=(0, 1), y=(0, 1), cells=(cells, 2 * cells), degree=degree)
    if spelled == "cells":
        spread = [np.repeat(np.repeat(blocks, cells // 4, axis=0), cells // 2, axis=1) for blocks in (exact.blocks, exact.levels)]
        data: dict[str, Any] = {"diffusion": spread[0], "reaction": tfem.CellValues(spread[1])}
    else:
        data = {"diffusion": lambda x, y: exact.at(exact.blocks, x, y), "reaction": lambda x, y: exact.at(exact.levels, x, y)}
    problem = tfem.Poisson(space, exact.source, boundary=0.0, **data)
    assert isinstance(problem.operator, CellOperator)
    check_orders(problem, exact, degree)
