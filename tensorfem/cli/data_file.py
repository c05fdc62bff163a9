"""Data to fit, from a CSV or NPZ file: which columns are what, and whether the points are a grid."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.cli.archive_file import read_archive
from tensorfem.cli.table_file import DataFileError, known, read_table

FloatArray = NDArray[np.float64]
FILLED = 0.25  # of a grid's points must be observed for it to be one; scattered points fill much less


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns that the user named; by default the last one has the values, and all others are coordinates."""

    x: Sequence[str] | None = None
    y: str | None = None
    weight: str | None = None

    def among(self, names: tuple[str, ...], path: Path) -> tuple[list[str], str]:
        """The coordinates and the values, of the names in a file.

        Raises
        ------
        DataFileError
            If a name is not there or named twice, or no coordinate is left.
        """
        for name in (*(self.x or ()), self.y, self.weight):
            if name is not None:
                known(name, names, path)
        left = [name for name in names if name != self.weight and name not in (self.x or ())]
        if self.y is None and not left:
            raise DataFileError(f"{path}: no column is left for the values; name it by --y. The columns are {', '.join(names)}")
        y = self.y or left[-1]
        x = list(self.x) if self.x else [name for name in names if name not in (y, self.weight)]
        chosen = [*x, y, *([self.weight] if self.weight else [])]
        if len(set(chosen)) < len(chosen):
            raise DataFileError(f"{path}: a column is named twice among {', '.join(chosen)}; --x, --y and --weight need different ones")
        return x, y


@dataclass(frozen=True, eq=False)
class Data:
    """What is to be fitted.

    Attributes
    ----------
    X : tuple of (n_i,) arrays, or (n, d) array
        The increasing axes of a grid, or scattered points.
    values : array
        On a grid NaN where nothing was observed.
    weights : array of the same shape, or None
    names : tuple of str
        Of the coordinates.
    label : str
        The name of the values.
    """

    X: Any
    values: FloatArray
    weights: FloatArray | None
    names: tuple[str, ...]
    label: str

    @property
    def grid(self) -> bool:
        """Whether the points are a grid."""
        return isinstance(self.X, tuple)

    @property
    def points(self) -> FloatArray:
        """All points, a row each, in the order of the values."""
        if not self.grid:
            return np.asarray(self.X)
        return np.stack([axis.ravel() for axis in np.meshgrid(*self.X, indexing="ij")], axis=1)

    def __str__(self) -> str:
        shape = " x ".join(str(n) for n in self.values.shape)
        seen = int(np.count_nonzero(np.isfinite(self.values)))
        missing = self.values.size - seen
        gaps = f", {missing:,} points not observed" if missing else ""
        where = f"on a grid of {shape} points" if self.grid else "at scattered points"
        return f"{seen:,} values of {self.label} {where} along {', '.join(self.names)}{gaps}"


def read_data(path: Path, columns: Columns) -> Data:
    """Read a data file.

    Raises
    ------
    DataFileError
        If the file or the columns cannot be used.
    OSError
        If the file cannot be read.
    """
    readers = {".csv": _from_table, ".npz": _from_archive}
    if path.suffix not in readers:
        raise DataFileError(f"{path}: a file ending in {path.suffix!r}; allowed are {' and '.join(readers)}")
    return readers[path.suffix](path, columns)


def arranged(path: Path, points: FloatArray, values: FloatArray, weights: FloatArray | None, names: tuple[str, ...], label: str) -> Data:
    """Rows as a grid where they fill one, each point at most once; as scattered points otherwise.

    Raises
    ------
    DataFileError
        If there is no coordinate, or one has the same value everywhere.
    """
    if not points.shape[1]:
        raise DataFileError(f"{path}: there is no coordinate beside the values {label}; give at least two columns")
    pairs = [np.unique(column, return_inverse=True) for column in points.T]
    axes, places = tuple(axis for axis, _ in pairs), tuple(np.ravel(inverse) for _, inverse in pairs)
    for name, axis in zip(names, axes, strict=True):
        if axis.size == 1:
            raise DataFileError(f"{path}: {name} is {axis[0]:g} in every row; leave this column out by naming the others: --x")
    shape = tuple(axis.size for axis in axes)
    size = float(np.prod([float(n) for n in shape]))
    if values.size < FILLED * size or np.unique(np.ravel_multi_index(places, shape)).size < values.size:
        return Data(np.ascontiguousarray(points), values, weights, names, label)
    table, heavy = np.full(shape, np.nan), None if weights is None else np.zeros(shape)
    table[places] = values
    if heavy is not None and weights is not None:
        heavy[places] = weights
    return Data(axes, table, heavy, names, label)


def _from_table(path: Path, columns: Columns) -> Data:
    table = read_table(path)
    x, y = columns.among(table.names, path)
    points = np.stack([table.column(name) for name in x], axis=1) if x else np.empty((len(table.rows), 0))
    weights = table.column(columns.weight) if columns.weight else None
    if weights is not None and (weights < 0).any():
        row = int(np.argmax(weights < 0))
        raise DataFileError(f"{table.place(row, str(columns.weight))}: got {weights[row]:g}; allowed are weights >= 0")
    return arranged(path, points, table.column(y), weights, tuple(x), y)


def _from_archive(path: Path, columns: Columns) -> Data:
    archive = read_archive(path)
    x, y = columns.among(tuple(archive.arrays), path)
    values, coordinates = archive.arrays[y], [archive.arrays[name] for name in x]
    if not coordinates and values.ndim == 2 and values.shape[1] > 1:  # one table, the values in its last column
        coordinates, values = [values[:, :-1]], values[:, -1]
    weights = archive.like(columns.weight, values) if columns.weight else None
    table = _rows(coordinates, values)
    if table is not None:
        archive.require_rows(table, values)
        names = tuple(x) if len(x) == table.shape[1] else tuple(f"x{k + 1}" for k in range(table.shape[1]))
        return arranged(path, table, values, weights, names, y)
    archive.require_grid(coordinates, x, values, y)
    order = [np.argsort(axis) for axis in coordinates]
    axes = tuple(axis[o] for axis, o in zip(coordinates, order, strict=True))
    return Data(axes, values[np.ix_(*order)], None if weights is None else weights[np.ix_(*order)], tuple(x), y)


def _rows(coordinates: list[FloatArray], values: FloatArray) -> FloatArray | None:
    """A point per row, where the arrays are the columns of a table, or it is there already; None where they are axes."""
    if not coordinates or values.ndim != 1:
        return None
    if all(axis.shape == values.shape for axis in coordinates):
        return np.stack(coordinates, axis=1)
    table = coordinates[0]
    return table if len(coordinates) == 1 and table.ndim == 2 and table.shape[0] == values.size else None
