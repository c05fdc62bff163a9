"""A table in a CSV file whose every complaint names file, line, column, value and what is allowed."""

import csv
import difflib
import io
import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tensorfem.export.paths import source

FloatArray = NDArray[np.float64]
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
COMMAS = re.compile(r"[+-]?[\d.]*,[\d.,]*\d(?:[eE][+-]?\d+)?")  # in a number
EMPTY = ("", "nan")  # cells where nothing was observed
FEWEST = 4  # values: a curve through fewer smooths nothing
LONGEST = 40  # characters of a cell that a message shows


class DataFileError(ValueError):
    """A data file that cannot be used; the message says where and why."""


@dataclass(frozen=True, eq=False)
class Table:
    """The columns of a file, as texts until one is asked for.

    Attributes
    ----------
    path : Path
    names : tuple of str
    rows : list of lists of str
        As many texts in each as there are names.
    lines : list of int
        The line of each row in the file.
    """

    path: Path
    names: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]

    def column(self, name: str, advice: str, *, gaps: bool = False) -> FloatArray:
        """The numbers of a column.

        Parameters
        ----------
        name : str
        advice : str
            What to do about a cell that has no number; it ends the message.
        gaps : bool
            Whether cells may be empty or NaN: both become NaN.

        Raises
        ------
        DataFileError
            If there is no such column, or something in it is no finite number; all cells are looked at before anything else is.
        """
        index = self.names.index(known(name, self.names, self.path))
        texts = [row[index].strip() for row in self.rows]
        numbers = np.array([_number(text) for text in texts], dtype=np.float64)
        empty = np.array([text.lower().lstrip("+-") in EMPTY for text in texts], dtype=bool)
        bad = np.flatnonzero(~(np.isfinite(numbers) | (empty & gaps)))
        if bad.size:
            others = bad.size - 1
            more = f" (as {'has 1 more cell' if others == 1 else f'have {others:,} more cells'} of this column)" if others else ""
            what = f"got {_shown(texts[bad[0]])}; allowed is a finite number{more}"
            raise DataFileError(f"{self.place(int(bad[0]), name)}: {what}; {_hint(texts[bad[0]]) or advice}")
        return numbers

    def place(self, row: int, name: str) -> str:
        """Where a number stands: file:line:column, and the column's name."""
        return f"{self.path}:{self.lines[row]}:{self.names.index(name) + 1}: {name}"


def known(name: str, names: tuple[str, ...], path: Path) -> str:
    """A name that is among those of a file.

    Raises
    ------
    DataFileError
        If it is not; all names are listed, and the nearest one is suggested.
    """
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        hint = f'did you mean "{near[0]}"? The' if near else "the"
        raise DataFileError(f'{path}: there is no column "{name}"; {hint} columns are {", ".join(names)}')
    return name


def read_table(path: Path) -> Table:
    """Read a CSV file: a line that names the columns, then a row of numbers per line; blank lines count for nothing.

    Columns are separated by commas, or by semicolons or tabs where the first line has more of those.

    Raises
    ------
    DataFileError
        If the file is empty, not UTF-8 or no CSV, names no columns or one twice, or has a row of another length.
    OSError
        If it cannot be read.
    """
    text = _decoded(path)
    first = text.lstrip().partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append(row)
                lines.append(reader.line_num)
    except csv.Error as error:
        raise DataFileError(f"{path}:{reader.line_num}: this is no CSV: {error}") from error
    if not rows:
        raise DataFileError(f"{path}: the file is empty; its first line must name the columns, for example x,y,value")
    names = _names(path, rows[0], lines[0])
    for row, line in zip(rows, lines, strict=True):
        if len(row) != len(names):
            what = f"got {len(row)} column{'s' * (len(row) != 1)}; the first line names {len(names)}: {', '.join(names)}"
            raise DataFileError(f"{path}:{line}: {what}; {_length_hint(row, len(names), delimiter)}")
    return Table(path, names, rows[1:], lines[1:])


def _names(path: Path, row: list[str], line: int) -> tuple[str, ...]:
    """The names of the columns; numpy.savetxt puts "# " before the first."""
    names = tuple(" ".join(cell.strip().removeprefix("#").split()) for cell in row)
    if all(_is_number(name) for name in names):
        raise DataFileError(f"{path}:{line}: the first line holds numbers; it must name the columns, for example x,y,value")
    for k, name in enumerate(names):
        if not name or name in names[:k]:
            what = f'has the name "{name}", as an earlier one; give each a name of its own'
            raise DataFileError(
                f"{path}:{line}:{k + 1}: this column {what if name else 'has no name; give it one, or leave out the separator before it'}"
            )
    return names


def _is_number(text: str) -> bool:
    return not math.isnan(_number(text)) or text.lower() == "nan"


def _number(text: str) -> float:
    """A number as people write it, which has no underscores as Python's may; NaN where the text is none."""
    try:
        return math.nan if "_" in text else float(text)
    except ValueError:
        return math.nan


def _shown(text: str) -> str:
    return repr(text if len(text) <= LONGEST else text[: LONGEST - 3] + "...") if text else "an empty cell"


def _hint(text: str) -> str:
    """What is wrong with a text that was meant to be a number, where that can be told."""
    if COMMAS.fullmatch(text):
        shown = text.replace(",", ".") if "." not in text and text.count(",") == 1 else "1234.5"
        return f"write a decimal point and no other separator in a number, as in {shown}, whatever separates the columns"
    parts = re.split(r"[;\s]+", text)
    if len(parts) > 1 and all(map(_is_number, parts)):
        return "these are several numbers: separate the columns by commas, semicolons or tabs, by the same in every line"
    return ""


def _length_hint(row: list[str], count: int, delimiter: str) -> str:
    """What may be wrong with a row that has another length than the line of names."""
    other = next((d for d in DELIMITERS if d != delimiter and len(row) == 1 and row[0].count(d) == count - 1 > 0), "")
    if other:
        return f"this line has {DELIMITERS[other]} where the first has {DELIMITERS[delimiter]}: separate all columns by the same"
    if count == 1:
        return "the first line must name every column, with the same separator"
    if delimiter == "," and len(row) > count:
        return "if these are decimal commas, write decimal points: 3.14"
    return "give every row as many; an empty cell needs its separator too"


def _decoded(path: Path) -> str:
    content = source(path).read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataFileError(f"{path}:{line}: byte {error.start} is not UTF-8; save the file as UTF-8") from error
