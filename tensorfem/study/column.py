"""The columns of a study: errors in one norm, or values of one quantity, with their orders and what these say."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tensorfem.study.finding import Finding, Fit, Target, judge, judge_fit
from tensorfem.study.grid_convergence import GridConvergence, grid_convergence
from tensorfem.study.level import ROUNDING_CAP
from tensorfem.study.observed import fitted_order, pairwise_orders, triplet_order

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a study.

    Attributes
    ----------
    name : str
        "l2", "h1", "linf", "nodal", or the name of a quantity.
    errors, values : (n,) array or None
        By level: the errors, and the values of a quantity.
    changes : (n,) array or None
        Where some axis stays as it is: norms of the difference to the level before, nan on the first; orders are theirs.
    orders : (n,) array
        The order that was seen with each level; nan where there is none.
    target : Target
    finding : Finding
    fit : Fit
        The order that fits all usable levels best; of values alone, the median of their orders.
    limit : GridConvergence or None
        Of a quantity on three levels or more.
    """

    name: str
    errors: FloatArray | None
    values: FloatArray | None
    changes: FloatArray | None
    orders: FloatArray
    target: Target
    finding: Finding
    fit: Fit
    limit: GridConvergence | None = None

    def across_jumps(self) -> "Column":
        """The column judged by its fit, as it must be where data jump inside cells; the finding's order is that of the fit."""
        return replace(self, finding=judge_fit(self.finding, self.fit, self.target, falls=self.name not in ("h1", "linf", "nodal")))

    @property
    def plotted(self) -> FloatArray:
        """What falls with the order: changes, or errors, or the distance of values to their extrapolated limit."""
        if self.values is not None and self.limit is not None and self.errors is None:
            return np.abs(self.values - self.limit.extrapolated)
        return next(numbers for numbers in (self.changes, self.errors, self.orders) if numbers is not None)


def norm_target(name: str, degree: int) -> Target:
    """Orders of smooth solutions: degree + 1 in L2, degree in H1; maximum norms may be superconvergent at nodes."""
    if name in ("l2", "h1"):
        order = float(degree + (name == "l2"))
        return Target(order, order)
    return Target(degree + 1.0, math.inf, settles=False)


def quantity_target(degree: int) -> Target:
    """Orders of quantities of smooth solutions: from degree + 1 (values at points) to 2 degree (integrals)."""
    return Target(degree + 1.0, math.inf, settles=False)


def error_column(name: str, errors: FloatArray, sizes: FloatArray, small: NDArray[np.bool_], target: Target) -> Column:
    """Errors whose limit is zero: an order by pairs."""
    orders = pairwise_orders(errors, sizes)
    finding = judge(orders, small, target)
    return Column(name, errors, None, None, _aligned(orders, errors.size), target, finding, _fit(errors, sizes, orders[: finding.used]))


def difference_column(
    name: str, errors: FloatArray, differences: FloatArray, sizes: FloatArray, small: NDArray[np.bool_], target: Target
) -> Column:
    """Errors of which a part stays, as some axis stays: an order from norms of differences d_k of successive solutions.

    Differences of nested Galerkin solutions are orthogonal (Cea): ``d_k**2 = C (h_k**2p - h_(k+1)**2p)``, exact in energy, and exact in any
    norm where the ratio of sizes is constant.
    """
    h, changes = sizes, _aligned(differences, errors.size)
    ratios = _ratios(differences) ** 2
    orders = np.array([triplet_order(r, h[k] / h[k + 1], h[k + 1] / h[k + 2]) / 2 for k, r in enumerate(ratios)])
    finding = judge(orders, small, target)
    usable = finding.used + 2  # three levels make two changes, and these an order; the change to a level is C h**p with the size of either
    fit = _fit(changes[1:usable], sizes[1:usable], orders[: finding.used])
    return Column(name, errors, None, changes, _aligned(orders, errors.size), target, finding, fit)


def value_column(
    name: str, values: FloatArray, sizes: FloatArray, rounding: FloatArray, scale: float, target: Target, exact: float | None = None
) -> Column:
    """Values of a quantity: an order by triplets, or by pairs where the exact value is known; for the rest see `touched`."""
    if exact is not None:
        errors = np.abs(values - exact)
        column = error_column(name, errors, sizes, touched(errors, rounding, scale), target)
        return replace(column, values=values, limit=_limit(values, sizes, values.size) if values.size > 2 else None)
    steps = np.diff(values)
    orders = grid_convergence(values, sizes).orders
    finding = judge(orders, touched(np.abs(steps), rounding[1:], scale), target, steps[:-1] * steps[1:] < 0)
    usable = orders[: finding.used]
    fit = Fit(float(np.median(usable)) if usable.size else np.nan, usable)
    return Column(name, None, values, None, _aligned(orders, values.size), target, finding, fit, _limit(values, sizes, finding.used + 2))


def touched(errors: FloatArray, rounding: FloatArray, scale: float) -> NDArray[np.bool_]:
    """Which errors of something of size `scale` are so small that rounding (relative, by level) may have spoiled them.

    Not the first one, where all are small only in view of a loose tolerance: that does not make them exact.
    """
    small = errors <= rounding * scale
    if not (errors <= np.minimum(rounding, ROUNDING_CAP) * scale).all():
        small[0] = False
    return np.asarray(small)


def _limit(values: FloatArray, sizes: FloatArray, used: int) -> GridConvergence:
    """The limit by the levels that rounding has not spoiled; the last such value where they are but two."""
    pick = [0, 1, 1] if used < 3 else list(range(used))
    return grid_convergence(values[pick], sizes[:3] if used < 3 else sizes[pick])


def _fit(errors: FloatArray, sizes: FloatArray, orders: FloatArray) -> Fit:
    """The fit over the levels that give the usable orders."""
    levels = orders.size + 1
    return Fit(fitted_order(errors[:levels], sizes[:levels]), orders)


def _ratios(differences: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return differences[:-1] / differences[1:]


def _aligned(orders: FloatArray, levels: int) -> FloatArray:
    return np.concatenate([np.full(levels - orders.size, np.nan), orders])
