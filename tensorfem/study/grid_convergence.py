"""The grid convergence index: how far a value is from its limit, from values on three or more grids."""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tensorfem.checks import real, real_vector
from tensorfem.study.observed import triplet_order

FloatArray = NDArray[np.float64]
Kind = Literal["monotone", "oscillatory", "divergent", "constant"]


@dataclass(frozen=True, eq=False)
class GridConvergence:
    """What values on a sequence of grids say about their limit; made by `grid_convergence`.

    Attributes
    ----------
    values, sizes : (n,) array
        From coarse to fine.
    order : float
        Observed order of the three finest; negative where they diverge, nan where two of them are equal.
    orders : (n - 2,) array
        The same of every three successive grids.
    kind : {"monotone", "oscillatory", "divergent", "constant"}
        Of the three finest: differences that shrink with one sign or with alternating signs, that grow, or none at the end.
    extrapolated : float
        Richardson's limit; nan where the values diverge.
    gci, coarse_gci : float
        The grid convergence index of the finest and of the second finest grid: a fraction of the value there. inf where they diverge.
    asymptotic : float
        ``coarse_gci / (r**p gci)``, near 1 in the asymptotic range.
    """

    values: FloatArray
    sizes: FloatArray
    order: float
    orders: FloatArray
    kind: Kind
    extrapolated: float
    gci: float
    coarse_gci: float
    asymptotic: float

    def __str__(self) -> str:
        return (
            f"{self.kind}: order {self.order:.4g}, extrapolated {self.extrapolated:.10g}, "
            f"grid convergence index {self.gci:.3g} (coarser {self.coarse_gci:.3g}, asymptotic ratio {self.asymptotic:.4g})"
        )


def grid_convergence(values: Any, sizes: Any, safety: float = 1.25) -> GridConvergence:
    """Observed order, Richardson extrapolation and grid convergence index of a value on three or more grids.

    Parameters
    ----------
    values : (n,) array_like
        The value on each grid, n >= 3.
    sizes : (n,) array_like
        The cell size of each grid, in any order and at any ratios; their unit does not matter.
    safety : float
        The factor of safety: 1.25 with three grids or more, 3 where the order is only assumed (Roache).

    Returns
    -------
    GridConvergence

    Raises
    ------
    ValueError
        If values and sizes do not fit, sizes are not positive and distinct, or `safety` is below 1.

    References
    ----------
    Roache, "Perspective: a method for uniform reporting of grid refinement studies", J. Fluids Eng. 116 (1994) 405-413.

    Examples
    --------
    >>> found = grid_convergence([0.97050, 0.96854, 0.96178], sizes=[1, 2, 4])  # NASA's example
    >>> print(f"{found.order:.6f}, {found.extrapolated:.10f}, {100 * found.gci:.6f} %")
    1.786170, 0.9713003333, 0.103083 %
    """
    f, h = real_vector(values, "values", 3), real_vector(sizes, "sizes", 3)
    if f.size != h.size:
        raise ValueError(f"sizes: got {h.size} sizes for {f.size} values; give one for each")
    if (h <= 0).any() or np.unique(h).size < h.size:
        raise ValueError(f"sizes: got {h.tolist()}; allowed are positive sizes, all different")
    if real(safety, "safety") < 1:
        raise ValueError(f"safety: got {safety!r}; allowed is a number >= 1")
    coarse_to_fine = np.argsort(-h)
    f, h = f[coarse_to_fine], h[coarse_to_fine]
    orders = np.array([_order(f[k : k + 3], h[k : k + 3]) for k in range(f.size - 2)])
    order, last = float(orders[-1]), (f[-3:], h[-3:])
    kind = _kind(order, f[-3:])
    extrapolated, gci, coarse_gci = _limits(kind, order, *last, safety)
    ratio = float(h[-2] / h[-1]) ** order if kind in ("monotone", "oscillatory") else math.nan
    asymptotic = coarse_gci / (ratio * gci) if gci > 0 else math.nan
    return GridConvergence(f, h, order, orders, kind, extrapolated, gci, coarse_gci, asymptotic)


def _order(f: FloatArray, h: FloatArray) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (f[0] - f[1]) / (f[1] - f[2])
    return triplet_order(float(ratio), float(h[0] / h[1]), float(h[1] / h[2]))


def _kind(order: float, f: FloatArray) -> Kind:
    if f[1] == f[2]:
        return "constant"
    if not order > 0:
        return "divergent"
    return "oscillatory" if (f[0] - f[1]) * (f[1] - f[2]) < 0 else "monotone"


def _limits(kind: Kind, order: float, f: FloatArray, h: FloatArray, safety: float) -> tuple[float, float, float]:
    """The limit and the index of the finest and the second finest grid."""
    if kind == "constant":
        return float(f[2]), 0.0, 0.0
    if kind == "divergent":
        return math.nan, math.inf, math.inf
    fine, coarse = (h[1] / h[2]) ** order, (h[0] / h[1]) ** order
    limit = f[2] + (f[2] - f[1]) / (fine - 1) if kind == "monotone" else (f[2] * fine + f[1]) / (fine + 1)
    gci = [
        safety * abs(difference / value) / (ratio - 1) if value else math.inf
        for difference, value, ratio in ((f[2] - f[1], f[2], fine), (f[1] - f[0], f[1], coarse))
    ]
    return float(limit), float(gci[0]), float(gci[1])
