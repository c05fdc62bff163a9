"""Convolution along one axis as a banded matrix, with every usual boundary."""

from typing import Any, Literal, get_args

import numpy as np
import scipy.sparse as sparse
from numpy.typing import ArrayLike

from tensorfem.kron.mode_product import Array

Window = Literal["full", "same", "valid"]
Boundary = Literal["reflect", "mirror", "nearest", "wrap", "constant"]
Mode = Window | Boundary
MODES: tuple[str, ...] = get_args(Window) + get_args(Boundary)


def as_kernel(kernel: ArrayLike, name: str) -> Array:
    """A 1D kernel in floating point.

    Raises
    ------
    ValueError
        If it is empty, has another dimension than 1, or holds NaN or infinity.
    """
    h = np.asarray(kernel)
    if h.ndim != 1 or h.size == 0:
        raise ValueError(f"{name}: got an array of shape {h.shape}; a kernel has one dimension and at least one tap")
    h = h if np.issubdtype(h.dtype, np.inexact) else h.astype(float)
    if not np.isfinite(h).all():
        raise ValueError(f"{name}: {int((~np.isfinite(h)).sum())} of {h.size} taps are not finite; give finite numbers")
    return h


def convolution_matrix(h: ArrayLike, n: int, mode: Mode = "full", *, origin: int = 0) -> Any:
    """The sparse banded matrix that convolves a signal of length n with the kernel h.

    Row i of the windows is ``(h * x)[i + s] = sum_j h[j] x[i + s - j]``, where s is 0 for "full" and as in `numpy.convolve` for
    "same" and "valid"; x is zero outside. With a boundary mode the result is as long as the signal, ``s = len(h) // 2 + origin`` as in
    `scipy.ndimage.convolve1d`, and x goes on outside as the mode says:

    =========  ==========================
    reflect    (d c b a | a b c d | d c b a)
    mirror     (d c b | a b c d | c b a)
    nearest    (a a a a | a b c d | d d d d)
    wrap       (a b c d | a b c d | a b c d)
    constant   (0 0 0 0 | a b c d | 0 0 0 0)
    =========  ==========================

    The kernel may be longer than the signal, of odd or of even length. Its correlation is the convolution with ``conj(h[::-1])``, for
    `scipy.ndimage.correlate1d` with the negated origin, less one for an even kernel.

    Parameters
    ----------
    h : (L,) array
    n : int
        Length of the signal, at least 1.
    mode : str
        "full", "same", "valid", "reflect", "mirror", "nearest", "wrap" or "constant".
    origin : int
        Boundary modes only: shifts the kernel's centre; ``0 <= L // 2 + origin < L``.

    Returns
    -------
    csr_array of shape (m, n)
        Rows m: n + L - 1 for "full", max(n, L) for "same", max(n, L) - min(n, L) + 1 for "valid", else n.

    Raises
    ------
    ValueError
        For an empty kernel or one with NaN, n < 1, an unknown mode, or an origin outside the kernel.

    Examples
    --------
    >>> convolution_matrix([1.0, 2.0, 1.0], 4, "reflect").toarray()
    array([[3., 1., 0., 0.],
           [1., 2., 1., 0.],
           [0., 1., 2., 1.],
           [0., 0., 1., 3.]])
    """
    h = as_kernel(h, "h")
    if n < 1:
        raise ValueError(f"n: got {n}; a signal has at least 1 value")
    rows, shift = _window(h.size, n, mode, origin)
    place = np.arange(rows)[:, None] + shift - np.arange(h.size)
    column, inside = _continue(place, n, mode)
    taps = np.broadcast_to(h, place.shape)
    row = np.broadcast_to(np.arange(rows)[:, None], place.shape)
    keep = inside & (taps != 0)
    return sparse.coo_array((taps[keep], (row[keep], column[keep])), shape=(rows, n)).tocsr()


def _window(size: int, n: int, mode: str, origin: int) -> tuple[int, int]:
    """How many results there are, and the place of the first in the full convolution."""
    if mode not in MODES:
        raise ValueError(f"mode: got {mode!r}; allowed are {', '.join(MODES)}")
    if mode in get_args(Window):
        if origin:
            raise ValueError(f"origin: got {origin} with mode {mode!r}; only {', '.join(get_args(Boundary))} have an origin")
        short, long = sorted((size, n))
        return {"full": (n + size - 1, 0), "same": (long, (short - 1) // 2), "valid": (long - short + 1, short - 1)}[mode]
    if not 0 <= size // 2 + origin < size:
        raise ValueError(f"origin: got {origin}; for {size} taps allowed are {-(size // 2)} to {size - size // 2 - 1}")
    return n, size // 2 + origin


def _continue(place: Array, n: int, mode: str) -> tuple[Array, Array]:
    """The index in 0..n-1 that stands for a place on the integer line, and whether there is one."""
    inside = (place >= 0) & (place < n)
    if mode == "nearest":
        return np.clip(place, 0, n - 1), np.ones_like(inside)
    if mode == "wrap":
        return place % n, np.ones_like(inside)
    if mode in {"reflect", "mirror"}:
        period = 2 * n if mode == "reflect" else max(1, 2 * n - 2)
        folded = place % period
        return np.minimum(folded, period - int(mode == "reflect") - folded), np.ones_like(inside)
    return place, inside


def gaussian_kernel(sigma: float, *, truncate: float = 4.0, order: int = 0) -> Array:
    """The sampled Gaussian of sum 1, or its derivative of some order; convolved, it smooths or differentiates.

    The taps are ``g(x) = exp(-x^2 / (2 sigma^2))`` over their sum at x = -r..r, and ``(-1/sigma)^order He(x / sigma) g(x)`` for a
    derivative, with the probabilists' Hermite polynomial He of that order. It is what `scipy.ndimage.gaussian_filter1d` convolves with.

    Parameters
    ----------
    sigma : float
        Standard deviation in samples.
    truncate : float
        The radius r is `truncate` standard deviations, rounded.
    order : int
        Of the derivative.

    Raises
    ------
    ValueError
        If sigma or truncate is not positive and finite, or the order is negative.

    Examples
    --------
    >>> gaussian_kernel(0.8, truncate=2.0).round(3)
    array([0.022, 0.229, 0.499, 0.229, 0.022])
    """
    for name, value in (("sigma", sigma), ("truncate", truncate)):
        if not 0 < value < np.inf:
            raise ValueError(f"{name}: got {value}; it is a positive, finite number")
    if order < 0:
        raise ValueError(f"order: got {order}; a derivative has order 0, 1, 2, ...")
    radius = int(truncate * sigma + 0.5)
    x = np.arange(-radius, radius + 1) / sigma
    bell = np.exp(-(x**2) / 2)
    hermite = np.polynomial.hermite_e.hermeval(x, np.eye(order + 1)[order])
    kernel: Array = (-1 / sigma) ** order * hermite * bell / bell.sum()
    return kernel
