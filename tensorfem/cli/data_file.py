"""Data to fit, from a CSV or NPZ file: which columns are what, and whether the points are a grid."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.cli.archive_file import read_archive
from tensorfem.cli.table_file import FEWEST, DataFileError, Table, known, read_table

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

    def unused(self, names: tuple[str, ...], path: Path) -> tuple[str, ...]:
        """The names in a file that are neither coordinates, values nor weights."""
        x, y = self.among(names, path)
        return tuple(name for name in names if name not in (*x, y, self.weight))


@dataclass(frozen=True, eq=False)
class Data:
    """What is to be fitted.

    Attributes
    ----------
    X : tuple of (n_i,) arrays, or (n, d) array
        The increasing axes of a grid, or scattered points.
    values : array
        NaN where nothing was observed.
    weights : array of the same shape, or None
        0 where nothing was observed.
    names : tuple of str
        Of the coordinates.
    label : str
        The name of the values.
    empty : int
        How many values of the file are empty or NaN.
    unused : tuple of str
        The columns or arrays of the file that play no part.
    """

    X: Any
    values: FloatArray
    weights: FloatArray | None
    names: tuple[str, ...]
    label: str
    empty: int = 0
    unused: tuple[str, ...] = ()

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

    @property
    def observed(self) -> tuple[Any, FloatArray, FloatArray | None]:
        """Points, values and weights to be fitted: a grid with its gaps, of scattered points those that have a value."""
        if self.grid:
            return self.X, self.values, self.weights
        seen = ~np.isnan(self.values)
        return self.X[seen], self.values[seen], None if self.weights is None else self.weights[seen]

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Which points, in the shape of the values, lie in the box of those that are fitted: all those of a grid."""
        if self.grid:
            return np.ones(self.values.shape, dtype=bool)
        points = self.observed[0]
        within = np.clip(self.X, points.min(axis=0), points.max(axis=0))
        return np.asarray((within == self.X).all(axis=1))

    def __str__(self) -> str:
        shape = " x ".join(str(n) for n in self.values.shape)
        seen = int(np.count_nonzero(np.isfinite(self.values)))
        missing = self.values.size - seen
        gaps = f", {missing:,} point{'s' * (missing > 1)} not observed" if missing else ""
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
    if path.is_dir():
        raise DataFileError(f"{path}: this is a folder; name a file in it that ends in {' or '.join(readers)}")
    ending = path.suffix.lower()
    if ending not in readers:
        raise DataFileError(f"{path}: a file ending in {path.suffix!r}; allowed are {' and '.join(readers)}")
    return readers[ending](path, columns)


def arranged(path: Path, points: FloatArray, values: FloatArray, weights: FloatArray | None, names: tuple[str, ...], label: str) -> Data:
    """Rows as a grid where they fill one, each point at most once; as scattered points otherwise. A value may be NaN: not observed.

    Raises
    ------
    DataFileError
        If there is no coordinate, or one has the same value everywhere, or too few values are observed.
    """
    if not points.shape[1]:
        raise DataFileError(f"{path}: there is no coordinate beside the values {label}; give at least two columns")
    seen = ~np.isnan(values)
    empty = values.size - int(np.count_nonzero(seen))
    if values.size - empty < FEWEST:
        without = f", {empty} of them without a value" if empty else ""
        raise DataFileError(f"{path}: got {values.size} rows of data{without}; at least {FEWEST} with a value are needed")
    for name, column in zip(names, points[seen].T, strict=True):
        if np.ptp(column) == 0:
            where = "every row with a value" if empty else "every row"
            raise DataFileError(f"{path}: {name} is {column[0]:g} in {where}; leave this column out by naming the others: --x")
    if weights is not None:
        weights = np.where(seen, weights, 0.0)
    pairs = [np.unique(column, return_inverse=True) for column in points.T]
    axes, places = tuple(axis for axis, _ in pairs), tuple(np.ravel(inverse) for _, inverse in pairs)
    shape = tuple(axis.size for axis in axes)
    size = float(np.prod([float(n) for n in shape]))
    if values.size < FILLED * size or np.unique(np.ravel_multi_index(places, shape)).size < values.size:
        return Data(np.ascontiguousarray(points), values, weights, names, label, empty)
    table, heavy = np.full(shape, np.nan), None if weights is None else np.zeros(shape)
    table[places] = values
    if heavy is not None and weights is not None:
        heavy[places] = weights
    return Data(axes, table, heavy, names, label, empty)


def _from_table(path: Path, columns: Columns) -> Data:
    table = read_table(path)
    x, y = columns.among(table.names, path)
    values = table.column(y, "leave a cell empty where nothing was observed, or name another column by --y", gaps=True)
    coordinates = [table.column(name, "give every row a number, or name the columns that are coordinates by --x") for name in x]
    points = np.stack(coordinates, axis=1) if x else np.empty((values.size, 0))
    weights = _weights(table, columns.weight, values) if columns.weight else None
    return replace(arranged(path, points, values, weights, tuple(x), y), unused=columns.unused(table.names, path))


def _weights(table: Table, name: str, values: FloatArray) -> FloatArray:
    """The weights, none of them negative; where there is no value there may be no weight."""
    weights = table.column(name, "a weight of 0 leaves a value out", gaps=True)
    wrong = np.flatnonzero((np.isnan(weights) & ~np.isnan(values)) | (weights < 0))
    if wrong.size:
        row = int(wrong[0])
        got = "no weight beside a value" if np.isnan(weights[row]) else f"{weights[row]:g}"
        raise DataFileError(f"{table.place(row, name)}: got {got}; allowed are weights >= 0; a weight of 0 leaves a value out")
    return weights


def _from_archive(path: Path, columns: Columns) -> Data:
    archive = read_archive(path)
    stored = tuple(archive.arrays)
    x, y = columns.among(stored, path)
    values, coordinates, unused = archive.arrays[y], [archive.arrays[name] for name in x], columns.unused(stored, path)
    if not coordinates and values.ndim == 2 and values.shape[1] > 1:  # one table, the values in its last column
        coordinates, values = [values[:, :-1]], values[:, -1]
    weights = archive.like(columns.weight, values) if columns.weight else None
    table = _rows(coordinates, values)
    if table is not None:
        archive.require_rows(table, values)
        names = tuple(x) if len(x) == table.shape[1] else tuple(f"x{k + 1}" for k in range(table.shape[1]))
        return replace(arranged(path, table, values, weights, names, y), unused=unused)
    archive.require_grid(coordinates, x, values, y)
    order = [np.argsort(axis) for axis in coordinates]
    axes = tuple(axis[o] for axis, o in zip(coordinates, order, strict=True))
    sorted_weights = None if weights is None else weights[np.ix_(*order)]
    return Data(axes, values[np.ix_(*order)], sorted_weights, tuple(x), y, int(np.count_nonzero(np.isnan(values))), unused)


def _rows(coordinates: list[FloatArray], values: FloatArray) -> FloatArray | None:
    """A point per row, where the arrays are the columns of a table, or it is there already; None where they are axes."""
    if not coordinates or values.ndim != 1:
        return None
    if all(axis.shape == values.shape for axis in coordinates):
        return np.stack(coordinates, axis=1)
    table = coordinates[0]
    return table if len(coordinates) == 1 and table.ndim == 2 and table.shape[0] == values.size else None
