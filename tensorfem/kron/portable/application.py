"""Operators applied to fields of any array library: matrix products along the axes."""

import functools
import math
import operator as operators
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tensorfem.kron.mode_product import as_dense
from tensorfem.kron.portable.place import Place


def along(place: Place, matrix: Any, array: Any, axis: int) -> Any:
    """Apply a dense matrix along one axis of an array, counted from the last: the mode product."""
    xp, shape = place.xp, tuple(array.shape)
    position = len(shape) + axis
    before, after = shape[:position], shape[position + 1 :]
    lead, trail = math.prod(before), math.prod(after)
    if trail == 1:
        product = xp.matmul(xp.reshape(array, (lead, shape[position])), matrix.T)
    else:
        product = xp.matmul(matrix, xp.reshape(array, (lead, shape[position], trail)))
    return xp.reshape(product, (*before, matrix.shape[0], *after))


@dataclass(frozen=True, eq=False)
class PlacedSum:
    """A Kronecker sum with its one-dimensional matrices beside the field.

    Attributes
    ----------
    place : Place
    stiffness, masses : sequences of (m_i, n_i) arrays there
        A mass may be None, the identity. Rectangular ones couple a whole space to its free unknowns.
    shift : number, or array without axes
    """

    place: Place
    stiffness: Sequence[Any]
    masses: Sequence[Any]
    shift: Any

    def apply(self, array: Any) -> Any:
        """Map an array of shape (\\*batch, n_0, n_1, ...), in the nested form of `apply_sum`."""
        dimension = len(self.stiffness)
        product, total = array, self.shift * array
        for axis in range(-1, -dimension - 1, -1):
            total = along(self.place, self.stiffness[axis], product, axis) + self._mass(total, axis)
            product = self._mass(product, axis) if axis > -dimension else product
        return total

    def _mass(self, array: Any, axis: int) -> Any:
        mass = self.masses[axis]
        return array if mass is None else along(self.place, mass, array, axis)


@dataclass(frozen=True, eq=False)
class PlacedProducts:
    """A sum of Kronecker products with their matrices beside the field: for each product one (m_i, n_i) array per axis."""

    place: Place
    terms: Sequence[Sequence[Any]]

    def apply(self, array: Any) -> Any:
        """Map an array of shape (\\*batch, n_0, n_1, ...)."""
        return functools.reduce(operators.add, (self._product(factors, array) for factors in self.terms))

    def _product(self, factors: Sequence[Any], array: Any) -> Any:
        for axis, factor in zip(range(-len(factors), 0), factors, strict=True):
            array = along(self.place, factor, array, axis)
        return array


def placed(operator: Any, place: Place) -> PlacedSum | PlacedProducts:
    """An operator with its matrices placed: a Kronecker sum, or anything that is a sum of Kronecker products.

    Raises
    ------
    ValueError
        If the operator is no such sum, or is complex where the place has real numbers.
    """
    if np.issubdtype(operator.dtype, np.complexfloating) and not place.xp.isdtype(place.dtype, "complex floating"):
        raise ValueError(f"matvec: got numbers of type {place.dtype}; the operator is complex: make the array complex first")
    if hasattr(operator, "pencils"):
        masses = [None if pencil.unit_mass else _put(pencil.mass, place) for pencil in operator.pencils]
        return PlacedSum(place, [_put(pencil.stiffness, place) for pencil in operator.pencils], masses, operator.shift)
    if not hasattr(operator, "terms"):
        raise ValueError(f"matvec: {operator!r} is no sum of Kronecker products; it takes NumPy arrays only: convert the array first")
    return PlacedProducts(place, [[_put(factor, place) for factor in term.factors] for term in operator.terms])


def _put(matrix: Any, place: Place) -> Any:
    return place.put(as_dense(matrix))


def apply(operator: Any, array: Any) -> Any:
    """Apply an operator to a field of another library, a batch of fields or a flat vector; the result is of that library.

    Parameters
    ----------
    operator : KroneckerOperator
    array : array of floating-point numbers of shape (\\*batch, \\*input_shape) or (N,)

    Raises
    ------
    ValueError
        If the array has another shape or type, or the operator is no sum of Kronecker products.
    """
    field, form = as_field(array, operator.input_shape, operator.output_shape, "matvec")
    place = Place.of("matvec", array)
    return place.xp.reshape(_kept(operator, place).apply(field), form)


def apply_adjoint(operator: Any, array: Any) -> Any:
    """Apply the adjoint of an operator, as `apply` applies the operator itself."""
    xp = Place.of("rmatvec", array).xp

    def conjugate(numbers: Any) -> Any:
        return xp.conj(numbers) if xp.isdtype(numbers.dtype, "complex floating") else numbers

    return conjugate(apply(operator.T, conjugate(array)))


def as_field(array: Any, input_shape: Sequence[int], output_shape: Sequence[int], name: str) -> tuple[Any, tuple[int, ...]]:
    """An array as fields, and the shape that the result of an operator is to have.

    Raises
    ------
    ValueError
        If the array is neither flat nor ends in the fields' shape.
    """
    place, shape, dimension = Place.of(name, array), tuple(array.shape), len(input_shape)
    if shape == (math.prod(input_shape),):
        return place.xp.reshape(array, tuple(input_shape)), (math.prod(output_shape),)
    if shape[len(shape) - dimension :] != tuple(input_shape) or len(shape) < dimension:
        raise ValueError(
            f"{name}: got an array of shape {shape}; allowed are {tuple(input_shape)}, batches of it, and ({math.prod(input_shape)},)"
        )
    return array, (*shape[: len(shape) - dimension], *output_shape)


def _kept(operator: Any, place: Place) -> Any:
    """The placed operator, made once for each place: operators are frozen values. What JAX traces is not kept."""
    if place.device is None:
        return placed(operator, place)
    made = vars(operator).setdefault("_placed", {})
    if place not in made:
        made[place] = placed(operator, place)
    return made[place]
