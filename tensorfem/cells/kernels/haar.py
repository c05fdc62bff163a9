"""One row of cells of degree 1: the element matrices are diagonal in the Haar basis s = (1, 1), d = (-1, 1) of each axis,

    K = d d^T / h,    M = h (s s^T / 4 + d d^T / 12),    and    G = d s^T / 2

for a derivative of the trial function against a value of the test function.
"""

from typing import Any

from tensorfem.kron.kernels.jit import kernel
from tensorfem.kron.kernels.lanes import less_product, load, load_some, plus_product, shift, store, store_some

THIRD = 1 / 3  # M is h / 4 on s, and a third of that on d


@kernel
def some(array: Any, start: int, count: int, lanes: int) -> Any:
    """The lanes that begin at an entry, of which so many count; the others are zero."""
    return load(array, start) if count >= lanes else load_some(array, start, 0, count)


@kernel
def put(array: Any, start: int, count: int, lanes: int, value: Any) -> None:
    """Store the lanes, or the first ones if fewer count."""
    if count >= lanes:
        store(array, start, value)
    else:
        store_some(array, start, 0, count, value)


@kernel
def enter(work: Any, below: int, above: int, rows: int, count: int, lanes: int, width: int) -> None:
    """A row of nodes of two planes in the Haar basis of axes 0 and 2: rows ss, sd, ds, dd."""
    for k in range(0, count, lanes):
        a, b = load(work, below + k), load(work, below + k + 1)
        c, d = load(work, above + k), load(work, above + k + 1)
        s, t, p, q = a + c, b + d, c - a, d - b
        store(work, rows + k, s + t)
        store(work, rows + width + k, t - s)
        store(work, rows + 2 * width + k, p + q)
        store(work, rows + 3 * width + k, q - p)


