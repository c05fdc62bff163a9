"""`import tensorfem` against the import of NumPy and the parts of SciPy that it needs, each in fresh processes, in turn.

Both find their modules compiled, as after any first import, also where this machine is told not to keep bytecode.
"""

import os
import statistics
import subprocess
import sys
import tempfile

from benchmarks.timing import machine, show

ROUNDS = 15
TARGET = 1.4
STATEMENTS = {"tensorfem": "import tensorfem", "bare": "import numpy, scipy.sparse, scipy.linalg, scipy.fft"}


def seconds(statement, folder):
    """What the import takes in a fresh interpreter that keeps bytecode in a folder."""
    settings = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": folder}
    code = f"import time\nstart = time.perf_counter()\n{statement}\nprint(time.perf_counter() - start)"
    return float(subprocess.run([sys.executable, "-c", code], env=settings, capture_output=True, text=True, check=True).stdout)


def main():
    measured = {name: [] for name in STATEMENTS}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS + 1):
            for name, statement in STATEMENTS.items():
                measured[name].append(seconds(statement, folder))
    medians = {name: statistics.median(values[1:]) for name, values in measured.items()}  # the first one reads and compiles the files
    for name, statement in STATEMENTS.items():
        show(statement, 1e3 * medians[name], "ms")
    show("ratio", medians["tensorfem"] / medians["bare"], "", TARGET)


if __name__ == "__main__":
    print(machine())
    main()
