"""The decorator of all kernels."""

import contextlib
import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import caching

Function = TypeVar("Function", bound=Callable[..., Any])
# Contracted products and sums (FMA) and reordered sums change the last digits only; infinities and NaN keep their meaning.
RELAXED = {"contract", "reassoc", "nsz", "arcp"}
_numba: Any = caching  # which has no types
UNREADABLE = (OSError, EOFError, _numba.pickle.UnpicklingError)  # what a file of the cache gives that is cut off, or not ours


def kernel(function: Function) -> Function:
    """Compile a function of arrays and numbers at its first call; the machine code is kept on disk where that can be written.

    Kernels let go of the interpreter, so that `in_threads` runs them side by side; they start no threads themselves, and check no bounds.
    """
    options: dict[str, Any] = {"nogil": True, "fastmath": RELAXED, "error_model": "numpy"}
    compiled: Any = numba.njit(**options)(function)
    with contextlib.suppress(RuntimeError):  # no directory for the cache can be written: compiled anew in each process
        compiled._cache = _Cache(function)
    return cast("Function", compiled)


class _Cache(_numba.FunctionCache):  # type: ignore[misc]
    """Numba's cache on disk, for which a full disk or a broken file is no error, and which sees changes in the files beside a kernel's own.

    Numba looks at the kernel's own file only, and would go on with old code of a kernel that this one calls.
    """

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            found = super().load_overload(sig, target_context)
            # Two processes that compile for different types at once may take the same name for their files.
            return found if found is None or found.signature.args == tuple(sig) else None
        except UNREADABLE:
            with contextlib.suppress(OSError):
                self.flush()  # so that the next process finds what this one compiles
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        with contextlib.suppress(*UNREADABLE):
            super().save_overload(sig, data)

    def _index_key(self, sig: Any, codegen: Any) -> Any:
        return (
            *super()._index_key(sig, codegen),
            *map(_sources, sorted({Path(self._py_func.__code__.co_filename).parent, Path(__file__).parent})),
        )


@functools.cache
def _sources(folder: Path) -> str:
    """A fingerprint of all Python files in a folder."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(folder.glob("*.py")))).hexdigest()
