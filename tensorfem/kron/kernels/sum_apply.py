"""The Kronecker sum of banded matrices, applied in one pass: the field is read once, the result written once.

Of every row u[i, j, :] the kernels make ``M_z u`` and ``K_z u``, of these (with the rows beside it) the parts P and S of the plane,

    P = (M_y (x) M_z) u,    S = (K_y (x) M_z + M_y (x) K_z) u,    result[i'] = sum_i K_x[i', i] P(i) + M_x[i', i] S(i),

and add them to the planes i' that they belong to, which wait in the cache until they are complete. A call works on some rows of axis 0
and axis 1; the rows next to these are read too, and worked on by two calls.
"""

from typing import Any

import numpy as np

from tensorfem.kron.kernels.jit import kernel
from tensorfem.kron.kernels.prefetch import prefetch

# The narrow kernel keeps rows of at most LONGEST entries, four for each row of axis 1, at distances known when it is compiled: loops
# over them need no test for overlap. The distance is no power of two, where the cache's sets would collide. Numbers are unsigned, since
# a signed index may be negative, and that keeps a loop from being vectorized.
LONGEST, CHUNK = 256, 264
ZERO, ONE = np.uint64(0), np.uint64(1)
C1, C2, C3, C4, C5 = (np.uint64(k * CHUNK) for k in range(1, 6))
ROW = np.uint64(4 * CHUNK)
K0, K1, K2 = (np.uint64(k * 4 * CHUNK) for k in range(3))
M0, M1, M2 = (np.uint64(k * 4 * CHUNK + CHUNK) for k in range(3))


@kernel
def half_bandwidth(indptr: Any, indices: Any) -> int:
    """How far the entries of a CSR matrix lie from its diagonal."""
    width = 0
    for row in range(indptr.size - 1):
        for place in range(indptr[row], indptr[row + 1]):
            width = max(width, abs(indices[place] - row))
    return width


@kernel
def add_bands(indptr: Any, indices: Any, data: Any, bands: Any) -> None:
    """Add a CSR matrix A to its bands: ``bands[row, k + h] += A[row, row + k]``, where h is the half bandwidth."""
    half = bands.shape[1] // 2
    for row in range(indptr.size - 1):
        for place in range(indptr[row], indptr[row + 1]):
            bands[row, indices[place] - row + half] += data[place]


