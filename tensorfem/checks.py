"""Checks of arguments, shared by all layers: each says what came, what is allowed and where."""

import numbers
from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray


def integer(value: Any, name: str, low: int, high: int | None = None) -> int:
    """An integer within bounds, as a Python int.

    Raises
    ------
    ValueError
        For anything else: bools, strings, floats, integers out of bounds.
    """
    allowed = f"an integer >= {low}" if high is None else f"an integer from {low} to {high}"
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Integral):
        raise ValueError(f"{name}: got {value!r} ({type(value).__name__}); allowed is {allowed}")
    number = int(value)
    if number < low or (high is not None and number > high):
        raise ValueError(f"{name}: got {number}; allowed is {allowed}")
    return number


def choice(value: Any, name: str, allowed: Collection[str]) -> str:
    """One of some names.

    Raises
    ------
    ValueError
        For anything else.
    """
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"{name}: got {value!r}; allowed are {', '.join(map(repr, allowed))}")
    return value


def is_number(value: Any) -> bool:
    """Whether the value is one real number (bools are not; an array of dimension 0 is one)."""
    scalar = value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value
    return isinstance(scalar, numbers.Real) and not isinstance(scalar, bool | np.bool_)


def real(value: Any, name: str) -> float:
    """A finite real number, as a Python float.

    Raises
    ------
    ValueError
        For anything else: bools, strings, complex numbers, NaN, infinities.
    """
    try:
        number = float(value) if is_number(value) else np.nan
    except OverflowError:
        number = np.inf
    if not np.isfinite(number):
        raise ValueError(f"{name}: got {value!r}; allowed is a finite real number")
    return number


def real_vector(values: Any, name: str, shortest: int) -> NDArray[np.float64]:
    """A one-dimensional array of finite numbers, as a float copy.

    Raises
    ------
    ValueError
        If it is not one-dimensional, too short, not numeric, or not finite (the first bad entry is named).
    """
    array = np.asarray(values)
    if array.ndim != 1 or array.size < shortest or array.dtype.kind not in "iuf":
        raise ValueError(
            f"{name}: got an array of shape {array.shape} and type {array.dtype}; allowed is one axis of at least {shortest} real numbers"
        )
    bad = np.flatnonzero(~np.isfinite(array))
    if bad.size:
        raise ValueError(f"{name}: entry {bad[0]} is {array[bad[0]]}; all must be finite")
    return array.astype(np.float64)
