"""The spectrum of a Kronecker sum: every eigenvalue from those of the axes, and the inverse by fast diagonalization."""

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from tensorfem.kron.eigenbasis import Eigenbasis
from tensorfem.kron.mode_product import Array
from tensorfem.kron.product import outer
from tensorfem.kron.slabs import SLAB_ENTRIES, slabs


class _Buffers:
    """Two arrays that take turns, so that a solve touches no fresh memory once it has run."""

    def __init__(self, array: Array, *, owned: bool, spare: Array | None) -> None:
        fits = spare is not None and spare.shape == array.shape and spare.dtype == np.result_type(array.dtype, np.float64)
        self.array, self.owned, self.spare = array, owned, spare if fits else None

    def step(self, transform: Callable[..., Array], axis: int) -> None:
        result = transform(self.array, axis, out=self.spare, overwrite=self.owned)
        if not np.may_share_memory(result, self.array):
            freed = self.array if self.owned and self.array.flags.c_contiguous else None  # a periodic axis leaves a transposed view
            if freed is not None or result is self.spare:
                self.spare = freed
        self.array, self.owned = result, True


class Spectrum:
    """Fast diagonalization: ``A^-1 = (V (x) V ...) diag(1 / (lambda_i + lambda_j + ... + shift)) (V (x) V ...)^T``.

    Parameters
    ----------
    bases : sequence of Eigenbasis
        One per axis.
    shift : float
    singular : bool
        Whether the first eigenvector of every axis spans the null space: its component is then left out (pseudo-inverse).

    References
    ----------
    Lynch, Rice & Thomas, "Direct solution of partial difference equations by tensor product methods", Numer. Math. 6 (1964).
    Sangalli & Tani, "Isogeometric preconditioners based on fast solvers for the Sylvester equation", SIAM J. Sci. Comput. 38 (2016).
    """

    def __init__(self, bases: Sequence[Eigenbasis], shift: float, *, singular: bool) -> None:
        self.bases = tuple(bases)
        self.shift = shift
        self.singular = singular
        masses = [basis.mass for basis in self.bases[1:]]
        self._tail_mass = outer(masses)
        self._tail = shift * self._tail_mass
        for i, basis in enumerate(self.bases[1:]):
            self._tail = self._tail + outer([*masses[:i], basis.stiffness, *masses[i + 1 :]])
        self._spare: list[Array] = []

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of eigenvalues per axis."""
        return tuple(basis.mass.size for basis in self.bases)

    def eigenvalues(self) -> Array:
        """All eigenvalues, as a field over the indices of the 1D ones."""
        total = np.full((1,) * len(self.bases), self.shift)
        for axis, basis in enumerate(self.bases):
            total = total + basis.eigenvalues.reshape([-1 if i == axis else 1 for i in range(len(self.bases))])
        return total

    def smallest_magnitude(self) -> tuple[float, tuple[int, ...]]:
        """The eigenvalue nearest to zero and its index, found slab by slab."""
        best, place = math.inf, (0,) * len(self.bases)
        for rows, denominators in self._denominators():
            values = np.abs(denominators / (self._rows(self.bases[0].mass, rows) * self._tail_mass))
            index = int(np.argmin(values))
            if values.flat[index] < best:
                where = np.unravel_index(index, values.shape)
                best, place = float(values.flat[index]), (int(where[0]) + rows.start, *(int(i) for i in where[1:]))
        return sum(float(basis.eigenvalues[i]) for basis, i in zip(self.bases, place, strict=True)) + self.shift, place

    def solve(self, rhs: Array, *, overwrite: bool = False) -> Array:
        """Apply the inverse, or the pseudo-inverse where the operator is singular.

        Parameters
        ----------
        rhs : array of shape (\\*batch, \\*shape)
        overwrite : bool
            Whether `rhs` may be used as workspace; a solve then needs no other field where all axes have fast transforms.
        """
        if np.isrealobj(rhs) and any(basis.is_complex for basis in self.bases):
            rhs, overwrite = rhs.astype(complex), True
        work = _Buffers(rhs, owned=overwrite, spare=self._take_spare())
        for axis, basis in zip(range(-len(self.bases), 0), self.bases, strict=True):
            work.step(basis.analyse, axis)
        self._divide(work.array)
        for axis, basis in zip(range(-len(self.bases), 0), self.bases, strict=True):
            work.step(basis.synthesise, axis)
        if work.spare is not None and not self._spare:
            self._spare.append(work.spare)  # list operations are atomic: threads may share this spectrum
        return work.array

    def _take_spare(self) -> Array | None:
        try:
            return self._spare.pop()
        except IndexError:  # not asked beforehand: another thread may take it in between
            return None

    def _divide(self, array: Array) -> None:
        """Divide by the eigenvalues (of the unscaled bases), in place; the null component becomes zero."""
        for batch in np.ndindex(array.shape[: -len(self.bases)]):
            field = array[batch]  # a view, whatever the strides
            for rows, denominators in self._denominators():
                if self.singular and rows.start == 0:
                    denominators[(0,) * denominators.ndim] = np.inf
                field[rows] /= denominators

    def _denominators(self) -> Iterator[tuple[slice, Array]]:
        """Pieces of ``stiffness (x) mass ... + mass (x) stiffness ... + shift mass (x) mass ...``, never the whole."""
        first = self.bases[0]
        for rows in slabs(first.mass.size, self._tail.size, entries=SLAB_ENTRIES // 8):
            piece = self._rows(first.stiffness, rows) * self._tail_mass
            piece += self._rows(first.mass, rows) * self._tail
            yield rows, piece

    def _rows(self, vector: Array, rows: slice) -> Array:
        return vector[rows].reshape(-1, *[1] * (len(self.bases) - 1))
