"""Any degree: sum factorization, for as many cells of a row at once as a register has numbers.

Along each axis functions are taken to values at the points, and these to slopes there, by small tables (Orszag, J. Comput. Phys. 37, 1980;
Kronbichler & Kormann, Computers & Fluids 63, 2012); lanes are neighbouring cells.
"""

from typing import Any

import numpy as np

from tensorfem.cells.kernels.batches import ask, gather, scatter, table_size, weigh, weigh_components
from tensorfem.cells.kernels.contraction import address, along_axis, there_and_back
from tensorfem.kron.kernels.jit import kernel
from tensorfem.kron.kernels.lanes import REGISTER, load, store
from tensorfem.cells.kernels.lines import call_at


def addresses(steps: Any, dtype: Any) -> Any:
    """Where the machine code of each step of the program of `add_factorized` is, in this process."""
    return np.array([address((along_axis, there_and_back)[kind], *given, bool(lanewise), dtype) for kind, lanewise, *given in steps[:, :4].tolist()])


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
    codes: Any,
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
    indices : three int arrays, a bool array, int
        The functions alive in each cell, -1 for those held: (cells, m); flat for axis 2, of (batches, m, lanes); whether these are
        equally far apart: flat, (batches, m); how far.
    table : flat array
        For each cell of axis 0, then of axis 1, q numbers for each of the m functions: its values at the points; for each of the q
        points: how the value there enters the slopes at the points; and the points' weights.
    lanewise : flat array
        The same of axis 2, for each batch of cells, as (batches, m + q + 1, q, lanes); weights are zero where a lane's cell is
        another lane's.
    steps : (n, 13) int array
        The program: from functions to values at the points, along each axis; to sources, or to slopes and back; to functions. Of each
        step: whether it is `there_and_back`; whether it is along axis 2; how long its lines are, before and after; the axis; from
        where on in the cell's table; places in `work` of source, target and factors; whether the table is transposed; outer; inner;
        whether to add.
    codes : (n,) int array
        Addresses of the steps' machine code; see `addresses`.
    rooms : (4,) int array
        Places in `work`: functions, then sources; values, then functions again; slopes; coefficients times weights.
    cells : (start, stop, start, stop)
        Cells of axes 0 and 1.
    work : flat array
        Room.
    """
    lanes = REGISTER // u.itemsize
    points = shape[0, 3] * shape[1, 3] * shape[2, 3] * lanes
    size_x, size_y, size_z = table_size(shape, 0), table_size(shape, 1), table_size(shape, 2)
    for i in range(cells[0], cells[1]):
        for j in range(cells[2], cells[3]):
            for batch in range((shape[2, 1] + lanes - 1) // lanes):
                cell, tables = (i, j, batch), (table, i * size_x, shape[0, 1] * size_x + j * size_y, lanewise, batch * size_z)
                ask(u, out, shape, indices, cell, lanes)
                gather(u, shape, indices, cell, work, rooms[0], lanes)
                reaction = weigh_components(a, shape, tables, cell, work, rooms[3], lanes)
                _run(work, steps[:3], codes[:3], tables)
                if given[1]:
                    weigh(c, 0, shape, tables, cell, work, reaction, lanes)
                    _multiply(work, rooms[1], rooms[0], reaction, points, lanes)
                _run(work, steps[3:6], codes[3:6], tables)
                if len(places) == 6:
                    _mix(work, rooms[2], places, rooms[3], points, lanes)
                _run(work, steps[6:], codes[6:], tables)
                scatter(work, rooms[1], shape, indices, cell, given[0], out, lanes)


@kernel
def _run(work: Any, steps: Any, codes: Any, tables: Any) -> None:
    """Some steps of the program."""
    table, x, y, lanewise, z = tables
    for k in range(len(steps)):
        _, last, _, _, axis, t, source, target, factors, transposed, outer, inner, add = steps[k]
        if last:
            call_at(codes[k], (work, source, target, factors, lanewise, z + t, transposed > 0, outer, inner, add > 0))
        else:
            call_at(codes[k], (work, source, target, factors, table, (y if axis else x) + t, transposed > 0, outer, inner, add > 0))


@kernel
def _multiply(work: Any, source: int, target: int, factor: int, count: int, lanes: int) -> None:
    """Numbers times others."""
    for k in range(0, count, lanes):
        store(work, target + k, load(work, source + k) * load(work, factor + k))


@kernel
def _mix(work: Any, x: int, places: Any, weighed: int, points: int, lanes: int) -> None:
    """From slopes along all axes to fluxes."""
    y, z = x + points, x + 2 * points
    xx, yy, zz = weighed + places[0] * points, weighed + places[1] * points, weighed + places[2] * points
    xy, xz, yz = weighed + places[3] * points, weighed + places[4] * points, weighed + places[5] * points
    for k in range(0, points, lanes):
        gx, gy, gz = load(work, x + k), load(work, y + k), load(work, z + k)
        axy, axz, ayz = load(work, xy + k), load(work, xz + k), load(work, yz + k)
        store(work, x + k, load(work, xx + k) * gx + axy * gy + axz * gz)
        store(work, y + k, axy * gx + load(work, yy + k) * gy + ayz * gz)
        store(work, z + k, axz * gx + ayz * gy + load(work, zz + k) * gz)
