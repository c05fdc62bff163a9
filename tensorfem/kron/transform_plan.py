"""Plans of trigonometric transforms: the steps and tables that the compiled kernel goes through for each block of lines.

A transform by sines or cosines with both ends alike splits exactly, by sums and differences of mirrored entries, into one of half the
size and one of the third type. This is as stable as a Fourier transform, which shorter ways with cumulative sums are not. One of the third
type is a complex Fourier transform, of two lines at once. What cannot be halved is a matrix product.
"""

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from tensorfem.kron.mode_product import Array

FOLD_SINE, FOLD_COSINE, ENTER, LEAVE, SCALE, FOURIER, MULTIPLY = range(7)
FEW_CELLS = 8  # so few, and odd numbers of cells, are not halved any more
FEW_ROWS = 3  # of a transform of the third type that is a matrix product
LARGEST = 300  # odd number of cells, and prime factor: the tables of larger ones leave the cache


@dataclass(frozen=True, eq=False)
class TransformPlan:
    """The program of one transform.

    Attributes
    ----------
    steps : (steps, 8) int array
        What is done; its numbers, as the methods of the builder below give them.
    places : int array
        Rows of pairs.
    factors : array
        Cosines, sines and matrices.
    ends : (2, n) int array
        The row that entry j is read into, and the row that entry k is written from.
    weights : (2, n) array
        What the entry is multiplied by meanwhile.
    height : int
        Rows of a block.
    """

    steps: Array
    places: Array
    factors: Array
    ends: Array
    weights: Array
    height: int


