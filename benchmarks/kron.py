"""A Kronecker product of two n x n factors: what forming it takes, and applying it to one field of n x n values, by four ways.

Dense factors: `np.kron`; `np.einsum("ij,kl->ikjl", A, B)` and "ikjl,jl->ik"; the lazy `tensorfem.kron.kron`. Tridiagonal ones:
`scipy.sparse.kron`, and the lazy product again. Seconds are medians of nine, or of fewer where these take more than half a second;
memory is the peak that tracemalloc sees over forming and applying once. A way stops at the size whose matrix would take more than 1 GB.

    python -m benchmarks.kron

prints the tables and saves the picture out/kron.png. On a shared machine set OPENBLAS_NUM_THREADS=1: small products else wait for threads.
"""

import statistics
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sparse

from benchmarks.timing import machine
from tensorfem.kron import kron

SIZES = (4, 8, 16, 32, 64, 128, 256, 512, 1024)
LIMIT = 1e9  # bytes of an explicit matrix
ROUNDS = 9
README_SIZE = 64  # the size whose ratio the README tells


class Way(NamedTuple):
    """How the product is formed and applied, and the bytes that its matrix takes."""

    form: Callable[[Any, Any], Any]
    apply: Callable[[Any, Any], Any]
    size: Callable[[int], float]
    color: str


class Figure(NamedTuple):
    """What was measured."""

    form: float
    apply: float
    memory: int


def flat(matrix, field):
    return (matrix @ field.ravel()).reshape(field.shape)


LAZY = Way(kron, lambda operator, field: operator @ field, lambda n: 16 * n**2, "C3")
WAYS = {
    "dense": {
        "np.kron": Way(np.kron, flat, lambda n: 8 * n**4, "C0"),
        "np.einsum": Way(
            lambda A, B: np.einsum("ij,kl->ikjl", A, B),
            lambda matrix, field: np.einsum("ikjl,jl->ik", matrix, field),
            lambda n: 8 * n**4,
            "C1",
        ),
        "lazy": LAZY,
    },
    "tridiagonal": {
        "scipy.sparse.kron": Way(lambda A, B: sparse.kron(A, B, format="csr"), flat, lambda n: 12 * 9 * n**2, "C2"),
        "lazy": LAZY,
    },
}


def factors(kind: str, n: int) -> list[Any]:
    """Two matrices of n rows, well away from zero."""
    rng = np.random.default_rng([n, 4_711])
    if kind == "dense":
        return [rng.standard_normal((n, n)) for _ in range(2)]
    return [sparse.diags_array(rng.standard_normal((3, n)), offsets=(-1, 0, 1), shape=(n, n), format="csr") for _ in range(2)]


def seconds(function: Callable[[], Any]) -> float:
    """The median over rounds of a millisecond or more each: the time of one call."""
    times: list[float] = []
    while len(times) < ROUNDS and sum(times) < 0.5:
        start, calls = time.perf_counter(), 0
        while time.perf_counter() - start < 1e-3:
            function()
            calls += 1
        times.append((time.perf_counter() - start) / calls)
    return statistics.median(times)


def measure(way: Way, kind: str, n: int) -> Figure:
    """Time and memory of one way, whose result is compared with that of two matrix products."""
    A, B = factors(kind, n)
    field = np.random.default_rng(1_299).standard_normal((n, n))
    formed = way.form(A, B)
    expected = A @ field @ B.T
    assert np.abs(way.apply(formed, field) - expected).max() < 1e-10 * n * np.abs(expected).max()
    apply = seconds(lambda: way.apply(formed, field))
    form = seconds(lambda: way.form(A, B))
    tracemalloc.start()
    way.apply(way.form(A, B), field)
    memory = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return Figure(form, apply, memory)


def measured(kind: str) -> dict[str, dict[int, Figure]]:
    """All ways for one kind of factors, at the sizes where the matrix is not too large."""
    return {name: {n: measure(way, kind, n) for n in SIZES if way.size(n) <= LIMIT} for name, way in WAYS[kind].items()}


def ratio(results: dict[str, dict[int, Figure]], explicit: str, n: int) -> float:
    """How many times longer forming and applying once takes with an explicit matrix than with the lazy product."""
    theirs, ours = results[explicit][n], results["lazy"][n]
    return (theirs.form + theirs.apply) / (ours.form + ours.apply)


def table(kind: str, results: dict[str, dict[int, Figure]]) -> list[str]:
    """The figures in Markdown; where a way stopped, what its matrix would take."""
    head = "".join(f" {name}: form | apply | memory |" for name in results)
    lines = [f"| n, {kind} |{head}", "|--:|" + "--:|--:|--:|" * len(results)]
    for n in SIZES:
        cells = [cell(results[name].get(n), WAYS[kind][name].size(n)) for name in results]
        lines.append(f"| {n} | " + " | ".join(cells) + " |")
    return lines


def cell(figure: Figure | None, size: float) -> str:
    """Three columns."""
    if figure is None:
        return f"stopped | {bytes_of(size)} | for the matrix"
    return f"{time_of(figure.form)} | {time_of(figure.apply)} | {bytes_of(figure.memory)}"


def time_of(value: float) -> str:
    return f"{value:.3g} s" if value >= 1 else f"{1e3 * value:.3g} ms" if value >= 1e-3 else f"{1e6 * value:.3g} us"


def bytes_of(value: float) -> str:
    for unit, scale in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if value >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value:.0f} B"


def draw(results: dict[str, dict[str, dict[int, Figure]]]) -> Any:
    """Time above, memory below; a column for dense and one for tridiagonal factors."""
    import matplotlib.pyplot as plt

    axes = plt.subplots(2, 2, figsize=(10, 7.4), sharex=True, sharey="row", layout="constrained")[1]
    for column, (kind, ways) in zip(axes.T, results.items(), strict=True):
        for name, figures in ways.items():
            color, sizes, found = WAYS[kind][name].color, list(figures), list(figures.values())
            column[0].loglog(sizes, [f.form for f in found], color=color, linestyle="--", marker="o", markersize=3.5, label=f"{name}: form")
            column[0].loglog(sizes, [f.apply for f in found], color=color, marker="o", markersize=3.5, label=f"{name}: apply")
            wide = 5 if name == "np.kron" else 1.5  # einsum takes the same, and would hide it
            column[1].loglog(sizes, [f.memory for f in found], color=color, linewidth=wide, marker="o", markersize=3.5, label=name)
        column[0].set_title(f"two {kind} factors of n rows")
        column[1].axhline(LIMIT, color="0.5", linestyle=":", label="1 GB: explicit ones stop")
        column[1].set(xlabel="n", xticks=SIZES, xticklabels=[str(n) for n in SIZES])
        column[1].minorticks_off()
        for ax in column:
            ax.grid(color="0.9")
            ax.legend(fontsize="small")
    axes[0, 0].set_ylabel("seconds")
    axes[1, 0].set_ylabel("peak memory [bytes]")
    return axes


def main() -> None:
    """Print the tables, and save the picture."""
    results = {kind: measured(kind) for kind in WAYS}
    for kind, ways in results.items():
        print("\n".join([*table(kind, ways), ""]))
    told = ratio(results["dense"], "np.kron", README_SIZE)
    print(f"forming and applying once, dense factors of {README_SIZE} rows: np.kron over the lazy product {told:.3g}\n")
    Path("out").mkdir(exist_ok=True)
    draw(results)[0, 0].figure.savefig("out/kron.png", dpi=150)
    print("picture out/kron.png")


if __name__ == "__main__":
    print(machine())
    main()
