"""How long a load vector takes to integrate, timed on one slab of it."""

import math
import time
from typing import Any

import numpy as np
import scipy.sparse as sparse

from tensorfem.coefficient import Product, Sum
from tensorfem.kron import nonzero_rows, slabs
from tensorfem.load_vector import AxisLoad, TensorFunction, load
from tensorfem.solvers.effort import apply_seconds
from tensorfem.solvers.machine import Machine
from tensorfem.space import Space

SHORT, RUNS = 0.02, 3  # seconds below which a slab is integrated some more times: the first run has the imports and the fresh memory in it
LARGEST_SLAB = 2**24  # entries beyond which nothing is sampled
POINT_PASSES = 20  # that stand for the source there


def load_seconds(space: Space, source: Any, machine: Machine) -> float:
    """Seconds of the load vector of a source.

    Raises
    ------
    ValueError
        If the source fails.
    """
    if isinstance(source, Product | Sum):
        return machine.passes(space.size, 1 if isinstance(source, Product) else 2 * space.dimension)
    if isinstance(source, TensorFunction) or (isinstance(source, np.ndarray) and source.ndim):
        return apply_seconds(space.mass, machine)
    axes = [AxisLoad.over(basis) for basis in space.bases]
    pieces = list(slabs(axes[0].points.size, math.prod(axis.points.size for axis in axes[1:])))
    if math.prod(axis.points.size for axis in axes[1:]) > LARGEST_SLAB:
        return machine.passes(math.prod(axis.points.size for axis in axes), POINT_PASSES)
    columns = sparse.csc_array(axes[0].matrix)[:, pieces[len(pieces) // 2]].tocsr()
    slab = AxisLoad(axes[0].points[pieces[len(pieces) // 2]], columns[nonzero_rows(columns)])
    datum, shortest = space.datum(source, "source"), math.inf
    for _ in range(RUNS):
        start = time.perf_counter()
        load([slab, *axes[1:]], datum)
        shortest = min(shortest, time.perf_counter() - start)
        if shortest > SHORT:
            break
    return shortest * axes[0].points.size / slab.points.size
