"""Samples of a field on a grid that goes from end to end of every axis: for files at the nodes, for pictures finer."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from tensorfem.axis import Basis, Quadrature
from tensorfem.kron import KroneckerProduct
from tensorfem.space import Space

PLOT_SAMPLES = 240  # samples per axis that a picture can show
FloatArray = NDArray[np.float64]


class GridSamples(NamedTuple):
    """Coordinates of a grid, and named samples at its points and in the middles of its cells; components lead."""

    coordinates: tuple[FloatArray, ...]
    point_data: dict[str, FloatArray]
    cell_data: dict[str, FloatArray]


def grid_samples(space: Space, coefficients: FloatArray, name: str, gradient: str | None) -> GridSamples:
    """Values at the nodes, and the gradient if wanted.

    Parameters
    ----------
    space : Space
    coefficients : array of ``space.shape``
    name : str
        The name of the values; that of the gradient is "grad_" and this.
    gradient : {"points", "cells"} or None
        The gradient at the nodes, where it is the mean of both sides if it jumps, or in the middles between the nodes.

    Raises
    ------
    ValueError
        If `gradient` is anything else.

    Examples
    --------
    >>> import tensorfem as tfem
    >>> u = tfem.interpolate(tfem.box(x=(0, 1), cells=2), "abs(x - 0.5)")
    >>> samples = grid_samples(u.space, u.coefficients, "u", "points")
    >>> samples.point_data["u"], samples.point_data["grad_u"]
    (array([0.5, 0. , 0.5]), array([[-1.,  0.,  1.]]))
    """
    if gradient not in {None, "points", "cells"}:
        raise ValueError(f'gradient: got {gradient!r}; allowed are "points", "cells" and None')
    coordinates, tables = zip(*map(closed_nodes, space.bases), strict=True)
    samples = GridSamples(coordinates, {name: KroneckerProduct(*tables).apply(coefficients)}, {})
    if gradient == "points":
        slopes = [_slopes(basis, points) for basis, points in zip(space.bases, coordinates, strict=True)]
        samples.point_data[f"grad_{name}"] = _gradient(coefficients, tables, slopes)
    if gradient == "cells":
        pairs = [(basis, points[:-1] + np.diff(points) / 2) for basis, points in zip(space.bases, coordinates, strict=True)]
        tables = tuple(basis.evaluate(middles) for basis, middles in pairs)
        samples.cell_data[f"grad_{name}"] = _gradient(coefficients, tables, [basis.evaluate(middles, 1) for basis, middles in pairs])
    return samples


def fine_points(basis: Basis) -> FloatArray:
    """Points that show a basis: the cells' ends, and points within where cells are few and the degree is high. Periodic axes close."""
    mesh = basis.mesh
    parts = max(1, min(4 * (basis.degree - 1), PLOT_SAMPLES // mesh.cells))
    inner = mesh.nodes[:-1, None] + mesh.sizes[:, None] * (np.arange(parts) / parts)
    return np.append(inner.ravel(), mesh.nodes[-1])


def closed_nodes(basis: Basis) -> tuple[FloatArray, Any]:
    """The nodes and, on a periodic axis, its ends; and the matrix that takes coefficients to values there, sparse."""
    if not basis.mesh.periodic:
        return basis.nodes, basis.collocation
    start, end = basis.mesh.bounds
    if basis.nodes[0] == start:
        return np.append(basis.nodes, end), sparse.vstack([basis.collocation, basis.collocation[[0]]], format="csr")
    seam = basis.evaluate([start])
    return np.concatenate([[start], basis.nodes, [end]]), sparse.vstack([seam, basis.collocation, seam], format="csr")


def _gradient(coefficients: FloatArray, tables: Sequence[Any], slopes: Sequence[Any]) -> FloatArray:
    axes = range(len(tables))
    return np.stack([KroneckerProduct(*(slopes[j] if i == j else tables[j] for j in axes)).apply(coefficients) for i in axes])


def _slopes(basis: Basis, points: FloatArray) -> Any:
    """The matrix of first derivatives at points, between two cells the mean of both sides."""
    cells, reference = basis.mesh.locate(points)
    between = (reference == 0) & ((cells > 0) | basis.mesh.periodic)
    left = np.where(between, (cells - 1) % basis.mesh.cells, cells), np.where(between, 1.0, reference)
    sides = [Quadrature(cells=c, reference=r, points=points, weights=np.ones_like(points)) for c, r in ((cells, reference), left)]
    return (basis.tabulate(sides[0], 1) + basis.tabulate(sides[1], 1)) / 2
