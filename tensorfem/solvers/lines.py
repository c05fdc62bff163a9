"""What inverts an operator line by line: the blocks of all lines along some axes."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.linalg as linalg

import tensorfem.kron.kernels as kernels
from tensorfem.kron import Array
from tensorfem.kron.threads import in_threads, parts, thread_count
from tensorfem.late import late

REGISTERS, REGISTER = 4, 64  # of the kernel: how many it fills with lines at once, and their bytes
SHIFT = 32.0  # times eps, of the diagonal: added, so that rounding makes no line's inverse larger than the exact one
MORE = 64.0  # times that, again and again, where lines that are held by weak couplings alone are singular to rounding all the same
SMALL = 1 << 14  # entries of a field that one thread works on alone

_compiled = late("tensorfem.solvers", {"relax_lines": "kernels"})


class Lines:
    """The sum, over some axes, of the inverses of an operator's blocks of the lines along them.

    Where cells are stretched, functions on the same line are coupled so strongly that their block is most of the operator. Where
    different axes are the strong ones in different places, each sum's part does nothing but what points do in the places of the others.
    The blocks are banded matrices, factorized once.

    Parameters
    ----------
    bands : sequence of Band
        At least one.
    scale : float
        Times which the blocks are taken.
    dtype : dtype
        In which they are solved.
    compiled : bool
        Whether kernels are to be used.

    References
    ----------
    Brandt, Math. Comp. 31 (1977); Trottenberg, Oosterlee & Schueller, Multigrid (2001), section 5.1.
    """

    def __init__(self, bands: Sequence[Any], scale: float, dtype: Any, *, compiled: bool) -> None:
        kind = _ByKernel if compiled and kernels.available() else _ByLapack
        self.dtype = np.dtype(dtype)
        self._axes = [kind(band, scale, self.dtype) for band in bands]

    @property
    def diagonal_inverse(self) -> None:
        """They are no diagonal."""

    def solved(self, residual: Array) -> Array:
        """What they make of a residual, in their precision."""
        value, step = (np.zeros(residual.shape, self.dtype) for _ in range(2))
        self.relax(value, step, residual.astype(self.dtype), (0.0, 1.0))
        return value

    def relax(self, value: Array, step: Array, residual: Array, factors: tuple[float, float]) -> None:
        """A step of a smoothing polynomial, in place: with z what they make of a residual, ``step = momentum step + factor z``, and

        ``value += step``.

        Parameters
        ----------
        value, step, residual : arrays
            C-contiguous, and of their precision.
        factors : (momentum, factor)
        """
        momentum, factor = factors
        for axis in self._axes[:-1]:
            axis.relax(None, step, residual, (momentum, factor))
            momentum = 1.0
        self._axes[-1].relax(value, step, residual, (momentum, factor))

    def relax_from_zero(self, value: Array, step: Array, residual: Array, factor: float) -> None:
        """The first step, whatever `value` and `step` held."""
        value[...] = 0
        step[...] = 0
        self.relax(value, step, residual, (0.0, factor))


class _ByLapack:
    """The lines along one axis, one after the other, as one banded matrix."""

    def __init__(self, band: Any, scale: float, dtype: Any) -> None:
        self._axis, self._order = band.axis, band.order
        self._factor = _cholesky(_in_rows(band), scale, dtype).astype(dtype)

    def relax(self, value: Array | None, step: Array, residual: Array, factors: tuple[float, float]) -> None:
        """As `Lines.relax`; without a value only the step is made."""
        rhs = np.moveaxis(residual, self._axis, -1)[..., self._order]
        solved = linalg.cho_solve_banded((self._factor, True), rhs.reshape(-1), overwrite_b=True, check_finite=False)
        step *= factors[0]
        np.moveaxis(step, self._axis, -1)[..., self._order] += factors[1] * solved.reshape(rhs.shape)
        if value is not None:
            value += step


class _ByKernel:
    """The same by ``L D L^T``, many lines at once."""

    def __init__(self, band: Any, scale: float, dtype: Any) -> None:
        shape, rows = band.entries.shape[1:], _in_rows(band)
        width, size, together = len(rows), band.order.size, REGISTERS * REGISTER // dtype.itemsize
        lines = np.moveaxis(np.arange(math.prod(shape)).reshape(shape), band.axis, -1)
        self._starts = lines[..., 0].ravel().astype(np.int64)
        stride = math.prod(shape[band.axis + 1 :])
        self._places, self._in_memory = band.order * stride, stride == 1
        self._factors = np.zeros((-(-self._starts.size // together), size, width, together), dtype)
        for block, target in enumerate(self._factors):
            part = rows[:, block * together * size : (block + 1) * together * size]
            lower = _cholesky(part, scale, dtype).reshape(width, -1, size)
            lower[1:] /= lower[0]
            lower[0] **= -2.0
            target[..., : lower.shape[1]] = lower.transpose(2, 0, 1)
        self._spare: list[Array] = []  # its `pop` and `append` are atomic: threads do not get the same room

    def relax(self, value: Array | None, step: Array, residual: Array, factors: tuple[float, float]) -> None:
        """As `Lines.relax`; without a value only the step is made."""
        number = self._factors.dtype.type
        fields = [array.reshape(-1) for array in (step if value is None else value, step, residual)]
        shape = self._factors.shape[2:]
        given = number(factors[0]), number(factors[1]), value is not None, self._in_memory

        def work(blocks: slice) -> None:
            room = self._spare.pop() if self._spare else np.zeros(self._places.size * shape[1], number)
            _compiled("relax_lines")(
                *fields, self._factors.reshape(-1), shape, self._starts, self._places, (blocks.start, blocks.stop), given, room
            )
            self._spare.append(room)

        in_threads(work, parts(len(self._factors), 4 * thread_count() if residual.size > SMALL else 1))


def _in_rows(band: Any) -> Array:
    """The band's entries line by line: (width + 1, all)."""
    rows: Array = np.ascontiguousarray(np.moveaxis(band.entries, 1 + band.axis, -1)).reshape(len(band.entries), -1)
    return rows


def _cholesky(rows: Array, scale: float, dtype: Any) -> Array:
    """The factor of a multiple of some lines' matrices, its lower bands."""
    shift = SHIFT * float(np.finfo(dtype).eps)
    while True:
        multiple = scale * rows
        multiple[0] *= 1 + shift
        try:
            return np.asarray(linalg.cholesky_banded(multiple, overwrite_ab=True, lower=True, check_finite=False))
        except linalg.LinAlgError:
            if not 0 < shift < MORE:  # twice a diagonal makes any semi-definite matrix definite
                raise
            shift *= MORE
