"""Any degree: sum factorization, for as many cells of a row at once as a register has numbers.

Along each axis functions are taken to values at the points, and these to slopes there, by small tables (Orszag, J. Comput. Phys. 37, 1980;
Kronbichler & Kormann, Computers & Fluids 63, 2012); lanes are neighbouring cells.
"""

import functools
from typing import Any

import numpy as np

from tensorfem.cells.kernels.batches import adder, gather, reader, scatter, weigher
from tensorfem.cells.kernels.calls import Places, address, call_at
from tensorfem.cells.kernels.contraction import along_axis, there_and_back
from tensorfem.kron.kernels.jit import kernel
from tensorfem.kron.kernels.lanes import REGISTER, load, store


@functools.cache
def addresses(contractions: tuple[tuple[int, ...], ...], apart: int, counts: tuple[int, int, int], dtype: Any) -> Places:
    """Where machine code is in this process.

    Parameters
    ----------
    contractions : tuple of (int, terms, rows, lanewise, parity)
        Of each step of the program of `add_factorized`: whether it is `there_and_back`, not `along_axis`, and what these want to know.
    apart : int
        See `reader`.
    counts : (int, int, int)
        Of functions, points and samples along axis 2 in each cell.
    dtype : dtype

    Returns
    -------
    int array
        Addresses: of each step, and of the reader, the adder and the weigher.
    """
    functions, points, samples = counts
    makers = along_axis, there_and_back
    found = [address(makers[kind], *lengths, dtype=dtype) for kind, *lengths in contractions]
    others = (reader, apart, functions), (adder, apart, functions), (weigher, samples, points)
    return np.array(found + [address(*other, dtype=dtype) for other in others])


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
    indices : four int arrays
        Of axes 0 and 1, the functions alive in each cell, -1 for those held: (cells, m). Of axis 2 the same, flat, as
        (batches, m, lanes); and for each batch what `load_cells` wants to know: (first, low, high, whether it fits).
    table : flat array
        For each cell of axis 0, then of axis 1, q numbers for each of the m functions: its values at the points; for each of the q
        points: how the value there enters the slopes at the points; and the points' weights.
    lanewise : flat array
        The same of axis 2, for each batch of cells, as (batches, m + q + 1, q, lanes); weights are zero where a lane's cell is
        another lane's.
    steps : (n, 14) int array
        The program: from functions to values at the points, along each axis; to sources, or to slopes and back; to functions. Of each
        step: whether it is `there_and_back`; how long its lines are, before and after; whether it is along axis 2; the table's
        parity, see `add_products`; the axis; from where on in the cell's table; places in `work` of source, target and factors;
        whether the table is transposed; outer; inner; whether to add.
    codes : (n + 3,) int array
        See `addresses`.
    rooms : (5,) int array
        Places in `work`; see `ContractionProgram`.
    cells : (start, stop, start, stop)
        Cells of axes 0 and 1.
    work : flat array
        Room.
    """
    ends = table_size(shape, 0), shape[0, 1] * table_size(shape, 0), table_size(shape, 1)
    rows, samples = np.empty(shape[0, 2] * shape[1, 2], np.intp), np.empty(shape[0, 3] * shape[1, 3], np.intp)
    weights = np.empty(len(samples), u.dtype)
    for i in range(cells[0], cells[1]):
        for j in range(cells[2], cells[3]):
            x, y = i * ends[0], ends[1] + j * ends[2]
            _find_rows(shape, indices, i, j, rows)
            _find_samples(shape, i, j, samples)
            _find_weights(shape, table, x + ends[0], y + ends[2], given[0], weights)
            for batch in range(len(indices[3])):
                tables = table, x, y, lanewise, batch * table_size(shape, 2)
                _read(codes[-3], u, rows, shape, indices, batch, work, rooms[0])
                last = _weigh(codes[-1], a, samples, weights, shape, tables, batch, work, rooms[3])
                _run(work, steps[:3], codes[:3], tables)
                if given[1]:
                    size = _weigh(codes[-1], c, samples, weights, shape, tables, batch, work, last) - last
                    _multiply(work, rooms[1], rooms[0], last, size)
                _run(work, steps[3:6], codes[3:6], tables)
                if len(places) == 6:
                    _mix(work, rooms[2], places, rooms[3], (rooms[3] - rooms[2]) // 3)
                _run(work, steps[6:], codes[6:], tables)
                _add(codes[-2], out, rows, shape, indices, batch, work, rooms[1])


@kernel
def _read(code: int, u: Any, rows: Any, shape: Any, indices: Any, batch: int, work: Any, place: int) -> None:
    """Take the functions of a batch from a field."""
    first, low, high, fits = indices[3][batch]
    if fits:
        call_at(code, (u, rows, first, low, high, _next_row(shape, indices), work, place))
    else:
        gather(u, rows, _order(shape, indices, batch, work), work, place)


@kernel
def _add(code: int, out: Any, rows: Any, shape: Any, indices: Any, batch: int, work: Any, place: int) -> None:
    """Add to the functions of a batch."""
    first, low, high, fits = indices[3][batch]
    if fits:
        call_at(code, (out, rows, first, low, high, _next_row(shape, indices), work, place))
    else:
        scatter(out, rows, _order(shape, indices, batch, work), work, place)


@kernel
def _next_row(shape: Any, indices: Any) -> Any:
    """How far it is to the functions of the next row of cells."""
    return (indices[1][min(1, len(indices[1]) - 1), 0] - indices[1][0, 0]) * shape[2, 0]


@kernel
def _order(shape: Any, indices: Any, batch: int, work: Any) -> Any:
    """The functions alive in the cells of a batch."""
    size = shape[2, 2] * (REGISTER // work.itemsize)
    return indices[2][batch * size : (batch + 1) * size]


@kernel
def _weigh(code: int, a: Any, rows: Any, weights: Any, shape: Any, tables: Any, batch: int, work: Any, place: int) -> Any:
    """All components of a coefficient in a batch of cells, times the weights, one after the other; where they end."""
    lanes = REGISTER // work.itemsize
    cells, points, samples = shape[2, 1], shape[2, 3], shape[2, 4]
    _, _, _, lanewise, z = tables
    along = (z + table_size(shape, 2) - points) * lanes
    start = max(0, min(batch * lanes, cells - lanes)) * samples
    for k in range(start, len(a), samples_of(shape)):
        call_at(code, (a[k:], rows, weights, min(lanes, cells) * samples, shape[1, 4] * cells * samples, lanewise, along, work, place))
        place += len(rows) * points * lanes
    return place


@kernel
def samples_of(shape: Any) -> Any:
    """How many samples each coefficient has in all."""
    return shape[0, 1] * shape[0, 4] * shape[1, 1] * shape[1, 4] * shape[2, 1] * shape[2, 4]


@kernel
def table_size(shape: Any, axis: int) -> Any:
    """How many entries the table of a cell has."""
    return (shape[axis, 2] + shape[axis, 3] + 1) * shape[axis, 3]


@kernel
def _find_rows(shape: Any, indices: Any, i: int, j: int, rows: Any) -> None:
    """Where the rows of functions of a row of cells begin, -1 for those held."""
    for a in range(shape[0, 2]):
        for b in range(shape[1, 2]):
            x, y = indices[0][i, a], indices[1][j, b]
            rows[a * shape[1, 2] + b] = (x * shape[1, 0] + y) * shape[2, 0] if x >= 0 and y >= 0 else -1


@kernel
def _find_samples(shape: Any, i: int, j: int, rows: Any) -> None:
    """Where the rows of samples of a row of cells begin, for each row of points."""
    q, sx, sy = shape[1, 3], shape[0, 4], shape[1, 4]
    for a in range(shape[0, 3]):
        for b in range(q):
            rows[a * q + b] = (((i * sx + min(a, sx - 1)) * shape[1, 1] + j) * sy + min(b, sy - 1)) * shape[2, 1] * shape[2, 4]


@kernel
def _find_weights(shape: Any, table: Any, x: int, y: int, subtract: bool, weights: Any) -> None:
    """The weight of each row of points: weights are the last entries of the tables, which end at `x` and `y`."""
    p, q = shape[0, 3], shape[1, 3]
    for a in range(p):
        for b in range(q):
            weight = table[x - p + a] * table[y - q + b]
            weights[a * q + b] = -weight if subtract else weight


@kernel
def _run(work: Any, steps: Any, codes: Any, tables: Any) -> None:
    """Some steps of the program."""
    table, x, y, lanewise, z = tables
    for k in range(len(steps)):
        _, _, _, last, _, axis, t, source, target, factors, transposed, outer, inner, add = steps[k]
        if last:
            call_at(codes[k], (work, source, target, factors, lanewise, z + t, transposed > 0, outer, inner, add > 0))
        else:
            call_at(codes[k], (work, source, target, factors, table, (y if axis else x) + t, transposed > 0, outer, inner, add > 0))


@kernel
def _multiply(work: Any, source: int, target: int, factor: int, count: int) -> None:
    """Numbers times others."""
    for k in range(0, count, REGISTER // work.itemsize):
        store(work, target + k, load(work, source + k) * load(work, factor + k))


@kernel
def _mix(work: Any, x: int, places: Any, weighed: int, points: int) -> None:
    """From slopes along all axes to fluxes."""
    y, z = x + points, x + 2 * points
    xx, yy, zz = weighed + places[0] * points, weighed + places[1] * points, weighed + places[2] * points
    xy, xz, yz = weighed + places[3] * points, weighed + places[4] * points, weighed + places[5] * points
    for k in range(0, points, REGISTER // work.itemsize):
        gx, gy, gz = load(work, x + k), load(work, y + k), load(work, z + k)
        axy, axz, ayz = load(work, xy + k), load(work, xz + k), load(work, yz + k)
        store(work, x + k, load(work, xx + k) * gx + axy * gy + axz * gz)
        store(work, y + k, axy * gx + load(work, yy + k) * gy + ayz * gz)
        store(work, z + k, axz * gx + ayz * gy + load(work, zz + k) * gz)
