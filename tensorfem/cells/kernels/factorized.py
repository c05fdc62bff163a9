"""Any degree: sum factorization, for as many cells of a row at once as a register has numbers.

Along each axis functions are taken to values at the points, and these to slopes there, by small tables (Orszag, J. Comput. Phys. 37, 1980;
Kronbichler & Kormann, Computers & Fluids 63, 2012); lanes are neighbouring cells.
"""

from typing import Any

import numpy as np

from tensorfem.cells.kernels.contraction import along_axis
from tensorfem.kron.kernels.jit import kernel
from tensorfem.cells.kernels.blocks import load_row
from tensorfem.kron.kernels.lanes import REGISTER, load, store


@kernel
def add_factorized(
    u: Any,
    a: Any,
    c: Any,
    given: Any,
    places: Any,
    shape: Any,
    indices: Any,
    table: Any,
    lanewise: Any,
    steps: Any,
    cells: Any,
    work: Any,
    out: Any,
) -> None:
    """Add the image that some cells have, or subtract it.

    Parameters
    ----------
    u, out : flat arrays
        The whole field of three axes, and the result.
    a, c : flat arrays
        Coefficients of diffusion and reaction.
    given : (bool, bool, int)
        Whether the image is to be subtracted; whether there is reaction; how many components the tensor has: 3, or 6 if it is full.
    places : (6,) int array
        Which components of `a` are xx, yy, zz, xy, xz, yz.
    shape : (3, 5) int array
        For each axis: functions, cells, functions in each cell (m), points in each cell (q), samples of the coefficients in each cell.
    indices : three int arrays
        The functions alive in each cell, -1 for those held: (cells, m); flat for axis 2, of (batches, m, lanes).
    table : flat array
        For each cell of axis 0, then of axis 1, q numbers for each of the m functions: its values at the points; for each of the q
        points: how the value there enters the slopes at the points; and the points' weights.
    lanewise : flat array
        The same of axis 2, for each batch of cells: (batches, m + q + 1, q, lanes).
    steps : (2 n, 10) int array
        A program: from functions to values and slopes at the points, and as many steps back.
    cells : (start, stop, start, stop)
        Cells of axes 0 and 1.
    work : flat array
        Room, zero where coefficients are missing: functions; values at the points, and slopes, from place `steps[-2, 1]` on.
    """
    lanes = REGISTER // u.itemsize
    half = len(steps) // 2
    size_x, size_y, size_z = table_size(shape, 0), table_size(shape, 1), table_size(shape, 2)
    points = shape[0, 3] * shape[1, 3] * shape[2, 3] * lanes
    values = steps[half - 1, 1]
    for i in range(cells[0], cells[1]):
        for j in range(cells[2], cells[3]):
            x, y = i * size_x, shape[0, 1] * size_x + j * size_y
            for batch in range((shape[2, 1] + lanes - 1) // lanes):
                z, first = batch * size_z, batch * lanes
                _gather(u, shape, indices, i, j, first, work, lanes)
                _take_samples(a, c, given[1], shape, i, j, first, work, values + 4 * points, lanes)
                _run(work, steps[:half], table, x, y, lanewise, z, lanes)
                _weigh(work, values, points, shape, table, x, y, lanewise, z, given, places, values + 4 * points, lanes)
                _run(work, steps[half:], table, x, y, lanewise, z, lanes)
                _scatter(work, shape, indices, i, j, first, given[0], out, lanes)


@kernel
def table_size(shape: Any, axis: int) -> Any:
    """How many numbers the table of a cell has."""
    return (shape[axis, 2] + shape[axis, 3] + 1) * shape[axis, 3]


@kernel
def _run(work: Any, steps: Any, table: Any, x: int, y: int, lanewise: Any, z: int, lanes: int) -> None:
    """Steps of the program: the axis; from where to where; where in the cell's table; the shape; whether transposed; whether to add."""
    for k in range(len(steps)):
        axis, source, target, t, outer = steps[k, 0], steps[k, 1], steps[k, 2], steps[k, 3], steps[k, 4]
        m, q, inner, transposed, add = steps[k, 5], steps[k, 6], steps[k, 7], steps[k, 8] > 0, steps[k, 9] > 0
        if axis == 2:
            along_axis(work, source, target, lanewise, z + t, outer, m, q, 1, transposed, add, lanes)
        else:
            along_axis(work, source, target, table, (y if axis else x) + t, outer, m, q, inner, transposed, add, lanes)


@kernel
def samples_of(shape: Any) -> Any:
    """How many samples each coefficient has in all."""
    return shape[0, 1] * shape[0, 4] * shape[1, 1] * shape[1, 4] * shape[2, 1] * shape[2, 4]


@kernel
def _gather(u: Any, shape: Any, indices: Any, i: int, j: int, first: int, work: Any, lanes: int) -> None:
    """The functions alive in the cells of a batch; those held are zero, and so are cells behind the last."""
    place, count = 0, shape[2, 2] * lanes
    order = indices[2][first * shape[2, 2] : first * shape[2, 2] + count]
    for a in range(shape[0, 2]):
        for b in range(shape[1, 2]):
            x, y = indices[0][i, a], indices[1][j, b]
            row = (x * shape[1, 0] + y) * shape[2, 0]
            if x < 0 or y < 0:
                work[place : place + count] = 0
            else:
                for k in range(count):
                    number = order[np.uint64(k)]
                    work[np.uint64(place + k)] = u[np.uint64(row + number)] if number >= 0 else 0
            place += count


@kernel
def _scatter(work: Any, shape: Any, indices: Any, i: int, j: int, first: int, subtract: bool, out: Any, lanes: int) -> None:
    """Add what is at the functions."""
    place, count = 0, shape[2, 2] * lanes
    order = indices[2][first * shape[2, 2] : first * shape[2, 2] + count]
    sign = work.dtype.type(-1 if subtract else 1)
    for a in range(shape[0, 2]):
        for b in range(shape[1, 2]):
            x, y = indices[0][i, a], indices[1][j, b]
            row = (x * shape[1, 0] + y) * shape[2, 0]
            if x >= 0 and y >= 0:
                for k in range(count):
                    number = order[np.uint64(k)]
                    if number >= 0:
                        out[np.uint64(row + number)] += sign * work[np.uint64(place + k)]
            place += count


@kernel
def _take_samples(a: Any, c: Any, has_c: bool, shape: Any, i: int, j: int, first: int, work: Any, place: int, lanes: int) -> None:
    """The coefficients of a batch of cells, cell by cell in the lanes; zero behind the last cell."""
    x, y, z = shape[0, 4], shape[1, 4], shape[2, 4]
    count, total = min(lanes, shape[2, 1] - first), samples_of(shape)
    components = len(a) // total
    if count < lanes:
        work[place : place + (components + has_c) * x * y * z * lanes] = 0
    for component in range(components + has_c):
        source, start = (a, component * total) if component < components else (c, 0)
        for p in range(x):
            for q in range(y):
                row = start + (((i * x + p) * shape[1, 1] + j) * y + q) * shape[2, 1] * z + first * z
                for cell in range(count):
                    for r in range(z):
                        work[np.uint64(place + r * lanes + cell)] = source[np.uint64(row + cell * z + r)]
                place += z * lanes


@kernel
def _weigh(
    work: Any,
    k: int,
    points: int,
    shape: Any,
    table: Any,
    x: int,
    y: int,
    lanewise: Any,
    z: int,
    given: Any,
    places: Any,
    start: int,
    lanes: int,
) -> None:
    """From values and slopes to sources and fluxes, times the weights."""
    (o, m, n), (p, q, r) = (shape[0, 2], shape[1, 2], shape[2, 2]), (shape[0, 3], shape[1, 3], shape[2, 3])
    sx, sy, sz = shape[0, 4], shape[1, 4], shape[2, 4]
    size = sx * sy * sz * lanes
    zero = start + (places.max() + 1) * size  # of reaction, where there is none
    s0, s1, s2 = start + places[0] * size, start + places[1] * size, start + places[2] * size
    s3, s4, s5 = start + places[3] * size, start + places[4] * size, start + places[5] * size
    for i in range(p):
        for j in range(q):
            across = table[x + (o + p) * p + i] * table[y + (m + q) * q + j]
            row = (min(i, sx - 1) * sy + min(j, sy - 1)) * sz
            for h in range(r):
                weight = load_row(lanewise, z + (n + r) * r + h) * across
                s = (row + min(h, sz - 1)) * lanes
                gx, gy, gz = load(work, k + points), load(work, k + 2 * points), load(work, k + 3 * points)
                fx, fy, fz = load(work, s0 + s) * gx, load(work, s1 + s) * gy, load(work, s2 + s) * gz
                if given[2] == 6:
                    xy, xz, yz = load(work, s3 + s), load(work, s4 + s), load(work, s5 + s)
                    fx, fy, fz = fx + xy * gy + xz * gz, fy + xy * gx + yz * gz, fz + xz * gx + yz * gy
                store(work, k, load(work, zero + s) * load(work, k) * weight)
                store(work, k + points, fx * weight)
                store(work, k + 2 * points, fy * weight)
                store(work, k + 3 * points, fz * weight)
                k += lanes
