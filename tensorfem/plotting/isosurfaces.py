"""The three-dimensional view of isosurfaces, by pyvista."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tensorfem.checks import integer, real_vector
from tensorfem.plotting.samples import Samples, scaled

if TYPE_CHECKING:
    from pyvista import Plotter

EYE = (0.5, -0.866, 0.577)  # the direction from which matplotlib looks
ZOOM = 0.85  # leaves room for the numbers
BAR = {"vertical": True, "position_x": 0.88, "position_y": 0.2, "height": 0.6, "width": 0.06, "fmt": "%.3g"}
BOUNDS: dict[str, Any] = {"location": "outer", "ticks": "outside", "fmt": "%.3g", "n_xlabels": 3, "n_ylabels": 3, "n_zlabels": 3}


def isosurface(
    values: ArrayLike,
    coordinates: Sequence[ArrayLike],
    names: Sequence[str],
    *,
    levels: int | Sequence[float] = 5,
    label: str = "u",
    cmap: str = "viridis",
    opacity: float = 0.6,
    plotter: Plotter | None = None,
) -> Plotter:
    """Add the surfaces on which samples in a box have given values to a pyvista plotter; ``.show()`` opens it.

    Parameters
    ----------
    values
        Samples of shape (n1, n2, n3).
    coordinates, names
        Three increasing arrays and their names.
    levels
        The values, or their number: they then divide the range of the samples evenly.
    label
        The name of the field, on the colour bar.
    cmap
        The name of a colour map.
    opacity
        From 0, invisible, to 1.
    plotter
        What to draw on; by default a new one.

    Returns
    -------
    pyvista.Plotter

    Raises
    ------
    ModuleNotFoundError
        Without pyvista: ``pip install 'tensorfem[viz]'``.
    ValueError
        If there are not three axes, or no level lies within the range of the samples; and as of `draw`.
    """
    samples = Samples.of(values, coordinates, names)
    if samples.dimension != 3:
        raise ValueError(f"values: {samples.dimension} axes; isosurfaces need 3, for fewer there is draw")
    wanted = _levels(samples, levels)
    try:
        import pyvista
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("isosurfaces need pyvista; install it by: pip install 'tensorfem[viz]'", name="pyvista") from error
    grid = pyvista.RectilinearGrid(*samples.coordinates)
    name = label if samples.exponent == 0 else f"{label} / 1e{samples.exponent}"
    grid.point_data[name] = samples.values.ravel(order="F")  # VTK wants x fastest
    ours, plotter = plotter is None, pyvista.Plotter() if plotter is None else plotter
    plotter.add_mesh(grid.outline(), color="black")
    look: Any = {"cmap": cmap, "opacity": opacity, "clim": samples.span, "smooth_shading": True, "scalar_bar_args": BAR}
    plotter.add_mesh(grid.contour(wanted.tolist(), scalars=name), **look)
    titles: Any = dict(zip(("xtitle", "ytitle", "ztitle"), samples.names, strict=True))
    plotter.show_bounds(**titles, **BOUNDS)
    if ours:
        plotter.view_vector(EYE)
        plotter.camera.zoom(ZOOM)
    return plotter


def _levels(samples: Samples, levels: int | Sequence[float]) -> NDArray[np.float64]:
    """Give the levels that lie within the range of the samples."""
    low, high = samples.span
    if np.ndim(levels) == 0:
        wanted = np.linspace(low, high, integer(levels, "levels", 1) + 2)[1:-1]
    else:
        wanted = scaled(real_vector(levels, "levels", 1), -samples.exponent)
    if samples.constant is not None:
        raise ValueError("values: they are constant, and have no isosurface")
    met = wanted[(low < wanted) & (wanted < high)]
    if not met.size:
        raise ValueError(f"levels: got {levels!r}; none lies between the smallest and the largest of the samples")
    return met
