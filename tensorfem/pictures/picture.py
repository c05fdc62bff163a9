"""The pictures of one field; `Field` has these functions as its methods."""

from collections.abc import Sequence
from typing import Any

from tensorfem import plotting
from tensorfem.pictures.view import Discrete, View


def plot(
    field: Discrete,
    ax: Any = None,
    *,
    kind: str = "auto",
    at: Any = None,
    mesh: bool = False,
    arrows: bool = False,
    label: str = "u",
    cmap: Any = "viridis",
    levels: Any = None,
    limits: Any = None,
    colorbar: bool = True,
) -> Any:
    """Draw the field: a line, filled contours, or three orthogonal slices; or as `kind` says.

    Parameters
    ----------
    ax : matplotlib axes, optional
        Three-dimensional ones for slices and surfaces; those of a new figure by default.
    kind : {"auto", "contours", "surface"}
        For two axes also contour lines with their values on them, or a surface.
    at : tuple or mapping, optional
        For three axes the point where the slices meet; its middle by default. A mapping fixes axes by a number, as ``{"z": 0.5}``, and
        draws the field of the others; by a sequence it places slices through the box, as ``{"z": [0.2, 0.8]}``.
    mesh : bool
        Whether to draw the cells; where they are dense, not all of them.
    arrows : bool
        Whether to draw the gradient (on flat pictures of two axes), which points to larger values.
    label, cmap, levels, limits, colorbar
        As of `tensorfem.plotting.draw`.

    Returns
    -------
    matplotlib axes

    Raises
    ------
    ValueError
        If more than three axes are left to draw, `ax` is of the wrong kind, or an argument does not fit.
    """
    view = View.of(field.space, at)
    if arrows and (len(view.axes) != 2 or kind == "surface"):
        raise ValueError('arrows: they need a flat picture of two axes; of a box draw a slice, as by at={"z": 0.5}')
    ax = plotting.draw(
        view.samples(field),
        view.coordinates,
        view.names,
        ax=ax,
        kind=kind,
        at=view.at,
        mesh=view.mesh if mesh else None,
        label=label + view.where,
        cmap=cmap,
        levels=levels,
        limits=limits,
        colorbar=colorbar,
    )
    if arrows:
        places = plotting.arrow_places([field.space.bounds[axis] for axis in view.axes])
        plotting.draw_arrows(view.moved(places).gradient(field), places, ax=ax)
    return ax


def compare(
    field: Discrete,
    other: Any,
    axes: Any = None,
    *,
    titles: Sequence[str] = ("u", "v"),
    kind: str = "auto",
    at: Any = None,
    mesh: bool = False,
    cmap: Any = "viridis",
    levels: Any = None,
    colorbar: bool = True,
) -> Any:
    """Draw the field and another one side by side, on one scale.

    Parameters
    ----------
    other : Field on the same box, number, string or function of all coordinates
    axes : two matplotlib axes, optional
    titles : two strings
    kind, at, mesh, cmap, levels, colorbar
        As of `plot`.

    Returns
    -------
    tuple of two matplotlib axes

    Raises
    ------
    ValueError
        If `other` lives on another box or fails, and as of `plot`.
    """
    view = View.of(field.space, at, beside=other)
    return plotting.compare(
        view.samples(field),
        view.samples(other, "other"),
        view.coordinates,
        view.names,
        axes=axes,
        titles=[title + view.where for title in titles],
        kind=kind,
        at=view.at,
        mesh=view.mesh if mesh else None,
        cmap=cmap,
        levels=levels,
        colorbar=colorbar,
    )


def plot_error(
    field: Discrete,
    exact: Any,
    ax: Any = None,
    *,
    log: bool = False,
    at: Any = None,
    mesh: bool = False,
    label: str | None = None,
    cmap: Any = None,
    levels: Any = None,
    colorbar: bool = True,
) -> Any:
    """Draw the field minus the exact one in colours symmetric about zero, or its absolute value on a logarithmic scale.

    Parameters
    ----------
    exact : number, string or function of all coordinates, or Field on the same box
    log : bool
        Whether to draw the absolute value, over four decades.
    ax, at, mesh, label, cmap, levels, colorbar
        As of `plot`; the label and the colours depend on `log` by default.

    Returns
    -------
    matplotlib axes

    Raises
    ------
    ValueError
        If `exact` lives on another box or fails, and as of `plot`.
    """
    view = View.of(field.space, at, beside=exact)
    return plotting.draw_error(
        view.samples(field) - view.samples(exact, "exact"),
        view.coordinates,
        view.names,
        ax=ax,
        log=log,
        at=view.at,
        mesh=view.mesh if mesh else None,
        label=(label or ("|error|" if log else "error")) + view.where,
        cmap=cmap,
        levels=levels,
        colorbar=colorbar,
    )


def isosurface(
    field: Discrete, *, levels: Any = 5, at: Any = None, label: str = "u", cmap: str = "viridis", opacity: float = 0.6, plotter: Any = None
) -> Any:
    """Add isosurfaces of a field of three axes to a pyvista plotter; ``.show()`` opens it.

    Parameters
    ----------
    levels : int or sequence of float
        The values, or how many.
    at : mapping, optional
        The places of axes beyond three, as ``{"x4": 0.5}``.
    label, cmap, opacity, plotter
        As of `tensorfem.plotting.isosurface`.

    Returns
    -------
    pyvista.Plotter

    Raises
    ------
    ModuleNotFoundError
        Without pyvista: ``pip install 'tensorfem[viz]'``.
    ValueError
        If there are not three axes to draw, or no level is met.
    """
    view = View.of(field.space, at)
    samples, label = view.samples(field), label + view.where
    return plotting.isosurface(
        samples, view.coordinates, view.names, levels=levels, label=label, cmap=cmap, opacity=opacity, plotter=plotter
    )
