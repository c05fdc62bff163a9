"""The passes of a trigonometric transform over rows of lanes; `tensorfem.kron.transform_plan` says which, in what order.

A row is two registers of numbers, one of each line. The lines of the first are taken as real parts and those of the second as imaginary
parts wherever a complex transform does two real ones at once. Positions and strides are given in numbers.
"""

import math
from typing import Any

from tensorfem.kron.kernels.jit import kernel
from tensorfem.kron.kernels.lanes import load, store

SINE_OF_THIRD = math.sqrt(0.75)
COSINE_1, SINE_1 = (math.sqrt(5) - 1) / 4, math.sqrt((5 + math.sqrt(5)) / 8)  # of a fifth of the circle, and of two
COSINE_2, SINE_2 = (-math.sqrt(5) - 1) / 4, math.sqrt((5 - math.sqrt(5)) / 8)


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
    """From pairs (c_k, c_(m-k)) to g_k = (cosine + i sine) (c_k - i c_(m-k)) and its conjugate; one line plus i times the other."""
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
        for start in range(i, size, length):
            here, there = first + start * step, first + (start + half) * step
            r0, i0, r1, i1 = load(rows, here), load(rows, here + lanes), load(rows, there), load(rows, there + lanes)
            store(rows, here, r0 + r1)
            store(rows, here + lanes, i0 + i1)
            _turn(rows, lanes, there, r0 - r1, i0 - i1, factors[2 * i], factors[2 * i + 1])


@kernel
def _turn(rows: Any, lanes: int, place: int, real: Any, imag: Any, cosine: float, sine: float) -> None:
    """Store a complex number times one on the unit circle."""
    store(rows, place, real * cosine - imag * sine)
    store(rows, place + lanes, real * sine + imag * cosine)


@kernel
def radix_three(rows: Any, lanes: int, first: int, step: int, size: int, length: int, factors: Any) -> None:
    """As `radix_two`, in three parts."""
    part = length // 3
    for i in range(part):
        c1, s1, c2, s2 = factors[4 * i], factors[4 * i + 1], factors[4 * i + 2], factors[4 * i + 3]
        for start in range(i, size, length):
            p0 = first + start * step
            p1, p2 = p0 + part * step, p0 + 2 * part * step
            r0, i0, r1, i1 = load(rows, p0), load(rows, p0 + lanes), load(rows, p1), load(rows, p1 + lanes)
            r2, i2 = load(rows, p2), load(rows, p2 + lanes)
            sum_r, sum_i, turn_r, turn_i = r1 + r2, i1 + i2, (i2 - i1) * SINE_OF_THIRD, (r1 - r2) * SINE_OF_THIRD
            store(rows, p0, r0 + sum_r)
            store(rows, p0 + lanes, i0 + sum_i)
            r0, i0 = r0 - sum_r * 0.5, i0 - sum_i * 0.5
            _turn(rows, lanes, p1, r0 + turn_r, i0 + turn_i, c1, s1)
            _turn(rows, lanes, p2, r0 - turn_r, i0 - turn_i, c2, s2)


@kernel
def radix_four(rows: Any, lanes: int, first: int, step: int, size: int, length: int, factors: Any) -> None:
    """As `radix_two`, in four parts."""
    part = length // 4
    for i in range(part):
        c1, s1, c2, s2 = factors[6 * i], factors[6 * i + 1], factors[6 * i + 2], factors[6 * i + 3]
        c3, s3 = factors[6 * i + 4], factors[6 * i + 5]
        for start in range(i, size, length):
            p0 = first + start * step
            p1, p2, p3 = p0 + part * step, p0 + 2 * part * step, p0 + 3 * part * step
            r0, i0, r1, i1 = load(rows, p0), load(rows, p0 + lanes), load(rows, p1), load(rows, p1 + lanes)
            r2, i2, r3, i3 = load(rows, p2), load(rows, p2 + lanes), load(rows, p3), load(rows, p3 + lanes)
            even_r, even_i, odd_r, odd_i = r0 + r2, i0 + i2, r1 + r3, i1 + i3
            store(rows, p0, even_r + odd_r)
            store(rows, p0 + lanes, even_i + odd_i)
            _turn(rows, lanes, p2, even_r - odd_r, even_i - odd_i, c2, s2)
            even_r, even_i, odd_r, odd_i = r0 - r2, i0 - i2, i3 - i1, r1 - r3
            _turn(rows, lanes, p1, even_r + odd_r, even_i + odd_i, c1, s1)
            _turn(rows, lanes, p3, even_r - odd_r, even_i - odd_i, c3, s3)


