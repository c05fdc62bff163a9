"""The updates of an iteration's vectors: in place, in one pass where kernels pay."""

import math
from collections.abc import Callable

import numpy as np

import tensorfem.kron.kernels as kernels
from tensorfem.kron import Array, slabs
from tensorfem.kron.threads import in_threads
from tensorfem.late import late
from tensorfem.solvers.solution import norm

PIECE = 1 << 16  # entries for one thread at a time

_compiled = late("tensorfem.solvers", dict.fromkeys(("add_multiple", "inner", "relax", "relax_from_zero", "turn"), "kernels"))


def add_multiple(target: Array, factor: float, array: Array) -> float:
    """``target += factor array``, in place; the norm of the result.

    Examples
    --------
    >>> target = np.array([1.0, 2.0])
    >>> add_multiple(target, 2.0, np.array([1.0, 1.0])), target
    (5.0, array([3., 4.]))
    """
    if not _go_to_kernels(target, array):
        target += factor * array
        return norm(target)
    squares: list[float] = []
    function, number = _compiled("add_multiple"), target.dtype.type(factor)
    _in_pieces(lambda one, other: squares.append(function(one, number, other)), target, array)
    square = math.fsum(squares)
    return math.sqrt(square) if 1e-280 < square < math.inf else norm(target)


def inner(one: Array, other: Array) -> float:
    """The inner product of real fields. Matrix libraries have threads of their own for it, which wait for one another on busy machines.

    Examples
    --------
    >>> inner(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    11.0
    """
    if not _go_to_kernels(one, other):
        return float(np.vdot(one, other))
    parts: list[float] = []
    function = _compiled("inner")
    _in_pieces(lambda first, second: parts.append(function(first, second)), one, other)
    return math.fsum(parts) if all(map(math.isfinite, parts)) else float(np.vdot(one, other))


def turn(direction: Array, factor: float, array: Array) -> None:
    """``direction = array + factor direction``, in place.

    Examples
    --------
    >>> direction = np.array([1.0, 2.0])
    >>> turn(direction, 2.0, np.array([1.0, 1.0])); direction
    array([3., 5.])
    """
    if not _go_to_kernels(direction, array):
        direction *= factor
        direction += array
        return
    function, number = _compiled("turn"), direction.dtype.type(factor)
    _in_pieces(lambda one, other: function(one, number, other), direction, array)


def relax(value: Array, step: Array, residual: Array, inverse: Array, factors: tuple[float, float]) -> None:
    """One step of a smoothing polynomial, in place: ``step = momentum step + factor inverse residual``, ``value += step``.

    Parameters
    ----------
    value, step, residual : arrays
    inverse : array
        Of the diagonal.
    factors : (momentum, factor)

    Examples
    --------
    >>> value, step = np.array([1.0]), np.array([4.0])
    >>> relax(value, step, np.array([2.0]), np.array([0.5]), (0.25, 2.0)); value, step
    (array([4.]), array([3.]))
    """
    momentum, factor = factors
    if _go_to_kernels(value, step):
        function, number = _compiled("relax"), value.dtype.type
        _in_pieces(lambda *parts: function(*parts, number(momentum), number(factor)), value, step, residual, inverse)
        return
    step *= momentum
    step += factor * (inverse * residual)
    value += step


def relax_from_zero(value: Array, step: Array, residual: Array, inverse: Array, factor: float) -> None:
    """The first step of a smoothing polynomial, whatever `value` and `step` held: both become ``factor inverse residual``.

    Examples
    --------
    >>> value, step = np.array([1.0]), np.array([4.0])
    >>> relax_from_zero(value, step, np.array([2.0]), np.array([0.5]), 3.0); value, step
    (array([3.]), array([3.]))
    """
    if _go_to_kernels(value, step):
        function, number = _compiled("relax_from_zero"), value.dtype.type
        _in_pieces(lambda *parts: function(*parts, number(factor)), value, step, residual, inverse)
        return
    np.multiply(inverse, residual, out=step)
    step *= factor
    value[...] = step


def multiply_into(out: Array, array: Array, factor: Array | float) -> None:
    """``out = array factor``, in the precision of `out`, in one pass and in threads where the fields are large.

    Examples
    --------
    >>> out = np.empty(2, dtype=np.float32)
    >>> multiply_into(out, np.array([1.0, 2.0]), 3.0); out
    array([3., 6.], dtype=float32)
    """
    source, target, wider = array.reshape(-1), out.reshape(-1), np.result_type(array, out)
    other = factor.reshape(-1) if isinstance(factor, np.ndarray) else None

    def work(piece: slice) -> None:
        second = factor if other is None else other[piece]
        np.multiply(source[piece], second, out=target[piece], dtype=wider, casting="same_kind")

    in_threads(work, slabs(target.size, 1, PIECE))


def _go_to_kernels(target: Array, array: Array) -> bool:
    fits = target.dtype == array.dtype and target.dtype in (np.float32, np.float64) and target.shape == array.shape
    return fits and target.flags.c_contiguous and array.flags.c_contiguous and kernels.pays(target.size)


def _in_pieces(function: Callable[..., object], *arrays: Array) -> None:
    flat = [array.reshape(-1) for array in arrays]
    in_threads(lambda piece: function(*(array[piece] for array in flat)), slabs(arrays[0].size, 1, PIECE))
