"""Load vectors: the integrals of a function against every basis function."""

import abc
import functools
import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from tensorfem.axis import Basis, overlap
from tensorfem.checks import integer
from tensorfem.coefficient import Datum
from tensorfem.kron import mode_product, nonzero_rows, outer, slabs

FloatArray = NDArray[np.float64]
CANCELLED, PROBES = 100.0, 4096  # products so much larger than their sum keep its digits; the points that show its size
COVER = 1e-12  # of an axis' length: by so much a function may fall short of it; the outermost Gauss points are further inside


class TensorFunction(abc.ABC):
    """A function with coefficients in a tensor-product basis: its values and its integrals are contractions, axis by axis.

    Attributes
    ----------
    bases : tuple of Basis
        One per axis.
    """

    @property
    @abc.abstractmethod
    def bases(self) -> tuple[Basis, ...]:
        """One basis per axis."""

    @abc.abstractmethod
    def contract(self, matrices: Sequence[Any]) -> FloatArray:
        """The coefficients with one (m_i, n_i) matrix applied along each axis: (m_0, m_1, ...)."""


@dataclass(frozen=True, eq=False)
class AxisLoad:
    """How one axis is integrated: values at `points`, times the (n, q) sparse matrix of weighted basis functions."""

    points: FloatArray
    matrix: Any

    @classmethod
    def over(cls, basis: Basis, points: int | None = None) -> "AxisLoad":
        """The Gauss rule with so many points per cell; ``degree + 1`` by default."""
        rule = basis.mesh.quadrature(gauss_points(points, basis.degree + 1))
        return cls(rule.points, sparse.csr_array(basis.tabulate(rule).T @ sparse.diags_array(rule.weights)))

    @classmethod
    def at(cls, point: float) -> "AxisLoad":
        """No integral at all: one point, seen by the one function that is alive there."""
        return cls(np.array([point]), sparse.eye_array(1, format="csr"))


def gauss_points(given: int | None, default: int) -> int:
    """The number of Gauss points per cell that a caller asks for.

    Raises
    ------
    ValueError
        If it is no integer of at least 1.
    """
    return default if given is None else integer(given, "points", 1)


def open_grid(points: Sequence[FloatArray]) -> tuple[FloatArray, ...]:
    """The points of each axis, shaped to broadcast against those of the others.

    Examples
    --------
    >>> [x.shape for x in open_grid([np.zeros(3), np.zeros(2)])]
    [(3, 1), (1, 2)]
    """
    return tuple(p.reshape([-1 if i == axis else 1 for i in range(len(points))]) for axis, p in enumerate(points))


def load(axes: Sequence[AxisLoad], datum: Datum) -> FloatArray:
    """The integrals of a function against the tensor-product basis.

    The function is sampled on the Gauss grid slab by slab, each slab contracted axis by axis at once: the whole grid, 2^d times the field
    for degree 1, is never held. An axis on which the function does not depend is integrated by itself. A formula that is a sum of products
    of functions of one coordinate each is integrated at 1D cost.

    Parameters
    ----------
    axes : sequence of AxisLoad
    datum : Datum
        A function of all coordinates.

    Returns
    -------
    array with one axis per entry of `axes`

    Raises
    ------
    ValueError
        If the function fails, or a value is not finite.
    """
    split = _split_load(axes, datum)
    if split is not None:
        return split
    shape = tuple(axis.matrix.shape[0] for axis in axes)
    result = np.zeros(shape)
    leading, rest = axes[0], axes[1:]
    columns = leading.matrix.tocsc()
    for slab in slabs(leading.points.size, int(np.prod([axis.points.size for axis in rest]))):
        coordinates = open_grid([leading.points[slab], *(axis.points for axis in rest)])
        values = datum.sample(*coordinates)
        values = values.reshape([1] * (len(axes) - values.ndim) + list(values.shape))
        block = columns[:, slab].tocsr()
        rows = nonzero_rows(block)
        with np.errstate(invalid="ignore", over="ignore"):
            contracted = values
            for axis, matrix in enumerate([block[rows], *(axis.matrix for axis in rest)]):
                contracted = _contract(matrix, contracted, axis)
            suspicious = not np.isfinite(contracted.sum())
        if suspicious:
            datum.require_finite(values, *coordinates)
        result[rows] += contracted
    return result


