"""How long a load vector takes to integrate, timed on one slab of it."""

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sparse

from tensorfem.coefficient import Product, Sum
from tensorfem.kron import kernels, nonzero_rows, slabs
from tensorfem.kron.threads import thread_count
from tensorfem.load_vector import AxisLoad, TensorFunction, axis_loads, load, slab_entries
from tensorfem.solvers.effort import apply_seconds
from tensorfem.solvers.machine import Machine
from tensorfem.space import Space

SHORT, RUNS = 0.02, 3  # seconds below which a slab is integrated some more times: the first run has the imports and the fresh memory in it
LARGEST_SLAB = 2**24  # entries beyond which nothing is sampled
POINT_PASSES = 20  # that stand for the source there


def load_seconds(space: Space, source: Any, method: str, machine: Machine) -> float:
    """Seconds of the load vector of a source.

    Raises
    ------
    ValueError
        If the source fails.
    """
    if isinstance(source, Product | Sum):
        return machine.passes(space.size, 1)
    if isinstance(source, TensorFunction) or (isinstance(source, np.ndarray) and source.ndim):
        return apply_seconds(space.mass, machine)
    axes = axis_loads(space.bases, (slice(None),) * space.dimension, None, method)
    grid = [axis.points.size for axis in axes]
    if math.prod(grid[1:]) > LARGEST_SLAB:
        return machine.passes(math.prod(grid), POINT_PASSES)
    compiled, datum = kernels.pays(space.size), space.datum(source, "source")
    pieces = list(slabs(grid[0], math.prod(grid[1:]), slab_entries(compiled=compiled)))
    middle = pieces[len(pieces) // 2]
    columns = sparse.csc_array(axes[0].slabwise)[:, middle].tocsr()
    slab = [AxisLoad(axes[0].points[middle], columns[nonzero_rows(columns)]), *axes[1:]]
    count = min(thread_count(), len(pieces)) if compiled and datum.threadable else 1
    if compiled:  # for the first time, perhaps: what that takes is no part of the load
        load(slab, datum, compiled=compiled, threads=1)
    return _shortest(lambda: load(slab, datum, compiled=compiled, threads=1)) * grid[0] / slab[0].points.size / count


def _shortest(work: Callable[[], object]) -> float:
    shortest = math.inf
    for _ in range(RUNS):
        start = time.perf_counter()
        work()
        shortest = min(shortest, time.perf_counter() - start)
        if shortest > SHORT:
            break
    return shortest
