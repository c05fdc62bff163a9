"""Whatever stands in a problem file: the problem it describes, or one `ProblemFileError`; nothing else, and nothing is run."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tensorfem.cli import exits
from tensorfem.cli.data_file import Columns, Data, read_data
from tensorfem.cli.document import ProblemFileError
from tensorfem.cli.problem_file import ProblemFile, read_problem_file
from tensorfem.cli.table_file import DataFileError
from tensorfem.cli.template import TEMPLATE

LINES = TEMPLATE.splitlines()
PIECES = [
    "[space]",
    "x = [0, 1]",
    "cells = 3",
    "[",
    "]",
    "=",
    "'",
    '"""',
    "nan",
    "1e999",
    "\\u0000",
    "{",
    "}",
    "#",
    "\n",
    "-" * 50,
    "(" * 50,
]
relaxed = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(path):
    try:
        problem_file = read_problem_file(path)
    except ProblemFileError as error:
        complaint = str(error)
    else:
        assert isinstance(problem_file, ProblemFile)
        return
    assert complaint.startswith(str(path))


@relaxed
@given(content=st.binary(max_size=300) | st.lists(st.sampled_from(PIECES)).map(lambda parts: "\n".join(parts).encode()))
def test_random_files(tmp_path, content):
    path = tmp_path / "problem.toml"
    path.write_bytes(content)
    read(path)


@relaxed
@given(
    place=st.integers(0, len(LINES) - 1),
    text=st.text(st.characters(codec="utf-8"), max_size=20) | st.sampled_from(PIECES),
    replace=st.booleans(),
)
def test_a_good_file_with_one_line_spoiled(tmp_path, place, text, replace):
    path = tmp_path / "problem.toml"
    path.write_text("\n".join([*LINES[:place], text, *LINES[place + replace :]]), encoding="utf-8")
    read(path)


@relaxed
@given(st.sampled_from(["source", "exact", "diffusion", "reaction"]), st.text(st.characters(codec="utf-8"), max_size=40))
def test_any_text_as_a_formula(tmp_path, key, text):
    """Formulas are parsed against a list of what is allowed: any other text is an error at its line."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    quoted = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):08x}" for c in quoted)
    path = tmp_path / "problem.toml"
    source = "" if key == "source" else "source = 1.0\n"
    path.write_text(f'[space]\nx = [0, 1]\ncells = 3\n[problem]\n{source}{key} = "{quoted}"\n[boundary]\n"*" = 0\n', encoding="utf-8")
    read(path)


CELLS = ["0", "1.5", "-2", "nan", "inf", "x", '"', '"a,b"', "", " ", "#", "1e999", "1_0", "\n", "\r\n", ";", "\t", "\0"]


@relaxed
@given(
    st.binary(max_size=60)
    | st.lists(st.lists(st.sampled_from(CELLS) | st.floats(0, 9).map(str), min_size=1, max_size=4).map(",".join), max_size=12).map(
        lambda lines: "\n".join(["x,y,v", *lines]).encode()
    ),
    st.sampled_from([".csv", ".npz"]),
)
def test_any_data_file(tmp_path, content, ending):
    """Finite data, or one complaint that starts with the file's name."""
    path = tmp_path / f"data{ending}"
    path.write_bytes(content)
    try:
        data = read_data(path, Columns())
    except DataFileError as error:
        complaint = str(error)
    else:
        assert isinstance(data, Data)
        assert data.points.shape == (data.values.size, len(data.names))
        return
    assert complaint.startswith(str(path))
    assert "\n" not in complaint


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"\xef\xbb\xbf[space]", b"a = " + b"[" * 200_000, b"#" * 10_000_000], ids=lambda content: repr(content[:12])
)
@pytest.mark.parametrize("command", ["solve", "study", "explain"])
def test_a_bad_file_is_one_line_and_exit_code_2(run, tmp_path, content, command):
    path = tmp_path / "problem.toml"
    path.write_bytes(content)
    code, out, err = run(command, path)
    assert (code, out) == (exits.USAGE, "")
    assert err.startswith(f"tensorfem: {path}")
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == [path]
