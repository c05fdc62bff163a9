"""One level of a study: a problem solved and measured."""

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tensorfem.field import Field
from tensorfem.problems.abrupt import AbruptChange
from tensorfem.study.measure import Aims, OnGrid, error_norms, field_norms
from tensorfem.study.sequence import ProblemSequence, cell_sizes

EPS = float(np.finfo(float).eps)
ROUNDING_CAP = 1e-5  # an error above this part of the solution is never rounding
TOLERANCE_CAP = 1e-2  # nor, above this one, the tolerance of an iteration


@dataclass(frozen=True)
class Level:
    """A row of a study.

    Attributes
    ----------
    cells : tuple of int
        Per axis.
    sizes : tuple of float
        The largest cell of each axis.
    size : float
        One size for all refined axes: their geometric mean.
    unknowns : int
    seconds : float
        For assembly and solve, by the clock on the wall.
    rounding : float
        How large the relative error by rounding, or by the tolerance of an iteration, may be: an upper estimate.
    errors, values, differences : dict
        Norms of the error, quantities, and (where some axis stays as it is) norms of the difference to the level before.
    abrupt : tuple of AbruptChange
        Data of the problem that jump inside cells, or change faster than cells resolve.
    """

    cells: tuple[int, ...]
    sizes: tuple[float, ...]
    size: float
    unknowns: int
    seconds: float
    rounding: float
    errors: dict[str, float]
    values: dict[str, float]
    differences: dict[str, float]
    abrupt: tuple[AbruptChange, ...] = ()


@dataclass(frozen=True, eq=False)
class Results:
    """All levels; the last problem and the norms of the first field."""

    levels: tuple[Level, ...]
    last: Any
    scales: dict[str, float]


def solve_levels(sequence: ProblemSequence, aims: Aims, solver: Any) -> Results:
    """Solve the problems one by one; no more than two fields are held at a time."""
    levels: list[Level] = []
    scales: dict[str, float] = {}
    before = problem = None
    for problem in sequence:
        start = time.perf_counter()
        field = problem.solve(solver)
        seconds = time.perf_counter() - start
        scales = scales or field_norms(field)
        levels.append(replace(_level(sequence, aims, field, seconds, before), abrupt=_abrupt(problem)))
        before = OnGrid(field) if sequence.partial and aims.exact is not None else None
    return Results(tuple(levels), problem, scales)


def _level(sequence: ProblemSequence, aims: Aims, field: Field, seconds: float, before: OnGrid | None) -> Level:
    space = field.space
    return Level(
        cells=tuple(basis.mesh.cells for basis in space.bases),
        sizes=cell_sizes(space),
        size=sequence.size(space),
        unknowns=space.size if field.report is None else field.report.unknowns,
        seconds=seconds,
        rounding=_rounding(field),
        errors={} if aims.exact is None else error_norms(field, aims.exact, aims.gradient),
        values=aims.values(field),
        differences={} if before is None else error_norms(field, before, before.gradient if aims.gradient is not None else None),
    )


def _abrupt(problem: Any) -> tuple[AbruptChange, ...]:
    """What a problem says of its data; problems of other kinds may say nothing, and functions that fail between Gauss points cannot."""
    try:
        return tuple(problem.abrupt_changes()) if hasattr(problem, "abrupt_changes") else ()
    except ValueError:  # the solve has not called them there: its errors and orders stand
        return ()


def _rounding(field: Field) -> float:
    """Upper estimates, by the condition number of a Laplacian, of what was measured for direct and for iterative solves."""
    condition = sum((basis.mesh.cells * basis.degree**2) ** 2 for basis in field.space.bases)
    rounding = min(EPS * (100 + condition), ROUNDING_CAP)
    residual = field.report.residual if field.report is not None and field.report.iterations else 0.0
    return float(max(rounding, min(residual * (100 + condition**0.5), TOLERANCE_CAP)))
