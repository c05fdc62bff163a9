"""The decorator of all kernels."""

from collections.abc import Callable
from typing import Any, TypeVar

import numba

Function = TypeVar("Function", bound=Callable[..., Any])
# Contracted products and sums (FMA) and reordered sums change the last digits only; infinities and NaN keep their meaning.
RELAXED = {"contract", "reassoc", "nsz", "arcp"}


def kernel(function: Function) -> Function:
    """Compile a function of arrays and numbers at its first call; the machine code is kept on disk where that can be written.

    Kernels let go of the interpreter, so that `in_threads` runs them side by side; they start no threads themselves, and check no bounds.
    """
    options: dict[str, Any] = {"nogil": True, "fastmath": RELAXED, "error_model": "numpy"}
    try:
        compiled: Function = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # no directory for the cache can be written: compiled anew in each process
        compiled = numba.njit(**options)(function)
    return compiled
