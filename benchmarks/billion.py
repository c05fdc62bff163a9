"""A billion unknowns on one machine: 1000 cells of degree 1 along each axis of a cube, solved in place, the true residual measured.

The source is a product, ``sin(pi x) exp(y) (1 + z)``: its load is the outer product of three vectors, and is formed again, slab by slab,
for the residual, after the solution has taken its place.

    python -m benchmarks.billion [--cells 1000]
"""

import argparse
import functools
import math
import time

import numpy as np

import tensorfem as tfem
from benchmarks.comparison.process import peak_above, reset_peak
from benchmarks.timing import machine, show
from tensorfem.kron import slabs
from tensorfem.kron.memory import require_memory
from tensorfem.kron.nested_sum import apply_sum

CELLS = 1000
TARGET_SECONDS, TARGET_BYTES, TARGET_RESIDUAL = 90.0, 12 * 2**30, 1e-10
ROWS_ENTRIES = 1 << 23  # of a slab of the residual: 64 MiB
WARM_CELLS = 64
FIELDS = 1.5  # in memory: one, and room for the rest
SOURCES = ("sin(pi*x)", "exp(x)", "1 + x")


class Clock:
    """Seconds by phase."""

    def __init__(self):
        self.seconds, self.last = {}, time.perf_counter()

    def lap(self, phase):
        now = time.perf_counter()
        self.seconds[phase], self.last = now - self.last, now


def load_factors(cells):
    """The loads of the three factors of the source at the inner nodes."""
    axis = tfem.box(x=(0, 1), cells=cells)
    return [axis.load(source)[1:-1] for source in SOURCES]


def outer_into(target, factors):
    """Write an outer product, one plane at a time: nothing of the field's size is needed besides."""
    plane = functools.reduce(np.multiply.outer, factors[1:])
    for i, value in enumerate(factors[0]):
        np.multiply(plane, value, out=target[i])


def relative_residual(operator, value, factors):
    """``|A u - b| / |b|``, b being an outer product: slab by slab, in arrays that are used again."""
    stiffness, masses = [pencil.stiffness for pencil in operator.pencils], [pencil.mass for pencil in operator.pencils]
    plane = functools.reduce(np.multiply.outer, factors[1:])
    square, part = 0.0, np.empty_like(plane)
    space = np.empty((max(1, ROWS_ENTRIES // plane.size), *plane.shape))
    for rows in slabs(value.shape[0], plane.size, entries=ROWS_ENTRIES):
        image = apply_sum(stiffness, masses, operator.shift, value, rows=rows, out=space[: rows.stop - rows.start])
        for row, weight in zip(image, factors[0][rows], strict=True):
            row -= np.multiply(plane, weight, out=part)
            square += float(np.vdot(row, row))
    return math.sqrt(square) / math.prod(float(np.linalg.norm(factor)) for factor in factors)


def solve(cells):
    """Seconds by phase, the peak of memory, the residual and the solution in the middle."""
    require_memory(FIELDS * 8 * (cells - 1) ** 3, f"billion: {cells - 1}^3 unknowns", "use fewer cells")
    before, clock = reset_peak(), Clock()
    space = tfem.box(x=(0, 1), y=(0, 1), z=(0, 1), cells=cells)
    operator = tfem.Poisson(space, source=0.0, boundary=0.0).operator
    clock.lap("assembly")
    prepared = tfem.FastDiagonalization().prepare(operator)
    clock.lap("setup")
    factors = load_factors(cells)
    field = np.empty(operator.output_shape)
    outer_into(field, factors)
    clock.lap("load")
    field = prepared(field, overwrite_rhs=True).value
    clock.lap("solve")
    residual = relative_residual(operator, field, factors)
    clock.lap("residual")
    return clock.seconds, peak_above(before), residual, float(field[(cells // 2 - 1,) * 3])


def main(cells=CELLS):
    unknowns, full = (cells - 1) ** 3, cells >= CELLS
    solve(min(cells, WARM_CELLS))  # imports and compilation
    seconds, peak, residual, middle = solve(cells)
    for phase, value in seconds.items():
        show(f"{unknowns:,} unknowns: {phase}", value, "s")
    show("  all of it", sum(seconds.values()), "s", TARGET_SECONDS if full else None)
    if peak is None:
        print("  memory not measured: this system has no /proc/self/clear_refs")
    else:
        show("  peak of memory", peak / 2**30, "GiB", TARGET_BYTES / 2**30 if full else None)
        show("  peak in fields", peak / (8 * unknowns), "")
    print(f"    true relative residual {residual:.1e}; u in the middle {middle:.12g}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.billion")
    parser.add_argument("--cells", type=int, default=CELLS)
    print(machine())
    main(parser.parse_args().cells)
