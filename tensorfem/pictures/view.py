"""The part of a space that a picture shows, and the samples of functions on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from tensorfem.axis import Basis
from tensorfem.checks import is_number, real
from tensorfem.kron import KroneckerProduct
from tensorfem.load_vector import open_grid
from tensorfem.report import Report
from tensorfem.sampling import fine_points
from tensorfem.space import Space

FloatArray = NDArray[np.float64]
MOST_AXES = 3
DENSE = (2400, 400, 120)  # samples per axis beside another function, by the number of axes drawn


@runtime_checkable
class Discrete(Protocol):
    """What a picture needs of a field."""

    space: Space
    coefficients: FloatArray
    report: Report | None


@dataclass(frozen=True, eq=False)
class View:
    """A grid in a space, from end to end of some axes and at one place of the others.

    Attributes
    ----------
    space : Space
    points : tuple of arrays
        For each axis of the space its samples, one where the axis is fixed.
    axes : tuple of int
        The axes that are not fixed.
    at : tuple or None
        For each of these the places of slices, as `tensorfem.plotting.draw` takes them.
    """

    space: Space
    points: tuple[FloatArray, ...]
    axes: tuple[int, ...]
    at: tuple[Any, ...] | None

    @classmethod
    def of(cls, space: Space, at: Any = None, beside: Any = None) -> "View":
        """The view of a space, fine enough for a second function too: a field, or one that no cells of this space resolve.

        Raises
        ------
        ValueError
            If `at` names an unknown axis or a place outside the box, or leaves no axis or more than three.

        Examples
        --------
        >>> import tensorfem as tfem
        >>> view = View.of(tfem.box(x=(0, 4), y=(0, 3), z=(0, 2), cells=(4, 3, 2)), {"y": 1.5})
        >>> view.names, view.where, view.shape
        (('x', 'z'), ' at y = 1.5', (5, 3))
        """
        places = dict(at) if isinstance(at, Mapping) else {}
        unknown = [name for name in places if name not in space.names]
        if unknown:
            raise ValueError(f"at: got the axis {unknown[0]!r}; the axes of this field are {', '.join(space.names)}")
        fixed = {name: _inside(space, name, place) for name, place in places.items() if is_number(place)}
        axes = tuple(i for i, name in enumerate(space.names) if name not in fixed)
        _check_number(space, len(axes))
        fine = [_samples(space, beside, i, len(axes)) if name not in fixed else fixed[name] for i, name in enumerate(space.names)]
        rest = tuple(places.get(space.names[i], ()) for i in axes) if len(places) > len(fixed) else None
        return cls(space, tuple(fine), axes, rest if isinstance(at, Mapping) else at)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the axes that are not fixed."""
        return tuple(self.space.names[i] for i in self.axes)

    @property
    def coordinates(self) -> tuple[FloatArray, ...]:
        """The samples of the axes that are not fixed."""
        return tuple(self.points[i] for i in self.axes)

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of samples per axis that is not fixed."""
        return tuple(points.size for points in self.coordinates)

    @property
    def mesh(self) -> tuple[FloatArray, ...]:
        """The ends of the cells of the axes that are not fixed."""
        return tuple(self.space.bases[i].mesh.nodes for i in self.axes)

    @property
    def where(self) -> str:
        """The places of the fixed axes in words, to follow the field's name."""
        places = [f"{name} = {p[0]:g}" for i, (name, p) in enumerate(zip(self.space.names, self.points, strict=True)) if i not in self.axes]
        return f" at {', '.join(places)}" if places else ""

    def moved(self, coordinates: Sequence[FloatArray]) -> "View":
        """The same view with other samples of the axes that are not fixed."""
        points = list(self.points)
        for i, samples in zip(self.axes, coordinates, strict=True):
            points[i] = samples
        return View(self.space, tuple(points), self.axes, self.at)

    def samples(self, function: Any, name: str = "function", derivative: int | None = None) -> FloatArray:
        """Values, or a derivative along one axis of the space, of a field on this box; or values of a number, string or function.

        Raises
        ------
        ValueError
            If a field lives on another box, or a function fails; the message starts with `name`.
        """
        if not isinstance(function, Discrete):
            values = self.space.datum(function, name)(*open_grid(self.points))
        else:
            if function.space.bounds != self.space.bounds:
                raise ValueError(f"{name}: a field on the box {_box(function.space)}; this one lives on {_box(self.space)}")
            pairs = enumerate(zip(function.space.bases, self.points, strict=True))
            tables = (basis.evaluate(points, int(axis == derivative)) for axis, (basis, points) in pairs)
            values = KroneckerProduct(*tables).apply(function.coefficients)
        return np.ascontiguousarray(values.reshape(self.shape))

    def gradient(self, function: Any) -> FloatArray:
        """The derivatives of a field along the axes that are not fixed, leading."""
        return np.stack([self.samples(function, derivative=axis) for axis in self.axes])


def _samples(space: Space, beside: Any, axis: int, drawn: int) -> FloatArray:
    """The samples of an axis; beside another function more of them, since errors turn within a cell more often than the field."""
    basis = space.bases[axis]
    if beside is None:
        return fine_points(basis)
    candidates = [basis]
    if isinstance(beside, Discrete) and beside.space.bounds == space.bounds:
        candidates.append(beside.space.bases[axis])
    return max((_dense_points(basis, DENSE[drawn - 1]) for basis in candidates), key=len)


def _dense_points(basis: Basis, most: int) -> FloatArray:
    """The ends of cells, and points within, at most so many in all unless there are more cells."""
    parts = max(1, min(6 * (basis.degree + 1), most // basis.mesh.cells))
    ends = basis.mesh.nodes
    inner = ends[:-1, None] + basis.mesh.sizes[:, None] * (np.arange(parts) / parts)
    return np.append(inner.ravel(), ends[-1])


def _inside(space: Space, name: str, place: Any) -> FloatArray:
    low, high = space.bounds[space.names.index(name)]
    where = real(place, f"at: {name}")
    if not low <= where <= high:
        raise ValueError(f"at: {name} = {where:g} lies outside the box, where {name} goes from {low:g} to {high:g}")
    return np.array([where])


def _check_number(space: Space, left: int) -> None:
    if left == 0:
        raise ValueError("at: all axes are fixed; call the field for its value at a point")
    if left > MOST_AXES:
        example = ", ".join(f'"{name}": {sum(ends) / 2:g}' for name, ends in list(zip(space.names, space.bounds, strict=True))[2:])
        raise ValueError(f"at: {left} axes are left, at most {MOST_AXES} can be drawn; fix the others, for instance at={{{example}}}")


def _box(space: Space) -> str:
    return " x ".join(f"[{low:g}, {high:g}]" for low, high in space.bounds)
