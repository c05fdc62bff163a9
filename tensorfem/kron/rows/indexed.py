"""Selected rows and columns of a Kronecker product, as an operator."""

import functools
import math
from typing import Any

import numpy as np
import scipy.sparse as sparse

from tensorfem.kron.mode_product import Array, Factor
from tensorfem.kron.operator import KroneckerOperator
from tensorfem.kron.product import KroneckerProduct
from tensorfem.kron.rows.face_splitting import RowKronecker
from tensorfem.kron.rows.selection import Index, all_or, entries_at, gather, multi_index, occurring, scatter


class IndexedProduct(KroneckerOperator):
    """Selected rows, and columns, of a Kronecker product, which is never formed.

    There are two ways: apply the product, restricted on each axis to the indices that occur, and pick from the result; or, where few
    scattered rows (or columns) are wanted, sample the rows of each factor and contract them entry by entry, as a face-splitting product.
    The one with fewer operations is taken (Airola & Pahikkala, "Fast Kronecker product kernel methods via generalized vec trick", 2018).

    Parameters
    ----------
    product : KroneckerProduct
    rows, columns : array of flat indices, tuple of one index array per axis, or mask of the field's shape; optional
        All by default, as fields. A selection may repeat indices, and its order counts. What is selected is a vector.

    Raises
    ------
    ValueError
        If the product is none, or a selection is none of these, empty, or out of bounds.

    Examples
    --------
    >>> product = KroneckerProduct(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 1.0], [0.0, 1.0]]))
    >>> some = IndexedProduct(product, rows=[3, 0])
    >>> some.toarray()
    array([[0., 3., 0., 4.],
           [1., 1., 2., 2.]])
    >>> some @ np.ones((2, 2))
    array([7., 6.])
    """

    def __init__(self, product: KroneckerProduct, rows: Any = None, columns: Any = None) -> None:
        if not isinstance(product, KroneckerProduct):
            raise ValueError(
                f"product: got a {type(product).__name__}; allowed is a KroneckerProduct, which factors make: KroneckerProduct(A, B)"
            )
        self.product = product
        self.rows = None if rows is None else multi_index(rows, product.output_shape, "rows")
        self.columns = None if columns is None else multi_index(columns, product.input_shape, "columns")
        self.output_shape = product.output_shape if self.rows is None else (self.rows[0].size,)
        self.input_shape = product.input_shape if self.columns is None else (self.columns[0].size,)
        self.dtype = product.dtype

    def matvec(self, vector: Any) -> Array:
        """Apply to a field, a batch of fields, a flat vector or a column; what came flat comes back flat."""
        array = np.asarray(vector)
        result = super().matvec(array)
        return result.reshape(-1) if array.ndim == 1 else result

    def apply(self, array: Array) -> Array:
        """By the way that takes fewest operations."""
        if self._sampled is None:
            core, rows, columns = self._restriction
            return gather(core.apply(scatter(array, columns, core.input_shape)), rows)
        if self._sampled.transposed:
            return gather(self._sampled.apply(array), self.rows)
        return self._sampled.apply(scatter(array, self.columns, self.product.input_shape))

    @functools.cached_property
    def _sampled(self) -> RowKronecker | None:
        """The sampled factors, of rows or of columns, if that is the cheapest way."""
        ways = [
            way
            for way in (_sampled(self.product, self.rows, transposed=False), _sampled(self.product.T, self.columns, transposed=True))
            if way is not None and way.work < product_work(self._restriction[0])
        ]
        return min(ways, key=lambda way: way.work, default=None)

    @functools.cached_property
    def _restriction(self) -> tuple[KroneckerProduct, Index | None, Index | None]:
        """The product of the factors' rows and columns that occur, and where in its fields the selected entries are."""
        rows, row_places = occurring(self.rows, self.product.output_shape)
        columns, column_places = occurring(self.columns, self.product.input_shape)
        factors = [factor[i][:, j] for factor, i, j in zip(self.product.factors, rows, columns, strict=True)]
        return KroneckerProduct(*factors), row_places, column_places

    @property
    def T(self) -> "IndexedProduct":
        """The transposed product, with rows and columns exchanged."""
        return IndexedProduct(self.product.T, rows=self.columns, columns=self.rows)

    def diagonal(self) -> Array:
        """The diagonal as a field of shape `output_shape`, if the selection is square.

        Raises
        ------
        ValueError
            If it is not.
        """
        if self.shape[0] != self.shape[1]:
            raise ValueError(f"IndexedProduct: got shape {self.shape}; only a square selection has a diagonal")
        index = zip(all_or(self.rows, self.product.output_shape), all_or(self.columns, self.product.input_shape), strict=True)
        entries = [entries_at(factor, i, j) for factor, (i, j) in zip(self.product.factors, index, strict=True)]
        diagonal: Array = functools.reduce(np.multiply, entries)
        return diagonal.reshape(self.output_shape)

    def norm_bound(self) -> float:
        """The largest absolute row sum, which is exact."""
        absolute = IndexedProduct(KroneckerProduct(*map(abs, self.product.factors)), self.rows, self.columns)
        return float(absolute.apply(np.ones(self.input_shape)).max())

    @property
    def entries(self) -> int:
        """The selected rows' nonzeros in all columns, at most all entries."""
        lengths = (np.diff(sparse.csr_array(factor).indptr) for factor in self.product.factors)
        index = all_or(self.rows, self.product.output_shape)
        inside = functools.reduce(np.multiply, (n.astype(float)[i] for n, i in zip(lengths, index, strict=True)))
        return min(int(inside.sum()), math.prod(self.shape)) if self.columns is None else math.prod(self.shape)

    def _sparse(self) -> Any:
        index = all_or(self.rows, self.product.output_shape)
        rows = RowKronecker(tuple(factor[i] for factor, i in zip(self.product.factors, index, strict=True))).tosparse()
        return rows if self.columns is None else rows[:, np.ravel_multi_index(self.columns, self.product.input_shape)]


def product_work(product: KroneckerProduct) -> int:
    """Multiply-adds of one `apply`, the axes that shrink the field most first."""
    shape, work = list(product.input_shape), 0
    for axis in sorted(range(len(shape)), key=lambda i: product.output_shape[i] / max(1, product.input_shape[i])):
        factor = product.factors[axis]
        work += math.prod(shape) // shape[axis] * int(factor.nnz if sparse.issparse(factor) else factor.size)  # type: ignore[attr-defined]
        shape[axis] = product.output_shape[axis]
    return work


def _sampled(product: KroneckerProduct, index: Index | None, *, transposed: bool) -> RowKronecker | None:
    if index is None:
        return None
    factors: list[Factor] = [factor[i] for factor, i in zip(product.factors, index, strict=True)]
    return RowKronecker(tuple(factors), transposed=transposed)
