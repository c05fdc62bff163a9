"""Regions that conduct so much better than what is around them that constants on them are lost in single precision."""

from typing import Any

import numpy as np

from tensorfem.kron import Array

BLOCK = 4  # cells along each axis: smaller regions are corrected one by one, or smoothed
CONTRAST = 1e5  # of means over blocks: a constant in one has so much less energy than the diagonal says, and float32 has 7 digits


def has_soft_regions(operator: Any) -> bool:
    """Whether the means of a diffusion over blocks of cells spread by more than 1e5: one pass over the field.

    Coefficients that are drawn cell by cell do not: their means over 64 cells are alike.

    Examples
    --------
    >>> from tensorfem.axis import Lagrange, interval
    >>> from tensorfem.cells import AxisCells, CellOperator
    >>> axis = AxisCells(Lagrange(interval(0, 1, cells=12), degree=1), slice(1, 12), points=2)
    >>> a = np.ones((1, 12)); a[0, 4:8] = 1e6
    >>> has_soft_regions(CellOperator([axis], a)), has_soft_regions(CellOperator([axis], np.sqrt(a)))
    (True, False)
    """
    counts = [axis.count for axis in operator.axes]
    diagonal = [samples for (i, j), samples in operator.components() if i == j][: len(operator.diffusion)]
    return any(means.max() > CONTRAST * means.min() for means in (_means(samples, counts) for samples in diagonal))


def _means(samples: Array, counts: list[int]) -> Array:
    for axis, count in enumerate(counts):
        size = samples.shape[axis]
        starts = np.arange(0, size, BLOCK * size // count)
        lengths = np.diff(starts, append=size).reshape([-1 if k == axis else 1 for k in range(samples.ndim)])
        samples = np.add.reduceat(samples, starts, axis=axis) / lengths
    return samples
