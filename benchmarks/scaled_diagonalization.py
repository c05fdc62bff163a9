"""Scaled fast diagonalization for smooth coefficients of all coordinates, linear elements in 3D: iterations to 1e-8, and seconds.

    python -m benchmarks scaled_diagonalization

The iterations must not depend on the grid. The right-hand side is random, which no solver finds easy; the times are those of the second of
two solves, kernels being loaded and memory there.
"""

import sys
import time

import numpy as np

import tensorfem as tfem
from benchmarks.timing import machine, show

COEFFICIENTS = {
    "1 + 10 sin^2 sin^2": lambda x, y, z: 1 + 10 * np.sin(np.pi * x * y) ** 2 * np.sin(2 * np.pi * z) ** 2,
    "exp(4 sin(3xy) + z)": lambda x, y, z: np.exp(4 * np.sin(3 * x * y) + z),
    "1 + 1000 bell": lambda x, y, z: 1 + 1000 * np.exp(-50 * ((x - 0.5) ** 2 + (y - 0.5) ** 2 + (z - 0.5) ** 2)),
}
SIZES = 32, 64, 128
ITERATIONS, CHANGE = 20, 3
SEED = 60_119


def solved(coefficient, cells):
    """Iterations, and seconds of setup and solve."""
    space = tfem.box(x=(0, 1), y=(0, 1), z=(0, 1), cells=cells)
    operator = tfem.Poisson(space, source=1.0, diffusion=coefficient, boundary=0.0).operator
    rhs = np.random.default_rng(SEED).standard_normal(operator.output_shape)
    start = time.perf_counter()
    solve = tfem.CG(rtol=1e-8, preconditioner=tfem.FastDiagonalization()).prepare(operator)
    setup = time.perf_counter() - start
    solve(rhs)
    start = time.perf_counter()
    iterations = solve(rhs).iterations
    return iterations, setup, time.perf_counter() - start


def main(sizes=SIZES):
    for name, coefficient in COEFFICIENTS.items():
        counts = []
        for cells in sizes:
            iterations, setup, seconds = solved(coefficient, cells)
            counts.append(iterations)
            show(f"{name}, {cells}^3: iterations", iterations, "", ITERATIONS)
            show(f"{name}, {cells}^3: setup", setup, "s")
            show(f"{name}, {cells}^3: solve", seconds, "s")
        show(f"{name}: change of the iterations with the grid", max(counts) - min(counts), "", CHANGE)


if __name__ == "__main__":
    print(machine())
    main(tuple(map(int, sys.argv[1:])) or SIZES)
