"""What all structured operators share: one method is theirs (`apply`), the rest is derived here."""

import abc
import functools
import math
from typing import Any

import numpy as np
import scipy.sparse as sparse

from tensorfem.kron.forms import mapped
from tensorfem.kron.memory import require_memory
from tensorfem.kron.mode_product import Array
from tensorfem.late import late

# What makes operators of operators needs their classes, which stand on the one below: it is looked up at the first use.
_algebra = late("tensorfem.kron", dict.fromkeys(("added", "conjugated", "multiplied", "power", "scaled"), "algebra.operations"))
_portable = late("tensorfem.kron.portable", {"is_foreign": "place", "apply": "application", "apply_adjoint": "application"})


class KroneckerOperator(abc.ABC):
    """A linear map between grid fields that remembers its one-dimensional factors.

    A field is an array of `input_shape` in C order, so that ``(A (x) B) ravel(u) = ravel(A u B^T)``. Flat vectors, columns and fields
    with leading batch axes are all taken, and come back in the form in which they came. The interface is that of SciPy's
    `LinearOperator` (`scipy.sparse.linalg.aslinearoperator` and `cg` accept it).

    Operators are added, multiplied by each other and by numbers, and raised to powers; what comes out is an operator again, and no
    explicit matrix is formed. Only `tosparse`, `toarray` and `np.asarray` form one.
    """

    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    dtype: np.dtype[Any]

    __array_ufunc__ = None  # so that NumPy leaves `array @ operator` and `number * operator` to the methods here

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
    def ndim(self) -> int:
        """There is none: `scipy.sparse` would take the operator for a dense matrix, and make it one."""
        raise AttributeError(
            f"an operator of shape {self.shape} has no ndim, which `sparse @ operator` asks for; write "
            "KroneckerProduct(sparse) @ operator, or sparse @ operator.tosparse()"
        )

    @functools.cached_property  # unlike a property it does not keep heirs from setting the attribute
    def terms(self) -> tuple[Any, ...]:
        """The Kronecker products that add up to the operator; an operator that is no such sum has no such attribute."""
        raise AttributeError(f"{self!r} is no sum of Kronecker products, so it has no terms; tosparse() and matvec are there")

    @property
    def null_vector(self) -> tuple[Array, ...] | None:
        """The 1D factors of the vector that spans the null space, known from the data; None where there is none."""
        return None

    def matvec(self, vector: Array) -> Array:
        """Apply the operator to a field, a batch of fields, a flat vector (N,) or columns (N, k).

        An operator with one factor takes a matrix for columns, as the matrix it stands for does; `apply` takes it for a batch. An array
        of another library (PyTorch, CuPy, JAX) may be a field, a batch of fields or flat, and the result is of that library.

        Raises
        ------
        ValueError
            If the array has another shape than these.
        """
        if self._is_foreign(vector):
            image: Array = _portable("apply")(self, vector)
            return image
        return mapped(self.apply, np.asarray(vector), self.input_shape, self.output_shape, "matvec")

    def rmatvec(self, vector: Array) -> Array:
        """Apply the adjoint; takes what `matvec` takes."""
        if self._is_foreign(vector):
            image: Array = _portable("apply_adjoint")(self, vector)
            return image
        return np.conj(self.T.matvec(np.conj(vector)))

    # SciPy looks for these names; columns are taken by the methods for vectors.
    matmat = matvec
    rmatmat = rmatvec

    def __matmul__(self, other: Any) -> Any:
        """The product with a vector in any form, or with another operator, which stays an operator."""
        taken = isinstance(other, np.ndarray) or self._is_foreign(other)
        return self.matvec(other) if taken else _algebra("multiplied")(self, other)

    @staticmethod
    def _is_foreign(value: Any) -> bool:
        own = isinstance(value, np.ndarray | KroneckerOperator) or sparse.issparse(value) or isinstance(value, list | tuple)
        return not own and bool(_portable("is_foreign")(value))

    def __rmatmul__(self, rows: Any) -> Array:
        """The product of a flat vector (M,) or of rows (k, M) with the matrix."""
        array = np.asarray(rows)
        if array.ndim not in (1, 2) or array.shape[-1] != self.shape[0]:
            allowed = f"({self.shape[0]},) and rows (k, {self.shape[0]})"
            raise ValueError(
                f"@: got an array of shape {array.shape} on the left of an operator of shape {self.shape}; allowed are {allowed}"
            )
        result = self.T.apply(array.reshape(*array.shape[:-1], *self.output_shape))
        return result.reshape(*array.shape[:-1], self.shape[1])

    def __add__(self, other: Any) -> Any:
        return _algebra("added")(self, other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return _algebra("added")(self, other, sign=-1)

    def __rsub__(self, other: Any) -> Any:
        return (-self) + other

    def __mul__(self, number: Any) -> Any:
        return _algebra("scaled")(self, number)

    __rmul__ = __mul__

    def __truediv__(self, number: Any) -> Any:
        return _algebra("scaled")(self, number, divide=True)

    def __neg__(self) -> Any:
        return self * -1

    def __pow__(self, exponent: Any) -> Any:
        """The product of so many of the operator; a negative exponent takes the inverse where there is one."""
        return _algebra("power")(self, exponent)

    def conj(self) -> Any:
        """The complex conjugate: a real operator itself."""
        return _algebra("conjugated")(self) if np.issubdtype(self.dtype, np.complexfloating) else self

    @property
    def H(self) -> Any:  # noqa: N802
        """The adjoint: the conjugate of the transpose."""
        return self.T.conj()

    def trace(self) -> Any:
        """The sum of the diagonal; from the factors where the operator is a sum of Kronecker products.

        Raises
        ------
        ValueError
            If the operator is not square.
        """
        self._square("trace")
        terms = getattr(self, "terms", ())
        return sum(term.trace() for term in terms) if terms else self.diagonal().sum().item()

    def tosparse(self) -> Any:
        """The explicit matrix as a `scipy.sparse.csr_array` over C-ordered unknowns.

        Raises
        ------
        MemoryError
            If it would not fit into this machine's memory.
        """
        needed = (self.dtype.itemsize + 8) * self.entries
        require_memory(needed, f"the explicit sparse matrix of shape {self.shape}", "use the operator as it is: it has matvec and diagonal")
        return sparse.csr_array(self._sparse())

    def toarray(self) -> Array:
        """The explicit matrix as a dense array.

        Raises
        ------
        MemoryError
            If it would not fit into this machine's memory.
        """
        size = self.dtype.itemsize * math.prod(self.shape)
        require_memory(size, f"the explicit dense matrix of shape {self.shape}", "use tosparse(), or the operator as it is")
        return self._dense()

    def _dense(self) -> Array:
        dense: Array = self.tosparse().toarray()
        return dense

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        """The explicit matrix, for `np.asarray`."""
        if copy is False:
            raise ValueError(f"copy: got False; the explicit matrix of an operator of shape {self.shape} is always made anew")
        return self.toarray().astype(dtype or self.dtype, copy=False)

    def _square(self, name: str) -> None:
        if self.shape[0] != self.shape[1]:
            raise ValueError(f"{name}: got an operator of shape {self.shape}; allowed is a square one")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({' x '.join(map(str, self.output_shape))} from {' x '.join(map(str, self.input_shape))})"
