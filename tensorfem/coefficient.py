"""The data of a problem: numbers, strings, callables; products and sums of functions of one coordinate each."""

import dis
import inspect
import math
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.checks import is_number, real
from tensorfem.expression import Expression, ExpressionError, parse
from tensorfem.formula_terms import separated

FloatArray = NDArray[np.float64]
# What a function may name and still be called in several threads at once, besides ufuncs and numbers.
ARRAY_FUNCTIONS = (np.where, np.clip, np.select, np.sinc, np.interp, np.zeros_like, np.ones_like, np.full_like, np.broadcast_to, np.asarray)
PLAIN_FUNCTIONS = (abs, min, max, sum, pow, round, float, int, len, range)
ATTRIBUTES = frozenset(
    {name for name in dir(np) if isinstance(getattr(np, name), np.ufunc)}
    | {name for name in dir(math) if name[0] != "_"}
    | {function.__name__ for function in ARRAY_FUNCTIONS}
    | {"pi", "e", "inf", "float64", "newaxis", "shape", "ndim", "size", "dtype", "T", "astype", "reshape"}
)
NOT_PLAIN = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
Function = float | str | Callable[..., Any]  # what may be given for a function of coordinates


class _Separable:
    """Functions of one coordinate each, axis by axis."""

    def __init__(self, *functions: Function) -> None:
        self.functions = functions

    def data(self, names: tuple[str, ...], where: str) -> tuple["Datum", ...]:
        """One datum per axis, of its own coordinate.

        Raises
        ------
        ValueError
            If there are more or fewer functions than axes, or one is not a number, string or callable.
        """
        if len(self.functions) != len(names):
            kind, count = type(self).__name__, len(self.functions)
            functions = "function" if count == 1 else "functions"
            raise ValueError(f"{where}: {kind} got {count} {functions}; give one per axis of this space ({', '.join(names)})")
        return own_coordinate_data(self.functions, names, where)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.functions))})"


class Product(_Separable):
    """The product ``f(x) g(y) ...`` of one function per axis; each is a number, a string or a function of its own coordinate.

    Examples
    --------
    >>> Product(2.0, "1 + y")
    Product(2.0, '1 + y')
    """


class Sum(_Separable):
    """The sum ``f(x) + g(y) + ...`` of one function per axis; each is a number, a string or a function of its own coordinate.

    Examples
    --------
    >>> Sum("x**2", 1.0)
    Sum('x**2', 1.0)
    """


def own_coordinate_data(functions: tuple[Function, ...], names: tuple[str, ...], where: str) -> tuple["Datum", ...]:
    """One datum per axis, each of that axis' coordinate alone."""
    return tuple(Datum(f, (name,), f"{where}, axis {name}") for f, name in zip(functions, names, strict=True))


@dataclass(frozen=True, eq=False)
class Datum:
    """A number, a string or a callable as a checked function of coordinate arrays.

    Parameters
    ----------
    given : float, str or callable
    names : tuple of str
        The coordinates, in order.
    where : str
        What error messages call it.

    Raises
    ------
    ValueError
        If `given` is something else, or a string that does not parse.

    Examples
    --------
    >>> Datum("2*x", ("x",), "source")(np.array([1.0, 2.0]))
    array([2., 4.])
    """

    given: Any
    names: tuple[str, ...]
    where: str

    def __post_init__(self) -> None:
        if isinstance(self.given, str):
            try:
                object.__setattr__(self, "_function", parse(self.given, self.names))
            except ExpressionError as error:
                raise ExpressionError(f"{self.where}: {error}") from error
        elif is_number(self.given):
            value = real(self.given, self.where)
            object.__setattr__(self, "_function", lambda *coordinates: value)
        elif callable(self.given):
            object.__setattr__(self, "_function", self.given)
        else:
            kind = type(self.given).__name__
            raise ValueError(
                f"{self.where}: got {self.given!r} ({kind}); "
                f"allowed are a real number, a string in {', '.join(self.names)}, or a function of them"
            )

    @property
    def constant(self) -> float | None:
        """The number, where one was given."""
        return float(self.given) if is_number(self.given) else None

    @property
    def threadable(self) -> bool:
        """Whether the function may be called in several threads at once: formulas, and functions that are `stateless`."""
        function = self._function  # type: ignore[attr-defined]
        return isinstance(function, Expression) or is_number(self.given) or stateless(function)

    def products(self, points: list[FloatArray]) -> list[list[FloatArray]] | None:
        """The values on a tensor grid as a sum of outer products, where a number or such a formula was given; see `separated`."""
        if self.constant is not None:
            return [[np.full(1, self.constant), *[np.ones(1)] * (len(points) - 1)]]
        return separated(self._function, points) if isinstance(self.given, str) else None  # type: ignore[attr-defined]

    def sample(self, *coordinates: FloatArray) -> FloatArray:
        """Values on open coordinate arrays, broadcast only as far as the function itself does; not yet checked to be finite.

        Raises
        ------
        ValueError
            If the function raises, is written for single numbers, or returns another shape or no real numbers.
        """
        grid = np.broadcast(*coordinates).shape
        values = self._array(self._called(coordinates))
        if values.shape == grid and values.dtype == np.float64:  # as nearly always: this is called for every slab
            return values
        if not _broadcasts(values.shape, grid) or (values.ndim != len(coordinates) and values.size > 1):
            raise ValueError(
                f"{self.where}: the function returned shape {values.shape}, which does not broadcast to the grid {grid}; "
                f"it is called with open arrays ({', '.join(self.names)}), one per axis"
            )
        return values.astype(np.float64, copy=False)

    def __call__(self, *coordinates: FloatArray) -> FloatArray:
        """Values on open coordinate arrays, broadcast to the grid and checked to be finite.

        Raises
        ------
        ValueError
            As `sample` does, and for a value that is not finite: the place is named.
        """
        grid = np.broadcast_shapes(*(np.shape(c) for c in coordinates))
        values = np.broadcast_to(self.sample(*coordinates), grid)
        self.require_finite(values, *coordinates)
        return values

    def require_finite(self, values: FloatArray, *coordinates: FloatArray) -> None:
        """Raise a ValueError that names the first place where a value is not finite."""
        bad = np.argwhere(~np.isfinite(np.broadcast_to(values, np.broadcast_shapes(values.shape, *(np.shape(c) for c in coordinates)))))
        if bad.size:
            raise ValueError(
                f"{self.where}: the value is {_at(values, bad[0])} at {_place(self.names, coordinates, bad[0])}; all must be finite"
            )

    def _array(self, returned: Any) -> NDArray[Any]:
        kind = type(returned).__name__
        try:
            values = np.asarray(returned)
        except ValueError as error:
            raise ValueError(f"{self.where}: the function returned a {kind} that makes no array: {error}") from error
        if values.dtype.kind not in "biuf":
            what = {"c": "complex numbers", "O": f"an object of type {kind}"}.get(values.dtype.kind, f"data of type {values.dtype}")
            raise ValueError(f"{self.where}: the function returned {what}; it must return an array of real numbers")
        return values

    def _called(self, coordinates: tuple[FloatArray, ...]) -> Any:
        function: Callable[..., Any] = self._function  # type: ignore[attr-defined]
        try:
            return function(*map(_read_only, coordinates))
        except Exception as error:
            hint = f"it is called with {len(coordinates)} arrays ({', '.join(self.names)})"
            if "truth value of an array" in str(error) or "can be converted to" in str(error):
                hint += " and seems to be written for single numbers: use NumPy's functions and np.where instead of math's and if"
            raise ValueError(f"{self.where}: the function raised {type(error).__name__}: {error}; {hint}") from error