@kernel
def _along(u: Any, first: Any, second: Any, count: Any, before: Any, after: Any, table: Any, t: Any, work: Any, w: Any) -> None:
    """K_z u and M_z u of two rows; `before` and `after` say whether u goes on beyond the piece of the row."""
    nothing, step, size = work.dtype.type(0), np.uint64(64 // work.itemsize), np.uint64(u.size)
    # Whole vectors are faster than the right range: what is too much comes from neighbours in memory, and is not used or mended below.
    whole = (count + step - ONE) // step * step
    start = ZERO if min(first, second) > ZERO else ONE
    stop = whole if max(first, second) + whole < size else count - ONE
    for k in range(start, stop):
        k0, k1, k2 = table[t + k], table[t + C1 + k], table[t + C2 + k]
        m0, m1, m2 = table[t + C3 + k], table[t + C4 + k], table[t + C5 + k]
        a, b, c = u[first + k - ONE], u[first + k], u[first + k + ONE]
        d, e, f = u[second + k - ONE], u[second + k], u[second + k + ONE]
        work[w + K0 + k] = k0 * a + k1 * b + k2 * c
        work[w + M0 + k] = m0 * a + m1 * b + m2 * c
        work[w + K1 + k] = k0 * d + k1 * e + k2 * f
        work[w + M1 + k] = m0 * d + m1 * e + m2 * f
    for k in range(ZERO, count, max(count - ONE, ONE)):  # the two ends
        k0, k1, k2 = table[t + k], table[t + C1 + k], table[t + C2 + k]
        m0, m1, m2 = table[t + C3 + k], table[t + C4 + k], table[t + C5 + k]
        has_before, has_after = before or k > ZERO, after or k + ONE < count
        a, b, c = u[first + k - ONE] if has_before else nothing, u[first + k], u[first + k + ONE] if has_after else nothing
        d, e, f = u[second + k - ONE] if has_before else nothing, u[second + k], u[second + k + ONE] if has_after else nothing
        work[w + K0 + k] = k0 * a + k1 * b + k2 * c
        work[w + M0 + k] = m0 * a + m1 * b + m2 * c
        work[w + K1 + k] = k0 * d + k1 * e + k2 * f
        work[w + M1 + k] = m0 * d + m1 * e + m2 * f


@kernel
def _across(work: Any, w: Any, count: Any, y: Any, j: Any, x: Any, out: Any, o: Any) -> None:
    """P and S of the row in the middle of three, added to the planes below, here and above; the one below is complete then."""
    k0, k1, k2, m0, m1, m2 = y[0, j, 0], y[0, j, 1], y[0, j, 2], y[1, j, 0], y[1, j, 1], y[1, j, 2]
    x0, x1, x2, y0, y1, y2 = x[0, 0], x[0, 1], x[0, 2], x[1, 0], x[1, 1], x[1, 2]
    for k in range(count):
        a, b, c = work[w + M0 + k], work[w + M1 + k], work[w + M2 + k]
        p = m0 * a + m1 * b + m2 * c
        s = k0 * a + k1 * b + k2 * c + m0 * work[w + K0 + k] + m1 * work[w + K1 + k] + m2 * work[w + K2 + k]
        out[o + k] = work[w + C2 + k] + x0 * p + y0 * s
        work[w + C2 + k] = work[w + C3 + k] + x1 * p + y1 * s
        work[w + C3 + k] = x2 * p + y2 * s


@kernel
def _ask(u: Any, start: Any, out: Any, o: Any, count: Any) -> None:
    """Have a row of u, and one of the result, brought into the cache."""
    step = np.uint64(64 // out.itemsize)
    for k in range(ZERO, count, step):
        prefetch(u, start + k)
        prefetch(out, o + k)


@kernel
def _transfer(x: Any, i: int, planes: Any) -> None:
    """What plane i contributes to the planes i - 1, i and i + 1."""
    for part in range(2):
        for k in range(3):
            planes[part, k] = x[part, i + k - 1, 2 - k] if 0 <= i + k - 1 < x.shape[1] else 0


@kernel
def narrow_sum(u: Any, sizes: Any, x: Any, y: Any, table: Any, piece: Any, origin: int, out: Any, work: Any) -> None:
    """Some rows of the sum of tridiagonal matrices.

    Parameters
    ----------
    u, out : flat arrays
        The whole field of three axes; and the result from its row number `origin` on (rows of the last axis).
    sizes : (n_0, n_1, n_2)
    x, y : (2, n, 3) arrays
        The bands of stiffness and mass along axes 0 and 1.
    table : flat array
        For each piece of axis 2 three diagonals of the stiffness and three of the mass, CHUNK entries each.
    piece : (start, stop, start, stop)
        Rows of axis 0 and of axis 1 to be computed.
    work : flat array
        Room for three rows more than the piece has along axis 1, four CHUNKs each.
    """
    nx, ny, nz = sizes
    i0, i1, j0, j1 = piece
    number = (nz + LONGEST - 1) // LONGEST
    length = (nz + number - 1) // number
    top, last, rows = int(j0 == 0), j1 - j0 + int(j1 < ny), j1 - j0  # rows j0 - 1 and j1 are none of the field's at its ends
    planes, step = x[:, 0].copy(), np.uint64(64 // out.itemsize)
    for z in range(number):
        z0, z1, t = z * length, min(nz, z * length + length), np.uint64(z * 6 * CHUNK)
        count = np.uint64(z1 - z0)
        # Whole vectors here too: what runs over into the next row of the result is written again with that row.
        whole = (count + step - ONE) // step * step if number == 1 and count >= step else count
        work[:] = 0
        for i in range(max(i0 - 1, 0), min(i1 + 1, nx)):
            _transfer(x, i, planes)
            below = max(i - 1, i0) * ny + j0 - origin  # what comes too early goes where the right values will come
            row, done = top, 0
            while row <= last:
                start = (i * ny + j0 - 1 + row) * nz + z0
                second = start + (nz if row < last else 0)
                _along(u, np.uint64(start), np.uint64(second), count, z0 > 0, z1 < nz, table, t, work, np.uint64(row) * ROW)
                row += 2
                while done < (row - 2 if row <= last else rows):
                    o = (below + done) * nz + z0
                    if i0 < i < i1:
                        _ask(u, np.uint64(((i + 1) * ny + j0 + done) * nz + z0), out, np.uint64(o + ny * nz), count)
                    _across(work, np.uint64(done) * ROW, whole if done + 1 < rows else count, y, j0 + done, planes, out, np.uint64(o))
                    done += 1
        if i1 == nx:
            for j in range(rows):
                w, o = np.uint64(j) * ROW + C2, np.uint64(((nx - 1) * ny + j0 + j - origin) * nz + z0)
                for k in range(count):
                    out[o + k] = work[w + k]
