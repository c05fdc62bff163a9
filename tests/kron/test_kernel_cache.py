"""Machine code kept on disk: used again, made anew where the sources changed, done without where it cannot be kept or read."""

import importlib.util
import sys

import numba
import numpy as np
import pytest

from tensorfem.kron.kernels import jit
from tensorfem.kron.kernels.jit import kernel

SOURCE = "from tensorfem.kron.kernels.jit import kernel\n\n@kernel\ndef add(one, other):\n    return one + other\n"


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A function that gives the kernel `add` of a fresh module, as another process would have it."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")  # beside the module
    (tmp_path / "own.py").write_text(SOURCE)

    def load():
        spec = importlib.util.spec_from_file_location("own", tmp_path / "own.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.add

    return load


def files(folder, ending):
    return sorted((folder / "__pycache__").glob(f"*.{ending}"))


def test_another_process_takes_what_one_compiled(made, tmp_path) -> None:
    first, second = made(), made()
    assert first(3.0, 4.0) == second(3.0, 4.0) == 7.0
    assert sum(first.stats.cache_misses.values()) == sum(second.stats.cache_hits.values()) == 1
    assert len(files(tmp_path, "nbc")) == 1


def test_without_a_directory_for_it_nothing_is_kept() -> None:
    names = {}
    exec(SOURCE, names)  # of a function without a file nothing can be kept
    assert names["add"](3.0, 4.0) == 7.0


def test_a_file_in_the_place_of_the_directory_is_left_alone(made, tmp_path, monkeypatch) -> None:
    (tmp_path / "file").write_text("mine")
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "file"))
    assert made()(3.0, 4.0) == 7.0
    assert (tmp_path / "file").read_text() == "mine"


def test_a_directory_that_goes_away_is_no_error(made, tmp_path) -> None:
    compiled = made()
    (tmp_path / "__pycache__").rename(tmp_path / "away")
    (tmp_path / "__pycache__").write_text("")
    assert compiled(3.0, 4.0) == 7.0


@pytest.mark.parametrize("ending", ["nbi", "nbc"])
@pytest.mark.parametrize("left", [0, 30])
def test_broken_files_are_replaced(made, tmp_path, ending, left) -> None:
    made()(3.0, 4.0)
    (path,) = files(tmp_path, ending)
    path.write_bytes(path.read_bytes()[:left])
    assert made()(3.0, 4.0) == 7.0
    assert len(files(tmp_path, ending)) == 1
    after = made()
    assert after(3.0, 4.0) == 7.0
    assert sum(after.stats.cache_hits.values()) == 1


def test_code_for_other_types_is_not_taken(made, tmp_path) -> None:
    """Two processes that compile at once may call their files alike: what the index says is then not what is in them."""
    first, arrays = made(), (np.ones(2), np.ones(2))
    first(3.0, 4.0), first(*arrays)
    one, other = files(tmp_path, "nbc")
    contents = one.read_bytes(), other.read_bytes()
    again = made()
    assert again(3.0, 4.0) == again(*arrays)[0] + 5.0 == 7.0
    assert sum(again.stats.cache_hits.values()) == 2
    one.write_bytes(contents[1])
    other.write_bytes(contents[0])
    mixed = made()
    assert mixed(3.0, 4.0) == mixed(*arrays)[0] + 5.0 == 7.0


def test_a_full_disk_is_no_error(made, tmp_path) -> None:
    resource = pytest.importorskip("resource")
    compiled, limits = made(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))  # no file can hold more bytes
    try:
        result = compiled(3.0, 4.0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert result == 7.0
    assert not files(tmp_path, "nbc")


def test_changes_in_a_kernel_that_it_calls_are_seen(made, tmp_path, monkeypatch) -> None:
    made()
    calling = SOURCE.replace("one + other", "2 * inner(one, other)").replace("\n\n", "\nfrom inner import add as inner\n\n", 1)
    (tmp_path / "own.py").write_text(calling)
    monkeypatch.syspath_prepend(tmp_path)
    results = []
    for formula in ("one + other", "one * other - 0"):
        (tmp_path / "inner.py").write_text(SOURCE.replace("one + other", formula))
        monkeypatch.delitem(sys.modules, "inner", raising=False)
        jit._sources.cache_clear()  # as in another process
        results.append(made()(3.0, 4.0))
    assert results == [14.0, 24.0]


def test_kernels_let_go_of_the_interpreter_and_keep_what_is_not_finite() -> None:
    @kernel
    def quotient(one, other):
        return one / other

    assert quotient.targetoptions["nogil"]
    assert quotient(1.0, 0.0) == np.inf
    assert np.isnan(quotient(0.0, 0.0))
