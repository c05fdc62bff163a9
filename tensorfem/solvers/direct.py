"""Sparse direct factorization."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sparse

from tensorfem.kron import Array, KroneckerSum, require_memory
from tensorfem.solvers.cost import PATIENCE, eigenbasis_seconds, factorization_entries, factorization_operations
from tensorfem.solvers.effort import assembly_seconds, eigenbases_seconds, fields_bytes, null_seconds
from tensorfem.solvers.fast_diagonalization import check_resonance, refuse_resonance
from tensorfem.solvers.forecast import Effort
from tensorfem.solvers.machine import Machine
from tensorfem.solvers.nullspace import NullSpace
from tensorfem.solvers.solver import FIELDS, Method, Outcome, Solver

ENTRY_BYTES = 14  # of the factors: a number, most of an index, and what SuperLU reserves beyond
MATRIX_BYTES = 60  # per entry of the explicit matrix, while it is made
TRIANGLES = 3  # times as long as a product with a matrix of as many entries takes a solve with the factors
DEFINITE = {"permc_spec": "MMD_AT_PLUS_A", "diag_pivot_thresh": 0.0, "options": {"SymmetricMode": True}}


@dataclass(frozen=True, repr=False)
class Direct(Solver):
    """Solve by the sparse LU factorization of the explicit matrix (SuperLU).

    On positive definite matrices it orders symmetrically and needs no pivots. A singular operator gets one unknown pinned: on a right-hand
    side that has a solution, ``A + d e e^T`` with a unit vector e gives the solution that vanishes there, and is positive definite.

    References
    ----------
    Li, "An overview of SuperLU", ACM Trans. Math. Softw. 31 (2005); Bochev & Lehoucq, "On the finite element solution of the pure Neumann
    problem", SIAM Review 47 (2005).

    Examples
    --------
    >>> from tensorfem.axis import AxisMatrices, Lagrange, interval
    >>> pencil = AxisMatrices(Lagrange(interval(0, 1, cells=4), degree=1)).restrict((True, True))
    >>> Direct().prepare(KroneckerSum([pencil]))(np.full(3, 0.25)).value
    array([0.09375, 0.125  , 0.09375])
    """

    def _method(self, operator: Any) -> Method:
        negative = getattr(operator, "shift", 0.0) < 0 and getattr(operator, "mass", None) is not None
        definite = _is_definite(operator)
        _require_room(operator, definite)
        by_eigenbases = negative and isinstance(operator, KroneckerSum) and eigenbasis_seconds(operator) <= PATIENCE
        if by_eigenbases:
            check_resonance(operator.spectrum())
        if operator.null_vector is not None:
            return _pinned_method(operator)
        factors = _factorized(operator, operator.tosparse(), definite)
        if negative and not by_eigenbases:
            _check_resonance_by_iteration(operator, factors)
        return lambda rhs, overwrite: Outcome(factors.solve(rhs.ravel()).reshape(rhs.shape))

    def memory(self, operator: Any) -> float:
        """The explicit matrix, its factors and the fields of a solve."""
        return fields_bytes(operator, FIELDS) + _factor_bytes(
            operator, factorization_entries(operator, pivoting=not _is_definite(operator))
        )

    def _effort(self, operator: Any, machine: Machine) -> Effort:
        pivoting = not _is_definite(operator)
        solves = 1 if operator.null_vector is None else 2
        triangles = TRIANGLES * machine.sparse * factorization_entries(operator, pivoting=pivoting)
        factorization = machine.factorization * factorization_operations(operator, pivoting=pivoting)
        resonance = eigenbases_seconds(operator, machine) if isinstance(operator, KroneckerSum) and operator.shift < 0 else 0.0
        return Effort(resonance + assembly_seconds(operator, machine) + factorization, solves * triangles + null_seconds(operator, machine))


def _is_definite(operator: Any) -> bool:
    return operator.null_vector is not None or bool(getattr(operator, "definite", False))


def _factor_bytes(operator: Any, entries: float) -> float:
    return ENTRY_BYTES * entries + MATRIX_BYTES * float(operator.entries)


def _require_room(operator: Any, definite: bool) -> None:
    entries = factorization_entries(operator, pivoting=not definite)
    what = f"Direct: the factorization of {operator!r} (about {entries:.2g} entries)"
    require_memory(_factor_bytes(operator, entries), what, f"use {_instead(operator, definite)}")
    if entries > np.iinfo(np.int32).max:
        raise MemoryError(f"{what} has more than the {np.iinfo(np.int32).max} that SuperLU can number; use {_instead(operator, definite)}")


def _instead(operator: Any, definite: bool) -> str:
    if isinstance(operator, KroneckerSum):
        return "FastDiagonalization(), which needs little more than the field itself"
    return (
        "CG(preconditioner=FastDiagonalization())"
        if definite
        else "fewer cells: with a negative reaction nothing else solves this operator"
    )


def _factorized(operator: Any, matrix: Any, definite: bool) -> Any:
    """The factors of a matrix; with default pivoting where it is not definite."""
    from scipy.sparse.linalg import splu

    options: dict[str, Any] = DEFINITE if definite else {}
    try:
        return splu(matrix.tocsc(), **options)
    except RuntimeError as error:
        raise ValueError(f"Direct: {operator!r} is singular ({error}); change the reaction or the mesh") from error


def _pinned_method(operator: Any) -> Method:
    """The unknown of largest mass is pinned; a step of refinement spreads the rounding that has collected there."""
    null = NullSpace(operator)
    place, size = int(np.argmax(null.mass_vector)), operator.shape[0]
    matrix = operator.tosparse()
    pin = sparse.csr_array(([float(matrix[place, place]) or 1.0], ([place], [place])), shape=(size, size))
    factors = _factorized(operator, matrix + pin, definite=True)

    def solve(rhs: Array, overwrite: bool) -> Outcome:
        value: Array = factors.solve(rhs.ravel()).reshape(rhs.shape)
        remainder = null.project_rhs(rhs - operator.matvec(value))
        value += factors.solve(remainder.ravel()).reshape(rhs.shape)
        return Outcome(value)

    return solve


def _check_resonance_by_iteration(operator: Any, factors: Any) -> None:
    """Refuse an operator that a negative shift makes singular, found by inverse iteration: an eigenvalue as near to the shift as that
    outgrows all others in one step."""
    mass = operator.mass
    vector = np.random.default_rng(1964).standard_normal(operator.shape[0])
    nearest = np.inf
    for _ in range(3):
        vector /= np.sqrt(vector @ mass.matvec(vector))
        image = mass.matvec(vector)
        vector = factors.solve(image)
        nearest = 1 / float(image @ vector)
    refuse_resonance(operator.shift, nearest)
