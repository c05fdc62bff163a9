"""Partial diagonalization: all axes but one are transformed, and banded systems solved along the one that is left."""

from collections.abc import Sequence
from typing import Any

from tensorfem.kron.banded_systems import BandedSystems
from tensorfem.kron.cross_modes import CrossModes
from tensorfem.kron.diagonalization import Diagonalization
from tensorfem.kron.eigenbasis import Eigenbasis
from tensorfem.kron.mode_product import Array


class PartialSpectrum:
    """The inverse of a sum whose axes are diagonalized but for one: along that one, ``(A + sum_i lambda_i B_i) x = b`` is solved.

    The one axis needs no eigenbasis and no transforms, and may have a matrix of its own in every term.

    Parameters
    ----------
    matrices : sequence of (n, n) arrays or sparse arrays
        A, then one B that all other axes share, or one per other axis; real and symmetric.
    bases : sequence of Eigenbasis
        Those of the other axes, in order.
    axis : int
        Where the one axis stands among all.
    shift : float
        Added to the sum of the eigenvalues (with one B).
    row_sums : sequence of (n,) arrays, optional
        Of the matrices' rows, where they are known better than from the rounded entries.

    References
    ----------
    Buzbee, Golub & Nielson, "On direct methods for solving Poisson's equations", SIAM J. Numer. Anal. 7 (1970), section 2.
    """

    def __init__(
        self,
        matrices: Sequence[Any],
        bases: Sequence[Eigenbasis],
        axis: int = 0,
        shift: float = 0.0,
        row_sums: Sequence[Array] | None = None,
    ) -> None:
        self.axis, self.bases = axis, tuple(bases)
        modes = CrossModes(self.bases, shift, apart=len(matrices) > 2)
        systems = BandedSystems(matrices, row_sums)
        self._diagonalization = Diagonalization([*bases[:axis], None, *bases[axis:]], systems, modes, axis=axis)

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of unknowns per axis."""
        return self._diagonalization.shape

    def solve(self, rhs: Array, *, overwrite: bool = False, threads: int | None = None) -> Array:
        """Apply the inverse; the arguments are those of `Spectrum.solve`."""
        return self._diagonalization.solve(rhs, overwrite=overwrite, threads=threads)
