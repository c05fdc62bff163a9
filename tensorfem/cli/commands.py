"""The commands: each takes the parsed command line and returns the exit code."""

import argparse
import dataclasses
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import tensorfem.cli.exits as exits
from tensorfem.box import box
from tensorfem.cli.document import ProblemFileError
from tensorfem.cli.fit import fit
from tensorfem.cli.outputs import FIELD_OUTPUTS, STUDY_OUTPUTS, resolved_outputs, write_field, write_study
from tensorfem.cli.printing import Printer
from tensorfem.cli.problem_file import ProblemFile, read_problem_file
from tensorfem.cli.progress import Progress, convergence_fraction
from tensorfem.cli.template import TEMPLATE
from tensorfem.export import write_text
from tensorfem.field import Field
from tensorfem.problems import Poisson
from tensorfem.solvers import AMG, CG, Direct, FastDiagonalization, Multigrid, Solver
from tensorfem.study import refinement_study


def solve(arguments: argparse.Namespace, printer: Printer) -> int:
    """Solve a problem file's problem, print the report, write its outputs."""
    file = read_problem_file(arguments.file)
    paths = resolved_outputs(file, FIELD_OUTPUTS, arguments.output, force=arguments.force, anywhere=arguments.anywhere)
    iterates = _Iterates()
    with Progress(sys.stderr, quiet=arguments.quiet) as progress:
        solver = _watched(file, progress, iterates)
        try:
            field = file.problem.solve(solver)
        except KeyboardInterrupt:
            _keep(file, iterates, paths)
            raise
    facts: dict[str, Any] = {"report": dataclasses.asdict(field.report) if field.report else None}
    lines = [str(field.report)]
    if file.exact is not None:
        errors = {"l2": field.l2_error(file.exact), "linf": field.linf_error(file.exact)}
        facts["errors"] = errors
        lines.append(f"{'errors':<11} {errors['l2']:.3e} in L2, {errors['linf']:.3e} at most")
    facts["values"] = {"min": field.min(), "max": field.max(), "integral": field.integral()}
    lines.append(f"{'values':<11} from {field.min():.6g} to {field.max():.6g}, integral {field.integral():.10g}")
    printer.finish("solve", facts, lines, write_field(field, paths))
    return exits.DONE


def study(arguments: argparse.Namespace, printer: Printer) -> int:
    """Run a refinement study of a problem file's problem, print its table and verdict."""
    file = read_problem_file(arguments.file)
    paths = resolved_outputs(file, STUDY_OUTPUTS, arguments.output, force=arguments.force, anywhere=arguments.anywhere)
    settings = file.study
    if file.exact is None and settings.quantity is None:
        raise ProblemFileError(
            f"{file.path}: study: nothing to judge by; give problem.exact, problem.manufactured, study.point or study.quantity"
        )
    quantity = settings.quantity if file.exact is None else None
    result = refinement_study(
        file.problem, levels=settings.levels, exact=file.exact, quantity=quantity, axes=settings.axes, solver=file.solver
    )
    facts = {"verdict": result.verdict, "reason": result.reason, "table": result.to_csv(), "orders": dict(result.orders)}
    facts["abrupt"] = {change.where: change.words for change in result.abrupt_changes}
    printer.finish("study", facts, [str(result)], write_study(result, paths))
    return exits.DONE if result.verdict == "PASS" else exits.CHECK_FAILED


def explain(arguments: argparse.Namespace, printer: Printer) -> int:
    """Say what a solve would take."""
    explanation = read_problem_file(arguments.file).problem.explain()
    facts = {"choice": repr(explanation.choice), "reason": explanation.reason, "text": str(explanation)}
    printer.finish("explain", facts, [str(explanation)], [])
    return exits.DONE


def init(arguments: argparse.Namespace, printer: Printer) -> int:
    """Write a problem file to start from."""
    try:
        write_text(arguments.file, TEMPLATE, overwrite=arguments.force)
    except FileExistsError as error:
        raise ProblemFileError(f"{arguments.file} exists; pass --force to replace it, or name another file") from error
    printer.lines([f"wrote {arguments.file}; now try: tensorfem solve {arguments.file}"])
    return exits.DONE


def bench(arguments: argparse.Namespace, printer: Printer) -> int:
    """Time the same problem by every solver."""
    if not 4 <= arguments.cells <= 512:
        raise ProblemFileError(f"--cells: got {arguments.cells}; allowed is an integer from 4 to 512")
    space = box(x=(0, 1), y=(0, 1), z=(0, 1), cells=arguments.cells)
    rows = []
    with Progress(sys.stderr, quiet=arguments.quiet) as progress:
        solvers: list[Solver] = [FastDiagonalization(), CG(), CG(preconditioner=AMG())]
        if arguments.cells <= 24:
            solvers.append(Direct())
        for solver in solvers:
            progress.update(repr(solver))
            problem = Poisson(space, lambda x, y, z: np.exp(x * y) * z, boundary=0.0)
            start = time.perf_counter()
            report = problem.solve(solver).report
            rows.append((repr(solver), time.perf_counter() - start, report.residual if report else 0.0))
    facts = {"unknowns": (arguments.cells - 1) ** 3, "rows": [{"solver": s, "seconds": t, "residual": r} for s, t, r in rows]}
    width = max(len(row[0]) for row in rows)
    lines = [f"{facts['unknowns']:,} unknowns, three axes, degree 1, from problem to field", f"{'solver':<{width}}  seconds  residual"]
    printer.finish("bench", facts, [*lines, *(f"{s:<{width}}  {t:7.3f}  {r:.1e}" for s, t, r in rows)], [])
    return exits.DONE


COMMANDS: dict[str, Callable[[argparse.Namespace, Printer], int]] = {
    "solve": solve,
    "study": study,
    "fit": fit,
    "explain": explain,
    "init": init,
    "bench": bench,
}


class _Iterates:
    """The best iterate that an iterative solver has shown."""

    def __init__(self) -> None:
        self.value: Any = None
        self.residual, self.first, self.iterations = float("inf"), 0.0, 0

    def see(self, iterations: int, residual: float, iterate: Any) -> None:
        self.first = self.first or residual
        if residual < self.residual:
            self.value, self.residual, self.iterations = np.array(iterate), residual, iterations


def _watched(file: ProblemFile, progress: Progress, iterates: _Iterates) -> Solver:
    """The solver that will run; an iterative one shows its progress and leaves its iterates."""
    solver, _ = file.solver.choose(file.problem.operator)
    progress.update("solving")
    if not isinstance(solver, CG | AMG | Multigrid):
        return file.solver

    def watch(iterations: int, residual: float, iterate: Any) -> None:
        iterates.see(iterations, residual, iterate)
        fraction = convergence_fraction(residual, iterates.first, solver.rtol)
        progress.update(f"iteration {iterations}, relative residual {residual:.1e}", fraction)

    return dataclasses.replace(solver, callback=watch)


def _keep(file: ProblemFile, iterates: _Iterates, paths: dict[str, Path]) -> None:
    """After Ctrl-C: write what the best iterate gives, and say so."""
    if iterates.value is None:
        return
    field: Field = file.problem.field(iterates.value)
    written = ", ".join(map(str, write_field(field, paths))) or "no file, as the problem file asks for none"
    sys.stderr.write(
        f"\ninterrupted; the best iterate ({iterates.iterations}, relative residual {iterates.residual:.1e}) went to {written}\n"
    )
