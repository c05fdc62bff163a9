"""What goes to stdout: lines for people, or one JSON document."""

import json
from pathlib import Path
from typing import Any, TextIO

SCHEMA = 1


class Printer:
    """Prints a command's results.

    Parameters
    ----------
    stream : text stream
    as_json, quiet : bool
    """

    def __init__(self, stream: TextIO, *, as_json: bool = False, quiet: bool = False) -> None:
        self._stream = stream
        self._json = as_json
        self._quiet = quiet

    def lines(self, lines: list[str]) -> None:
        """Print lines, unless quiet."""
        if not self._quiet:
            self._stream.write("".join(line + "\n" for line in lines))

    def document(self, command: str, facts: dict[str, Any], lines: list[str]) -> None:
        """Print the facts as JSON where that was asked for, else the lines."""
        if self._json:
            self._stream.write(json.dumps({"schema": SCHEMA, "command": command, **facts}, indent=2, default=str, allow_nan=False) + "\n")
        else:
            self.lines(lines)

    def finish(self, command: str, facts: dict[str, Any], lines: list[str], written: list[Path]) -> None:
        """Print what a command found, and the files it wrote."""
        files = {"files": [str(path) for path in written]}
        self.document(command, {**facts, **files}, [*lines, *(f"wrote       {path}" for path in written)])

    def flush(self) -> None:
        """Hand everything to the reader."""
        self._stream.flush()
