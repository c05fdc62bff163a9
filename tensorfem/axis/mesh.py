"""Meshes of one axis: an interval cut into cells."""

import functools
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.axis.quadrature import Quadrature, gauss_legendre
from tensorfem.checks import choice, integer, real, real_vector

UNIFORM = 1e-12  # relative difference of cell sizes below which a mesh counts as uniform
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Mesh:
    """An interval cut into cells.

    Parameters
    ----------
    nodes : (n + 1,) array_like
        The cells' ends, strictly increasing.
    periodic : bool
        Whether the last node is the first one again.

    Raises
    ------
    ValueError
        If the nodes are fewer than two, not finite, or not strictly increasing (the place is named).

    Examples
    --------
    >>> Mesh([0.0, 0.5, 2.0]).sizes
    array([0.5, 1.5])
    """

    nodes: FloatArray
    periodic: bool = False
    sizes: FloatArray = field(init=False, repr=False)

    def __init__(self, nodes: Any, periodic: bool = False) -> None:
        ends = real_vector(nodes, "nodes", shortest=2)
        with np.errstate(over="ignore"):
            sizes, length = np.diff(ends), ends[-1] - ends[0]
        wrong = np.flatnonzero(sizes <= 0)
        if wrong.size:
            i = int(wrong[0])
            raise ValueError(
                f"nodes: node {i + 1} ({ends[i + 1]}) does not lie right of node {i} ({ends[i]}); sort them and drop repeated ones"
            )
        if not np.isfinite(length):
            raise ValueError(f"nodes: the interval from {ends[0]} to {ends[-1]} is longer than a float can tell; scale the coordinates")
        if _are_even(ends):
            sizes = np.full(sizes.size, length / sizes.size)  # far from 0, differences of rounded nodes would not be equal
        elif _are_mirrored(ends, sizes):
            sizes = _mirrored(sizes, from_end=abs(ends[-1]) < abs(ends[0]))  # nor those of mirror images
        for name, value in (("nodes", ends), ("sizes", sizes)):
            value.setflags(write=False)
            object.__setattr__(self, name, value)
        object.__setattr__(self, "periodic", bool(periodic))

    @property
    def cells(self) -> int:
        """Number of cells."""
        return int(self.sizes.size)

    @property
    def bounds(self) -> tuple[float, float]:
        """The interval's ends."""
        return float(self.nodes[0]), float(self.nodes[-1])

    @property
    def length(self) -> float:
        """The interval's length."""
        return float(self.nodes[-1] - self.nodes[0])

    @functools.cached_property
    def uniform(self) -> bool:
        """Whether all cells are of one size, to 1e-12 of it."""
        return bool(np.ptp(self.sizes) <= UNIFORM * self.length / self.cells)

    def refined(self) -> "Mesh":
        """The mesh with every cell halved."""
        nodes = np.empty(2 * self.cells + 1)
        nodes[::2] = self.nodes
        nodes[1::2] = self.nodes[:-1] + self.sizes / 2
        return Mesh(nodes, self.periodic)

    def quadrature(self, points: int) -> Quadrature:
        """The Gauss-Legendre rule with that many points in each cell."""
        reference, weights = gauss_legendre(points)
        return Quadrature(
            cells=np.repeat(np.arange(self.cells), points),
            reference=np.tile(reference, self.cells),
            points=(self.nodes[:-1, None] + self.sizes[:, None] * reference).ravel(),
            weights=(self.sizes[:, None] * weights).ravel(),
        )

    def locate(self, points: FloatArray) -> tuple[NDArray[np.intp], FloatArray]:
        """The cell of each point and its reference coordinate in it, from 0 to 1; a point outside goes to the nearest cell."""
        if self.periodic:
            points = self.nodes[0] + np.mod(points - self.nodes[0], self.length)
        cells = np.clip(np.searchsorted(self.nodes, points, side="right") - 1, 0, self.cells - 1)
        return cells, (points - self.nodes[cells]) / self.sizes[cells]


def interval(start: float, end: float, cells: int, *, periodic: bool = False) -> Mesh:
    """The interval from `start` to `end` in equal cells.

    Raises
    ------
    ValueError
        If the ends are not finite and increasing, or `cells` is not an integer of at least 1.

    Examples
    --------
    >>> interval(0, 1, cells=4).nodes
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    """
    start, end = _ends(start, end)
    return Mesh(np.linspace(start, end, integer(cells, "cells", 1) + 1), periodic)


def graded(start: float, end: float, cells: int, size_ratio: float, *, toward: str = "left", periodic: bool = False) -> Mesh:
    """The interval from `start` to `end` in cells that shrink geometrically.

    Parameters
    ----------
    start, end : float
    cells : int
    size_ratio : float
        Largest over smallest cell size, at least 1.
    toward : {"left", "right", "middle", "both"}
        Where the small cells are; "both" means both ends.
    periodic : bool

    Raises
    ------
    ValueError
        If an argument is out of its range, or the smallest cell vanishes in rounding.

    Examples
    --------
    >>> graded(0, 1, cells=3, size_ratio=4, toward="right").sizes.round(4)
    array([0.5714, 0.2857, 0.1429])
    """
    start, end = _ends(start, end)
    count, ratio = integer(cells, "cells", 1), real(size_ratio, "size_ratio")
    if ratio < 1:
        raise ValueError(f"size_ratio: got {size_ratio!r}; allowed is a number >= 1, the largest cell size over the smallest")
    sizes = ratio ** _steepness(count, toward)
    sums = np.concatenate([[0.0], np.cumsum(sizes)])  # one rounding per node: none of its neighbours' adds up in a cell's size
    return Mesh(np.append(start + (end - start) * (sums[:-1] / sums[-1]), end), periodic)


def _steepness(cells: int, toward: str) -> FloatArray:
    """Exponents from 0 (smallest cell) to 1 (largest)."""
    rising = np.arange(cells) / max(cells - 1, 1)
    from_middle = np.abs(2 * np.arange(cells) - (cells - 1)).astype(float)
    from_middle = (from_middle - from_middle.min()) / max(np.ptp(from_middle), 1.0)
    shapes: dict[str, FloatArray] = {"left": rising, "right": rising[::-1], "middle": from_middle, "both": 1 - from_middle}
    return shapes[choice(toward, "toward", shapes)]


def _are_even(nodes: FloatArray) -> bool:
    """Whether nodes are those of equal cells, to their own rounding."""
    even = np.linspace(nodes[0], nodes[-1], nodes.size)
    return bool(np.max(np.abs(nodes - even)) <= 2 * np.finfo(float).eps * np.max(np.abs(nodes)))


def _are_mirrored(nodes: FloatArray, sizes: FloatArray) -> bool:
    """Whether the cells are their own mirror image, to the nodes' rounding."""
    return bool(np.max(np.abs(sizes - sizes[::-1])) <= 4 * np.finfo(float).eps * np.max(np.abs(nodes)))


def _mirrored(sizes: FloatArray, from_end: bool) -> FloatArray:
    """The sizes of the half that lies nearer to 0, where nodes are rounded less, and their mirror image."""
    better = sizes[::-1] if from_end else sizes
    half = sizes.size // 2
    return np.concatenate([better[: sizes.size - half], better[:half][::-1]])


def _ends(start: float, end: float) -> tuple[float, float]:
    start, end = real(start, "start"), real(end, "end")
    if not start < end:
        raise ValueError(f"end: got {end}; it must be larger than start, {start}")
    return start, end
