"""Archives come back as they were; everything else that a file can hold is refused before memory is taken."""

import io
import json
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tensorfem.export import members, read_npz, write_npz
from tensorfem.export.npz import Format
from tensorfem.kron import memory

KIND = Format("example", 3)
HEADER = {"format": "example", "version": 3, "arrays": ["a"], "unit": "m"}
ARRAYS = {"a": np.arange(60.0).reshape(5, 4, 3) / 7, "b": np.array([2, -1], np.int32)}


def npy(array, **settings):
    """A member as NumPy writes it."""
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.asanyarray(array), **settings)
    return stream.getvalue()


def claim(text, data=b"\0" * 8, version=b"\x01\x00"):
    """A member with a header of ours."""
    return b"\x93NUMPY" + version + struct.pack("<H", len(text) + 1) + text.encode() + b"\n" + data


def archive(path, contents):
    with zipfile.ZipFile(path, "w") as file:
        for name, content in contents.items():
            file.writestr(name, content)
    return path


def header(**changes):
    return {"header.npy": npy(np.array(json.dumps(HEADER | changes)))}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.npz"


@pytest.fixture
def whole(path):
    write_npz(path, KIND, {"unit": "m"}, ARRAYS)
    return path


def test_there_and_back(whole):
    found, arrays = read_npz(whole, KIND)
    assert found == {"unit": "m"}
    assert list(arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)
        assert arrays[name].dtype == array.dtype
        assert arrays[name].flags.writeable
        assert arrays[name].flags.c_contiguous


@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "i4", "i1", "u8", "u4", "u1", ">f8", ">i4"])
@pytest.mark.parametrize("shape", [(), (1,), (7,), (3, 2), (4, 1, 3, 2)])
def test_types_and_shapes(dtype, shape, path):
    array = np.array(np.arange(np.prod(shape, dtype=int)).reshape(shape), dtype, order="F")
    write_npz(path, KIND, {}, {"a": array})
    found = read_npz(path, KIND)[1]["a"]
    np.testing.assert_array_equal(found, array)
    assert found.shape == shape
    assert found.dtype == array.dtype.newbyteorder("=")


def test_numpy_reads_it(whole):
    with np.load(whole, allow_pickle=False) as found:
        np.testing.assert_array_equal(found["a"], ARRAYS["a"])
        assert found["header"].item() == '{"format": "example", "version": 3, "arrays": ["a", "b"], "unit": "m"}'


def test_same_contents_give_the_same_bytes(whole, tmp_path):
    write_npz(tmp_path / "again.npz", KIND, {"unit": "m"}, ARRAYS)
    assert (tmp_path / "again.npz").read_bytes() == whole.read_bytes()
    with zipfile.ZipFile(whole) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_arrays_longer_than_what_is_read_at_once(path, monkeypatch):
    monkeypatch.setattr(members, "CHUNK", 7)
    write_npz(path, KIND, {}, ARRAYS)
    np.testing.assert_array_equal(read_npz(path, KIND)[1]["a"], ARRAYS["a"])


@pytest.mark.parametrize(
    "array", [np.array([None]), np.array(["a"]), np.array([1j]), np.zeros((0, 3)), np.zeros(2, "f2"), np.zeros((1,) * 33)]
)
def test_what_cannot_be_written(array, path):
    with pytest.raises(ValueError, match=r"arrays: 'a' has the type .* and shape .*; allowed are real numbers, at least one"):
        write_npz(path, KIND, {}, {"a": array})
    with pytest.raises(ValueError, match="arrays: the name 'header' is taken; name the array otherwise"):
        write_npz(path, KIND, {}, {"header": np.zeros(1)})
    assert not path.exists()


