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


def _pointer(context: Any, builder: Any, signature: Any, values: Any, lanes: Lanes) -> Any:
    array = context.make_array(signature.args[0])(context, builder, values[0])
    place = builder.gep(array.data, [values[1]])
    return builder.bitcast(place, context.get_value_type(lanes).as_pointer())


@intrinsic  # type: ignore[untyped-decorator]
def load(_context: Any, array: Any, index: Any) -> Any:
    """The lanes that begin at an index of a contiguous vector."""
    lanes = Lanes(array.dtype)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.load(_pointer(context, builder, signature, values, lanes), align=array.dtype.bitwidth // 8)

    return lanes(array, types.intp), generate


@intrinsic  # type: ignore[untyped-decorator]
def store(_context: Any, array: Any, index: Any, value: Any) -> Any:
    """Put lanes at an index of a contiguous vector."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        place = _pointer(context, builder, signature, values, value)
        builder.store(values[2], place, align=array.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(array, types.intp, value), generate


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
        ir, lanes = cgutils.ir, context.get_value_type(signature.args[0])
        value = context.cast(builder, values[1], signature.args[1], signature.args[0].number)
        single = builder.insert_element(ir.Constant(lanes, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
        mask = ir.Constant(ir.VectorType(ir.IntType(32), lanes.count), [0] * lanes.count)
        number = builder.shuffle_vector(single, ir.Constant(lanes, ir.Undefined), mask)
        return getattr(builder, instruction)(values[0], number, flags=CONTRACTED)

    lower_builtin(operation, Lanes, Lanes)(both)
    lower_builtin(operation, Lanes, types.Float)(with_number)


for _operation, _instruction in ((operator.add, "fadd"), (operator.sub, "fsub"), (operator.mul, "fmul")):
    _lower(_operation, _instruction)
