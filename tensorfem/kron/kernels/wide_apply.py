"""The Kronecker sum of matrices of any bandwidth, applied as `narrow_sum` does: each plane's parts P and S are made once."""

from typing import Any

import numpy as np

from tensorfem.kron.kernels.jit import kernel


@kernel
def _along(u: Any, i: int, j: int, z: Any, parts: Any, r: int) -> None:
    """K_z u and M_z u of one row, diagonal by diagonal."""
    diagonals, length = z.shape[1], z.shape[2]
    half = diagonals // 2
    parts[:, r] = 0
    for q in range(diagonals):
        start = max(0, half - q)
        count = length - abs(q - half)
        to, source = np.uint64(start), np.uint64(start + q - half)
        for k in range(np.uint64(max(count, 0))):
            parts[0, r, to + k] += z[0, q, to + k] * u[i, j, source + k]
            parts[1, r, to + k] += z[1, q, to + k] * u[i, j, source + k]


@kernel
def _across(parts: Any, r: int, y: Any, j: int, row: Any) -> None:
    """S and P of row r + h, from the 2 h + 1 rows from r on."""
    row[:] = 0
    for q in range(y.shape[2]):
        stiffness, mass = y[0, j, q], y[1, j, q]
        if stiffness != 0 or mass != 0:
            for k in range(row.shape[1]):
                row[0, k] += stiffness * parts[1, r + q, k] + mass * parts[0, r + q, k]
                row[1, k] += mass * parts[1, r + q, k]


@kernel
def _add(row: Any, stiffness: float, mass: float, planes: Any, place: int, r: int) -> None:
    for k in range(row.shape[1]):
        planes[place, r, k] += stiffness * row[1, k] + mass * row[0, k]


@kernel
def _finish(planes: Any, place: int, out: Any, start: int, rows: int) -> None:
    """Write a plane that is complete, and make room for another."""
    for r in range(rows):
        for k in range(out.shape[1]):
            out[start + r, k] = planes[place, r, k]
            planes[place, r, k] = 0


@kernel
def wide_sum(u: Any, x: Any, y: Any, z: Any, piece: Any, origin: int, out: Any, parts: Any, planes: Any, row: Any) -> None:
    """Some rows of the sum of matrices with the half bandwidths h_0, h_1, h_2.

    Parameters
    ----------
    u : (n_0, n_1, n_2) array
    x, y : (2, n, 2 h + 1) arrays
        The bands of stiffness and mass along axes 0 and 1.
    z : (2, 2 h_2 + 1, n_2) array
        The diagonals along axis 2.
    piece : (start, stop, start, stop)
        Rows of axis 0 and of axis 1 to be computed.
    out : (rows, n_2) array
        The result from its row number `origin` on.
    parts, planes, row : (2, m + 2 h_1, n_2), (2 h_0 + 1, m, n_2) and (2, n_2) arrays
        Room, for pieces of m rows of axis 1.
    """
    nx, ny = u.shape[0], u.shape[1]
    i0, i1, j0, j1 = piece
    below, beside, rows = x.shape[2] // 2, y.shape[2] // 2, j1 - j0
    planes[:] = 0
    for i in range(max(i0 - below, 0), min(i1 + below, nx)):
        for r in range(rows + 2 * beside):
            j = j0 - beside + r
            if 0 <= j < ny:
                _along(u, i, j, z, parts, r)
            else:
                parts[:, r] = 0
        for r in range(rows):
            _across(parts, r, y, j0 + r, row)
            for target in range(max(i - below, i0), min(i + below + 1, i1)):
                place = i - target + below
                _add(row, x[0, target, place], x[1, target, place], planes, target % x.shape[2], r)
        if i - below >= i0:
            _finish(planes, (i - below) % x.shape[2], out, (i - below) * ny + j0 - origin, rows)
    for target in range(max(min(i1 + below, nx) - below, i0), i1):
        _finish(planes, target % x.shape[2], out, target * ny + j0 - origin, rows)