NPY = "{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }"
PEBIBYTES = 72 * 2**40 // 8
REFUSED = {
    "header claims 72 TiB": (claim(NPY % ("<f8", False, f"{PEBIBYTES},")), rf"claims {72 * 2**40} bytes, but holds 8"),
    "product of sizes overflows": (claim(NPY % ("<f8", False, ", ".join(["4294967296"] * 4))), "claims [0-9]{40} bytes, but holds 8"),
    "sizes that multiply to nothing": (claim(NPY % ("<f8", False, f"0, {2**62}"), b""), "claims 0 bytes"),
    "too many axes": (claim(NPY % ("<f8", False, "1, " * 33)), "not an array of numbers"),
    "too few bytes": (npy(np.arange(3.0))[:-1], "claims 24 bytes, but holds 23"),
    "too many bytes": (npy(np.arange(3.0)) + b"\0", "claims 24 bytes, but holds 25"),
    "pickled objects": (npy(np.array([{"a": 1}], dtype=object), allow_pickle=True), "not an array of numbers"),
    "a program": (claim(NPY.replace("'%s'", "__import__('os')") % (False, "1,")), "not an array of numbers"),
    "structures": (npy(np.zeros(2, [("a", "f8"), ("b", "i4")])), "not an array of numbers"),
    "texts": (npy(np.array(["a", "b"])), "of type <U1, is not an array of numbers"),
    "a text": (npy(np.array("a")), "its member 'a' is a text"),
    "texts of no length": (claim(NPY % ("<U0", False, f"{2**60},"), b""), "not an array of numbers"),
    "dates": (npy(np.array(["2020-01-01"], "M8[D]")), "not an array of numbers"),
    "complex numbers": (npy(np.array([1j])), "of type <c16, is not an array of numbers"),
    "the other byte order": (npy(np.zeros(2, ">f8")), "not an array of numbers"),
    "columns first": (npy(np.asfortranarray(np.ones((3, 2)))), "not an array of numbers"),
    "a later version of NumPy's format": (npy(np.ones(1), version=(2, 0)), "not an array of numbers"),
    "a header without end": (claim("{" * 60_000), "not an array of numbers"),
    "negative sizes": (claim(NPY % ("<f8", False, "-1,")), "not an array of numbers"),
    "sizes of 5,000 digits": (claim(NPY % ("<f8", False, "9" * 3000 + ",")), "not an array of numbers"),
    "nothing": (b"", "not an array of numbers"),
    "no array": (b"hello", "not an array of numbers"),
}


@pytest.mark.parametrize(("member", "words"), REFUSED.values(), ids=REFUSED)
def test_refused_members(member, words, path):
    archive(path, {**header(), "a.npy": member})
    with pytest.raises(ValueError, match=rf"^path: '{path}' is no example, or a damaged one: .*{words}.*; write it anew$"):
        read_npz(path, KIND)


DEEP = npy(np.array("[" * 100_000))
WRONG = {
    "no zip file": (b"hello" * 100, "not a zip file"),
    "empty": (b"", "not a zip file"),
    "no header": ({"a.npy": npy(np.ones(2))}, "its first member is not the text 'header.npy'"),
    "no members": ({}, "its first member is not the text 'header.npy'"),
    "numbers as header": ({"header.npy": npy(np.ones(2))}, "its first member is not the text 'header.npy'"),
    "header without end": ({"header.npy": DEEP}, "recursion"),
    "no JSON": ({"header.npy": npy(np.array("{'a': 1}"))}, "Expecting property name"),
    "a list": ({"header.npy": npy(np.array("[1]"))}, "its header names another format"),
    "another format": (header(format="other"), "its header names another format"),
    "a number of 5,000 digits": ({"header.npy": npy(np.array("9" * 5000))}, "Exceeds the limit"),
    "no character": ({"header.npy": claim(NPY % ("<U1", False, ""), b"\xff\xff\xff\x7f")}, "can't decode bytes"),
    "header later": ({"a.npy": npy(np.ones(2)), **header()}, "its first member is not the text 'header.npy'"),
    "other arrays": (header(arrays=["a", "b"]) | {"a.npy": npy(np.ones(2))}, "it has other arrays than its header says"),
    "no list of arrays": (header(arrays=None), "it has other arrays than its header says"),
    "no .npy": ({**header(), "a.txt": npy(np.ones(2))}, "'a.txt', of type <f8, is not an array of numbers"),
}


@pytest.mark.parametrize(("content", "words"), WRONG.values(), ids=WRONG)
def test_wrong_archives(content, words, path):
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        archive(path, content)
    with pytest.raises(ValueError, match=rf"^path: '{path}' is no example, or a damaged one: .*{words}"):
        read_npz(path, KIND)


@pytest.mark.parametrize("version", [2, 4, "3", None, 3.5, [[[[[[[[]]]]]]]]])
def test_other_versions(version, path):
    with pytest.raises(ValueError, match=r"has version .* of the format, this tensorfem reads version 3; read it with the tensorfem"):
        read_npz(archive(path, header(version=version)), KIND)


