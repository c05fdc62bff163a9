"""Half the digits: float32 throughout against float64 on a graded 3D mesh, and solves in float32 refined in float64.

Mixed precision solves once in float32 and corrects by float32 solves of the residual, which is formed in float64. It pays where the first
solve and its corrections together take less than one solve in float64.

    python -m benchmarks.precision [--cells 256]
"""

import argparse

import numpy as np

import tensorfem as tfem
from benchmarks.comparison.table import markdown
from benchmarks.timing import interleaved, machine, show
from tensorfem.kron.refinement import refine

CELLS, ROUNDS = 256, 5
TARGET_RATIO, TARGET_RESIDUAL, TARGET_CORRECTIONS = 1.6, 1e-12, 3
HEADINGS = ("mesh", "unknowns", "float64 ms", "float32 ms", "ratio", "mixed ms", "float64 over mixed", "pays", "residuals")


def cases(cells):
    """Name, mesh and degree; the first is judged."""
    return (
        (f"graded, {cells} cells, degree 1", tfem.graded(0, 1, cells, size_ratio=100), 1),
        (f"uniform, {cells} cells, degree 1", tfem.interval(0, 1, cells), 1),
        (f"graded, {cells // 4} cells, degree 4", tfem.graded(0, 1, cells // 4, size_ratio=100), 4),
        (f"graded, {cells // 2} cells, degree 1", tfem.graded(0, 1, cells // 2, size_ratio=100), 1),
    )


def measured(mesh, degree):
    """Seconds of the three ways, the residuals of the mixed one, the type of the solution in float32, and the unknowns."""
    operator = tfem.Poisson(tfem.Space(*[tfem.Lagrange(mesh, degree=degree)] * 3), source=1.0, boundary=0.0).operator
    prepared = tfem.FastDiagonalization().prepare(operator)
    rhs = np.random.default_rng().standard_normal(operator.output_shape)
    single = rhs.astype(np.float32)

    def mixed():
        return refine(
            lambda r: prepared(r).value, operator.apply, rhs, single=np.float32, corrections=TARGET_CORRECTIONS, rtol=TARGET_RESIDUAL
        )

    ways = {"float64": lambda: prepared(rhs), "float32": lambda: prepared(single), "mixed": mixed}
    return interleaved(ways, ROUNDS), mixed().residuals, prepared(single).value.dtype, rhs.size


def main(cells=CELLS):
    rows = []
    for name, mesh, degree in cases(cells):
        seconds, residuals, dtype, unknowns = measured(mesh, degree)
        double, single, mixed = (1e3 * seconds[way] for way in ("float64", "float32", "mixed"))
        judged = not rows
        show(f"{name}: float64 over float32", double / single, "", TARGET_RATIO if judged else None, at_least=True)
        show("  residual of mixed precision, in units of 1e-12", residuals[-1] / TARGET_RESIDUAL, "", 1.0 if judged else None)
        if dtype != np.float32:
            print(f"    the solve of a float32 right-hand side gave {dtype}: both columns are the same computation")
        history = ", ".join(f"{residual:.1e}" for residual in residuals)
        pays = "yes" if mixed < double else "no"
        times = [f"{value:.1f}" for value in (double, single)]
        rows.append([name, f"{unknowns:,}", *times, f"{double / single:.2f}", f"{mixed:.1f}", f"{double / mixed:.2f}", pays, history])
    print(f"\n{markdown(HEADINGS, rows)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.precision")
    parser.add_argument("--cells", type=int, default=CELLS)
    print(machine())
    main(parser.parse_args().cells)
