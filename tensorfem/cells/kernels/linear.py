"""Degree 1 with one coefficient per cell, of three axes: the field and the coefficients are read once, the result is written once."""

from typing import Any

from tensorfem.cells.kernels import IMAGE, RELAX, RELAX_FROM_ZERO, RESIDUAL
from tensorfem.cells.kernels.haar import cross, enter, put, some
from tensorfem.kron.kernels.jit import kernel
from tensorfem.kron.kernels.lanes import REGISTER, prefetch


@kernel
def linear_image(
    u: Any,
    rhs: Any,
    relaxation: Any,
    a: Any,
    c: Any,
    given: Any,
    kind: Any,
    places: Any,
    shape: Any,
    x: Any,
    y: Any,
    z: Any,
    lengths_x: Any,
    lengths_y: Any,
    last: Any,
    work: Any,
    out: Any,
) -> None:
    """Some rows of the image, of the residual, or of what a smoother makes of it.

    Parameters
    ----------
    u, out : flat arrays
        The whole field of three axes, and the result.
    rhs : flat array
        What the image is taken from, if a residual is wanted.
    relaxation : (step, inverse, momentum, factor, first)
        Of a smoothing polynomial: with r the residual, ``step = momentum step + factor inverse r`` and ``out = u + step``. From zero, u
        is `rhs`, and stands for the value and the step ``first inverse rhs``.
    a, c : flat arrays
        Coefficients of diffusion and reaction, one per cell.
    given : (int, bool)
        What is wanted: IMAGE, RESIDUAL, RELAX or RELAX_FROM_ZERO; and whether there is reaction. What is not wanted is not read.
    kind : tuple
        Its length is the number of the tensor's components: 1, 3 or 6.
    places : (6,) int array
        Which components of `a` are xx, yy, zz, xy, xz, yz.
    shape : (n_1, n_2, cells_1, cells_2, cells in all)
    x, y : (3, m + 1) int arrays
        Of axes 0 and 1: the m cells next to the rows wanted; the functions at their nodes, -1 for those held; and those to be written.
    z : flat array
        A quarter of the lengths of the cells of axis 2, and their inverse lengths, each followed by zeros.
    lengths_x, lengths_y : (cells, 3) arrays
        The cells' lengths, inverse lengths, and 1; 0 in an axis that is not there.
    last : (offset, closing, longest)
        Of axis 2: the node of function 0; the function at the last node of a periodic axis, else -1; how many cells at a time.
    work : flat array
        Room for 3 (m_1 + 1) + 10 rows of `longest`, rounded up, and two registers.
    """
    n1, n2, count1, count2, cells = shape
    offset, closing, longest = last
    lanes = REGISTER // u.itemsize
    wanted, weights = given[0], (given[0] == RELAX_FROM_ZERO, relaxation[1], relaxation[4])
    layers, rows = x.shape[1] - 1, y.shape[1] - 1
    for z0 in range(0, count2, longest):
        count = min(longest, count2 - z0)
        width = (count + lanes - 1) // lanes * lanes + lanes
        plane, total = (rows + 1) * width, 2 * lanes + 2 * (rows + 1) * width
        carry = total + plane + 4 * width
        line = (z0, count, offset, closing, n2)
        work[:] = 0
        for j in range(rows + 1):
            _bring(u, weights, x[1, 0], y[1, j], n1, line, work, 2 * lanes + j * width, lanes, width)
        for i in range(layers):
            below, above = 2 * lanes + i % 2 * plane, 2 * lanes + (i + 1) % 2 * plane
            # Rows are brought in a step before they are read, and sent a step after they are complete: what was written has settled then.
            for j in range(2):
                _bring(u, weights, x[1, i + 1], y[1, j], n1, line, work, above + j * width, lanes, width)
            enter(work, below, above, total + plane, count, lanes, width)
            work[carry : carry + 4 * width] = 0
            along = lengths_x[x[0, i], 0], lengths_x[x[0, i], 1], lengths_x[x[0, i], 2]
            for j in range(rows + 1):
                q = y[0, min(j, rows - 1)]
                across = lengths_y[q, 0], lengths_y[q, 1], lengths_y[q, 2]
                node = min(j + 1, rows)
                cell = (x[0, i] * count1 + q) * count2 + z0
                done = carry + (4 + j % 2) * width
                if j + 2 <= rows:
                    _bring(u, weights, x[1, i + 1], y[1, j + 2], n1, line, work, above + (j + 2) * width, lanes, width)
                if j < rows:
                    _ask(u, x[1, min(i + 2, layers)], y[1, node], n1, line, lanes)
                    _ask_cells(a, c, given[1], cell + (x[0, min(i + 1, layers - 1)] - x[0, i]) * count1 * count2, cells, kind, count, lanes)
                else:  # behind the last row of cells comes one without weight
                    along, across = (across[0] * 0, across[0] * 0, across[0] * 0), (across[0] * 0, across[0] * 0, across[0] * 0)
                place = (below + node * width, above + node * width, total + plane, carry, total + j * width, done, 0)
                cross(work, place, a, places * cells + cell, c, given[1], cell, z, z0, along, across, kind, count, lanes, width)
                if j > 0:
                    _send(work, carry + (5 - j % 2) * width, u, rhs, relaxation, wanted, x[2, i], y[2, j - 1], n1, line, out, lanes)
                _ask(out, x[2, i + 1], y[2, j], n1, line, lanes)
            _send(work, carry + (4 + rows % 2) * width, u, rhs, relaxation, wanted, x[2, i], y[2, rows], n1, line, out, lanes)
        for j in range(rows + 1):
            _send(work, total + j * width, u, rhs, relaxation, wanted, x[2, layers], y[2, j], n1, line, out, lanes)


