"""The nearest operators that fast diagonalization inverts: ``S A0 S`` with a Kronecker sum A0 and a diagonal S."""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sparse

from tensorfem.axis import AxisMatrices
from tensorfem.cells.axis_cells import AxisCells
from tensorfem.cells.rehearsal import coarse_copy, growth, iterations_of
from tensorfem.cells.separation import Separation, anisotropy, scalar
from tensorfem.kron import Array, KroneckerSum, mode_product
from tensorfem.solvers.explicit import Explicit
from tensorfem.solvers.forecast import Promise

FEW = 20.0  # iterations that no other way is looked for to save
MUCH_FEWER = 0.7  # of the iterations: what the dense eigenbases of varying parts must save over fast transforms
CONSTANT, SEPARABLE, BOTH = "scaled fast diagonalization", "the best separable coefficient", "the best separable coefficient, scaled"


@dataclass(frozen=True, eq=False)
class ScaledSum:
    """An operator ``S A0 S`` near another one.

    Attributes
    ----------
    nearest : KroneckerSum
        A0.
    inverse_scale : array or None
        The diagonal of S^-1, as a field; None where S is the identity.
    promise : Promise
        The iterations that it leaves to conjugate gradients, and what it is, in words.

    References
    ----------
    Concus & Golub, "Use of fast direct methods for the efficient numerical solution of nonseparable elliptic equations", SIAM J. Numer.
    Anal. 10 (1973).
    """

    nearest: KroneckerSum
    inverse_scale: Array | None
    promise: Promise


@dataclass(frozen=True)
class Kind:
    """One way to come near: whether A0 has the best separable coefficient or a constant one, and whether it is scaled."""

    words: str
    constant: bool
    scaled: bool


KINDS = (Kind(CONSTANT, True, True), Kind(SEPARABLE, False, False), Kind(BOTH, False, True))


def approximations(operator: Any) -> Iterator[tuple[Kind, Promise]]:
    """Every way to come near an operator, and what it promises.

    Each is rehearsed: conjugate gradients solve a coarse copy of the problem, with samples of the coefficient, and the iterations are
    counted. With a smooth coefficient they do not depend on the grid: scaling turns ``-div(a grad u)`` into ``-Laplace(v) + q v`` with
    ``q = Laplace(sqrt a) / sqrt a``, a bounded change. Where the rest of the coefficient jumps between neighbouring cells, q grows with
    the grid, and the iterations are taken to grow as its cells. Without scaling the condition number is at most the spread.
    """
    field = scalar(operator.diffusion, operator.dimension)
    copy = coarse_copy(operator)
    matrix = Explicit.of(copy)
    for kind in KINDS:
        separation = Separation.of(field, constant=kind.constant)
        if not kind.constant and kind.scaled and separation.is_constant:
            continue
        nearest, scale = near(copy, kind)
        count = iterations_of(matrix, nearest, scale)
        grown = count * (1.0 if separation.smooth else growth(operator, copy))
        bound = np.inf if kind.scaled or len(operator.diffusion) > 1 else Promise.of_condition(separation.spread)
        yield kind, Promise(float(min(grown, bound)), separation.smooth, kind.words)


def best(operator: Any) -> tuple[Kind, Promise]:
    """The way that promises the fewest iterations; the one with fast transforms, unless another promises much fewer."""
    ways = approximations(operator)
    kind, promise = next(ways)
    if promise.iterations <= FEW and MUCH_FEWER * promise.iterations < _bound_without_scaling(operator):
        return kind, promise
    for other, its in ways:
        if its.iterations < promise.iterations * (MUCH_FEWER if kind.constant else 1.0):
            kind, promise = other, its
    return kind, promise


def _bound_without_scaling(operator: Any) -> float:
    return Promise.of_condition(Separation.of(scalar(operator.diffusion, operator.dimension), constant=False).spread)


def is_rough(operator: Any) -> bool:
    """Whether what no product takes of the diffusion jumps, and spreads too far for any product to come near.

    This takes a small part of the time of a rehearsal.
    """
    rest = Separation.of(scalar(operator.diffusion, operator.dimension), constant=False)
    return not rest.smooth and Promise.of_condition(rest.spread) > FEW


