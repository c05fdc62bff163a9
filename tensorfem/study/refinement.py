"""`refinement_study`: solve on finer and finer meshes, and say whether to believe it."""

from typing import Any

from tensorfem.study.abruptness import abruptness, is_abrupt
from tensorfem.study.build import build_columns
from tensorfem.study.level import Results, solve_levels
from tensorfem.study.measure import Aims
from tensorfem.study.sequence import ProblemSequence
from tensorfem.study.study import Study
from tensorfem.study.verdict import Verdict, decide

THEIRS = 0.75  # refining the other axes must take the error below this part, if what is left is theirs


def refinement_study(
    problem: Any,
    levels: int = 5,
    *,
    exact: Any = None,
    exact_gradient: Any = None,
    quantity: Any = None,
    axes: Any = None,
    expected: Any = None,
    solver: Any = None,
) -> Study:
    """Solve a problem on finer and finer meshes, observe the orders of convergence, and judge them.

    Parameters
    ----------
    problem : Poisson, or sequence of Poisson
        The problem on the coarsest mesh; each level halves all cells. Or the problems of all levels, from coarse to fine and at any ratios
        of cell sizes (orders come from the sizes); `levels` is not used then.
    levels : int
        At least 2; 3 for a quantity without exact value or where some axis stays as it is.
    exact : function, str, Field or number
        The exact solution. With `quantity`: also its exact value, or a mapping from names to exact values.
    exact_gradient : function or tuple
        Its gradient, as of `Field.h1_error`; by default ``exact.gradient`` where there is one. Without it there is no error in H1.
    quantity : function of a Field, or mapping of str to function
        What else is wanted: ``lambda u: u(0.5, 0.5)``, an integral, a flux. Its order comes from the values alone.
    axes : tuple of str
        The axes to refine; all by default. The error of the others stays: orders then come from differences of successive solutions.
    expected : number, or mapping of str to number
        The order that a quantity, or each column named, should have at least. By default degree + 1 in L2, in maximum norms and for
        quantities, degree in H1 (with the lowest degree of the refined axes).
    solver : Solver
        As of `Poisson.solve`.

    Returns
    -------
    Study
        Its `verdict` is PASS where all orders are within 0.15 of the expected ones or, in maximum norms and for quantities, above them;
        FAIL where the L2 error or a quantity does not converge at all; UNDECIDED else, as where the orders are lower because the solution
        is singular. Errors that are small enough to be rounding are left out. Where data of the problem jump inside cells of the two
        finest levels, or change faster than these resolve, orders alternate: then the fit over all levels is judged in place of the last
        order, it passes only where all orders lie within 0.5 of one another, and the reason says what jumps, where, and what to do.

    Raises
    ------
    ValueError
        If an argument is not what is allowed, or a problem cannot be refined.

    Notes
    -----
    Jumps inside cells are found from samples of the coefficients and of the source, not from the orders: `Poisson.abrupt_changes`. A jump
    of the diffusion leaves order 1 in L2 and 1/2 in H1, whatever the degree: the solution has a kink there, it is in H^s for s < 3/2 only
    across a cell, and duality doubles the order (Babuska 1970). Meshes that fit the jump have all their orders (Bramble & King 1996). A
    jump of the reaction or the source leaves order 1 in both norms: Gauss points miss a part of it, of order h, in each cell that it cuts,
    which acts as a force on the interface. Where a curved interface cuts cells at ever other places such parts cancel, and up to an order
    more is seen.

    Without an exact solution a study cannot see that the wrong equation is solved: the values converge all the same.

    References
    ----------
    Babuska, "The finite element method for elliptic equations with discontinuous coefficients", Computing 5 (1970) 207-213; Bramble & King,
    "A finite element method for interface problems in domains with smooth boundaries and interfaces", Adv. Comput. Math. 6 (1996) 109-138.

    Examples
    --------
    >>> import numpy as np
    >>> import tensorfem as tfem
    >>> space = tfem.box(x=(0, 1), y=(0, 2), cells=(4, 6), degree=2)
    >>> problem = tfem.Poisson(space, "3*exp(x)*sin(2*y)", boundary="exp(x)*sin(2*y)")
    >>> study = refinement_study(problem, levels=4, exact="exp(x)*sin(2*y)")
    >>> study.verdict, round(study.orders["l2"], 1)
    ('PASS', 3.0)
    """
    aims = Aims.of(exact, exact_gradient, quantity)
    sequence = ProblemSequence.of(problem, levels, axes)
    if sequence.count < 3 and (sequence.partial or set(aims.quantities) - set(aims.targets)):
        raise ValueError(f"levels: got {sequence.count}; a quantity without exact value, or an axis that stays as it is, takes 3 levels")
    results = solve_levels(sequence, aims, solver)
    columns = tuple(build_columns(sequence, aims, results, expected))
    if is_abrupt(results.levels):
        columns = tuple(column.across_jumps() for column in columns)
    verdict, reason = decide(columns, sequence.degree)
    if sequence.partial and verdict == "PASS" and aims.exact is not None:
        verdict, reason = _of_others(sequence, aims, results, solver, reason)
    reason += abruptness(results.levels, verdict)
    if sequence.uneven:
        reason += ". The axes are refined at different ratios: h is their geometric mean"
    return Study(_subject(sequence), sequence.names, results.levels, columns, verdict, reason)


def _of_others(sequence: ProblemSequence, aims: Aims, results: Results, solver: Any, reason: str) -> tuple[Verdict, str]:
    """Whether the error that refining some axes leaves is that of the others: refining those must help."""
    left = results.levels[-1].errors["l2"]
    if left <= results.levels[-1].rounding * results.scales["l2"]:
        return "PASS", reason
    after = results.last.refined(sequence.others).solve(solver).l2_error(aims.exact)
    if after > THEIRS * left and results.levels[-2].errors["l2"] < left / THEIRS:
        return "FAIL", (
            f"the error in L2 stays at {left:.1e} whichever axis is refined: the problem that was solved has another solution; "
            "check signs, coefficients, boundary data and the exact solution"
        )
    return (
        "PASS",
        f"{reason}. The error in L2 on the last level is {left:.1e}, and {after:.1e} with {', '.join(sequence.others)} refined too",
    )


def _subject(sequence: ProblemSequence) -> str:
    problem = sequence.given[0]
    bases = dict.fromkeys(f"{type(basis).__name__} of degree {basis.degree}" for basis in problem.space.bases)
    refined = f"{' and '.join(sequence.axes)} refined alone, by changes from level to level" if sequence.partial else "all axes refined"
    return f"Refinement study: {type(problem).__name__}, {', '.join(bases)}, {refined}"
