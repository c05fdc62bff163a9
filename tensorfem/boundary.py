"""Boundary conditions, face by face."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tensorfem.checks import is_number


@dataclass(frozen=True, eq=False)
class Dirichlet:
    """The value of u on a face: a number, a string or a function of all coordinates."""

    value: Any


@dataclass(frozen=True, eq=False)
class Neumann:
    """The flux ``a du/dn`` into the box through a face, n pointing outwards: a number, a string or a function of all coordinates."""

    flux: Any


@dataclass(frozen=True, eq=False)
class Robin:
    """The condition ``a du/dn + coefficient u = flux`` on a face; with an ambient value, flux = coefficient * ambient.

    Parameters
    ----------
    coefficient : float
        At least 0.
    flux, ambient : number, string or function of all coordinates
        One of the two; without either the flux is 0.

    Raises
    ------
    ValueError
        If the coefficient is no finite number of at least 0, or both flux and ambient are given.
    """

    coefficient: float
    flux: Any = None
    ambient: Any = None

    def __post_init__(self) -> None:
        if callable(self.coefficient) or isinstance(self.coefficient, str):
            raise ValueError(
                f"Robin: the coefficient {self.coefficient!r} varies over its face, which is not supported yet; "
                "allowed is a number >= 0 (flux and ambient may vary)"
            )
        if not is_number(self.coefficient) or not 0 <= self.coefficient <= sys.float_info.max:
            raise ValueError(f"Robin: got coefficient {self.coefficient!r}; allowed is a finite number >= 0")
        if self.flux is not None and self.ambient is not None:
            raise ValueError("Robin: got both flux and ambient; give one of them (flux = coefficient * ambient)")

    @property
    def datum(self) -> Any:
        """What varies: the ambient value or the flux."""
        return self.ambient if self.ambient is not None else (0.0 if self.flux is None else self.flux)

    @property
    def factor(self) -> float:
        """What the datum is multiplied by to be a flux."""
        return float(self.coefficient) if self.ambient is not None else 1.0


Condition = Dirichlet | Neumann | Robin
CONDITIONS = (Dirichlet, Neumann, Robin)


def conditions_by_face(boundary: Any, faces: tuple[str, ...]) -> dict[str, Condition]:
    """The condition of every face, from what a caller gives.

    Parameters
    ----------
    boundary : condition, datum, mapping or None
        One condition for all faces; a number, string or function (a Dirichlet value for all faces); or a mapping from faces, tuples of
        faces, and "*" (all faces not named) to these.
    faces : tuple of str
        Those that the space has: none on periodic axes.

    Raises
    ------
    ValueError
        For an unknown face, a face given twice or not at all, a value that is no condition.
    """
    if boundary is None:
        boundary = {}
    if not isinstance(boundary, Mapping):
        if not faces:
            raise ValueError(f"boundary: got {boundary!r}, but {_allowed(faces)}; leave boundary out")
        boundary = {"*": boundary}
    found: dict[str, Condition] = {}
    for key, given in boundary.items():
        for face in key if isinstance(key, tuple) else (key,):
            if face != "*" and face not in faces:
                raise ValueError(f"boundary: unknown face {_quoted(face)}; {_allowed(faces)}")
            if face in found:
                raise ValueError(f"boundary: face {_quoted(face)} is given twice; name each face once")
            found[face] = _condition(given, face)
    rest = found.pop("*", None)
    missing = [face for face in faces if face not in found]
    if missing and rest is None:
        who, them = (
            (f"face {_quoted(missing[0])} has", "it") if len(missing) == 1 else (f"faces {', '.join(map(_quoted, missing))} have", "them")
        )
        raise ValueError(f'boundary: {who} no condition; name {them}, or cover all unnamed faces with "*"')
    return {face: found.get(face, rest) for face in faces}  # type: ignore[misc]


def _condition(given: Any, face: str) -> Condition:
    if isinstance(given, CONDITIONS):
        return given
    if is_number(given) or isinstance(given, str) or (callable(given) and given not in CONDITIONS):
        return Dirichlet(given)
    raise ValueError(
        f"boundary: face {_quoted(face)} has {given!r} ({type(given).__name__}); "
        "allowed are Dirichlet(value), Neumann(flux), Robin(coefficient, flux=, ambient=), "
        "or a number, string or function, which is a Dirichlet value"
    )


def _quoted(face: Any) -> str:
    return f'"{face}"' if isinstance(face, str) else repr(face)


def _allowed(faces: tuple[str, ...]) -> str:
    if not faces:
        return "all axes of this space are periodic, and it has no faces"
    return f"the faces of this space are {', '.join(map(_quoted, faces))} (periodic axes have none)"
