"""The canonical polyadic decomposition: a tensor as a sum of few products of vectors, one vector per axis."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tensorfem import checks
from tensorfem.kron.approximation.alternating import LeastSquaresFit, leading_vectors, sum_of_products
from tensorfem.kron.inputs import at_least_zero, finite_array, first_bad
from tensorfem.kron.mode_product import Array

OPTIMAL = "two axes and no missing cells: the truncated singular value decomposition is optimal"


@dataclasses.dataclass(frozen=True, eq=False)
class CanonicalPolyadic:
    """What `cp` found: ``T[i, j, ...] ~ sum_r weights[r] U[i, r] V[j, r] ...``.

    Attributes
    ----------
    weights : (rank,) array
        At least 0, falling.
    factors : tuple of (n_i, rank) arrays
        Their columns have norm 1; the largest entry of each is positive, except on axis 0.
    history : tuple of float
        The relative error (in the known cells) after each sweep; `1 - error` is called the fit.
    converged : bool
    reason : str
        Why it ended there.
    """

    weights: Array
    factors: tuple[Array, ...]
    history: tuple[float, ...]
    converged: bool
    reason: str

    @property
    def rank(self) -> int:
        """The number of products."""
        return len(self.weights)

    @property
    def relative_error(self) -> float:
        """The norm of the misfit in the known cells over that of the data in them."""
        return self.history[-1]

    def toarray(self) -> Array:
        """The sum of the products, a tensor of the data's shape; missing cells are filled."""
        return sum_of_products(self.factors, self.weights)


def cp(
    tensor: Any,
    rank: int,
    *,
    mask: Any = None,
    tol: float = 1e-9,
    maxiter: int = 1000,
    seed: int | np.random.Generator = 0,
    starts: int = 1,
    proximity: float = 1e-10,
    ridge: float = 0.0,
) -> CanonicalPolyadic:
    """Approximate a tensor by a sum of `rank` outer products of vectors, by alternating least squares.

    For two axes without missing cells that is the truncated singular value decomposition. Otherwise one factor after the other is the
    solution of a linear least squares problem with the others fixed (Carroll & Chang 1970, Harshman 1970; survey: Kolda & Bader, "Tensor
    decompositions and applications", 2009); with missing cells, of one small problem for each of its rows (Tomasi & Bro 2005). The first
    start is by singular vectors of the unfolded tensor, in which missing cells hold the mean; others are drawn.

    The error never rises, but for more than two axes a minimum need not exist: columns may grow alike while their weights grow against each
    other, and the error then falls very slowly (a swamp); in missing cells the sum may then be far off. Each update therefore holds on to
    the previous one by `proximity` times the mean diagonal of its normal matrix, which leaves the minima where they are; 1e-3 shortens some
    swamps (Navasca, De Lathauwer & Kindermann 2008). Where weights grow without bound, take a `ridge` of 1e-8 to 1e-4, which bounds them
    and moves the minimum, more `starts`, or a lower rank.

    Parameters
    ----------
    tensor : array with at least 2 axes
    rank : int
    mask : bool array of its shape, optional
        True where the cell is known; what stands in the others does not matter.
    tol : float
        It has converged once a sweep changes the relative error by no more than this.
    maxiter : int
        The largest number of sweeps from one start.
    seed : int or numpy.random.Generator
        Of what is drawn. The same seed gives the same result.
    starts : int
        How many starts are tried; the best result is given.
    proximity : float
    ridge : float
        A penalty on the squares of the factors, in relation to the size of the data; the error may then rise a little. For missing cells.

    Returns
    -------
    CanonicalPolyadic
        If it has not converged it says so; `history` tells whether more sweeps would help.

    Raises
    ------
    ValueError
        For a tensor with fewer than 2 axes or entries that are not finite and not masked, a rank that is larger than the data allow, or a
        line of missing cells: the axis and the index are named.

    Examples
    --------
    >>> found = cp(np.multiply.outer([3.0, 4.0], np.multiply.outer([0.0, 1.0], [2.0, 0.0, 0.0])), rank=1)
    >>> bool(np.isclose(found.weights[0], 10.0)), found.converged
    (True, True)
    >>> abs(found.factors[0].round(6))
    array([[0.6],
           [0.8]])
    """
    if mask is None:
        data, known = finite_array(tensor, "tensor", "if such cells are missing, pass mask=~np.isnan(x)"), None
    else:
        data, known = _known_cells(tensor, mask)
    products = _rank(rank, data, known)
    limit, rng = checks.integer(maxiter, "maxiter", 1), np.random.default_rng(seed)
    tries = checks.integer(starts, "starts", 1)
    if data.ndim == 2 and known is None:
        return _truncated(data, products)
    fit = LeastSquaresFit(data, known, _positive(proximity, "proximity"), at_least_zero(ridge, "ridge"))
    least = max(_positive(tol, "tol"), 4 * float(np.finfo(data.dtype).eps))
    tried = (_alternate(fit, _start(fit, products, rng, number), least, limit) for number in range(tries))
    return min(tried, key=lambda result: result.relative_error)


