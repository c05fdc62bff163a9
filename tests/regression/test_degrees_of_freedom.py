"""The trace by probes, where the normal matrix is not formed."""

import numpy as np
import pytest
import scipy.sparse as sparse

from tensorfem.regression.modes import axis_modes
from tensorfem.regression.normal import Design, WeightedDesign
from tensorfem.regression.weighted_solve import DenseSolve, IterativeSolve


def test_probes_along_every_datum_give_the_exact_trace() -> None:
    """Unit vectors, times the root of their number, have the identity as the mean of v v^T, as random signs have it on average."""
    rng = np.random.default_rng(97)
    matrices = [sparse.csr_array(rng.standard_normal(shape)) for shape in ((7, 5), (6, 4))]
    roots = [np.diff(np.eye(size), 2, axis=0) for size in (5, 4)]
    design = Design(tuple(matrices), tuple(roots), tuple(map(axis_modes, matrices, roots)), True)
    weights = rng.uniform(0.05, 4.0, (7, 6))
    weighted = WeightedDesign(design, weights, weights.size)
    units = np.eye(weights.size).reshape(-1, *weights.shape) * np.sqrt(weights.size)
    weighted.__dict__["probes"] = [design.transposed.apply(np.sqrt(weighted.shares) * unit) for unit in units]
    exact = DenseSolve(WeightedDesign(design, weights, weights.size), (0.3, 0.02)).degrees_of_freedom()
    iterative = IterativeSolve(weighted, (0.3, 0.02))
    assert iterative.degrees_of_freedom() == pytest.approx(exact, abs=1e-3)