def _split_load(axes: Sequence[AxisLoad], datum: Datum) -> FloatArray | None:
    """The load of a formula that is a sum of products: a sum of outer products of 1D loads.

    None where it is none, where a factor is not finite, or where the products are so much larger than their sum that digits would be
    lost: the function is then sampled.
    """
    terms = datum.products([axis.points for axis in axes])
    if terms is None:
        return None
    largest = sum(math.prod(float(np.max(np.abs(factor), initial=0.0)) for factor in term) for term in terms)
    each = max(2, round(PROBES ** (1 / len(axes))))
    sampled = datum.sample(*open_grid([axis.points[:: 1 + axis.points.size // each] for axis in axes]))
    if not largest <= CANCELLED * float(np.max(np.abs(sampled), initial=0.0)):
        return None
    loads = [
        outer([axis.matrix @ np.broadcast_to(factor, axis.points.shape) for axis, factor in zip(axes, term, strict=True)]) for term in terms
    ]
    return functools.reduce(operator.iadd, loads)


def _contract(matrix: Any, values: FloatArray, axis: int) -> FloatArray:
    """Contract one axis; where the values do not vary along it, with the row sums."""
    if values.shape[axis] == 1 and matrix.shape[1] > 1:
        matrix = sparse.csr_array(matrix.sum(axis=1)[:, None])
    return mode_product(matrix, values, axis)


def product_load(axes: Sequence[AxisLoad], data: Sequence[Datum]) -> FloatArray:
    """The load of a product of functions of one coordinate each: an outer product of 1D loads."""
    return outer([axis.matrix @ datum(axis.points) for axis, datum in zip(axes, data, strict=True)])


def sum_load(axes: Sequence[AxisLoad], data: Sequence[Datum]) -> FloatArray:
    """The load of a sum of functions of one coordinate each: one outer product of 1D loads per axis."""
    ones = [axis.matrix.sum(axis=1) for axis in axes]
    loads = [axis.matrix @ datum(axis.points) for axis, datum in zip(axes, data, strict=True)]
    return np.asarray(sum(outer([*ones[:i], own, *ones[i + 1 :]]) for i, own in enumerate(loads)))


def tensor_load(bases: Sequence[Basis], function: TensorFunction, names: Sequence[str], where: str) -> FloatArray:
    """The load of a function in a tensor-product basis, on whatever mesh: exact, by one mixed mass matrix per axis.

    Raises
    ------
    ValueError
        If it has another number of axes, or does not cover the box.
    """
    require_axes(function, names, where)
    return function.contract([_covered(*row, where) for row in zip(names, bases, function.bases, strict=True)])


def require_axes(function: TensorFunction, names: Sequence[str], where: str) -> None:
    """Refuse a function of another number of coordinates.

    Raises
    ------
    ValueError
        If it has one.
    """
    if len(function.bases) != len(names):
        raise ValueError(f"{where}: got a function of {len(function.bases)} coordinates; this space has {len(names)} ({', '.join(names)})")


def _covered(name: str, basis: Basis, other: Basis, where: str) -> Any:
    (start, end), (first, last) = basis.mesh.bounds, other.mesh.bounds
    slack = COVER * (end - start)
    if not other.mesh.periodic and (start < first - slack or end > last + slack):
        raise ValueError(
            f"{where}: got a function on [{first:g}, {last:g}] along {name}, where this space has [{start:g}, {end:g}]; "
            "it must cover the space's box"
        )
    return overlap(basis, other)
