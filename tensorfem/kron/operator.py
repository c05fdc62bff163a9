"""What all structured operators share: one method is theirs (`apply`), the rest is derived here."""

import abc
import math
from typing import Any

import numpy as np
import scipy.sparse as sparse

from tensorfem.kron.memory import require_memory
from tensorfem.kron.mode_product import Array


class KroneckerOperator(abc.ABC):
    """A linear map between grid fields that remembers its one-dimensional factors.

    A field is an array of `input_shape` in C order, so that ``(A (x) B) ravel(u) = ravel(A u B^T)``. Flat vectors, columns and fields
    with leading batch axes are all taken, and come back in the form in which they came. The interface is that of SciPy's
    `LinearOperator` (`scipy.sparse.linalg.aslinearoperator` and `cg` accept it).
    """

    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @abc.abstractmethod
    def apply(self, array: Array) -> Array:
        """Map an array of shape (\\*batch, \\*input_shape) to one of shape (\\*batch, \\*output_shape)."""

    @property
    @abc.abstractmethod
    def T(self) -> "KroneckerOperator":
        """The transpose, as an operator of the same kind."""

    @abc.abstractmethod
    def diagonal(self) -> Array:
        """The diagonal as a field of shape `output_shape` (square operators)."""

    @abc.abstractmethod
    def _sparse(self) -> Any:
        """The explicit sparse matrix; its size has been checked."""

    @property
    @abc.abstractmethod
    def entries(self) -> int:
        """An upper bound of the number of nonzeros of the explicit matrix."""

    @abc.abstractmethod
    def norm_bound(self) -> float:
        """An upper bound of the largest absolute row sum, from the factors' own."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the matrix that this operator stands for."""
        return math.prod(self.output_shape), math.prod(self.input_shape)

    @property
    def null_vector(self) -> tuple[Array, ...] | None:
        """The 1D factors of the vector that spans the null space, known from the data; None where there is none."""
        return None

    def matvec(self, vector: Array) -> Array:
        """Apply the operator to a field, a batch of fields, a flat vector or a column.

        Raises
        ------
        ValueError
            If the array has another shape than these.
        """
        return self._shaped(np.asarray(vector))

    def _shaped(self, vector: Array) -> Array:
        columns = self.shape[1]
        if vector.shape[-len(self.input_shape) :] == self.input_shape:
            return self.apply(vector)
        if vector.shape in {(columns,), (columns, 1)}:
            return self.apply(vector.reshape(self.input_shape)).reshape(-1, *vector.shape[1:])
        raise ValueError(
            f"matvec: got an array of shape {vector.shape}; allowed are {self.input_shape}, batches of it, ({columns},) and ({columns}, 1)"
        )

    def rmatvec(self, vector: Array) -> Array:
        """Apply the adjoint."""
        return np.conj(self.T.matvec(np.conj(vector)))

    def __matmul__(self, vector: Array) -> Array:
        return self.matvec(vector)

    def tosparse(self) -> Any:
        """The explicit matrix as a `scipy.sparse.csr_array` over C-ordered unknowns.

        Raises
        ------
        MemoryError
            If it would not fit into this machine's memory.
        """
        require_memory(16 * self.entries, "the explicit sparse matrix", "use the operator as it is: it has matvec and diagonal")
        return sparse.csr_array(self._sparse())

    def toarray(self) -> Array:
        """The explicit matrix as a dense array.

        Raises
        ------
        MemoryError
            If it would not fit into this machine's memory.
        """
        require_memory(8 * math.prod(self.shape), "the explicit dense matrix", "use tosparse(), or the operator as it is")
        dense: Array = self.tosparse().toarray()
        return dense

    def __repr__(self) -> str:
        return f"{type(self).__name__}({' x '.join(map(str, self.output_shape))} from {' x '.join(map(str, self.input_shape))})"
