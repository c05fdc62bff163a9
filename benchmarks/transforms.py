"""Trigonometric transforms along one axis of a cube, in place: compiled, by scipy.fft, and a copy of the cube beside them.

Seconds are those of the processor, all threads together: they do not depend on what else the machine does.
"""

import time

import numpy as np
from scipy import fft

from benchmarks.timing import machine, show
from tensorfem.kron import TrigonometricEigenbasis

ROUNDS = 7
LARGEST_SHARE = 0.5  # of scipy.fft's time


def processor_seconds(functions):
    """The least time of several rounds of each function; the first round does not count."""
    seconds = {name: [] for name in functions}
    for _ in range(ROUNDS + 1):
        for name, function in functions.items():
            start = time.process_time()
            function()
            seconds[name].append(time.process_time() - start)
    return {name: min(values[1:]) for name, values in seconds.items()}


def compare(cells, axis, dtype):
    """Analyse a cube along an axis."""
    cube = np.random.default_rng().standard_normal((cells - 1,) * 3).astype(dtype)
    basis, other = TrigonometricEigenbasis("dirichlet-dirichlet", 1.0, cells), cube.copy()
    options = {"type": 1, "axis": axis, "norm": "ortho", "overwrite_x": True, "workers": 2}
    seconds = processor_seconds(
        {
            "compiled": lambda: basis.analyse(cube, axis, overwrite=True),
            "scipy": lambda: fft.dst(cube, **options),
            "copy": lambda: np.copyto(other, cube),
        }
    )
    name = f"{cells - 1}^3 {np.dtype(dtype).name}, axis {axis}"
    show(f"{name}: copy", 1e3 * seconds["copy"], "ms")
    show(f"{name}: scipy.fft.dst", 1e3 * seconds["scipy"], "ms")
    show(f"{name}: compiled", 1e3 * seconds["compiled"], "ms")
    show(f"{name}: compiled over scipy.fft.dst", seconds["compiled"] / seconds["scipy"], "", LARGEST_SHARE)


def main():
    for cells in (128, 256):
        for axis in range(3):
            compare(cells, axis, float)
    compare(128, 1, np.float32)


if __name__ == "__main__":
    print(machine())
    main()
