"""Where arrays of other libraries live: the library, the device and the type of numbers."""

from dataclasses import dataclass
from typing import Any

import array_api_compat
import numpy as np

from tensorfem.kron.mode_product import Array

FLOATING = ("real floating", "complex floating")


def is_foreign(value: Any) -> bool:
    """Whether a value is an array of another library than NumPy.

    Examples
    --------
    >>> is_foreign(np.ones(3)), is_foreign([1.0, 2.0])
    (False, False)
    """
    return not isinstance(value, np.ndarray) and bool(array_api_compat.is_array_api_obj(value)) and not isinstance(value, np.generic)


@dataclass(frozen=True)
class Place:
    """A library (its array API namespace), a device of it, and a type of floating-point numbers."""

    xp: Any
    device: Any
    dtype: Any

    @classmethod
    def of(cls, name: str, array: Any, *others: Any) -> "Place":
        """The place of an array of floating-point numbers; the others must be there too.

        Raises
        ------
        ValueError
            If the arrays come from several libraries or devices, are sparse, or their numbers are not floating-point ones.
        """
        arrays = (array, *others)
        if len({_library(a) for a in arrays}) > 1:
            raise ValueError(f"{name}: got {_listed(arrays)}; the arrays of one call must come from one library: convert the others to it")
        if len({str(_device(a)) for a in arrays}) > 1:
            raise ValueError(
                f"{name}: got arrays on {_named(map(_device, arrays))}; the arrays of one call must be on one device: move them"
            )
        xp = array_api_compat.array_namespace(array)
        for one in arrays:
            if array_api_compat.is_torch_array(one) and str(one.layout) != "torch.strided":
                raise ValueError(f"{name}: got a tensor of layout {one.layout}; allowed are dense ones: use its to_dense()")
            if not xp.isdtype(one.dtype, FLOATING):
                raise ValueError(f"{name}: got numbers of type {one.dtype}; allowed are floating-point ones, real or complex")
        return cls(xp, _device(array), array.dtype)

    @property
    def single(self) -> Any:
        """The same place with half the digits: of a complex type the complex one."""
        return self.xp.complex64 if self.xp.isdtype(self.dtype, "complex floating") else self.xp.float32

    def put(self, host: Array) -> Any:
        """A copy of a NumPy array here; that of a complex array must be of a complex type."""
        return self.xp.asarray(np.array(host), dtype=self.dtype, device=self.device)


def is_traced(array: Any) -> bool:
    """Whether an array stands for numbers that are not known yet, as while JAX compiles a function."""
    return any(kind.__name__ == "Tracer" for kind in type(array).__mro__)


def _library(array: Any) -> str:
    """The first part of the module of an array's type; JAX has arrays in two."""
    return "jax" if array_api_compat.is_jax_array(array) else type(array).__module__.partition(".")[0]


def _device(array: Any) -> Any:
    return None if is_traced(array) else array_api_compat.device(array)


def _listed(arrays: Any) -> str:
    return _named(f"{type(a).__module__}.{type(a).__qualname__}" for a in arrays)


def _named(items: Any) -> str:
    return " and ".join(dict.fromkeys(map(str, items)))


def held(array: Any) -> Any:
    """The same numbers as a constant: derivatives do not go through it."""
    if array_api_compat.is_torch_array(array):
        return array.detach()
    if array_api_compat.is_jax_array(array):
        import jax

        return jax.lax.stop_gradient(array)
    return array


def on_host(array: Any, name: str) -> Array:
    """A NumPy copy of an array's numbers.

    Raises
    ------
    ValueError
        If they are not known yet, because JAX compiles a function of them.
    """
    concrete = held(array)
    if is_traced(concrete):
        raise ValueError(
            f"{name}: got a traced array; its numbers are needed for the eigenbases: leave jax.jit out, or pass it as a constant"
        )
    if array_api_compat.is_torch_array(concrete):
        concrete = concrete.cpu().numpy()
    elif array_api_compat.is_cupy_array(concrete):
        concrete = concrete.get()
    return np.array(concrete)


def as_number(array: Any) -> float:
    """The only number of an array, without its history."""
    return float(held(array))


def norm(array: Any) -> float:
    """The Euclidean norm."""
    return as_number(array_api_compat.array_namespace(array).linalg.vector_norm(array))
