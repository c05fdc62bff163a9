"""Sums of operators of any kind, where no sum of Kronecker products stands for them."""

import functools
import operator as operators_of_python
from collections.abc import Sequence
from typing import Any

import numpy as np

from tensorfem.kron.mode_product import Array
from tensorfem.kron.operator import KroneckerOperator


class CombinedOperator(KroneckerOperator):
    """The sum ``sum_i weights[i] operators[i]``.

    Parameters
    ----------
    operators : sequence of KroneckerOperator
        All of one shape; the shapes of their fields may differ, and those of the first are the sum's.
    weights : sequence of numbers, optional
        All 1 by default.

    Raises
    ------
    ValueError
        Without any operator, if their shapes differ, or if there are not as many weights.
    """

    def __init__(self, operators: Sequence[KroneckerOperator], weights: Sequence[Any] | None = None) -> None:
        shapes = {operator.shape for operator in operators}
        if len(shapes) != 1:
            raise ValueError(f"CombinedOperator: the operators must share one shape; got {sorted(shapes) or 'no operators'}")
        if weights is not None and len(weights) != len(operators):
            raise ValueError(f"weights: got {len(weights)} for {len(operators)} operators; give one for each")
        self.operators = tuple(operators)
        self.weights = tuple(weights) if weights is not None else (1,) * len(operators)
        self.output_shape, self.input_shape = operators[0].output_shape, operators[0].input_shape
        self.dtype = functools.reduce(np.result_type, self.weights, np.result_type(*(operator.dtype for operator in operators)))

    def apply(self, array: Array) -> Array:
        """Add up what the operators give, times their weights."""
        batch = array.shape[: array.ndim - len(self.input_shape)]
        images = (operator.apply(array.reshape(*batch, *operator.input_shape)) for operator in self.operators)
        result: Array = self._added(image.reshape(*batch, *self.output_shape) for image in images)
        return result

    def _added(self, parts: Any) -> Any:
        return functools.reduce(operators_of_python.add, (weight * part for weight, part in zip(self.weights, parts, strict=True)))

    @property
    def T(self) -> "CombinedOperator":
        """The sum of the transposed operators."""
        return CombinedOperator([operator.T for operator in self.operators], self.weights)

    def _conj(self) -> "CombinedOperator":
        return CombinedOperator([operator.conj() for operator in self.operators], np.conj(self.weights).tolist())

    def _scaled(self, number: Any) -> "CombinedOperator":
        return CombinedOperator(self.operators, [weight * number for weight in self.weights])

    def diagonal(self) -> Array:
        """The sum of the operators' diagonals."""
        self._square("diagonal")
        return np.asarray(self._added(operator.diagonal().reshape(self.output_shape) for operator in self.operators))

    def norm_bound(self) -> float:
        """The sum of the operators' bounds."""
        return float(sum(abs(weight) * operator.norm_bound() for weight, operator in zip(self.weights, self.operators, strict=True)))

    @property
    def entries(self) -> int:
        """An upper bound: the operators' entries added up."""
        return sum(operator.entries for operator in self.operators)

    def _sparse(self) -> Any:
        return self._added(operator.tosparse() for operator in self.operators)