@kernel
def _bring(u: Any, weights: Any, i: int, j: int, n1: int, line: Any, work: Any, place: int, lanes: int, width: int) -> None:
    """A row of the field, node by node; zero where functions are held."""
    z0, count, offset, closing, n2 = line
    weighted, inverse, first_factor = weights
    if i < 0 or j < 0:
        work[place : place + width] = 0
        return
    start, first = (i * n1 + j) * n2, max(z0 - offset, 0)
    place, number = place + first + offset - z0, min(n2, z0 + count + 1 - offset) - first
    for k in range(0, number, lanes):
        value = some(u, start + first + k, number - k, lanes)
        if weighted:
            value = value * some(inverse, start + first + k, number - k, lanes) * first_factor
        put(work, place + k, number - k, lanes, value)
    if closing >= 0 and number < count + 1:
        work[place + number] = u[start + closing] * inverse[start + closing] * first_factor if weighted else u[start + closing]


@kernel
def _send(
    work: Any, place: int, u: Any, rhs: Any, relaxation: Any, wanted: int, i: int, j: int, n1: int, line: Any, out: Any, lanes: int
) -> None:
    """A row of the image, from its nodes to its functions; the first of a later piece of a row is shared with the one before."""
    z0, count, offset, closing, n2 = line
    if i < 0 or j < 0:
        return
    start, first = (i * n1 + j) * n2, max(z0 - offset, 0)
    place, number = place + first + offset - z0, min(n2, z0 + count + 1 - offset) - first
    if z0 > 0:
        _add(work[place], relaxation, wanted, start + first, out)
        place, first, number = place + 1, first + 1, number - 1
    step, inverse, momentum, factor, first_factor = relaxation
    for k in range(0, number, lanes):
        rest, o = number - k, start + first + k
        value = some(work, place + k, rest, lanes)
        if wanted != IMAGE:
            value = some(rhs, o, rest, lanes) - value
        if wanted >= RELAX:
            weight, before = some(inverse, o, rest, lanes), some(u, o, rest, lanes)
            if wanted == RELAX_FROM_ZERO:
                before = before * weight * first_factor
                change = before * momentum + value * weight * factor
            else:
                change = some(step, o, rest, lanes) * momentum + value * weight * factor
            put(step, o, rest, lanes, change)
            value = before + change
        put(out, o, rest, lanes, value)
    if closing >= 0 and z0 + count - offset == n2:
        _add(work[place + number], relaxation, wanted, start + closing, out)


@kernel
def _add(image: Any, relaxation: Any, wanted: int, o: int, out: Any) -> None:
    """What more there is of the image at a function that has been written already."""
    step, inverse, _, factor, _ = relaxation
    if wanted == IMAGE:
        out[o] += image
    elif wanted == RESIDUAL:
        out[o] -= image
    else:
        change = factor * inverse[o] * image
        step[o] -= change
        out[o] -= change


@kernel
def _ask(field: Any, i: int, j: int, n1: int, line: Any, lanes: int) -> None:
    """Have a row of a field brought into the cache."""
    if i >= 0 and j >= 0:
        start = (i * n1 + j) * line[4] + line[0]
        for k in range(0, line[1], lanes):
            prefetch(field, start + k)


@kernel
def _ask_cells(a: Any, c: Any, has_c: bool, cell: int, cells: int, kind: Any, count: int, lanes: int) -> None:
    """Have a row of the coefficients brought into the cache."""
    for component in range(len(kind)):
        for k in range(0, count, lanes):
            prefetch(a, component * cells + cell + k)
    if has_c:
        for k in range(0, count, lanes):
            prefetch(c, cell + k)
