"""A TOML document whose every complaint names file, line, key, value and what is allowed."""

import difflib
import math
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

LARGEST = 1_000_000  # bytes
T = TypeVar("T")
D = TypeVar("D")


class ProblemFileError(ValueError):
    """A problem file that cannot be used; the message says where and why."""


class Document:
    """A parsed TOML file.

    Parameters
    ----------
    path : path of the file

    Raises
    ------
    ProblemFileError
        If the file cannot be read, is empty, too large, not UTF-8, or no TOML.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = _read(path)
        try:
            data = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            where = re.search(r"\(at line (\d+), column \d+\)", str(error))
            line = int(where.group(1)) if where else self.text.count("\n") + 1
            raise ProblemFileError(f"{path}:{line}: this is no TOML: {error}") from error
        except RecursionError:
            raise ProblemFileError(f"{path}: brackets are nested too deeply; a problem file needs three levels") from None
        except ValueError as error:  # an integer of more digits than Python converts
            raise ProblemFileError(f"{path}: a number is too long: {error}") from error
        self._lines = _lines_by_key(self.text)
        self.root = Section(self, (), data)

    def line(self, keys: tuple[str, ...]) -> int:
        """The line that a key stands in, or that of the nearest table around it."""
        while keys and keys not in self._lines:
            keys = keys[:-1]
        return self._lines.get(keys, 1)

    def error(self, keys: tuple[str, ...], problem: str) -> ProblemFileError:
        """An error at a key."""
        return ProblemFileError(f"{self.path}:{self.line(keys)}: {'.'.join(keys) or 'file'}: {problem}")


class Section:
    """A table of a document. Reading a key checks it; `finish` complains of keys that nobody reads."""

    def __init__(self, document: Document, keys: tuple[str, ...], values: Mapping[str, Any]) -> None:
        self.document = document
        self.keys = keys
        self.values = values

    def allow(self, names: Iterable[str]) -> "Section":
        """Refuse all keys but these, with the nearest one as a suggestion."""
        allowed = list(names)
        for key in self.values:
            if key not in allowed:
                near = difflib.get_close_matches(key, allowed, n=1)
                hint = f'; did you mean "{near[0]}"?' if near else ""
                raise self.error(
                    key, f"unknown key{hint} Allowed are {', '.join(allowed)}" if hint else f"unknown key; allowed are {', '.join(allowed)}"
                )
        return self

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def error(self, key: str, problem: str) -> ProblemFileError:
        """An error at a key of this table."""
        return self.document.error((*self.keys, key) if key else self.keys, problem)

    def section(self, key: str) -> "Section":
        """A table within; empty where the key is missing."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.error(key, f"got {value!r}; allowed is a table, [{'.'.join((*self.keys, key))}]")
        return Section(self.document, (*self.keys, key), value)

    def get(self, key: str, default: D, check: Callable[[Any], T], allowed: str) -> T | D:
        """A value that `check` accepts: it returns what to use, or raises a TypeError or ValueError."""
        if key not in self.values:
            return default
        value = self.values[key]
        try:
            return check(value)
        except (TypeError, ValueError) as error:
            detail = f" ({error})" if str(error) else ""
            raise self.error(key, f"got {_short(value)}; allowed is {allowed}{detail}") from error

    def attempt(self, key: str, action: Callable[[], T]) -> T:
        """What an action of the library gives; its errors are reported at this key."""
        try:
            return action()
        except ProblemFileError:
            raise
        except ValueError as error:
            raise self.error(key, str(error)) from error


def number(value: Any) -> float:
    """A finite number; bools are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    if not math.isfinite(value):
        raise ValueError("it must be finite")
    return float(value)


def integer(value: Any) -> int:
    """An integer; bools are none."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return value


def text(value: Any) -> str:
    """A string."""
    if not isinstance(value, str):
        raise TypeError
    return value


def one_of(*choices: str) -> Callable[[Any], str]:
    """One of some strings, with the nearest one as a suggestion."""

    def check(value: Any) -> str:
        if value in choices:
            return str(value)
        near = difflib.get_close_matches(str(value), choices, n=1)
        raise ValueError(f'did you mean "{near[0]}"?' if near else "")

    return check


def formula(value: Any) -> float | str:
    """A number or a string."""
    return value if isinstance(value, str) else number(value)


def _short(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:77] + "..."


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise ProblemFileError(f"{path}: cannot be read: {error.strerror or error}") from error
    if len(content) > LARGEST:
        raise ProblemFileError(f"{path}: the file has more than {LARGEST:,} bytes; a problem file is a page of text")
    if content.startswith(b"\xef\xbb\xbf"):
        raise ProblemFileError(f"{path}:1: the file starts with a byte order mark; save it as UTF-8 without one")
    try:
        decoded = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ProblemFileError(f"{path}:{line}: byte {error.start} is not UTF-8; save the file as UTF-8") from error
    if not decoded.strip():
        raise ProblemFileError(f"{path}: the file is empty; `tensorfem init` writes one to start from")
    return decoded


def _lines_by_key(text: str) -> dict[tuple[str, ...], int]:
    """The line of each table header and of each key that starts a line."""
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number_, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line)
        entry = re.match(r"\s*((?:\"[^\"]*\"|'[^']*'|[\w.+*-]|\s)+?)\s*=", line)
        if header and "=" not in line.split("#")[0]:
            table = _parts(header.group(1))
            found.setdefault(table, number_)
        elif entry:
            found.setdefault((*table, *_parts(entry.group(1))), number_)
    return found


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in re.findall(r"\"[^\"]*\"|'[^']*'|[^.]+", dotted))
