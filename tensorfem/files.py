"""Fields from files, and sequences of fields to files; `Field.save`, `to_vtk` and `to_xarray` write and hand on single ones."""

import os
from collections.abc import Iterable
from pathlib import Path

from numpy.typing import ArrayLike

from tensorfem.export import write_collection
from tensorfem.export.paths import destination
from tensorfem.export.pvd import increasing_times
from tensorfem.field import Field
from tensorfem.storage import restore


def load(path: str | os.PathLike[str]) -> Field:
    """The field that `Field.save` wrote to a file: the same space, coefficients equal to the last bit, and the report.

    Nothing in the file is unpickled or evaluated, and its sizes are checked before memory is taken. A report written by a version with
    other entries is left out.

    Parameters
    ----------
    path : str or path

    Raises
    ------
    ValueError
        If the file is no field's, of another version of the format, truncated or damaged.
    MemoryError
        If the field does not fit into memory.
    OSError
        If the file cannot be read: FileNotFoundError, IsADirectoryError, PermissionError.

    Examples
    --------
    >>> import tempfile
    >>> import tensorfem as tfem
    >>> u = tfem.interpolate(tfem.box(x=(0, 1), y=(0, 2), cells=(4, 3)), "x*y")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     u.save(Path(folder) / "u.npz")
    ...     v = tfem.load(Path(folder) / "u.npz")
    >>> v, v.max()
    (Field(Space(x: Lagrange(degree=1, 4 cells on [0, 1], 5 unknowns), y: Lagrange(degree=1, 3 cells on [0, 2], 4 unknowns))), 2.0)
    """
    return Field.adopt(*restore(path))


def write_pvd(
    path: str | os.PathLike[str],
    fields: Iterable[Field],
    times: ArrayLike,
    *,
    name: str = "u",
    gradient: str | None = None,
    overwrite: bool = True,
) -> None:
    """Write a sequence of fields for ParaView: a .pvd file, and beside it a numbered .vtr file for each time.

    Every file appears whole or not at all, the .pvd file last.

    Parameters
    ----------
    path : str or path
        Ending in ".pvd". The others are called after it: heat.pvd, heat_0.vtr, heat_1.vtr, ...
    fields : iterable of Field
        One for each time; only one at a time is held.
    times : (n,) array_like
        Strictly increasing.
    name, gradient
        As of `Field.to_vtk`.
    overwrite : bool
        Whether existing files may be replaced.

    Raises
    ------
    ValueError
        If the times do not increase, or the fields are not as many; as of `Field.to_vtk`.
    OSError
        If a file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import tensorfem as tfem
    >>> space = tfem.box(x=(0, 1), cells=4)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_pvd(Path(folder) / "heat.pvd", [tfem.interpolate(space, 1.0), tfem.interpolate(space, "x")], [0.0, 0.5])
    ...     sorted(file.name for file in Path(folder).iterdir())
    ['heat.pvd', 'heat_0.vtr', 'heat_1.vtr']
    """
    moments = increasing_times(times)
    destination(path, ".pvd", overwrite)  # refused before any field is written
    stem, digits = Path(path).with_suffix(""), len(str(moments.size - 1))
    files = [stem.with_name(f"{stem.name}_{i:0{digits}}.vtr") for i in range(moments.size)]
    queue, written = iter(fields), 0
    for field in queue:
        if written == moments.size:
            raise ValueError(f"fields: there are more than the {written} times; one for each is needed")
        field.to_vtk(files[written], name=name, gradient=gradient, overwrite=overwrite)
        written += 1
    if written < moments.size:
        raise ValueError(f"fields: got {written} for {moments.size} times; one for each is needed")
    write_collection(path, files, moments, overwrite=overwrite)
