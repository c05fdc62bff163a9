"""The verdict of a study and the reason for it, from what its columns say."""

import math
from collections.abc import Sequence
from typing import Literal

from tensorfem.study.column import Column
from tensorfem.study.finding import TOLERANCE, Kind
from tensorfem.study.measure import NORMS, THE_QUANTITY
from tensorfem.study.table import fixed

Verdict = Literal["PASS", "FAIL", "UNDECIDED"]

LABELS = {"l2": "L2", "h1": "H1", "linf": "Linf", "nodal": "nodal"}
GOOD = ("met", "exact")

# What to say of all columns of one kind, in this order.
WORDS: dict[Kind, str] = {
    "low": (
        "stable, but lower than expected, as where the solution is singular (x**s at a boundary, r**2 log r at corners); a mesh graded "
        "toward the place (tensorfem.graded) restores the order. An error in the problem can look the same: a smooth manufactured "
        "solution (tensorfem.manufactured) tells"
    ),
    "falling": (
        "the orders fall from level to level: a singularity of the solution or of the source takes over, or the errors approach a "
        "constant (wrong data, a wrong exact solution, a loose tolerance). One level more, or a smooth manufactured solution, tells"
    ),
    "stuck": "hardly falls, as in a norm that the solution barely has",
    "oscillating": "the values oscillate around their limit; add levels until they do not, or begin with a finer mesh",
    "rising": "the orders still rise, the errors are not asymptotic yet; add levels",
    "changing": "the orders still change from level to level, the errors are not asymptotic yet; add levels",
    "above": "above what the degree can keep up, the errors are not asymptotic yet; add levels",
    "limited": (
        "over all levels, by a fit of errors or the median of orders: where data change abruptly inside cells, errors depend on the place "
        "of the change there, and orders alternate"
    ),
    "single": "one order alone does not tell; add levels",
    "rounding": "rounding, or the tolerance of an iteration, was reached before an order was seen; begin with fewer cells",
}


def decide(columns: Sequence[Column], degree: int) -> tuple[Verdict, str]:
    """PASS, FAIL or UNDECIDED, and why.

    FAIL means that something is wrong: the L2 error, or a quantity, does not converge; or the H1 error does not although the L2 error
    converges as it should, so that the gradient given is not that of the exact solution. A lower order than expected is UNDECIDED: it is
    the mark of a singular solution and of some errors alike.
    """
    kinds = {column.name: column.finding.kind for column in columns}
    stuck = [c for c in columns if c.finding.kind == "stuck" and c.name not in ("h1", "linf", "nodal")]
    if stuck:
        return "FAIL", f"{_listed(stuck)}: {_stuck(stuck[0])}"
    if kinds.get("h1") == "stuck" and kinds.get("l2") in GOOD:
        h1 = [c for c in columns if c.name == "h1"]
        return "FAIL", f"{_listed(h1)}: hardly falls although the error in L2 does; the gradient given is not that of the exact solution"
    if all(kind in GOOD for kind in kinds.values()):
        return "PASS", _success(columns, degree)
    derivatives = [c for c in columns if c.finding.kind == "low" and _as_derivative(c, degree)]
    groups = {kind: [c for c in columns if c.finding.kind == kind and c not in derivatives] for kind in WORDS}
    sentences = [f"{_listed(group)}: {WORDS[kind]}" for kind, group in groups.items() if group]
    if derivatives:
        sentences.append(
            f"{_listed(derivatives)}: the order of derivatives, such as fluxes; pass expected={degree} if this is one. Of other quantities "
            "it is the mark of a singular solution (r**2 log r at corners), or of an error in the problem"
        )
    return "UNDECIDED", ". ".join(sentences + _notes(columns))


def _as_derivative(column: Column, degree: int) -> bool:
    """Whether a quantity converges as derivatives do: with the order `degree` or a little more."""
    return column.name not in NORMS and column.target.least == degree + 1 and column.finding.order >= degree - TOLERANCE


def label(name: str) -> str:
    """How a column is called in words."""
    return LABELS.get(name, name)


def _listed(columns: Sequence[Column]) -> str:
    """Names and orders; the first says that the number in brackets is the one expected."""
    return ", ".join(f"{label(c.name)}{_order(c, 'expected ' if k == 0 else '')}" for k, c in enumerate(columns))


def _order(column: Column, word: str) -> str:
    order = column.finding.order
    return "" if math.isnan(order) else f" {fixed(order)} ({word}{column.target.least:g})"


def _stuck(column: Column) -> str:
    if column.errors is None:
        return "the values do not converge; check signs, coefficients and boundary data, and begin with a finer mesh"
    return (
        f"the errors do not fall below {column.errors.min():.1e}, the problem that was solved has another solution; "
        "check signs, coefficients, boundary data, the exact solution, and the tolerance of an iterative solver"
    )


def _success(columns: Sequence[Column], degree: int) -> str:
    met = [c for c in columns if c.finding.kind == "met"]
    sentences = [f"observed orders {_listed(met)}"] if met else []
    for column in columns:
        if column.limit is not None and column.errors is None:
            what = "Limit" if column.name == THE_QUANTITY else f"Limit of {column.name}:"
            sentences.append(f"{what} {column.limit.extrapolated:.10g}, grid convergence index {column.limit.gci:.1e}")
    if any(c.name not in NORMS and c.target.least == degree + 1 and c.finding.order < 2 * degree - TOLERANCE for c in met):
        sentences.append(f"Values at points have order {degree + 1}, integrals of a smooth solution up to {2 * degree}")
    return ". ".join(sentences + _notes(columns))


def _notes(columns: Sequence[Column]) -> list[str]:
    exact = [label(c.name) for c in columns if c.finding.kind == "exact"]
    rounding = [label(c.name) for c in columns if c.finding.rounding and c.finding.kind not in ("exact", "rounding")]
    notes = [f"Exact to rounding from the first level on: {', '.join(exact)}"] if exact else []
    return notes + (
        [f"Rounding (or the tolerance of an iteration) reached, and later orders left out: {', '.join(rounding)}"] if rounding else []
    )
