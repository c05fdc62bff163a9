"""ParaView's collections (.pvd): which file belongs to which time."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from tensorfem.checks import real_vector
from tensorfem.export.atomic import atomic
from tensorfem.export.markup import quoted
from tensorfem.export.paths import name_of


def write_collection(
    path: str | os.PathLike[str], files: Sequence[str | os.PathLike[str]], times: ArrayLike, *, overwrite: bool = True
) -> None:
    """Write a .pvd file, which plays files in time.

    Parameters
    ----------
    path : str or path
        Ending in ".pvd".
    files : sequence of str or path
        One file for each time. They are named from the folder of `path`, so that all can be moved together.
    times : (n,) array_like
        Strictly increasing.
    overwrite : bool
        Whether an existing file may be replaced.

    Raises
    ------
    ValueError
        If the times do not increase, or the files are not as many.
    OSError
        As of `atomic`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_collection(Path(folder) / "u.pvd", [Path(folder) / "u_0.vtr", Path(folder) / "u_1.vtr"], [0.0, 0.5])
    ...     print((Path(folder) / "u.pvd").read_text().splitlines()[4])
    <DataSet timestep="0.5" group="" part="0" file="u_1.vtr"/>
    """
    moments = increasing_times(times)
    if len(files) != moments.size:
        raise ValueError(f"files: got {len(files)} for {moments.size} times; one for each is needed")
    folder = Path(name_of(path)).parent
    rows = [
        f'<DataSet timestep="{float(time)!r}" group="" part="0" file={quoted(Path(os.path.relpath(file, folder)).as_posix())}/>'
        for time, file in zip(moments, files, strict=True)
    ]
    head = ['<?xml version="1.0" encoding="UTF-8"?>', '<VTKFile type="Collection" version="1.0" byte_order="LittleEndian">', "<Collection>"]
    with atomic(path, suffix=".pvd", overwrite=overwrite) as handle:
        handle.write("\n".join([*head, *rows, "</Collection>", "</VTKFile>", ""]).encode())


def increasing_times(times: ArrayLike) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Times as a checked array.

    Raises
    ------
    ValueError
        If they are not finite numbers that increase.
    """
    moments = real_vector(times, "times", 1)
    wrong = np.flatnonzero(np.diff(moments) <= 0)
    if wrong.size:
        k = int(wrong[0])
        raise ValueError(f"times: must increase, but {moments[k]} comes before {moments[k + 1]} at entry {k}")
    return moments
