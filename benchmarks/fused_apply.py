"""The apply of a Kronecker sum in 3D, degree 1 on a graded mesh: against the explicit sparse matrix, and against a copy of the array.

The sparse matrix of 256^3 unknowns is not formed: its time is taken per unknown from 128^3. What is compared writes into arrays that exist.
"""

import numpy as np

import tensorfem as tfem
from benchmarks.timing import interleaved, machine, show

SIZES = {128: 25.0, 256: 15.0}  # cells per axis, and how many times faster than the sparse matrix
TARGET_BANDWIDTH = 0.6


def operator(cells, degree=1):
    mesh = tfem.graded(0, 1, cells // degree, size_ratio=100)
    return tfem.Poisson(tfem.Space(*[tfem.Lagrange(mesh, degree=degree)] * 3), source=1.0, boundary=0.0).operator


def field(A, dtype=float):
    return np.random.default_rng().standard_normal(A.output_shape).astype(dtype)


def best(functions, tries=6, rounds=5):
    """The least of several medians: both threads need a core of their own, which a busy machine seldom gives."""
    medians = [interleaved(functions, rounds) for _ in range(tries)]
    return {name: min(median[name] for median in medians) for name in functions}


def against_matrix():
    """Seconds per unknown of the sparse matrix, beside the fused apply of the same operator."""
    A = operator(128)
    matrix, u = A.tosparse(), field(A)
    image = np.zeros_like(u)
    seconds = best({"matrix": lambda: matrix @ u.ravel(), "fused": lambda: A.apply(u, out=image)})
    show("128^3: sparse matrix", 1e3 * seconds["matrix"], "ms")
    return {name: value / u.size for name, value in seconds.items()}


def against_copy(cells, matrix, dtype=float, degree=1):
    A = operator(cells, degree)
    u = field(A, dtype)
    image, copy = np.zeros_like(u), np.zeros_like(u)
    apply = A.apply if dtype is float else single(A).apply
    seconds = best({"fused": lambda: apply(u, out=image), "copy": lambda: np.copyto(copy, u)})
    name = f"{cells}^3, degree {degree}, {np.dtype(dtype)}"
    show(f"{name}: fused apply", 1e3 * seconds["fused"], "ms")
    show(f"{name}: share of the bandwidth of a copy (target at least {TARGET_BANDWIDTH})", seconds["copy"] / seconds["fused"], "")
    if degree == 1 and dtype is float:
        times = matrix * u.size / seconds["fused"]
        show(f"{name}: sparse matrix over fused apply (target at least {SIZES[cells]:g})", times, "times")


def single(A):
    """The operator in single precision."""
    pencils = [tfem.kron.Pencil(p.stiffness.astype(np.float32), p.mass.astype(np.float32)) for p in A.pencils]
    return tfem.kron.KroneckerSum(pencils, A.shift)


def main():
    matrix = against_matrix()["matrix"]
    for cells in SIZES:
        against_copy(cells, matrix)
    against_copy(256, matrix, np.float32)
    against_copy(128, matrix, degree=2)
    against_copy(128, matrix, degree=4)


if __name__ == "__main__":
    print(machine())
    main()
