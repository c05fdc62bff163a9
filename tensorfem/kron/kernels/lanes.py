"""Lanes: numbers of several neighbouring lines in one vector register.

A compiler does not vectorize loops over short rows that might overlap. A type of its own says outright what is meant; a kernel is then
written as for one number: ``store(rows, i, load(rows, i) + load(rows, j) * factor)``. On processors with narrower registers each
operation becomes two or four.
"""

import operator
from collections.abc import Callable
from typing import Any

from numba import types
from numba.core import cgutils
from numba.core.typing import templates
from numba.extending import intrinsic, lower_builtin, models, register_model

REGISTER = 64  # bytes of the widest registers
CONTRACTED = ("contract", "nsz")  # a product and a sum may become one operation (FMA)
SECOND_CACHE = 2  # where the processor is asked to bring memory that is read soon

ir: Any = cgutils.ir  # type: ignore[attr-defined]
# Names of numba whose own types say nothing, or know nothing of the compiler's first argument.
instruction: Callable[[Callable[..., Any]], Any] = intrinsic
typed: Any = templates.infer_global
lowered: Any = lower_builtin


class Lanes(types.Type):
    """The type of REGISTER bytes of numbers of one floating-point type."""

    def __init__(self, number: Any) -> None:
        self.number = number
        self.count = REGISTER // (number.bitwidth // 8)
        self.suffix = f"v{self.count}f{number.bitwidth}.p0"  # of LLVM's names of functions of such vectors in memory
        super().__init__(name=f"Lanes({number}, {self.count})")


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, lanes: Lanes) -> None:
        number = manager.lookup(lanes.number).get_value_type()
        super().__init__(manager, lanes, ir.VectorType(number, lanes.count))  # type: ignore[no-untyped-call]


