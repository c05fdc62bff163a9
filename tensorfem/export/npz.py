"""Archives of named arrays and a JSON header (.npz), read with suspicion.

An archive is a zip file of uncompressed .npy members, which `numpy.load` reads too; the member "header" is a text in JSON. Before any
array is made, every claim about sizes is held against the size of the file, and nothing in it is ever evaluated or unpickled.
"""

import contextlib
import errno
import json
import os
import reprlib
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.export.atomic import atomic
from tensorfem.export.members import SUFFIX, Member, plain
from tensorfem.export.paths import explained, source
from tensorfem.kron.memory import require_memory

HEADER = "header"
# What zipfile raises on files that are none, are damaged, or use what it does not know. ValueError includes bad characters and bad JSON.
DAMAGE = (zipfile.BadZipFile, RuntimeError, EOFError, OverflowError, ValueError, OSError)

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Format:
    """The name and version of a kind of archive."""

    name: str
    version: int


def write_npz(
    path: str | os.PathLike[str], kind: Format, header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], *, overwrite: bool = True
) -> None:
    """Write an archive; the same contents give the same bytes.

    Parameters
    ----------
    path : str or path
    kind : Format
    header : mapping
        What JSON can hold, beside "format", "version" and "arrays", which are added.
    arrays : mapping of names to arrays
        Real, not empty.
    overwrite : bool
        Whether an existing file may be replaced.

    Raises
    ------
    ValueError
        If an array is empty or of another type, or called "header".
    OSError
        As of `atomic`.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_npz(Path(folder) / "a.npz", Format("example", 1), {"unit": "m"}, {"a": np.arange(3.0)})
    ...     read_npz(Path(folder) / "a.npz", Format("example", 1))
    ({'unit': 'm'}, {'a': array([0., 1., 2.])})
    """
    if HEADER in arrays:
        raise ValueError(f"arrays: the name {HEADER!r} is taken; name the array otherwise")
    text = json.dumps({"format": kind.name, "version": kind.version, "arrays": list(arrays), **header})
    contents = {HEADER: np.array(text, dtype=f"<U{len(text)}"), **{name: plain(name, array) for name, array in arrays.items()}}
    with atomic(path, overwrite=overwrite) as file, zipfile.ZipFile(file, "w") as archive:
        for name, array in contents.items():
            with archive.open(zipfile.ZipInfo(name + SUFFIX), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, version=(1, 0), allow_pickle=False)


def read_npz(path: str | os.PathLike[str], kind: Format) -> tuple[dict[str, Any], Arrays]:
    """The header and the arrays of an archive.

    Raises
    ------
    ValueError
        If the file is no archive of this kind and version, or is damaged, truncated or compressed.
    MemoryError
        If the arrays would not fit into memory.
    OSError
        If the file cannot be read.
    """
    place = source(path)
    name = str(path)
    with explained(name, "read", place), place.open("rb") as file:
        with _damage(name, kind):
            archive = _checked(zipfile.ZipFile(file), os.fstat(file.fileno()).st_size)
            header = _header(archive, kind)
        version = header.pop("version", None)
        if version != kind.version:
            raise ValueError(
                f"path: {name!r} has version {reprlib.repr(version)} of the format, this tensorfem reads version {kind.version}; "
                "read it with the tensorfem that wrote it, or a newer one"
            )
        with _damage(name, kind):
            members = _members(archive)
            if header.pop("arrays", None) != list(members):
                raise ValueError("it has other arrays than its header says")
            require_memory(sum(member.bytes for member in members.values()), f"path: {name!r}", "read it on a machine with more")
            return header, {key: member.read() for key, member in members.items()}


@contextlib.contextmanager
def _damage(name: str, kind: Format) -> Iterator[None]:
    try:
        yield
    except DAMAGE as error:
        if isinstance(error, OSError) and error.errno != errno.EINVAL:  # which is a claim to lie before the file's start
            raise
        raise ValueError(f"path: {name!r} is no {kind.name}, or a damaged one: {error}; write it anew") from error


def _checked(archive: zipfile.ZipFile, size: int) -> zipfile.ZipFile:
    """An archive whose members can lie in a file of this many bytes: each has its own place."""
    claimed = sum(info.compress_size for info in archive.infolist())
    if claimed > size:
        raise ValueError(f"its members claim {claimed} bytes, the file has {size}")
    return archive


def _header(archive: zipfile.ZipFile, kind: Format) -> dict[str, Any]:
    """The header, if it is one of this format. Its characters are decoded here: NumPy fails on those that are none."""
    first = next(iter(archive.infolist()), None)
    member = Member.of(archive, first) if first else None
    if member is None or member.name != HEADER or member.type.kind != "U":
        raise ValueError(f"its first member is not the text {HEADER + SUFFIX!r}")
    header = json.loads(member.read().tobytes().decode(f"utf-32-{sys.byteorder[0]}e"))
    if not isinstance(header, dict) or header.pop("format", None) != kind.name:
        raise ValueError("its header names another format")
    return header


def _members(archive: zipfile.ZipFile) -> dict[str, Member]:
    """The arrays of an archive, not read yet."""
    members = [Member.of(archive, info) for info in archive.infolist()[1:]]
    texts = [member.name for member in members if member.type.kind == "U"]
    if texts:
        raise ValueError(f"its member {texts[0]!r} is a text")
    if HEADER in (names := [member.name for member in members]) or len(set(names)) < len(names):
        raise ValueError("two of its members have the same name")
    return dict(zip(names, members, strict=True))
