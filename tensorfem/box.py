"""`box`: a space on a box in one call."""

from typing import Any

from tensorfem.axis import BSpline, Lagrange, interval
from tensorfem.checks import choice
from tensorfem.space import Space, spread

BASES = {"lagrange": Lagrange, "bspline": BSpline}
AXES = ("x", "y", "z")


def box(
    x: tuple[float, float],
    y: tuple[float, float] | None = None,
    z: tuple[float, float] | None = None,
    *,
    cells: int | tuple[int, ...],
    degree: int | tuple[int, ...] = 1,
    periodic: str | tuple[str, ...] = (),
    basis: str | tuple[str, ...] = "lagrange",
) -> Space:
    """The space on an interval, a rectangle or a cuboid in equal cells.

    For graded meshes, splines of low continuity, or more than three axes, make a `Space` of bases.

    Parameters
    ----------
    x, y, z : pair of float
        The ends of each axis; as many axes as are given.
    cells : int or tuple of int
        Cells of every axis, or of each.
    degree : int or tuple of int
        Polynomial degree of every axis, or of each.
    periodic : str or tuple of str
        The names of the periodic axes.
    basis : {"lagrange", "bspline"} or tuple of these

    Returns
    -------
    Space

    Raises
    ------
    ValueError
        If an argument is out of its range.

    Examples
    --------
    >>> box(x=(0, 1), y=(0, 2), cells=(8, 4), degree=2).shape
    (17, 9)
    """
    given = [(name, ends) for name, ends in zip(AXES, (x, y, z), strict=True) if ends is not None]
    names = tuple(name for name, _ in given)
    if not names or names != AXES[: len(names)]:
        got = f"the axes {', '.join(names)}" if names else "no axes"
        raise ValueError(f"box: got {got}; give x alone, x and y, or x, y and z")
    wrapped = tuple(periodic) if isinstance(periodic, tuple | list) else (periodic,)
    unknown = [name for name in wrapped if name not in names]
    if unknown:
        raise ValueError(f"periodic: unknown axis {unknown[0]!r}; the axes of this box are {', '.join(names)} (a tuple names several)")
    settings = zip(given, spread(cells, names, "cells"), spread(degree, names, "degree"), spread(basis, names, "basis"), strict=True)
    return Space(*(_axis(name, ends, count, p, name in wrapped, kind) for (name, ends), count, p, kind in settings))


def _axis(name: str, ends: Any, cells: int, degree: int, periodic: bool, kind: str) -> Any:
    choice(kind, "basis", BASES)
    if not isinstance(ends, tuple | list) or len(ends) != 2:
        raise ValueError(f"{name}: got {ends!r}; allowed is a pair (start, end)")
    try:
        return BASES[kind](interval(ends[0], ends[1], cells, periodic=periodic), degree)
    except ValueError as error:
        raise ValueError(f"axis {name}: {error}") from error
