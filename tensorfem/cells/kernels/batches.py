"""Between fields and batches of neighbouring cells, which are lanes."""

from typing import Any

from tensorfem.cells.kernels.lines import load_apart, stay_apart
from tensorfem.kron.kernels.jit import kernel
from tensorfem.kron.kernels.lanes import load, prefetch, store


@kernel
def ask(u: Any, out: Any, shape: Any, indices: Any, cell: Any, lanes: int) -> None:
    """Have the memory brought that the next row of cells reads and writes."""
    stay_apart()
    i, j, batch = cell
    count = shape[2, 2]
    if j + 1 < shape[1, 1]:
        for a in range(shape[0, 2]):
            for b in range(shape[1, 2]):
                row = (indices[0][i, a] * shape[1, 0] + indices[1][j + 1, b]) * shape[2, 0] + max(0, indices[2][batch * count * lanes])
                for k in range(0, lanes * indices[4], lanes):
                    prefetch(u, row + k)
                    prefetch(out, row + k)


@kernel
def gather(u: Any, shape: Any, indices: Any, cell: Any, work: Any, place: int, lanes: int) -> None:
    """The functions alive in the cells of a batch; those held are zero."""
    stay_apart()
    i, j, batch = cell
    count = shape[2, 2]
    for a in range(shape[0, 2]):
        for b in range(shape[1, 2]):
            x, y = indices[0][i, a], indices[1][j, b]
            row = (x * shape[1, 0] + y) * shape[2, 0]
            for c in range(batch * count, (batch + 1) * count):
                if x < 0 or y < 0:
                    work[place : place + lanes] = 0
                elif indices[3][c]:
                    store(work, place, load_apart(u, row + indices[2][c * lanes], indices[4]))
                else:
                    for k in range(lanes):
                        number = indices[2][c * lanes + k]
                        work[place + k] = u[row + number] if number >= 0 else 0
                place += lanes


@kernel
def scatter(work: Any, place: int, shape: Any, indices: Any, cell: Any, subtract: bool, out: Any, lanes: int) -> None:
    """Add what is at the functions, or subtract it."""
    stay_apart()
    i, j, batch = cell
    count, stride = shape[2, 2], indices[4]
    sign = work.dtype.type(-1 if subtract else 1)
    for a in range(shape[0, 2]):
        for b in range(shape[1, 2]):
            x, y = indices[0][i, a], indices[1][j, b]
            row = (x * shape[1, 0] + y) * shape[2, 0]
            if x >= 0 and y >= 0:
                for c in range(batch * count, (batch + 1) * count):
                    s, first = place + (c - batch * count) * lanes, row + indices[2][c * lanes]
                    if indices[3][c]:
                        for k in range(64 // work.itemsize):
                            out[first + k * stride] += sign * work[s + k]
                    else:
                        for k in range(lanes):
                            number = indices[2][c * lanes + k]
                            if number >= 0:
                                out[row + number] += sign * work[s + k]
            place += count * lanes


@kernel
def samples_of(shape: Any) -> Any:
    """How many samples each coefficient has in all."""
    return shape[0, 1] * shape[0, 4] * shape[1, 1] * shape[1, 4] * shape[2, 1] * shape[2, 4]


@kernel
def table_size(shape: Any, axis: int) -> Any:
    """How many entries the table of a cell has."""
    return (shape[axis, 2] + shape[axis, 3] + 1) * shape[axis, 3]


@kernel
def weigh(source: Any, start: int, shape: Any, tables: Any, cell: Any, work: Any, place: int, lanes: int) -> None:
    """A coefficient at the points of a batch of cells, times the weights there; each sample is for all points of its part of a cell."""
    stay_apart()
    i, j, batch = cell
    count = shape[2, 1]
    first = max(0, min(batch * lanes, count - lanes))
    (p, q, r), (sx, sy, sz) = shape[:, 3], shape[:, 4]
    table, x, y, lanewise, z = tables
    x, y, z = x + table_size(shape, 0) - p, y + table_size(shape, 1) - q, (z + table_size(shape, 2) - r) * lanes
    ahead = sy * count * sz  # to the next row of cells
    for a in range(p):
        for b in range(q):
            across = table[x + a] * table[y + b]
            row = start + (((i * sx + min(a, sx - 1)) * shape[1, 1] + j) * sy + min(b, sy - 1)) * count * sz + first * sz
            for c in range(sz):
                prefetch(source, row + ahead + c * lanes)
            for c in range(r):
                if count >= lanes:
                    store(work, place, load_apart(source, row + min(c, sz - 1), sz) * load(lanewise, z + c * lanes) * across)
                else:
                    for k in range(lanes):
                        work[place + k] = source[row + min(c, sz - 1) + min(k, count - 1) * sz] * lanewise[z + c * lanes + k] * across
                place += lanes


@kernel
def weigh_components(source: Any, shape: Any, tables: Any, cell: Any, work: Any, place: int, lanes: int) -> Any:
    """All components of a tensor, one after the other, and where in `work` they end."""
    total = samples_of(shape)
    for start in range(0, len(source), total):
        weigh(source, start, shape, tables, cell, work, place, lanes)
        place += shape[0, 3] * shape[1, 3] * shape[2, 3] * lanes
    return place
