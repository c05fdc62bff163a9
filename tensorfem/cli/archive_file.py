"""Named arrays in an NPZ file, as `numpy.savez` writes them; nothing in it is unpickled."""

import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tensorfem.cli.table_file import FEWEST, DataFileError
from tensorfem.export.paths import source

FloatArray = NDArray[np.float64]
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, OverflowError, KeyError)  # what NumPy raises on bad files


@dataclass(frozen=True, eq=False)
class Archive:
    """The arrays of a file, in the order in which they were written."""

    path: Path
    arrays: dict[str, FloatArray]

    def like(self, name: str, values: FloatArray) -> FloatArray:
        """Weights: an array of the shape of the values, without a negative number.

        Raises
        ------
        DataFileError
            If it is none.
        """
        weights = self.arrays[name]
        if weights.shape != values.shape:
            raise DataFileError(f"{self.path}: {name} has shape {weights.shape}; allowed is that of the values, {values.shape}")
        if not ((np.isfinite(weights) & (weights >= 0)) | np.isnan(values)).all():
            raise DataFileError(f"{self.path}: {name} has entries that are negative or not finite; allowed are weights >= 0")
        return np.where(np.isnan(values), 0.0, weights)

    def require_rows(self, points: FloatArray, values: FloatArray) -> None:
        """Refuse a table with something that is not finite, but for values that are NaN: not observed.

        Raises
        ------
        DataFileError
        """
        bad = np.flatnonzero(~np.isfinite(points).all(axis=1) | np.isinf(values))
        if bad.size:
            row, what = int(bad[0]), "value" if np.isfinite(points[bad[0]]).all() else "coordinate"
            got = values[row] if what == "value" else points[row][~np.isfinite(points[row])][0]
            raise DataFileError(
                f"{self.path}: row {row} has the {what} {got}; allowed are finite numbers; a value may be NaN where nothing was observed"
            )

    def require_grid(self, coordinates: Sequence[FloatArray], names: Sequence[str], values: FloatArray, label: str) -> None:
        """Refuse arrays that are no axes of a grid with values at all its points.

        Raises
        ------
        DataFileError
        """
        if not coordinates or any(axis.ndim != 1 for axis in coordinates) or values.shape != tuple(axis.size for axis in coordinates):
            shapes = ", ".join(f"{name} {axis.shape}" for name, axis in zip(names, coordinates, strict=True)) or "no coordinates"
            raise DataFileError(
                f"{self.path}: got {shapes} and {label} {values.shape}; allowed are axes (n1,), (n2,), ... with values (n1, n2, ...), or "
                "points (n, d) with values (n,)"
            )
        for name, axis in zip(names, coordinates, strict=True):
            if not np.isfinite(axis).all() or np.unique(axis).size < max(axis.size, 2):
                raise DataFileError(f"{self.path}: {name} must have at least two points, all finite and different")
        if np.isinf(values).any() or np.count_nonzero(np.isfinite(values)) < FEWEST:
            raise DataFileError(f"{self.path}: {label} must have at least {FEWEST} finite values; NaN stands for what was not observed")


def read_archive(path: Path) -> Archive:
    """Read a file of named arrays.

    Raises
    ------
    DataFileError
        If it is none, is damaged, or has an array that is not one of real numbers.
    OSError
        If it cannot be read.
    """
    with source(path).open("rb") as file:
        try:
            with np.load(file, allow_pickle=False) as archive:
                arrays = {name: np.asarray(archive[name]) for name in archive.files}
        except (*DAMAGE, TypeError, AttributeError) as error:  # the last two where the file holds one bare array
            raise DataFileError(f"{path}: this is no archive of arrays as numpy.savez writes it: {error}") from error
    if not arrays:
        raise DataFileError(f"{path}: there is no array in it; write it by numpy.savez(path, x=..., y=..., values=...)")
    for name, array in arrays.items():
        if array.dtype.kind not in "iuf" or not array.ndim:
            raise DataFileError(f"{path}: {name} has {array.dtype} data of shape {array.shape}; allowed are arrays of real numbers")
    return Archive(path, {name: array.astype(np.float64) for name, array in arrays.items()})
