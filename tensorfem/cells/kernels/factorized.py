"""Any degree: sum factorization, for as many cells of a row at once as a register has numbers.

Along each axis functions are taken to values at the points, and these to slopes there, by small tables (Orszag, J. Comput. Phys. 37, 1980;
Kronbichler & Kormann, Computers & Fluids 63, 2012); lanes are neighbouring cells.
"""

from typing import Any

from tensorfem.cells.kernels.batches import gather, points_of, samples_of, scatter, table_size, weigh
from tensorfem.cells.kernels.contraction import from_points, through_points, to_points
from tensorfem.kron.kernels.jit import kernel
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
    lines: Any,
    rooms: Any,
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
    given : (bool, bool)
        Whether the image is to be subtracted; whether there is reaction.
    places : (3,) or (6,) int array
        Which components of `a` are xx, yy, zz, and xy, xz, yz of a full tensor.
    shape : (3, 5) int array
        For each axis: functions, cells, functions in each cell (m), points in each cell (q), samples of the coefficients in each cell.
    indices : four int arrays
        The functions alive in each cell, -1 for those held: (cells, m); flat for axis 2, of (batches, m, lanes); how far apart they
        are from lane to lane, 0 if that differs: flat, (batches, m).
    table : flat array
        For each cell of axis 0, then of axis 1, q numbers for each of the m functions: its values at the points; for each of the q
        points: how the value there enters the slopes at the points; and the points' weights.
    lanewise : (entries, lanes) array
        The same of axis 2, for each batch of cells; weights are zero where a lane's cell is another lane's.
    lines : three pairs of tuples
        For each axis, of lengths m and q.
    rooms : (7,) int array
        Places in `work`: two rooms that are written to in turn, slopes along each axis, diffusion and reaction times weights.
    cells : (start, stop, start, stop)
        Cells of axes 0 and 1.
    work : flat array
        Room.
    """
    lanes = REGISTER // u.itemsize
    size_x, size_y, size_z = table_size(shape, 0), table_size(shape, 1), table_size(shape, 2)
    for i in range(cells[0], cells[1]):
        for j in range(cells[2], cells[3]):
            x, y = i * size_x, shape[0, 1] * size_x + j * size_y
            for batch in range((shape[2, 1] + lanes - 1) // lanes):
                cell = i, j, batch
                tables = (table, x), (table, y), (lanewise, batch * size_z)
                gather(u, shape, indices, cell, work, rooms[0], lanes)
                _weigh(a, c, given[1], shape, tables, cell, work, rooms[5], lanes)
                _to_values(work, rooms, tables, shape, lines, lanes)
                _to_sources(work, rooms, tables, places, given[1], shape, lines, lanes)
                _to_functions(work, rooms, tables, shape, lines, lanes)
                scatter(work, rooms[1], shape, indices, cell, given[0], out, lanes)


@kernel
def _weigh(a: Any, c: Any, has_c: bool, shape: Any, tables: Any, cell: Any, work: Any, place: int, lanes: int) -> None:
    """All components of the coefficients, one after the other, times the weights."""
    total, points = samples_of(shape), points_of(shape) * lanes
    for start in range(0, len(a), total):
        weigh(a, start, shape, tables, cell, work, place, lanes)
        place += points
    if has_c:
        weigh(c, 0, shape, tables, cell, work, place, lanes)


@kernel
def _to_values(work: Any, rooms: Any, tables: Any, shape: Any, lines: Any, lanes: int) -> None:
    """From functions in the first room to values at the points in the second."""
    here, there = rooms[0], rooms[1]
    (m, n, o), (p, q, r) = shape[:, 2], shape[:, 3]
    to_points(work, here, there, *tables[2], m * n, 1, False, *lines[2], lanes)
    to_points(work, there, here, *tables[1], m, r, False, *lines[1], lanes)
    to_points(work, here, there, *tables[0], 1, q * r, False, *lines[0], lanes)


@kernel
def _to_functions(work: Any, rooms: Any, tables: Any, shape: Any, lines: Any, lanes: int) -> None:
    """From sources in the first room to functions in the second."""
    here, there = rooms[0], rooms[1]
    (m, n, o), (p, q, r) = shape[:, 2], shape[:, 3]
    from_points(work, here, there, *tables[0], 1, q * r, False, *lines[0], lanes)
    from_points(work, there, here, *tables[1], m, r, False, *lines[1], lanes)
    from_points(work, here, there, *tables[2], m * n, 1, False, *lines[2], lanes)


@kernel
def _to_sources(work: Any, rooms: Any, tables: Any, places: Any, has_c: bool, shape: Any, lines: Any, lanes: int) -> None:
    """From values in the second room to sources in the first."""
    here, there = rooms[0], rooms[1]
    (m, n, o), (p, q, r) = shape[:, 2], shape[:, 3]
    (tx, x), (ty, y), (tz, z) = tables
    x, y, z = x + m * p, y + n * q, z + o * r
    size = p * q * r * lanes
    if has_c:
        _multiply(work, there, here, rooms[6], size, lanes)
    if len(places) == 3:
        xx, yy, zz = rooms[5] + places[0] * size, rooms[5] + places[1] * size, rooms[5] + places[2] * size
        through_points(work, there, here, xx, tx, x, 1, q * r, has_c, lines[0][1], lanes)
        through_points(work, there, here, yy, ty, y, p, r, True, lines[1][1], lanes)
        through_points(work, there, here, zz, tz, z, p * q, 1, True, lines[2][1], lanes)
    else:
        u, v, w = rooms[2], rooms[3], rooms[4]
        to_points(work, there, u, tx, x, 1, q * r, False, lines[0][1], lines[0][1], lanes)
        to_points(work, there, v, ty, y, p, r, False, lines[1][1], lines[1][1], lanes)
        to_points(work, there, w, tz, z, p * q, 1, False, lines[2][1], lines[2][1], lanes)
        _mix(work, (u, v, w), places, rooms[5], size, lanes)
        from_points(work, u, here, tx, x, 1, q * r, has_c, lines[0][1], lines[0][1], lanes)
        from_points(work, v, here, ty, y, p, r, True, lines[1][1], lines[1][1], lanes)
        from_points(work, w, here, tz, z, p * q, 1, True, lines[2][1], lines[2][1], lanes)


@kernel
def _multiply(work: Any, source: int, target: int, factor: int, count: int, lanes: int) -> None:
    """Numbers times others."""
    for k in range(0, count, lanes):
        store(work, target + k, load(work, source + k) * load(work, factor + k))


@kernel
def _mix(work: Any, slopes: Any, places: Any, weighed: int, points: int, lanes: int) -> None:
    """From slopes to fluxes."""
    x, y, z = slopes
    xx, yy, zz, xy, xz, yz = places
    xx, yy, zz = weighed + xx * points, weighed + yy * points, weighed + zz * points
    xy, xz, yz = weighed + xy * points, weighed + xz * points, weighed + yz * points
    for k in range(0, points, lanes):
        gx, gy, gz = load(work, x + k), load(work, y + k), load(work, z + k)
        axy, axz, ayz = load(work, xy + k), load(work, xz + k), load(work, yz + k)
        store(work, x + k, load(work, xx + k) * gx + axy * gy + axz * gz)
        store(work, y + k, axy * gx + load(work, yy + k) * gy + ayz * gz)
        store(work, z + k, axz * gx + ayz * gy + load(work, zz + k) * gz)
