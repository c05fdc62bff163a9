"""Lines in registers: some lanes side by side, as many as a tuple is long, which numba knows when it compiles."""

from typing import Any

from numba import types

from tensorfem.kron.kernels.lanes import CONTRACTED, Lanes, instruction, ir, read_lanes, spread, write_lanes

tuple_of: Any = types.UniTuple  # which has no types of its own


def _line(array: Any, length: Any) -> Any:
    """The type of a line as long as a tuple."""
    return tuple_of(Lanes(array.dtype), len(length))


def places(builder: Any, start: Any, step: Any, count: int) -> list[Any]:
    """So many places, one step after the other."""
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
        entries = places(builder, values[1], values[2], len(length))
        return context.make_tuple(builder, call.return_type, [read_lanes(context, builder, array, values[0], entry) for entry in entries])

    return _line(array, length)(array, types.intp, types.intp, length), generate


@instruction
def store_line(_: Any, array: Any, start: Any, step: Any, line: Any) -> Any:
    """Put a line where `load_line` finds it."""

    def generate(context: Any, builder: Any, call: Any, values: Any) -> Any:
        for k, entry in enumerate(places(builder, values[1], values[2], len(line))):
            write_lanes(context, builder, array, values[0], entry, builder.extract_value(values[3], k))
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, line), generate


@instruction
def times_line(_: Any, line: Any, array: Any, start: Any, step: Any) -> Any:
    """A line times that which `load_line` finds."""

    def generate(context: Any, builder: Any, call: Any, values: Any) -> Any:
        entries = places(builder, values[2], values[3], len(line))
        factors = [read_lanes(context, builder, array, values[1], entry) for entry in entries]
        products = [builder.fmul(builder.extract_value(values[0], k), factor, flags=CONTRACTED) for k, factor in enumerate(factors)]
        return context.make_tuple(builder, line, products)

    return line(line, array, types.intp, types.intp), generate


@instruction
def times_lines(_: Any, line: Any, others: Any, number: Any) -> Any:
    """A line times another and a number; a line of one is repeated."""

    def generate(context: Any, builder: Any, call: Any, values: Any) -> Any:
        factor = spread(builder, context.get_value_type(line.dtype), values[2])
        result = []
        for k in range(len(others)):
            product = builder.fmul(builder.extract_value(values[1], k), factor, flags=CONTRACTED)
            result.append(builder.fmul(builder.extract_value(values[0], k % len(line)), product, flags=CONTRACTED))
        return context.make_tuple(builder, others, result)

    return others(line, others, number), generate
