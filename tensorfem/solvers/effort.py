"""Seconds that the structured work of solvers takes on a machine: operators applied, eigenbases computed, inverses applied."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tensorfem.kron import KroneckerProduct, KroneckerSum, PartialSum, Pencil, SeparableOperator, kernels
from tensorfem.kron.eigenbasis import GRADED
from tensorfem.kron.mode_product import DENSE_INNER, DENSE_LAST
from tensorfem.kron.slabs import SLAB_ENTRIES
from tensorfem.kron.trigonometric import transform_cost
from tensorfem.solvers.conditioning import GROWTH, TYPICAL, amg_iterations
from tensorfem.solvers.cost import dense_sizes, separator_layers
from tensorfem.solvers.forecast import Effort
from tensorfem.solvers.machine import Machine
from tensorfem.solvers.rayleigh import terms_of

CALLS_PER_SLAB, CALLS_PER_APPLICATION = 25, 15  # of a Kronecker sum, sparse matrices being cut and converted
CELL_CALLS = 20  # of operators applied cell by cell by mode products
ITERATION_FIELDS = 8  # right-hand side, scaled too, iterate, best iterate, residual, direction, images by turns, and one on the way
TERM_FIELDS = 2  # that a sum of products has on the way
NULL_FIELDS = 8  # two vectors and their products, held by the prepared solve and by an iteration
PASSES, PROJECTION, CALLS_PER_ITERATION = 10, 3, 14  # of one iteration of conjugate gradients, and of taking out a null vector
NULL_PASSES = 20
# Making a hierarchy takes, relative to the miniature, so much per entry, and more in wide rows; rows of different lengths, as elements of
# higher degree have them, take more in three dimensions.
EVEN, WIDE, EVEN_WIDTH, UNEVEN = 0.6, 400.0, 3.2, {1: 1.0, 2: 1.1, 3: 1.7}
COLD, FAR, FAR_MATRIX = 2.0, 1.5, 5e6  # a matrix that is made once finds no memory ready, and a large one is beyond the caches
CYCLE_ROWS = 12  # entries that a row of a matrix counts as in a V-cycle
TRANSPOSES = 4  # passes that two transposed copies of a field take
DIVISION = 5  # passes of a division by eigenvalues that are made on the way
GRADED_START = 100  # unknowns of an axis up to which Jacobi's method takes more than it does later
# Kernels take these parts of the time of what they replace: of transforms, and of sums applied, tridiagonal and wider (measured).
COMPILED_TRANSFORM, FUSED_NARROW, FUSED_WIDE = 0.4, 0.06, 0.15
FUSED_AXES, NARROW, FUSED_WIDTH = 3, 3.0, 17.0  # to what sums they apply
HALVES, PERIODIC_PASSES = 0.65, 8  # of the products that halves still take; copies, packing and small products of Fourier transforms
SMALL_MATRIX = 64  # unknowns of an axis below which matrix products wait for memory


def fields_bytes(operator: Any, count: float) -> float:
    """Bytes of so many fields of an operator's unknowns, of those that its application takes and those that its null space takes.

    Examples
    --------
    >>> fields_bytes(KroneckerProduct(np.eye(5), np.eye(4)), 3)
    480.0
    """
    own = count + (TERM_FIELDS if isinstance(operator, SeparableOperator) else 0)
    return 8.0 * float(operator.shape[0]) * (own + (NULL_FIELDS if operator.null_vector is not None else 0))


def apply_seconds(operator: Any, machine: Machine) -> float:
    """Seconds of one application of an operator."""
    if isinstance(operator, KroneckerSum):
        return _sum_seconds(operator, machine)
    size = operator.shape[0]
    if not hasattr(operator, "terms"):
        return _cells_seconds(operator, machine)
    terms: Sequence[KroneckerProduct] = operator.terms
    products = sum(
        _mode_seconds(factor, operator.output_shape, axis, machine) for term in terms for axis, factor in enumerate(term.factors)
    )
    return products + machine.passes(size, 2 * sum(len(term.factors) for term in terms))


def _cells_seconds(operator: Any, machine: Machine) -> float:
    """Of an operator applied cell by cell: by a kernel, or by mode products."""
    if operator.compiled:
        return float(operator.form(operator.dtype).operations) * machine.band + CALLS_PER_APPLICATION * machine.call
    size, dimension = float(operator.shape[0]), len(operator.output_shape)
    width: float = float(operator.entries / size) ** (1 / dimension)
    products = 2 * dimension * (dimension + 1)
    return products * (CELL_CALLS * machine.call + float(2**dimension) * size * width * machine.band)


def _sum_seconds(operator: KroneckerSum, machine: Machine) -> float:
    widest = max(_width(pencil.stiffness) for pencil in operator.pencils)
    fused = kernels.pays(operator.shape[0]) and len(operator.pencils) <= FUSED_AXES and widest <= FUSED_WIDTH
    share = (FUSED_NARROW if widest <= NARROW else FUSED_WIDE) if fused else 1.0
    return share * _nested_seconds(operator, machine)


def _nested_seconds(operator: KroneckerSum, machine: Machine) -> float:
    shape, size = operator.output_shape, operator.shape[0]
    tail = size // shape[0]
    rows = min(shape[0], max(1, SLAB_ENTRIES // tail))
    first = operator.pencils[0].stiffness
    slabs = math.ceil(shape[0] / rows)
    overlap = 1 + (_width(first) - 1) / rows
    seconds = machine.call * (CALLS_PER_APPLICATION + CALLS_PER_SLAB * slabs)
    for axis in range(1, len(shape)):
        count = 3 if axis < len(shape) - 1 or operator.shift else 2
        slab_shape = (rows, *shape[1:])
        seconds += count * slabs * _mode_seconds(operator.pencils[axis].mass, slab_shape, axis, machine)
    return seconds + 2 * size * (_width(first) * machine.band + overlap * machine.near) + machine.passes(size, 2)


def _mode_seconds(factor: Any, shape: Sequence[int], axis: int, machine: Machine) -> float:
    """Seconds of one mode product of a sparse factor."""
    size, columns = math.prod(shape), shape[axis]
    lead, last = math.prod(shape[:axis]), axis == len(shape) - 1
    if columns <= (DENSE_LAST if last else DENSE_INNER):
        return machine.call + size * columns * machine.product * max(1.0, SMALL_MATRIX / columns)
    sparse = size * _width(factor) * machine.band
    return sparse + (machine.passes(size, TRANSPOSES) if last else machine.call * lead)


def _width(factor: Any) -> float:
    """Entries per row."""
    return float(getattr(factor, "nnz", factor.shape[0] * factor.shape[1])) / int(factor.shape[0])


def eigenbasis_operations(unknowns: int, rows: float) -> float:
    """Operations of the eigenbasis of one axis: the cube of the unknowns, but more where they are few or beyond the caches, and where
    there are more rows than unknowns."""
    return unknowns**3 * (1 + 900 / unknowns) * (1 + unknowns / 8000) * (1 + rows / unknowns) / 2


def eigenbases_seconds(operator: KroneckerSum | PartialSum, machine: Machine) -> float:
    """Seconds of the eigenbases that are stored as matrices."""
    return sum(
        (_eigenbasis_seconds(pencil, size, machine) for pencil in dict.fromkeys(operator.pencils) for size in dense_sizes(pencil)), 0.0
    )


def _eigenbasis_seconds(pencil: Pencil, size: int, machine: Machine) -> float:
    """Of the axis, or of one of its halves."""
    rows = pencil.size if pencil.root is None else pencil.root.shape[0]
    if pencil.root is not None and _is_graded(pencil):
        return machine.graded * size**3 * (1 + GRADED_START / size)
    return machine.eigenbasis * eigenbasis_operations(size, rows)


def _is_graded(pencil: Pencil) -> bool:
    """Whether the eigenbasis takes Jacobi's method: the rule of `dense_eigenbasis`, with the diagonal in the place of the mass matrix."""
    squares = pencil.root.multiply(pencil.root) * (1 / pencil.mass.diagonal())
    sums = [np.asarray(squares.sum(axis=axis)) for axis in (0, 1)]
    return any(s.max(initial=0.0) > GRADED**2 * s[s > 0].min(initial=np.inf) for s in sums)


