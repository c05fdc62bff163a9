"""The passes of a trigonometric transform over rows of lanes; `tensorfem.kron.transform_plan` says which, in what order.

A row is two registers of numbers, one of each line. The lines of the first are taken as real parts and those of the second as imaginary
parts wherever a complex transform does two real ones at once. Positions and strides are given in numbers.
"""

from typing import Any

from tensorfem.kron.kernels.jit import kernel
from tensorfem.kron.kernels.lanes import load, store


@kernel
def fold_sine(rows: Any, lanes: int, low: int, high: int, count: int) -> None:
    """(low, high) = (low - high, low + high), for rows from `low` upwards and from `high` downwards."""
    for _ in range(count):
        for part in range(0, 2 * lanes, lanes):
            one, other = load(rows, low + part), load(rows, high + part)
            store(rows, low + part, one - other)
            store(rows, high + part, one + other)
        low, high = low + 2 * lanes, high - 2 * lanes


@kernel
def fold_cosine(rows: Any, lanes: int, low: int, high: int, count: int) -> None:
    """(low, high) = (low + high, low - high), for rows from `low` upwards and from `high` downwards."""
    for _ in range(count):
        for part in range(0, 2 * lanes, lanes):
            one, other = load(rows, low + part), load(rows, high + part)
            store(rows, low + part, one + other)
            store(rows, high + part, one - other)
        low, high = low + 2 * lanes, high - 2 * lanes


@kernel
def enter(rows: Any, lanes: int, places: Any, factors: Any, count: int) -> None:
    """From pairs of coefficients (c_k, c_(m-k)) of two real lines to the complex ones that both lines need at k and m - k."""
    for k in range(count):
        here, there = places[2 * k] * 2 * lanes, places[2 * k + 1] * 2 * lanes
        cosine, sine = factors[2 * k], factors[2 * k + 1]
        a, b = load(rows, here), load(rows, here + lanes)
        a_far, b_far = load(rows, there), load(rows, there + lanes)
        a_real, a_imag = a * cosine + a_far * sine, a * sine - a_far * cosine
        b_real, b_imag = b * cosine + b_far * sine, b * sine - b_far * cosine
        store(rows, here, a_real - b_imag)
        store(rows, here + lanes, a_imag + b_real)
        store(rows, there, a_real + b_imag)
        store(rows, there + lanes, b_real - a_imag)


@kernel
def leave(rows: Any, lanes: int, places: Any, factors: Any, count: int) -> None:
    """The transpose of `enter`."""
    for k in range(count):
        here, there = places[2 * k] * 2 * lanes, places[2 * k + 1] * 2 * lanes
        cosine, sine = factors[2 * k], factors[2 * k + 1]
        real, imag = load(rows, here), load(rows, here + lanes)
        real_far, imag_far = load(rows, there), load(rows, there + lanes)
        a_real, a_imag = real + real_far, imag - imag_far
        b_real, b_imag = imag + imag_far, real_far - real
        store(rows, here, a_real * cosine - a_imag * sine)
        store(rows, here + lanes, b_real * cosine - b_imag * sine)
        store(rows, there, a_real * sine + a_imag * cosine)
        store(rows, there + lanes, b_real * sine + b_imag * cosine)


@kernel
def scale_row(rows: Any, lanes: int, row: int, factor: float) -> None:
    """Multiply one row by a number."""
    for part in range(0, 2 * lanes, lanes):
        store(rows, row + part, load(rows, row + part) * factor)


@kernel
def radix_two(rows: Any, lanes: int, first: int, step: int, size: int, length: int, factors: Any) -> None:
    """One pass of a complex Fourier transform in place: every `length` rows of `size` are halved (decimation in frequency)."""
    half = length // 2
    for i in range(half):
        cosine, sine = factors[2 * i], factors[2 * i + 1]
        for start in range(i, size, length):
            here, there = first + start * step, first + (start + half) * step
            real, imag = load(rows, here), load(rows, here + lanes)
            real_far, imag_far = load(rows, there), load(rows, there + lanes)
            store(rows, here, real + real_far)
            store(rows, here + lanes, imag + imag_far)
            real, imag = real - real_far, imag - imag_far
            store(rows, there, real * cosine - imag * sine)
            store(rows, there + lanes, real * sine + imag * cosine)


