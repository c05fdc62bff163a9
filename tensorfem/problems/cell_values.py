"""Coefficients that are one number per cell."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class CellValues:
    """A coefficient that is one number in each cell of the mesh: its jumps lie on cell faces, and are exact.

    A plain array of one number per cell will do where nodal values have another shape.

    Parameters
    ----------
    array : array of one number per cell, one axis per coordinate
        It is copied.

    Raises
    ------
    ValueError
        If it is no array of finite real numbers.

    Examples
    --------
    >>> import numpy as np, tensorfem as tfem
    >>> space = tfem.box(x=(0, 1), cells=2)
    >>> u = tfem.Poisson(space, 0.0, diffusion=CellValues([1.0, 3.0]), boundary={"x-": 0.0, "x+": 4.0}).solve()
    >>> u.values
    array([0., 3., 4.])
    """

    def __init__(self, array: Any) -> None:
        self._hold(checked_cells(array, "CellValues"))

    @classmethod
    def adopt(cls, array: FloatArray) -> "CellValues":
        """Take over an array that is known to be right, neither checked nor copied."""
        values = cls.__new__(cls)
        values._hold(array)
        return values

    def _hold(self, array: FloatArray) -> None:
        self.array = array
        array.setflags(write=False)

    def refined(self, axes: Sequence[int]) -> "CellValues":
        """The same coefficient on the mesh with the cells of some axes halved."""
        array = self.array
        for axis in axes:
            array = np.repeat(array, 2, axis=axis)
        return CellValues.adopt(array)

    def __repr__(self) -> str:
        return f"CellValues({' x '.join(map(str, self.array.shape))} cells)"


def checked_cells(array: Any, where: str) -> FloatArray:
    """A copy of an array of finite real numbers, one per cell.

    Raises
    ------
    ValueError
        If it is none; the first bad cell is named.
    """
    values = np.asarray(array)
    if values.ndim == 0 or values.dtype.kind not in "iuf":
        raise ValueError(f"{where}: got an array of shape {values.shape} and type {values.dtype}; allowed is one real number per cell")
    with np.errstate(all="ignore"):
        suspicious = not np.isfinite(values.sum())  # one pass; finite values whose sum overflows are looked at again
    bad = np.argwhere(~np.isfinite(values)) if suspicious else values[:0]
    if bad.size:
        cell = tuple(int(i) for i in bad[0])
        raise ValueError(f"{where}: the value in cell {cell} is {values[cell]}; all must be finite")
    return np.array(values, dtype=np.float64)
