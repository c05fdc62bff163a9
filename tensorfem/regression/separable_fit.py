"""Fields compressed to sums of products of functions of one coordinate each."""

from collections.abc import Callable

import numpy as np
import scipy.linalg as linalg
from numpy.typing import NDArray

from tensorfem.checks import integer, real
from tensorfem.field import Field
from tensorfem.kron import mode_product
from tensorfem.regression.product_decomposition import OuterProducts, closest_products, signed, unit
from tensorfem.regression.sum_of_products import SumOfProducts

FloatArray = NDArray[np.float64]


def fit_separable(u: Field, rank: int | None = None, *, rtol: float | None = None) -> SumOfProducts:
    """Approximate a field by a sum of products of 1D functions of its own bases, in the L2 norm: compress a solution.

    With the Cholesky factors ``M_i = L_i L_i^T`` of the 1D mass matrices, the L2 norm of a field is the Euclidean norm of its coefficients
    C after ``L_i^T`` along each axis. For two axes the truncated singular value decomposition of ``L_x^T C L_y`` is therefore the best sum
    of so many products; for more, the canonical decomposition by alternating least squares is a local optimum.

    Parameters
    ----------
    u : Field
    rank : int, optional
        The number of products.
    rtol : float, optional
        In place of a rank: the smallest rank whose relative L2 error is at most this.

    Returns
    -------
    SumOfProducts
        With `to_field`, `functions` (the 1D functions as fields), `storage_ratio` and, for two axes, `singular_values`. That of a zero
        field is zero: its weights are 0, its relative error too.

    Raises
    ------
    ValueError
        Unless one of rank and rtol is given, or the rank is larger than the field's largest, or rtol not above 0.

    References
    ----------
    Eckart & Young, Psychometrika 1 (1936); Kolda & Bader, "Tensor decompositions and applications", SIAM Rev. 51 (2009).

    Examples
    --------
    >>> import tensorfem as tfem
    >>> u = tfem.interpolate(tfem.box(x=(0, 1), y=(0, 2), cells=(8, 5), degree=2), "x*y + x**2")
    >>> fit = fit_separable(u, rtol=1e-12)
    >>> fit.rank, u.l2_error(fit.to_field()) < 1e-13
    (2, True)
    """
    if not isinstance(u, Field):
        raise ValueError(f"u: got an object of type {type(u).__name__}; allowed is a Field (data on a grid go to fit_sum_of_products)")
    if (rank is None) == (rtol is None):
        raise ValueError(f"fit_separable: got rank={rank!r} and rtol={rtol!r}; give one of them")
    roots = [linalg.cholesky(factor.toarray(), lower=True) for factor in u.space.mass.factors]
    whitened, exponent = unit(u.coefficients)
    for axis, root in enumerate(roots):
        whitened = mode_product(root.T, whitened, axis)
    largest = u.space.size // max(u.space.shape)
    if rtol is None:
        found = _decomposition(whitened)(integer(rank, "rank", 1, largest))
    else:
        found = _smallest(_decomposition(whitened), whitened, _tolerance(rtol), largest)
    return _record(u, roots, found.times(exponent))


def _tolerance(rtol: float) -> float:
    value = real(rtol, "rtol")
    if value <= 0:
        raise ValueError(f"rtol: got {value:g}; allowed is a number > 0, the relative L2 error to be reached")
    return value


def _decomposition(array: FloatArray) -> Callable[[int], OuterProducts]:
    """The closest sum of products of an array by its rank, found in the axes' singular vectors beyond rounding (Tucker)."""
    if array.ndim <= 2:
        return lambda rank: closest_products(array, rank)
    frames, core = [], array
    for axis in range(array.ndim):
        U, values, _ = linalg.svd(np.moveaxis(array, axis, 0).reshape(array.shape[axis], -1), full_matrices=False)
        kept = max(1, int(np.count_nonzero(values > array.shape[axis] * np.finfo(float).eps * values[0])))
        frames.append(U[:, :kept])
        core = mode_product(U[:, :kept].T, core, axis)

    def closest(rank: int) -> OuterProducts:
        if rank > core.size // max(core.shape):  # more products than the core has: the whole array has them
            return closest_products(array, rank)
        found = closest_products(core, rank)
        factors = tuple(frame @ factor for frame, factor in zip(frames, found.factors, strict=True))
        return OuterProducts(found.weights, factors, found.history, found.converged, found.reason)

    return closest


def _smallest(closest: Callable[[int], OuterProducts], array: FloatArray, rtol: float, largest: int) -> OuterProducts:
    """The first rank that is good enough; of a singular value decomposition, read from the singular values."""
    found = closest(1)
    if found.singular_values is not None:
        values = found.singular_values
        tails = np.sqrt(np.cumsum(values[::-1] ** 2))[::-1]  # tails[r] is what rank r misses
        return closest(max(1, int(np.count_nonzero(tails > rtol * tails[0]))))
    rank = 1
    while found.history[-1] > rtol:
        if rank == largest:
            raise ValueError(f"rtol: got {rtol:g}, but {rank} products still miss {found.history[-1]:.3g}; ask for a larger rtol")
        rank += 1
        found = closest(rank)
    return found


def _record(u: Field, roots: list[FloatArray], found: OuterProducts) -> SumOfProducts:
    bases = u.space.bases
    expanded = [linalg.solve_triangular(root, factor, trans="T", lower=True) for root, factor in zip(roots, found.factors, strict=True)]
    shown = [np.asarray(basis.collocation @ columns) for basis, columns in zip(bases, expanded, strict=True)]
    coefficients, factors = signed(expanded, shown)
    return SumOfProducts(
        axes=u.space.nodes,
        weights=found.weights,
        factors=factors,
        relative_error=found.history[-1],
        history=found.history,
        converged=found.converged,
        reason=found.reason,
        singular_values=found.singular_values,
        space=u.space,
        coefficients=coefficients,
    )