def test_bombs(path):
    """32 MB of zeros in 32 kB, and one member under many names, as D. Fifield's bomb has it."""
    zeros = io.BytesIO()
    with zipfile.ZipFile(zeros, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for name, content in header().items():
            file.writestr(name, content, zipfile.ZIP_STORED)
        with file.open("a.npy", "w") as member:
            for _ in range(1 << 5):
                member.write(bytes(1 << 20))
    whole = archive(path, {**header(), "a.npy": npy(np.zeros(10_000))}).read_bytes()
    with zipfile.ZipFile(io.BytesIO(whole)) as file:
        start = file.start_dir
        entry = whole[start:].partition(b"PK\x05\x06")[0][-51:]  # of a.npy
    names = [b"%05d" % k for k in range(50)]
    directory = b"".join(entry[:-5] + name for name in names)
    overlapping = whole[:start] + directory + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 50, 50, len(directory), start, 0)
    for content, words in (
        (zeros.getvalue(), "'a.npy' is compressed, which this format never is"),
        (overlapping, "claim 40[0-9]{5} bytes, the file"),
    ):
        path.write_bytes(content)
        tracemalloc.start()
        try:
            with pytest.raises(ValueError, match=words):
                read_npz(path, KIND)
            assert tracemalloc.get_traced_memory()[1] < 1e6
        finally:
            tracemalloc.stop()


def test_two_members_of_one_name(path):
    content = archive(path, {**header(), "a.npy": npy(np.ones(2)), "b.npy": npy(np.ones(2))}).read_bytes()
    path.write_bytes(content.replace(b"b.npy", b"a.npy"))
    with pytest.raises(ValueError, match="two of its members have the same name"):
        read_npz(path, KIND)


@pytest.mark.parametrize("method", [8, 12, 14, 99])
def test_claims_of_compression(method, whole):
    content = bytearray(whole.read_bytes())
    content[content.index(b"PK\x01\x02") + 10] = method
    whole.write_bytes(content)
    with pytest.raises(ValueError, match=r"member 'header.npy' is compressed, which this format never is"):
        read_npz(whole, KIND)


@pytest.mark.parametrize("place", [10, 10**6, 2**31, 2**32 - 1, 2**32, 2**62, 2**63 - 1, 2**63, 2**64 - 1])
def test_members_that_lie_elsewhere(place, path):
    with zipfile.ZipFile(path, "w") as file:
        for name, content in {**header(), "a.npy": npy(np.ones(2))}.items():
            file.writestr(name, content)
        file.filelist[1].header_offset = place
    with pytest.raises(ValueError, match="is no example, or a damaged one"):
        read_npz(path, KIND)


def test_flag_of_encryption(whole):
    content = bytearray(whole.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    whole.write_bytes(content)
    with pytest.raises(ValueError, match=r"is no example, or a damaged one: .*encrypted"):
        read_npz(whole, KIND)


def test_more_than_the_memory(whole, monkeypatch):
    monkeypatch.setattr(memory, "available_memory", lambda: 400)
    with pytest.raises(MemoryError, match=rf"path: '{whole}' needs about .* GB, .*; read it on a machine with more"):
        read_npz(whole, KIND)


class TestPath:
    def test_is_a_file(self, tmp_path):
        with pytest.raises(FileNotFoundError, match=r"path: there is no file '.*none.npz'; look for it from '.*', or give its full name"):
            read_npz(tmp_path / "none.npz", KIND)
        with pytest.raises(IsADirectoryError, match=r"is a folder; name a file in it$"):
            read_npz(tmp_path, KIND)
        with pytest.raises(OSError, match=r"path: '/dev/null' is a device or a pipe; name a file$"):
            read_npz("/dev/null", KIND)
        with pytest.raises(ValueError, match="path: got 3; allowed is the name of a file"):
            read_npz(3, KIND)

    def test_may_be_protected(self, whole, monkeypatch):
        def fail(*_):
            raise PermissionError(13, "Permission denied", str(whole))

        monkeypatch.setattr(type(whole), "open", fail)
        with pytest.raises(PermissionError, match="cannot be read: permission denied; allow it, or name a file elsewhere"):
            read_npz(whole, KIND)


@settings(deadline=None)
@given(
    kind=st.sampled_from(["<f8", "|u1", "<U3", "|O", "<f9", "<U0", "|V8", "<i4"]) | st.text(max_size=5),
    order=st.sampled_from(["False", "True"]),
    shape=st.lists(st.integers(0, 2**70) | st.integers(0, 3), max_size=40),
    data=st.binary(max_size=64),
)
def test_any_claim(kind, order, shape, data, tmp_path_factory):
    member = claim(NPY % (kind.replace("'", ""), order, ", ".join(map(str, shape))), data) if kind.isascii() else data
    path = archive(tmp_path_factory.getbasetemp() / "claims.npz", {**header(), "a.npy": member})
    try:
        (array,) = read_npz(path, KIND)[1].values()
    except ValueError as caught:
        if not str(caught).startswith("path: "):
            raise
    else:
        assert (array.shape, array.tobytes()) == (tuple(shape), data)
