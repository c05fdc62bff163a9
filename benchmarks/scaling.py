"""How time grows: prepared solves on uniform meshes of degree 1, 64 to 512 cells a side in 3D, and 512^3 from the problem to the field.

python -m benchmarks.scaling [--largest 512]
"""

import argparse
import statistics
import time

import numpy as np

import tensorfem as tfem
from benchmarks.timing import machine, show
from tensorfem.kron.memory import available_memory

SIDES = (64, 128, 256, 512)
FIELDS = 4  # a right-hand side, the solution, and what a solve from the problem on takes besides
TARGET_EXPONENT, TARGET_SECONDS = 1.1, 12.0
LONG, MOST, LEAST = 3.0, 9, 3  # seconds and rounds


def fits(side):
    """Whether the memory is there."""
    return FIELDS * 8 * side**3 < available_memory()


def prepared_seconds(side):
    """The median time of a prepared solve."""
    problem = tfem.Poisson(tfem.box(x=(0, 1), y=(0, 1), z=(0, 1), cells=side), source=1.0, boundary=0.0)
    solve = tfem.FastDiagonalization().prepare(problem.operator)
    rhs = np.random.default_rng().standard_normal(problem.operator.output_shape)
    solve(rhs)
    times = []
    while len(times) < LEAST or (len(times) < MOST and sum(times) < LONG):
        start = time.perf_counter()
        solve(rhs)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def from_problem_to_field(side):
    """Seconds, and the report, with a source that is no product."""
    space = tfem.box(x=(0, 1), y=(0, 1), z=(0, 1), cells=side)
    start = time.perf_counter()
    u = tfem.Poisson(space, source=lambda x, y, z: np.exp(x * y) * z, boundary=0.0).solve()
    return time.perf_counter() - start, u.report


def main(largest=SIDES[-1]):
    seconds = {}
    for side in (side for side in SIDES if side <= largest):
        if not fits(side):
            print(f"  {side - 1}^3: left out, {FIELDS} fields of {8 * side**3 / 1e9:.2g} GB do not fit")
            break
        seconds[side] = prepared_seconds(side)
        show(f"{side - 1}^3 unknowns: prepared solve", seconds[side], "s")
        show("  for each unknown", 1e9 * seconds[side] / (side - 1) ** 3, "ns")
    if len(seconds) < 2:
        return
    unknowns = 3 * np.log([side - 1 for side in seconds])
    exponent = np.polyfit(unknowns, np.log(list(seconds.values())), 1)[0]
    show(f"exponent of time against unknowns, {min(seconds)}^3 to {max(seconds)}^3", exponent, "", TARGET_EXPONENT)
    total, report = from_problem_to_field(max(seconds))
    show(
        f"{max(seconds)}^3 cells, exp(x*y)*z, from the problem to the field",
        total,
        "s",
        TARGET_SECONDS if max(seconds) == SIDES[-1] else None,
    )
    print(f"    {', '.join(f'{phase} {value:.2f}' for phase, value in report.seconds.items())}; residual {report.residual:.0e}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling")
    parser.add_argument("--largest", type=int, default=SIDES[-1], help="most cells a side")
    print(machine())
    main(parser.parse_args().largest)
