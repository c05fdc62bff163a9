"""The problems of a study: one problem, refined again and again, or problems that the user lists."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tensorfem.checks import integer
from tensorfem.space import Space

SAME = 1e-9  # relative difference of cell sizes, or of their ratios, that is rounding


@dataclass(frozen=True, eq=False)
class ProblemSequence:
    """Problems from coarse to fine.

    Attributes
    ----------
    given : tuple of problems
        All of them, or the first one.
    count : int
    names : tuple of str
        All axes.
    axes : tuple of str
        Those that are refined.
    """

    given: tuple[Any, ...]
    count: int
    names: tuple[str, ...]
    axes: tuple[str, ...]

    @classmethod
    def of(cls, problem: Any, levels: int, axes: Any) -> "ProblemSequence":
        """From the arguments of `refinement_study`.

        Raises
        ------
        ValueError
            If there are too few levels, no such axis, or a problem cannot be refined or does not fit the others.
        """
        listed = isinstance(problem, Sequence)
        given = tuple(problem) if listed else (problem,)
        for each in given:
            _check_problem(each)
        if listed:
            if len(given) < 2:
                raise ValueError(f"problem: got a list of {len(given)}; this study needs at least 2, from coarse to fine")
            if axes is not None:
                raise ValueError("axes: which axes a list of problems refines is seen from it; leave axes out")
            return cls(given, len(given), given[0].space.names, _varying(given))
        count = integer(levels, "levels", 2)
        names = given[0].space.names
        return cls(given, count, names, names if axes is None else _chosen(axes, names))

    @property
    def partial(self) -> bool:
        """Whether some axis stays as it is, and with it a part of the error."""
        return len(self.axes) < len(self.names)

    @property
    def others(self) -> tuple[str, ...]:
        """The axes that stay."""
        return tuple(name for name in self.names if name not in self.axes)

    @property
    def degree(self) -> int:
        """The lowest degree along the refined axes, which sets the order."""
        bases = zip(self.names, self.given[0].space.bases, strict=True)
        return int(min(basis.degree for name, basis in bases if name in self.axes))

    @property
    def uneven(self) -> bool:
        """Whether the refined axes are refined at different ratios."""
        h = np.log([cell_sizes(problem.space) for problem in self.given])[:, [name in self.axes for name in self.names]]
        return bool(np.ptp(np.diff(h, axis=0), axis=1).max(initial=0.0) > SAME)

    def size(self, space: Space) -> float:
        """One size for the cells of a space: the geometric mean over the refined axes (Roache 1994)."""
        h = [size for name, size in zip(self.names, cell_sizes(space), strict=True) if name in self.axes]
        return float(np.exp(np.mean(np.log(h))))

    def __iter__(self) -> Iterator[Any]:
        """One problem after the other; nothing is kept of those before."""
        if len(self.given) == self.count:
            yield from self.given
            return
        problem = self.given[0]
        yield problem
        for _ in range(self.count - 1):
            problem = problem.refined(self.axes) if self.partial else problem.refined()
            yield problem


def cell_sizes(space: Space) -> tuple[float, ...]:
    """The size of the largest cell of each axis."""
    return tuple(float(basis.mesh.sizes.max()) for basis in space.bases)


def _check_problem(problem: Any) -> None:
    if not isinstance(getattr(problem, "space", None), Space) or not callable(getattr(problem, "solve", None)):
        raise ValueError(f"problem: got {problem!r}; allowed is a problem, such as Poisson, or a list of them from coarse to fine")
    source = getattr(problem, "source", None)
    if isinstance(source, np.ndarray) and source.ndim:
        raise ValueError("source: an array of nodal values cannot be refined; give a number, a string or a function")


def _chosen(axes: Any, names: tuple[str, ...]) -> tuple[str, ...]:
    chosen = (axes,) if isinstance(axes, str) else tuple(axes)
    if not chosen or any(name not in names for name in chosen):
        raise ValueError(f"axes: got {axes!r}; allowed are some of {', '.join(names)}, as in axes=({names[0]!r},)")
    return tuple(name for name in names if name in chosen)


def _varying(problems: tuple[Any, ...]) -> tuple[str, ...]:
    """The axes along which a list of problems is refined, checked: the other axes must stay, and all problems be of one kind."""
    spaces = [problem.space for problem in problems]
    kinds = {tuple((type(basis), basis.degree) for basis in space.bases) for space in spaces}
    if len(kinds) > 1:
        raise ValueError("problem: the problems of a list must have as many axes and the same bases and degrees")
    h = np.log([cell_sizes(space) for space in spaces])
    steps = np.diff(h, axis=0)
    refined = np.all(steps < -SAME, axis=0)
    if not refined.any() or not (np.abs(steps[:, ~refined]) <= SAME).all():
        cells = ", ".join(str(tuple(basis.mesh.cells for basis in space.bases)) for space in spaces)
        raise ValueError(f"problem: got cells {cells}; from one problem to the next each axis must be refined, or none of them refine it")
    return tuple(name for name, falls in zip(spaces[0].names, refined.tolist(), strict=True) if falls)
