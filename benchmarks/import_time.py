"""`import tensorfem` against the import of NumPy and the parts of SciPy that it needs, each in fresh processes, in turn."""

import statistics
import subprocess
import sys

from benchmarks.timing import machine, show

ROUNDS = 15
TARGET = 1.4
STATEMENTS = {"tensorfem": "import tensorfem", "bare": "import numpy, scipy.sparse, scipy.linalg, scipy.fft"}


def seconds(statement):
    """What the import takes in a fresh interpreter."""
    code = f"import time\nstart = time.perf_counter()\n{statement}\nprint(time.perf_counter() - start)"
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


def main():
    measured = {name: [] for name in STATEMENTS}
    for _ in range(ROUNDS + 1):
        for name, statement in STATEMENTS.items():
            measured[name].append(seconds(statement))
    medians = {name: statistics.median(values[1:]) for name, values in measured.items()}  # the first one reads the files
    for name, statement in STATEMENTS.items():
        show(statement, 1e3 * medians[name], "ms")
    show("ratio", medians["tensorfem"] / medians["bare"], "", TARGET)


if __name__ == "__main__":
    print(machine())
    main()