def inverse_seconds(operator: KroneckerSum | PartialSum, machine: Machine) -> float:
    """Seconds of one application of the inverse by fast diagonalization, eigenbases known."""
    size = operator.shape[0]
    transforms = sum(_transform_seconds(pencil, size, machine) for pencil in operator.pencils)
    return 2 * transforms + machine.passes(size, DIVISION) + 10 * machine.call


def _transform_seconds(pencil: Pencil, size: int, machine: Machine) -> float:
    form = pencil.trigonometry
    if form is not None and pencil.is_trigonometric:
        share = COMPILED_TRANSFORM if kernels.pays(size) else 1.0
        return machine.call + share * size * transform_cost(form.kind, form.cells) * machine.transform + machine.passes(size, 2)
    if pencil.is_circulant and pencil.period is not None:
        fourier = transform_cost("periodic", pencil.size // pencil.period)
        return 10 * machine.call + size * fourier * machine.transform + machine.passes(size, PERIODIC_PASSES)
    share, passes = (HALVES, 2) if pencil.is_symmetric else (1.0, 0)
    products = share * size * pencil.size * machine.product * max(1.0, SMALL_MATRIX / pencil.size)
    return machine.call + products + machine.passes(size, passes)


def iteration_effort(operator: Any, machine: Machine, inverse: Effort, limit: int) -> Effort:
    """The effort of preconditioned conjugate gradients that take so many iterations as the inverse says."""
    size, iterations = operator.shape[0], min(inverse.iterations, limit)
    projections = 0 if operator.null_vector is None else PROJECTION * (1 if inverse.solve == 0 else 2)
    one = apply_seconds(operator, machine) + inverse.solve + machine.passes(size, PASSES + projections) + CALLS_PER_ITERATION * machine.call
    note = f"does not converge within {limit} iterations" if inverse.iterations > limit else inverse.note
    return Effort(inverse.setup, null_seconds(operator, machine) + (iterations + 1) * one, iterations, note)


def assembly_seconds(operator: Any, machine: Machine) -> float:
    """Seconds until an operator's explicit matrix is made."""
    if not hasattr(operator, "terms"):
        return machine.assembly * float(operator.entries) * len(operator.output_shape)
    entries = sum(math.prod(int(factor.nnz) for factor in term) for term in terms_of(operator))
    return machine.assembly * entries * (COLD + FAR * min(1.0, entries / FAR_MATRIX))


def hierarchy_effort(operator: Any, machine: Machine, rtol: float) -> Effort:
    """The effort of a hierarchy of smoothed aggregation, and of one V-cycle."""
    size = operator.shape[0]
    if not hasattr(operator, "terms"):
        return _hierarchy_in_cells(operator, machine, rtol)
    terms = terms_of(operator)
    entries = math.prod(int(sum(map(abs, factors)).nnz) for factors in zip(*terms, strict=True))
    splines = max(separator_layers(operator)) > 1
    uneven = not splines and max(map(_width, terms[0])) > EVEN_WIDTH
    weight = UNEVEN[min(3, len(terms[0]))] if uneven else EVEN + entries / size / WIDE
    cycle = machine.cycle * (entries + CYCLE_ROWS * size)
    iterations = amg_iterations(terms, rtol, splines=splines)
    return Effort(assembly_seconds(operator, machine) + machine.hierarchy * weight * entries, cycle, iterations)


def _hierarchy_in_cells(operator: Any, machine: Machine, rtol: float) -> Effort:
    size, entries = operator.shape[0], float(operator.entries)
    weight = EVEN + entries / size / WIDE
    setup = assembly_seconds(operator, machine) + machine.hierarchy * weight * entries
    typical = TYPICAL * max(1.0, size / 1e4) ** GROWTH * math.log(rtol) / math.log(1e-10)
    return Effort(setup, machine.cycle * (entries + CYCLE_ROWS * size), math.ceil(typical))


def null_seconds(operator: Any, machine: Machine) -> float:
    """Seconds of what a solve does once about a null space."""
    return 0.0 if operator.null_vector is None else machine.passes(operator.shape[0], NULL_PASSES)
