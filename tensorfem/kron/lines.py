"""The lines of an array along one axis, and where they begin in its memory."""

import functools
from collections.abc import Iterator

import numpy as np

from tensorfem.kron.mode_product import Array

FEWEST_LINES = 256  # of a piece, and what their number is a multiple of: several blocks of a kernel


def can_be_lines(array: Array) -> bool:
    """Whether kernels can go through the memory of an array: numbers of single or double precision, in steps of whole numbers upwards."""
    plain = array.dtype.char in "fdFD" and array.dtype.isnative and array.flags.aligned
    return plain and array.size > 0 and all(step > 0 and step % array.itemsize == 0 for step in array.strides)


class Lines:
    """The lines of an array along an axis; complex numbers are two real lines, side by side.

    Parameters
    ----------
    array : array
        One of which `can_be_lines` holds.
    axis : int

    Attributes
    ----------
    flat : (entries,) array
        The memory from the first to the last entry, as real numbers.
    offsets : (lines,) int array
        Where in `flat` each line begins; neighbours in memory are neighbours here.
    stride : int
        From one entry of a line to the next.

    Examples
    --------
    >>> lines = Lines(np.zeros((2, 3, 2)), axis=1)
    >>> lines.offsets, lines.stride
    (array([0, 1, 6, 7]), 2)
    """

    def __init__(self, array: Array, axis: int) -> None:
        real = array.real  # begins where the array does
        parts = array.itemsize // real.itemsize
        steps = tuple(step // real.itemsize for step in array.strides)
        self.flat = _memory(array, real, steps, parts)
        self.stride = steps[axis]
        self.offsets = _offsets(array.shape, steps, axis % array.ndim, parts)

    def pieces(self, count: int) -> Iterator[Array]:
        """The offsets in about so many pieces, none of them small."""
        size = -(-self.offsets.size // (count * FEWEST_LINES)) * FEWEST_LINES
        for start in range(0, self.offsets.size, size):
            yield self.offsets[start : start + size]


def _memory(array: Array, real: Array, steps: tuple[int, ...], parts: int) -> Array:
    if array.flags.c_contiguous:
        return array.reshape(-1).view(real.dtype)
    length = sum((count - 1) * step for count, step in zip(array.shape, steps, strict=True)) + parts
    return np.lib.stride_tricks.as_strided(real, (length,), (real.itemsize,))


@functools.lru_cache(maxsize=8)
def _offsets(shape: tuple[int, ...], steps: tuple[int, ...], axis: int, parts: int) -> Array:
    """Kept, because slabs of a field are alike."""
    others = sorted(((steps[i], shape[i]) for i in range(len(shape)) if i != axis), reverse=True)
    offsets = np.zeros(1, dtype=np.int64)
    for step, count in [*others, (1, parts)]:
        offsets = np.add.outer(offsets, np.arange(0, count * step, step)).ravel()
    return offsets
