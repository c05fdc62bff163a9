"""The face-splitting product: each row is the Kronecker product of corresponding rows of the factors."""

import dataclasses
import functools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from tensorfem.kron.inputs import finite_array, finite_factors
from tensorfem.kron.mode_product import Array, Factor
from tensorfem.kron.operator import KroneckerOperator
from tensorfem.kron.rows.normal_matrix import gram
from tensorfem.kron.rows.support import LocalRows, design_rows, face_split, local_rows
from tensorfem.kron.slabs import slabs

# A sparse product takes about this many times longer for each entry than a dense one does.
SPARSE_COST = 8


class RowKronecker(KroneckerOperator):
    """``B[s, (i, j, ...)] = B_0[s, i] B_1[s, j] ...``, from fields to a value per row; or the transpose of that. See `row_kron`."""

    def __init__(self, matrices: tuple[Factor, ...], *, transposed: bool = False) -> None:
        self.matrices = matrices
        self.transposed = transposed
        self.rows = int(matrices[0].shape[0])
        self.grid = tuple(int(matrix.shape[1]) for matrix in matrices)
        self.output_shape, self.input_shape = (self.grid, (self.rows,)) if transposed else ((self.rows,), self.grid)
        self.dtype = np.result_type(*(matrix.dtype for matrix in matrices))

    @functools.cached_property
    def _axes(self) -> tuple[LocalRows, ...]:
        return tuple(local_rows(matrix) for matrix in self.matrices)

    @functools.cached_property
    def _width(self) -> int:
        """Nonzeros in a row."""
        return math.prod(axis.width for axis in self._axes)

    @property
    def work(self) -> int:
        """Operations of one `matvec`, in multiply-adds of a dense product."""
        return self.rows * min(SPARSE_COST * self._width, math.prod(self.grid))

    def matvec(self, vector: Any) -> Array:
        """Apply to a field, a batch of fields, a flat vector or a column; what came flat comes back flat, so the transpose gives (N,)."""
        array = np.asarray(vector)
        result = super().matvec(array)
        return result.reshape(-1) if array.ndim == 1 else result

    def apply(self, array: Array) -> Array:
        """Slabs of rows at a time: sparse ones from their few nonzeros, dense ones by contraction of one axis after the other."""
        batch = array.shape[: array.ndim - len(self.input_shape)]
        columns = array.reshape(math.prod(batch), math.prod(self.input_shape)).T
        result = self._spread(columns) if self.transposed else np.concatenate([chunk.gather(columns) for _, chunk in self._chunks()])
        return np.ascontiguousarray(result.T).reshape(*batch, *self.output_shape)

    def _spread(self, columns: Array) -> Array:
        result = np.zeros((math.prod(self.grid), columns.shape[1]), dtype=np.result_type(self.dtype, columns.dtype))
        for rows, chunk in self._chunks():
            result += chunk.spread(columns[rows])
        return result

    def _chunks(self) -> Iterator[tuple[slice, "_SparseRows | _DenseRows"]]:
        if SPARSE_COST * self._width < math.prod(self.grid):
            for rows in slabs(self.rows, self._width):
                yield rows, _SparseRows(design_rows([axis[rows] for axis in self._axes]))
            return
        matrices = [matrix.toarray() if hasattr(matrix, "toarray") else matrix for matrix in self.matrices]
        for rows in slabs(self.rows, max(self.grid[0], math.prod(self.grid[1:]))):
            head, *tail = (matrix[rows] for matrix in matrices)
            yield rows, _DenseRows(head, face_split([np.ones((len(head), 1), dtype=head.dtype), *tail]))

    def gram(self, weights: Any = None) -> Any:
        """The weighted normal matrix ``B^H W B`` as a sparse array, without the design matrix B.

        Parameters
        ----------
        weights : (rows,) array, optional
            Ones by default; a weight of zero leaves a row out.

        Raises
        ------
        ValueError
            If the weights are of another shape, complex or not finite.
        MemoryError
            If the matrix would not fit.

        Notes
        -----
        Entry ((i, j, ...), (I, J, ...)) is ``sum_s w_s conj(B_0[s, i]) B_0[s, I] conj(B_1[s, j]) B_1[s, J] ...``: an array with one axis of
        pairs per factor, as in the array regression of Currie, Durban & Eilers (2006). Rows that have the same nonzero columns (points in
        one cell of a spline grid) are added up by one small matrix product.
        """
        array = np.ones(self.rows) if weights is None else finite_array(weights, "weights")
        if array.shape != (self.rows,) or (weights is not None and array.dtype.kind == "c"):
            raise ValueError(
                f"weights: got an array of shape {array.shape} and type {array.dtype}; allowed is ({self.rows},), one real number per row"
            )
        return gram(self._axes, array)

    @property
    def T(self) -> "RowKronecker":
        """The transpose: from a value per row to fields."""
        return RowKronecker(self.matrices, transposed=not self.transposed)

    def diagonal(self) -> Array:
        """The diagonal as a field, if there are as many rows as columns.

        Raises
        ------
        ValueError
            If there are not.
        """
        if self.rows != math.prod(self.grid):
            raise ValueError(f"row_kron: got shape {self.shape}; only a square matrix has a diagonal that is a field")
        index = np.unravel_index(np.arange(self.rows), self.grid)
        dense = [matrix.toarray() if hasattr(matrix, "toarray") else matrix for matrix in self.matrices]
        entries = [matrix[np.arange(self.rows), columns] for matrix, columns in zip(dense, index, strict=True)]
        diagonal: Array = functools.reduce(np.multiply, entries)
        return diagonal.reshape(self.output_shape)

    def norm_bound(self) -> float:
        """The largest absolute row sum, which is exact."""
        absolute = RowKronecker(tuple(abs(matrix) for matrix in self.matrices), transposed=self.transposed)
        return float(absolute.apply(np.ones(self.input_shape)).max())

    @property
    def entries(self) -> int:
        """The nonzeros of all rows, counted as the longest."""
        return self.rows * self._width

    def _sparse(self) -> Any:
        design = design_rows(self._axes).copy()  # of a single factor it shares the numbers with the factor, which may be the caller's
        design.eliminate_zeros()
        return design.T.tocsr() if self.transposed else design


