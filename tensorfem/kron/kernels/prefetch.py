"""Prefetching: asking for memory before it is needed, where the processor does not foresee the need."""

from typing import Any

from numba.core import cgutils, types
from numba.extending import intrinsic


def _prefetch(context: Any, array: Any, index: Any) -> Any:
    """Ask for the line of a flat array's entry; any index will do."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        ir, number = vars(cgutils)["ir"], cgutils.int32_t
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        place = builder.bitcast(builder.gep(data, [arguments[1]]), cgutils.voidptr_t)
        kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, number, number, number])
        function = builder.module.declare_intrinsic("llvm.prefetch", [cgutils.voidptr_t], kind)
        # To be read, and into the second cache, also what will be written: asking for the first, or for writing, was measured to be slower.
        builder.call(function, [place, number(0), number(2), number(1)])
        return context.get_dummy_value()

    return types.void(array, index), generate


prefetch: Any = intrinsic(_prefetch)
