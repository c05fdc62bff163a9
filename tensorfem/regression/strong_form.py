"""An elliptic operator in its strong form, at the Gauss points of a space of smooth splines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from tensorfem.axis import Basis, BSpline, gauss_legendre
from tensorfem.coefficient import Product, Sum
from tensorfem.field import Field
from tensorfem.kron import KroneckerProduct, SeparableOperator, outer
from tensorfem.kron.product import explicit_kron
from tensorfem.load_vector import TensorFunction, open_grid, require_axes
from tensorfem.problems.coefficients import AxisCoefficient, diffusion_coefficients, reaction_coefficients
from tensorfem.space import Space

FloatArray = NDArray[np.float64]
EXTRA_POINTS = 2  # Gauss points per cell beyond the degree: a coefficient is differentiated as their polynomial


@dataclass(frozen=True, eq=False)
class StrongForm:
    """The operator ``L u = -div(a grad u) + c u`` as a sum of Kronecker products: from coefficients to values at Gauss points.

    Attributes
    ----------
    space : Space
    points, weights : tuple of arrays
        Of the Gauss rule of each axis.
    terms : tuple of tuples of (points, functions) sparse arrays
        One product per term, with one matrix per axis.
    """

    space: Space
    points: tuple[FloatArray, ...]
    weights: tuple[FloatArray, ...]
    terms: tuple[tuple[Any, ...], ...]

    def apply(self, coefficients: FloatArray) -> FloatArray:
        """L u at the Gauss points."""
        return SeparableOperator([KroneckerProduct(*term) for term in self.terms]).apply(coefficients)

    def restricted(self, free: Sequence[slice]) -> "StrongForm":
        """The operator on the free unknowns of each axis."""
        terms = tuple(tuple(sparse.csr_array(table[:, kept]) for table, kept in zip(term, free, strict=True)) for term in self.terms)
        return StrongForm(self.space, self.points, self.weights, terms)

    def square(self) -> Any:
        """The matrix of the form ``(L u, L v)``, sparse: a sum of Kronecker products, one per pair of terms."""
        weights = [sparse.diags_array(w) for w in self.weights]
        pairs = [
            explicit_kron([left.T @ w @ right for left, w, right in zip(one, weights, other, strict=True)])
            for one in self.terms
            for other in self.terms
        ]
        return sparse.csr_array(sum(pairs[1:], pairs[0]))

    def adjoint(self, values: FloatArray) -> FloatArray:
        """The integrals of values at the Gauss points against L of every basis function."""
        transposed = [
            [sparse.csr_array((sparse.diags_array(w) @ t).T) for w, t in zip(self.weights, term, strict=True)] for term in self.terms
        ]
        return SeparableOperator([KroneckerProduct(*term) for term in transposed]).apply(values)

    def norm(self, values: FloatArray) -> float:
        """The L2 norm of values at the Gauss points."""
        return float(np.sqrt(np.sum(outer(self.weights) * values**2)))

    def sample(self, source: Any, where: str) -> FloatArray:
        """A source at the Gauss points.

        Raises
        ------
        ValueError
            If it is nothing that a space loads, or not finite somewhere.
        """
        space, points = self.space, self.points
        if isinstance(source, Product | Sum):
            values = [datum(x) for datum, x in zip(source.data(space.names, where), points, strict=True)]
            return outer(values) if isinstance(source, Product) else np.asarray(sum(open_grid(values)))
        if isinstance(source, np.ndarray) and source.ndim:
            source = Field.adopt(space, space.nodal_coefficients(space.checked_nodal(source, where)))
        if isinstance(source, TensorFunction):
            require_axes(source, space.names, where)
        return np.array(space.datum(source, where)(*open_grid(points)))


def strong_form(space: Space, diffusion: Any, reaction: Any) -> StrongForm:
    """The strong form of an operator with coefficients as of `Poisson`.

    Raises
    ------
    ValueError
        If a basis is not smooth enough, or a coefficient not allowed.
    """
    for name, basis in zip(space.names, space.bases, strict=True):
        if not isinstance(basis, BSpline) or basis.continuity < 1:
            raise ValueError(
                f"space: axis {name} has {basis!r}, whose slopes jump between cells; the equation is taken pointwise and needs "
                "BSpline(mesh, degree) of degree >= 2 and continuity >= 1"
            )
    conduction, product = diffusion_coefficients(space, diffusion)
    potential = reaction_coefficients(space, reaction)
    axes = [_AxisTables.of(*row) for row in zip(space.bases, conduction, potential, strict=True)]
    terms = _product_terms(axes) if product else _sum_terms(axes)
    return StrongForm(space, tuple(axis.points for axis in axes), tuple(axis.weights for axis in axes), terms)


@dataclass(frozen=True, eq=False)
class _AxisTables:
    """One axis at its Gauss points: values, values times a and c, and ``-(a phi')'``."""

    points: FloatArray
    weights: FloatArray
    values: Any
    conducting: Any
    reacting: Any
    diffused: Any

    @classmethod
    def of(cls, basis: Basis, conduction: AxisCoefficient, potential: AxisCoefficient) -> "_AxisTables":
        rule = basis.mesh.quadrature(basis.degree + EXTRA_POINTS)
        values, slopes, bends = (sparse.csr_array(basis.tabulate(rule, k)) for k in range(3))
        a, c = (_sampled(coefficient, rule.points) for coefficient in (conduction, potential))
        da = ((a.reshape(basis.mesh.cells, -1) @ _differentiation(basis.degree + EXTRA_POINTS).T) / basis.mesh.sizes[:, None]).ravel()
        diffused = -(sparse.diags_array(a) @ bends + sparse.diags_array(da if conduction.varies else 0 * a) @ slopes)
        conducting, reacting = (sparse.csr_array(sparse.diags_array(factor) @ values) for factor in (a, c))
        return cls(rule.points, rule.weights, values, conducting, reacting, sparse.csr_array(diffused))


def _sampled(coefficient: AxisCoefficient, points: FloatArray) -> FloatArray:
    weight = coefficient.weight
    return np.array(np.broadcast_to(weight(points) if callable(weight) else weight, points.shape), dtype=float)


def _differentiation(count: int) -> FloatArray:
    """The derivatives at the Gauss points of a cell of length 1, of the polynomial through values there."""
    reference = 2 * gauss_legendre(count)[0] - 1
    legendre = np.polynomial.legendre
    derivatives = legendre.legvander(reference, count - 1)[:, : count - 1] @ legendre.legder(np.eye(count), scl=2)
    return np.asarray(derivatives @ np.linalg.inv(legendre.legvander(reference, count - 1)))


def _sum_terms(axes: Sequence[_AxisTables]) -> tuple[tuple[Any, ...], ...]:
    """Each axis with its own diffusion and reaction, times the values of the others."""
    values = [axis.values for axis in axes]
    return tuple((*values[:i], sparse.csr_array(axis.diffused + axis.reacting), *values[i + 1 :]) for i, axis in enumerate(axes))


def _product_terms(axes: Sequence[_AxisTables]) -> tuple[tuple[Any, ...], ...]:
    """The diffusion of each axis times the coefficients of the others; the reaction of each times their values."""
    values, conducting = [axis.values for axis in axes], [axis.conducting for axis in axes]
    diffusion = [(*conducting[:i], axis.diffused, *conducting[i + 1 :]) for i, axis in enumerate(axes)]
    reaction = [(*values[:i], axis.reacting, *values[i + 1 :]) for i, axis in enumerate(axes) if axis.reacting.count_nonzero()]
    return (*diffusion, *reaction)
