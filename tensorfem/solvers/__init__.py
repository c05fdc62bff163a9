"""Solvers: operators in, records out."""

from tensorfem.solvers.amg import AMG
from tensorfem.solvers.auto import Auto
from tensorfem.solvers.cg import CG
from tensorfem.solvers.direct import Direct
from tensorfem.solvers.fast_diagonalization import FastDiagonalization, check_resonance
from tensorfem.solvers.jacobi import Jacobi
from tensorfem.solvers.multigrid import Multigrid
from tensorfem.solvers.preconditioner import Preconditioner
from tensorfem.solvers.solution import ConvergenceError, LinearSolution, norm
from tensorfem.solvers.solver import Outcome, PreparedSolve, Solver

__all__ = [
    "AMG",
    "CG",
    "Auto",
    "ConvergenceError",
    "Direct",
    "FastDiagonalization",
    "Jacobi",
    "LinearSolution",
    "Multigrid",
    "Outcome",
    "Preconditioner",
    "PreparedSolve",
    "Solver",
    "check_resonance",
    "norm",
]
