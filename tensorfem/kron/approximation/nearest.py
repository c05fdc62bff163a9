"""The nearest sum of Kronecker products to a matrix, in the Frobenius norm."""

import dataclasses
import math
from typing import Any

import numpy as np
import scipy.linalg
import scipy.sparse as sparse
from scipy.sparse.linalg import svds

from tensorfem import checks
from tensorfem.kron.approximation.canonical_polyadic import cp, normal_form
from tensorfem.kron.inputs import finite_matrix
from tensorfem.kron.memory import require_memory
from tensorfem.kron.mode_product import Array
from tensorfem.kron.operator import KroneckerOperator
from tensorfem.kron.product import KroneckerProduct
from tensorfem.kron.separable import SeparableOperator

# Up to this many singular values are all computed; beyond, the leading ones alone.
ALL_VALUES = 400

Shape = tuple[int, int]


@dataclasses.dataclass(frozen=True, eq=False)
class NearestKronecker:
    """What `nearest_kronecker` found.

    Attributes
    ----------
    operator : KroneckerProduct, or SeparableOperator for a rank above 1
        Its factors of one term have equal norms.
    singular_values : array
        Of the rearranged matrix, falling: all that were computed, at least `rank`. For more than two factors the weights of the terms.
    relative_error : float
        The norm of the difference over that of the matrix. Where not all singular values are computed it is known to about 1e-8.
    converged : bool
        For more than two factors whether the iteration has ended by itself.
    """

    operator: KroneckerProduct | SeparableOperator
    singular_values: Array
    relative_error: float
    converged: bool = True


