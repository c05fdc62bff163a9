"""Fast diagonalization in place: the sweeps over a field that transform its axes, solve what is left, and transform back."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import tensorfem.kron.kernels as kernels
from tensorfem.kron.banded_systems import BandedSystems
from tensorfem.kron.cross_modes import CrossModes
from tensorfem.kron.eigenbasis import DenseEigenbasis, Eigenbasis
from tensorfem.kron.mode_product import Array
from tensorfem.kron.sweeps import Sweep, Transform, multiply
from tensorfem.kron.threads import with_threads
from tensorfem.kron.trigonometric import TrigonometricEigenbasis

FEW_COLUMNS = 16  # side by side in memory, below which systems along an axis are solved in a transposed copy of their slab


Bases = tuple[Eigenbasis | None, ...]
Step = Callable[[Array, int], None]  # a transform along an axis, in place


class Diagonalization:
    """A direct solver for ``b -> x`` that walks over the field three times, in slabs that stay in the cache.

    All axes but one are transformed slab by slab along axis 0 (the one axis being axis 0); then, in blocks of columns along axis 0, what is
    left along it is transformed, divided and transformed back, or solved as it is; then the others are transformed back. Everything
    happens in the memory of the result. Blocks of columns and slabs go to threads, but for matrix products, which have their own.

    Parameters
    ----------
    bases : sequence of Eigenbasis or None
        One per axis; None for an axis that is not transformed, which must be `axis`.
    systems : BandedSystems
        What is left along `axis`, by the modes of the others.
    modes : CrossModes
        Those of all axes but `axis`.
    axis : int
    singular : bool
        Whether the first mode of every axis spans the null space: its component is then left out (all axes transformed).
    """

    def __init__(
        self, bases: Sequence[Eigenbasis | None], systems: BandedSystems, modes: CrossModes, *, axis: int = 0, singular: bool = False
    ) -> None:
        self.bases, self.systems, self.modes, self.axis, self.singular = tuple(bases), systems, modes, axis, singular
        self.shape = (*modes.shape[:axis], systems.size, *modes.shape[axis:])
        self.is_complex = any(basis is not None and basis.is_complex for basis in bases)
        self._cast: dict[Any, Bases] = {}
        self._workspace: list[Array] = []

    def precision(self, dtype: Any) -> Any:
        """The type in which a right-hand side of this type is solved: its own where it is one of the two precisions, else double."""
        single = np.dtype(dtype) in (np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.complex64))
        complex_too = self.is_complex or np.dtype(dtype).kind == "c"
        return np.dtype({(True, True): "c8", (True, False): "f4", (False, True): "c16", (False, False): "f8"}[single, complex_too])

    def solve(self, rhs: Array, *, overwrite: bool = False, threads: int | None = None) -> Array:
        """Solve for a right-hand side of shape (\\*batch, \\*shape), in its precision; see `Spectrum.solve`."""
        dtype = self.precision(rhs.dtype)
        own = overwrite and rhs.dtype == dtype and rhs.flags.c_contiguous and rhs.flags.writeable
        result = rhs if own else np.empty(rhs.shape, dtype=dtype)
        if result.size:
            sweep = Sweep(result.reshape(-1, *self.shape), self._take_workspace())
            with with_threads(threads):  # for the sweeps, and for transforms that are not called in a thread
                if not own:
                    sweep.start_from(rhs)
                self._walk(sweep, self._bases_of(dtype), kernels.pays(result.size))
            if sweep.workspace is not None and not self._workspace:
                self._workspace.append(sweep.workspace)  # list operations are atomic: threads may share this
        return result

    def _walk(self, sweep: Sweep, bases: Bases, compiled: bool) -> None:
        others = list(range(1, len(bases)))
        if self.axis == 0:
            _transform(sweep, bases, others, forward=True)
            self._along_leading(sweep, bases[0], compiled)
            _transform(sweep, bases, others, forward=False)
        else:
            _transform(sweep, bases, [0], forward=True)
            _transform(sweep, bases, others, forward=True)
            sweep.rows(lambda slab, start: self._solve_slab(slab, start, compiled))
            _transform(sweep, bases, others, forward=False)
            _transform(sweep, bases, [0], forward=False)

    def _along_leading(self, sweep: Sweep, basis: Eigenbasis | None, compiled: bool) -> None:
        """Solve along axis 0 by columns; its transforms, if any, follow each other while a block of columns is in the cache."""

        def solve(fields: Array, columns: slice, start: int) -> None:
            self._solve_columns(fields, columns, start, compiled)

        if basis is not None and not _takes_threads(basis):
            sweep.transform_around(_into(basis, forward=True), solve, _into(basis, forward=False))
            return

        def work(fields: Array, columns: slice) -> None:
            if basis is not None:
                _along_columns(_in_place(basis, forward=True))(fields, columns)
            solve(fields, columns, columns.start)
            if basis is not None:
                _along_columns(_in_place(basis, forward=False))(fields, columns)

        sweep.columns(work)

    def _solve_columns(self, fields: Array, columns: slice, start: int, compiled: bool) -> None:
        stop = start + columns.stop - columns.start
        factors, weights = self.modes.eigenvalues(start, stop)[:, None], self.modes.weights(start, stop)[None]
        singular = self.singular and start == 0
        with np.errstate(divide="ignore", invalid="ignore"):  # by the one eigenvalue that is zero
            self.systems.solve(fields, columns, factors, weights, compiled=compiled)
        if singular:
            fields[:, 0, columns.start] = 0

    def _solve_slab(self, slab: Array, start: int, compiled: bool) -> None:
        """Systems along another axis than the first, in a slab of rows."""
        size, after = self.systems.size, math.prod(self.shape[self.axis + 1 :])
        across = math.prod(slab.shape[1:]) // size
        first = start * (across // slab.shape[1])
        factors, weights = self.modes.eigenvalues(first, first + across), self.modes.weights(first, first + across)
        fields = slab.reshape(-1, size, after)
        if after >= FEW_COLUMNS:
            period = across // after
            whole = slice(0, after)
            self.systems.solve(fields, whole, factors.reshape(-1, period, after), weights.reshape(period, after), compiled=compiled)
            return
        turned = np.ascontiguousarray(np.moveaxis(fields, 1, 0)).reshape(1, size, -1)
        batch = turned.shape[2] // across
        whole = slice(0, turned.shape[2])
        self.systems.solve(turned, whole, np.tile(factors, batch)[:, None], np.tile(weights, batch)[None], compiled=compiled)
        fields[...] = np.moveaxis(turned.reshape(size, len(fields), after), 0, 1)

    def _bases_of(self, dtype: Any) -> Bases:
        """The bases in a precision, cast once."""
        if dtype not in self._cast:
            self._cast[dtype] = tuple(None if basis is None else basis.astype(dtype) for basis in self.bases)
        return self._cast[dtype]

    def _take_workspace(self) -> Array | None:
        try:
            return self._workspace.pop()
        except IndexError:  # not asked beforehand: another thread may take it in between
            return None


def _transform(sweep: Sweep, bases: Bases, axes: Sequence[int], *, forward: bool) -> None:
    """Transform axes that a sweep leaves whole: some in threads, those with matrix products one after the other."""
    chosen = [(basis, axis + 1) for axis in axes if (basis := bases[axis]) is not None]
    steps = [(_in_place(basis, forward), axis) for basis, axis in chosen if _takes_threads(basis)]
    if steps and list(axes) == [0]:
        sweep.columns(_along_columns(steps[0][0]))
    elif steps:
        sweep.rows(_along_rows(steps))
    transforms = [(_into(basis, forward), axis) for basis, axis in chosen if not _takes_threads(basis)]
    if transforms:
        sweep.transform(transforms)


def _along_rows(steps: Sequence[tuple[Step, int]]) -> Callable[[Array, int], None]:
    def work(slab: Array, start: int) -> None:
        for step, axis in steps:
            step(slab, axis)

    return work


def _along_columns(step: Step) -> Callable[[Array, slice], None]:
    def work(fields: Array, columns: slice) -> None:
        step(fields[:, :, 0] if fields.shape[2] == 1 else fields[:, :, columns], 1)

    return work


def _in_place(basis: Eigenbasis, forward: bool) -> Step:
    """A transform that leaves its result where its argument was."""
    transform = basis.analyse if forward else basis.synthesise

    def step(array: Array, axis: int) -> None:
        result = transform(array, axis, overwrite=True)
        if not np.may_share_memory(result, array):
            array[...] = result

    return step


def _into(basis: Eigenbasis, forward: bool) -> Transform:
    """A transform from one array into another."""
    if isinstance(basis, DenseEigenbasis):
        matrix = basis.adjoint if forward else basis.vectors
        return lambda source, axis, out, own: multiply(matrix, source, axis, out)
    transform = basis.analyse if forward else basis.synthesise

    def step(source: Array, axis: int, out: Array, own: bool) -> None:
        result = transform(source, axis, out=out, overwrite=own)
        if not np.may_share_memory(result, out):
            np.copyto(out, result, casting="same_kind")

    return step


def _takes_threads(basis: Eigenbasis) -> bool:
    """Whether its transform takes no matrix products, which have threads of their own."""
    return isinstance(basis, TrigonometricEigenbasis)
