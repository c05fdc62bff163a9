"""Which fit the data call for, and the bases that they call for."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from tensorfem.checks import choice, integer
from tensorfem.regression.axis_basis import AxisBasis, axis_basis
from tensorfem.regression.families import FAMILIES, Family
from tensorfem.regression.fit import Fit, grid_fit
from tensorfem.regression.level import constant, level_of, lowered
from tensorfem.regression.modes import axis_modes
from tensorfem.regression.normal import Design
from tensorfem.regression.observations import Observations
from tensorfem.regression.weighted_fit import weighted_fit

FloatArray = NDArray[np.float64]
Value = TypeVar("Value")
HIGHEST_DEGREE = 10
MINIMUM_NORM = "minimum norm"
DATA_PER_CELL, MOST_CELLS = 4, 40  # the default basis: a cell for every four points, and no more along an axis than are of use


def axis_bases(
    given: Any, data: Observations, domain: Sequence[tuple[float, float] | None] | None = None, degree: Any = 3
) -> tuple[AxisBasis, ...]:
    """One basis per axis, from what the user gave; splines of the degree (of one axis or all) on the domain, or the extent of the data.

    Raises
    ------
    ValueError
        If their number is not that of the axes, one is no basis or no degree, or one has a domain of its own beside the one given.
    """
    count = len(data.axes)
    if given is None:
        along = [np.unique(x).size for x in data.axes]
        share = MOST_CELLS if data.grid else round((data.count / DATA_PER_CELL) ** (1 / count))  # scattered points share the cells
        given = [max(1, min(MOST_CELLS, share, n // DATA_PER_CELL)) for n in along]
    if not isinstance(given, tuple | list):
        given = [given] * count
    if len(given) != count:
        raise ValueError(f"bases: got {len(given)}; the data have {count} axes")
    ends = domain or (None,) * count
    degrees = spread(degree, "degree", count, lambda value, name: integer(value, name, 1, HIGHEST_DEGREE))
    each = zip(given, data.axes, ends, degrees, strict=True)
    return tuple(axis_basis(basis, x, f"bases[{i}]", end, p) for i, (basis, x, end, p) in enumerate(each))


def spread(given: Any, name: str, count: int, checked: Callable[[Any, str], Value]) -> tuple[Value, ...]:
    """One checked value per axis, from one for all or a sequence.

    Raises
    ------
    ValueError
        If the number of values is not that of the axes, or one is not allowed.

    Examples
    --------
    >>> spread(2, "penalty", 3, lambda value, name: value)
    (2, 2, 2)
    """
    values = list(given) if np.ndim(given) else [given] * count
    if len(values) != count:
        raise ValueError(f"{name}: got {len(values)} values; the data have {count} axes")
    return tuple(checked(value, name if np.ndim(given) == 0 else f"{name}[{i}]") for i, value in enumerate(values))


def fitted(
    data: Observations,
    bases: Sequence[AxisBasis],
    orders: Sequence[int],
    smoothing: str | tuple[float, ...],
    *,
    family: str = "gaussian",
    robust: str | None = None,
) -> Fit:
    """Fit by the cheapest way that is exact: elementwise in the modes, or by reweighted normal equations.

    Raises
    ------
    ValueError
        If there are fewer data than coefficients and nothing is smoothed, or the data are none of the family.
    """
    minimum_norm = smoothing == MINIMUM_NORM
    weights = (0.0,) * len(bases) if minimum_norm else smoothing
    unknowns = math.prod(basis.size for basis in bases)
    if not minimum_norm and not isinstance(smoothing, str) and not any(smoothing) and data.count < unknowns:
        raise ValueError(
            f"smoothing: got 0, but {data.count} observations do not fix {unknowns} coefficients; "
            f'smooth ("gcv", or numbers > 0), ask for smoothing={MINIMUM_NORM!r}, or use fewer functions'
        )
    kind = _checked_family(family, data)
    matrices = tuple(basis.matrix(x) for basis, x in zip(bases, data.axes, strict=True))
    roots = tuple(
        _root(basis, order, None if isinstance(weights, str) else weights[i])
        for i, (basis, order) in enumerate(zip(bases, orders, strict=True))
    )
    modes = tuple(axis_modes(matrix, root) for matrix, root in zip(matrices, roots, strict=True))
    if kind.known_scale:
        return weighted_fit(data, Design(matrices, roots, modes, data.grid), weights, kind, robust)
    one = constant(matrices, roots)
    level = 0.0 if one is None else level_of(data)
    low = lowered(data, level)
    if data.grid and data.weights is None and robust is None:
        fit = grid_fit(modes, low.values, weights)
    else:
        fit = weighted_fit(low, Design(matrices, roots, modes, data.grid), weights, kind, robust)
    return fit if one is None else replace(fit, coefficients=fit.coefficients + level * one)


def _checked_family(name: str, data: Observations) -> Family:
    choice(name, "family", FAMILIES)
    observed = data.values if data.weights is None else data.values[data.weights > 0]
    wrong = FAMILIES[name].check(observed)
    if wrong:
        raise ValueError(f"y: for the family {name!r}, {wrong}")
    return FAMILIES[name]


def _root(basis: AxisBasis, order: int, smoothing: float | None) -> Any:
    """The roughness; along an axis that is not smoothed the size of the coefficients, so that what is unseen has minimum norm."""
    return np.eye(basis.size) if smoothing == 0 else basis.root(order)