@kernel
def radix_four(rows: Any, lanes: int, first: int, step: int, size: int, length: int, factors: Any) -> None:
    """As `radix_two`, in four parts."""
    part = length // 4
    for i in range(part):
        c1, s1, c2, s2, c3, s3 = factors[6 * i], factors[6 * i + 1], factors[6 * i + 2], factors[6 * i + 3], factors[6 * i + 4], factors[6 * i + 5]
        for start in range(i, size, length):
            p0 = first + start * step
            p1, p2, p3 = p0 + part * step, p0 + 2 * part * step, p0 + 3 * part * step
            r0, i0, r1, i1 = load(rows, p0), load(rows, p0 + lanes), load(rows, p1), load(rows, p1 + lanes)
            r2, i2, r3, i3 = load(rows, p2), load(rows, p2 + lanes), load(rows, p3), load(rows, p3 + lanes)
            a_r, a_i, b_r, b_i = r0 + r2, i0 + i2, r0 - r2, i0 - i2
            c_r, c_i, d_r, d_i = r1 + r3, i1 + i3, i3 - i1, r1 - r3
            store(rows, p0, a_r + c_r)
            store(rows, p0 + lanes, a_i + c_i)
            x, y = b_r + d_r, b_i + d_i
            store(rows, p1, x * c1 - y * s1)
            store(rows, p1 + lanes, x * s1 + y * c1)
            x, y = a_r - c_r, a_i - c_i
            store(rows, p2, x * c2 - y * s2)
            store(rows, p2 + lanes, x * s2 + y * c2)
            x, y = b_r - d_r, b_i - d_i
            store(rows, p3, x * c3 - y * s3)
            store(rows, p3 + lanes, x * s3 + y * c3)


@kernel
def radix_odd(rows: Any, lanes: int, first: int, step: int, size: int, length: int, radix: int, factors: Any, scratch: int) -> None:
    """As `radix_two`, in an odd number of parts; the factors begin with the cosines and sines of the radix."""
    part, half = length // radix, radix // 2
    for i in range(part):
        twiddles = 2 * radix + 2 * i * (radix - 1)
        for start in range(i, size, length):
            here = first + start * step
            _pair(rows, lanes, here, part * step, radix, scratch)
            for j in range(half + 1):
                _combine(rows, lanes, here, part * step, radix, j, factors, twiddles, scratch)


@kernel
def _pair(rows: Any, lanes: int, here: int, apart: int, radix: int, scratch: int) -> None:
    """Sums and differences of the parts n and radix - n, into the scratch rows."""
    store(rows, scratch, load(rows, here))
    store(rows, scratch + lanes, load(rows, here + lanes))
    for n in range(1, radix // 2 + 1):
        for register in range(0, 2 * lanes, lanes):
            one, other = load(rows, here + n * apart + register), load(rows, here + (radix - n) * apart + register)
            store(rows, scratch + 2 * n * lanes + register, one + other)
            store(rows, scratch + 2 * (radix - n) * lanes + register, one - other)


@kernel
def _combine(rows: Any, lanes: int, here: int, apart: int, radix: int, j: int, factors: Any, twiddles: int, scratch: int) -> None:
    """The parts j and radix - j of the result: sums times cosines, plus and minus i times differences times sines."""
    real, imag = load(rows, scratch), load(rows, scratch + lanes)
    more_real, more_imag = real * 0.0, imag * 0.0
    angle, plus, minus = 0, scratch, scratch + 2 * radix * lanes
    for _ in range(radix // 2):
        angle, plus, minus = angle + 2 * j, plus + 2 * lanes, minus - 2 * lanes
        if angle >= 2 * radix:
            angle -= 2 * radix
        real, imag = real + load(rows, plus) * factors[angle], imag + load(rows, plus + lanes) * factors[angle]
        more_real = more_real + load(rows, minus + lanes) * factors[angle + 1]
        more_imag = more_imag + load(rows, minus) * factors[angle + 1]
    if j == 0:
        store(rows, here, real)
        store(rows, here + lanes, imag)
        return
    for sign, place in ((1.0, j), (-1.0, radix - j)):
        cosine, sine = factors[twiddles + 2 * place - 2], factors[twiddles + 2 * place - 1]
        x, y = real - more_real * sign, imag + more_imag * sign
        store(rows, here + place * apart, x * cosine - y * sine)
        store(rows, here + place * apart + lanes, x * sine + y * cosine)


@kernel
def multiply(rows: Any, lanes: int, source: int, columns: int, target: int, count: int, matrix: Any) -> None:
    """Rows `target` ... of a (count, columns) matrix times rows `source` ...; two at a time."""
    for i in range(0, count - 1, 2):
        a, b = load(rows, source) * matrix[i * columns], load(rows, source + lanes) * matrix[i * columns]
        c, d = load(rows, source) * matrix[(i + 1) * columns], load(rows, source + lanes) * matrix[(i + 1) * columns]
        for j in range(1, columns):
            one, other = load(rows, source + 2 * j * lanes), load(rows, source + (2 * j + 1) * lanes)
            first, second = matrix[i * columns + j], matrix[(i + 1) * columns + j]
            a, b, c, d = a + one * first, b + other * first, c + one * second, d + other * second
        place = target + 2 * i * lanes
        store(rows, place, a)
        store(rows, place + lanes, b)
        store(rows, place + 2 * lanes, c)
        store(rows, place + 3 * lanes, d)
    for i in range(count - count % 2, count):
        for part in range(0, 2 * lanes, lanes):
            a = load(rows, source + part) * matrix[i * columns]
            for j in range(1, columns):
                a = a + load(rows, source + 2 * j * lanes + part) * matrix[i * columns + j]
            store(rows, target + 2 * i * lanes + part, a)
