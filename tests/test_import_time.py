"""`import tensorfem` brings in NumPy and the parts of SciPy it needs; the rest is imported at first use."""

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

LATE = (
    "matplotlib",
    "mpmath",
    "pandas",
    "numba",
    "pyamg",
    "scipy.interpolate",
    "scipy.optimize",
    "scipy.stats",
    "sympy",
    "xarray",
)


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)


@cache
def imported_by(statement: str) -> frozenset[str]:
    """The modules that a fresh interpreter holds after the statement."""
    result = run(f"import sys\n{statement}\nprint(*sys.modules)")
    if result.returncode:
        pytest.fail(f"`{statement}` failed:\n{result.stderr}", pytrace=False)
    return frozenset(result.stdout.split())


def who_imports(module: str, statement: str) -> str:
    """The traceback down to the line that asks for the module: its import is made to fail."""
    return run(f"import sys\nsys.modules[{module!r}] = None\n{statement}").stderr


@pytest.mark.parametrize("module", LATE)
def test_is_imported_at_first_use(module: str) -> None:
    if module in imported_by("import tensorfem"):
        pytest.fail(f"`import tensorfem` imports {module}:\n{who_imports(module, 'import tensorfem')}", pytrace=False)


def test_an_early_import_is_seen_and_named() -> None:
    statement = "import scipy.interpolate"
    assert "scipy.interpolate" in imported_by(statement)
    assert "interpolate" in who_imports("scipy.interpolate", statement)