@kernel
def radix_five(rows: Any, lanes: int, first: int, step: int, size: int, length: int, factors: Any) -> None:
    """As `radix_two`, in five parts."""
    part = length // 5
    for i in range(part):
        c1, s1, c2, s2 = factors[8 * i], factors[8 * i + 1], factors[8 * i + 2], factors[8 * i + 3]
        c3, s3, c4, s4 = factors[8 * i + 4], factors[8 * i + 5], factors[8 * i + 6], factors[8 * i + 7]
        for start in range(i, size, length):
            p0 = first + start * step
            p1, p2, p3, p4 = p0 + part * step, p0 + 2 * part * step, p0 + 3 * part * step, p0 + 4 * part * step
            r0, i0, r1, i1 = load(rows, p0), load(rows, p0 + lanes), load(rows, p1), load(rows, p1 + lanes)
            r4, i4 = load(rows, p4), load(rows, p4 + lanes)
            r2, i2, r3, i3 = load(rows, p2), load(rows, p2 + lanes), load(rows, p3), load(rows, p3 + lanes)
            r1, i1, r4, i4 = r1 + r4, i1 + i4, r1 - r4, i1 - i4
            r2, i2, r3, i3 = r2 + r3, i2 + i3, r2 - r3, i2 - i3
            store(rows, p0, r0 + r1 + r2)
            store(rows, p0 + lanes, i0 + i1 + i2)
            even_r, even_i = r0 + r1 * COSINE_1 + r2 * COSINE_2, i0 + i1 * COSINE_1 + i2 * COSINE_2
            odd_r, odd_i = i4 * SINE_1 + i3 * SINE_2, r4 * SINE_1 + r3 * SINE_2
            _turn(rows, lanes, p1, even_r - odd_r, even_i + odd_i, c1, s1)
            _turn(rows, lanes, p4, even_r + odd_r, even_i - odd_i, c4, s4)
            even_r, even_i = r0 + r1 * COSINE_2 + r2 * COSINE_1, i0 + i1 * COSINE_2 + i2 * COSINE_1
            odd_r, odd_i = i4 * SINE_2 - i3 * SINE_1, r4 * SINE_2 - r3 * SINE_1
            _turn(rows, lanes, p2, even_r - odd_r, even_i + odd_i, c2, s2)
            _turn(rows, lanes, p3, even_r + odd_r, even_i - odd_i, c3, s3)


@kernel
def radix_odd(rows: Any, lanes: int, first: int, step: int, size: int, length: int, radix: int, factors: Any, scratch: int) -> None:
    """As `radix_two`, in an odd number of parts; the factors begin with the cosines and sines of the radix."""
    part = length // radix
    for i in range(part):
        twiddles = factors[2 * radix + 2 * i * (radix - 1) :]
        for start in range(i, size, length):
            here = first + start * step
            _pair(rows, lanes, here, part * step, radix, scratch)
            for j in range(1, radix // 2 + 1):
                _combine(rows, lanes, here, part * step, radix, j, factors, twiddles, scratch)


@kernel
def _pair(rows: Any, lanes: int, here: int, apart: int, radix: int, scratch: int) -> None:
    """Sums and differences of the parts n and radix - n, into the scratch rows; the sum of all."""
    total_r, total_i = load(rows, here), load(rows, here + lanes)
    store(rows, scratch, total_r)
    store(rows, scratch + lanes, total_i)
    one, other, plus, minus = here, here + radix * apart, scratch, scratch + 2 * radix * lanes
    for _ in range(radix // 2):
        one, other, plus, minus = one + apart, other - apart, plus + 2 * lanes, minus - 2 * lanes
        r1, i1, r2, i2 = load(rows, one), load(rows, one + lanes), load(rows, other), load(rows, other + lanes)
        total_r, total_i = total_r + (r1 + r2), total_i + (i1 + i2)
        store(rows, plus, r1 + r2)
        store(rows, plus + lanes, i1 + i2)
        store(rows, minus, r1 - r2)
        store(rows, minus + lanes, i1 - i2)
    store(rows, here, total_r)
    store(rows, here + lanes, total_i)


@kernel
def _combine(rows: Any, lanes: int, here: int, apart: int, radix: int, j: int, factors: Any, twiddles: Any, scratch: int) -> None:
    """The parts j and radix - j of the result: sums times cosines, plus and minus i times differences times sines."""
    even_r, even_i = load(rows, scratch), load(rows, scratch + lanes)
    odd_r, odd_i = even_r * 0.0, even_i * 0.0
    angle, plus, minus = 0, scratch, scratch + 2 * radix * lanes
    for _ in range(radix // 2):
        angle, plus, minus = angle + 2 * j, plus + 2 * lanes, minus - 2 * lanes
        if angle >= 2 * radix:
            angle -= 2 * radix
        cosine, sine = factors[angle], factors[angle + 1]
        even_r, even_i = even_r + load(rows, plus) * cosine, even_i + load(rows, plus + lanes) * cosine
        odd_r, odd_i = odd_r + load(rows, minus + lanes) * sine, odd_i + load(rows, minus) * sine
    far = radix - j
    _turn(rows, lanes, here + j * apart, even_r - odd_r, even_i + odd_i, twiddles[2 * j - 2], twiddles[2 * j - 1])
    _turn(rows, lanes, here + far * apart, even_r + odd_r, even_i - odd_i, twiddles[2 * far - 2], twiddles[2 * far - 1])


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
