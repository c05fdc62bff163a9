"""Kronecker sums: Sylvester's equation against SciPy's solver, the 200 smallest of a million eigenvalues, the diagonal of an inverse.

Each figure includes everything from the 1D matrices on: nothing is prepared.
"""

import numpy as np
import scipy.linalg
import scipy.sparse as sparse

from benchmarks.timing import interleaved, machine, show
from tensorfem.kron import kronsum, solve_sylvester

SIZE = 512
TARGET_RATIO, TARGET_EIGENVALUES, TARGET_DIAGONAL = 1.0, 0.2, 0.5
ROUNDS = 3


def second_differences(size):
    return sparse.diags_array([-1.0, 2.0, -1.0], offsets=[-1, 0, 1], shape=(size, size), format="csr")


def residual(A, B, C, X):
    return np.linalg.norm(A @ X + X @ B - C) / ((np.linalg.norm(A) + np.linalg.norm(B)) * np.linalg.norm(X))


def sylvester(name, A, B):
    """Ours and SciPy's in turn, on the same matrices."""
    C = np.random.default_rng().standard_normal((SIZE, SIZE))
    solvers = {"ours": lambda: solve_sylvester(A, B, C), "SciPy's": lambda: scipy.linalg.solve_sylvester(A, B, C)}
    seconds = interleaved(solvers, ROUNDS)
    for whose, solve in solvers.items():
        show(f"Sylvester, {SIZE} x {SIZE}, {name}: {whose}", seconds[whose], "s")
        show("  its residual, in units of rounding", residual(A, B, C, solve()) / np.finfo(float).eps, "eps")
    show("  ratio", seconds["ours"] / seconds["SciPy's"], "", TARGET_RATIO)


def seconds_of(method, shape):
    """The time that a method of the sum of second differences takes, from the matrices on."""
    matrices = [second_differences(size) for size in shape]
    return interleaved({"it": lambda: method(kronsum(*matrices))}, ROUNDS)["it"]


def main():
    A, B = np.random.default_rng().standard_normal((2, SIZE, SIZE))
    sylvester("non-symmetric", A, B)
    sylvester("symmetric", A + A.T, B + B.T)
    for shape in ((1000, 1000), (100, 100, 100)):
        seconds = seconds_of(lambda operator: operator.eigenvalues(200), shape)
        show(f"200 smallest eigenvalues, {' x '.join(map(str, shape))} unknowns", seconds, "s", TARGET_EIGENVALUES)
    for shape in ((800, 800), (86, 86, 86)):
        seconds = seconds_of(lambda operator: operator.inverse_diagonal(), shape)
        show(f"diagonal of the inverse, {' x '.join(map(str, shape))} unknowns", seconds, "s", TARGET_DIAGONAL)


if __name__ == "__main__":
    print(machine())
    main()