def stateless(function: Any) -> bool:
    """Whether a Python function is seen to be an expression in NumPy: nothing outside of it changes when it is called.

    All that it names must be NumPy, `math`, or parts of them that keep no state, numbers, read-only arrays, and functions of this kind
    again. Everything else (methods, classes with `__call__`, writable arrays, functions within functions, NumPy's random numbers) is not
    looked into: it may count its calls, or fill a buffer of its own.

    Examples
    --------
    >>> stateless(lambda x, y: np.exp(-x) * np.where(y > 0, y, 1.0)), stateless(lambda x: np.random.normal(x))
    (True, False)
    """
    return isinstance(function, types.FunctionType) and _harmless(function, frozenset())


def _harmless(value: Any, callers: frozenset[types.CodeType]) -> bool:
    """Whether what a function names can be used in several threads at once."""
    if isinstance(value, np.ndarray):
        return type(value) is np.ndarray and not value.flags.writeable
    if isinstance(value, np.ufunc):
        return not all("O" in kind for kind in value.types)  # those made of Python functions know objects alone
    if isinstance(value, types.FunctionType) and value not in ARRAY_FUNCTIONS:
        return value.__code__ in callers or _reads_only(value, callers | {value.__code__})
    known = any(value is part for part in (np, math, *ARRAY_FUNCTIONS, *PLAIN_FUNCTIONS))
    return known or isinstance(value, int | float | np.generic) or getattr(math, getattr(value, "__name__", ""), None) is value


def _reads_only(function: types.FunctionType, callers: frozenset[types.CodeType]) -> bool:
    code = function.__code__
    if code.co_flags & NOT_PLAIN or any(isinstance(part, types.CodeType) for part in code.co_consts):
        return False
    try:
        outside = inspect.getclosurevars(function)
    except ValueError:  # a variable of an enclosing function that has no value yet
        return False
    for step in dis.get_instructions(code):
        if step.opname.startswith(("STORE_", "DELETE_", "IMPORT_")) and not step.opname.startswith(("STORE_FAST", "DELETE_FAST")):
            return False
        if step.opname in {"LOAD_ATTR", "LOAD_METHOD"} and step.argval not in ATTRIBUTES:
            return False
    given = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    named = (*outside.nonlocals.values(), *outside.globals.values(), *outside.builtins.values())
    return all(_harmless(value, callers) for value in (*given, *named))


def _read_only(array: FloatArray) -> FloatArray:
    """A view that a caller's function cannot write to."""
    view = np.asarray(array).view()
    view.setflags(write=False)
    return view


def _broadcasts(shape: tuple[int, ...], grid: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(shape, grid) == grid
    except ValueError:
        return False


def _at(values: FloatArray, index: NDArray[np.intp]) -> float:
    offset = len(index) - values.ndim
    return float(values[tuple(int(i) if n > 1 else 0 for i, n in zip(index[offset:], values.shape, strict=True))])


def _place(names: tuple[str, ...], coordinates: tuple[FloatArray, ...], index: NDArray[np.intp]) -> str:
    grid = [np.broadcast_to(c, np.broadcast_shapes(*(np.shape(k) for k in coordinates))) for c in coordinates]
    return ", ".join(f"{name} = {float(c[tuple(index)]):.6g}" for name, c in zip(names, grid, strict=True))