def _positive(value: Any, name: str) -> float:
    number = checks.real(value, name)
    if number <= 0:
        raise ValueError(f"{name}: got {number}; allowed is a number > 0")
    return number


def _known_cells(tensor: Any, mask: Any) -> tuple[Array, Array | None]:
    """The data with zeros in the missing cells, and 0 or 1 for each; None where all are known."""
    array, known = np.asarray(tensor), np.asarray(mask)
    if known.shape != array.shape or known.dtype.kind != "b":
        raise ValueError(f"mask: got shape {known.shape} and type {known.dtype}; allowed is bool, of the tensor's shape {array.shape}")
    if array.dtype.kind == "f" or array.dtype.kind == "c":
        good = np.isfinite(array) | ~known
        if not good.all():
            raise ValueError(f"tensor: {first_bad(array, good)}, where the mask says that the cell is known; mask it, or mend it")
    data = finite_array(np.where(known, array, 0), "tensor")
    return data, None if known.all() else known.astype(np.finfo(data.dtype).dtype)


def _rank(rank: Any, data: Array, known: Array | None) -> int:
    """The rank, checked against what the data can determine."""
    if data.ndim < 2 or data.size == 0:
        raise ValueError(f"tensor: got shape {data.shape}; allowed are at least 2 axes, none of them empty")
    products, most = checks.integer(rank, "rank", 1), min(data.size // size for size in data.shape)
    if products > most:
        raise ValueError(
            f"rank: got {products}; any tensor of shape {data.shape} is a sum of at most {most} products: allowed is 1 to {most}"
        )
    if known is not None:
        _check_lines(products, known)
    return products


def _check_lines(rank: int, known: Array) -> None:
    for axis in range(known.ndim):
        counts = known.sum(axis=tuple(other for other in range(known.ndim) if other != axis), dtype=int)
        index, count = int(counts.argmin()), int(counts.min())
        if count == 0:
            raise ValueError(f"mask: all cells at index {index} of axis {axis} are missing; nothing can be fitted there: drop that index")
        if count < rank:
            raise ValueError(
                f"rank: got {rank}; only {count} cells are known at index {index} of axis {axis}, and each of the {rank} products has one "
                f"unknown there: allowed is 1 to {count}, or drop that index"
            )


def _start(fit: LeastSquaresFit, rank: int, rng: np.random.Generator, number: int) -> list[Array]:
    if number == 0:
        mean = 0 if fit.known is None else fit.tensor.sum() / fit.known.sum()
        filled = fit.tensor if fit.known is None else fit.tensor + mean * (1 - fit.known)
        return leading_vectors(filled, rank, rng)
    return [rng.standard_normal((size, rank)).astype(fit.tensor.dtype) for size in fit.tensor.shape]


def _alternate(fit: LeastSquaresFit, factors: list[Array], tol: float, maxiter: int) -> CanonicalPolyadic:
    history: list[float] = []
    factors = [factor * fit.size ** (1 / len(factors)) for factor in factors]  # so that no ridge is large beside the start, or small
    reason = f"maxiter: after {maxiter} sweeps the relative error still changed by more than {tol:.3g} in each"
    for _ in range(maxiter):
        factors = fit.swept(factors)
        history.append(fit.error(factors))
        if len(history) > 1 and abs(history[-2] - history[-1]) <= tol:
            reason = f"the last sweep changed the relative error by no more than {tol:.3g}"
            break
    weights, normalized = normal_form(factors)
    return CanonicalPolyadic(weights, normalized, tuple(history), not reason.startswith("maxiter"), reason)


def _truncated(data: Array, rank: int) -> CanonicalPolyadic:
    U, sigma, adjoint = np.linalg.svd(data, full_matrices=False)
    size = math.sqrt(float(np.sum(sigma**2))) or 1.0
    error = math.sqrt(float(np.sum(sigma[rank:] ** 2))) / size
    weights, factors = normal_form([U[:, :rank] * sigma[:rank], adjoint[:rank].T])
    return CanonicalPolyadic(weights, factors, (error,), True, OPTIMAL)


def normal_form(factors: Sequence[Array]) -> tuple[Array, tuple[Array, ...]]:
    """Weights, falling, and columns of norm 1 whose largest entries are positive, except on axis 0, which takes all signs.

    Examples
    --------
    >>> weights, (left, right) = normal_form([np.array([[3.0]]), np.array([[0.0], [-2.0]])])
    >>> weights, left, right.ravel()
    (array([6.]), array([[-1.]]), array([-0.,  1.]))
    """
    norms = [np.linalg.norm(factor, axis=0) for factor in factors]
    weights: Array = np.prod(norms, axis=0)
    order = np.argsort(-weights, kind="stable")
    units = [(factor / np.where(norm > 0, norm, 1))[:, order] for factor, norm in zip(factors, norms, strict=True)]
    for axis in range(1, len(units)):
        largest = np.take_along_axis(units[axis], np.abs(units[axis]).argmax(axis=0)[None], axis=0)
        phase = np.where(largest == 0, 1, largest / np.where(largest == 0, 1, np.abs(largest)))
        units[axis], units[0] = units[axis] / phase, units[0] * phase
    return weights[order], tuple(units)
