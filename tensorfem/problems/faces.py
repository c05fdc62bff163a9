"""Boundary data on faces: the loads of fluxes, and the coefficients that lift Dirichlet values."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tensorfem.boundary import Condition, Dirichlet, Neumann, Robin
from tensorfem.coefficient import Datum
from tensorfem.kron.mode_solve import mode_solve
from tensorfem.load_vector import AxisLoad, load
from tensorfem.space import Space

FloatArray = NDArray[np.float64]
AGREEMENT = 1e-10  # of the data's size: two faces' values on a shared edge may differ by so much
ON_CONFLICT = ("error", "average")


@dataclass(frozen=True)
class Face:
    """One face of a space's box, by its name: "x-" is the start of axis x."""

    space: Space
    name: str

    @property
    def axis(self) -> int:
        """The axis that the face is normal to."""
        return self.space.names.index(self.name[:-1])

    @property
    def side(self) -> int:
        """0 at the axis' start, -1 at its end: the index of the face's unknowns."""
        return 0 if self.name[-1] == "-" else -1

    @property
    def place(self) -> float:
        """The coordinate of the face along its axis."""
        return self.space.bounds[self.axis][self.side]

    def of(self, array: FloatArray) -> FloatArray:
        """The view of the face's entries, the axis kept with length 1."""
        index = slice(0, 1) if self.side == 0 else slice(-1, None)
        return array[(slice(None),) * self.axis + (index,)]

    @property
    def coordinates(self) -> tuple[FloatArray, ...]:
        """The face's nodes as open arrays."""
        return tuple(np.full((1,) * x.ndim, self.place) if i == self.axis else x for i, x in enumerate(self.space.coordinates))


def face_datum(space: Space, name: str, condition: Condition) -> Datum:
    """What varies over a face, as a checked function: the Dirichlet value, the flux, or the ambient value.

    Raises
    ------
    ValueError
        If it is no number, string or callable, or a string that does not parse.
    """
    given = condition.value if isinstance(condition, Dirichlet) else condition.flux if isinstance(condition, Neumann) else condition.datum
    return Datum(given, space.names, f'boundary, face "{name}"')


def flux_load(space: Space, name: str, flux: Datum, functions: Sequence[slice]) -> FloatArray:
    """The integrals of a flux over a face against those of the face's basis functions that are wanted; the face's axis has length 1."""
    face = Face(space, name)
    return load(
        [
            AxisLoad.at(face.place) if i == face.axis else AxisLoad.over(basis).restricted(own)
            for i, (basis, own) in enumerate(zip(space.bases, functions, strict=True))
        ],
        flux,
    )


def add_fluxes(space: Space, conditions: dict[str, Condition], free: Sequence[slice], target: FloatArray) -> None:
    """Add the loads of all Neumann and Robin faces to the load vector of the free unknowns, in place; those faces' own are among them."""
    for name, condition in conditions.items():
        if isinstance(condition, Dirichlet):
            continue
        flux, factor = face_datum(space, name, condition), condition.factor if isinstance(condition, Robin) else 1.0
        if flux.constant != 0:
            Face(space, name).of(target)[...] += factor * flux_load(space, name, flux, free)


def lifting(space: Space, conditions: dict[str, Condition], on_conflict: str) -> FloatArray | None:
    """Coefficients of a function that takes the Dirichlet values, zero on all free unknowns; None where all values are zero.

    Splines interpolate at the Greville points of the face: edges get the same coefficients from all their faces.

    Raises
    ------
    ValueError
        If a datum fails, or two faces' values differ on a shared edge by more than 1e-10 of the data's size (unless `on_conflict` is
        "average": then a node shared by m Dirichlet faces takes the mean of the m values).
    """
    faces = [Face(space, name) for name, condition in conditions.items() if isinstance(condition, Dirichlet)]
    data = [face_datum(space, face.name, conditions[face.name]) for face in faces]
    if all(datum.constant == 0 for datum in data):
        return None
    values = [datum(*face.coordinates) for face, datum in zip(faces, data, strict=True)]
    size = max((float(np.max(np.abs(v))) for v in values), default=0.0)
    if on_conflict == "error":
        for (one, mine), (other, theirs) in itertools.combinations(zip(faces, values, strict=True), 2):
            if one.axis != other.axis:
                _check_edge(one, mine, other, theirs, AGREEMENT * size)
    if size == 0.0:
        return None
    result = np.zeros(space.shape)
    for face in faces:
        coefficients = _averaged(face, faces, values)
        for axis, basis in enumerate(space.bases):
            if axis != face.axis and not basis.nodal:
                coefficients = mode_solve(basis.collocation, coefficients, axis)
        face.of(result)[...] = coefficients
    return result


def _check_edge(one: Face, mine: FloatArray, other: Face, theirs: FloatArray, allowed: float) -> None:
    left, right = other.of(mine), one.of(theirs)
    difference = np.abs(left - right)
    if difference.max() <= allowed:
        return
    index = np.unravel_index(int(difference.argmax()), difference.shape)
    ends = {face.axis: np.full(1, face.place) for face in (one, other)}
    nodes = [ends.get(axis, x) for axis, x in enumerate(one.space.nodes)]
    place = ", ".join(f"{name} = {x[i]:.6g}" for name, x, i in zip(one.space.names, nodes, index, strict=True))
    raise ValueError(
        f'boundary: the Dirichlet values of faces "{one.name}" and "{other.name}" differ at {place}: '
        f"{left[index]:.10g} and {right[index]:.10g}; "
        'make them agree, or pass on_conflict="average"'
    )


def _averaged(face: Face, faces: list[Face], values: list[FloatArray]) -> FloatArray:
    """A face's own values; at nodes shared with other Dirichlet faces the mean over all of them."""
    total = np.array(values[faces.index(face)])
    count = np.ones_like(total)
    for other, theirs in zip(faces, values, strict=True):
        if other.axis != face.axis:
            other.of(total)[...] += face.of(theirs)
            other.of(count)[...] += 1
    return np.asarray(total / count)
