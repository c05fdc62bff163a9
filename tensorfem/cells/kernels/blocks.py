"""Blocks of sums in registers: some rows of a small table times some columns of lanes.

Rows and columns are counted by tuples, whose lengths numba knows when it compiles.
"""

import itertools
from typing import Any

from numba import types

from tensorfem.kron.kernels.lanes import Lanes, instruction, ir, read_lanes, spread, write_lanes, place

def _block(array: Any, rows: Any, columns: Any) -> Any:
    return types.UniTuple(Lanes(array.dtype), len(rows) * len(columns))


def _places(builder: Any, start: Any, across: Any, along: Any, rows: Any, columns: Any) -> list[Any]:
    """The places of all entries of a block, row by row."""
    number = start.type
    ends = [builder.add(start, builder.mul(along, number(r))) for r in range(len(rows))]
    return [builder.add(end, builder.mul(across, number(c))) for end, c in itertools.product(ends, range(len(columns)))]


@instruction
def no_sums(_: Any, array: Any, rows: Any, columns: Any) -> Any:
    """Zeros: a tuple of ``len(rows) * len(columns)`` lanes, row by row."""

    def generate(context: Any, builder: Any, call: Any, values: Any) -> Any:
        vector = context.get_value_type(call.return_type.dtype)
        zero = ir.Constant(vector, [0.0] * vector.count)
        return context.make_tuple(builder, call.return_type, [zero] * len(call.return_type))

    return _block(array, rows, columns)(array, rows, columns), generate


@instruction
def load_block(_: Any, array: Any, start: Any, along: Any, across: Any, rows: Any, columns: Any) -> Any:
    """The lanes at ``start + r * along + c * across``."""

    def generate(context: Any, builder: Any, call: Any, values: Any) -> Any:
        entries = _places(builder, values[1], values[3], values[2], rows, columns)
        read = [read_lanes(context, builder, call.args[0], values[0], entry) for entry in entries]
        return context.make_tuple(builder, call.return_type, read)

    return _block(array, rows, columns)(array, types.intp, types.intp, types.intp, rows, columns), generate


@instruction
def store_block(_: Any, array: Any, start: Any, along: Any, across: Any, rows: Any, columns: Any, sums: Any) -> Any:
    """Put a block where `load_block` finds it."""

    def generate(context: Any, builder: Any, call: Any, values: Any) -> Any:
        for k, entry in enumerate(_places(builder, values[1], values[3], values[2], rows, columns)):
            write_lanes(context, builder, call.args[0], values[0], entry, builder.extract_value(values[6], k))
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, types.intp, rows, columns, sums), generate


@instruction
def add_products(_: Any, sums: Any, array: Any, start: Any, across: Any, table: Any, t: Any, along: Any, rows: Any, columns: Any) -> Any:
    """Add the products of ``table[t + r * along]``, numbers or lanes, and the lanes at ``start + c * across``."""

    def generate(context: Any, builder: Any, call: Any, values: Any) -> Any:
        vector = context.get_value_type(sums.dtype)
        number = values[2].type
        starts = [builder.add(values[2], builder.mul(values[3], number(c))) for c in range(len(columns))]
        lines = [read_lanes(context, builder, call.args[1], values[1], entry) for entry in starts]
        name = f"llvm.fmuladd.{sums.dtype.suffix.removesuffix('.p0')}"
        fused = builder.module.declare_intrinsic(name, (), ir.FunctionType(vector, [vector] * 3))
        result = []
        for r in range(len(rows)):
            entry = builder.add(values[5], builder.mul(values[6], number(r)))
            factor = _factor(context, builder, call.args[4], values[4], entry, vector)
            before = [builder.extract_value(values[0], r * len(columns) + c) for c in range(len(columns))]
            result += [builder.call(fused, [factor, line, old]) for line, old in zip(lines, before, strict=True)]
        return context.make_tuple(builder, sums, result)

    return sums(sums, array, types.intp, types.intp, table, types.intp, types.intp, rows, columns), generate


def _factor(context: Any, builder: Any, kind: Any, table: Any, entry: Any, vector: Any) -> Any:
    """An entry of a vector, in all lanes, or a row of a matrix."""
    if kind.ndim == 1:
        return spread(builder, vector, builder.load(place(context, builder, kind, table, entry)))
    return read_lanes(context, builder, kind, table, builder.mul(entry, entry.type(vector.count)))


@instruction
def load_row(_: Any, table: Any, t: Any) -> Any:
    """The lanes of a row of a matrix."""

    def generate(context: Any, builder: Any, call: Any, values: Any) -> Any:
        return _factor(context, builder, call.args[0], *values, context.get_value_type(call.return_type))

    return Lanes(table.dtype)(table, types.intp), generate
