"""Load vectors: the integrals of a function against every basis function."""

import abc
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from tensorfem.axis import Basis, mass, overlap
from tensorfem.checks import choice, integer
from tensorfem.coefficient import Datum
from tensorfem.kron import SlabContraction, kernels, mode_product, mode_solve
from tensorfem.kron.outer_products import sum_of_outers
from tensorfem.kron.slab_contraction import COMPILED_SLAB
from tensorfem.kron.slabs import SLAB_ENTRIES
from tensorfem.kron.threads import in_threads, parts, thread_count

FloatArray = NDArray[np.float64]
CANCELLED, PROBES = 100.0, 4096  # products so much larger than their sum keep its digits; the points that show its size
DENSE = 512  # nodes of an axis up to which a spline's interpolation is a matrix
SLAB = SLAB_ENTRIES  # samples at a time, where no kernels take them
QUADRATURE, INTERPOLATE = METHODS = ("quadrature", "interpolate")
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
    """How one axis is integrated: values at `points`, times the (n, q) sparse matrix of weighted basis functions.

    With a `collocation` matrix the values are first solved with it: they make the coefficients of a spline that takes them.
    """

    points: FloatArray
    matrix: Any
    collocation: Any = None

    @classmethod
    def over(cls, basis: Basis, points: int | None = None) -> "AxisLoad":
        """The Gauss rule with so many points per cell; ``degree + 1`` by default."""
        rule = basis.mesh.quadrature(gauss_points(points, basis.degree + 1))
        return cls(rule.points, sparse.csr_array(basis.tabulate(rule).T @ sparse.diags_array(rule.weights)))

    @classmethod
    def interpolating(cls, basis: Basis) -> "AxisLoad":
        """The function of the basis that takes the values at the nodes, integrated exactly."""
        return cls(basis.nodes, mass(basis), None if basis.nodal else basis.collocation)

    @classmethod
    def at(cls, point: float) -> "AxisLoad":
        """No integral at all: one point, seen by the one function that is alive there."""
        return cls(np.array([point]), sparse.eye_array(1, format="csr"))

    def restricted(self, free: slice) -> "AxisLoad":
        """The load of some of the basis functions."""
        return replace(self, matrix=self.matrix[free])

    @property
    def slabwise(self) -> Any:
        """The matrix that slabs of values are contracted with: where all values of a line are needed at once, the identity."""
        return self.matrix if self.collocation is None else sparse.eye_array(self.points.size, format="csr")

    def finish(self, values: FloatArray, axis: int) -> FloatArray:
        """What is left to do along an axis after `slabwise`."""
        if self.collocation is None:
            return values
        if self.points.size <= DENSE and values.ndim > 1:  # the product with the whole matrix is faster than triangular solves
            dense = mode_solve(self.collocation.T, self.matrix.toarray().T, 0)
            return mode_product(np.ascontiguousarray(dense.T), values, axis)
        return mode_product(self.matrix, mode_solve(self.collocation, values, axis), axis)

    def of(self, values: FloatArray) -> FloatArray:
        """The load of a function of this coordinate alone, by its values at the points."""
        return self.finish(self.slabwise @ values, 0)


def require_method(method: str, points: int | None) -> None:
    """Refuse a method of integration that is none.

    Raises
    ------
    ValueError
        If it is unknown, or given points that it does not take.
    """
    choice(method, "method", METHODS)
    if method == INTERPOLATE and points is not None:
        raise ValueError(f"points: got {points!r} for the interpolated load, which takes the nodes; leave points out, or use 'quadrature'")


def axis_loads(bases: Sequence[Basis], functions: Sequence[slice], points: int | None, method: str) -> list[AxisLoad]:
    """How each axis is integrated, for some of its basis functions."""
    made: dict[Basis, AxisLoad] = {}
    for basis in bases:
        if basis not in made:
            made[basis] = AxisLoad.interpolating(basis) if method == INTERPOLATE else AxisLoad.over(basis, points)
    return [made[basis].restricted(own) for basis, own in zip(bases, functions, strict=True)]


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


def slab_entries(*, compiled: bool) -> int:
    """How many samples are held at a time."""
    return COMPILED_SLAB if compiled else SLAB


