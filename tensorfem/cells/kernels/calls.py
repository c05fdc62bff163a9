"""Kernels that are called by address: one calls those for lengths that it does not know when it is compiled."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import from_dtype, types
from numpy.typing import NDArray

from tensorfem.kron.kernels.jit import Function, kernel
from tensorfem.kron.kernels.lanes import instruction

Numbers = NDArray[np.floating[Any]]
Places = NDArray[np.intp]


def kernel_for(*lengths: int) -> Callable[[Function], Function]:
    """A kernel that is made anew for each of some lengths; its name tells them, so that files with machine code are not mixed up."""

    def named(function: Function) -> Function:
        function.__qualname__ += "".join(f"_{length}" for length in lengths)
        return kernel(function)

    return named


@functools.cache
def address(make: Callable[..., Callable[..., None]], *lengths: int, dtype: Any) -> int:
    """Where the machine code is, in this process, of the kernel that `make` has for some lengths; it is compiled where there is none.

    The types of its arguments are as annotated: flat arrays `Numbers`, of a type of numbers, or `Places`; int; bool.
    """
    compiled: Any = make(*lengths)
    number, place = from_dtype(dtype), types.intp
    kinds = {Numbers: types.Array(number, 1, "C"), Places: types.Array(place, 1, "C"), int: place, bool: types.boolean}
    arguments = tuple(kinds[hint] for name, hint in compiled.py_func.__annotations__.items() if name != "return")
    compiled.compile(arguments)
    made = compiled.overloads[arguments]
    found: int = made.library.get_pointer_to_function(made.fndesc.llvm_func_name)
    return found


@instruction
def call_at(_: Any, address: Any, arguments: Any) -> Any:
    """Call the kernel at an address, which takes just these types of arguments."""

    def generate(context: Any, builder: Any, call: Any, values: Any) -> Any:
        kind = context.call_conv.get_function_type(types.none, arguments.types)
        given = [builder.extract_value(values[1], k) for k in range(len(arguments))]
        context.call_conv.call_function(builder, builder.inttoptr(values[0], kind.as_pointer()), types.none, arguments.types, given)
        return context.get_dummy_value()

    return types.void(types.intp, arguments), generate
