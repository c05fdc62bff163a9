"""The commands: what they print, what they write, and how they end."""

import errno
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.cli import commands, exits
from tensorfem.cli.progress import Progress
from tensorfem.solvers import LinearSolution
from tests.cli.conftest import PROBLEM

OUTPUT = '[output]\ndata = "u.npz"\npicture = "u.png"\nvtk = "u.vtr"\ntable = "study.md"\nstudy_picture = "study.png"\n'


def tensorfem(*arguments, **options):
    """The command in a process of its own."""
    return subprocess.run([sys.executable, "-m", "tensorfem", *map(str, arguments)], capture_output=True, text=True, check=False, **options)


def test_init_solve_study_as_a_newcomer(run, tmp_path):
    path = tmp_path / "problem.toml"
    assert run("init", path)[0] == exits.DONE
    code, out, err = run("solve", path)
    assert (code, err) == (exits.DONE, "")
    assert "FastDiagonalization" in out
    for name in ("solution.png", "solution.vtr", "solution.npz"):
        assert (tmp_path / name).stat().st_size > 1_000
    code, out, _ = run("study", path)
    assert code in {exits.DONE, exits.CHECK_FAILED}
    assert (tmp_path / "study.png").stat().st_size > 1_000


def test_solve_prints_and_writes(run, write, tmp_path):
    path = write(PROBLEM, OUTPUT)
    code, out, err = run("solve", path)
    assert (code, err) == (exits.DONE, "")
    assert f"wrote       {tmp_path / 'u.npz'}" in out
    field = tfem.load(tmp_path / "u.npz")
    assert field.l2_error("exp(x)*sin(2*y)") < 2e-2
    assert (tmp_path / "u.png").read_bytes().startswith(b"\x89PNG")
    assert not (tmp_path / "study.md").exists()


def test_json(run, write):
    code, out, _ = run("solve", write(), "--json")
    facts = json.loads(out)
    assert code == exits.DONE
    assert (facts["schema"], facts["command"]) == (1, "solve")
    assert facts["report"]["unknowns"] == 11 * 7
    assert 0 < facts["errors"]["l2"] < 2e-2


def test_quiet(run, write):
    assert run("solve", write(), "--quiet") == (exits.DONE, "", "")


def test_study_passes_and_writes(run, write, tmp_path):
    code, out, _ = run("study", write(PROBLEM, OUTPUT))
    assert code == exits.DONE
    assert "PASS" in out
    assert (tmp_path / "study.md").read_text().count("|") > 20
    assert (tmp_path / "study.png").stat().st_size > 1_000


def test_study_fails_with_a_wrong_exact_solution(run, write):
    code, out, _ = run("study", write(PROBLEM.replace('exact = "exp(x)*sin(2*y)"', 'exact = "exp(x)*sin(2*y) + x*(1 - x)*y*(2 - y)"')))
    assert code == exits.CHECK_FAILED
    assert "FAIL" in out


def test_study_needs_something_to_judge_by(run, write):
    code, _, err = run("study", write(PROBLEM.replace('exact = "exp(x)*sin(2*y)"', "")))
    assert code == exits.USAGE
    assert "nothing to judge by; give problem.exact" in err


def test_study_of_a_quantity_and_of_a_manufactured_problem(run, write):
    code, out, _ = run("study", write(PROBLEM.replace('exact = "exp(x)*sin(2*y)"', ""), '[study]\nquantity = "integral"\n'))
    assert code == exits.DONE, out
    text = (
        PROBLEM.split("[problem]")[0]
        + '[problem]\nmanufactured = "exp(x)*sin(2*y)"\n[boundary]\n"x+" = "neumann"\n"y-" = { robin = 2.0 }\n'
    )
    code, out, _ = run("study", write(text + '"*" = "dirichlet"\n'))
    assert code == exits.DONE, out


