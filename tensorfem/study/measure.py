"""What a study measures on one level: norms of an error, and quantities that the user names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.checks import is_number, real
from tensorfem.field import Field
from tensorfem.kron import mode_product

FloatArray = NDArray[np.float64]
NORMS = ("l2", "h1", "linf", "nodal")
THE_QUANTITY = "quantity"  # what a quantity without a name is called


def error_norms(field: Field, exact: Any, gradient: Any = None) -> dict[str, float]:
    """The error of a field: in L2, in H1 where a gradient is known, over Gauss points and nodes (linf), and over the nodes alone."""
    values, coordinates = field.values, field.space.coordinates
    norms = {"l2": field.l2_error(exact)}
    if gradient is not None:
        norms["h1"] = float(np.hypot(norms["l2"], field.h1_seminorm_error(gradient)))
    norms["linf"] = field.linf_error(exact)
    norms["nodal"] = float(np.max(np.abs(values - field.space.datum(exact, "exact")(*coordinates))))
    return norms


def field_norms(field: Field) -> dict[str, float]:
    """The norms of the field itself, which say what rounding its errors can have."""
    return error_norms(field, 0.0, (0.0,) * field.space.dimension)


@dataclass(frozen=True, eq=False)
class OnGrid:
    """A field as a function of open coordinate arrays, as `Field.l2_error` calls an exact solution: axis by axis, not point by point."""

    field: Field

    def __call__(self, *coordinates: FloatArray) -> FloatArray:
        """Values on the grid of the coordinates."""
        return self._derivative(coordinates, None)

    def gradient(self, *coordinates: FloatArray) -> tuple[FloatArray, ...]:
        """The derivatives along all axes."""
        return tuple(self._derivative(coordinates, axis) for axis in range(len(coordinates)))

    def _derivative(self, coordinates: tuple[FloatArray, ...], along: int | None) -> FloatArray:
        result = self.field.coefficients
        for axis, (basis, points) in enumerate(zip(self.field.space.bases, coordinates, strict=True)):
            result = mode_product(basis.evaluate(np.ravel(points), int(axis == along)), result, axis)
        return result


@dataclass(frozen=True, eq=False)
class Aims:
    """What is measured, checked.

    Attributes
    ----------
    exact, gradient
        The exact solution and its gradient, or None.
    quantities : mapping of str to function of a Field
    targets : mapping of str to float
        The exact values of quantities, as far as they are known.
    named : bool
        Whether the quantities came with names.
    """

    exact: Any
    gradient: Any
    quantities: Mapping[str, Callable[[Field], Any]]
    targets: Mapping[str, float]
    named: bool

    @classmethod
    def of(cls, exact: Any, exact_gradient: Any, quantity: Any) -> "Aims":
        """From the arguments of `refinement_study`.

        Raises
        ------
        ValueError
            If there is nothing to measure, a quantity is no function, or an exact value belongs to none.
        """
        named = isinstance(quantity, Mapping)
        quantities = dict(quantity) if named else {} if quantity is None else {THE_QUANTITY: quantity}
        for name, function in quantities.items():
            if not callable(function) or not isinstance(name, str) or name in NORMS:
                raise ValueError(
                    f"quantity: got {name!r}: {function!r}; allowed is a function of a Field, or a mapping from names "
                    f"(other than {', '.join(NORMS)}) to such functions"
                )
        targets: Mapping[str, float] = {}
        if quantities and (is_number(exact) or isinstance(exact, Mapping)):
            targets, exact = _targets(exact, tuple(quantities)), None
        if exact is None and not quantities:
            raise ValueError("exact: a study needs an exact solution, or a quantity=lambda u: ... such as u(0.5, 0.5) or u.integral()")
        if exact is None and exact_gradient is not None:
            raise ValueError("exact_gradient: there is no exact solution that it could belong to; give exact too")
        exact = OnGrid(exact) if isinstance(exact, Field) else exact
        gradient = exact_gradient if exact_gradient is not None else getattr(exact, "gradient", None)
        return cls(exact, gradient, quantities, targets, named)

    def values(self, field: Field) -> dict[str, float]:
        """The quantities of a field.

        Raises
        ------
        ValueError
            If one is not a finite real number.
        """
        return {name: _number(function(field), name) for name, function in self.quantities.items()}


def _targets(exact: Any, names: tuple[str, ...]) -> dict[str, float]:
    given = exact if isinstance(exact, Mapping) else dict.fromkeys(names, exact) if len(names) == 1 else {}
    unknown = [name for name in given if name not in names]
    if unknown or not given:
        raise ValueError(f"exact: got {exact!r}; allowed is a mapping from quantities ({', '.join(names)}) to their exact values")
    return {name: real(value, f'exact, "{name}"') for name, value in given.items()}


def _number(value: Any, name: str) -> float:
    array = np.asarray(value)
    if array.size != 1 or array.dtype.kind not in "iuf" or not np.isfinite(array).all():
        raise ValueError(f'quantity "{name}": returned {value!r}; allowed is one finite real number, such as u(0.5, 0.5) or u.integral()')
    return float(array.reshape(()))
