"""Numbers of a row that several cells share, taken apart into lanes and put together again.

Number c of lane l is entry ``c + apart * l`` of a segment of the row: cells of degree p share one entry each with their neighbours
(apart = p), those of splines all but one (apart = 1). Whole registers are read and written; within these numbers change their places.
"""

from typing import Any

from numba import types

from tensorfem.cells.kernels.lines import tuple_of
from tensorfem.kron.kernels.lanes import CONTRACTED, Lanes, between, instruction, ir, place

Wanted = list[tuple[int, int]]  # for each lane of a result: from which vector, and from which of its lanes


def _chosen(builder: Any, vectors: list[Any], wanted: Wanted) -> Any:
    """Lanes out of some vectors, two at a time."""
    needed = sorted({number for number, _ in wanted})
    width, integer = len(wanted), ir.IntType(32)
    found = vectors[needed[0]]
    places = [lane if number == needed[0] else k for k, (number, lane) in enumerate(wanted)]
    for vector in needed[1:] or needed:
        places = [width + lane if number == vector else old for old, (number, lane) in zip(places, wanted, strict=True)]
        found = builder.shuffle_vector(found, vectors[vector], ir.Constant(ir.VectorType(integer, width), places))
        places = list(range(width))
    return found


def _registers(context: Any, builder: Any, kind: Any, values: Any, length: int) -> list[tuple[Any, Any, Any]]:
    """Addresses, masks, and the vector type of registers that cover a segment between two of its entries."""
    array, first, low, high = values
    vector = context.get_value_type(Lanes(kind.dtype))
    result = []
    for start in range(0, length, vector.count):
        pointer = builder.bitcast(place(context, builder, kind, array, builder.add(first, first.type(start))), vector.as_pointer())
        mask = between(context, builder, Lanes(kind.dtype), *(builder.sub(end, end.type(start)) for end in (low, high)))
        result.append((pointer, mask, vector))
    return result


def _read(builder: Any, kind: Any, pointer: Any, mask: Any, vector: Any) -> Any:
    align, zero = ir.IntType(32)(kind.dtype.bitwidth // 8), ir.Constant(vector, [0.0] * vector.count)
    form = ir.FunctionType(vector, [pointer.type, align.type, mask.type, vector])
    load = builder.module.declare_intrinsic(f"llvm.masked.load.{Lanes(kind.dtype).suffix}", (), form)
    return builder.call(load, [pointer, align, mask, zero])


def _write(builder: Any, kind: Any, pointer: Any, mask: Any, value: Any) -> None:
    align = ir.IntType(32)(kind.dtype.bitwidth // 8)
    form = ir.FunctionType(ir.VoidType(), [value.type, pointer.type, align.type, mask.type])
    store = builder.module.declare_intrinsic(f"llvm.masked.store.{Lanes(kind.dtype).suffix}", (), form)
    builder.call(store, [value, pointer, align, mask])


@instruction
def load_cells(_: Any, array: Any, first: Any, low: Any, high: Any, apart: Any, count: Any) -> Any:
    """A line as long as `count` out of the segment from `first` on, which is zero but for entries from `low` to below `high`."""
    lanes, stride = Lanes(array.dtype), len(apart)

    def generate(context: Any, builder: Any, call: Any, values: Any) -> Any:
        width = lanes.count
        registers = _registers(context, builder, array, values[:4], stride * (width - 1) + len(count))
        read = [_read(builder, array, *register) for register in registers]
        line = [_chosen(builder, read, [divmod(c + stride * k, width) for k in range(width)]) for c in range(len(count))]
        return context.make_tuple(builder, call.return_type, line)

    return tuple_of(lanes, len(count))(array, types.intp, types.intp, types.intp, apart, count), generate


@instruction
def add_cells(_: Any, array: Any, first: Any, low: Any, high: Any, apart: Any, line: Any) -> Any:
    """Add a line to where `load_cells` finds it; numbers that share an entry are summed."""
    lanes, stride = Lanes(array.dtype), len(apart)

    def generate(context: Any, builder: Any, call: Any, values: Any) -> Any:
        numbers = [builder.extract_value(values[5], c) for c in range(len(line))]
        zero = ir.Constant(context.get_value_type(lanes), [0.0] * lanes.count)
        registers = _registers(context, builder, array, values[:4], stride * (lanes.count - 1) + len(line))
        for k, (pointer, mask, vector) in enumerate(registers):
            total = _read(builder, array, pointer, mask, vector)
            for wanted in _sources(k, lanes.count, stride, len(line)):
                total = builder.fadd(total, _chosen(builder, [*numbers, zero], wanted), flags=CONTRACTED)
            _write(builder, array, pointer, mask, total)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, types.intp, apart, line), generate


def _sources(register: int, width: int, apart: int, count: int) -> list[Wanted]:
    """What is added to a register of a segment: of `apart` numbers at a time, no two share an entry."""
    result = []
    for group in range(0, count, apart):
        entries = [divmod(register * width + k - group, apart) for k in range(width)]
        wanted = [(group + c, lane) if 0 <= lane < width and group + c < count else (count, k) for k, (lane, c) in enumerate(entries)]
        if any(number < count for number, _ in wanted):
            result.append(wanted)
    return result