@kernel
def cross(
    work: Any,
    place: Any,
    a: Any,
    starts: Any,
    c: Any,
    has_c: bool,
    cell: int,
    z: Any,
    z0: int,
    x: Any,
    y: Any,
    kind: Any,
    count: int,
    lanes: int,
    width: int,
) -> None:
    """One row of cells: takes the nodes' row beyond it in, adds to the rows on both sides, and completes the one before.

    Parameters
    ----------
    work : flat array
        Rows of so many entries as `width` says.
    place : tuple of int
        Where in it: the rows of nodes beyond, in the planes below and above; the four rows of the nodes before, and those of what is
        added up for the nodes beyond; the row of the sum over planes; the row for what is complete; zeros and room for two registers.
    a, c : flat arrays
        Coefficients of diffusion and reaction.
    has_c : bool
        Whether there is reaction.
    starts : (6,) int array
        Where in `a` this row has xx, yy, zz, xy, xz, yz.
    cell : int
        Where in `c` this row begins.
    z : flat array
        A quarter of the cells' lengths and, from `z.size // 2` on, their inverse lengths.
    z0 : int
        The row's first cell along axis 2.
    x, y : tuples of float
        The length of the cell, its inverse, and 1 (0 in an axis that is not there).
    kind : tuple
        Its length is the number of the tensor's components.
    """
    # One long body on purpose: with the weights and the off-diagonal products in functions of their own, which the compiler does not
    # inline, tensors took 1.6 to 2 times as long (128^3, 4.6 and 6.2 ms against 9.2 and 9.8 ms).
    below, above, rows, carry, total, row, zero = place
    hx, rx, gx = x
    hy, ry, gy = y
    # Factors of the products: along x, along y, and along z where the two others are s s, one of them d, d d.
    x1, y1 = rx * hy / 4, hx * ry / 4
    x2, y2, z1 = x1 * THIRD, y1 * THIRD, hx * hy / 16
    z2, z3 = z1 * THIRD, z1 * THIRD * THIRD
    xy, xz, yz = gx * gy / 4, gx * hy / 16, gy * hx / 16
    half = z.size // 2
    before, before_above = load(work, zero), load(work, zero)
    for k in range(0, count, lanes):
        rest = count - k
        lower, lower_next = load(work, below + k), load(work, below + k + 1)
        upper, upper_next = load(work, above + k), load(work, above + k + 1)
        s, t, p, q = lower + upper, lower_next + upper_next, upper - lower, upper_next - lower_next
        ss, sd, ds, dd = s + t, t - s, p + q, q - p
        old_ss, old_sd = load(work, rows + k), load(work, rows + width + k)
        old_ds, old_dd = load(work, rows + 2 * width + k), load(work, rows + 3 * width + k)
        store(work, rows + k, ss)
        store(work, rows + width + k, sd)
        store(work, rows + 2 * width + k, ds)
        store(work, rows + 3 * width + k, dd)
        # The field in the Haar basis of x, y, z; then its image.
        sss, sds, ssd, sdd = ss + old_ss, ss - old_ss, sd + old_sd, sd - old_sd
        dss, dds, dsd, ddd = ds + old_ds, ds - old_ds, dd + old_dd, dd - old_dd
        long, short = load(z, z0 + k), load(z, half + z0 + k)
        if len(kind) == 1:
            number = some(a, starts[0] + k, rest, lanes)
            flat, steep = number * long, number * short
            w_dss, w_sds, w_dds, w_ssd = flat * x1, flat * y1, flat * (x2 + y2), steep * z1
            w_dsd, w_sdd, w_ddd = flat * x2 + steep * z2, flat * y2 + steep * z2, flat * ((x2 + y2) * THIRD) + steep * z3
        else:
            a_x, a_y = some(a, starts[0] + k, rest, lanes) * long, some(a, starts[1] + k, rest, lanes) * long
            steep = some(a, starts[2] + k, rest, lanes) * short
            w_dss, w_sds, w_dds, w_ssd = a_x * x1, a_y * y1, a_x * x2 + a_y * y2, steep * z1
            w_dsd, w_sdd = a_x * x2 + steep * z2, a_y * y2 + steep * z2
            w_ddd = a_x * (x2 * THIRD) + a_y * (y2 * THIRD) + steep * z3
        left_ss, right_ss = load(work, carry + k), load(work, zero)
        if has_c:
            density = some(c, cell + k, rest, lanes) * long
            second, third = density * z2, density * z3
            w_dss, w_sds, w_ssd = w_dss + second, w_sds + second, w_ssd + second
            w_dds, w_dsd, w_sdd, w_ddd = w_dds + third, w_dsd + third, w_sdd + third, w_ddd + third * THIRD
            right_ss = density * z1 * sss
            left_ss = left_ss + right_ss
        # Back along y: with that, the row before is complete, and the one beyond waits for the next row of cells.
        right_sd, right_ds, right_dd = w_ssd * ssd, w_dss * dss, w_dsd * dsd
        left_sd = load(work, carry + width + k) + right_sd
        left_ds = load(work, carry + 2 * width + k) + right_ds
        left_dd = load(work, carry + 3 * width + k) + right_dd
        left_ss, right_ss = less_product(left_ss, w_sds, sds), plus_product(right_ss, w_sds, sds)
        left_sd, right_sd = less_product(left_sd, w_sdd, sdd), plus_product(right_sd, w_sdd, sdd)
        left_ds, right_ds = less_product(left_ds, w_dds, dds), plus_product(right_ds, w_dds, dds)
        left_dd, right_dd = less_product(left_dd, w_ddd, ddd), plus_product(right_dd, w_ddd, ddd)
        if len(kind) == 6:
            a_xy = some(a, starts[3] + k, rest, lanes) * long * xy
            a_xz, a_yz = some(a, starts[4] + k, rest, lanes) * xz, some(a, starts[5] + k, rest, lanes) * yz
            b_xy, b_xz, b_yz = a_xy * THIRD, a_xz * THIRD, a_yz * THIRD
            f_ssd, f_dss, f_dsd = a_xz * dss + a_yz * sds, a_xy * sds + a_xz * ssd, b_xy * sdd + b_yz * dds
            f_sds, f_sdd, f_dds = a_xy * dss + a_yz * ssd, b_xy * dsd + b_xz * dds, b_xz * sdd + b_yz * dsd
            left_ss, left_sd, left_ds, left_dd = left_ss - f_sds, left_sd + f_ssd - f_sdd, left_ds + f_dss - f_dds, left_dd + f_dsd
            right_ss, right_sd, right_ds, right_dd = right_ss + f_sds, right_sd + f_ssd + f_sdd, right_ds + f_dss + f_dds, right_dd + f_dsd
        store(work, carry + k, right_ss)
        store(work, carry + width + k, right_sd)
        store(work, carry + 2 * width + k, right_ds)
        store(work, carry + 3 * width + k, right_dd)
        # Back along x, to the planes below and above, and along z, to the nodes before and behind.
        low, low_step, high, high_step = left_ss - left_ds, left_sd - left_dd, left_ss + left_ds, left_sd + left_dd
        behind, behind_above = low + low_step, high + high_step
        store(work, row + k, load(work, total + k) + (low - low_step) + shift(before, behind))
        store(work, total + k, (high - high_step) + shift(before_above, behind_above))
        before, before_above = behind, behind_above
    if count % lanes == 0:  # the last node is in no register
        store(work, zero + lanes, before)
        work[row + count] = work[total + count] + work[zero + 2 * lanes - 1]
        store(work, zero + lanes, before_above)
        work[total + count] = work[zero + 2 * lanes - 1]