def nearest_kronecker(A: Any, *shapes: Shape, rank: int = 1) -> NearestKronecker:
    """The sum of `rank` Kronecker products that is nearest to a matrix in the Frobenius norm.

    Entry ((i1, i2), (j1, j2)) is moved to row (i1, j1) and column (i2, j2): that makes a Kronecker product a matrix of rank 1, and the
    problem a truncated singular value decomposition (Van Loan & Pitsianis, "Approximation with Kronecker products", 1993). A sparse
    matrix stays sparse in that; a sum of products is never expanded where its terms have the factors' shapes. More than two factors make
    a tensor, which `cp` decomposes: a local minimum, mostly the best.

    Parameters
    ----------
    A : (m, n) array, sparse array or structured operator
    *shapes : pairs of int
        Rows and columns of each factor, leftmost first: the products are m and n.
    rank : int

    Returns
    -------
    NearestKronecker

    Raises
    ------
    ValueError
        With fewer than two shapes, if they do not multiply to the matrix' shape, for a rank larger than the shapes allow, or for entries
        that are not finite.
    MemoryError
        If the singular value decomposition, or the tensor, would not fit.

    Examples
    --------
    >>> A = np.kron(np.array([[1.0, 2.0]]), np.array([[1.0], [3.0]]))
    >>> found = nearest_kronecker(A, (1, 2), (2, 1))
    >>> found.operator.toarray().round(12)
    array([[1., 2.],
           [3., 6.]])
    >>> found.relative_error < 1e-15
    True
    """
    sizes = _checked(shapes)
    matrix = A if isinstance(A, KroneckerOperator) else finite_matrix(A, "A")
    whole = tuple(math.prod(side) for side in zip(*sizes, strict=True))
    if whole != tuple(matrix.shape):
        raise ValueError(f"shapes: got {', '.join(map(str, sizes))}, which multiply to {whole}; A has shape {tuple(matrix.shape)}")
    lengths = [math.prod(size) for size in sizes]
    terms = checks.integer(rank, "rank", 1, min(math.prod(lengths) // length for length in lengths))
    if len(sizes) > 2:
        require_memory(
            8 * math.prod(lengths), "the matrix as a dense tensor", "take two factors at a time: sparse matrices then stay sparse"
        )
        return _several(_rearranged(matrix, sizes), sizes, terms)
    left, values, right, square = _decomposed(matrix, sizes, terms)
    error = math.sqrt(max(0.0, _rest(values, terms, square)) / square) if square else 0.0
    columns = [left[:, :terms] * values[:terms], right[:, :terms]]
    return NearestKronecker(_operator(columns, sizes), values, error)


def _checked(shapes: tuple[Any, ...]) -> list[Shape]:
    if len(shapes) < 2:
        raise ValueError(f"shapes: got {len(shapes)}; give the shape of each factor, at least two")
    for shape in shapes:
        if not isinstance(shape, tuple | list) or len(shape) != 2:
            raise ValueError(f"shapes: got {shape!r}; allowed are pairs of rows and columns, and then rank=...")
    return [(checks.integer(rows, "shapes", 1), checks.integer(columns, "shapes", 1)) for rows, columns in shapes]


def _rest(values: Array, rank: int, square: float) -> float:
    """The square of what is left: from the other singular values, or where they are not known from the norm."""
    others = values[rank:].astype(float)
    return float(others @ others) if others.size or rank == values.size == 0 else square - float(values.astype(float) @ values)


def _operator(columns: list[Array], sizes: list[Shape]) -> KroneckerProduct | SeparableOperator:
    """The columns of each factor back as matrices, the weights spread evenly over them."""
    weights, units = normal_form(columns)
    spread = weights ** (1 / len(sizes))
    factors = [(unit * spread).T.reshape(-1, *size) for unit, size in zip(units, sizes, strict=True)]
    products = [KroneckerProduct(*term) for term in zip(*factors, strict=True)]
    return products[0] if len(products) == 1 else SeparableOperator(products, definite=False)


def _several(tensor: Array, sizes: list[Shape], rank: int) -> NearestKronecker:
    found = cp(tensor, rank)
    columns = [found.factors[0] * found.weights, *found.factors[1:]]
    return NearestKronecker(_operator(columns, sizes), found.weights, found.relative_error, found.converged)


def _rearranged(matrix: Any, sizes: list[Shape]) -> Array:
    """One axis per factor, with its entries in C order."""
    dense = matrix.toarray() if hasattr(matrix, "toarray") else matrix
    rows, columns = zip(*sizes, strict=True)
    order = [axis for pair in zip(range(len(rows)), range(len(rows), 2 * len(rows)), strict=True) for axis in pair]
    tensor: Array = dense.reshape(*rows, *columns).transpose(order)
    return tensor.reshape([math.prod(size) for size in sizes])


def _rearranged_sparse(matrix: Any, sizes: list[Shape]) -> Any:
    coo = matrix.tocoo()
    (rows, columns), (right_rows, right_columns) = sizes
    row, column = coo.row.astype(np.int64), coo.col.astype(np.int64)
    place = (
        row // right_rows * columns + column // right_columns,
        row % right_rows * right_columns + column % right_columns,
    )
    return sparse.csr_array((coo.data, place), shape=(rows * columns, right_rows * right_columns))


def _decomposed(matrix: Any, sizes: list[Shape], rank: int) -> tuple[Array, Array, Array, float]:
    """Left vectors, singular values, right vectors (in columns, not conjugated), and the square of the Frobenius norm."""
    terms = _fitting_terms(matrix, sizes)
    if terms:
        return _recompressed(terms)
    if isinstance(matrix, KroneckerOperator):
        matrix = matrix.tosparse()
    is_sparse = sparse.issparse(matrix)
    moved: Any = _rearranged_sparse(matrix, sizes) if is_sparse else _rearranged(matrix, sizes)
    square = float(np.linalg.norm(moved.data if is_sparse else moved) ** 2)
    smaller = min(moved.shape)
    if smaller > ALL_VALUES and rank < smaller // 10 and square:
        return *_leading(moved, rank), square
    require_memory(8 * 3 * math.prod(moved.shape), "the singular value decomposition", "ask for a lower rank, or give a sparse matrix")
    U, values, adjoint = scipy.linalg.svd(moved.toarray() if is_sparse else moved, full_matrices=False)
    return U, values, adjoint.T, square


def _leading(moved: Any, rank: int) -> tuple[Array, Array, Array]:
    """The leading singular triplets by Lanczos' method, from a start that is drawn but always the same."""
    start = np.random.default_rng(rank).standard_normal(min(moved.shape)).astype(moved.dtype)
    U, values, adjoint = svds(moved, k=rank, v0=start)
    order = np.argsort(-values)
    return U[:, order], values[order], adjoint[order].T


def _fitting_terms(matrix: Any, sizes: list[Shape]) -> list[KroneckerProduct]:
    """The terms of a sum of products whose factors have the shapes asked for; none where they do not."""
    terms = [matrix] if isinstance(matrix, KroneckerProduct) else list(matrix.terms) if isinstance(matrix, SeparableOperator) else []
    return terms if all([factor.shape for factor in term.factors] == sizes for term in terms) else []


def _recompressed(terms: list[KroneckerProduct]) -> tuple[Array, Array, Array, float]:
    """The singular value decomposition of a sum of k products, by QR of its k columns on either side."""
    sides = [
        np.stack([(f.toarray() if sparse.issparse(f) else f).ravel() for f in factors], axis=1)  # type: ignore[attr-defined]
        for factors in zip(*(term.factors for term in terms), strict=True)
    ]
    (left, left_core), (right, right_core) = (np.linalg.qr(side) for side in sides)
    U, values, adjoint = np.linalg.svd(left_core @ right_core.T)
    return left @ U, values, right @ adjoint.T, float(values.astype(float) @ values)
