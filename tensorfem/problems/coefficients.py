"""Coefficients of an elliptic problem, checked and sampled on the quadrature points of each axis."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.axis import Weight
from tensorfem.checks import is_number
from tensorfem.coefficient import Datum, Product, Sum, own_coordinate_data
from tensorfem.space import Space

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AxisCoefficient:
    """A coefficient that depends on one axis: a number or a checked function, and its values at that axis' quadrature points.

    Attributes
    ----------
    weight : float or function
        What the axis' matrices are weighted with.
    least, mean : float
        Smallest value and mean at the quadrature points.
    """

    weight: Weight
    least: float
    mean: float

    @property
    def varies(self) -> bool:
        """Whether it is a function and not a number."""
        return callable(self.weight)

    def less(self, amount: float) -> Callable[[FloatArray], FloatArray]:
        """The function less a number, nonnegative where that is its minimum up to rounding."""
        return lambda x: np.maximum(np.asarray(self.weight(x) if callable(self.weight) else self.weight) - amount, 0.0)


def number_per_axis(value: float, dimension: int) -> tuple[AxisCoefficient, ...]:
    """A number, once for each axis."""
    return (AxisCoefficient(value, value, value),) * dimension


def axis_coefficients(space: Space, data: Sequence[Callable[[FloatArray], FloatArray]]) -> tuple[AxisCoefficient, ...]:
    """Sample one function per axis at the quadrature points.

    Raises
    ------
    ValueError
        If a function fails or is not finite.
    """
    return tuple(_axis_coefficient(basis, datum) for basis, datum in zip(space.bases, data, strict=True))


def _axis_coefficient(basis: Any, datum: Callable[[FloatArray], FloatArray]) -> AxisCoefficient:
    rule = basis.mesh.quadrature(basis.degree + 1)
    values = datum(rule.points)
    least = float(values.min())
    if least == values.max():  # a function that is constant is a number, too: a reaction that is identically 0 leaves the null space
        return AxisCoefficient(least, least, least)
    return AxisCoefficient(datum, least, float(values @ rule.weights / rule.weights.sum()))


def diffusion_coefficients(space: Space, diffusion: Any) -> tuple[tuple[AxisCoefficient, ...], bool]:
    """The diffusion's axis coefficients, and whether they multiply one another (`Product`) or stand for one axis each.

    Raises
    ------
    ValueError
        If the diffusion is nothing of what is allowed, or not positive somewhere.
    """
    names = space.names
    product = isinstance(diffusion, Product)
    if isinstance(diffusion, Product):
        data = diffusion.data(names, "diffusion")
    elif is_number(diffusion):
        data = tuple(Datum(diffusion, (name,), "diffusion") for name in names)
    elif isinstance(diffusion, tuple | list):
        if len(diffusion) != len(names):
            raise ValueError(
                f"diffusion: got {len(diffusion)} entries, {diffusion!r}; this space has {len(names)} axes ({', '.join(names)})"
            )
        data = own_coordinate_data(tuple(diffusion), names, "diffusion")
    elif space.dimension == 1 and (callable(diffusion) or isinstance(diffusion, str)):
        data = own_coordinate_data((diffusion,), names, "diffusion")
    else:
        raise ValueError(
            _refusal("diffusion", diffusion, f"a positive number, a tuple of {len(names)} (one per axis) or a Product of them")
        )
    coefficients = axis_coefficients(space, data)
    for datum, coefficient in zip(data, coefficients, strict=True):
        if coefficient.least <= 0:
            raise ValueError(f"{datum.where}: the smallest value is {coefficient.least:g}; diffusion must be positive everywhere")
    if product and not any(c.varies for c in coefficients):
        return number_per_axis(float(np.prod([c.mean for c in coefficients])), len(names)), False
    return coefficients, product and len(names) > 1


def reaction_coefficients(space: Space, reaction: Any) -> tuple[AxisCoefficient, ...]:
    """The reaction as a sum of one coefficient per axis; a number stands at the first.

    Raises
    ------
    ValueError
        If the reaction is nothing of what is allowed.
    """
    names = space.names
    if isinstance(reaction, Sum):
        return axis_coefficients(space, reaction.data(names, "reaction"))
    if is_number(reaction):
        return axis_coefficients(space, tuple(Datum(value, names, "reaction") for value in (reaction, *[0.0] * (len(names) - 1))))
    if space.dimension == 1 and (callable(reaction) or isinstance(reaction, str)):
        return axis_coefficients(space, own_coordinate_data((reaction,), names, "reaction"))
    raise ValueError(_refusal("reaction", reaction, "a number or a Sum of functions of one coordinate each"))


def _refusal(where: str, given: Any, allowed: str) -> str:
    general = callable(given) or isinstance(given, str)
    what = f"{given!r} is a general function of all coordinates, which is not supported here" if general else f"got {given!r}"
    return f"{where}: {what}; allowed is {allowed}"
