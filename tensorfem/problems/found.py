"""Coefficients as they are found to be: numbers, functions of one coordinate each, or samples in all cells."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.checks import is_number
from tensorfem.coefficient import Datum, Product, Sum
from tensorfem.problems.cell_values import CellValues
from tensorfem.problems.coefficient_data import function_of, is_of_all_coordinates, is_tensor
from tensorfem.problems.coefficients import (
    AxisCoefficient,
    axis_coefficients,
    diffusion_coefficients,
    number_per_axis,
    reaction_coefficients,
)
from tensorfem.problems.form import exact_sum
from tensorfem.problems.gauss_grid import GaussGrid
from tensorfem.problems.separability import Separability
from tensorfem.problems.tensor import Tensor, place
from tensorfem.space import Space

FloatArray = NDArray[np.float64]
PER_AXIS, MULTIPLIED, ADDED = "one per axis", "multiplied", "added"  # what functions of one coordinate each make
SPELLED = {
    PER_AXIS: "one function per axis",
    MULTIPLIED: "a product of functions of one coordinate",
    ADDED: "a sum of functions of one coordinate",
}


@dataclass(frozen=True, eq=False)
class Coefficient:
    """A coefficient of the equation, in the simplest form that it was found to have.

    Attributes
    ----------
    axes : tuple of AxisCoefficient or None
        One function per axis, where it has that form.
    how : {"one per axis", "multiplied", "added"}
        What these make: a diagonal tensor, or a number.
    samples : (k, \\*grid) array or None
        Its values in the cells or at the Gauss points, as a `CellOperator` takes them, where they were looked at.
    words : str
        What was found.
    terms : list of lists of arrays, or None
        A sum of products that a formula was split into: samples along each axis, as those of the grid.
    """

    axes: tuple[AxisCoefficient, ...] | None
    how: str
    samples: FloatArray | None
    words: str
    terms: list[list[FloatArray]] | None = None

    @classmethod
    def of_axes(cls, axes: tuple[AxisCoefficient, ...], how: str, samples: FloatArray | None = None) -> "Coefficient":
        """Functions of one coordinate each."""
        numbers = [axis.least for axis in axes] if not any(axis.varies for axis in axes) else []
        return cls(axes, how, samples, _words_of_numbers(numbers, how) if numbers else SPELLED[how])

    @property
    def is_zero(self) -> bool:
        """Whether it is zero everywhere."""
        return self.axes is not None and not any(axis.varies for axis in self.axes) and exact_sum([a.least for a in self.axes]) == 0

    def extent(self, space: Space) -> tuple[float, float]:
        """The mean and the least value of a reaction."""
        if self.axes is not None:
            return sum(axis.mean for axis in self.axes), exact_sum([axis.least for axis in self.axes])
        samples = np.zeros(()) if self.samples is None else self.samples[0]
        return GaussGrid(space).mean(samples), float(samples.min())

    def varies_in(self, space: Space) -> bool:
        """Whether one number per cell does not tell all."""
        if self.samples is None:
            return any(axis.varies for axis in self.axes or ())
        return self.samples.shape[1:] != GaussGrid(space, middles=True).shape

    def on(self, grid: GaussGrid) -> FloatArray:
        """Its samples on a grid: (k, \\*grid)."""
        if self.samples is None:
            return self._spread(grid)
        samples = self.samples
        for axis, (length, cells) in enumerate(zip(grid.shape, samples.shape[1:], strict=True), start=1):
            samples = samples if length == cells else np.repeat(samples, length // cells, axis=axis)
        return samples

    def _spread(self, grid: GaussGrid) -> FloatArray:
        lines = [grid.along(_values(axis, points), i) for i, (axis, points) in enumerate(zip(self.axes or (), grid.points, strict=True))]
        if self.how != PER_AXIS:
            combine = np.multiply if self.how == MULTIPLIED else np.add
            return np.asarray(functools.reduce(combine.outer, lines))[None]
        if not any(axis.varies for axis in self.axes or ()) and len({axis.least for axis in self.axes or ()}) == 1:
            return np.full((1, *grid.shape), lines[0][0])
        ones = [np.ones_like(line) for line in lines]
        return np.stack([functools.reduce(np.multiply.outer, [*ones[:i], line, *ones[i + 1 :]]) for i, line in enumerate(lines)])


def found_diffusion(space: Space, given: Any) -> Coefficient:
    """The diffusion of a problem; what may depend on all coordinates is sampled, and its structure found.

    Raises
    ------
    ValueError
        If it is nothing of what is allowed, or not positive somewhere.
    """
    if is_tensor(given):
        return _found_tensor(space, given)
    if is_of_all_coordinates(space, given):
        return _found(space, given, "diffusion", MULTIPLIED)
    if not (is_number(given) or isinstance(given, Product | tuple | list) or _is_function_of_one(space, given)):
        raise ValueError(
            f"diffusion: got {given!r}; allowed are a positive number, a string, function, Field, CellValues or array of all coordinates, "
            f"a tuple of {space.dimension} (one per axis), a Product, or a tensor as {space.dimension} rows"
        )
    axes, product = diffusion_coefficients(space, given)
    return Coefficient.of_axes(axes, MULTIPLIED if product else PER_AXIS)


def found_reaction(space: Space, given: Any) -> Coefficient:
    """The reaction of a problem, as of `found_diffusion`; it may have any sign.

    Raises
    ------
    ValueError
        If it is nothing of what is allowed.
    """
    if is_of_all_coordinates(space, given) and not is_tensor(given):
        return _found(space, given, "reaction", ADDED)
    if not (is_number(given) or isinstance(given, Sum) or _is_function_of_one(space, given)):
        raise ValueError(
            f"reaction: got {given!r}; allowed are a number, a string, function, Field, CellValues or array of all coordinates, or a Sum"
        )
    return Coefficient.of_axes(reaction_coefficients(space, given), ADDED)


def _is_function_of_one(space: Space, given: Any) -> bool:
    return space.dimension == 1 and (callable(given) or isinstance(given, str))


def _found(space: Space, given: Any, where: str, how: str) -> Coefficient:
    """A function of all coordinates: its samples, and functions of one coordinate each that make it, where it is made of such."""
    datum, grid = function_of(space, given, where), GaussGrid(space, middles=isinstance(given, CellValues))
    structure = Separability.of(datum, grid.points, product=how == MULTIPLIED)
    samples = grid.sample([datum], functools.partial(_look, structure, datum, where == "diffusion"))
    if not structure.holds:
        return Coefficient(None, how, samples, f"varies in all coordinates, one number {grid.words}", _split(datum, grid))
    axes = axis_coefficients(space, structure.factors)
    if how == MULTIPLIED and not any(axis.varies for axis in axes):
        return Coefficient.of_axes(number_per_axis(float(np.prod([axis.mean for axis in axes])), space.dimension), PER_AXIS)
    return Coefficient.of_axes(axes, PER_AXIS if space.dimension == 1 else how, samples)


def _split(datum: Datum, grid: GaussGrid) -> list[list[FloatArray]] | None:
    """A formula as a sum of products, where it is seen to be one."""
    terms = datum.products(grid.points)
    if terms is None:
        return None
    return [
        [grid.along(np.array(np.broadcast_to(factor, x.shape)), i) for i, (factor, x) in enumerate(zip(term, grid.points, strict=True))]
        for term in terms
    ]


def _look(
    structure: Separability, datum: Datum, positive: bool, samples: Sequence[FloatArray], coordinates: tuple[FloatArray, ...], slab: slice
) -> None:
    (values,) = samples
    if positive and values.min() <= 0:
        wrong = values <= 0
        raise ValueError(
            f"{datum.where}: the value is {values[tuple(np.argwhere(wrong)[0])]:.6g} at {place(datum.names, coordinates, wrong)}; "
            "diffusion must be positive everywhere"
        )
    structure.look(values, slab)


def _found_tensor(space: Space, given: Any) -> Coefficient:
    tensor = Tensor(space, given, "diffusion")
    if tensor.isotropic:
        return found_diffusion(space, given[0][0])
    grid = GaussGrid(space, middles=all(isinstance(entry, CellValues) or is_number(entry) for row in given for entry in row))
    samples = grid.sample(tensor.data, tensor.look, kept=len(tensor.entries))
    constant = all(datum.constant is not None for datum in tensor.data)
    if constant and tensor.diagonal:
        return Coefficient.of_axes(tuple(number_per_axis(float(part.flat[0]), 1)[0] for part in samples), PER_AXIS)
    kind = f"{'constant' if constant else 'varying'} {'diagonal' if tensor.diagonal else 'full'} tensor"
    return Coefficient(None, PER_AXIS, samples, f"a {kind}, {len(samples)} numbers {grid.words}")


def _values(axis: AxisCoefficient, points: FloatArray) -> FloatArray:
    return np.array(np.broadcast_to(axis.weight(points) if callable(axis.weight) else axis.weight, points.shape), dtype=float)


def _words_of_numbers(numbers: Sequence[float], how: str) -> str:
    if how == PER_AXIS and len(set(numbers)) > 1:
        return f"the numbers {', '.join(f'{number:.6g}' for number in numbers)} along the axes"
    return f"the number {(sum(numbers) if how == ADDED else numbers[0]):.6g}"
