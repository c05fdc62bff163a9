"""What a study says of data that jump inside cells, or change faster than cells resolve."""

from collections.abc import Sequence

from tensorfem.problems.abrupt import AbruptChange
from tensorfem.study.level import Level
from tensorfem.study.verdict import Verdict

SHOWN = 4  # planes at most, of those that are named
THEORY = "orders are limited to about 1 in L2 and 1/2 in H1, whatever the degree, as the solution has a kink there (Babuska 1970)"
QUADRATURE = "orders are limited to about 1 in L2 and in H1, whatever the degree, as quadrature misses a part of it in each of these cells"


def is_abrupt(levels: Sequence[Level]) -> bool:
    """Whether data change abruptly inside cells of the two finest levels, so that the last order does not tell."""
    return any(level.abrupt for level in levels[-2:])


def abruptness(levels: Sequence[Level], verdict: Verdict) -> str:
    """Sentences to add to the reason: what jumps, what that costs and what to do; empty where nothing does.

    Parameters
    ----------
    levels : sequence of Level
    verdict : {"PASS", "FAIL", "UNDECIDED"}
        With PASS, the cost is still to come.
    """
    finest = levels[-1].abrupt
    before = {change.where: change for change in levels[-2].abrupt if change.where not in {found.where for found in finest}}
    said = [_of_jump(change, seen=verdict != "PASS") if change.jumps else _of_layer(change) for change in finest]
    said += [f"On the level before the finest {change.words}, on the finest not: add levels" for change in before.values()]
    return "".join(f". {sentence}" for sentence in said)


def _of_jump(change: AbruptChange, *, seen: bool) -> str:
    limits = THEORY if change.where.startswith("diffusion") else QUADRATURE
    still = "" if seen else "these meshes do not show it yet, but on finer ones "
    return f"On the finest level {change.words}: {still}{limits}. {_advice(change)}"


def _of_layer(change: AbruptChange) -> str:
    return (
        f"On the finest level {change.words}: not resolved, it acts as a jump until cells are smaller; add levels, or grade the mesh there"
    )


def _advice(change: AbruptChange) -> str:
    is_source = change.where.startswith("source")
    if not change.planes:
        staircase = "" if is_source else ", or give one number per cell (CellValues), a staircase that is off by a cell itself"
        return f"It lies across no axis, so no mesh of boxes fits it: refine until errors are small enough{staircase}"
    by_cell = "" if is_source else "give one number per cell (CellValues), whose jumps lie on cell faces"
    places = ", ".join(f"{name} = {x:.8g}" for name, x in change.planes[:SHOWN]) + (" and others" if len(change.planes) > SHOWN else "")
    return f"Put mesh nodes at {places} (tensorfem.Mesh takes nodes)" + (f", or {by_cell}" if by_cell else "")
