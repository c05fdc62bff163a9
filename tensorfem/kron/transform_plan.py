"""Plans of trigonometric transforms: the steps and tables that the compiled kernel works through for each block of lines."""

from dataclasses import dataclass

import numpy as np

from tensorfem.kron.mode_product import Array

FOLD_SINE, FOLD_COSINE, ENTER, LEAVE, SCALE, RADIX, MULTIPLY = range(7)
FEW = 8  # a transform of at most so many cells is a matrix product
RADICES = (4, 2, 3, 5, 7, 11, 13)


@dataclass(frozen=True, eq=False)
class TransformPlan:
    steps: Array
    places: Array
    factors: Array
    ends: Array
    weights: Array
    height: int


class Program:
    def __init__(self, height):
        self.steps, self.places, self.factors = [], [], []
        self.height = height
        self.scratch = 0

    def add(self, what, first=0, other=0, size=0, part=0, factors=(), place=0):
        self.steps.append([what, first, other, size, part, len(self.factors), place, 0])
        self.factors.extend(np.ravel(factors).tolist())

    def multiply(self, first, matrix):
        target = self.height
        self.add(MULTIPLY, first, target, matrix.shape[1], matrix.shape[0], matrix)
        self.height += len(matrix)
        return target + np.arange(len(matrix))

    def sine(self, first, cells):
        """S_k = sum over j of x_j sin(pi j k / cells), k = 1...cells - 1, of the rows from first on: rows of the results and their signs."""
        count, half = cells - 1, (cells - 1) // 2
        rows, signs = np.empty(count, int), np.ones(count)
        self.add(FOLD_SINE, first, first + count - 1, half)
        if cells % 2 or cells <= FEW:
            matrix = on_circle(np.outer(np.arange(1, cells), np.arange(1, cells)), 2 * cells).imag
            if half:
                rows[1::2] = self.multiply(first, matrix[1::2, :half])
            if count:
                rows[::2] = self.multiply(first + half, matrix[::2, half:])
        else:
            rows[1::2], signs[1::2] = self.sine(first, cells // 2)
            rows[::2] = self.third(first + half, 1, cells // 2)
            signs[2::4] = -1
        return rows, signs

    def cosine(self, first, cells):
        """C_k = sum of x_j cos(pi j k / cells)."""
        rows, half = np.empty(cells + 1, int), (cells + 1) // 2
        self.add(FOLD_COSINE, first, first + cells, half)
        if cells % 2 or cells <= FEW:
            matrix = on_circle(np.outer(np.arange(cells + 1), np.arange(cells + 1)), 2 * cells).real
            low = cells // 2 + 1
            rows[::2] = self.multiply(first, matrix[::2, :low])
            rows[1::2] = self.multiply(first + low, matrix[1::2, :half - 1 if False else cells + 1 - low][:, ::-1])
        else:
            rows[::2] = self.cosine(first, cells // 2)
            rows[1::2] = self.third(first + cells, -1, cells // 2)
        return rows

    def third(self, first, step, size):
        """x_n = sum of c_k cos(pi k (2 n + 1) / (2 size))."""
        k = np.arange(size)
        if size <= 3:
            matrix = on_circle(np.outer(2 * k + 1, k), 4 * size).real
            return self.multiply(first, matrix) if step > 0 else self.multiply(first - size + 1, matrix[:, ::-1])
        self.pairs(ENTER, first + step * k, on_circle(k, 4 * size))
        places = first + step * self.fourier(first, step, size)
        return places[np.where(k % 2, size - 1 - k // 2, k // 2)]

    def pairs(self, what, rows, phases):
        size = len(rows)
        k = np.arange(1, (size - 1) // 2 + 1)
        phases = np.asarray(phases)
        self.add(what, size=k.size, factors=np.c_[phases[k].real, phases[k].imag] / 2, place=len(self.places))
        self.places.extend(np.c_[rows[k], rows[-k]].ravel().tolist())
        if size % 2 == 0 and size > 1:
            self.add(SCALE, rows[size // 2], factors=[phases[size // 2].real])

    def fourier(self, first, step, size):
        """Complex Fourier transform with the sign + of the rows; where coefficient k is then, in rows from `first`."""
        radices, length = factorize(size), size
        for radix in radices:
            part = length // radix
            twiddles = on_circle(np.outer(np.arange(part), np.arange(1, radix)), length)
            roots = on_circle(np.arange(radix), radix) if radix not in (2, 4) else np.zeros(0)
            if radix == 2:
                pass
            values = np.concatenate([roots, twiddles.ravel()])
            self.add(RADIX, first, step, size, radix, np.c_[values.real, values.imag], length)
            self.scratch = max(self.scratch, 0 if radix in (2, 4) else radix)
            length = part
        return positions(np.arange(size), size, radices)

    def finish(self, ends, weights, dtype):
        steps = np.array(self.steps, dtype=np.int64).reshape(-1, 8)
        steps[:, 7] = self.height
        return TransformPlan(
            steps,
            np.array(self.places, dtype=np.int64),
            np.array([*self.factors, 0.0], dtype=dtype),
            np.array(ends, dtype=np.int64),
            np.array(weights, dtype=dtype),
            self.height + self.scratch,
        )


def on_circle(numerator, denominator):
    """exp(2 pi i numerator / denominator) to the last digit: by integers the angle is brought below pi/4 first."""
    quarter = (8 * numerator + denominator) // (2 * denominator)
    rest = np.exp(0.5j * np.pi / denominator * (4 * numerator - quarter * denominator))
    return rest * np.array([1, 1j, -1, -1j])[quarter % 4]


def positions(k, length, radices):
    if not radices:
        return np.zeros_like(k)
    part = length // radices[0]
    return k % radices[0] * part + positions(k // radices[0], part, radices[1:])


def factorize(size):
    radices = []
    for radix in (4, 2):
        while size % radix == 0:
            radices.append(radix)
            size //= radix
    divisor = 3
    while size > 1:
        while size % divisor == 0:
            radices.append(divisor)
            size //= divisor
        divisor += 2
    return tuple(sorted(radices, reverse=False))


def transform_plan(kind, cells, forward, dtype):
    n = {"dirichlet-dirichlet": cells - 1, "neumann-neumann": cells + 1}.get(kind, cells)
    program, k, scale = Program(n), np.arange(n), np.sqrt(2 / cells)
    source, before, after = k, np.ones(n), np.full(n, scale)
    match kind:
        case "dirichlet-dirichlet":
            rows, signs = program.sine(0, cells)
            after = scale * signs
        case "neumann-neumann":
            rows = program.cosine(0, cells)
            (after if forward else before)[[0, -1]] *= np.sqrt(0.5)
        case "periodic":
            # packed: 0, then cos, sin; pairs (k, n - k)
            order = np.where(k <= n // 2, np.maximum(2 * k - 1, 0), 2 * (n - k))
            signs = np.where(k <= n // 2, 1.0, -1.0)
            halves = np.where((k == 0) | (2 * k == n), np.sqrt(0.5), 1.0)
            if forward:
                where = program.fourier(0, 1, n)
                program.pairs(LEAVE, where, np.ones(n))
                rows = np.empty(n, int)
                rows[order] = where
                after = np.empty(n)
                after[order] = scale * halves * signs
            else:
                source, before = order, halves * signs
                program.pairs(ENTER, k, np.ones(n))
                rows = program.fourier(0, 1, n)
        case _:
            sine = kind == "dirichlet-neumann"
            alternate = np.where(k % 2, -1.0, 1.0) if sine else np.ones(n)
            turned = k[::-1] if sine else k
            if forward:
                source = turned
                rows = program.third(0, 1, n)
                after = scale * alternate
            else:
                source = np.where(k < (n + 1) // 2, 2 * k, 2 * (n - 1 - k) + 1)
                before = alternate[source]
                where = program.fourier(0, 1, n)
                program.pairs(LEAVE, where, on_circle(k, 4 * n))
                rows = where[turned]
    places=np.empty(n,int)
    places[source]=k
    return program.finish([places, rows], [before[places], after], dtype)
