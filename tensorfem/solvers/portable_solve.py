"""Fast diagonalization for right-hand sides of other array libraries."""

import math
from collections.abc import Callable
from typing import Any

from tensorfem.kron import Array, KroneckerSum, outer
from tensorfem.kron.portable.application import as_field, placed
from tensorfem.kron.portable.inverse import PlacedInverse
from tensorfem.kron.portable.place import Place, as_number, is_traced
from tensorfem.kron.refinement import refine
from tensorfem.solvers.solution import LinearSolution


class PortableSolve:
    """A function of right-hand sides of any array library, for one Kronecker sum; what is computed of its axes is computed once.

    Parameters
    ----------
    operator : KroneckerSum
    mixed : bool
        Whether the inverse is applied in single precision and refined.
    """

    def __init__(self, operator: KroneckerSum, *, mixed: bool = False) -> None:
        self.operator = operator
        self.mixed = mixed
        self._inverses: dict[Place, PlacedInverse] = {}

    def __call__(self, rhs: Any) -> LinearSolution:
        """Solve for a field, a batch of fields or a flat vector; the solution is of the same library, device and type.

        Raises
        ------
        ValueError
            If the array has another shape, is not of floating-point numbers, or not finite.
        """
        shape = self.operator.output_shape
        field, form = as_field(rhs, shape, shape, "rhs")
        place = Place.of("rhs", rhs)
        _require_finite(place, field)
        null = _NullMode(self.operator, place) if self.operator.null_vector is not None else None
        defect: Any = 0.0
        if null is not None:
            defect, field = null.project(field)
        value, iterations, residuals = self._solved(place, field)
        if null is not None:
            value = null.normalized(value)
        known = place.xp.reshape(field, form)
        value = place.xp.reshape(value, form)
        return LinearSolution(value, True, "direct", iterations, residuals, defect, self.operator, known)

    def _solved(self, place: Place, field: Any) -> tuple[Any, int, tuple[float, ...]]:
        if not self.mixed or place.dtype == place.single:
            return self.inverse(place).solve(field), 0, ()
        single = Place(place.xp, place.device, place.single)
        done = refine(self.inverse(single).solve, placed(self.operator, place).apply, field, single=place.single)
        return done.value, len(done.residuals) - 1, done.residuals

    def inverse(self, place: Place) -> PlacedInverse:
        """The inverse at a place, made once; not kept while JAX traces, whose arrays are valid only then."""
        if place.device is None:
            return PlacedInverse.of(self.operator, place)
        if place not in self._inverses:
            self._inverses[place] = PlacedInverse.of(self.operator, place)
        return self._inverses[place]


class _NullMode:
    """The null vector z and M z beside a field; sums go over the last axes, so that batches are treated one by one."""

    def __init__(self, operator: KroneckerSum, place: Place) -> None:
        factors: tuple[Array, ...] = operator.null_vector or ()
        self._place = place
        self._vector, self._mass_vector = place.put(outer(factors)), place.put(operator.mass_vector(factors))
        self._weight = math.prod(float(z @ (pencil.mass @ z)) for z, pencil in zip(factors, operator.pencils, strict=True))
        self._dot = _dot_over(place, len(factors))

    def project(self, field: Any) -> tuple[Any, Any]:
        """The defect ``z^T b`` (one for each field of a batch) and b less ``M z (z^T b) / (z^T M z)``."""
        component = self._dot(self._vector, field)
        one = math.prod(component.shape) == 1 and not is_traced(component)
        defect = as_number(self._place.xp.reshape(component, ())) if one else component
        return defect, field - self._mass_vector * (component / self._weight)

    def normalized(self, value: Any) -> Any:
        """The solution of mean zero, by mass."""
        return value - self._vector * (self._dot(self._mass_vector, value) / self._weight)


def _dot_over(place: Place, dimension: int) -> Callable[[Any, Any], Any]:
    axes = tuple(range(-dimension, 0))
    return lambda one, other: place.xp.sum(one * other, axis=axes, keepdims=True)


def _require_finite(place: Place, field: Any) -> None:
    if not is_traced(field) and not bool(place.xp.all(place.xp.isfinite(field))):
        raise ValueError("rhs: an entry is not finite; all must be")
