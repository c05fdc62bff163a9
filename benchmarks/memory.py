"""Peak memory in 3D, in units of the field's own bytes: of a solve with 128 cells a side, and of a prepared one with 256 in place.

Measured in a fresh process, above what is resident after the import and a run of the same kind with 64 cells. Linux only: elsewhere
the peak cannot be set back.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np

import tensorfem as tfem
from benchmarks.timing import machine, show

TARGET, TARGET_PREPARED = 4.0, 1.3  # the second above the right-hand side


def run(cells):
    """Solve, and give the field."""
    space = tfem.box(x=(0, 1), y=(0, 1), z=(0, 1), cells=cells)
    return tfem.Poisson(space, source=lambda x, y, z: np.exp(x * y) * z, boundary=0.0).solve()


def resident(what):
    """VmRSS or VmHWM, the resident memory of this process now or at its peak, in bytes."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return 1024 * int(next(line.split()[1] for line in lines if line.startswith(what)))


def prepared(cells):
    """A prepared solve and a right-hand side for it, all of which is memory in use already."""
    space = tfem.box(x=(0, 1), y=(0, 1), z=(0, 1), cells=cells)
    operator = tfem.Poisson(space, source=1.0, boundary=0.0).operator
    return tfem.FastDiagonalization().prepare(operator), np.random.default_rng().standard_normal(operator.output_shape)


def peak_of(work):
    """Bytes that some work takes at its peak above what is resident before, and its result."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # sets VmHWM back to VmRSS
    before = resident("VmRSS")
    result = work()
    return resident("VmHWM") - before, result


def child(what):
    """Print the peak above the resident memory before, and the field's bytes."""
    if what == "solve":
        run(64)
        more, u = peak_of(lambda: run(128))
        print(more, u.values.nbytes)
    else:
        solve, rhs = prepared(64)
        solve(rhs, overwrite_rhs=True)  # loads what is loaded at first use
        solve, rhs = prepared(256)
        more, _ = peak_of(lambda: solve(rhs, overwrite_rhs=True))
        print(more, rhs.nbytes)


def main():
    if not Path("/proc/self/clear_refs").exists():
        print("  not measured: this system has no /proc/self/clear_refs")
        return
    for what, cells, target in (("solve", 128, TARGET), ("prepared", 256, TARGET_PREPARED)):
        call = [sys.executable, "-m", "benchmarks.memory", what]
        more, field = map(int, subprocess.run(call, capture_output=True, text=True, check=True).stdout.split())
        show(f"{what}, {cells} cells: the field itself", field / 1e6, "MB")
        show(f"{what}, {cells} cells: peak above what was resident before", more / 1e6, "MB")
        show(f"{what}, {cells} cells: peak in fields", more / field, "", target)


if __name__ == "__main__":
    if sys.argv[1:]:
        child(sys.argv[1])
    else:
        print(machine())
        main()
