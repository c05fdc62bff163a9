"""What every peer does: set up the operator, form the load, solve, and give the error of what it solved."""

import importlib.util
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from benchmarks.comparison.case import Case


class Peer(ABC):
    """One way to solve a case, in four steps that are measured one by one.

    A peer is made once for each run; what a step needs of an earlier one it keeps. `name`, `package` (what must be installed), `dtypes` and
    `growth` (the exponent with which time and memory grow in two and in three dimensions: what is predicted to be too long is left out)
    are data of the class.
    """

    name: ClassVar[str]
    package: ClassVar[str] = "tensorfem"
    dtypes: ClassVar[tuple[str, ...]] = ("float64",)
    growth: ClassVar[dict[int, float]] = {2: 1.1, 3: 1.1}
    iterations: int | None = None  # of an iterative solve

    def __init__(self, case: Case) -> None:
        self.case = case

    @classmethod
    def installed(cls) -> bool:
        """Whether it can be imported here."""
        return importlib.util.find_spec(cls.package) is not None

    @classmethod
    def refusal(cls, case: Case) -> str:
        """Why it does not treat a case; empty where it does."""
        return "" if case.dtype in cls.dtypes else f"no {case.dtype}"

    @abstractmethod
    def setup(self) -> None:
        """Assemble, and do whatever else does not depend on the right-hand side."""

    @abstractmethod
    def load(self) -> None:
        """Form the right-hand side."""

    @abstractmethod
    def solve(self) -> Any:
        """Solve, and keep the solution; gives the type of its numbers."""

    @abstractmethod
    def error(self) -> float | None:
        """The relative error of the kept solution in L2; None for what solves nothing."""
