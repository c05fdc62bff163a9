"""Fuzz problem files: nothing but `ProblemFileError` may come out of reading one."""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["tensorfem"]):
    from tensorfem.cli.document import ProblemFileError
    from tensorfem.cli.problem_file import read_problem_file

FILE = Path(tempfile.mkdtemp()) / "problem.toml"


def one_input(data: bytes) -> None:
    """Read one file."""
    FILE.write_bytes(data)
    try:
        read_problem_file(FILE)
    except (ProblemFileError, MemoryError):
        return


atheris.Setup(sys.argv, one_input)
atheris.Fuzz()
