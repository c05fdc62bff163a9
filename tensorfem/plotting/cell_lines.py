"""The lines between the cells of a mesh, as far as a picture has room for them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.checks import real_vector
from tensorfem.plotting.samples import Samples
from tensorfem.plotting.style import Style

Array = NDArray[np.float64]
CLOSEST = 1 / 64  # of the side of the box: lines that are denser paint the picture black
LINE: dict[str, Any] = {"color": "0.15", "linewidth": 0.4, "alpha": 0.6}


def cell_ends(samples: Samples, style: Style) -> tuple[Array, ...]:
    """Give the ends of the cells that are drawn along each axis; none where no mesh was asked for.

    Raises
    ------
    ValueError
        If the mesh has another number of axes, or a cell ends outside the box.
    """
    if style.mesh is None:
        return tuple(np.empty(0) for _ in samples.coordinates)
    if len(style.mesh) != samples.dimension:
        raise ValueError(f"mesh: got {len(style.mesh)} array(s) of cell ends; one is needed for each of the {samples.dimension} axes")
    return tuple(_inside(ends, c, name) for ends, c, name in zip(style.mesh, samples.coordinates, samples.names, strict=True))


def thinned(ends: Array, closest: float) -> Array:
    """Leave out what is nearer than `closest` to its neighbour below, or to the last one, which stays.

    Examples
    --------
    >>> thinned(np.array([0.0, 0.1, 0.2, 0.5, 0.9, 1.0]), 0.2)
    array([0. , 0.2, 0.5, 1. ])
    """
    kept = [float(ends[0])]
    for end in ends[1:-1].tolist():
        if closest <= end - kept[-1] and closest <= ends[-1] - end:
            kept.append(end)
    return np.array([*kept, float(ends[-1])])


def _inside(ends: Any, coordinate: Array, name: str) -> Array:
    places = np.sort(real_vector(ends, f"mesh: axis {name}", 2))
    low, high = coordinate[0], coordinate[-1]
    if places[0] < low or places[-1] > high:
        ends = f"{places[0]:g} to {places[-1]:g}"
        raise ValueError(f"mesh: the cells of axis {name} go from {ends}, which is not within its coordinates, {low:g} to {high:g}")
    return thinned(places, CLOSEST * float(high - low))
