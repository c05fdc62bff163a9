"""The README tells the truth: its programs run in the order in which they stand, and its lists are complete."""

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest

import tensorfem as tfem

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text("utf-8")
BLOCKS = list(re.finditer(r"^```python\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE))


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """What the blocks leave behind: each continues the ones before it. An error names the line of the README."""
    names: dict[str, Any] = {}
    for block in BLOCKS:
        above = TEXT.count("\n", 0, block.start(1))
        exec(compile("\n" * above + block[1], ROOT / "README.md", "exec"), names)
    return names


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed: make test-torch")
def test_the_program_for_torch_finds_the_diffusion(names: dict[str, Any]) -> None:
    (block,) = re.findall(r"^```python torch\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    exec(compile(block, ROOT / "README.md", "exec"), names)
    found = names["torch"].exp(names["logs"]).detach().numpy()
    assert found == pytest.approx([1.0] * 12 + [3.0] * 12, rel=1e-3)


def test_the_programs_run_and_say_what_is_true(names: dict[str, Any]) -> None:
    assert len(BLOCKS) >= 5
    assert names["u"](2**-0.5, 2**-0.5) == pytest.approx(0.3207159453279, abs=1e-9)  # Trefethen, Spectral Methods in MATLAB, program 16
    assert names["w"](0.5, 1.0) == pytest.approx(0.25, abs=1e-8)
    assert names["record"].residual < 1e-10
    assert names["coarse"].l2_error(names["exact"]) / names["fine"].l2_error(names["exact"]) == pytest.approx(8, rel=0.05)


@pytest.mark.parametrize("folder", ["examples", "benchmarks"])
def test_the_lists_are_complete(folder: str) -> None:
    programs = {file.stem for file in (ROOT / folder).glob("*.py") if "__main__" in file.read_text("utf-8") and file.stem[0] != "_"}
    heading = TEXT.partition(f"\n## {folder.capitalize()}\n")[2].partition("\n## ")[0]
    assert programs == set(re.findall(r"^\| \[?(\w+)\]?[( ]", heading, re.MULTILINE)) - {"example", "benchmark"}


def test_the_coefficients_in_the_table_are_solved_as_it_says() -> None:
    section = TEXT.partition("\n## Coefficients\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `((?:diffusion|reaction)=.*?)` \|.*\| (.*?) \|$", section, re.MULTILINE)
    assert len(rows) == 7
    space = tfem.box(x=(0, 1), y=(0, 1), cells=4, degree=2)
    for setting, solver in rows:
        report = eval(f"Poisson(space, source=1.0, boundary=0.0, {setting})", {**vars(tfem), "space": space}).solve().report
        iterates = solver.startswith("conjugate gradients")
        assert iterates or solver.startswith("fast diagonalization")
        assert report.solver in ({"Direct()", "CG(preconditioner=FastDiagonalization())"} if iterates else {"FastDiagonalization()"})


def test_what_it_points_to_is_there() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", TEXT)
    assert len(links) > 5
    assert [link for link in links if not (ROOT / link).is_file()] == []


def test_the_targets_of_make_are_there() -> None:
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert set(re.findall(r"\bmake ([\w-]+)\s*(?:#|`|ARGS)", TEXT)) <= set(targets)
    assert TEXT.startswith("# tensorfem\n\n    make demo")
