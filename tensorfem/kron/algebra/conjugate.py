"""The conjugate of an operator that does not know its own."""

from typing import Any

import numpy as np

from tensorfem.kron.mode_product import Array
from tensorfem.kron.operator import KroneckerOperator


class ConjugateOperator(KroneckerOperator):
    """The complex conjugate of an operator: ``conj(A) x = conj(A conj(x))``.

    Parameters
    ----------
    operator : KroneckerOperator
    """

    def __init__(self, operator: KroneckerOperator) -> None:
        self.operator = operator
        self.output_shape, self.input_shape, self.dtype = operator.output_shape, operator.input_shape, operator.dtype

    def apply(self, array: Array) -> Array:
        """Conjugate, apply, conjugate."""
        return np.conj(self.operator.apply(np.conj(array)))

    @property
    def T(self) -> "ConjugateOperator":
        """The conjugate of the transpose."""
        return ConjugateOperator(self.operator.T)

    def conj(self) -> KroneckerOperator:
        """The operator itself."""
        return self.operator

    def diagonal(self) -> Array:
        """The conjugated diagonal."""
        return np.conj(self.operator.diagonal())

    def norm_bound(self) -> float:
        """That of the operator."""
        return self.operator.norm_bound()

    @property
    def entries(self) -> int:
        """Those of the operator."""
        return self.operator.entries

    def _sparse(self) -> Any:
        return self.operator.tosparse().conj()
