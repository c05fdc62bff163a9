"""Divided differences as matrices: the roughness of values at points."""

from typing import Any

import numpy as np
import scipy.sparse as sparse


def divided_differences(points: Any, order: int, period: float | None = None) -> Any:
    """The matrix R with ``|R f|**2`` close to the integral of the squared derivative of this order, for values f at points.

    Its null space are the polynomials of lower degree (the constant, where periodic), however the points lie.

    Parameters
    ----------
    points : (n,) array_like, increasing
    order : int
        0 gives the identity, scaled by the root of the mean distance.
    period : float, optional
        The points are those of a periodic axis of this length.

    Returns
    -------
    (n - order, n) sparse array, (n, n) where periodic; without rows if there are no more than `order` points

    References
    ----------
    Eilers & Marx, "Flexible smoothing with B-splines and penalties", Statist. Sci. 11 (1996), for equal distances.

    Examples
    --------
    >>> divided_differences([0.0, 1.0, 2.0, 3.0], order=2).toarray()
    array([[ 1., -2.,  1.,  0.],
           [ 0.,  1., -2.,  1.]])
    """
    x = np.asarray(points, dtype=float)
    count = x.size
    if period is not None:
        x = np.concatenate([x + k * period for k in range(1 + order // count + 1)])[: count + order]
    rows: Any = sparse.eye_array(x.size, format="csr")
    for k in range(1, min(order, x.size) + 1):
        rows = sparse.diags_array(k / (x[k:] - x[:-k])) @ (rows[1:] - rows[:-1])
    if order >= x.size:
        return sparse.csr_array((0, count))
    widths = (x[order:] - x[:-order]) / order if order else np.full(x.size, np.ptp(x) / max(1, x.size - 1) or 1.0)
    rows = sparse.csr_array(sparse.diags_array(np.sqrt(widths)) @ rows)
    if period is None:
        return rows
    wrap = sparse.csr_array((np.ones(x.size), (np.arange(x.size), np.arange(x.size) % count)), shape=(x.size, count))
    return sparse.csr_array(rows @ wrap)
