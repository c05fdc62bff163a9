"""What the observed orders of one column say: met, or in which way not."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Kind = Literal["met", "exact", "rounding", "single", "stuck", "above", "oscillating", "changing", "rising", "falling", "low", "limited"]

TOLERANCE = 0.15  # that an observed order may miss the expected one by
EXCESS = 0.3  # above what the degree can do for long, the errors are not asymptotic
STUCK = 0.25  # errors at a lower order do not fall; the L2 error of any solution of finite energy falls at 1 or faster
CHANGING = 0.5  # between the last two orders
DRIFT = 0.15  # between the last two orders: below it they are stable, unless
AHEAD = 2  # so many more such steps would take them to the expected order


@dataclass(frozen=True)
class Target:
    """The order that a column should have: at least `least`; one above `most` is not asymptotic.

    Attributes
    ----------
    settles : bool
        Whether orders of a smooth solution settle early, as those of norms by integrals do.
    """

    least: float
    most: float
    settles: bool = True


@dataclass(frozen=True)
class Finding:
    """What orders say.

    Attributes
    ----------
    kind : str
        "met" and "exact" are what one hopes for.
    order : float
        The order of the last usable pair; nan without any.
    used : int
        The number of usable pairs.
    rounding : bool
        Whether pairs were left out because rounding may have spoiled them.
    """

    kind: Kind
    order: float
    used: int
    rounding: bool


@dataclass(frozen=True, eq=False)
class Fit:
    """All usable orders of a column, and the one that fits all of its usable levels best."""

    order: float
    orders: FloatArray

    @property
    def spread(self) -> float:
        """Between the smallest and the largest order; inf where one of them is not known."""
        return float(np.ptp(self.orders)) if self.orders.size and np.isfinite(self.orders).all() else np.inf


def judge_fit(finding: Finding, fit: Fit, target: Target, *, falls: bool) -> Finding:
    """Judge a column again where data jump inside cells: by the fit over all levels, and by the spread of the orders.

    There the errors depend on where in its cell a jump lies, which changes from level to level: orders alternate, and the last one may be
    any. The order is met where the fit meets it and all orders lie within 0.5. It is "stuck" where the last two orders are near 0.

    Parameters
    ----------
    finding : Finding
        As of `judge`.
    fit : Fit
    target : Target
    falls : bool
        Whether errors that do not fall at all show that the problem is another one.

    Examples
    --------
    >>> orders = np.array([1.2, 2.1, 1.3, 2.0])
    >>> judge_fit(Finding("met", 2.0, used=4, rounding=False), Fit(1.65, orders), Target(2, 2), falls=True).kind
    'limited'
    """
    if finding.kind in ("exact", "rounding"):
        return finding
    met, steady = fit.order >= target.least - TOLERANCE, fit.spread <= CHANGING
    kind: Kind = "limited"
    if fit.orders.size < 2:
        kind = "single"
    elif falls and (np.abs(fit.orders[-2:]) < STUCK).all():
        kind = "stuck"
    elif steady and met:
        kind = "above" if fit.order > target.most + EXCESS else "met"
    return replace(finding, kind=kind, order=fit.order)


def judge(orders: FloatArray, touched: NDArray[np.bool_], target: Target, oscillating: NDArray[np.bool_] | None = None) -> Finding:
    """Judge the orders of successive pairs (or triplets) of levels.

    Parameters
    ----------
    orders : (n,) array
        At least one; nan where a pair gives none.
    touched : (n + 1,) array of bool
        Whether the error before the first pair, and the finer error of each pair, is so small that rounding may have spoiled it. Pairs
        are used up to the first whose finer error is touched and whose order is not the expected one, or that of alternating differences.
    target : Target
    oscillating : (n,) array of bool, optional
        Pairs whose order is that of alternating differences.

    Returns
    -------
    Finding

    Examples
    --------
    >>> judge(np.array([1.7, 1.96]), np.array([False, False, False]), Target(2, 2))
    Finding(kind='met', order=1.96, used=2, rounding=False)
    """
    if touched.all():
        return Finding("exact", np.nan, 0, rounding=True)
    waves = np.zeros(orders.size, dtype=bool) if oscillating is None else oscillating
    spoiled = np.flatnonzero(touched[1:] & (waves | ~(orders >= target.least - TOLERANCE)))
    usable = orders[: spoiled[0]] if spoiled.size else orders
    if not usable.size:
        return Finding("rounding", np.nan, 0, rounding=True)
    return Finding(_kind(usable, target, bool(waves[usable.size - 1])), float(usable[-1]), usable.size, rounding=bool(spoiled.size))


def _kind(orders: FloatArray, target: Target, wave: bool) -> Kind:
    last, steps = orders[-1], np.diff(orders[-3:])
    change = float(np.abs(steps[-1:]).sum())
    if not last >= STUCK:
        return "stuck" if steps.size else "single"
    if wave:
        return "oscillating"
    if last > target.most + EXCESS:
        return "above"
    if last >= target.least - TOLERANCE:
        return "changing" if target.settles and change > CHANGING else "met"
    if not steps.size:
        return "single"
    if change <= DRIFT and not last + AHEAD * steps[-1] >= target.least - TOLERANCE:
        return "low"
    return "rising" if (steps > 0).all() else "falling" if (steps < 0).all() else "changing"
