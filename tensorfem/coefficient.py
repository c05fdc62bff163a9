"""The data of a problem: numbers, strings, callables; products and sums of functions of one coordinate each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.checks import is_number, real
from tensorfem.expression import ExpressionError, parse
from tensorfem.formula_terms import separated

FloatArray = NDArray[np.float64]
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

    def products(self, points: list[FloatArray]) -> list[list[FloatArray]] | None:
        """The values on a tensor grid as a sum of outer products, where a formula was given that is one; see `separated`."""
        return separated(self._function, points) if isinstance(self.given, str) else None  # type: ignore[attr-defined]

    def sample(self, *coordinates: FloatArray) -> FloatArray:
        """Values on open coordinate arrays, broadcast only as far as the function itself does; not yet checked to be finite.

        Raises
        ------
        ValueError
            If the function raises, is written for single numbers, or returns another shape or no real numbers.
        """
        grid = np.broadcast_shapes(*(np.shape(c) for c in coordinates))
        values = self._array(self._called(coordinates))
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