@dataclasses.dataclass(frozen=True, eq=False)
class _SparseRows:
    """Some rows as an explicit sparse array."""

    design: Any

    def gather(self, columns: Array) -> Array:
        """The rows times columns."""
        return np.asarray(self.design @ columns)

    def spread(self, values: Array) -> Array:
        """The transposed rows times columns."""
        return np.asarray(self.design.T @ values)


@dataclasses.dataclass(frozen=True, eq=False)
class _DenseRows:
    """Some rows as the first factor's, and the Kronecker products of the others'."""

    head: Array
    tail: Array

    def gather(self, columns: Array) -> Array:
        """Contract the trailing axes by a matrix product, then axis 0 row by row."""
        contracted = np.matmul(self.tail, columns.reshape(self.head.shape[1], self.tail.shape[1], columns.shape[1]))
        gathered: Array = np.einsum("si,isb->sb", self.head, contracted)
        return gathered

    def spread(self, values: Array) -> Array:
        """The transpose of that."""
        spread: Array = np.matmul(self.head.T, values.T[:, :, None] * self.tail)
        return spread.reshape(len(spread), self.head.shape[1] * self.tail.shape[1]).T


def row_kron(*matrices: Factor) -> RowKronecker:
    """The face-splitting product: row s of the result is the Kronecker product of the rows s of the matrices (Slyusar 1999).

    It maps the coefficients of a tensor-product basis, a field with one axis per matrix, to the values at scattered points: row s of matrix
    i holds the basis functions of axis i at coordinate i of point s. Sparse matrices with few nonzeros in each row stay so.

    Parameters
    ----------
    *matrices : (rows, n_i) arrays or sparse arrays

    Returns
    -------
    RowKronecker
        An operator from fields of shape (n_0, n_1, ...) to vectors of length `rows`; its method `gram` gives the normal matrix.

    Raises
    ------
    ValueError
        Without matrices, if they have different numbers of rows, or entries that are not finite.

    Examples
    --------
    >>> operator = row_kron(np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[1.0, 1.0, 1.0], [1.0, 0.0, 2.0]]))
    >>> operator.toarray()
    array([[1., 1., 1., 2., 2., 2.],
           [0., 0., 0., 1., 0., 2.]])
    >>> operator.gram([1.0, 0.5]).diagonal()
    array([1. , 1. , 1. , 4.5, 4. , 6. ])
    """
    checked = finite_factors(matrices, "row_kron: matrices")
    shapes = [matrix.shape for matrix in checked]
    if len({rows for rows, _ in shapes}) > 1:
        raise ValueError(f"row_kron: got matrices of shapes {', '.join(map(str, shapes))}; all must have as many rows")
    return RowKronecker(checked)
