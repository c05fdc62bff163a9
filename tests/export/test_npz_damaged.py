"""Archives whose bytes are wrong anywhere: refused, or read as they were written where the wrong bytes mean nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tensorfem.export import read_npz, write_npz
from tensorfem.export.npz import Format

KIND = Format("example", 3)
ARRAYS = {"a": np.arange(60.0).reshape(5, 4, 3) / 7, "b": np.array([2, -1], np.int32)}


def put(path, content):
    """Write over a file. (Some systems wait for the disk when a file is emptied and written anew.)"""
    path.touch()
    with path.open("r+b") as file:
        file.write(content)
        file.truncate()
    return path


def outcome(content, folder):
    """Whatever the bytes are: the error that is declared, or what was written."""
    path = put(folder / "fuzzed.npz", content)
    try:
        found, arrays = read_npz(path, KIND)
    except ValueError as caught:
        if not str(caught).startswith("path: "):
            raise
        return
    assert found == {"unit": "m"}
    assert arrays.keys() == ARRAYS.keys()
    assert all((arrays[name] == ARRAYS[name]).all() for name in ARRAYS)


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "a.npz"
    write_npz(path, KIND, {"unit": "m"}, ARRAYS)
    return path.read_bytes()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzzed")


@settings(deadline=None)
@given(content=st.binary(max_size=300))
def test_random(content, folder):
    outcome(content, folder)


def test_truncated_anywhere(content, folder):
    for length in range(len(content)):
        path = put(folder / "short.npz", content[:length])
        with pytest.raises(ValueError, match=r"is no example, or a damaged one: .*; write it anew"):
            read_npz(path, KIND)


def test_every_byte_flipped(content, folder):
    for place in range(len(content)):
        for mask in (1 << place % 8, 0xFF):
            outcome(content[:place] + bytes([content[place] ^ mask]) + content[place + 1 :], folder)


@settings(deadline=None)
@given(flips=st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 255)), min_size=1, max_size=8), data=st.data())
def test_damaged(content, folder, flips, data):
    damaged = bytearray(content)
    for place, mask in flips:
        damaged[place % len(content)] ^= mask
    start = data.draw(st.integers(0, len(content)))
    damaged[start : data.draw(st.integers(start, len(content)))] = data.draw(st.just(damaged[start:start]) | st.binary(max_size=50))
    outcome(bytes(damaged), folder)
