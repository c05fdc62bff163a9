"""What a field is as plain numbers and texts, for its file: the space by its settings and mesh nodes, the coefficients, the report."""

import os
import reprlib
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.axis import Basis, Mesh
from tensorfem.box import BASES
from tensorfem.export import read_npz, write_npz
from tensorfem.export.npz import Format
from tensorfem.report import Report
from tensorfem.space import Space

FORMAT = Format("tensorfem field", version=1)
SETTINGS = ("degree", "continuity")  # of those bases that have them
FloatArray = NDArray[np.float64]


def save(path: str | os.PathLike[str], space: Space, coefficients: FloatArray, report: Report | None, *, overwrite: bool = True) -> None:
    """Write a field to a file, from which `restore` makes it again.

    Raises
    ------
    ValueError
        If a basis is of a kind that files do not know.
    OSError
        If the file cannot be written.
    """
    nodes = {_nodes(axis): basis.mesh.nodes for axis, basis in enumerate(space.bases)}
    axes = [describe(basis) for basis in space.bases]
    header = {"axes": axes, "report": None if report is None else plain(asdict(report))}
    write_npz(path, FORMAT, header, {"coefficients": coefficients, **nodes}, overwrite=overwrite)


def restore(path: str | os.PathLike[str]) -> tuple[Space, FloatArray, Report | None]:
    """The space, coefficients and report of a field in a file.

    Raises
    ------
    ValueError
        If the file is of another kind or version, or damaged.
    MemoryError
        If the field does not fit into memory.
    OSError
        If the file cannot be read.
    """
    header, arrays = read_npz(path, FORMAT)
    try:
        space = _space(header.get("axes"), arrays)
        coefficients = space.checked_nodal(arrays["coefficients"], "coefficients")
        return space, coefficients, _report(header.get("report"))
    except (ValueError, KeyError) as error:
        what = f"no array {error}" if isinstance(error, KeyError) else str(error)
        raise ValueError(f"path: {os.fspath(path)!r} holds no right field: {what}; write it anew") from error


def _nodes(axis: int) -> str:
    return f"nodes_{axis}"


def describe(basis: Basis) -> dict[str, Any]:
    """A basis but for the nodes of its mesh, as JSON can hold it.

    Raises
    ------
    ValueError
        If it is of a kind that files do not know.

    Examples
    --------
    >>> from tensorfem.axis import BSpline, interval
    >>> describe(BSpline(interval(0, 1, cells=4, periodic=True), degree=3))
    {'basis': 'bspline', 'degree': 3, 'continuity': 2, 'periodic': True}
    """
    kinds = {kind: name for name, kind in BASES.items()}
    if type(basis) not in kinds:
        raise ValueError(f"space: files do not know the basis {basis!r}; they know {', '.join(map(repr, BASES))}")
    settings = {name: getattr(basis, name) for name in SETTINGS if hasattr(basis, name)}
    return {"basis": kinds[type(basis)], **settings, "periodic": basis.mesh.periodic}


def facts(space: Space, report: Report | None) -> dict[str, Any]:
    """A space and a report in words and numbers, one entry per axis where it has one, for the attributes of labelled arrays.

    Examples
    --------
    >>> import tensorfem as tfem
    >>> facts(tfem.box(x=(0, 1), y=(0, 2), cells=(8, 4), degree=(3, 2), periodic="x"), None)
    {'title': 'tensorfem field', 'basis': 'lagrange, lagrange', 'degree': [3, 2], 'cells': [8, 4], 'lower': [0.0, 0.0],
     'upper': [1.0, 2.0], 'periodic': 'x'}
    """
    bases, (lower, upper) = space.bases, zip(*space.bounds, strict=True)
    return {
        "title": FORMAT.name,
        "basis": ", ".join(type(basis).__name__.lower() for basis in bases),
        "degree": [basis.degree for basis in bases],
        "cells": [basis.mesh.cells for basis in bases],
        "lower": list(lower),
        "upper": list(upper),
        "periodic": ", ".join(name for name, basis in zip(space.names, bases, strict=True) if basis.mesh.periodic) or "none",
        **({} if report is None else asdict(report)),
    }


def _space(axes: Any, arrays: Mapping[str, NDArray[Any]]) -> Space:
    if not isinstance(axes, list) or len(axes) != len(arrays) - 1:
        raise ValueError(
            f"axes: got {reprlib.repr(axes)} beside {len(arrays)} arrays; allowed is a list of one description per array of nodes"
        )
    return Space(*(_basis(described, arrays[_nodes(axis)]) for axis, described in enumerate(axes)))


def _basis(axis: Any, nodes: NDArray[Any]) -> Basis:
    """The basis of a description, which must be what `describe` gives of the basis made from it."""
    given = reprlib.repr(axis)
    if not isinstance(axis, dict) or not isinstance(axis.get("basis"), str) or axis["basis"] not in BASES:
        raise ValueError(f"axes: got {given}; allowed is a basis of {', '.join(map(repr, BASES))} with its settings")
    settings = {name: axis[name] for name in SETTINGS if name in axis}
    try:
        basis: Basis = BASES[axis["basis"]](Mesh(nodes, axis.get("periodic", False)), **settings)
    except TypeError as error:
        raise ValueError(f"axes: got {given}; {error}") from error
    if describe(basis) != axis:
        raise ValueError(f"axes: got {given}; allowed are the settings {describe(basis)!r}")
    return basis


def plain(value: Any) -> Any:
    """A value as JSON can hold it: mappings and sequences of numbers, texts and None; what is anything else becomes its text.

    Examples
    --------
    >>> plain({"shape": (3, np.int64(4)), "solver": {"Direct"}})
    {'shape': [3, 4], 'solver': "{'Direct'}"}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _report(described: Any) -> Report | None:
    """The report of these facts, or None if the report of this version has others: it is a note, the field does not depend on it."""
    if not isinstance(described, dict) or described.keys() != {field.name for field in fields(Report)}:
        return None
    entries: dict[str, Any] = {name: tuple(entry) if isinstance(entry, list) else entry for name, entry in described.items()}
    report = Report(**entries)
    try:
        str(report)
    except (ValueError, TypeError, AttributeError):
        return None
    return report
