"""What is solved: Poisson's equation on a unit square or cube, zero on the boundary, with a solution that is known.

The solution is ``exp(x y) prod_i x_i (1 - x_i)``: neither it nor the source is a product of functions of one coordinate.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

import tensorfem as tfem

SIDES = {2: (256, 512, 1024, 2048), 3: (32, 64, 128, 256)}  # the smallest tell what the others would take
DEGREES, SIZE_RATIO = (1, 4), 100.0


@dataclass(frozen=True)
class Case:
    """One problem: as many nodes along each axis as `side` cells of degree 1 have, so that degrees compare at equal unknowns."""

    dimension: int
    side: int
    degree: int = 1
    graded: bool = False
    dtype: str = "float64"

    @property
    def cells(self) -> int:
        """Cells along each axis."""
        return self.side // self.degree

    @property
    def unknowns(self) -> int:
        """Nodes inside."""
        return (self.cells * self.degree - 1) ** self.dimension

    @property
    def mesh(self) -> tfem.Mesh:
        """The mesh of each axis."""
        return tfem.graded(0, 1, self.cells, SIZE_RATIO) if self.graded else tfem.interval(0, 1, self.cells)

    @property
    def space(self) -> tfem.Space:
        """The space in tensorfem's terms."""
        return tfem.Space(*[tfem.Lagrange(self.mesh, degree=self.degree)] * self.dimension)

    @property
    def series(self) -> str:
        """What cases that differ in size only have in common."""
        return f"{self.dimension}D, degree {self.degree}, {'graded' if self.graded else 'uniform'}, {self.dtype}"

    @property
    def name(self) -> str:
        """The case in words."""
        return f"{self.side}^{self.dimension}, degree {self.degree}, {'graded' if self.graded else 'uniform'}, {self.dtype}"

    @property
    def data(self) -> dict[str, Any]:
        """The case as JSON takes it."""
        return {**asdict(self), "unknowns": self.unknowns}


def cases(dimensions: Sequence[int], largest: int, sides: dict[int, Sequence[int]] | None = None) -> Iterator[Case]:
    """All cases of at most so many unknowns, sizes growing within each series."""
    for dimension in dimensions:
        for degree in DEGREES:
            for graded in (False, True):
                for dtype in ("float64", "float32"):
                    series = (Case(dimension, side, degree, graded, dtype) for side in (sides or SIDES)[dimension])
                    yield from (case for case in series if case.unknowns <= largest)


def exact(*x: Any, exp: Callable[[Any], Any] = np.exp) -> Any:
    """The solution, of arrays or of symbols that another exponential knows."""
    return math.prod(_bubble(s) for s in x) * exp(x[0] * x[1])


def source(*x: Any, exp: Callable[[Any], Any] = np.exp) -> Any:
    """The solution's negative Laplacian."""
    first, second = x[:2]
    total = 0.0
    for axis, s in enumerate(x):
        others = math.prod(_bubble(t) for i, t in enumerate(x) if i != axis)
        slope = second if axis == 0 else first if axis == 1 else 0.0  # of x y along this axis
        total = total + others * (-2.0 + 2.0 * slope * (1.0 - 2.0 * s) + slope * slope * _bubble(s))
    return -total * exp(first * second)


def _bubble(s: Any) -> Any:
    return s * (1.0 - s)
