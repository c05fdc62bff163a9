"""Run all benchmarks, one after the other."""

from benchmarks import box_solve, graded_accuracy, import_time, memory, peers, prepared_solve, smoothing
from benchmarks.timing import machine

print(machine())
for program in (prepared_solve, box_solve, memory, import_time, peers, graded_accuracy, smoothing):
    print(f"\n{program.__doc__.splitlines()[0]}")
    program.main()
