"""Trigonometric eigenbases: sines and cosines, applied by fast transforms in O(n log n)."""

import functools
import math
from typing import Any, Literal, get_args

import numpy as np
from scipy import fft

import tensorfem.kron.kernels as kernels
from tensorfem.kron.eigenbasis import Eigenbasis
from tensorfem.kron.lines import Lines, can_be_lines
from tensorfem.kron.mode_product import Array
from tensorfem.kron.threads import in_threads, inside, thread_count
from tensorfem.kron.transform_plan import operations, transform_plan

SCIPY_OPERATION = 2.5  # times as long as one of a plan: 4.2 against 1.3 ns per entry for 127 sines, 5.5 against 1.6 ns for 999
PIECES = 4  # for each thread
Kind = Literal["dirichlet-dirichlet", "dirichlet-neumann", "neumann-dirichlet", "neumann-neumann", "periodic"]
KINDS: tuple[Kind, ...] = get_args(Kind)


class TrigonometricEigenbasis(Eigenbasis):
    """The eigenbasis of linear elements on a uniform mesh with constant coefficient and consistent mass.

    The eigenvector matrix is, with orthonormal transforms O and E = diag of sqrt(2) at natural ends and 1 elsewhere, Q = E O:

    ======================  ==============  ==========================================
    ends                    O               angles theta_k
    ======================  ==============  ==========================================
    Dirichlet, Dirichlet    DST-I           k pi / cells, k = 1, ..., cells - 1
    Dirichlet, Neumann      DST-II          (k - 1/2) pi / cells, k = 1, ..., cells
    Neumann, Dirichlet      DCT-II^T        (k - 1/2) pi / cells, k = 1, ..., cells
    Neumann, Neumann        DCT-I           k pi / cells, k = 0, ..., cells
    periodic                real FFT        2 pi k / cells
    ======================  ==============  ==========================================

    The diagonals are ``stiffness = a (4/h) sin^2(theta/2)`` and ``mass = b h (2 + cos theta)/3``.

    Large fields are transformed in place by compiled code (`tensorfem.kron.transform_plan` says how), 16 lines of double precision at a
    time: rounding errors are relative to the largest of these, and NaN in one reaches another. Small ones, lengths that `scipy.fft` is
    faster at, and other numbers than single and double precision go there.

    Parameters
    ----------
    kind : str
        One of the rows of the table.
    length : float
        Length of the axis.
    cells : int
        Number of cells, all of length h = length / cells.
    scale : pair of float
        The constant weights (a, b) of stiffness and mass.

    Raises
    ------
    ValueError
        If the kind is unknown; on use, if the axis of an array has another length.

    References
    ----------
    Lynch, Rice & Thomas 1964; Buzbee, Golub & Nielson 1970; Strang, "The discrete cosine transform", SIAM Review 1999.
    """

    def __init__(self, kind: Kind, length: float, cells: int, scale: tuple[float, float] = (1.0, 1.0)) -> None:
        if kind not in KINDS:
            raise ValueError(f"kind: got {kind!r}; allowed are {', '.join(KINDS)}")
        self.kind: Kind = kind
        self.cells = cells
        self.natural = tuple(0 if i == 0 else -1 for i, end in enumerate(kind.split("-")) if end == "neumann")
        angles = _angles(kind, cells)
        width = length / cells
        self.stiffness = scale[0] * (4 / width) * np.sin(angles / 2) ** 2
        self.mass = scale[1] * width * (2 + np.cos(angles)) / 3

    def analyse(self, array: Array, axis: int, *, out: Array | None = None, overwrite: bool = False) -> Array:
        """Apply Q^T = O^T E."""
        array = self._checked(array, axis)
        if self.works_in_place(array):
            return self._in_lines(array, axis, out, overwrite, forward=True)
        if self.natural and not overwrite:
            array, overwrite = array.copy(), True
        self._scale_natural_ends(array, axis)
        return self._transform(array, axis, overwrite, forward=True)

    def synthesise(self, array: Array, axis: int, *, out: Array | None = None, overwrite: bool = False) -> Array:
        """Apply Q = E O."""
        array = self._checked(array, axis)
        if self.works_in_place(array):
            return self._in_lines(array, axis, out, overwrite, forward=False)
        array = self._transform(array, axis, overwrite, forward=False)
        self._scale_natural_ends(array, axis)
        return array

    def works_in_place(self, array: Array) -> bool:
        """Whether the transforms are done by compiled code, in place where `overwrite` allows it; a slice is treated as the whole array."""
        whole = array.base if isinstance(array.base, np.ndarray) else array
        return kernels.pays(max(array.size, whole.nbytes // array.itemsize)) and can_be_lines(array) and self._compiles

    @functools.cached_property
    def _compiles(self) -> bool:
        return operations(self.kind, self.cells) < SCIPY_OPERATION * transform_cost(self.kind, self.cells)

    def _checked(self, array: Array, axis: int) -> Array:
        size = self.mass.size
        if array.shape[axis] != size:
            raise ValueError(f"array: got shape {array.shape}; axis {axis} must have {size} entries, as many as the basis has columns")
        return array if np.issubdtype(array.dtype, np.inexact) else array.astype(float)

    def _in_lines(self, array: Array, axis: int, out: Array | None, overwrite: bool, forward: bool) -> Array:
        if not (overwrite and array.flags.writeable):
            target = out if out is not None and out.dtype == array.dtype and can_be_lines(out) else np.empty_like(array)
            np.copyto(target, array)
            array = target
        lines, threads, transform = Lines(array, axis), _workers(), kernels.transform_lines
        plan = transform_plan(self.kind, self.cells, forward, lines.flat.dtype)
        program = plan.steps, plan.places, plan.factors, plan.ends, plan.weights, plan.height
        pieces = lines.pieces(threads if threads == 1 else PIECES * threads)
        in_threads(lambda offsets: transform(lines.flat, offsets, lines.stride, *program), pieces, threads)
        return array

    def _scale_natural_ends(self, array: Array, axis: int) -> None:
        for end in self.natural:
            np.moveaxis(array, axis, 0)[end] *= math.sqrt(2)

    def _transform(self, array: Array, axis: int, overwrite: bool, forward: bool) -> Array:
        options: dict[str, Any] = {"axis": axis, "norm": "ortho", "workers": _workers(), "overwrite_x": overwrite}
        match self.kind:
            case "dirichlet-dirichlet":
                return np.asarray(fft.dst(array, type=1, **options))
            case "neumann-neumann":
                return np.asarray(fft.dct(array, type=1, **options))
            case "dirichlet-neumann":
                return np.asarray(fft.dst(array, type=3 if forward else 2, **options))
            case "neumann-dirichlet":
                return np.asarray(fft.dct(array, type=2 if not forward else 3, **options))
            case "periodic":
                return (_real_fft if forward else _inverse_real_fft)(array, axis)


def _workers() -> int:
    return 1 if inside() else thread_count()


def _angles(kind: Kind, cells: int) -> Array:
    match kind:
        case "dirichlet-dirichlet":
            return np.arange(1, cells) * (np.pi / cells)
        case "neumann-neumann":
            return np.arange(cells + 1) * (np.pi / cells)
        case "periodic":
            return ((np.arange(cells) + 1) // 2) * (2 * np.pi / cells)
        case _:
            return (np.arange(cells) + 0.5) * (np.pi / cells)


def _real_fft(array: Array, axis: int) -> Array:
    """Orthonormal real Fourier transform, packed as constant, then cosine and sine of each frequency: n numbers in, n out."""
    if np.iscomplexobj(array):
        return np.asarray(_real_fft(array.real, axis) + 1j * _real_fft(array.imag, axis))
    spectrum = np.moveaxis(np.asarray(fft.rfft(array, axis=axis, norm="ortho", workers=_workers())), axis, -1)
    count = array.shape[axis]
    packed = np.empty((*spectrum.shape[:-1], count), dtype=array.dtype)
    packed[..., 0] = spectrum[..., 0].real
    packed[..., 1::2] = spectrum[..., 1:].real
    packed[..., 2::2] = spectrum[..., 1 : (count + 1) // 2].imag
    packed[..., 1 : count - 1 + count % 2] *= math.sqrt(2)
    return np.moveaxis(packed, -1, axis)


def _inverse_real_fft(array: Array, axis: int) -> Array:
    """The transpose, and inverse, of `_real_fft`."""
    if np.iscomplexobj(array):
        return np.asarray(_inverse_real_fft(array.real, axis) + 1j * _inverse_real_fft(array.imag, axis))
    packed = np.moveaxis(array, axis, -1)
    count = array.shape[axis]
    spectrum = np.zeros((*packed.shape[:-1], count // 2 + 1), dtype=np.result_type(array.dtype, 1j))
    spectrum[..., 0] = packed[..., 0]
    spectrum[..., 1:].real = packed[..., 1::2]
    spectrum[..., 1 : (count + 1) // 2].imag = packed[..., 2::2]
    spectrum[..., 1 : (count + 1) // 2] *= math.sqrt(0.5)
    return np.asarray(fft.irfft(np.moveaxis(spectrum, -1, axis), n=count, axis=axis, norm="ortho", workers=_workers()))


def transform_cost(kind: Kind, cells: int) -> float:
    """Operations per entry of the transform, by the prime factors of its length.

    The model is that of FFT libraries themselves: a factor p costs p, a large one a little more; a length whose factors cost too much is
    carried to a convolution of twice its length (Bluestein 1970). A DST-I of n = 256 entries is one of length 2 x 257.

    Examples
    --------
    >>> transform_cost("dirichlet-dirichlet", 257) > 3 * transform_cost("dirichlet-dirichlet", 256)
    True
    """
    length = 2 * cells if kind in {"dirichlet-dirichlet", "neumann-neumann"} else cells
    direct = _factor_cost(length)
    bluestein = 3 * 2 * _factor_cost(int(fft.next_fast_len(2 * length)))
    return (length / cells) * min(direct, bluestein)


def _factor_cost(length: int) -> float:
    cost, divisor = 0.0, 2
    while divisor * divisor <= length:
        while length % divisor == 0:
            cost, length = cost + (divisor if divisor <= 5 else 1.1 * divisor), length // divisor
        divisor += 1
    return cost + (length if length <= 5 else 1.1 * length) * (length > 1)
