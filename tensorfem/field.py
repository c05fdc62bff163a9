"""Fields: functions of a space, with what people ask of them."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.axis import Basis
from tensorfem.evaluation import at_points, on_grid
from tensorfem.export import labelled, write_vtr
from tensorfem.kron.slab_contraction import contract
from tensorfem.load_vector import TensorFunction
from tensorfem.norms import gradient_data, l2_difference, largest_difference
from tensorfem.pictures import compare, isosurface, plot, plot_error, summary
from tensorfem.report import Report
from tensorfem.sampling import grid_samples
from tensorfem.space import Space
from tensorfem.storage import facts, save

FloatArray = NDArray[np.float64]


class Field(TensorFunction):
    """A function of a space, callable at points.

    Parameters
    ----------
    space : Space
    coefficients : array of ``space.shape``
        The unknowns of the basis, boundary included.
    report : Report, optional
        The record of the solve that made the field.

    Raises
    ------
    ValueError
        If the coefficients have another shape, or are not real and finite.

    Examples
    --------
    >>> import tensorfem as tfem
    >>> u = tfem.interpolate(tfem.box(x=(0, 1), y=(0, 2), cells=4), "x*y")
    >>> float(u(0.5, 1.0)), round(u.integral(), 12), u.max()
    (0.5, 1.0, 2.0)
    """

    def __init__(self, space: Space, coefficients: Any, report: Report | None = None) -> None:
        self.space = space
        self.coefficients = space.checked_nodal(coefficients, "coefficients")
        self.report = report

    @classmethod
    def adopt(cls, space: Space, coefficients: FloatArray, report: Report | None = None) -> "Field":
        """A field that takes coefficients over as they are: known to be right, neither checked nor copied."""
        field = cls.__new__(cls)
        field.space, field.coefficients, field.report = space, coefficients, report
        return field

    @property
    def bases(self) -> tuple[Basis, ...]:
        """Those of the space."""
        return self.space.bases

    def contract(self, matrices: Sequence[Any]) -> FloatArray:
        """The coefficients with one (m_i, n_i) matrix applied along each axis: (m_0, m_1, ...)."""
        return contract(matrices, self.coefficients)

    @property
    def values(self) -> FloatArray:
        """Values at ``space.nodes``, shaped as the grid; of Lagrange elements these are the coefficients themselves."""
        return self.space.nodal_values(self.coefficients)

    def __call__(self, *points: Any) -> FloatArray:
        """Values at points.

        Parameters
        ----------
        *points : array_like
            One per axis; they broadcast against one another.

        Returns
        -------
        array of the broadcast shape

        Raises
        ------
        ValueError
            If their number is not that of the axes, they do not broadcast, or a point lies outside the box.
        """
        return at_points(self.space, self.coefficients, (0,) * self.space.dimension, points)

    def gradient(self, *points: Any) -> FloatArray:
        """The gradient at points: the components lead, one per axis. Arguments and errors as of calling the field."""
        axes = range(self.space.dimension)
        return np.stack([at_points(self.space, self.coefficients, [int(i == axis) for i in axes], points) for axis in axes])

    def on_grid(self, *axes: Any) -> FloatArray:
        """Values on the tensor grid of one array of points per axis: (m_0, m_1, ...).

        Raises
        ------
        ValueError
            As of calling the field, or if an array has more than one axis.
        """
        return on_grid(self.space, self.coefficients, axes)

    def integral(self) -> float:
        """The integral over the box, exact."""
        result = self.coefficients
        for basis in reversed(self.space.bases):
            rule = basis.mesh.quadrature(basis.degree // 2 + 1)
            result = result @ (basis.tabulate(rule).T @ rule.weights)
        return float(result)

    def mean(self) -> float:
        """The integral divided by the volume of the box."""
        return self.integral() / self.space.volume

    def max(self) -> float:
        """The largest value at the nodes."""
        return float(self.values.max())

    def min(self) -> float:
        """The smallest value at the nodes."""
        return float(self.values.min())

    def l2_norm(self, *, points: int | None = None) -> float:
        """The L2 norm; `points` are Gauss points per cell and axis (``degree + 3`` by default)."""
        return self.l2_error(0.0, points=points)

    def h1_seminorm(self, *, points: int | None = None) -> float:
        """The L2 norm of the gradient."""
        return self.h1_seminorm_error((0.0,) * self.space.dimension, points=points)

    def h1_norm(self, *, points: int | None = None) -> float:
        """The root of the sum of the squares of the L2 norms of the field and of its gradient."""
        return float(np.hypot(self.l2_norm(points=points), self.h1_seminorm(points=points)))

    def linf_norm(self, *, points: int | None = None) -> float:
        """The largest absolute value over Gauss points and nodes."""
        return self.linf_error(0.0, points=points)

    def l2_error(self, exact: Any, *, points: int | None = None) -> float:
        """The L2 norm of the difference to a number, string or function of all coordinates."""
        return l2_difference(self.space, self.coefficients, self.space.datum(exact, "exact"), points=points)

    def h1_seminorm_error(self, exact_gradient: Any, *, points: int | None = None) -> float:
        """The L2 norm of the difference of the gradient to one: a function that returns one array per axis, or one datum per axis."""
        axes = range(self.space.dimension)
        parts = [
            l2_difference(self.space, self.coefficients, datum, derivatives=[int(i == axis) for i in axes], points=points)
            for axis, datum in enumerate(gradient_data(self.space, exact_gradient))
        ]
        return float(np.hypot.reduce(parts))

    def h1_error(self, exact: Any, exact_gradient: Any, *, points: int | None = None) -> float:
        """The H1 norm of the difference: `l2_error` and `h1_seminorm_error` together."""
        return float(np.hypot(self.l2_error(exact, points=points), self.h1_seminorm_error(exact_gradient, points=points)))

    def linf_error(self, exact: Any, *, points: int | None = None) -> float:
        """The largest absolute difference over Gauss points and nodes."""
        return largest_difference(self.space, self.coefficients, self.space.datum(exact, "exact"), points=points)

    plot = plot
    compare = compare
    plot_error = plot_error
    isosurface = isosurface
    _repr_html_ = summary

    def to_vtk(self, path: str | os.PathLike[str], *, name: str = "u", gradient: str | None = None, overwrite: bool = True) -> None:
        """Write a .vtr file for ParaView: values at the nodes, a periodic axis closed; one to three axes.

        Parameters
        ----------
        path : str or path
            Ending in ".vtr". The file appears whole or not at all.
        name : str
        gradient : {"points", "cells"}, optional
            Adds "grad_" and the name: at the nodes (the mean of both sides where it jumps), or in the middles between them.
        overwrite : bool
            Whether an existing file may be replaced.

        Raises
        ------
        ValueError
            If the field has more than three axes, or an argument does not fit.
        OSError
            If the file cannot be written.
        """
        write_vtr(path, **grid_samples(self.space, self.coefficients, name, gradient)._asdict(), overwrite=overwrite)

    def to_xarray(self, name: str = "u") -> Any:
        """The values at the nodes as an `xarray.DataArray`, a copy.

        Its attributes are the facts of the space and of the report as numbers and texts, such that ``.to_netcdf(path, engine="scipy")``
        can write them. A periodic axis has no repeated end.

        Raises
        ------
        ModuleNotFoundError
            Without xarray.

        Examples
        --------
        >>> import tensorfem as tfem
        >>> data = tfem.interpolate(tfem.box(x=(0, 1), y=(0, 2), cells=(4, 2)), "x*y").to_xarray()
        >>> float(data.sel(x=0.5, y=1.0)), data.attrs["basis"]
        (0.5, 'lagrange, lagrange')
        """
        return labelled(self.values, self.space.nodes, self.space.names, name=name, attributes=facts(self.space, self.report))

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = True) -> None:
        """Write an .npz file from which `tensorfem.load` makes the field again, the report included.

        The file appears whole or not at all. It holds numbers and a text, which `numpy.load` reads too, and nothing pickled.

        Raises
        ------
        ValueError
            If a basis is of a class of your own, which files do not know.
        OSError
            If the file cannot be written, or exists and is not to be overwritten.
        """
        save(path, self.space, self.coefficients, self.report, overwrite=overwrite)

    def __repr__(self) -> str:
        return f"Field({self.space!r})"
