"""What is coupled much more strongly along one axis than across it: the operator's blocks of the lines along that axis."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from tensorfem.cells.axis_cells import AxisCells
from tensorfem.kron import Array, mode_product, outer

Pairs = Callable[[Any, Any], Any]  # products of two tables of an axis, one for each pair of functions

STRONGER = 4.0  # times smaller are cells along an axis than along all others, somewhere in the mesh: couplings are 16 times as strong
SMOOTH = 4.0  # the quotient of the coefficients of two neighbouring cells up to which points do for hat functions


@dataclass(frozen=True, eq=False)
class Band:
    """An operator's entries between functions of the same line along an axis: one symmetric banded matrix per line.

    Attributes
    ----------
    axis : int
    order : (n,) array of int
        The functions along the axis, as they come in the matrices. A ring is folded, 0, n - 1, 1, n - 2, ...: so its matrix is a band
        too, of twice the width.
    entries : (width + 1, \\*shape) array
        ``entries[m]`` has, at place i along the axis, the entry between the functions ``order[i]`` and ``order[i + m]``; zero where
        there is no place i + m.
    """

    axis: int
    order: NDArray[np.intp]
    entries: Array


def strong_axes(operator: Any) -> tuple[int, ...]:
    """The axes along which, somewhere in the mesh, functions are coupled much more strongly than along all others.

    There point smoothers and coarser grids need help: the former leave what oscillates across such an axis, which the latter find
    only if they know well how lines conduct. With hat functions and smooth coefficients they do.
    """
    spacings = relative_spacings(operator)
    left = [k for k, axis in enumerate(operator.axes) if axis.size > 1]
    largest = {k: float(spacings[k].max()) for k in left}
    found = [k for k in left if STRONGER * spacings[k].min() <= min((largest[j] for j in left if j != k), default=0.0)]
    hats = all(axis.is_linear for axis in operator.axes)
    return () if found and hats and _is_smooth(operator) else tuple(found)


def relative_spacings(operator: Any) -> list[Array]:
    """For each axis, of each cell, the distance of its functions, relative to the square root of the axis' mean diffusion."""
    means = np.zeros(operator.dimension)
    for (i, j), samples in operator.components():
        if i == j:
            means[i] = samples.mean(dtype=np.float64)
    roots = np.sqrt(means / means.max())
    return [axis.basis.mesh.sizes / (axis.basis.degree * root) for axis, root in zip(operator.axes, roots, strict=True)]


def _is_smooth(operator: Any) -> bool:
    """Whether no two neighbouring samples of diffusion differ much."""
    for (i, j), samples in operator.components():
        for k in range(samples.ndim if i == j else 0):
            across = np.moveaxis(samples, k, 0)
            before, after = across[:-1], across[1:]
            if np.any(before > SMOOTH * after) or np.any(after > SMOOTH * before):
                return False
    return True


def band(operator: Any, axis: int) -> Band:
    """The exact entries between functions of the same line along an axis.

    Parameters
    ----------
    operator : CellOperator
    axis : int

    Examples
    --------
    >>> from tensorfem.axis import Lagrange, interval
    >>> from tensorfem.cells import CellOperator
    >>> line = AxisCells(Lagrange(interval(0, 1, cells=3), degree=1), slice(1, 4), points=2)
    >>> band(CellOperator([line], np.array([[1.0, 2.0, 3.0]])), 0).entries
    array([[ 9., 15.,  9.],
           [-6., -9.,  0.]])
    """
    order, width = _order(operator.axes[axis])
    entries = np.zeros((width + 1, *operator.output_shape))
    for m in range(width + 1):
        place = (slice(None),) * axis + (slice(order.size - m),)
        entries[(m, *place)] = _entries(operator, axis, order[: order.size - m], order[m:])
    return Band(axis, order, entries)


def bands(operator: Any) -> list[Band]:
    """Those along all strong axes."""
    return [band(operator, axis) for axis in operator.strong_axes]


def width_of(axis: AxisCells) -> int:
    """How far apart, in the matrices' order, coupled functions of an axis are."""
    return min(axis.basis.degree * (2 if axis.basis.mesh.periodic else 1), axis.size - 1)


def _order(axis: AxisCells) -> tuple[NDArray[np.intp], int]:
    order = np.arange(axis.size)
    if axis.basis.mesh.periodic:
        order[::2], order[1::2] = np.arange((axis.size + 1) // 2), np.arange(axis.size - 1, (axis.size - 1) // 2, -1)
    return order, width_of(axis)


def _entries(operator: Any, along: int, rows: Any, columns: Any) -> Any:
    """The entries between pairs of functions of one axis, for each function of the others."""
    parts = list(operator.components())
    hats = all(axis.is_linear and axis.alive.max() <= 1 for k, axis in enumerate(operator.axes) if k != along)
    alike = hats and operator.per_cell and all(i == j for (i, j), _ in parts)
    parts += [((j, i), samples) for (i, j), samples in parts if i != j]
    if operator.reaction is not None:
        parts.append(((-1, -1), operator.reaction))
    summed = _sum_of_shares if alike else _sum_of_products
    out = summed(operator.axes, parts, along, lambda table, other: table[:, rows] * other[:, columns])
    for face in operator.faces:
        face.add_entries(out, along, rows, columns)
    return out


def _sum_of_products(axes: Sequence[AxisCells], parts: list[Any], along: int, pairs: Pairs) -> Any:
    out: Any = 0.0
    for pair, samples in parts:
        values = samples
        for k, axis in enumerate(axes):
            test, trial = (axis.slopes if k == derived else axis.values for derived in pair)
            products = pairs(test, trial) if k == along else test * trial
            values = mode_product(axis.integrals(products, samples.shape[k]), values, k)
        out = out + values
    return out


def _sum_of_shares(axes: Sequence[AxisCells], parts: list[Any], along: int, pairs: Pairs) -> Any:
    """With hat functions across: all those of one cell have the same share in it, so these are added up, first over the parts."""
    sizes = [axis.weights.sum(axis=1) for axis in axes]
    out: Any = 0.0
    for derived, table in ((True, axes[along].slopes), (False, axes[along].values)):
        shares = np.zeros([axis.count for axis in axes])
        for (i, _), samples in parts:
            if (i == along) == derived:
                factors = [np.ones(h.size) if k == along else 1 / h if k == i else h / 3 for k, h in enumerate(sizes)]
                shares += samples * outer(factors)
        out = out + mode_product(axes[along].integrals(pairs(table, table), axes[along].count), shares, along)
    for k, axis in enumerate(axes):
        out = out if k == along else mode_product(sparse.csr_array(axis.alive.T), out, k)
    return out
