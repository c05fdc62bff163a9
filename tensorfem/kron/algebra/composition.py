"""Operators one after the other, where their factors do not fit and no Kronecker product stands for them."""

import functools
import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from tensorfem.kron.mode_product import Array
from tensorfem.kron.operator import KroneckerOperator
from tensorfem.kron.slabs import slabs


class ComposedOperator(KroneckerOperator):
    """The product of operators, applied one after the other from the last to the first.

    Parameters
    ----------
    *operators : KroneckerOperator
        Each has as many columns as the next one has rows; the shapes of their fields may differ.

    Raises
    ------
    ValueError
        Without any operator, or if the shapes do not fit.
    """

    def __init__(self, *operators: KroneckerOperator) -> None:
        if not operators:
            raise ValueError("ComposedOperator: got no operators; give at least one")
        for left, right in itertools.pairwise(operators):
            if left.shape[1] != right.shape[0]:
                raise ValueError(f"ComposedOperator: got shapes {left.shape} and {right.shape}; columns and rows must agree")
        self.operators = tuple(_flat(operators))
        self.output_shape, self.input_shape = operators[0].output_shape, operators[-1].input_shape
        self.dtype = np.result_type(*(operator.dtype for operator in operators))

    def apply(self, array: Array) -> Array:
        """Apply the operators from the last to the first."""
        batch = array.shape[: array.ndim - len(self.input_shape)]
        for operator in reversed(self.operators):
            array = operator.apply(array.reshape(*batch, *operator.input_shape))
        return array

    @property
    def T(self) -> "ComposedOperator":
        """The transposed operators in the opposite order."""
        return ComposedOperator(*(operator.T for operator in reversed(self.operators)))

    def _conj(self) -> "ComposedOperator":
        return ComposedOperator(*(operator.conj() for operator in self.operators))

    def _scaled(self, number: Any) -> "ComposedOperator":
        return ComposedOperator(self.operators[0] * number, *self.operators[1:])

    def diagonal(self) -> Array:
        """The diagonal, by an application to each unit vector: this is slow."""
        self._square("diagonal")
        size = self.shape[0]
        parts = [_picked(self, piece) for piece in slabs(size, size)]
        return np.concatenate(parts).reshape(self.output_shape)

    def norm_bound(self) -> float:
        """The operators' bounds multiplied."""
        return math.prod(operator.norm_bound() for operator in self.operators)

    @property
    def entries(self) -> int:
        """An upper bound: all pairs of entries that can meet, or the full matrix."""
        return min(math.prod(self.shape), math.prod(operator.entries for operator in self.operators))

    def _sparse(self) -> Any:
        return functools.reduce(lambda left, right: left @ right, (operator.tosparse() for operator in self.operators))


def _flat(operators: tuple[KroneckerOperator, ...]) -> Iterator[KroneckerOperator]:
    for operator in operators:
        yield from operator.operators if isinstance(operator, ComposedOperator) else (operator,)


def _picked(operator: KroneckerOperator, piece: slice) -> Array:
    """The entries of the diagonal in some rows."""
    size = operator.shape[1]
    units = np.eye(piece.stop - piece.start, size, piece.start, dtype=operator.dtype)
    images = operator.apply(units.reshape(-1, *operator.input_shape)).reshape(-1, size)
    return images[:, piece].diagonal()
