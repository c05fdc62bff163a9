"""Operators with coefficients of all coordinates: the registry of multigrid's tests."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tensorfem.axis import Basis, BSpline, Lagrange, Mesh, graded, interval
from tensorfem.cells import AxisCells, CellOperator, FaceTerm
from tensorfem.kron import KroneckerProduct

D, N = True, False  # ends of an axis: held or not
Coefficient = Callable[..., Any]


def axis_of(mesh: Mesh, ends: tuple[bool, bool] = (D, D), degree: int = 1, kind: Callable[[Mesh, int], Basis] = Lagrange) -> AxisCells:
    basis = kind(mesh, degree)
    return AxisCells(basis, slice(int(ends[0]), basis.size - ends[1]), degree + 1)


def sampled(axes: Sequence[AxisCells], function: Coefficient) -> np.ndarray:
    """A function in the middle of the cells for degree 1, else at the Gauss points."""
    linear = all(axis.is_linear for axis in axes)
    points = [axis.basis.mesh.quadrature(1).points if linear else axis.rule.points for axis in axes]
    grid = np.meshgrid(*points, indexing="ij", sparse=True)
    return np.asarray(function(*grid) * np.ones([len(p) for p in points]))


def number(axes: Sequence[AxisCells], function: Coefficient, **options: Any) -> CellOperator:
    """An operator with a number of diffusion."""
    return CellOperator(axes, sampled(axes, function)[None], **options)


def free(axes: Sequence[AxisCells], function: Coefficient) -> CellOperator:
    """One whose null space are the constants."""
    return number(axes, function, null_vector=tuple(np.ones(axis.size) for axis in axes))


def smooth(*coordinates: Any) -> Any:
    """exp(4 sin(3 x y) + z), or what of it there is."""
    x, y, z = (*coordinates, 1.0, 0.0)[:3]
    return np.exp(4 * np.sin(3 * x * y) + z)


def sine(x: Any, y: Any, z: Any) -> Any:
    return 1 + 10 * np.sin(np.pi * x * y) ** 2 * np.sin(2 * np.pi * z) ** 2


def bump(x: Any, y: Any, z: Any) -> Any:
    return 1 + 1000 * np.exp(-50 * ((x - 0.4) ** 2 + (y - 0.5) ** 2 + (z - 0.6) ** 2))


def ball(inside: float) -> Coefficient:
    return lambda x, y, z: np.where((x - 0.5) ** 2 + (y - 0.5) ** 2 + (z - 0.5) ** 2 < 1 / 16, inside, 1.0)


def checkers(contrast: float) -> Coefficient:
    """Blocks, eight along each axis."""
    return lambda *coordinates: np.where(sum(np.floor(8 * x) for x in coordinates) % 2 == 1, contrast, 1.0)


def waves(*coordinates: Any) -> Any:
    """Periodic on the unit box."""
    return 2 + np.sin(2 * np.pi * sum(coordinates)) * np.cos(2 * np.pi * coordinates[0])


def rough(axes: Sequence[AxisCells]) -> CellOperator:
    """Log-normal, cell by cell, of variance 4."""
    return CellOperator(axes, np.exp(2 * np.random.default_rng(78_213).standard_normal((1, *[axis.count for axis in axes]))))


def freed(operator: CellOperator) -> CellOperator:
    """The same where the null space are the constants."""
    return CellOperator(operator.axes, operator.diffusion, null_vector=tuple(np.ones(axis.size) for axis in operator.axes))


def stretched_tensor() -> CellOperator:
    """A full tensor that jumps, beside a reaction, on stretched cells."""
    axes = [axis_of(interval(0, 1, cells=12), (N, D)), axis_of(interval(0, 0.05, cells=11))]
    samples = rough(axes).diffusion[0]
    return CellOperator(axes, np.stack([2 * samples, 0.4 * samples, samples]), 3 * samples)


def robin() -> CellOperator:
    axes = [axis_of(interval(0, 2, cells=12), (N, D)), axis_of(graded(0, 1, cells=9, size_ratio=9), (N, N))]
    masses = [axis.values.T @ (axis.weights.ravel()[:, None] * axis.values.toarray()) for axis in axes]
    faces = [FaceTerm(0, 0, 3.0, KroneckerProduct(masses[1])), FaceTerm(1, -1, 0.5, KroneckerProduct(masses[0]))]
    return number(axes, smooth, faces=faces)


def reacting_tensor() -> CellOperator:
    """A tensor that turns, beside a reaction."""
    axes = [axis_of(interval(0, 1, cells=14)), axis_of(interval(0, 1, cells=11), (N, D))]
    angle = sampled(axes, lambda x, y: 2 * x + y)
    c, s = np.cos(angle), np.sin(angle)
    return CellOperator(axes, np.stack([c * c + 0.2 * s * s, 0.8 * c * s, s * s + 0.2 * c * c]), sampled(axes, lambda x, y: 5 + x - y))


OPERATORS: dict[str, Callable[[], CellOperator]] = {
    "1d": lambda: number([axis_of(graded(0, 1, cells=90, size_ratio=1e4))], lambda x: np.exp(np.sin(9 * x))),
    "1d, free": lambda: free([axis_of(interval(0, 1, cells=70), (N, N))], lambda x: 1 + x),
    "2d, mixed": lambda: number([axis_of(interval(0, 2, cells=17), (N, D)), axis_of(graded(0, 1, cells=13, size_ratio=50))], smooth),
    "2d, degree 3": lambda: number([axis_of(interval(0, 1, cells=6), degree=3), axis_of(interval(0, 1, cells=5), degree=3)], smooth),
    "2d, mixed degrees": lambda: number([axis_of(interval(0, 1, cells=5), degree=4), axis_of(interval(0, 1, cells=14), (D, N))], smooth),
    "2d, spline": lambda: number(
        [axis_of(interval(0, 1, cells=13), (D, N), 2, BSpline), axis_of(interval(0, 1, cells=11), degree=2)], smooth
    ),
    "2d, free": lambda: free([axis_of(interval(0, 0.01, cells=12), (N, N)), axis_of(interval(0, 1, cells=10), (N, N))], smooth),
    "2d, rings": lambda: free([axis_of(interval(0, 1, cells=n, periodic=True), (N, N)) for n in (15, 12)], waves),
    "2d, Robin": robin,
    "2d, tensor": reacting_tensor,
    "2d, rough": lambda: rough([axis_of(interval(0, 1, cells=16)), axis_of(interval(0, 1, cells=14))]),
    "2d, stretched rough": lambda: rough([axis_of(interval(0, 1, cells=15)), axis_of(interval(0, 1e-3, cells=12))]),
    "2d, free, stretched rough": lambda: freed(rough([axis_of(interval(0, 0.1, cells=14), (N, N)), axis_of(interval(0, 1, 9), (N, N))])),
    "2d, graded both ways, rough": lambda: rough([axis_of(graded(0, 1, 16, 1e5)), axis_of(graded(0, 1, 12, 1e4, toward="both"))]),
    "2d, graded degree 2": lambda: number([axis_of(graded(0, 1, 9, 1e6), degree=2), axis_of(interval(0, 1, 6), degree=2)], smooth),
    "2d, stretched ring": lambda: rough([axis_of(interval(0, 0.1, 11, periodic=True), (N, N)), axis_of(interval(0, 1, 12), (D, N))]),
    "2d, stretched tensor": stretched_tensor,
    "3d, stretched rough": lambda: rough([axis_of(interval(0, length, n)) for length, n in ((1, 8), (0.02, 7), (1, 6))]),
    "3d": lambda: number([axis_of(interval(0, 1, cells=n)) for n in (9, 8, 7)], checkers(1e4)),
}
