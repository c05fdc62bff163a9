"""The design of scattered points, held as a sparse array where that takes little memory."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.kron import KroneckerOperator, row_kron
from tensorfem.kron.rows.face_splitting import RowKronecker

FloatArray = NDArray[np.float64]
HELD = 1 << 24  # nonzeros of a design that are kept: about 200 MB; of more the rows are made anew for every product


class HeldRows(RowKronecker):
    """A face-splitting product whose few nonzeros are made once, for many products.

    Parameters
    ----------
    rows : RowKronecker
    held : sparse array, optional
        Its matrix.
    """

    def __init__(self, rows: RowKronecker, held: Any = None) -> None:
        super().__init__(rows.matrices, transposed=rows.transposed)
        self.held = rows.tosparse() if held is None else held

    def apply(self, array: FloatArray) -> FloatArray:
        """A sparse product."""
        batch = array.shape[: array.ndim - len(self.input_shape)]
        columns = array.reshape(math.prod(batch), math.prod(self.input_shape)).T
        return np.ascontiguousarray((self.held @ columns).T).reshape(*batch, *self.output_shape)

    @property
    def T(self) -> "HeldRows":
        """The transpose, of the same nonzeros."""
        return HeldRows(super().T, self.held.T)


def scattered_rows(matrices: tuple[Any, ...]) -> KroneckerOperator:
    """From coefficients to values at scattered points, by rows of the functions of each axis.

    Examples
    --------
    >>> from scipy.sparse import eye_array
    >>> scattered_rows((eye_array(2, format="csr"), eye_array(2, format="csr"))).apply(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([1., 4.])
    """
    rows = row_kron(*matrices)
    return HeldRows(rows) if rows.entries <= HELD else rows
