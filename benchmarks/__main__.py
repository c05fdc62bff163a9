"""Run all benchmarks, one after the other."""

from benchmarks import (
    box_solve,
    fused_apply,
    graded_accuracy,
    grid_interpolation,
    import_time,
    kron,
    kronecker_least_squares,
    kronecker_sums,
    memory,
    peers,
    prepared_solve,
    smoothing,
    transforms,
)
from benchmarks.timing import machine

PROGRAMS = (
    prepared_solve,
    fused_apply,
    box_solve,
    memory,
    import_time,
    peers,
    graded_accuracy,
    kron,
    kronecker_sums,
    kronecker_least_squares,
    grid_interpolation,
    smoothing,
    transforms,
)

print(machine())
for program in PROGRAMS:
    print(f"\n{program.__doc__.splitlines()[0]}")
    program.main()