def load(axes: Sequence[AxisLoad], datum: Datum, *, compiled: bool | None = None, threads: int | None = None) -> FloatArray:
    """The integrals of a function against the tensor-product basis.

    The function is sampled on the Gauss grid slab by slab, each slab contracted axis by axis at once: the whole grid, 2^d times the field
    for degree 1, is never held. An axis on which the function does not depend is integrated by itself. A formula that is a sum of products
    of functions of one coordinate each is integrated at 1D cost. A function that is `threadable` is sampled in threads: each has
    rows of the result for itself, and samples all that it needs for them.

    Parameters
    ----------
    axes : sequence of AxisLoad
    datum : Datum
        A function of all coordinates.
    compiled : bool, optional
        Whether kernels contract; where they pay, by default.
    threads : int, optional
        How many sample at most; `thread_count()` by default, one where nothing is compiled.

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
    matrices = [axis.slabwise for axis in axes]
    result = np.zeros([matrix.shape[0] for matrix in matrices])
    use_kernels = kernels.pays(result.size) if compiled is None else compiled
    count = threads or (thread_count() if use_kernels else 1)

    def add(rows: slice) -> None:
        _sample(axes, datum, SlabContraction([matrices[0][rows], *matrices[1:]], result[rows], compiled=use_kernels))

    in_threads(add, parts(len(result), count if datum.threadable else 1), threads=count)
    for i, axis in enumerate(axes):
        result = axis.finish(result, i)
    return result


def _sample(axes: Sequence[AxisLoad], datum: Datum, contraction: SlabContraction) -> None:
    """Sample a function slab by slab, and contract."""
    leading, *rest = open_grid([axis.points for axis in axes])
    for slab in contraction.slabs(slab_entries(compiled=contraction.compiled)):
        coordinates = (leading[slab], *rest)
        values = datum.sample(*coordinates)
        if not values.flags.carray or values.ndim < len(axes):
            values = np.require(values.reshape([1] * (len(axes) - values.ndim) + list(values.shape)), requirements=["C", "A", "W"])
        with np.errstate(invalid="ignore", over="ignore"):
            contracted = contraction.trailing(values)
            suspicious = not np.isfinite(contracted.sum())
        if suspicious:
            datum.require_finite(values, *coordinates)
        contraction.add(slab, contracted)


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
    return sum_of_outers(
        [[axis.of(np.broadcast_to(factor, axis.points.shape)) for axis, factor in zip(axes, term, strict=True)] for term in terms]
    )


def product_load(axes: Sequence[AxisLoad], data: Sequence[Datum]) -> FloatArray:
    """The load of a product of functions of one coordinate each: an outer product of 1D loads."""
    return sum_of_outers([[axis.of(datum(axis.points)) for axis, datum in zip(axes, data, strict=True)]])


def sum_load(axes: Sequence[AxisLoad], data: Sequence[Datum]) -> FloatArray:
    """The load of a sum of functions of one coordinate each: one outer product of 1D loads per axis."""
    ones = [axis.of(np.ones(axis.points.size)) for axis in axes]
    loads = [axis.of(datum(axis.points)) for axis, datum in zip(axes, data, strict=True)]
    return sum_of_outers([[*ones[:i], own, *ones[i + 1 :]] for i, own in enumerate(loads)])


def tensor_load(
    bases: Sequence[Basis], function: TensorFunction, names: Sequence[str], where: str, functions: Sequence[slice]
) -> FloatArray:
    """The load of a function in a tensor-product basis, on whatever mesh: exact, by one mixed mass matrix per axis.

    Raises
    ------
    ValueError
        If it has another number of axes, or does not cover the box.
    """
    require_axes(function, names, where)
    require_cover(bases, function.bases, names, where)
    mixed = [overlap(basis, other) for basis, other in zip(bases, function.bases, strict=True)]
    return function.contract([matrix[own] for matrix, own in zip(mixed, functions, strict=True)])


def require_axes(function: TensorFunction, names: Sequence[str], where: str) -> None:
    """Refuse a function of another number of coordinates.

    Raises
    ------
    ValueError
        If it has one.
    """
    if len(function.bases) != len(names):
        raise ValueError(f"{where}: got a function of {len(function.bases)} coordinates; this space has {len(names)} ({', '.join(names)})")


def require_cover(bases: Sequence[Basis], others: Sequence[Basis], names: Sequence[str], where: str) -> None:
    """Refuse a function, on the bases of others, that does not cover the box of these bases.

    Raises
    ------
    ValueError
        If it does not.
    """
    for name, basis, other in zip(names, bases, others, strict=True):
        (start, end), (first, last) = basis.mesh.bounds, other.mesh.bounds
        slack = COVER * (end - start)
        if not other.mesh.periodic and (start < first - slack or end > last + slack):
            raise ValueError(
                f"{where}: got a function on [{first:g}, {last:g}] along {name}, where this space has [{start:g}, {end:g}]; "
                "it must cover the space's box"
            )
