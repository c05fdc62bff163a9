"""Run all benchmarks, one after the other."""

from benchmarks import (
    box_solve,
    graded_accuracy,
    grid_interpolation,
    import_time,
    kronecker_least_squares,
    memory,
    peers,
    prepared_solve,
    smoothing,
)
from benchmarks.timing import machine

print(machine())
for program in (
    prepared_solve,
    box_solve,
    memory,
    import_time,
    peers,
    graded_accuracy,
    grid_interpolation,
    kronecker_least_squares,
    smoothing,
):
    print(f"\n{program.__doc__.splitlines()[0]}")
    program.main()
