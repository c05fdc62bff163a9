"""Symmetric tensors of diffusion: their entries as functions, and whether they are symmetric and positive definite at every sample."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.coefficient import Datum
from tensorfem.problems.coefficient_data import function_of
from tensorfem.space import Space

FloatArray = NDArray[np.float64]
Entry = tuple[int, int]
SYMMETRIC = 1e-12  # relative to the largest entry: by so much mirrored entries may differ
SINGULAR = 1e-14  # relative to the diagonal entry: pivots that rounding leaves of a singular tensor


class Tensor:
    """The entries of a symmetric tensor as functions of all coordinates.

    Parameters
    ----------
    space : Space
    rows : d rows of d entries
        As `coefficient_data.kept` returns them.
    where : str
        What error messages call it.

    Raises
    ------
    ValueError
        If an entry can be no function.
    """

    def __init__(self, space: Space, rows: Sequence[Sequence[Any]], where: str) -> None:
        self.dimension, self.names, self.where = space.dimension, space.names, where
        below = [(j, i) for j in range(len(rows)) for i in range(j)]
        self.mirrored = [(j, i) for j, i in below if not _same(rows[j][i], rows[i][j])]
        upper = [(i, j) for i in range(len(rows)) for j in range(i, len(rows))]
        functions = {(i, j): function_of(space, rows[i][j], f"{where}, entry {i}, {j}") for i, j in [*upper, *self.mirrored]}
        off = [(i, j) for i, j in upper if i != j]
        self.diagonal = not self.mirrored and all(functions[entry].constant == 0 for entry in off)
        self.entries: list[Entry] = [(i, i) for i in range(len(rows))] if self.diagonal else upper
        self.isotropic = self.diagonal and all(_same(rows[0][0], rows[i][i]) for i in range(len(rows)))
        self._functions = functions

    @property
    def data(self) -> list[Datum]:
        """The functions of the entries, and of those below the diagonal that are to be compared with them."""
        return [self._functions[entry] for entry in (*self.entries, *self.mirrored)]

    def look(self, samples: Sequence[FloatArray], coordinates: tuple[FloatArray, ...], slab: slice) -> None:
        """Check samples of all data at some points.

        Raises
        ------
        ValueError
            If the tensor is not symmetric or not positive definite somewhere; the place is named, with both values or the eigenvalue.
        """
        values = dict(zip((*self.entries, *self.mirrored), samples, strict=True))
        size = max(float(np.max(np.abs(sample))) for sample in samples)
        for j, i in self.mirrored:
            wrong = np.abs(values[j, i] - values[i, j]) > SYMMETRIC * size
            if wrong.any():
                mine, theirs = (float(self._at(values[entry], wrong)) for entry in ((i, j), (j, i)))
                raise ValueError(
                    f"{self.where}: the tensor is not symmetric: at {self._place(wrong, coordinates)} its entries {i}, {j} and {j}, {i} "
                    f"are {mine:.6g} and {theirs:.6g}; they must agree"
                )
        self._require_definite({entry: values[entry] for entry in self.entries}, coordinates)

    def _require_definite(self, values: dict[Entry, FloatArray], coordinates: tuple[FloatArray, ...]) -> None:
        wrong = ~_is_definite(values, self.dimension)
        if not wrong.any():
            return
        matrix = np.zeros((self.dimension, self.dimension))
        for (i, j), sample in values.items():
            matrix[i, j] = matrix[j, i] = self._at(sample, wrong)
        least = float(np.linalg.eigvalsh(matrix)[0])
        raise ValueError(
            f"{self.where}: the tensor at {self._place(wrong, coordinates)} has the eigenvalue {least:.6g}; "
            "diffusion must be positive definite everywhere"
        )

    @staticmethod
    def _at(sample: FloatArray, wrong: NDArray[np.bool_]) -> Any:
        index = np.argwhere(wrong)[0]
        return np.broadcast_to(sample, np.broadcast_shapes(sample.shape, wrong.shape))[tuple(index)]

    def _place(self, wrong: NDArray[np.bool_], coordinates: tuple[FloatArray, ...]) -> str:
        return place(self.names, coordinates, wrong)


def place(names: Sequence[str], coordinates: tuple[FloatArray, ...], wrong: NDArray[np.bool_]) -> str:
    """The first place where something is wrong, in words.

    Examples
    --------
    >>> place(("x", "y"), (np.array([[0.0], [1.0]]), np.array([[2.0, 3.0]])), np.array([[False, False], [True, False]]))
    'x = 1, y = 2'
    """
    index = np.argwhere(wrong)[0]
    return ", ".join(f"{name} = {float(x.ravel()[int(i)]):.6g}" for name, x, i in zip(names, coordinates, index, strict=True))


def _same(one: Any, other: Any) -> bool:
    """Whether two entries are seen to be the same function without a call."""
    return one is other or (isinstance(one, str | int | float) and isinstance(other, str | int | float) and one == other)


def _is_definite(values: dict[Entry, FloatArray], dimension: int) -> NDArray[np.bool_]:
    """Where a tensor is positive definite: all pivots of its elimination are positive."""
    work, definite = dict(values), np.ones((1,) * dimension, dtype=bool)
    for k in range(dimension):
        pivot = work[k, k]
        definite = definite & (pivot > SINGULAR * np.abs(values[k, k]))
        for (i, j), entry in list(work.items()):
            if i > k and (k, i) in work and (k, j) in work:
                with np.errstate(all="ignore"):
                    work[i, j] = entry - work[k, i] * (work[k, j] / pivot)  # the product of two may overflow
    return definite
