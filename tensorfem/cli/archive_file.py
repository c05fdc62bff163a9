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
        if not (np.isfinite(weights) & (weights >= 0)).all():
            raise DataFileError(f"{self.path}: {name} has negative or infinite entries; allowed are weights >= 0")
        return weights

    def require_rows(self, points: FloatArray, values: FloatArray) -> None:
        """Refuse a table with too few rows, or with something that is not finite.

        Raises
        ------
        DataFileError
        """
        if len(values) < FEWEST:
            raise DataFileError(f"{self.path}: got {len(values)} rows of data; at least {FEWEST} are needed")
        bad = np.flatnonzero(~np.isfinite(np.column_stack([points, values])).all(axis=1))
        if bad.size:
            raise DataFileError(f"{self.path}: row {bad[0]} is not finite; leave out the rows of what was not observed")

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