def place(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    """The address of an entry of an array of numba's type `kind`."""
    return builder.gep(context.make_array(kind)(context, builder, array).data, [index])


def read_lanes(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    """The lanes that begin at an entry, anywhere in memory."""
    vector = context.get_value_type(Lanes(kind.dtype)).as_pointer()
    return builder.load(builder.bitcast(place(context, builder, kind, array, index), vector), align=kind.dtype.bitwidth // 8)


def write_lanes(context: Any, builder: Any, kind: Any, array: Any, index: Any, value: Any) -> None:
    """Put lanes where an entry is."""
    vector = context.get_value_type(Lanes(kind.dtype)).as_pointer()
    builder.store(value, builder.bitcast(place(context, builder, kind, array, index), vector), align=kind.dtype.bitwidth // 8)


def spread(builder: Any, vector: Any, number: Any) -> Any:
    """One number in all lanes."""
    empty = ir.Constant(vector, ir.Undefined)
    single = builder.insert_element(empty, number, ir.IntType(32)(0))
    return builder.shuffle_vector(single, empty, ir.Constant(ir.VectorType(ir.IntType(32), vector.count), [0] * vector.count))


@instruction
def load(_: Any, array: Any, index: Any) -> Any:
    """The lanes that begin at an index of a contiguous vector."""

    def generate(context: Any, builder: Any, call: Any, values: Any) -> Any:
        return read_lanes(context, builder, call.args[0], *values)

    return Lanes(array.dtype)(array, types.intp), generate


@instruction
def store(_: Any, array: Any, index: Any, value: Any) -> Any:
    """Put lanes at an index of a contiguous vector."""

    def generate(context: Any, builder: Any, call: Any, values: Any) -> Any:
        write_lanes(context, builder, call.args[0], *values)
        return context.get_dummy_value()

    return types.void(array, types.intp, value), generate


def between(context: Any, builder: Any, lanes: Lanes, first: Any, last: Any) -> Any:
    """Which lanes have numbers from `first` to below `last`."""
    numbers = ir.VectorType(context.get_value_type(types.intp), lanes.count)
    each = ir.Constant(numbers, list(range(lanes.count)))
    above = builder.icmp_signed(">=", each, spread(builder, numbers, first))
    return builder.and_(above, builder.icmp_signed("<", each, spread(builder, numbers, last)))


def _masked(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> tuple[Any, Any, Any]:
    """The vector type, the address and its alignment, as LLVM's masked operations want them."""
    vector = context.get_value_type(Lanes(kind.dtype))
    pointer = builder.bitcast(place(context, builder, kind, array, index), vector.as_pointer())
    return vector, pointer, ir.IntType(32)(kind.dtype.bitwidth // 8)


@instruction
def load_some(_: Any, array: Any, index: Any, first: Any, last: Any) -> Any:
    """As `load`, of the lanes from `first` to below `last`; the others are zero, and their memory is not touched."""
    lanes = Lanes(array.dtype)

    def generate(context: Any, builder: Any, call: Any, values: Any) -> Any:
        vector, pointer, align = _masked(context, builder, call.args[0], *values[:2])
        mask = between(context, builder, lanes, *values[2:])
        kind = ir.FunctionType(vector, [pointer.type, align.type, mask.type, vector])
        function = builder.module.declare_intrinsic(f"llvm.masked.load.{lanes.suffix}", (), kind)
        return builder.call(function, [pointer, align, mask, ir.Constant(vector, [0.0] * lanes.count)])

    return lanes(array, types.intp, types.intp, types.intp), generate


@instruction
def store_some(_: Any, array: Any, index: Any, first: Any, last: Any, value: Any) -> Any:
    """As `store`, of the lanes from `first` to below `last`."""

    def generate(context: Any, builder: Any, call: Any, values: Any) -> Any:
        vector, pointer, align = _masked(context, builder, call.args[0], *values[:2])
        mask = between(context, builder, value, *values[2:4])
        kind = ir.FunctionType(ir.VoidType(), [vector, pointer.type, align.type, mask.type])
        function = builder.module.declare_intrinsic(f"llvm.masked.store.{value.suffix}", (), kind)
        builder.call(function, [values[4], pointer, align, mask])
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, types.intp, value), generate


@instruction
def shift(_: Any, before: Any, lanes: Any) -> Any:
    """Each number one lane up; the last of `before` comes first."""

    def generate(__: Any, builder: Any, call: Any, values: Any) -> Any:
        count = call.return_type.count
        places = ir.Constant(ir.VectorType(ir.IntType(32), count), list(range(count - 1, 2 * count - 1)))
        return builder.shuffle_vector(*values, places)

    return lanes(before, lanes), generate


def _with_product(negative: bool) -> Any:
    """An operation of `addend`, `first` and `second`."""

    def typing(_: Any, addend: Any, first: Any, second: Any) -> Any:
        def generate(__: Any, builder: Any, call: Any, values: Any) -> Any:
            third, one, two = values
            name = f"llvm.fmuladd.{call.return_type.suffix.removesuffix('.p0')}"
            function = builder.module.declare_intrinsic(name, (), ir.FunctionType(third.type, [third.type] * 3))
            return builder.call(function, [builder.fneg(one) if negative else one, two, third])

        return addend(addend, first, second), generate

    return typing


# The sum of lanes and the product of two others, and the difference: one operation even where the product is used twice.
plus_product = instruction(_with_product(False))
less_product = instruction(_with_product(True))


@instruction
def prefetch(_: Any, array: Any, index: Any) -> Any:
    """Ask for the memory at an index of a vector, which need not be inside it."""

    def generate(context: Any, builder: Any, call: Any, values: Any) -> Any:
        pointer = builder.bitcast(place(context, builder, call.args[0], *values), cgutils.voidptr_t)
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, number, number, number])
        function = builder.module.declare_intrinsic("llvm.prefetch", [cgutils.voidptr_t], kind)
        builder.call(function, [pointer, number(0), number(SECOND_CACHE), number(1)])  # to read; of data
        return context.get_dummy_value()

    return types.void(array, types.intp), generate


@typed(operator.add)
@typed(operator.sub)
@typed(operator.mul)
class _Arithmetic(templates.AbstractTemplate):
    """Lanes with lanes, or with one number for all."""

    def generic(self, args: Any, _: Any) -> Any:
        if len(args) == 2 and isinstance(args[0], Lanes) and (args[0] == args[1] or isinstance(args[1], types.Float)):
            return templates.signature(args[0], *args)  # type: ignore[no-untyped-call]
        return None


def _lower(operation: Any, instruction: str) -> None:
    def with_lanes(_: Any, builder: Any, call: Any, values: Any) -> Any:
        return getattr(builder, instruction)(*values, flags=CONTRACTED)

    def with_number(context: Any, builder: Any, call: Any, values: Any) -> Any:
        lanes, number = call.args
        all_alike = spread(builder, context.get_value_type(lanes), context.cast(builder, values[1], number, lanes.number))
        return getattr(builder, instruction)(values[0], all_alike, flags=CONTRACTED)

    lowered(operation, Lanes, Lanes)(with_lanes)
    lowered(operation, Lanes, types.Float)(with_number)


for _operation, _instruction in ((operator.add, "fadd"), (operator.sub, "fsub"), (operator.mul, "fmul")):
    _lower(_operation, _instruction)