class _Program:
    """Adds up steps on a block of rows; methods tell in which rows their results are."""

    def __init__(self, height: int) -> None:
        self.steps: list[list[int]] = []
        self.places: list[int] = []
        self.factors: list[float] = []
        self.height, self.scratch = height, 0

    def add(self, what: int, first: int = 0, other: int = 0, size: int = 0, part: int = 0, factors: Any = (), extra: int = 0) -> None:
        self.steps.append([what, first, other, size, part, len(self.factors), extra])
        self.factors.extend(np.ravel(factors).tolist())

    def multiply(self, first: int, matrix: Array) -> Array:
        """A matrix times the rows from `first` on, into new rows."""
        rows, columns = matrix.shape
        self.add(MULTIPLY, first, self.height, columns, rows, matrix)
        self.height += rows
        return np.arange(self.height - rows, self.height)

    def sines(self, first: int, cells: int) -> tuple[Array, Array]:
        """``S_k = sum over j of x_j sin(pi j k / cells)``, j and k = 1, ..., cells - 1: the rows of the results, and their signs."""
        count, half = cells - 1, (cells - 1) // 2
        rows, signs = np.empty(count, dtype=int), np.ones(count)
        self.add(FOLD_SINE, first, first + count - 1, half)
        if cells % 2 or cells <= FEW_CELLS:
            waves = np.arange(1, cells)
            matrix = _on_circle(np.outer(waves, waves), 2 * cells).imag
            rows[1::2], rows[::2] = self.multiply(first, matrix[1::2, :half]), self.multiply(first + half, matrix[::2, half:])
        else:
            rows[1::2], signs[1::2] = self.sines(first, cells // 2)
            rows[::2], signs[2::4] = self.third(first + half, 1, cells // 2), -1.0
        return rows, signs

    def cosines(self, first: int, cells: int) -> Array:
        """``C_k = sum over j of x_j cos(pi j k / cells)``, j and k = 0, ..., cells."""
        rows, low = np.empty(cells + 1, dtype=int), cells // 2 + 1
        self.add(FOLD_COSINE, first, first + cells, (cells + 1) // 2)
        if cells % 2 or cells <= FEW_CELLS:
            waves = np.arange(cells + 1)
            matrix = _on_circle(np.outer(waves, waves), 2 * cells).real
            mirrored = matrix[1::2, : cells + 1 - low][:, ::-1]
            rows[::2], rows[1::2] = self.multiply(first, matrix[::2, :low]), self.multiply(first + low, mirrored)
        else:
            rows[::2], rows[1::2] = self.cosines(first, cells // 2), self.third(first + cells, -1, cells // 2)
        return rows

    def third(self, first: int, step: int, size: int) -> Array:
        """``x_n = sum over k of c_k cos(pi k (2 n + 1) / (2 size))``, c_k in row first + step k (Makhoul, IEEE Trans. ASSP-28 (1980))."""
        k = np.arange(size)
        if size <= FEW_ROWS:
            matrix = _on_circle(np.outer(2 * k + 1, k), 4 * size).real
            return self.multiply(min(first, first + step * (size - 1)), matrix[:, ::step])
        self.pairs(ENTER, first + step * k, _on_circle(k, 4 * size))
        return (first + step * self.fourier(first, step, size))[np.where(k % 2, size - 1 - k // 2, k // 2)]

    def pairs(self, what: int, rows: Array, phases: Array) -> None:
        """Between coefficients of two real lines and one complex line, at k and size - k; the one in the middle is its own partner."""
        size = len(rows)
        k = np.arange(1, (size + 1) // 2)
        self.add(what, size=k.size, factors=_numbers(phases[k] / 2), extra=len(self.places))
        self.places.extend(np.stack([rows[k], rows[-k]], axis=1).ravel().tolist())
        if size % 2 == 0:
            self.add(SCALE, rows[size // 2], factors=[phases[size // 2].real])

    def fourier(self, first: int, step: int, size: int) -> Array:
        """``z_k = sum over j of g_j exp(2 pi i j k / size)``, g_j in row first + step j: how many steps from there z_k is found."""
        radices, length = _factors(size), size
        for radix in radices:
            roots = _on_circle(np.arange(radix), radix) if radix > 5 else np.empty(0)
            twiddles = _on_circle(np.outer(np.arange(length // radix), np.arange(1, radix)), length)
            self.add(FOURIER, first, step, size, radix, np.concatenate([_numbers(roots), _numbers(twiddles)]), length)
            self.scratch = max(self.scratch, len(roots))
            length //= radix
        return _positions(np.arange(size), size, radices)

    def finish(self, ends: tuple[Array, Array], weights: tuple[Array, Array], dtype: Any) -> TransformPlan:
        steps = np.array([[*step, self.height] for step in self.steps], dtype=np.int64).reshape(-1, 8)
        places, factors = np.array(self.places, dtype=np.int64), np.array(self.factors, dtype=dtype)
        height = self.height + self.scratch
        return TransformPlan(steps, places, factors, np.array(ends, dtype=np.int64), np.array(weights, dtype=dtype), height)


def _numbers(values: Array) -> Array:
    """Real and imaginary parts in turn."""
    return np.stack([values.real, values.imag], axis=-1).ravel()


def _on_circle(numerator: Array, denominator: int) -> Array:
    """exp(2 pi i numerator / denominator) to the last digit: integers bring the angle below pi / 4 first."""
    quarters = (8 * numerator + denominator) // (2 * denominator)
    rest = 4 * numerator - quarters * denominator
    turned: Array = np.exp(0.5j * np.pi / denominator * rest) * np.array([1, 1j, -1, -1j])[quarters % 4]
    return turned


def _positions(k: Array, length: int, radices: tuple[int, ...]) -> Array:
    if not radices:
        return np.zeros_like(k)
    part = length // radices[0]
    return k % radices[0] * part + _positions(k // radices[0], part, radices[1:])


@functools.cache
def _factors(size: int) -> tuple[int, ...]:
    """Fours, then what is left in prime factors, in increasing order."""
    found, divisor = [], 4
    while size > 1:
        while size % divisor == 0:
            found.append(divisor)
            size //= divisor
        divisor = {4: 2, 2: 3}.get(divisor, divisor + 2)
        divisor = divisor if divisor * divisor <= size or divisor <= 3 else size
    return tuple(sorted(found))


def operations(kind: str, cells: int) -> float:
    """The work of a plan per entry, in operations of its Fourier transforms; infinite where the tables would be too large.

    Examples
    --------
    >>> operations("periodic", 64) < operations("periodic", 61) < operations("periodic", 307)
    True
    """
    return _halved(cells) if kind in {"dirichlet-dirichlet", "neumann-neumann"} else 4 + _fourier(cells)


def _halved(cells: int) -> float:
    if cells % 2 or cells <= FEW_CELLS:
        return 1 + cells / 2 if cells <= LARGEST else math.inf  # operations of matrix products take half as long
    return 1 + (_halved(cells // 2) + 4 + _fourier(cells // 2)) / 2


def _fourier(size: int) -> float:
    return sum(4.5 if radix <= 5 else radix + 8 if radix <= LARGEST else math.inf for radix in _factors(size))


@functools.lru_cache(maxsize=32)
def transform_plan(kind: str, cells: int, forward: bool, dtype: Any) -> TransformPlan:
    """The plan of a transform by the orthonormal columns of one kind, as `tensorfem.kron.TrigonometricEigenbasis` has them.

    Parameters
    ----------
    kind : str
        Its ends.
    cells : int
    forward : bool
        Whether to analyse (multiply by Q^T) or to synthesise (by Q).
    dtype : numpy.dtype
        float32 or float64.

    Examples
    --------
    >>> transform_plan("dirichlet-dirichlet", 128, True, np.dtype(float)).ends.shape
    (2, 127)
    """
    n = cells + {"dirichlet-dirichlet": -1, "neumann-neumann": 1}.get(kind, 0)
    program, scale, k = _Program(n), math.sqrt(2 / cells), np.arange(n)
    match kind:
        case "dirichlet-dirichlet":
            rows, signs = program.sines(0, cells)
            ends, weights = (k, rows), (np.ones(n), scale * signs)
        case "neumann-neumann":
            halves = np.where((k == 0) | (k == cells), math.sqrt(0.5), 1.0)
            ends = k, program.cosines(0, cells)
            weights = (np.full(n, scale), halves) if forward else (halves, np.full(n, scale))
        case "periodic":
            ends, weights = _periodic(program, n, forward)
        case _:
            ends, weights = _mixed(program, n, forward, reverse=kind == "dirichlet-neumann")
    return program.finish(ends, weights, dtype)


def _periodic(program: _Program, n: int, forward: bool) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Constant, then cosine and minus sine of each frequency: the coefficients c_k and c_(n-k) of a pair."""
    k = np.arange(n)
    packed = np.where(k > n // 2, 2 * (n - k), np.maximum(2 * k - 1, 0))  # where c_k is found among the entries
    order = np.argsort(packed)
    weights = np.where((k == 0) | (2 * k == n), math.sqrt(1 / n), np.where(k > n // 2, -1, 1) * math.sqrt(2 / n))[order]
    if forward:
        rows = program.fourier(0, 1, n)
        program.pairs(LEAVE, rows, np.ones(n))
        return (k, rows[order]), (np.ones(n), weights)
    program.pairs(ENTER, k, np.ones(n))
    return (order, program.fourier(0, 1, n)), (weights, np.ones(n))


def _mixed(program: _Program, n: int, forward: bool, reverse: bool) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Types III and II of cosines; those of sines read or write in reverse, with alternating signs on the other side."""
    k = np.arange(n)
    turned, signs = (k[::-1], np.where(k % 2, -1.0, 1.0)) if reverse else (k, np.ones(n))
    weights = np.full(n, math.sqrt(2 / n)), signs
    if forward:
        return (turned, program.third(0, 1, n)), weights
    rows = program.fourier(0, 1, n)
    program.pairs(LEAVE, rows, _on_circle(k, 4 * n))
    return (np.where(k % 2, n - 1 - k // 2, k // 2), rows[turned]), weights[::-1]
