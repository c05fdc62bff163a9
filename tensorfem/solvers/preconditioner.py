"""Preconditioners: fixed, symmetric, positive definite maps from residual to correction."""

import abc
from collections.abc import Callable
from typing import Any

from tensorfem.kron import Array


class Preconditioner(abc.ABC):
    """What CG asks for: an approximate inverse that is the same linear, symmetric positive definite map at every call."""

    @abc.abstractmethod
    def approximate_inverse(self, operator: Any) -> Callable[[Array], Array]:
        """The map r -> z, on arrays shaped as the grid of unknowns. It does not change r."""
