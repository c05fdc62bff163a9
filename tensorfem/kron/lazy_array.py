"""The Kronecker product of arrays of any number of dimensions, kept as its factors."""

import functools
import itertools
import math
import numbers
from collections.abc import Callable
from typing import Any

import numpy as np

from tensorfem.kron.memory import require_memory
from tensorfem.kron.mode_product import Array, is_sparse


class KroneckerArray:
    """The array ``np.kron(np.kron(a_0, a_1), ...)``, which is not formed: axis k is as long as the axes k of all factors multiplied.

    `np.asarray` and `toarray` form it; an index forms the part asked for. The factors of the product of vectors, multiplied as
    ``outer(array.factors)``, are the same numbers as a field.

    Parameters
    ----------
    *factors : arrays
        Those with fewer dimensions than others get axes of length one in front, as `np.kron` has it.

    Raises
    ------
    ValueError
        Without any factor, or if one does not hold numbers.

    Examples
    --------
    >>> array = KroneckerArray(np.array([1.0, 10.0]), np.array([1.0, 2.0, 3.0]))
    >>> array.shape, array.sum()
    ((6,), 66.0)
    >>> array[3:], array[-1]
    (array([10., 20., 30.]), np.float64(30.0))
    """

    __array_ufunc__ = None  # elementwise functions need np.asarray(array): they are not of factors

    def __init__(self, *factors: Any) -> None:
        if not factors:
            raise ValueError("KroneckerArray: got no factors; give at least one array")
        arrays = [as_numbers(factor, i) for i, factor in enumerate(factors)]
        self.ndim = max(array.ndim for array in arrays)
        self.factors = tuple(array.reshape((1,) * (self.ndim - array.ndim) + array.shape) for array in arrays)
        self.shape = tuple(math.prod(lengths) for lengths in zip(*(array.shape for array in self.factors), strict=True))
        self.dtype = np.result_type(*self.factors)

    @property
    def size(self) -> int:
        """Number of entries."""
        return math.prod(self.shape)

    def toarray(self) -> Array:
        """The explicit array.

        Raises
        ------
        MemoryError
            If it would not fit into this machine's memory.
        """
        require_memory(self.dtype.itemsize * self.size, f"the explicit array of shape {self.shape}", "index it: array[i, j] is cheap")
        return np.asarray(functools.reduce(np.kron, self.factors[1:], self.factors[0].copy()))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        """The explicit array, for `np.asarray`."""
        if copy is False:
            raise ValueError(f"copy: got False; the explicit array of shape {self.shape} is always made anew")
        return self.toarray().astype(dtype or self.dtype, copy=False)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len: got an array of shape (); a number has no length")
        return int(self.shape[0])

    def __getitem__(self, key: Any) -> Any:
        """Integers, slices and arrays of integers or of booleans, as NumPy takes them; the cost is that of the result."""
        picked, shape = _places(key, self.shape)
        parts: list[Array] = []
        for k in range(len(self.factors) - 1, -1, -1):
            split = [divmod(index, length) for index, length in zip(picked, self.factors[k].shape, strict=True)]
            parts.append(self.factors[k][tuple(np.asarray(rest, dtype=np.intp) for _, rest in split)])
            picked = [quotient for quotient, _ in split]
        product = functools.reduce(np.multiply, reversed(parts))
        return np.broadcast_to(product, shape).copy() if shape else product[()]

    def _of(self, function: Callable[[Array], Any]) -> "KroneckerArray":
        return KroneckerArray(*map(function, self.factors))

    @property
    def T(self) -> "KroneckerArray":
        """The array with its axes reversed."""
        return self._of(np.transpose)

    def conj(self) -> "KroneckerArray":
        """The complex conjugate."""
        return self._of(np.conj)

    def sum(self, axis: int | None = None) -> Any:
        """The sum of all entries, or a lazy array of the sums along one axis: those of the factors multiplied."""
        if axis is None:
            return math.prod(factor.sum().item() for factor in self.factors)
        sums = self._of(lambda factor: factor.sum(axis=axis))
        return sums if sums.ndim else sums[()]

    def norm(self) -> float:
        """The square root of the sum of squares: the product of the factors' own."""
        return math.prod(float(np.linalg.norm(factor.ravel())) for factor in self.factors)

    def vdot(self, other: "KroneckerArray") -> Any:
        """The inner product with a lazy array whose factors have the same shapes, this one conjugated: those of the factors multiplied.

        Raises
        ------
        ValueError
            If the factors have other shapes.
        """
        ours, theirs = ([factor.shape for factor in array.factors] for array in (self, other))
        if ours != theirs:
            raise ValueError(f"vdot: got factors of shapes {ours} and {theirs}; allowed are equal shapes")
        return math.prod(np.vdot(a, b).item() for a, b in zip(self.factors, other.factors, strict=True))

    def __mul__(self, number: Any) -> "KroneckerArray":
        if not is_scalar(number):
            raise ValueError(f"*: got {type(number).__name__}; allowed beside a lazy array are numbers, np.asarray makes it explicit")
        return KroneckerArray(self.factors[0] * number, *self.factors[1:])

    __rmul__ = __mul__

    def __truediv__(self, number: Any) -> "KroneckerArray":
        if is_scalar(number) and number == 0:
            raise ValueError("/: got 0; a lazy array is divided by a number that is not zero")
        quotient: KroneckerArray = self * (1 / number if is_scalar(number) else number)
        return quotient

    def __neg__(self) -> "KroneckerArray":
        return self * -1

    def __repr__(self) -> str:
        return f"KroneckerArray(shape={self.shape}, factors={' x '.join(str(factor.shape) for factor in self.factors)})"


