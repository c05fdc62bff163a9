"""What a solve would take, said before it is made."""

import math
from dataclasses import dataclass

REHEARSED = 1e-8  # the relative residual that promises are about


@dataclass(frozen=True)
class Effort:
    """Seconds and iterations of a solver on one operator.

    Attributes
    ----------
    setup, solve : float
        Seconds of all work that depends on the operator only, and of the work on one right-hand side (of a preconditioner: of one
        application).
    iterations : int
    note : str
        What else is to be known.
    """

    setup: float = 0.0
    solve: float = 0.0
    iterations: int = 0
    note: str = ""


@dataclass(frozen=True)
class Promise:
    """How many iterations of conjugate gradients a preconditioner leaves.

    Attributes
    ----------
    iterations : float
        To a relative residual of 1e-8.
    smooth : bool
        Whether they do not depend on the grid.
    words : str
        What the preconditioner is.
    """

    iterations: float
    smooth: bool
    words: str

    @staticmethod
    def of_condition(condition: float, rtol: float = REHEARSED) -> float:
        """What conjugate gradients take at most with a condition number.

        Examples
        --------
        >>> round(Promise.of_condition(4.0), 1), Promise.of_condition(1.0)
        (17.4, 1.0)
        """
        root = math.sqrt(condition)
        return max(1.0, math.log(2 / rtol) / math.log((root + 1) / max(root - 1, 1e-8)))

    def to(self, rtol: float) -> int:
        """Iterations to another relative residual.

        Examples
        --------
        >>> Promise(12.0, True, "scaled fast diagonalization").to(1e-4)
        7
        """
        return math.ceil(self.iterations * math.log(2 / rtol) / math.log(2 / REHEARSED))


@dataclass(frozen=True)
class Forecast:
    """What a solver would take for one operator on one machine, printed as one line.

    Attributes
    ----------
    solver : str
    treats : bool
        Whether the solver can treat the operator at all.
    fits : bool
        Whether its memory can be taken now.
    setup, solve : float
        Seconds, as of `Effort`.
    memory : float
        Bytes at the peak, right-hand side and solution included.
    iterations : int
        0 for a direct solve.
    note : str
        Why not, or what else is to be known.

    Examples
    --------
    >>> print(Forecast("Direct()", setup=1.5, solve=0.04, memory=6e8))
    Direct(): 1.54 s, 0.6 GB
    """

    solver: str
    treats: bool = True
    fits: bool = True
    setup: float = 0.0
    solve: float = 0.0
    memory: float = 0.0
    iterations: int = 0
    note: str = ""

    @property
    def usable(self) -> bool:
        """Whether the solve can be made."""
        return self.treats and self.fits

    @property
    def seconds(self) -> float:
        """Setup and solve together."""
        return self.setup + self.solve

    def __str__(self) -> str:
        figures = [f"{self.seconds:.3g} s, {self.memory / 1e9:.3g} GB"] * self.treats
        return f"{self.solver}: {'; '.join([*figures, *[self.note] * bool(self.note)])}"
