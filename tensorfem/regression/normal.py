"""The normal equations of a weighted penalized fit: a mean of weighted squares of the functions, and the roughness."""

import functools
import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from tensorfem.kron import KroneckerOperator, KroneckerProduct, mode_product, row_kron
from tensorfem.regression.held_rows import scattered_rows
from tensorfem.regression.modes import AxisModes
from tensorfem.regression.spectrum import ModeSpectrum

FloatArray = NDArray[np.float64]
PROBES, SEED = 4, 20_061


@dataclass(frozen=True, eq=False)
class Design:
    """The functions at the data, and what makes sums of them rough.

    Attributes
    ----------
    matrices : (n_i, m_i) sparse arrays
        The functions of each axis at the points of that axis (of a grid), or at all points.
    roots : (q_i, m_i) arrays
    modes : tuple of AxisModes
    grid : bool
    """

    matrices: tuple[Any, ...]
    roots: tuple[Any, ...]
    modes: tuple[AxisModes, ...]
    grid: bool

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of functions per axis."""
        return tuple(int(matrix.shape[1]) for matrix in self.matrices)

    @functools.cached_property
    def spectrum(self) -> ModeSpectrum:
        """What the modes of all axes make together."""
        return ModeSpectrum(self.modes)

    @functools.cached_property
    def operator(self) -> KroneckerOperator:
        """From coefficients to values at the data."""
        return KroneckerProduct(*self.matrices) if self.grid else scattered_rows(self.matrices)

    @functools.cached_property
    def transposed(self) -> KroneckerOperator:
        """From values at the data to coefficients."""
        return self.operator.T

    @functools.cached_property
    def _penalties(self) -> list[KroneckerProduct]:
        """The roughness along each axis, beside the mean squares of the functions of the others."""
        grams = [matrix.T @ matrix / matrix.shape[0] for matrix in self.matrices]
        rough = [sparse.csr_array(sparse.csr_array(root).T @ sparse.csr_array(root)) for root in self.roots]
        return [KroneckerProduct(*grams[:i], P, *grams[i + 1 :]) for i, P in enumerate(rough)]

    def penalties(self, smoothing: Sequence[float]) -> list[KroneckerProduct]:
        """Those roughnesses that count, weighted."""
        return [
            KroneckerProduct(weight * penalty.factors[0], *penalty.factors[1:])
            for weight, penalty in zip(smoothing, self._penalties, strict=True)
            if weight
        ]

    def gram(self, weights: FloatArray) -> Any:
        """The weighted sum of squares ``B^T W B``: (size, size), dense from a grid, sparse from scattered points.

        On a grid by array arithmetic: with the products of all pairs of functions of an axis as columns, it is a mode product of the
        weights, its axes reordered (Currie, Durban & Eilers, "Generalized linear array models", J. R. Stat. Soc. B 68 (2006), section 2).
        """
        if not self.grid:
            return row_kron(*self.matrices).gram(weights)
        pairs = weights
        for axis, matrix in enumerate(self.matrices):
            dense = matrix.toarray()
            squares = sparse.csr_array((dense[:, :, None] * dense[:, None, :]).reshape(len(dense), -1))
            pairs = mode_product(squares.T, pairs, axis)
        dimension = len(self.shape)
        split = pairs.reshape([m for size in self.shape for m in (size, size)])
        order = [*range(0, 2 * dimension, 2), *range(1, 2 * dimension, 2)]
        return split.transpose(order).reshape(2 * (math.prod(self.shape),))


@dataclass(frozen=True, eq=False)
class WeightedDesign:
    """A design and the weights of its data: what all smoothings share.

    Attributes
    ----------
    design : Design
    weights : array of the data's shape, >= 0
    count : int
        Number of data.
    """

    design: Design
    weights: FloatArray
    count: int

    @functools.cached_property
    def shares(self) -> FloatArray:
        """The weights over the number of data."""
        return self.weights / self.count

    @functools.cached_property
    def gram(self) -> Any:
        """The weighted mean of the squares ``B^T W B / count``, dense from a grid, sparse from scattered points."""
        return self.design.gram(self.shares)

    def squares(self, coefficients: FloatArray) -> FloatArray:
        """The mean of the squares applied to coefficients: scattered rows are added up once, a grid's factors are applied."""
        if not self.design.grid:
            return np.asarray(self.gram @ coefficients.ravel()).reshape(coefficients.shape)
        return self.design.transposed.apply(self.shares * self.design.operator.apply(coefficients))

    def moments(self, values: FloatArray) -> FloatArray:
        """The weighted mean of the values times the functions."""
        return self.design.transposed.apply(self.shares * values)

    def diagonal(self) -> FloatArray:
        """The diagonal of the mean of the squares."""
        return self._squared([matrix.multiply(matrix) for matrix in self.design.matrices])

    @functools.cached_property
    def seen(self) -> FloatArray:
        """The diagonal of the mean of the squares in the modes: how well the data see each."""
        return self._squared([np.asarray(m @ axis.vectors) ** 2 for m, axis in zip(self.design.matrices, self.design.modes, strict=True)])

    def _squared(self, squares: Sequence[Any]) -> FloatArray:
        return (KroneckerProduct(*squares) if self.design.grid else row_kron(*squares)).T.apply(self.shares)

    @functools.cached_property
    def probes(self) -> list[FloatArray]:
        """Moments of random signs, always the same ones: what estimates traces for any smoothing."""
        generator, roots = np.random.default_rng(SEED), np.sqrt(self.shares)
        return [self.design.transposed.apply(roots * generator.choice([-1.0, 1.0], roots.shape)) for _ in range(PROBES)]


class NormalOperator(KroneckerOperator):
    """``B^T W B / count + sum_i smoothing_i G (x) .. P_i .. (x) G`` on fields of coefficients, applied and not formed.

    Parameters
    ----------
    weighted : WeightedDesign
    smoothing : sequence of float
    """

    definite = True

    def __init__(self, weighted: WeightedDesign, smoothing: Sequence[float]) -> None:
        self.weighted = weighted
        self.penalties = weighted.design.penalties(smoothing)
        self.input_shape = self.output_shape = weighted.design.shape
        self.dtype = np.dtype(np.float64)

    def apply(self, array: FloatArray) -> FloatArray:
        """The squares and the roughness."""
        result = self.weighted.squares(array)
        for penalty in self.penalties:
            result += penalty.apply(array)
        return result

    @property
    def T(self) -> "NormalOperator":
        """The operator itself: it is symmetric."""
        return self

    def diagonal(self) -> FloatArray:
        """Those of the squares and of the roughness."""
        return functools.reduce(np.add, (p.diagonal() for p in self.penalties), self.weighted.diagonal())

    def _sparse(self) -> Any:
        return functools.reduce(operator.add, (p.tosparse() for p in self.penalties), sparse.csr_array(self.weighted.gram))

    def norm_bound(self) -> float:
        """From the largest row sums of the design and of its transpose."""
        both = self.weighted.design.operator.norm_bound() * self.weighted.design.transposed.norm_bound()
        return float(np.max(self.weighted.shares, initial=0.0)) * both + sum(p.norm_bound() for p in self.penalties)

    @property
    def entries(self) -> int:
        """All entries of the matrix."""
        return math.prod(self.input_shape) ** 2
