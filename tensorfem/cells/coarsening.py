"""Coarser cell operators, and the prolongations from them: lower degrees first, then larger cells, where couplings are strong."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from tensorfem.axis import Lagrange, Mesh
from tensorfem.cells.axis_cells import AxisCells
from tensorfem.cells.bands import relative_spacings
from tensorfem.cells.face_term import FaceTerm
from tensorfem.kron import Array, KroneckerProduct, mode_product

Starts = NDArray[np.intp]  # the first of the cells that are merged into each coarser one
STRONG = 4.0  # smallest spacings: what merged cells may measure. Twice the smallest, and a third for axes of nearly equal cells
ALIKE = 1.02  # the quotient of two means up to which a number stays one


def coarser(operator: Any) -> tuple[Any, KroneckerProduct] | None:
    """The next coarser operator, and the prolongation from its unknowns.

    Along an axis, functions of degree p > 1 go to degree p // 2 on the same cells, those of degree 1 to merged cells: pairs of
    neighbours, but only where the coarse functions' distance, relative to the square root of the axis' mean diffusion, stays below
    about twice the smallest one. So stretched cells are coarsened along their short sides first, and graded axes lose their small
    cells first, until all couplings are alike (semi-coarsening). A coarse coefficient is the mean over its cell: the first moment of
    what the Galerkin product would take.

    Parameters
    ----------
    operator : CellOperator

    Returns
    -------
    (CellOperator, KroneckerProduct) or None
        None where one unknown is left.

    References
    ----------
    Mulder, "A new multigrid approach to convection problems", J. Comput. Phys. 83 (1989); Brandt & Livne, Multigrid Techniques (2011).
    """
    steps = _steps(operator)
    if steps is None:
        return None
    axes, starts = zip(*steps, strict=True)
    factors = [_prolongation(fine, coarse) for fine, coarse in zip(operator.axes, axes, strict=True)]
    null = operator.null_vector
    coarse = type(operator)(
        axes,
        _diffusion(operator, steps),
        None if operator.reaction is None else _averaged(operator.axes, starts, operator.reaction),
        faces=[_coarse_face(face, factors) for face in operator.faces],
        definite=operator.definite,
        null_vector=None if null is None else tuple(np.full(axis.size, vector[0]) for axis, vector in zip(axes, null, strict=True)),
        compiled=operator.compiled,
    )
    return coarse, KroneckerProduct(*factors)


def _lowered(axis: AxisCells) -> AxisCells:
    """Half the degree on the same cells; splines go to hat functions at once."""
    basis = axis.basis
    return _on(axis, Lagrange(basis.mesh, basis.degree // 2 if isinstance(basis, Lagrange) else 1))


def _on(axis: AxisCells, basis: Any) -> AxisCells:
    """Another basis, held at the same ends."""
    held_last = axis.free.stop < axis.basis.size
    return AxisCells(basis, slice(min(axis.free.start, 1), basis.size - held_last), basis.degree + 1)


def _steps(operator: Any) -> list[tuple[AxisCells, Starts]] | None:
    """Every axis with what is strongly coupled lowered or merged."""
    spacings = relative_spacings(operator)
    left = [k for k, axis in enumerate(operator.axes) if axis.size > 1]
    if not left:
        return None
    limit = STRONG * min(float(spacings[k].min()) for k in left)
    while True:
        pairs = enumerate(zip(operator.axes, spacings, strict=True))
        steps = [_step(axis, h, limit) if k in left else _kept(axis) for k, (axis, h) in pairs]
        if any(new is not old for (new, _), old in zip(steps, operator.axes, strict=True)):
            return steps
        limit *= 2  # each small cell lies between large ones


def _step(axis: AxisCells, spacings: Array, limit: float) -> tuple[AxisCells, Starts]:
    if axis.is_linear:
        return _merge(axis, spacings, limit)
    return (_lowered(axis), np.arange(axis.count)) if 2 * spacings.min() <= limit else _kept(axis)


def _kept(axis: AxisCells) -> tuple[AxisCells, Starts]:
    return axis, np.arange(axis.count)


def _merge(axis: AxisCells, sizes: Array, limit: float) -> tuple[AxisCells, Starts]:
    """An axis with neighbouring cells merged, two by two; a single cell that is held nowhere is left with its constant."""
    mesh = axis.basis.mesh
    if axis.count == 1:
        constant = axis.basis.on(Mesh(mesh.nodes, periodic=True))
        return (_on(axis, constant), np.zeros(1, dtype=np.intp)) if sizes[0] <= limit else _kept(axis)
    starts = _starts(sizes, limit)
    if starts.size == axis.count:
        return _kept(axis)
    return _on(axis, axis.basis.on(Mesh(np.append(mesh.nodes[:-1][starts], mesh.nodes[-1]), mesh.periodic))), starts


def _starts(sizes: Array, limit: float) -> Starts:
    """Where merged cells start: from the left, two cells are merged if they are no larger than the limit together."""
    if sizes[:-1].max(initial=0.0) + sizes[1:].max(initial=0.0) <= limit:
        return np.arange(0, sizes.size, 2)
    starts, k = [], 0
    while k < sizes.size:
        starts.append(k)
        k += 2 if k + 1 < sizes.size and sizes[k] + sizes[k + 1] <= limit else 1
    return np.array(starts)


def _prolongation(fine: AxisCells, coarse: AxisCells) -> Any:
    """The coarse functions at the fine ones' nodes: exact where spaces are nested, Schoenberg's approximation by splines."""
    if fine is coarse:
        return sparse.eye_array(fine.size, format="csr")
    matrix = sparse.csr_array(coarse.basis.evaluate(fine.basis.nodes)[fine.free, coarse.free])
    matrix.eliminate_zeros()
    return matrix


def _diffusion(operator: Any, steps: Sequence[tuple[AxisCells, Starts]]) -> Array:
    """The diffusion of the coarse cells: arithmetic means; but where cells are merged along one axis alone, the harmonic mean along it.

    The latter is that of resistances in a row, and this axis' coupling is the strong one there. A number becomes a diagonal tensor
    where the two means differ. Where lines are solved, nothing is left that resistances would say of them, and parallel ones count.
    """
    axes, samples = operator.axes, operator.diffusion
    starts = [first for _, first in steps]
    changed = [k for k, (old, (new, _)) in enumerate(zip(axes, steps, strict=True)) if new is not old]
    alone = len(changed) == 1 and starts[changed[0]].size < axes[changed[0]].count
    means = _averaged(axes, starts, samples)
    if operator.strong_axes or not alone or len(samples) not in (1, len(axes)):
        return means
    along = changed[0] if len(samples) > 1 else 0
    harmonic = 1 / _averaged(axes, starts, 1 / samples[along])
    if len(samples) < len(axes) and float((means[0] / harmonic).max()) < ALIKE:
        return means
    if len(samples) < len(axes):
        means, along = np.repeat(means, len(axes), axis=0), changed[0]
    means[along] = harmonic
    return means


def _averaged(axes: Sequence[AxisCells], starts: Sequence[Starts], samples: Array) -> Array:
    """The means of samples, (\\*batch, \\*grid), over the coarse cells."""
    for k, (axis, first) in enumerate(zip(axes, starts, strict=True)):
        per_cell = samples.shape[samples.ndim - len(axes) + k] == axis.count
        if per_cell and first.size == axis.count:
            continue
        weights = axis.basis.mesh.sizes if per_cell else axis.weights.ravel()
        samples = mode_product(
            _means(first * (1 if per_cell else axis.points), weights).astype(samples.dtype), samples, k, dimension=len(axes)
        )
    return samples


def _means(starts: Starts, weights: Array) -> Any:
    """The matrix of weighted means over runs that start at some places."""
    ends = np.append(starts, weights.size)
    shares = weights / np.repeat(np.add.reduceat(weights, starts), np.diff(ends))
    return sparse.csr_array((shares, np.arange(weights.size), ends), shape=(starts.size, weights.size))


def _coarse_face(face: FaceTerm, factors: Sequence[Any]) -> FaceTerm:
    """The Galerkin product of a face's mass; the face's own function is 1 there on both levels."""
    others = [factor for k, factor in enumerate(factors) if k != face.axis]
    rows, columns = factors[face.axis].shape
    mass = None if face.mass is None else [p.T @ m @ p for p, m in zip(others, face.mass.factors, strict=True)]
    place = 0 if face.place % rows == 0 and rows > 1 else columns - 1
    return FaceTerm(face.axis, place, face.coefficient, None if mass is None else KroneckerProduct(*mass))
