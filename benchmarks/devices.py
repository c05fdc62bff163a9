"""The portable solve on every library and device that is here: 256^3 and 512^3, degree 1 and 4, float64 and float32.

Each row gives the solve as a share of two rates measured on the same device in the same numbers: that of a matrix product of the shape
that a transform has, and that of a copy. A solve makes 2 d products of 2 n^(d + 1) operations each, and must read and write the field
at least once for each, and once for the division.

    python -m benchmarks.devices [--sides 256 512] [--libraries numpy torch-cpu torch-cuda]
"""

import argparse
import importlib
import importlib.util
import statistics
import time
from dataclasses import dataclass
from typing import Any

import array_api_compat
import numpy as np

import tensorfem as tfem
from benchmarks.comparison.table import markdown
from benchmarks.timing import machine, show
from tensorfem.kron.memory import available_memory
from tensorfem.solvers.portable_solve import PortableSolve

SIDES, DEGREES, DTYPES, DIMENSION = (256, 512), (1, 4), ("float64", "float32"), 3
FIELDS = 6  # right-hand side, solution, products on the way, denominators
ROUNDS, WARM = 5, 2
HEADINGS = ("device", "case", "numbers", "solve ms", "GFLOP/s", "share of the product rate", "GB/s", "share of the copy rate", "residual")


@dataclass(frozen=True)
class Device:
    """A library and one of its devices."""

    name: str
    library: str
    place: str | None = None

    def refusal(self) -> str:
        """Why it cannot be used here; empty where it can."""
        if importlib.util.find_spec(self.library) is None:
            return f"{self.library} is not installed"
        if self.place == "cuda" and not self.module.cuda.is_available():
            return f"{self.library} finds no CUDA device"
        return ""

    @property
    def module(self) -> Any:
        return importlib.import_module(self.library)

    def put(self, array: Any) -> Any:
        """A copy of a NumPy array there."""
        return array.copy() if self.place is None else self.module.asarray(array, device=self.place)

    def wait(self) -> None:
        """Until all work there is done."""
        if self.place == "cuda":
            self.module.cuda.synchronize()

    def free(self) -> int:
        """Bytes of memory that can be taken there."""
        return int(self.module.cuda.mem_get_info()[0]) if self.place == "cuda" else available_memory()

    def seconds(self, function: Any) -> float:
        """Median seconds of a call, its work done."""
        times = []
        for turn in range(ROUNDS + WARM):
            self.wait()
            start = time.perf_counter()
            result = function()
            self.wait()
            elapsed = time.perf_counter() - start
            del result
            if turn >= WARM:
                times.append(elapsed)
        return statistics.median(times)

    def __str__(self) -> str:
        return f"{self.name}, {self.module.cuda.get_device_name()}" if self.place == "cuda" else self.name


DEVICES = {d.name: d for d in (Device("numpy", "numpy"), Device("torch-cpu", "torch", "cpu"), Device("torch-cuda", "torch", "cuda"))}


def rates(device, dtype, n):
    """Operations and bytes in a second: of a tall matrix product, and of a copy (read and written)."""
    tall = device.put(np.random.default_rng().standard_normal((n * n, n)).astype(dtype))
    matrix = device.put(np.random.default_rng().standard_normal((n, n)).astype(dtype))
    xp = array_api_compat.array_namespace(tall)
    product = 2.0 * n ** (DIMENSION + 1) / device.seconds(lambda: xp.matmul(tall, matrix))
    other = xp.zeros_like(tall)

    def copy():
        other[...] = tall

    return product, 2.0 * np.dtype(dtype).itemsize * n**DIMENSION / device.seconds(copy)


def row(device, side, degree, dtype):
    """One line of the table, and the two shares."""
    mesh = tfem.graded(0, 1, side // degree, size_ratio=100)
    operator = tfem.Poisson(tfem.Space(*[tfem.Lagrange(mesh, degree=degree)] * DIMENSION), source=1.0, boundary=0.0).operator
    n, size = operator.output_shape[0], np.dtype(dtype).itemsize
    product, copy = rates(device, dtype, n)
    rhs = device.put(np.random.default_rng().standard_normal(operator.output_shape).astype(dtype))
    solve = PortableSolve(operator)
    residual = solve(rhs).residual
    seconds = device.seconds(lambda: solve(rhs).value)
    operations = 4.0 * DIMENSION * n ** (DIMENSION + 1) / seconds
    moved = 2.0 * (2 * DIMENSION + 1) * size * n**DIMENSION / seconds
    numbers = [
        f"{1e3 * seconds:.1f}",
        f"{operations / 1e9:.0f}",
        f"{operations / product:.2f}",
        f"{moved / 1e9:.1f}",
        f"{moved / copy:.2f}",
    ]
    return [str(device), f"{side}^3, degree {degree}", dtype, *numbers, f"{residual:.0e}"], operations / product, moved / copy


def main(sides=SIDES, libraries=tuple(DEVICES)):
    rows = []
    for device in (DEVICES[name] for name in libraries):
        for side, degree, dtype in ((s, p, t) for s in sides for p in DEGREES for t in DTYPES):
            needed = FIELDS * np.dtype(dtype).itemsize * side**DIMENSION
            reason = device.refusal() or (f"needs {needed / 1e9:.2g} GB" if needed > device.free() else "")
            if reason:
                rows.append([device.name, f"{side}^3, degree {degree}", dtype, *[""] * 5, reason])
                continue
            line, product_share, copy_share = row(device, side, degree, dtype)
            rows.append(line)
            show(f"{device.name}, {side}^3, degree {degree}, {dtype}: share of products", product_share, "")
            show("  share of the copy bandwidth", copy_share, "")
    print(f"\n{markdown(HEADINGS, rows)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.devices")
    parser.add_argument("--sides", type=int, nargs="+", default=list(SIDES))
    parser.add_argument("--libraries", nargs="+", choices=list(DEVICES), default=list(DEVICES))
    given = parser.parse_args()
    print(machine())
    main(given.sides, given.libraries)