def is_scalar(value: Any) -> bool:
    """Whether the value is one number, real or complex; truth values are not."""
    single = value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value
    return isinstance(single, int | float | complex | np.number) and not isinstance(single, bool)


def as_numbers(factor: Any, position: int) -> Array:
    """An array that may be a factor.

    Raises
    ------
    ValueError
        If it is empty or does not hold numbers; its position is named.
    """
    array = factor.toarray() if is_sparse(factor) else np.asarray(factor)
    if array.dtype.kind not in "biufc":
        raise ValueError(f"kron: factor {position} has shape {array.shape} and type {array.dtype}; allowed are numbers")
    if not array.size:
        raise ValueError(f"kron: factor {position} has shape {array.shape}; a factor has at least one entry")
    return array


def _places(key: Any, shape: tuple[int, ...]) -> tuple[list[Any], tuple[int, ...]]:
    """For each axis the places asked for, shaped so that all broadcast against each other, and the shape of the result.

    Arrays of integers, and integers beside them, broadcast together. Their axes stand where the first of them stands if they are
    neighbours, else in front: NumPy's rule.
    """
    keys = _filled(key if isinstance(key, tuple) else (key,), len(shape))
    indices = [_indices(k, length, axis) for axis, (k, length) in enumerate(zip(keys, shape, strict=True))]
    listed = [axis for axis, k in enumerate(keys) if not isinstance(k, slice)]
    common = np.broadcast_shapes(*(np.shape(indices[axis]) for axis in listed))
    together = listed == list(range(listed[0], listed[-1] + 1)) if listed else True
    place = listed[0] if listed and together else 0
    sliced = [axis for axis in range(len(shape)) if axis not in listed]
    before, after = (sliced[:place], sliced[place:])
    result = (*(len(indices[a]) for a in before), *common, *(len(indices[a]) for a in after))
    width = {**{a: len(result) - i for i, a in enumerate(before)}, **{a: len(after) - i for i, a in enumerate(after)}}
    trailing = {a: width[a] - 1 if a in width else len(after) for a in range(len(shape))}
    return [_padded(index, trailing[axis]) for axis, index in enumerate(indices)], result


def _padded(index: Any, axes: int) -> Any:
    """An index array with axes of length one behind; a plain integer stays one, whatever its size."""
    return index if isinstance(index, int) else index.reshape(index.shape + (1,) * axes)


def _filled(keys: tuple[Any, ...], dimension: int) -> list[Any]:
    """One key per axis: an ellipsis, and axes that are not mentioned, are taken whole."""
    missing = dimension - sum(k is not Ellipsis for k in keys)
    ellipses = sum(k is Ellipsis for k in keys)
    if missing < 0 or ellipses > 1:
        raise IndexError(f"index: got {len(keys)} keys, {ellipses} of them an ellipsis; the array has {dimension} axes")
    keys = keys if ellipses else (*keys, Ellipsis)
    return list(itertools.chain.from_iterable([slice(None)] * missing if k is Ellipsis else [k] for k in keys))


def _indices(key: Any, length: int, axis: int) -> Any:
    if isinstance(key, slice):
        return np.arange(*key.indices(length))
    if isinstance(key, numbers.Integral) and not isinstance(key, bool):
        return _wrapped(int(key), length, axis)
    array = np.asarray(key)
    if array.dtype == np.bool_ and array.shape == (length,):
        array = np.flatnonzero(array)
    if array.size and array.dtype.kind not in "iu":
        raise IndexError(
            f"index: got {key!r} for axis {axis}; allowed are integers, slices, arrays of integers, and masks of length {length}"
        )
    return _wrapped(array.astype(np.int64), length, axis)


def _wrapped(index: Any, length: int, axis: int) -> Any:
    """Places counted from the start; negative ones are counted from the end."""
    low, high = (np.min(index, initial=0), np.max(index, initial=-1)) if isinstance(index, np.ndarray) else (index, index)
    if low < -length or high >= length:
        raise IndexError(f"index: {low if low < -length else high} is out of bounds for axis {axis} of length {length}")
    return np.where(index < 0, index + length, index) if isinstance(index, np.ndarray) else index + length * (index < 0)
