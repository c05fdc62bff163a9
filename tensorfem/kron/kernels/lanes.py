"""Lanes: values of several neighbouring lines worked on at once, one vector register's worth of numbers.

Loops over short rows are not vectorized by compilers where rows may overlap; a type of its own says it outright. A kernel is then written
as for one number: ``store(rows, i, load(rows, i) + load(rows, j) * factor)``.
"""

import operator
from typing import Any

from numba import types
from numba.core import cgutils
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

REGISTER = 64  # bytes: the widest registers of today; narrower ones work in two or four steps
import os
LOC=int(os.environ.get("LOC","2"))
CONTRACTED = ("contract", "nsz")  # a product and a sum may become one FMA


class Lanes(types.Type):  # type: ignore[misc]
    """The type of REGISTER bytes of floating-point numbers of one kind."""

    def __init__(self, number: Any) -> None:
        self.number = number
        self.count = REGISTER // (number.bitwidth // 8)
        super().__init__(name=f"Lanes({number}, {self.count})")


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, lanes: Lanes) -> None:
        number = manager.lookup(lanes.number).get_value_type()
        super().__init__(manager, lanes, cgutils.ir.VectorType(number, lanes.count))


def _pointer(context: Any, builder: Any, kind: Any, array: Any, index: Any, lanes: Lanes) -> Any:
    place = builder.gep(context.make_array(kind)(context, builder, array).data, [index])
    return builder.bitcast(place, context.get_value_type(lanes).as_pointer())


@intrinsic  # type: ignore[untyped-decorator]
def load(_context: Any, array: Any, index: Any) -> Any:
    """The lanes that begin at an index of a contiguous vector."""
    lanes = Lanes(array.dtype)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.load(_pointer(context, builder, array, *values, lanes), align=array.dtype.bitwidth // 8)

    return lanes(array, types.intp), generate


@intrinsic  # type: ignore[untyped-decorator]
def store(_context: Any, array: Any, index: Any, value: Any) -> Any:
    """Put lanes at an index of a contiguous vector."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        place = _pointer(context, builder, array, *values[:2], value)
        builder.store(values[2], place, align=array.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(array, types.intp, value), generate


@intrinsic  # type: ignore[untyped-decorator]
def prefetch(_context: Any, array: Any, index: Any) -> Any:
    """Ask for the memory at an index of a contiguous vector, which need not be inside."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        ir = cgutils.ir
        place = context.make_array(signature.args[0])(context, builder, values[0])
        pointer = builder.bitcast(builder.gep(place.data, [values[1]]), cgutils.voidptr_t)
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, number, number, number])
        function = builder.module.declare_intrinsic("llvm.prefetch", [cgutils.voidptr_t], kind)
        builder.call(function, [pointer, number(0), number(LOC), number(1)])
        return context.get_dummy_value()

    return types.void(array, types.intp), generate


def _number(builder: Any, context: Any, kind: Any, array: Any, index: Any) -> Any:
    return builder.load(builder.gep(context.make_array(kind)(context, builder, array).data, [index]))


def _spread(builder: Any, lanes: Any, number: Any) -> Any:
    """A number in all lanes."""
    ir = cgutils.ir
    single = builder.insert_element(ir.Constant(lanes, ir.Undefined), number, ir.IntType(32)(0))
    return builder.shuffle_vector(single, ir.Constant(lanes, ir.Undefined), ir.Constant(ir.VectorType(ir.IntType(32), lanes.count), [0] * lanes.count))


def _transposed(builder: Any, rows: list[Any]) -> list[Any]:
    """A square of numbers, transposed by exchanges at the distances 1, 2, 4... (Eklundh 1972)."""
    count, distance, ir = len(rows), 1, cgutils.ir
    while distance < count:
        upper = [i if not i & distance else count + i - distance for i in range(count)]
        lower = [i + distance if not i & distance else count + i for i in range(count)]
        masks = [ir.Constant(ir.VectorType(ir.IntType(32), count), mask) for mask in (upper, lower)]
        for i in range(count):
            if not i & distance:
                pair = rows[i], rows[i + distance]
                rows[i], rows[i + distance] = (builder.shuffle_vector(*pair, mask) for mask in masks)
        distance *= 2
    return rows


def _transposition(inwards: bool) -> Any:
    def transpose(_context: Any, flat: Any, offsets: Any, column: Any, rows: Any, places: Any, weights: Any, part: Any) -> Any:
        lanes = Lanes(flat.dtype)

        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            flat_, offsets_, column_, rows_, places_, weights_, part_ = values
            kinds, intp, vector = signature.args, context.get_value_type(types.intp), context.get_value_type(lanes)
            outside, inside, factors = [], [], []
            for i in range(lanes.count):
                offset = _number(builder, context, kinds[1], offsets_, intp(i))
                outside.append(_pointer(context, builder, kinds[0], flat_, builder.add(offset, column_), lanes))
                entry = builder.add(column_, intp(i))
                place = builder.mul(_number(builder, context, kinds[4], places_, entry), intp(2 * lanes.count))
                inside.append(_pointer(context, builder, kinds[3], rows_, builder.add(place, part_), lanes))
                factors.append(_spread(builder, vector, _number(builder, context, kinds[5], weights_, entry)))
            align = flat.dtype.bitwidth // 8
            if inwards:
                square = _transposed(builder, [builder.load(place, align=align) for place in outside])
                for place, row, factor in zip(inside, square, factors, strict=True):
                    builder.store(builder.fmul(row, factor), place, align=align)
            else:
                square = [builder.fmul(builder.load(place, align=align), factor) for place, factor in zip(inside, factors, strict=True)]
                for place, row in zip(outside, _transposed(builder, square), strict=True):
                    builder.store(row, place, align=align)
            return context.get_dummy_value()

        return types.void(flat, offsets, types.intp, rows, places, weights, types.intp), generate
    return intrinsic(transpose)

transpose_in = _transposition(True)
transpose_out = _transposition(False)

@infer_global(operator.add)
@infer_global(operator.sub)
@infer_global(operator.mul)
class _Operation(AbstractTemplate):  # type: ignore[misc]
    """Lanes with lanes, or with one number for all."""

    def generic(self, args: Any, kws: Any) -> Any:
        if len(args) == 2 and isinstance(args[0], Lanes) and (args[0] == args[1] or isinstance(args[1], types.Float)):
            return signature(args[0], *args)
        return None


def _lower(operation: Any, instruction: str) -> None:
    def both(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return getattr(builder, instruction)(*values, flags=CONTRACTED)

    def with_number(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        value = context.cast(builder, values[1], signature.args[1], signature.args[0].number)
        number = _spread(builder, context.get_value_type(signature.args[0]), value)
        return getattr(builder, instruction)(values[0], number, flags=CONTRACTED)

    lower_builtin(operation, Lanes, Lanes)(both)
    lower_builtin(operation, Lanes, types.Float)(with_number)


for _operation, _instruction in ((operator.add, "fadd"), (operator.sub, "fsub"), (operator.mul, "fmul")):
    _lower(_operation, _instruction)
