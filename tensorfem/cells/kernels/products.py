"""Small tables times lines in registers, with half the products where the table is symmetric or antisymmetric.

A table T of m x n entries with ``T[m-1-c, n-1-r] = T[c, r]`` takes what is even to what is even, and odd to odd; one with a minus sign, as
that of derivatives at symmetric points, even to odd and odd to even (Kronbichler & Kormann, ACM Trans. Math. Softw. 45, 2019). Such a
table comes folded: see `tensorfem.cells.contraction_tables.folded`.
"""

from typing import Any

from numba import types

from tensorfem.cells.kernels.lines import places
from tensorfem.kron.kernels.lanes import CONTRACTED, instruction, ir, place, read_lanes, spread

PLAIN, EVEN, ODD = 0, 1, 2  # tables as they are; folded, symmetric; folded, antisymmetric
Values = list[Any]


@instruction
def add_products(_: Any, sums: Any, line: Any, table: Any, t: Any, transposed: Any, lanewise: Any, parity: Any) -> Any:
    """``sums[r] + sum_c T[c, r] line[c]``, or with ``T[r, c]``.

    Parameters
    ----------
    sums, line : lines
    table : flat array
        From entry t on that of T.
    transposed : bool
    lanewise : tuple
        Entries are lanes unless it is empty.
    parity : tuple
        PLAIN, EVEN or ODD long.
    """
    multiply = _plain if len(parity) == PLAIN else _folded

    def generate(context: Any, builder: Any, call: Any, values: Any) -> Any:
        vector = context.get_value_type(sums.dtype)
        table_at = _Table(context, builder, table, values[2], vector, len(lanewise) > 0)
        before, numbers = ([builder.extract_value(given, k) for k in range(given.type.count)] for given in values[:2])
        result = multiply(builder, table_at, before, numbers, values[3], values[4], len(parity) == ODD)
        return context.make_tuple(builder, sums, result)

    return sums(sums, line, table, types.intp, types.boolean, lanewise, parity), generate


class _Table:
    """Products with entries of a table, as the compiler is told of them."""

    def __init__(self, context: Any, builder: Any, kind: Any, array: Any, vector: Any, lanewise: bool) -> None:
        self.context, self.builder, self.kind, self.array, self.vector, self.lanewise = context, builder, kind, array, vector, lanewise
        suffix = f"v{vector.count}f{kind.dtype.bitwidth}"
        form = ir.FunctionType(vector, [vector] * 3)
        self.fused = builder.module.declare_intrinsic(f"llvm.fmuladd.{suffix}", (), form)

    def entry(self, index: Any) -> Any:
        if self.lanewise:
            index = self.builder.mul(index, index.type(self.vector.count))
            return read_lanes(self.context, self.builder, self.kind, self.array, index)
        return spread(self.builder, self.vector, self.builder.load(place(self.context, self.builder, self.kind, self.array, index)))

    def products(self, sums: Values, numbers: Values, start: Any, row: Any, term: Any) -> Values:
        """``sums[r] + sum_c table[start + r * row + c * term] numbers[c]``."""
        for index, number in zip(places(self.builder, start, term, len(numbers)), numbers, strict=True):
            rows = places(self.builder, index, row, len(sums))
            sums = [self.builder.call(self.fused, [self.entry(entry), number, old]) for entry, old in zip(rows, sums, strict=True)]
        return sums


def _plain(builder: Any, table: _Table, sums: Values, line: Values, t: Any, transposed: Any, _: bool) -> Values:
    row, term = _steps(builder, len(sums), len(line), t.type, transposed)
    return table.products(sums, line, t, row, term)


def _folded(builder: Any, table: _Table, sums: Values, line: Values, t: Any, transposed: Any, odd: bool) -> Values:
    """The even and the odd part of the line, and then those of the result."""
    n, m = len(sums), len(line)
    row, term = _steps(builder, n, m, t.type, transposed)
    inputs = _even(builder, line), _odd(builder, line)
    back = builder.mul(t.type(-1), row), builder.mul(t.type(-1), term)
    last = builder.mul(row, t.type(n - 1)), builder.mul(term, t.type(m - 1))
    upper = [t, row, term]
    lower = [  # the other half of the table has its columns from the last on
        builder.select(transposed, *pair) for pair in ((builder.add(t, last[1]), builder.add(t, last[0])), (row, back[0]), (back[1], term))
    ]
    swapped = [builder.select(transposed, *pair) for pair in zip(lower, upper, strict=True)]
    other = [builder.select(transposed, *pair) for pair in zip(upper, lower, strict=True)]
    first, second = (swapped, other) if odd else (upper, lower)
    zero = ir.Constant(table.vector, [0.0] * table.vector.count)
    even = table.products([zero] * (n - n // 2), inputs[odd], *first)
    rest = table.products([zero] * (n // 2), inputs[not odd], *second)
    return _unfolded(builder, sums, even, rest)


def _steps(builder: Any, rows: int, terms: int, integer: Any, transposed: Any) -> tuple[Any, Any]:
    """How far it is in a table of (terms, rows) entries, or of (rows, terms), from row to row and from term to term."""
    one = integer(1)
    return builder.select(transposed, integer(terms), one), builder.select(transposed, one, integer(rows))


def _even(builder: Any, line: Values) -> Values:
    half = len(line) // 2
    sums = [builder.fadd(line[k], line[-1 - k], flags=CONTRACTED) for k in range(half)]
    return sums + line[half : len(line) - half]


def _odd(builder: Any, line: Values) -> Values:
    return [builder.fsub(line[k], line[-1 - k], flags=CONTRACTED) for k in range(len(line) // 2)]


def _unfolded(builder: Any, sums: Values, even: Values, odd: Values) -> Values:
    """The sums, each with what is even and what is odd."""
    left = [builder.fadd(first, second, flags=CONTRACTED) for first, second in zip(even, odd, strict=False)]
    right = [builder.fsub(first, second, flags=CONTRACTED) for first, second in zip(even, odd, strict=False)]
    found = left + even[len(odd) :] + right[::-1]
    return [builder.fadd(old, new, flags=CONTRACTED) for old, new in zip(sums, found, strict=True)]
