"""Writing whole files or none: under a temporary name in the same folder, put in place when everything is on the disk."""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from tensorfem.export.paths import destination, explained, mode_of, name_of, refuse_existing


@contextmanager
def atomic(path: str | os.PathLike[str], *, suffix: str = "", overwrite: bool = True) -> Iterator[BinaryIO]:
    """A binary file to write to, which appears at its path when the block ends, and not at all if the block fails.

    What was at the path stays as it was until then; its permissions pass to the new file. A link is followed. Devices and pipes
    (/dev/stdout) cannot be replaced and are written to directly.

    Parameters
    ----------
    path : str or path
    suffix : str
        How the name must end, if readers depend on it.
    overwrite : bool
        Whether a file may be replaced.

    Yields
    ------
    binary file

    Raises
    ------
    ValueError
        If the path is no name of a file, or ends in another suffix.
    OSError
        With the path and what to do: FileExistsError, IsADirectoryError, FileNotFoundError (no such folder), PermissionError, a
        full disk.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with atomic(Path(folder) / "note.txt") as file:
    ...         size = file.write(b"whole")
    ...         print([name.name for name in Path(folder).glob("note.txt")])
    ...     print((Path(folder) / "note.txt").read_text())
    []
    whole
    """
    name = name_of(path)
    target, mode = destination(path, suffix, overwrite)
    temporary = target.with_name(f".tensorfem-{secrets.token_hex(8)}.tmp")
    with explained(name, "written", target, temporary):
        if mode is not None and not stat.S_ISREG(mode):
            with target.open("wb") as file:
                yield file
            return
        try:
            with temporary.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            there = mode_of(target)
            refuse_existing(name, there, overwrite)
            if there is not None:
                temporary.chmod(stat.S_IMODE(there))
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)


def write_text(path: str | os.PathLike[str], text: str, *, overwrite: bool = True) -> None:
    """Write a text in UTF-8, whole or not at all; arguments and errors as of `atomic`."""
    with atomic(path, overwrite=overwrite) as file:
        file.write(text.encode())
