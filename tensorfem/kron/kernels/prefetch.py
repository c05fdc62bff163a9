"""Prefetching: asking for memory before it is needed, where the processor does not foresee the need."""

from typing import Any

import numba
from numba.core import cgutils, types
from numba.extending import intrinsic


def _prefetch(context: Any, array: Any, index: Any, write: Any) -> Any:
    """Ask for the line of a flat array's entry, to be read (0) or, another literal, written (1). Any index will do."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        ir, number = vars(cgutils)["ir"], cgutils.int32_t
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        place = builder.bitcast(builder.gep(data, [arguments[1]]), cgutils.voidptr_t)
        kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, number, number, number])
        function = builder.module.declare_intrinsic("llvm.prefetch", [cgutils.voidptr_t], kind)
        # Into the second cache: the first has no room to spare.
        builder.call(function, [place, number(signature.args[2].literal_value), number(2), number(1)])
        return context.get_dummy_value()

    if not isinstance(write, types.IntegerLiteral):
        raise numba.errors.RequireLiteralValue("write")
    return types.void(array, index, write), generate


prefetch: Any = intrinsic(_prefetch)
