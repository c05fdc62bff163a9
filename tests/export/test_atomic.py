"""A file appears whole or not at all, whatever fails; and every failure says what to do."""

import errno
import os
import socket
import stat
import threading
from pathlib import Path

import pytest

import tensorfem as tfem
from tensorfem.export import atomic, write_text

resource = pytest.importorskip("resource")
pytestmark = pytest.mark.skipif(os.name != "posix", reason="devices, links and permissions as POSIX has them")


def fails(code):
    """A function that fails as the system does."""

    def fail(*_, **__):
        raise OSError(code, os.strerror(code))

    return fail


@pytest.fixture(params=[None, b"before"], ids=["new", "existing"])
def target(request, tmp_path):
    path = tmp_path / "file.bin"
    if request.param is not None:
        path.write_bytes(request.param)
    yield path
    left = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert left == ({} if request.param is None else {"file.bin": request.param}), "nothing else is left, and what was there is as it was"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, MemoryError, GeneratorExit])
def test_failure_while_writing(target, error):
    def write():
        with atomic(target) as file:
            file.write(b"x" * 100_000)
            raise error

    with pytest.raises(error):
        write()


@pytest.mark.parametrize(("module", "function"), [(os, "fsync"), (Path, "replace")])
@pytest.mark.parametrize(
    ("code", "words"), [(errno.ENOSPC, "no space left on device; free some space"), (errno.EIO, "name a file on another")]
)
def test_failure_of_the_system(target, module, function, code, words, monkeypatch):
    monkeypatch.setattr(module, function, fails(code))
    with pytest.raises(OSError, match=rf"^path: '{target}' cannot be written: .*{words}") as caught:
        write_text(target, "whole")
    assert caught.value.errno == code


def test_a_file_too_large_for_the_system(target):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    field = tfem.interpolate(tfem.box(x=(0, 1), cells=30_000), "sin(50*x)")
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
        with pytest.raises(OSError, match="cannot be written: file too large; name a file on another disk"):
            field.save(target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_errors_about_other_files_pass_as_they_are(target):
    with pytest.raises(FileNotFoundError, match=r"^\[Errno 2\] .*'data.csv'$"), atomic(target):
        Path("data.csv").read_text()


def test_nobody_sees_a_part(tmp_path):
    path = tmp_path / "file.bin"
    path.write_bytes(b"before")
    with atomic(path) as file:
        file.write(b"after")
        file.flush()
        assert path.read_bytes() == b"before"
    assert path.read_bytes() == b"after"
    assert list(tmp_path.iterdir()) == [path]


def test_writers_at_the_same_time_leave_the_file_of_one(tmp_path):
    path, texts = tmp_path / "file.txt", [str(k) * 100_000 for k in range(8)]
    threads = [threading.Thread(target=write_text, args=(path, text)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_text() in texts
    assert list(tmp_path.iterdir()) == [path]


class TestOverwrite:
    def test_refuses_what_is_there(self, tmp_path):
        path = tmp_path / "file.txt"
        write_text(path, "first", overwrite=False)
        with pytest.raises(FileExistsError, match=rf"^path: '{path}' exists; name another file, or allow it by overwrite=True$"):
            write_text(path, "second", overwrite=False)
        assert path.read_text() == "first"

    def test_refuses_what_came_meanwhile(self, tmp_path):
        path = tmp_path / "file.txt"

        def write():
            with atomic(path, overwrite=False) as file:
                file.write(b"second")
                path.write_text("first")

        with pytest.raises(FileExistsError, match="exists; name another"):
            write()
        assert path.read_text() == "first"
        assert list(tmp_path.iterdir()) == [path]

    def test_keeps_permissions(self, tmp_path):
        path = tmp_path / "file.txt"
        write_text(path, "first")
        mask = os.umask(0)
        os.umask(mask)
        assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~mask
        path.chmod(0o640)
        write_text(path, "second")
        assert stat.S_IMODE(path.stat().st_mode) == 0o640

    def test_follows_links(self, tmp_path):
        path, link = tmp_path / "file.txt", tmp_path / "link.txt"
        link.symlink_to(path)
        for text in ("created", "replaced"):
            write_text(link, text)
            assert link.is_symlink()
            assert path.read_text() == text


class TestPath:
    @pytest.mark.parametrize("path", ["", "a\0b", 3, None, b"file", 1.5])
    def test_is_the_name_of_a_file(self, path):
        with pytest.raises(ValueError, match=r"^path: got .*; allowed is the name of a file$"):
            write_text(path, "")

    def test_is_no_folder(self, tmp_path):
        for path in (tmp_path, f"{tmp_path}/new/"):
            with pytest.raises(IsADirectoryError, match=r"is a folder; name a file in it, for example '.*/u'$"):
                write_text(path, "")

    def test_lies_in_a_folder(self, tmp_path):
        (tmp_path / "file").touch()
        with pytest.raises(FileNotFoundError, match=rf"there is no folder '{tmp_path}/new'; create it first$"):
            write_text(tmp_path / "new" / "file", "")
        with pytest.raises(NotADirectoryError, match=r"cannot be written: not a directory; name a file in a folder$"):
            write_text(tmp_path / "file" / "file", "")

    def test_can_be_too_long_or_turn_in_circles(self, tmp_path):
        (tmp_path / "loop").symlink_to(tmp_path / "loop")
        with pytest.raises(OSError, match=r"cannot be written: file name too long; shorten it$"):
            write_text(tmp_path / ("x" * 300), "")
        with pytest.raises(OSError, match="cannot be written: too many levels of symbolic links; mend the links"):
            write_text(tmp_path / "loop", "")

    def test_may_be_as_long_as_the_system_allows(self, tmp_path):
        write_text(tmp_path / ("x" * 255), "")

    def test_ends_as_readers_want_it(self, tmp_path):
        with (
            pytest.raises(ValueError, match=r"'.*/u.vtk' does not end in '.vtr', by which readers know the format; write '.*/u.vtr'$"),
            atomic(tmp_path / "u.vtk", suffix=".vtr"),
        ):
            pass

    def test_may_be_protected(self, target, monkeypatch):
        """The tests may run as root, whom permissions do not stop."""
        words = "; allow it, or name a file elsewhere$"
        with monkeypatch.context() as patch:
            patch.setattr(Path, "open", fails(errno.EACCES))
            with pytest.raises(PermissionError, match="cannot be written: permission denied" + words):
                write_text(target, "after")
        if target.exists():
            monkeypatch.setattr(os, "access", lambda *_: False)
            with pytest.raises(PermissionError, match="may not be written" + words):
                write_text(target, "after")


class TestDevices:
    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
    def test_full_disk(self):
        field = tfem.interpolate(tfem.box(x=(0, 1), cells=3), "x")
        device = Path("/dev/full")
        for write in (field.save, field.to_vtk):
            with pytest.raises(OSError, match=r"^path: '/dev/full' cannot be written: no space left on device; free some space"):
                write(device)
        assert device.is_char_device()

    def test_are_written_to_directly(self, tmp_path):
        write_text("/dev/null", "gone", overwrite=False)
        assert Path("/dev/null").is_char_device()
        pipe, read = tmp_path / "pipe", []
        os.mkfifo(pipe)
        reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
        reader.start()
        write_text(pipe, "through")
        reader.join()
        assert read == [b"through"]
        assert pipe.is_fifo()

    def test_disks_and_sockets_are_refused(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)  # the name of a socket must be short
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("socket")
            with pytest.raises(OSError, match=r"is a disk or a socket; name a file$"):
                write_text("socket", "")
