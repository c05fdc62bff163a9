"""Terms on faces of the box: what Robin conditions add to an operator."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sparse

from tensorfem.kron import Array, KroneckerProduct, outer


@dataclass(frozen=True, eq=False)
class FaceTerm:
    """A mass matrix over one face: ``out[face] += coefficient * mass(u[face])``.

    Parameters
    ----------
    axis : int
        The axis that the face lies across.
    place : int
        The free function of that axis that does not vanish on the face: the first or the last.
    coefficient : float
    mass : KroneckerProduct, optional
        Over the other axes; None on an interval, whose faces are points.
    """

    axis: int
    place: int
    coefficient: float
    mass: KroneckerProduct | None

    def face(self, array: Array, dimension: int) -> Array:
        """The part of an array, whose last `dimension` axes are spatial, that belongs to the face: a view."""
        position = array.ndim - dimension + self.axis
        view: Array = np.moveaxis(array, position, -1)[..., self.place]
        return view

    def add_to(self, out: Array, array: Array, dimension: int, sign: float = 1.0) -> None:
        """Add the term's image of an array, or some multiple, to `out`."""
        values = self.face(array, dimension)
        self.face(out, dimension)[...] += sign * self.coefficient * (values if self.mass is None else self.mass.apply(values))

    def add_diagonal(self, out: Array) -> None:
        """Add the term's diagonal."""
        self.face(out, out.ndim)[...] += self.coefficient * (1.0 if self.mass is None else self.mass.diagonal())

    def add_entries(self, out: Array, along: int, rows: Array, columns: Array) -> None:
        """Add the term's entries between pairs of functions of one axis, for each function of the others.

        Parameters
        ----------
        out : array
            As long, along the axis `along`, as `rows`.
        along : int
        rows, columns : arrays of int
            The functions of each pair: all with themselves, or each with another.
        """
        if np.array_equal(rows, columns):
            self.add_diagonal(out)
        elif along != self.axis and self.mass is not None:
            across = along - (along > self.axis)  # the axis among those of the face
            vectors = [matrix[rows, columns] if k == across else matrix.diagonal() for k, matrix in enumerate(self.mass.factors)]
            self.face(out, out.ndim)[...] += self.coefficient * outer([np.asarray(vector) for vector in vectors])

    def matrix(self, shape: tuple[int, ...]) -> Any:
        """The term as a sparse matrix over all functions."""
        others, size = list(self.mass.factors) if self.mass is not None else [], shape[self.axis]
        corner = sparse.csr_array(([self.coefficient], ([self.place % size], [self.place % size])), shape=(size, size))
        return KroneckerProduct(*others[: self.axis], corner, *others[self.axis :]).tosparse()
