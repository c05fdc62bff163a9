"""The `[space]` table of a problem file: box, cells, degree, basis, grading, periodic axes."""

from collections.abc import Callable
from typing import Any

from tensorfem.axis import Basis, BSpline, Lagrange, Mesh, graded, interval
from tensorfem.cli.document import Section, integer, number, one_of
from tensorfem.space import Space

AXES = ("x", "y", "z")
SETTINGS = ("cells", "degree", "basis", "continuity", "periodic", "grading")


def space_of(section: Section) -> Space:
    """The space that a table describes.

    Raises
    ------
    ProblemFileError
        If it does not describe one.
    """
    section.allow([*AXES, *SETTINGS])
    names = [name for name in AXES if name in section]
    if not names or names != list(AXES[: len(names)]):
        raise section.error("", f"got the axes {', '.join(names) or 'none'}; allowed are x alone, x and y, or x, y and z")
    periodic = section.get("periodic", (), _names_among(names), f"a list of axes among {', '.join(names)}")
    return Space(*(_basis(section, name, names, name in periodic) for name in names))


def _basis(section: Section, name: str, names: list[str], periodic: bool) -> Basis:
    mesh = _mesh(section, name, names, periodic)
    degree = _per_axis(section, "degree", names, name, 1, integer, "an integer")
    kind = _per_axis(section, "basis", names, name, "lagrange", one_of("lagrange", "bspline"), '"lagrange" or "bspline"')
    continuity = _per_axis(section, "continuity", names, name, None, integer, "an integer")
    if kind == "lagrange" and continuity is not None:
        raise section.error("continuity", 'Lagrange elements are continuous and no more; leave it out, or set basis = "bspline"')
    return section.attempt("degree", lambda: Lagrange(mesh, degree) if kind == "lagrange" else BSpline(mesh, degree, continuity))


def _mesh(section: Section, name: str, names: list[str], periodic: bool) -> Mesh:
    ends = section.get(name, (), _numbers, "a pair [start, end], or all nodes")
    grading = section.section("grading").allow(names).section(name).allow(["size_ratio", "toward"])
    if len(ends) > 2:
        if grading.values:
            raise grading.error("size_ratio", f"the nodes of {name} are given one by one, which leaves nothing to grade")
        return section.attempt(name, lambda: Mesh(ends, periodic))
    if len(ends) != 2:
        raise section.error(name, f"got {len(ends)} numbers; allowed is a pair [start, end], or all nodes")
    cells = _per_axis(section, "cells", names, name, None, integer, "an integer")
    if cells is None:
        raise section.error("cells", "is missing; give the number of cells, or one number per axis")
    if not grading.values:
        return section.attempt(name, lambda: interval(ends[0], ends[1], cells, periodic=periodic))
    ratio = grading.get("size_ratio", 1.0, number, "a number >= 1, the largest cell over the smallest")
    toward = grading.get("toward", "left", one_of("left", "right", "middle", "both"), "left, right, middle or both")
    return grading.attempt("size_ratio", lambda: graded(ends[0], ends[1], cells, ratio, toward=toward, periodic=periodic))


def _per_axis(section: Section, key: str, names: list[str], name: str, default: Any, check: Any, allowed: str) -> Any:
    """One axis' entry of a setting that is given once for all axes, or as a list of one per axis."""

    def pick(value: Any) -> Any:
        if not isinstance(value, list):
            return check(value)
        if len(value) != len(names):
            raise ValueError(f"it has {len(value)} entries")
        return check(value[names.index(name)])

    return section.get(key, default, pick, f"{allowed}, or a list of {len(names)}")


def _numbers(value: Any) -> list[float]:
    if not isinstance(value, list):
        raise TypeError
    return [number(entry) for entry in value]


def _names_among(names: list[str]) -> Callable[[Any], list[str]]:
    def check(value: Any) -> list[str]:
        given = [value] if isinstance(value, str) else value
        if not isinstance(given, list) or any(entry not in names for entry in given):
            raise TypeError
        return given

    return check
