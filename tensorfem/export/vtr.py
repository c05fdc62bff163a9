"""VTK's rectilinear grids (.vtr, for ParaView): XML with compressed binary data, by the standard library alone.

VTK numbers points and cells with x fastest and keeps the components of a vector together. Here x is slowest and components lead:
``values.T`` in C order is VTK's order for both.
"""

import os
import struct
import zlib
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tensorfem.checks import real_vector
from tensorfem.export.atomic import atomic
from tensorfem.export.markup import quoted

BLOCK = 1 << 18  # bytes that are compressed together
LEVEL = 1  # of zlib: the digits of floating-point numbers gain next to nothing from more
TYPES = {f"{kind}{size}": f"{word}{8 * size}" for kind, word in (("i", "Int"), ("u", "UInt")) for size in (1, 2, 4, 8)}
TYPES |= {"f4": "Float32", "f8": "Float64", "b1": "UInt8"}
HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<VTKFile type="RectilinearGrid" version="1.0" byte_order="LittleEndian" header_type="UInt64" compressor="vtkZLibDataCompressor">
<RectilinearGrid WholeExtent="{extent}">
<Piece Extent="{extent}">
{body}
</Piece>
</RectilinearGrid>
<AppendedData encoding="raw">
_"""
TAIL = b"\n</AppendedData>\n</VTKFile>\n"

Arrays = Mapping[str, ArrayLike]
Item = tuple[str, NDArray[Any], int]  # name, values, number of components


def write_vtr(
    path: str | os.PathLike[str],
    coordinates: Sequence[ArrayLike],
    *,
    point_data: Arrays | None = None,
    cell_data: Arrays | None = None,
    overwrite: bool = True,
) -> None:
    """Write samples on a rectilinear grid as a .vtr file.

    Parameters
    ----------
    path : str or path
        Ending in ".vtr".
    coordinates : one to three increasing arrays of lengths n1, n2, n3
        Each at least 2; missing axes get the one coordinate 0.
    point_data : mapping of names to arrays
        Scalars of shape (n1, n2, n3), vectors of shape (components, n1, n2, n3): real numbers of 1 to 8 bytes. Vectors of one or two
        components get zeros as the rest, since ParaView's arrows and streamlines want three.
    cell_data : mapping of names to arrays
        The same with n1 - 1, n2 - 1, n3 - 1.
    overwrite : bool
        Whether an existing file may be replaced.

    Raises
    ------
    ValueError
        If there are more than three axes, one does not increase, or a name, shape or type does not fit.
    OSError
        As of `atomic`.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> x, y = np.array([0.0, 1.0, 3.0]), np.array([0.0, 0.5])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_vtr(Path(folder) / "u.vtr", (x, y), point_data={"u": x[:, None] * y})
    ...     print((Path(folder) / "u.vtr").read_bytes()[:38])
    b'<?xml version="1.0" encoding="UTF-8"?>'
    """
    axes = _axes(coordinates)
    points = tuple(axis.size for axis in axes)
    sections = {
        "PointData": _items(point_data, points, "point_data"),
        "CellData": _items(cell_data, tuple(n - 1 for n in points), "cell_data"),
        "Coordinates": [(name, axis, 1) for name, axis in zip("xyz", [*axes, *[np.zeros(1)] * (3 - len(axes))], strict=True)],
    }
    chunks = [_compressed(array) for items in sections.values() for _, array, _ in items]
    offsets = accumulate(map(len, chunks), initial=0)
    body = "\n".join(_section(tag, items, [next(offsets) for _ in items]) for tag, items in sections.items())
    extent = " ".join(f"0 {n - 1}" for n in (*points, 1, 1)[:3])
    with atomic(path, suffix=".vtr", overwrite=overwrite) as file:
        file.write(HEAD.format(extent=extent, body=body).encode())
        file.writelines(chunks)
        file.write(TAIL)


def _axes(coordinates: Sequence[ArrayLike]) -> list[NDArray[np.float64]]:
    if not 1 <= len(coordinates) <= 3:
        raise ValueError(f"coordinates: got {len(coordinates)} axes; a .vtr file holds one to three, fix the others at a value")
    axes = [real_vector(axis, f"coordinates: axis {name}", 2) for axis, name in zip(coordinates, "xyz", strict=False)]
    for axis, name in zip(axes, "xyz", strict=False):
        k = int(np.argmin(np.diff(axis) > 0))
        if axis[k] >= axis[k + 1]:
            raise ValueError(f"coordinates: axis {name} must increase, but has {axis[k]} before {axis[k + 1]} at node {k}")
    return axes


def _items(data: Arrays | None, shape: tuple[int, ...], where: str) -> list[Item]:
    return [(_checked_name(name, where), *_checked(np.asarray(array), shape, f"{where}: {name!r}")) for name, array in (data or {}).items()]


def _checked_name(name: str, where: str) -> str:
    if not isinstance(name, str) or not name or not name.isprintable():
        raise ValueError(f"{where}: got the name {name!r}; allowed is a text of printable characters")
    return name


def _checked(array: NDArray[Any], shape: tuple[int, ...], where: str) -> tuple[NDArray[Any], int]:
    """A scalar or vector, little-endian and short vectors filled up to three components; and the number of components."""
    vector = array.ndim == len(shape) + 1 and array.shape[0] > 0
    if array.shape[vector:] != shape:
        raise ValueError(f"{where} has the shape {array.shape}; allowed are {shape}, or (components, {str(shape)[1:]} for a vector")
    if array.dtype.str[1:] not in TYPES:
        raise ValueError(f"{where} has the type {array.dtype}; allowed are real numbers of 1 to 8 bytes (give .real and .imag apart)")
    if vector and len(array) < 3:
        array = np.concatenate([array, np.zeros((3 - len(array), *shape), array.dtype)])
    return array.astype(array.dtype.newbyteorder("<"), copy=False), len(array) if vector else 1


def _compressed(array: NDArray[Any]) -> bytes:
    """Blocks of an array, each compressed, behind their number, size, the last one's size (0: as the others) and compressed sizes."""
    data = np.ascontiguousarray(array.T).reshape(-1).view(np.uint8).data
    blocks = [zlib.compress(data[start : start + BLOCK], LEVEL) for start in range(0, len(data), BLOCK)]
    return struct.pack(f"<{3 + len(blocks)}Q", len(blocks), BLOCK, len(data) % BLOCK, *map(len, blocks)) + b"".join(blocks)


def _section(tag: str, items: Sequence[Item], offsets: Sequence[int]) -> str:
    """One section of the file. The first scalar and the first vector are what a reader shows until told otherwise."""
    lines = [
        f'<DataArray type="{TYPES[array.dtype.str[1:]]}" Name={quoted(name)} NumberOfComponents="{components}" '
        f'format="appended" offset="{offset}"/>'
        for (name, array, components), offset in zip(items, offsets, strict=True)
    ]
    first = {"Vectors" if components == 3 else "Scalars": name for name, _, components in reversed(items) if components in {1, 3}}
    shown = "".join(f" {kind}={quoted(name)}" for kind, name in first.items()) if tag != "Coordinates" else ""
    return "\n".join([f"<{tag}{shown}>", *lines, f"</{tag}>"])
