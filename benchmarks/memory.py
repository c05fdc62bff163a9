"""Peak memory of a solve in 3D with 128 cells a side, in units of the field's own bytes.

Measured in a fresh process, above what is resident after the import and a run with 16 cells a side. Linux only: elsewhere the peak
cannot be set back.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np

import tensorfem as tfem
from benchmarks.timing import machine, show

TARGET = 4.0


def run(cells):
    """Solve, and give the field."""
    space = tfem.box(x=(0, 1), y=(0, 1), z=(0, 1), cells=cells)
    return tfem.Poisson(space, source=lambda x, y, z: np.exp(x * y) * z, boundary=0.0).solve()


def resident(what):
    """VmRSS or VmHWM, the resident memory of this process now or at its peak, in bytes."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return 1024 * int(next(line.split()[1] for line in lines if line.startswith(what)))


def child():
    """Print the peak above the resident memory before, and the field's bytes."""
    run(16)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # sets VmHWM back to VmRSS
    before = resident("VmRSS")
    u = run(128)
    print(resident("VmHWM") - before, u.values.nbytes)


def main():
    if not Path("/proc/self/clear_refs").exists():
        print("  not measured: this system has no /proc/self/clear_refs")
        return
    call = [sys.executable, "-m", "benchmarks.memory", "child"]
    more, field = map(int, subprocess.run(call, capture_output=True, text=True, check=True).stdout.split())
    show("the field itself", field / 1e6, "MB")
    show("peak above what was resident before", more / 1e6, "MB")
    show("peak in fields", more / field, "", TARGET)


if __name__ == "__main__":
    if sys.argv[1:] == ["child"]:
        child()
    else:
        print(machine())
        main()
