"""Names of files, checked before anything is opened, and what an error of the system means for them."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ADVICE = {
    errno.EACCES: "allow it, or name a file elsewhere",
    errno.EPERM: "allow it, or name a file elsewhere",
    errno.EROFS: "name a file elsewhere",
    errno.ENOSPC: "free some space, or name a file on another disk",
    errno.EDQUOT: "free some space, or name a file on another disk",
    errno.EFBIG: "name a file on another disk",
    errno.EIO: "name a file on another disk",
    errno.ENAMETOOLONG: "shorten it",
    errno.ELOOP: "mend the links, or name a file elsewhere",
    errno.ENOENT: "create the folder, or name a file elsewhere",
    errno.ENOTDIR: "name a file in a folder",
}


def refusal(code: int, message: str) -> OSError:
    """The error of a system's error number (FileExistsError, PermissionError, ...) with a message of ours.

    Examples
    --------
    >>> refusal(errno.EEXIST, "path: 'u.npz' exists")
    FileExistsError("path: 'u.npz' exists")
    """
    error = type(OSError(code, ""))(message)
    error.errno = code
    return error


@contextmanager
def explained(path: str, doing: str, *ours: Path) -> Iterator[None]:
    """Errors of the system about a file, with its name and what to do; those about files that are not `ours` pass as they are."""
    try:
        yield
    except OSError as error:
        if error.errno not in ADVICE or error.filename not in {None, path, *map(str, ours)}:
            raise
        reason = os.strerror(error.errno)
        raise refusal(error.errno, f"path: {path!r} cannot be {doing}: {reason[0].lower()}{reason[1:]}; {ADVICE[error.errno]}") from error


def name_of(path: str | os.PathLike[str]) -> str:
    """A path as a string.

    Raises
    ------
    ValueError
        If it is none, or names no file.
    """
    name = os.fspath(path) if isinstance(path, str | os.PathLike) else None
    if not isinstance(name, str) or not name or "\0" in name:
        raise ValueError(f"path: got {path!r}; allowed is the name of a file")
    return name


def mode_of(path: Path) -> int | None:
    """The mode of what is at a path (kind and permissions), or None."""
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None


def source(path: str | os.PathLike[str]) -> Path:
    """The path of a file to read.

    Raises
    ------
    OSError
        If there is none, or it is a folder or a device.
    """
    name = name_of(path)
    with explained(name, "read"):
        mode = mode_of(Path(name))
    if mode is None:
        raise refusal(errno.ENOENT, f"path: there is no file {name!r}; look for it from {str(Path.cwd())!r}, or give its full name")
    if stat.S_ISDIR(mode):
        raise refusal(errno.EISDIR, f"path: {name!r} is a folder; name a file in it")
    if not stat.S_ISREG(mode):
        raise refusal(errno.EINVAL, f"path: {name!r} is a device or a pipe; name a file")
    return Path(name)


def destination(path: str | os.PathLike[str], suffix: str, overwrite: bool) -> tuple[Path, int | None]:
    """The path of a file to write, links followed, and the mode of what is there now.

    Raises
    ------
    ValueError
        If it names no file, or ends in another suffix.
    OSError
        If it is a folder, its folder does not exist, it may not be written, or it exists and is not to be overwritten.
    """
    name = name_of(path)
    target = Path(os.path.realpath(name))
    with explained(name, "written", target):
        mode = mode_of(target)
    if name.endswith(("/", os.sep)) or (mode is not None and stat.S_ISDIR(mode)):
        raise refusal(errno.EISDIR, f"path: {name!r} is a folder; name a file in it, for example {str(Path(name) / f'u{suffix}')!r}")
    if mode is None and not target.parent.is_dir():
        raise refusal(errno.ENOENT, f"path: {name!r} cannot be written: there is no folder {str(target.parent)!r}; create it first")
    if mode is not None and not stat.S_ISREG(mode):
        if not (stat.S_ISCHR(mode) or stat.S_ISFIFO(mode)):
            raise refusal(errno.EINVAL, f"path: {name!r} is a disk or a socket; name a file")
        return target, mode
    if suffix and Path(name).suffix != suffix:
        raise ValueError(
            f"path: {name!r} does not end in {suffix!r}, by which readers know the format; write {str(Path(name).with_suffix(suffix))!r}"
        )
    refuse_existing(name, mode, overwrite)
    if mode is not None and not os.access(target, os.W_OK):
        raise refusal(errno.EACCES, f"path: {name!r} may not be written; {ADVICE[errno.EACCES]}")
    return target, mode


def refuse_existing(name: str, mode: int | None, overwrite: bool) -> None:
    """Refuse a file that exists and is not to be overwritten.

    Raises
    ------
    FileExistsError
    """
    if mode is not None and not overwrite:
        raise refusal(errno.EEXIST, f"path: {name!r} exists; name another file, or allow it by overwrite=True")