def test_explain_solves_nothing(run, write, monkeypatch):
    monkeypatch.setattr(tfem.Poisson, "solve", None)
    code, out, err = run("explain", write())
    assert (code, err) == (exits.DONE, "")
    assert "FastDiagonalization" in out


def test_bench(run):
    code, out, _ = run("bench", "--cells", 6, "--json")
    assert code == exits.DONE
    assert {row["solver"].split("(")[0] for row in json.loads(out)["rows"]} == {"FastDiagonalization", "CG", "Direct"}
    code, _, err = run("bench", "--cells", 3)
    assert code == exits.USAGE
    assert "--cells: got 3; allowed is an integer from 4 to 512" in err


def test_help_lists_the_exit_codes(run):
    code, out, _ = run("--help")
    assert code == 0
    assert all(f"  {number} " in out for number in (0, 1, 2, 3, 4, 5, 130))
    assert run()[0] == exits.USAGE
    assert run("solv")[0] == exits.USAGE


@pytest.mark.parametrize(
    ("prepare", "output", "message"),
    [
        (lambda folder: (folder / "u.npz").write_text("old"), "u.npz", "exists; pass --force"),
        (lambda folder: (folder / "u.npz").mkdir(), "u.npz", "is a directory; name a file"),
        (lambda folder: None, "missing/u.npz", "does not exist; make it first"),
        (lambda folder: None, "../u.npz", "lies outside .*; use a path within it, or pass --anywhere"),
        (lambda folder: None, "/dev/full", "lies outside"),
    ],
)
def test_outputs_are_checked_before_any_work(run, write, tmp_path, monkeypatch, prepare, output, message):
    prepare(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.setattr(tfem.Poisson, "solve", None)
    code, _, err = run("solve", path := write(PROBLEM, f'[output]\ndata = "{output}"\n'))
    assert code == exits.USAGE
    assert re.search(message, err), err
    assert sorted(tmp_path.rglob("*")) == sorted({*before, path})


def test_force_and_anywhere_and_folder(run, write, tmp_path):
    (tmp_path / "u.npz").write_text("old")
    (tmp_path / "other").mkdir()
    path = write(PROBLEM, '[output]\ndata = "u.npz"\n')
    assert run("solve", path, "--force")[0] == exits.DONE
    assert tfem.load(tmp_path / "u.npz").space.dimension == 2
    assert run("solve", path, "-o", tmp_path / "other")[0] == exits.DONE
    assert (tmp_path / "other" / "u.npz").exists()
    path = write(PROBLEM, '[output]\ndata = "../u.npz"\n')
    assert run("solve", path, "-o", tmp_path / "other", "--anywhere", "--force")[0] == exits.DONE


def test_init_refuses_to_replace(run, tmp_path):
    path = tmp_path / "problem.toml"
    path.write_text("mine")
    code, _, err = run("init", path)
    assert (code, path.read_text()) == (exits.USAGE, "mine")
    assert "exists; pass --force" in err


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")  # noqa: PTH110
def test_full_disk(run, write):
    code, _, err = run("solve", write(PROBLEM, '[output]\ndata = "/dev/full"\n'), "--anywhere", "--force")
    assert code == exits.RESOURCES
    assert "/dev/full" in err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyboardInterrupt(), exits.INTERRUPTED),
        (exits.Terminated(), exits.TERMINATED),
        (MemoryError("12 GB"), exits.RESOURCES),
        (OSError(errno.ENOSPC, "No space left on device"), exits.RESOURCES),
        (OSError(errno.EACCES, "Permission denied"), exits.USAGE),
        (ValueError("source: wrong"), exits.USAGE),
        (RuntimeError("boom"), exits.INTERNAL),
        (tfem.ConvergenceError("no", LinearSolution(np.zeros(1), False, "no", 1, (), 0.0, None, None)), exits.NOT_CONVERGED),
    ],
)
def test_exit_codes(run, write, monkeypatch, error, code):
    def fail(*arguments, **options):
        raise error

    monkeypatch.setattr(tfem.Poisson, "solve", fail)
    got, out, err = run("solve", write())
    assert (got, out) == (code, "")
    assert err.startswith("tensorfem: ")
    assert err.count("\n") == 1


