"""Preconditioners: fixed, symmetric, positive definite maps from residual to correction."""

import abc
from collections.abc import Callable
from typing import Any

from tensorfem.kron import Array
from tensorfem.solvers.forecast import Effort
from tensorfem.solvers.machine import Machine


class Preconditioner(abc.ABC):
    """What CG asks for: an approximate inverse that is the same linear, symmetric positive definite map at every call."""

    @property
    def in_cells(self) -> bool:
        """Whether the map is made from an operator that knows its cells."""
        return False

    @abc.abstractmethod
    def approximate_inverse(self, operator: Any) -> Callable[[Array], Array]:
        """The map r -> z, on arrays shaped as the grid of unknowns. It does not change r."""

    def inverse_bytes(self, operator: Any) -> float:
        """Bytes that the map takes; 0 where it does not say."""
        return 0.0

    def inverse_effort(self, operator: Any, machine: Machine, rtol: float) -> Effort:
        """Seconds of making and of one application of the map, and the iterations that it leaves."""
        return Effort(note=f"{self!r} does not say what it takes")
