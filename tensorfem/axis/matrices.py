"""The one-dimensional matrices of a basis: mass, stiffness, convection, and what boundary conditions leave of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from tensorfem.axis.basis import Basis
from tensorfem.kron import Kind, Pencil, Trigonometry

FloatArray = NDArray[np.float64]
Weight = float | Callable[[FloatArray], Any]  # a constant, or a function of the axis' coordinate


def bilinear(basis: Basis, weight: Weight = 1.0, *, test: int = 0, trial: int = 0, points: int | None = None) -> Any:
    """The matrix of the integrals of ``weight * D^test phi_i * D^trial phi_j``.

    Parameters
    ----------
    basis : Basis
    weight : float or function of an array of points
    test, trial : int
        Derivatives of test and trial function.
    points : int, optional
        Gauss points per cell; ``degree + 1`` by default, exact for constant weights.

    Returns
    -------
    (size, size) sparse array
    """
    rule = basis.mesh.quadrature(basis.degree + 1 if points is None else points)
    left, right = basis.tabulate(rule, test), basis.tabulate(rule, trial)
    return sparse.csr_array(left.T @ sparse.diags_array(rule.weights * _sampled(weight, rule.points)) @ right)


def mass(basis: Basis, weight: Weight = 1.0, *, points: int | None = None) -> Any:
    """The mass matrix, the integrals of ``weight phi_i phi_j``; arguments and result as of `bilinear`.

    Examples
    --------
    >>> from tensorfem.axis import Lagrange, interval
    >>> mass(Lagrange(interval(0, 6, cells=2), degree=1)).toarray()
    array([[1. , 0.5, 0. ],
           [0.5, 2. , 0.5],
           [0. , 0.5, 1. ]])
    """
    return bilinear(basis, weight, points=points)


def stiffness(basis: Basis, weight: Weight = 1.0, *, points: int | None = None) -> Any:
    """The stiffness matrix, the integrals of ``weight phi_i' phi_j'``; arguments and result as of `bilinear`."""
    return bilinear(basis, weight, test=1, trial=1, points=points)


def convection(basis: Basis, weight: Weight = 1.0, *, points: int | None = None) -> Any:
    """The convection matrix, the integrals of ``weight phi_i phi_j'``; arguments and result as of `bilinear`."""
    return bilinear(basis, weight, trial=1, points=points)


@dataclass(frozen=True, eq=False)
class AxisMatrices:
    """The matrices of one axis over all its unknowns, boundary included.

    Parameters
    ----------
    basis : Basis
    diffusion, weight : float or function
        Weights of stiffness and mass.
    reaction : function, optional
        A nonnegative reaction of this coordinate alone, which joins the stiffness matrix.
    robin : pair of float
        Robin coefficients at the two ends.
    """

    basis: Basis
    diffusion: Weight = 1.0
    weight: Weight = 1.0
    reaction: Weight | None = None
    robin: tuple[float, float] = (0.0, 0.0)

    def root(self) -> Any:
        """B with stiffness = B^T B: a row for each quadrature point, and for each Robin end."""
        basis = self.basis
        rule = basis.mesh.quadrature(basis.degree + 1)
        rows = [_weighted(basis.tabulate(rule, 1), rule.weights * _sampled(self.diffusion, rule.points))]
        if self.reaction is not None:
            rows.append(_weighted(basis.tabulate(rule), rule.weights * _sampled(self.reaction, rule.points)))
        ends = [(index, value) for index, value in zip((0, basis.size - 1), self.robin, strict=True) if value]
        for index, value in ends:
            rows.append(sparse.csr_array(([np.sqrt(value)], ([0], [index])), shape=(1, basis.size)))
        return sparse.csr_array(sparse.vstack(rows))

    def mass(self) -> Any:
        """M, with its weight."""
        return mass(self.basis, self.weight)

    def free(self, dirichlet: tuple[bool, bool]) -> slice:
        """The unknowns that are left when the ends marked True are given."""
        return slice(int(dirichlet[0]), self.basis.size - int(dirichlet[1]))

    def restrict(self, dirichlet: tuple[bool, bool]) -> Pencil:
        """The pencil of the free unknowns."""
        free = self.free(dirichlet)
        root = self.root()[:, free]
        natural = not any(dirichlet) and not any(self.robin) and self.reaction is None
        return Pencil(
            stiffness=sparse.csr_array(root.T @ root),
            mass=sparse.csr_array(self.mass()[free, free]),
            root=root,
            null_vector=np.ones(root.shape[1]) if natural else None,
            trigonometry=self._trigonometry(dirichlet),
            period=self._period(),
        )

    def coupling(self, dirichlet: tuple[bool, bool]) -> tuple[Any, Any]:
        """Stiffness and mass of the free unknowns against all: what lifting multiplies boundary values by."""
        free, root = self.free(dirichlet), self.root()
        return sparse.csr_array(root[:, free].T @ root), sparse.csr_array(self.mass()[free])

    @property
    def _is_constant(self) -> bool:
        weights = isinstance(self.diffusion, float) and isinstance(self.weight, float) and self.reaction is None
        return weights and self.basis.mesh.uniform and not any(self.robin)

    def _period(self) -> int | None:
        mesh = self.basis.mesh
        return self.basis.size // mesh.cells if mesh.periodic and self._is_constant else None

    def _trigonometry(self, dirichlet: tuple[bool, bool]) -> Trigonometry | None:
        mesh = self.basis.mesh
        if self.basis.degree > 1 or not self._is_constant:
            return None
        kind = "periodic" if mesh.periodic else "-".join("dirichlet" if end else "neumann" for end in dirichlet)
        return Trigonometry(cast(Kind, kind), mesh.length, mesh.cells, (cast(float, self.diffusion), cast(float, self.weight)))


def _sampled(weight: Weight, points: FloatArray) -> FloatArray:
    return np.broadcast_to(np.asarray(weight(points) if callable(weight) else weight, dtype=float), points.shape)


def _weighted(matrix: Any, weights: FloatArray) -> Any:
    return sparse.csr_array(sparse.diags_array(np.sqrt(weights)) @ matrix)