def test_not_converged(run, write):
    code, _, err = run("solve", write(PROBLEM, '[solver]\nname = "cg"\nmaxiter = 1\n'))
    assert code == exits.NOT_CONVERGED
    assert "CG" in err


def test_interrupt_keeps_the_best_iterate(run, write, tmp_path, monkeypatch):
    """Ctrl-C at the third iteration: the field of the best iterate is on disk, and stderr says so."""
    see = commands._Iterates.see

    def interrupted(self, iterations, residual, iterate):
        see(self, iterations, residual, iterate)
        if iterations == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(commands._Iterates, "see", interrupted)
    code, _, err = run("solve", write(PROBLEM, '[solver]\nname = "cg"\n[output]\ndata = "u.npz"\n'))
    assert code == exits.INTERRUPTED
    assert "interrupted; the best iterate (" in err
    field = tfem.load(tmp_path / "u.npz")
    exact = "exp(x)*sin(2*y)"
    assert 1e-6 < field.l2_error(exact) < 5  # an iterate, with its boundary values right
    assert abs(field(0.0, 1.0) - np.sin(2.0)) < 1e-2


def test_closed_pipe(write):
    path = write()
    command = f"{sys.executable} -m tensorfem solve {path} | head -n 1; exit ${{PIPESTATUS[0]}}"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


def test_closed_pipe_before_the_first_line(write):
    result = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m tensorfem solve {write()} | true; exit ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")


def _catches_sigterm(pid):
    """Whether a process is past its imports: it has its handler. Where the system does not tell, after a few seconds."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        time.sleep(5)
        return True
    caught = re.search(r"^SigCgt:\s*(\w+)$", status.read_text(), re.MULTILINE)
    return bool(int(caught[1], 16) >> (signal.SIGTERM - 1) & 1)


def test_sigterm(tmp_path, write):
    """A solve that would take minutes ends at once, with one line and no file half-written."""
    slow = PROBLEM.replace("[6, 4]", "[900, 800]").replace('exact = "exp(x)*sin(2*y)"', "")
    path = write(slow, '[solver]\nname = "cg"\n[output]\ndata = "u.npz"\n')
    with subprocess.Popen([sys.executable, "-m", "tensorfem", "solve", str(path)], stderr=subprocess.PIPE, text=True) as process:
        while not _catches_sigterm(process.pid):
            time.sleep(0.05)
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (exits.TERMINATED, "tensorfem: terminated\n")
    assert [file.name for file in tmp_path.iterdir()] == ["problem.toml"]


def test_python_m_tensorfem(write):
    result = tensorfem("solve", write())
    assert (result.returncode, result.stderr) == (0, "")
    assert "FastDiagonalization" in result.stdout


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("no_color", ["", "1"])
def test_progress(monkeypatch, no_color):
    clock = iter([0.0, 0.5, 2.0, 2.1, 4.0, 4.0]).__next__
    monkeypatch.setattr("tensorfem.cli.progress.time.monotonic", clock)
    monkeypatch.setenv("NO_COLOR", no_color)
    stream = Terminal()
    with Progress(stream) as progress:
        progress.update("too early")
        progress.update("first", 0.5)
        progress.update("too soon after the first")
        progress.update("second")
    shown = stream.getvalue()
    assert "too" not in shown
    assert "first (2 s, about 2 s left)" in shown
    assert "second (4 s)" in shown
    assert ("\x1b" in shown) == (no_color == "")
    assert shown.endswith("\r")


def test_progress_is_for_terminals(monkeypatch):
    monkeypatch.setattr("tensorfem.cli.progress.time.monotonic", iter([0.0, 5.0]).__next__)
    stream = io.StringIO()
    with Progress(stream) as progress:
        progress.update("nobody watches")
    assert stream.getvalue() == ""