def scaled_sum(operator: Any, kind: Kind, promise: Promise) -> ScaledSum:
    """The nearest operator that fast diagonalization inverts, in a way that is known."""
    return ScaledSum(*near(operator, kind), promise)


def near(operator: Any, kind: Kind) -> tuple[KroneckerSum, Array | None]:
    """A0 and the diagonal of S^-1, of one kind."""
    field = scalar(operator.diffusion, operator.dimension)
    parts = Separation.of(field, constant=kind.constant).parts
    nearest = _sum(operator, field, parts)
    if not kind.scaled:
        return nearest, None
    if operator.reaction is None:
        return nearest, _inverse_root(_averaged(operator, field, parts))
    return nearest, _inverse_root(operator.diagonal() / nearest.diagonal())


def _inverse_root(squares: Array) -> Array:
    np.sqrt(squares, out=squares)
    return np.asarray(np.divide(1.0, squares, out=squares))


def _averaged(operator: Any, field: Array, parts: tuple[Array, ...]) -> Array:
    """What is left of the coefficient, averaged with the squares of the functions: the ratio of the diagonals of two mass matrices.

    It takes a third of the work of the diagonal itself, and where the rest is smooth, which scaling is for, the two agree.
    """
    for k in reversed(range(len(parts))):
        field = mode_product(_weights(operator.axes[k], parts[k]), field, k)
    return field


def _weights(axis: AxisCells, part: Array) -> Any:
    """From samples along an axis to means over the functions' squares, the part being taken out."""
    squares = sparse.csr_array((axis.values * axis.values).T @ sparse.diags_array(axis.weights.ravel()))
    if part.size == axis.count:
        squares = squares @ sparse.kron(sparse.eye_array(axis.count), np.ones((axis.points, 1)))
    return sparse.csr_array(sparse.diags_array(1 / squares.sum(axis=1)) @ squares @ sparse.diags_array(1 / part))


def _sum(operator: Any, field: Array, parts: tuple[Array, ...]) -> KroneckerSum:
    factors = anisotropy(operator.diffusion, operator.dimension)
    robin = [[0.0, 0.0] for _ in parts]
    for face in operator.faces:
        end = 0 if face.place == 0 else -1
        on_face = np.moveaxis(field, face.axis, -1)[..., end]
        robin[face.axis][end] += face.coefficient * float(parts[face.axis][end]) * float(np.mean(1 / on_face))
    shift = 0.0 if operator.reaction is None else max(0.0, float(np.mean(operator.reaction / field)))
    pencils = []
    for axis, part, factor, ends in zip(operator.axes, parts, factors, robin, strict=True):
        weight = _function(axis, part)
        diffusion = factor * weight if isinstance(weight, float) else _times(weight, factor)
        matrices = AxisMatrices(axis.basis, diffusion=diffusion, weight=weight, robin=(ends[0], ends[1]))
        pencils.append(matrices.restrict((axis.free.start > 0, axis.free.stop < axis.basis.size)))
    return _like(KroneckerSum(pencils, shift), operator)


def _like(nearest: KroneckerSum, operator: Any) -> KroneckerSum:
    """Singular where the operator is, and regular where it is: a reaction may vanish where samples are."""
    if nearest.null_vector is not None and operator.null_vector is None:
        return KroneckerSum(nearest.pencils, 1.0)
    return nearest


def _function(axis: AxisCells, part: Array) -> Any:
    """A part as a weight of `AxisMatrices`: a number, or a function that knows its values at the Gauss points."""
    if np.ptp(part) == 0:
        return float(part[0])
    return functools.partial(_at_points, part.reshape(axis.count, -1))


def _at_points(cells: Array, points: Array) -> Array:
    per_cell = points.size // len(cells)
    return cells.ravel() if cells.shape[1] == per_cell else np.repeat(np.exp(np.log(cells).mean(axis=1)), per_cell)


def _times(function: Callable[[Array], Array], factor: float) -> Callable[[Array], Array]:
    return lambda points: factor * function(points)
