"""The same problem by every solver: all agree, and the table says what each of them took.

A direct solver factorizes the matrix, an iterative one improves its answer until the tolerance is met, and fast diagonalization uses
that the operator is a Kronecker sum. This is one small problem on one machine, and no ranking.
"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import tensorfem as tfem

solvers = {
    "Auto": tfem.Auto(),
    "FastDiagonalization": tfem.FastDiagonalization(),
    "Direct": tfem.Direct(),
    "Multigrid": tfem.Multigrid(rtol=1e-12),
    "AMG": tfem.AMG(rtol=1e-12),
    "CG": tfem.CG(rtol=1e-12),
    "CG with Jacobi": tfem.CG(preconditioner=tfem.Jacobi(), rtol=1e-12),
    "CG with AMG": tfem.CG(preconditioner=tfem.AMG(), rtol=1e-12),
    "CG with FastDiagonalization": tfem.CG(preconditioner=tfem.FastDiagonalization(), rtol=1e-12),
}
boundary = {"x-": 0.0, "y-": tfem.Robin(coefficient=2.0, ambient=1.0), "*": tfem.Neumann(0.0)}


def solve(solver, cells=(48, 32)):
    """A new problem each time, so that no solver profits from what an earlier one left."""
    space = tfem.box(x=(0, 3), y=(0, 2), cells=cells, degree=2)
    return tfem.Poisson(space, source="exp(-x)*cos(pi*y)", diffusion=(1.0, 0.2), reaction=0.5, boundary=boundary).solve(solver)


for solver in solvers.values():
    solve(solver, cells=(6, 4))  # what is imported at first use is not counted below
fields = {name: solve(solver) for name, solver in solvers.items()}
reports = {name: field.report for name, field in fields.items()}

direct = fields["Direct"].values
differences = {name: np.linalg.norm(field.values - direct) / np.linalg.norm(direct) for name, field in fields.items()}


def table():
    """One line per solver; the difference is that to `Direct`, relative."""
    yield f"{'solver':<28} {'setup':>7} {'solve':>7} [ms] {'iterations':>10} {'residual':>9} {'difference':>10}"
    for name, report in reports.items():
        setup, solve = 1e3 * report.seconds["setup"], 1e3 * report.seconds["solve"]
        yield f"{name:<28} {setup:7.2f} {solve:7.2f}      {report.iterations:10} {report.residual:9.1e} {differences[name]:10.1e}"


def draw(ax=None):
    """The times of setup and solve as bars."""
    if ax is None:
        ax = plt.subplots(figsize=(7.5, 4), layout="constrained")[1]
    places = np.arange(len(reports))
    for phase, shift, what in (("setup", -0.2, "setup, once per operator"), ("solve", 0.2, "solve, per right-hand side")):
        ax.barh(places + shift, [1e3 * report.seconds[phase] for report in reports.values()], height=0.4, label=what)
    ax.set_yticks(places, list(reports))
    ax.invert_yaxis()
    worst = max(report.residual for report in reports.values())
    ax.set(xscale="log", xlabel="milliseconds", title=f"{direct.size:,} nodes, every residual at most {worst:.0e}")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.15), ncols=2)
    return ax


if __name__ == "__main__":
    print("\n".join(table()))
    print(f"Auto took {reports['Auto'].solver}: {reports['Auto'].reason}")
    Path("out").mkdir(exist_ok=True)
    draw().figure.savefig("out/every_solver.png", dpi=150)
    print("picture out/every_solver.png")
