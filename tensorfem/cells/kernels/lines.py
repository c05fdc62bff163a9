"""Lines in registers: some lanes side by side, as many as a tuple is long, which numba knows when it compiles."""

from typing import Any

from numba import types

from tensorfem.kron.kernels.lanes import CONTRACTED, Lanes, instruction, ir, place, read_lanes, spread, write_lanes


@instruction
def stay_apart(_: Any) -> Any:
    """Keep the function that this is called in from being copied into those that call it, which would take long to compile."""

    def generate(context: Any, builder: Any, call: Any, values: Any) -> Any:
        builder.function.attributes.add("noinline")
        return context.get_dummy_value()

    return types.void(), generate


def _line(array: Any, length: Any) -> Any:
    return types.UniTuple(Lanes(array.dtype), len(length))


def _places(builder: Any, start: Any, step: Any, count: int) -> list[Any]:
    return [builder.add(start, builder.mul(step, start.type(k))) for k in range(count)]


@instruction
def no_line(_: Any, array: Any, length: Any) -> Any:
    """Zeros."""

    def generate(context: Any, builder: Any, call: Any, values: Any) -> Any:
        vector = context.get_value_type(call.return_type.dtype)
        zero = ir.Constant(vector, [0.0] * vector.count)
        return context.make_tuple(builder, call.return_type, [zero] * len(call.return_type))

    return _line(array, length)(array, length), generate


@instruction
def load_line(_: Any, array: Any, start: Any, step: Any, length: Any) -> Any:
    """The lanes at ``start + k * step``."""

    def generate(context: Any, builder: Any, call: Any, values: Any) -> Any:
        entries = _places(builder, *values[1:3], len(length))
        return context.make_tuple(builder, call.return_type, [read_lanes(context, builder, array, values[0], entry) for entry in entries])

    return _line(array, length)(array, types.intp, types.intp, length), generate


@instruction
def store_line(_: Any, array: Any, start: Any, step: Any, line: Any) -> Any:
    """Put a line where `load_line` finds it."""

    def generate(context: Any, builder: Any, call: Any, values: Any) -> Any:
        for k, entry in enumerate(_places(builder, *values[1:3], len(line))):
            write_lanes(context, builder, array, values[0], entry, builder.extract_value(values[3], k))
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, line), generate


@instruction
def times_line(_: Any, line: Any, array: Any, start: Any, step: Any) -> Any:
    """A line times that which `load_line` finds."""

    def generate(context: Any, builder: Any, call: Any, values: Any) -> Any:
        entries = _places(builder, *values[2:4], len(line))
        factors = [read_lanes(context, builder, array, values[1], entry) for entry in entries]
        products = [builder.fmul(builder.extract_value(values[0], k), factor, flags=CONTRACTED) for k, factor in enumerate(factors)]
        return context.make_tuple(builder, line, products)

    return line(line, array, types.intp, types.intp), generate


@instruction
def add_products(_: Any, sums: Any, line: Any, table: Any, t: Any, row: Any, term: Any) -> Any:
    """``sums[r] + sum_c table[t + r * row + c * term] line[c]``, of a vector of numbers, or of a matrix of lanes."""

    def generate(context: Any, builder: Any, call: Any, values: Any) -> Any:
        vector = context.get_value_type(sums.dtype)
        name = f"llvm.fmuladd.{sums.dtype.suffix.removesuffix('.p0')}"
        fused = builder.module.declare_intrinsic(name, (), ir.FunctionType(vector, [vector] * 3))
        result = [builder.extract_value(values[0], r) for r in range(len(sums))]
        for c, start in enumerate(_places(builder, values[3], values[5], len(line))):
            number = builder.extract_value(values[1], c)
            for r, entry in enumerate(_places(builder, start, values[4], len(sums))):
                result[r] = builder.call(fused, [_factor(context, builder, table, values[2], entry, vector), number, result[r]])
        return context.make_tuple(builder, sums, result)

    return sums(sums, line, table, types.intp, types.intp, types.intp), generate


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


@instruction
def load_apart(_: Any, array: Any, start: Any, stride: Any, last: Any) -> Any:
    """The lanes ``array[start + stride * min(k, last)]``."""

    def generate(context: Any, builder: Any, call: Any, values: Any) -> Any:
        vector, number = context.get_value_type(call.return_type), values[1].type
        lanes = ir.Constant(vector, ir.Undefined)
        for k in range(vector.count):
            short = builder.icmp_signed("<", values[3], number(k))
            entry = builder.add(values[1], builder.mul(values[2], builder.select(short, values[3], number(k))))
            lanes = builder.insert_element(lanes, builder.load(place(context, builder, call.args[0], values[0], entry)), ir.IntType(32)(k))
        return lanes

    return Lanes(array.dtype)(array, types.intp, types.intp, types.intp), generate


@instruction
def store_apart(_: Any, array: Any, start: Any, stride: Any, lanes: Any) -> Any:
    """Put lane k at ``start + stride * k``."""

    def generate(context: Any, builder: Any, call: Any, values: Any) -> Any:
        for k in range(lanes.count):
            entry = builder.add(values[1], builder.mul(values[2], values[1].type(k)))
            number = builder.extract_element(values[3], ir.IntType(32)(k))
            builder.store(number, place(context, builder, call.args[0], values[0], entry))
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, lanes), generate
