"""Any degree: sum factorization, for as many cells of a row at once as a register has numbers.

Along each axis functions are taken to values and slopes at the points by small tables (Orszag 1980); lanes are neighbouring cells.
"""

from typing import Any

import numpy as np

from tensorfem.cells.kernels.contraction import along_last, along_others
from tensorfem.kron.kernels.jit import kernel
from tensorfem.kron.kernels.lanes import REGISTER, load, store


@kernel
def add_factorized(
    u: Any, a: Any, c: Any, given: Any, places: Any, shape: Any, indices: Any, tables: Any, lanewise: Any, cells: Any, work: Any, out: Any
) -> None:
    """Add the image that some cells have, or subtract it.

    Parameters
    ----------
    u, out : flat arrays
        The whole field of three axes, and the result.
    a, c : flat arrays
        Coefficients of diffusion and reaction.
    given : (bool, bool, int)
        Whether the image is to be subtracted; whether there is reaction; how many components the tensor has: 1, 3 or 6.
    places : (6,) int array
        Which components of `a` are xx, yy, zz, xy, xz, yz.
    shape : (3, 5) int array
        For each axis: functions, cells, functions in each cell, points in each cell, samples of the coefficients in each cell.
    indices : three int arrays
        The functions alive in each cell, -1 for those held: (cells, functions in each).
    tables : two arrays (cells, 2 m + 1, q)
        Of axes 0 and 1: values and slopes of each function at the points of each cell; the weights.
    lanewise : flat array
        The same of axis 2, for each batch of cells: (batches, 2 m + 1, q, lanes).
    cells : (start, stop, start, stop)
        Cells of axes 0 and 1.
    work : flat array
        Room; see `room`.
    """
    lanes = REGISTER // u.itemsize
    place = places_of_parts(shape, len(a) // max(samples_of(shape), 1), lanes)
    for i in range(cells[0], cells[1]):
        for j in range(cells[2], cells[3]):
            x, y = tables[0][i].reshape(-1), tables[1][j].reshape(-1)
            for batch in range((shape[2, 1] + lanes - 1) // lanes):
                t = batch * (2 * shape[2, 2] + 1) * shape[2, 3] * lanes
                first = batch * lanes
                _gather(u, shape, indices, i, j, first, work, lanes)
                _take_samples(a, c, given[1], shape, i, j, first, work, place[4], lanes)
                _forward(work, place, shape, x, y, lanewise, t, given[1], lanes)
                _weigh(work, place, shape, x, y, lanewise, t, given, places, lanes)
                _backward(work, place, shape, x, y, lanewise, t, given[1], lanes)
                _scatter(work, shape, indices, i, j, first, given[0], out, lanes)


@kernel
def samples_of(shape: Any) -> Any:
    """How many samples each coefficient has in all."""
    return shape[0, 1] * shape[0, 4] * shape[1, 1] * shape[1, 4] * shape[2, 1] * shape[2, 4]


@kernel
def places_of_parts(shape: Any, components: int, lanes: int) -> Any:
    """Where in the room there are: two parts after axis 2, three after axis 1, four at the points, the samples; and its size."""
    nodes = shape[0, 2] * shape[1, 2] * shape[2, 2] * lanes
    after = shape[0, 2] * shape[1, 2] * shape[2, 3] * lanes
    middle = shape[0, 2] * shape[1, 3] * shape[2, 3] * lanes
    points = shape[0, 3] * shape[1, 3] * shape[2, 3] * lanes
    samples = shape[0, 4] * shape[1, 4] * shape[2, 4] * lanes
    start = nodes + 2 * after
    end = start + 3 * middle + 4 * points
    return nodes, start, start + 3 * middle, points, end, end + (components + 1) * samples


@kernel
def _gather(u: Any, shape: Any, indices: Any, i: int, j: int, first: int, work: Any, lanes: int) -> None:
    """The functions alive in the cells of a batch; those held are zero, and so are cells behind the last."""
    place, last, count = 0, shape[2, 2], min(lanes, shape[2, 1] - first)
    for a in range(shape[0, 2]):
        for b in range(shape[1, 2]):
            x, y = indices[0][i, a], indices[1][j, b]
            row = (x * shape[1, 0] + y) * shape[2, 0]
            if x < 0 or y < 0 or count < lanes:
                work[place : place + last * lanes] = 0
            if x >= 0 and y >= 0:
                for cell in range(count):
                    for k in range(last):
                        number = indices[2][first + cell, k]
                        work[np.uint64(place + k * lanes + cell)] = u[np.uint64(row + number)] if number >= 0 else 0
            place += last * lanes


@kernel
def _scatter(work: Any, shape: Any, indices: Any, i: int, j: int, first: int, subtract: bool, out: Any, lanes: int) -> None:
    """Add what is at the functions."""
    place, last, count = 0, shape[2, 2], min(lanes, shape[2, 1] - first)
    sign = work.dtype.type(-1 if subtract else 1)
    for a in range(shape[0, 2]):
        for b in range(shape[1, 2]):
            x, y = indices[0][i, a], indices[1][j, b]
            row = (x * shape[1, 0] + y) * shape[2, 0]
            if x >= 0 and y >= 0:
                for cell in range(count):
                    for k in range(last):
                        number = indices[2][first + cell, k]
                        if number >= 0:
                            out[np.uint64(row + number)] += sign * work[np.uint64(place + k * lanes + cell)]
            place += last * lanes


@kernel
def _take_samples(a: Any, c: Any, has_c: bool, shape: Any, i: int, j: int, first: int, work: Any, place: int, lanes: int) -> None:
    """The coefficients of a batch of cells, cell by cell in the lanes; zero behind the last cell."""
    x, y, z = shape[0, 4], shape[1, 4], shape[2, 4]
    count, total = min(lanes, shape[2, 1] - first), samples_of(shape)
    components = len(a) // total
    work[place : place + (components + 1) * x * y * z * lanes] = 0
    for component in range(components + (1 if has_c else 0)):
        source, start = (a, component * total) if component < components else (c, 0)
        for p in range(x):
            for q in range(y):
                row = start + (((i * x + p) * shape[1, 1] + j) * y + q) * shape[2, 1] * z + first * z
                for cell in range(count):
                    for r in range(z):
                        work[np.uint64(place + r * lanes + cell)] = source[np.uint64(row + cell * z + r)]
                place += z * lanes


@kernel
def _forward(work: Any, place: Any, shape: Any, x: Any, y: Any, z: Any, t: int, has_c: bool, lanes: int) -> None:
    """From the functions to slopes along the three axes, and values, at the points."""
    (o, m, n), (p, q, r) = (shape[0, 2], shape[1, 2], shape[2, 2]), (shape[0, 3], shape[1, 3], shape[2, 3])
    values, middle, ends, points = place[0], place[1], place[2], place[3]
    slopes, step = values + o * m * r * lanes, o * q * r * lanes
    along_last(work, 0, values, z, t, o * m, n, r, False, False, lanes)
    along_last(work, 0, slopes, z, t + n * r * lanes, o * m, n, r, False, False, lanes)
    along_others(work, values, middle, y, 0, o, m, q, r, False, False, lanes)
    along_others(work, values, middle + step, y, m * q, o, m, q, r, False, False, lanes)
    along_others(work, slopes, middle + 2 * step, y, 0, o, m, q, r, False, False, lanes)
    along_others(work, middle, ends, x, o * p, 1, o, p, q * r, False, False, lanes)
    along_others(work, middle + step, ends + points, x, 0, 1, o, p, q * r, False, False, lanes)
    along_others(work, middle + 2 * step, ends + 2 * points, x, 0, 1, o, p, q * r, False, False, lanes)
    if has_c:
        along_others(work, middle, ends + 3 * points, x, 0, 1, o, p, q * r, False, False, lanes)


@kernel
def _backward(work: Any, place: Any, shape: Any, x: Any, y: Any, z: Any, t: int, has_c: bool, lanes: int) -> None:
    """The transpose of `_forward`."""
    (o, m, n), (p, q, r) = (shape[0, 2], shape[1, 2], shape[2, 2]), (shape[0, 3], shape[1, 3], shape[2, 3])
    values, middle, ends, points = place[0], place[1], place[2], place[3]
    slopes, step = values + o * m * r * lanes, o * q * r * lanes
    along_others(work, ends, middle, x, o * p, 1, o, p, q * r, True, False, lanes)
    if has_c:
        along_others(work, ends + 3 * points, middle, x, 0, 1, o, p, q * r, True, True, lanes)
    along_others(work, ends + points, middle + step, x, 0, 1, o, p, q * r, True, False, lanes)
    along_others(work, ends + 2 * points, middle + 2 * step, x, 0, 1, o, p, q * r, True, False, lanes)
    along_others(work, middle, values, y, 0, o, m, q, r, True, False, lanes)
    along_others(work, middle + step, values, y, m * q, o, m, q, r, True, True, lanes)
    along_others(work, middle + 2 * step, slopes, y, 0, o, m, q, r, True, False, lanes)
    along_last(work, values, 0, z, t, o * m, n, r, True, False, lanes)
    along_last(work, slopes, 0, z, t + n * r * lanes, o * m, n, r, True, True, lanes)


@kernel
def _weigh(work: Any, place: Any, shape: Any, x: Any, y: Any, z: Any, t: int, given: Any, places: Any, lanes: int) -> None:
    """From slopes to fluxes, and from values to sources, times the weights."""
    (o, m, n), (p, q, r) = (shape[0, 2], shape[1, 2], shape[2, 2]), (shape[0, 3], shape[1, 3], shape[2, 3])
    sx, sy, sz = shape[0, 4], shape[1, 4], shape[2, 4]
    size, points, k = sx * sy * sz * lanes, place[3], place[2]
    reaction = place[5] - size if given[1] else 0
    s0, s1, s2 = place[4] + places[0] * size, place[4] + places[1] * size, place[4] + places[2] * size
    s3, s4, s5 = place[4] + places[3] * size, place[4] + places[4] * size, place[4] + places[5] * size
    for i in range(p):
        for j in range(q):
            across = x[2 * o * p + i] * y[2 * m * q + j]
            row = (min(i, sx - 1) * sy + min(j, sy - 1)) * sz
            for h in range(r):
                weight = load(z, t + (2 * n * r + h) * lanes) * across
                s = (row + min(h, sz - 1)) * lanes
                gx, gy, gz = load(work, k), load(work, k + points), load(work, k + 2 * points)
                fx, fy, fz = load(work, s0 + s) * gx, load(work, s1 + s) * gy, load(work, s2 + s) * gz
                if given[2] == 6:
                    xy, xz, yz = load(work, s3 + s), load(work, s4 + s), load(work, s5 + s)
                    fx, fy, fz = fx + xy * gy + xz * gz, fy + xy * gx + yz * gz, fz + xz * gx + yz * gy
                store(work, k, fx * weight)
                store(work, k + points, fy * weight)
                store(work, k + 2 * points, fz * weight)
                if given[1]:
                    store(work, k + 3 * points, load(work, reaction + s) * load(work, k + 3 * points) * weight)
                k += lanes
