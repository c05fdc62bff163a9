"""The members of an archive: .npy files within an uncompressed zip file, whose claims are checked before memory is taken."""

import math
import re
import zipfile
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

TYPES = {"<f8", "<f4", "<i8", "<i4", "<u8", "<u4", "|u1", "|i1"}
SUFFIX = ".npy"
MAGIC = b"\x93NUMPY\x01\x00"
NPY = re.compile(rb"\{'descr': '([<|][a-zA-Z]\d{1,9})', 'fortran_order': False, 'shape': \(((?:\d{1,19}, ?)*\d{0,19})\), \} *\n")
MOST_AXES = 32
CHUNK = 1 << 24


@dataclass(frozen=True)
class Member:
    """One array of an archive, of which only type and shape have been read.

    Raises
    ------
    ValueError
        By `of` and `read`: if the member is compressed, no array of plain numbers (the header alone is a text), or of another size than
        it claims. zipfile raises more, when names, places or sums do not fit.
    """

    archive: zipfile.ZipFile
    info: zipfile.ZipInfo
    type: np.dtype[Any]
    shape: tuple[int, ...]
    start: int

    @classmethod
    def of(cls, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> "Member":
        """The member of this entry, its claims checked against the size that the archive says it has."""
        name = info.filename
        if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
            raise ValueError(f"member {name!r} is compressed, which this format never is")
        with archive.open(info) as stream:
            magic, length = stream.read(len(MAGIC)), int.from_bytes(stream.read(2), "little")
            written, start = NPY.fullmatch(stream.read(length)), stream.tell()
        kind, shape = (written[1].decode(), tuple(map(int, re.findall(rb"\d+", written[2])))) if written else ("unknown", ())
        known = kind in TYPES or (kind.startswith("<U") and not shape)
        if magic != MAGIC or not known or not name.endswith(SUFFIX) or len(shape) > MOST_AXES:
            raise ValueError(f"member {name!r}, of type {kind}, is not an array of numbers as this format has them")
        member = cls(archive, info, np.dtype(kind), shape, start)
        if member.bytes != info.file_size - start or not member.bytes:
            raise ValueError(f"member {name!r} claims {member.bytes} bytes, but holds {info.file_size - start}")
        return member

    @property
    def name(self) -> str:
        """The array's name."""
        return self.info.filename.removesuffix(SUFFIX)

    @property
    def bytes(self) -> int:
        """The size of the array."""
        return math.prod(self.shape) * self.type.itemsize

    def read(self) -> NDArray[Any]:
        """The array. It is read to the member's end, where zipfile checks the sum of the bytes."""
        array = np.empty(self.shape, self.type)
        view = array.reshape(-1).view(np.uint8).data
        with self.archive.open(self.info) as stream:
            stream.read(self.start)
            for place in range(0, len(view), CHUNK):
                chunk = stream.read(min(CHUNK, len(view) - place))
                view[place : place + len(chunk)] = chunk
        return array.astype(self.type.newbyteorder("="), copy=False)


def plain(name: str, array: NDArray[Any]) -> NDArray[Any]:
    """An array as a member holds it: little-endian, in C order.

    Raises
    ------
    ValueError
        If it is empty, of another type than real numbers, or of more than 32 axes.
    """
    result = np.asarray(array, order="C")
    result = result.astype(result.dtype.newbyteorder("<"), copy=False)
    if result.dtype.str not in TYPES or not result.size or result.ndim > MOST_AXES:
        raise ValueError(f"arrays: {name!r} has the type {result.dtype} and shape {result.shape}; allowed are real numbers, at least one")
    return result
