"""The spectrum of a Kronecker sum: every eigenvalue from those of the axes, and the inverse by fast diagonalization."""

import functools
import math
from collections.abc import Sequence

import numpy as np

from tensorfem.kron.banded_systems import BandedSystems
from tensorfem.kron.cross_modes import CrossModes
from tensorfem.kron.diagonalization import Diagonalization
from tensorfem.kron.eigenbasis import Eigenbasis
from tensorfem.kron.mode_product import Array
from tensorfem.kron.slabs import SLAB_ENTRIES, slabs


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

    @functools.cached_property
    def _diagonalization(self) -> Diagonalization:
        first, *others = self.bases
        systems = BandedSystems([np.diag(first.stiffness), np.diag(first.mass)])
        return Diagonalization(self.bases, systems, CrossModes(others, self.shift), singular=self.singular)

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of eigenvalues per axis."""
        return tuple(basis.mass.size for basis in self.bases)

    def eigenvalues(self) -> Array:
        """All eigenvalues, as a field over the numbers of the 1D ones, which increase."""
        total = np.full((1,) * len(self.bases), self.shift)
        for axis, basis in enumerate(self.bases):
            total = total + np.sort(basis.eigenvalues).reshape([-1 if i == axis else 1 for i in range(len(self.bases))])
        return total

    def smallest_magnitude(self) -> tuple[float, tuple[int, ...]]:
        """The eigenvalue nearest to zero and the numbers of its 1D eigenvalues, in increasing order; found slab by slab."""
        first, *others = self.bases
        modes = CrossModes(others, self.shift)
        best, place = math.inf, (0, 0)
        for columns in slabs(modes.count, first.mass.size, entries=SLAB_ENTRIES // 8):
            values = np.abs(first.eigenvalues[:, None] + modes.eigenvalues(columns.start, columns.stop))
            row, column = divmod(int(np.argmin(values)), values.shape[1])
            if values[row, column] < best:
                best, place = float(values[row, column]), (row, column + columns.start)
        index = (place[0], *(int(i) for i in np.unravel_index(place[1], modes.shape))) if others else place[:1]
        values = [basis.eigenvalues for basis in self.bases]
        nearest = [float(axis[i]) for axis, i in zip(values, index, strict=True)]
        return sum(nearest) + self.shift, tuple(int(np.sum(axis < value)) for axis, value in zip(values, nearest, strict=True))

    def solve(self, rhs: Array, *, overwrite: bool = False, threads: int | None = None) -> Array:
        """Apply the inverse, or the pseudo-inverse where the operator is singular.

        Parameters
        ----------
        rhs : array of shape (\\*batch, \\*shape)
            Of any memory layout. Single precision, real or complex, is solved in single precision, all else in double precision.
        overwrite : bool
            Whether `rhs` may be used as workspace. If it is C-contiguous and has the type of the result, it becomes the result, and no
            other field is needed.
        threads : int, optional
            How many work at a time; `thread_count()` by default.
        """
        return self._diagonalization.solve(rhs, overwrite=overwrite, threads=threads)
