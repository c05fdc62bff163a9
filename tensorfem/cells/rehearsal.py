"""A coarse copy of a problem on which preconditioners are tried before one is chosen."""

from typing import Any

import numpy as np

from tensorfem.axis import Lagrange, Mesh, mass
from tensorfem.cells.axis_cells import AxisCells
from tensorfem.cells.face_term import FaceTerm
from tensorfem.kron import Array, KroneckerProduct, KroneckerSum
from tensorfem.solvers.conjugate_gradients import ConjugateGradients
from tensorfem.solvers.explicit import Explicit
from tensorfem.solvers.forecast import REHEARSED
from tensorfem.solvers.scaled_inverse import ScaledInverse
from tensorfem.solvers.stopping import Stopping

CELLS = 1000  # of the copy, about
MOST = 60  # iterations, after which the rest is extrapolated
SEED = 19_730_403  # of the right-hand side: always the same


def coarse_copy(operator: Any) -> Any:
    """The problem with linear elements on few cells, each with the coefficient of one cell in its middle."""
    most = max(4, round(CELLS ** (1 / operator.dimension)))
    ends = [_ends(axis.count, most) for axis in operator.axes]
    axes = [_coarse_axis(axis, own) for axis, own in zip(operator.axes, ends, strict=True)]
    faces = [_coarse_face(face, axes) for face in operator.faces]
    diffusion = np.stack([_picked(entry, operator, ends) for entry in operator.diffusion])
    reaction = None if operator.reaction is None else _picked_or_mean(operator.reaction, operator, ends)
    null = None if operator.null_vector is None else tuple(np.ones(axis.size) for axis in axes)
    return type(operator)(axes, diffusion, reaction, faces=faces, null_vector=null)


def growth(operator: Any, copy: Any) -> float:
    """How many times as many cells the operator has as its copy, along the axis where this is the most."""
    return max(float(fine.count / coarse.count) for fine, coarse in zip(operator.axes, copy.axes, strict=True))


def iterations_of(operator: Explicit, nearest: KroneckerSum, inverse_scale: Array | None) -> float:
    """Iterations to a relative residual of 1e-8, for a random right-hand side."""
    rhs = np.random.default_rng(SEED).standard_normal(operator.output_shape)
    if operator.null_vector is not None:
        rhs -= rhs.mean()
    method = ConjugateGradients(operator, Stopping(REHEARSED, maxiter=MOST), ScaledInverse(nearest.spectrum(), inverse_scale, 1))
    outcome = method(rhs, False)
    if outcome.converged or not 0 < outcome.residual_history[-1] < 1:
        return float(outcome.iterations)
    return outcome.iterations * float(np.log(REHEARSED) / np.log(outcome.residual_history[-1]))


def _ends(count: int, most: int) -> Array:
    """Which of the cells' ends are left."""
    return np.unique(np.round(np.linspace(0, count, min(count, most) + 1)).astype(int))


def _coarse_axis(axis: AxisCells, ends: Array) -> AxisCells:
    basis = Lagrange(Mesh(axis.basis.mesh.nodes[ends], axis.basis.mesh.periodic), 1)
    held = axis.basis.size - axis.free.stop
    return AxisCells(basis, slice(axis.free.start, basis.size - held), points=2)


def _coarse_face(face: FaceTerm, axes: list[AxisCells]) -> FaceTerm:
    others = [mass(axis.basis)[axis.free, axis.free] for k, axis in enumerate(axes) if k != face.axis]
    return FaceTerm(face.axis, 0 if face.place == 0 else -1, face.coefficient, KroneckerProduct(*others) if others else None)


def _picked_or_mean(reaction: Array, operator: Any, ends: list[Array]) -> Array:
    """A reaction that is zero in all middles is spread evenly: it may be all that keeps the copy from being singular."""
    picked = _picked(reaction, operator, ends)
    return picked if picked.any() else np.full_like(picked, reaction.mean())


def _picked(samples: Array, operator: Any, ends: list[Array]) -> Array:
    places = []
    for axis, own, length in zip(operator.axes, ends, samples.shape, strict=True):
        per_cell = length // axis.count
        places.append((own[:-1] + own[1:]) // 2 * per_cell + per_cell // 2)
    return samples[np.ix_(*places)]
