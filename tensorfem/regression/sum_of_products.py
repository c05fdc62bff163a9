"""Sums of products of functions of one coordinate each."""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.axis import Basis
from tensorfem.coefficient import Product
from tensorfem.field import Field
from tensorfem.kron import outer
from tensorfem.load_vector import TensorFunction
from tensorfem.regression.pictures import plot_factors
from tensorfem.space import Space

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SumOfProducts(TensorFunction):
    """The function ``f(x, y, ...) = sum_r weights[r] X_r(x) Y_r(y) ...``, callable at points, and a datum of problems.

    Made by `fit_sum_of_products` and `fit_separable`. Weights are positive and fall; the functions of each axis are normalized, and those
    of all axes but the first are positive where they are largest: the sign of a term stands in its first function.

    Attributes
    ----------
    axes : tuple of (n_i,) arrays
        The points of each axis: those of the data, or the nodes of the space.
    weights : (r,) array
    factors : tuple of (n_i, r) arrays
        The functions' values at the points, a column each. From data they are of Euclidean norm 1, from a field the functions are of L2
        norm 1.
    relative_error : float
        The norm of what is missed over that of the data (over the cells observed, Euclidean) or of the field (L2).
    history : tuple of float
        Of an iteration, the relative error by sweeps; of a singular value decomposition, the relative error alone.
    converged : bool
    reason : str
        Why it ended.
    singular_values : array or None
        All of them, where a singular value decomposition was taken: what rank r misses is the norm of those from r on.
    bases : tuple of Basis
        In which the functions are expanded: between the data's points they are splines through the factors.
    coefficients : tuple of (m_i, r) arrays
    """

    axes: tuple[FloatArray, ...]
    weights: FloatArray
    factors: tuple[FloatArray, ...]
    relative_error: float
    history: tuple[float, ...]
    converged: bool
    reason: str
    singular_values: FloatArray | None
    space: Space = field(repr=False)
    coefficients: tuple[FloatArray, ...] = field(repr=False)

    @property
    def rank(self) -> int:
        """The number of products."""
        return int(self.weights.size)

    @property
    def bases(self) -> tuple[Basis, ...]:
        """One per axis."""
        return self.space.bases

    def contract(self, matrices: Sequence[Any]) -> FloatArray:
        """The coefficients with one (m_i, n_i) matrix applied along each axis: matrices see the 1D functions only."""
        return self._summed([matrix @ columns for matrix, columns in zip(matrices, self.coefficients, strict=True)])

    def _summed(self, columns: Sequence[FloatArray]) -> FloatArray:
        """The sum of the outer products of one column per axis: one matrix product, of the leading axes and the last."""
        *leading, last = columns
        if not leading:
            return np.asarray(last @ self.weights)
        products = [outer([c[:, r] for c in leading]).ravel() * self.weights[r] for r in range(self.rank)]
        return np.asarray(np.stack(products, axis=1) @ last.T).reshape([c.shape[0] for c in columns])

    def values(self) -> FloatArray:
        """The function on the grid of its points."""
        return self._summed(self.factors)

    @functools.cached_property
    def functions(self) -> tuple[tuple[Field, ...], ...]:
        """The 1D functions as fields: ``functions[axis][term]``, callable, with plots, derivatives and integrals."""
        return tuple(
            tuple(Field.adopt(Space(basis), np.ascontiguousarray(column)) for column in columns.T)
            for basis, columns in zip(self.bases, self.coefficients, strict=True)
        )

    @property
    def terms(self) -> tuple[Product, ...]:
        """Each product as a `Product`, its weight in the first function: a datum wherever products are allowed."""
        first = [Field.adopt(f.space, weight * f.coefficients) for weight, f in zip(self.weights, self.functions[0], strict=True)]
        return tuple(Product(*term) for term in zip(first, *self.functions[1:], strict=True))

    def __call__(self, *points: Any) -> FloatArray:
        """Values at points, one array per axis, which broadcast against one another: open arrays are taken axis by axis.

        Raises
        ------
        ValueError
            If their number is not that of the axes, they do not broadcast, or a point lies outside the box.
        """
        if len(points) != len(self.bases):
            raise ValueError(f"points: got {len(points)} coordinates; this function has {len(self.bases)} ({', '.join(self.space.names)})")
        arrays = [np.asarray(x) for x in points]
        try:
            shape = np.broadcast_shapes(*(x.shape for x in arrays))
        except ValueError:
            shapes = ", ".join(f"{name} {x.shape}" for name, x in zip(self.space.names, arrays, strict=True))
            raise ValueError(f"points: the coordinates have shapes {shapes}, which do not broadcast") from None
        result = np.zeros(shape)
        for weight, term in zip(self.weights, zip(*self.functions, strict=True), strict=True):
            result += weight * functools.reduce(np.multiply, (f(x) for f, x in zip(term, arrays, strict=True)))
        return result

    def on_grid(self, *axes: Any) -> FloatArray:
        """Values on the tensor grid of one array of points per axis: (m_0, m_1, ...)."""
        points = [np.atleast_1d(x) for x in axes]
        return self(*(x.reshape([-1 if i == axis else 1 for i in range(len(points))]) for axis, x in enumerate(points)))

    def to_field(self) -> Field:
        """The function as a field, the products multiplied out."""
        return Field.adopt(self.space, self._summed(self.coefficients))

    @property
    def storage_ratio(self) -> float:
        """The numbers that the sum keeps over those of the field or the full grid: small is good."""
        kept: int = self.rank * (1 + sum(factor.shape[0] for factor in self.factors))
        return kept / float(math.prod(factor.shape[0] for factor in self.factors))

    plot_factors = plot_factors

    def __repr__(self) -> str:
        shape = " x ".join(str(x.size) for x in self.axes)
        return f"SumOfProducts(rank {self.rank} on {shape}, relative error {self.relative_error:.3g}, {self.reason})"
