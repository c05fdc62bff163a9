"""Problem files on disk, and `tensorfem` run within this process."""

import textwrap

import pytest

from tensorfem.cli import main

PROBLEM = """
[space]
x = [0.0, 1.0]
y = [0.0, 2.0]
cells = [6, 4]
degree = 2

[problem]
source = "3*exp(x)*sin(2*y)"
exact = "exp(x)*sin(2*y)"

[boundary]
"*" = "exp(x)*sin(2*y)"
"""


@pytest.fixture
def write(tmp_path):
    """Write a problem file and give its path; a text replaces the default one, parts are added at the end."""

    def write(text=PROBLEM, *parts):
        path = tmp_path / "problem.toml"
        path.write_text(textwrap.dedent(text) + "\n".join(parts))
        return path

    return write


@pytest.fixture
def run(capsys):
    """Run `tensorfem` with arguments: (exit code, stdout, stderr)."""

    def run(*arguments):
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as error:  # argparse's own
            code = error.code
        out, err = capsys.readouterr()
        return code, out, err

    return run
