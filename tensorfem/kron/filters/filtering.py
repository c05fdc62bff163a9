"""Separable filters of images with any number of axes: Kronecker products of banded convolution matrices."""

from collections.abc import Sequence
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import ArrayLike

from tensorfem.kron.filters.convolution import Mode, as_kernel, convolution_matrix
from tensorfem.kron.mode_product import Array
from tensorfem.kron.product import KroneckerProduct

# A band that fills more of its matrix than this is multiplied faster by BLAS, as a dense matrix.
DENSE_ABOVE = 0.2

Kernels = Array | Sequence[ArrayLike]


def filter_operator(shape: Sequence[int], kernels: Kernels, mode: Mode = "reflect", *, origin: int | Sequence[int] = 0) -> KroneckerProduct:
    """The convolution with a product of 1D kernels, as an operator on images of a shape; adjoint and transpose come with it.

    ``h_0 (x) h_1 (x) ...`` convolves by ``C(h_0) (x) C(h_1) (x) ...``, where C is the `convolution_matrix`.

    Parameters
    ----------
    shape : sequence of int
        Of the images; leading batch axes are not counted.
    kernels : sequence of (L_i,) arrays
        One per axis; or a single 1D array, which is used for all.
    mode : str
        As in `convolution_matrix`: "full", "same" and "valid", or what is outside the image.
    origin : int or sequence of int
        Shift of the kernels' centres, for all axes or one per axis.

    Raises
    ------
    ValueError
        If the number of kernels or origins is not that of the axes, and as in `convolution_matrix`.

    Examples
    --------
    >>> blur = filter_operator((3, 2), [[0.25, 0.5, 0.25], [1.0]])
    >>> blur @ np.array([[4.0, 0.0], [0.0, 4.0], [0.0, 0.0]])
    array([[3., 1.],
           [1., 2.],
           [0., 1.]])
    """
    taps = _per_axis(kernels, len(shape))
    origins = [int(o) for o in np.ravel(origin)] * (len(shape) if np.ndim(origin) == 0 else 1)
    if len(origins) != len(shape):
        raise ValueError(f"origin: got {len(origins)} for {len(shape)} axes; give one number, or one per axis")
    return KroneckerProduct(
        *(_cheaper(convolution_matrix(h, n, mode, origin=o)) for h, n, o in zip(taps, map(int, shape), origins, strict=True))
    )


def separable_filter(
    image: ArrayLike,
    kernels: Kernels,
    *,
    mode: Mode = "reflect",
    axes: Sequence[int] | None = None,
    origin: int | Sequence[int] = 0,
) -> Array:
    """Convolve an image along its axes, with one kernel per axis.

    The result is that of `scipy.ndimage.convolve1d` along one axis after the other, to rounding; outside "constant" is zero. The
    kernels take the precision of the image; an image of integers is computed in float64, and not rounded.

    Parameters
    ----------
    image : array of any dimension, real or complex
    kernels : sequence of (L_i,) arrays
        One for each of `axes`; or a single 1D array, which is used for all of them. A correlation takes the reversed kernel.
    mode : str
        As in `convolution_matrix`.
    axes : sequence of int, optional
        The axes to filter. By default the last ones, as many as there are kernels (all, for a single array): batch axes lead.
    origin : int or sequence of int
        As in `filter_operator`.

    Returns
    -------
    array of the image's shape; of another size along `axes` for "full", "same" and "valid"

    Raises
    ------
    ValueError
        If kernels and axes are not equally many, an axis is missing or twice there, or the image holds NaN or infinity: fill them,
        or divide the filtered image (zeros for the missing values) by the filtered mask. And as in `convolution_matrix`.

    Examples
    --------
    >>> separable_filter([[0.0, 0.0, 8.0]], [[1.0, 0.0, -1.0]], mode="nearest")
    array([[0., 8., 8.]])
    """
    array = np.asarray(image)
    array = array if np.issubdtype(array.dtype, np.inexact) else array.astype(float)
    missing = int((~np.isfinite(array)).sum())
    if missing:
        raise ValueError(f"image: {missing} of {array.size} values are not finite; fill them, or filter values and mask and divide")
    places = _places(axes, array.ndim, _single(kernels), len(kernels))
    last = range(-len(places), 0)
    moved = np.moveaxis(array, places, last)
    fitting = [h.astype(np.result_type(array, 1j) if np.iscomplexobj(h) else array.dtype) for h in _per_axis(kernels, len(places))]
    operator = filter_operator(moved.shape[moved.ndim - len(places) :], fitting, mode, origin=origin)
    return np.ascontiguousarray(np.moveaxis(operator.apply(moved), last, places))


def _single(kernels: Kernels) -> TypeGuard[Array]:
    return isinstance(kernels, np.ndarray) and kernels.ndim == 1


def _per_axis(kernels: Kernels, count: int) -> list[Array]:
    given: list[ArrayLike] = [kernels] * count if _single(kernels) else list(kernels)
    if len(given) != count or not count:
        raise ValueError(
            f"kernels: got {len(given)} for {count} axes; give one 1D kernel per axis, at least one, or a single array for all"
        )
    return [as_kernel(kernel, f"kernels[{i}]") for i, kernel in enumerate(given)]


def _places(axes: Sequence[int] | None, dimension: int, single: bool, count: int) -> list[int]:
    """The axes to filter, counted from the front."""
    wanted = range(0 if single else dimension - min(count, dimension), dimension) if axes is None else axes
    if not all(-dimension <= axis < dimension for axis in wanted) or len({axis % dimension for axis in wanted}) < len(wanted):
        raise ValueError(f"axes: got {tuple(wanted)}; allowed are different axes of an image with {dimension} dimensions")
    return [axis % dimension for axis in wanted]


def _cheaper(matrix: Any) -> Any:
    return matrix.toarray() if matrix.nnz > DENSE_ABOVE * matrix.shape[0] * matrix.shape[1] else matrix
