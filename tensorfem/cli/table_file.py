"""A table in a CSV file whose every complaint names file, line, column, value and what is allowed."""

import csv
import difflib
import io
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tensorfem.export.paths import source

FloatArray = NDArray[np.float64]
DELIMITERS = ",;\t"
FEWEST = 4  # rows: a curve through fewer smooths nothing


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

    def column(self, name: str) -> FloatArray:
        """The numbers of a column.

        Raises
        ------
        DataFileError
            If there is no such column, or something in it is no finite number.
        """
        index = self.names.index(known(name, self.names, self.path))
        return np.array([self._number(row, index, line) for row, line in zip(self.rows, self.lines, strict=True)])

    def place(self, row: int, name: str) -> str:
        """Where a number stands: file:line:column, and the column's name."""
        return f"{self.path}:{self.lines[row]}:{self.names.index(name) + 1}: {name}"

    def _number(self, row: list[str], index: int, line: int) -> float:
        text = row[index].strip()
        try:
            value = math.nan if "_" in text else float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            shown = text if len(text) <= 40 else text[:37] + "..."
            raise DataFileError(
                f"{self.path}:{line}:{index + 1}: {self.names[index]}: got {shown!r}; allowed is a finite number; "
                "leave out the rows of what was not observed"
            )
        return value


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
        If the file is empty, not UTF-8 or no CSV, names no columns or one twice, has a row of another length, or too few rows.
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
            raise DataFileError(f"{path}:{line}: got {len(row)} columns; the first line names {len(names)}: {', '.join(names)}")
    if len(rows) <= FEWEST:
        raise DataFileError(f"{path}: got {len(rows) - 1} rows of data; at least {FEWEST} are needed")
    return Table(path, names, rows[1:], lines[1:])


def _names(path: Path, row: list[str], line: int) -> tuple[str, ...]:
    """The names of the columns; numpy.savetxt puts "# " before the first."""
    names = tuple(" ".join(cell.strip().removeprefix("#").split()) for cell in row)
    if all(_is_number(name) for name in names):
        raise DataFileError(f"{path}:{line}: the first line holds numbers; it must name the columns, for example x,y,value")
    for k, name in enumerate(names):
        if not name or name in names[:k]:
            what = f'has the name "{name}", as an earlier one' if name else "has no name"
            raise DataFileError(f"{path}:{line}:{k + 1}: this column {what}; give each a name of its own")
    return names


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _decoded(path: Path) -> str:
    content = source(path).read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataFileError(f"{path}:{line}: byte {error.start} is not UTF-8; save the file as UTF-8") from error
