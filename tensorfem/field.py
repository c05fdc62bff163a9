"""Fields: functions of a space, with what people ask of them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.axis import Basis
from tensorfem.kron import mode_product
from tensorfem.kron.mode_solve import mode_solve
from tensorfem.norms import gradient_data, l2_difference, largest_difference
from tensorfem.plotting import draw
from tensorfem.report import Report
from tensorfem.space import Space

FloatArray = NDArray[np.float64]
PLOT_SAMPLES = 240  # samples per axis that a picture can show


class Field:
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
            If their number is not that of the axes, or a point lies outside the box.
        """
        return self._derivative((0,) * self.space.dimension, points)

    def gradient(self, *points: Any) -> FloatArray:
        """The gradient at points: the components lead, one per axis. Arguments and errors as of calling the field."""
        axes = range(self.space.dimension)
        return np.stack([self._derivative(tuple(int(i == axis) for i in axes), points) for axis in axes])

    def on_grid(self, *axes: Any) -> FloatArray:
        """Values on the tensor grid of one array of points per axis: (m_0, m_1, ...).

        Raises
        ------
        ValueError
            As of calling the field.
        """
        result = self.coefficients
        for axis, matrix in enumerate(self._tables([np.atleast_1d(points) for points in self._checked(axes)], (0,) * len(axes))):
            result = mode_product(matrix, result, axis)
        return result

    def _checked(self, points: tuple[Any, ...]) -> list[FloatArray]:
        space = self.space
        if len(points) != space.dimension:
            raise ValueError(f"points: got {len(points)} coordinates; this field has {space.dimension} ({', '.join(space.names)})")
        return [np.asarray(values, dtype=float) for values in points]

    def _tables(self, points: list[FloatArray], derivatives: tuple[int, ...]) -> list[Any]:
        def table(name: str, basis: Basis, values: FloatArray, derivative: int) -> Any:
            try:
                return basis.evaluate(values, derivative)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from error

        return [table(*row) for row in zip(self.space.names, self.space.bases, points, derivatives, strict=True)]

    def _derivative(self, derivatives: tuple[int, ...], points: tuple[Any, ...]) -> FloatArray:
        """Scattered evaluation: at each point the (degree + 1)^d functions that are alive there, gathered axis by axis."""
        arrays = np.broadcast_arrays(*self._checked(points))
        tables = self._tables([np.ravel(array) for array in arrays], derivatives)
        offsets = np.zeros((arrays[0].size, 1), dtype=np.intp)
        weights = np.ones((arrays[0].size, 1))
        for table, length in zip(tables, self.space.shape, strict=True):
            count = int(np.max(np.diff(table.indptr), initial=0))
            columns, values = _padded_rows(table, count)
            offsets = (offsets[:, :, None] * length + columns[:, None, :]).reshape(len(offsets), -1)
            weights = (weights[:, :, None] * values[:, None, :]).reshape(len(weights), -1)
        result = np.sum(weights * self.coefficients.ravel()[offsets], axis=1)
        return np.asarray(result.reshape(arrays[0].shape))

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

    def plot(
        self, ax: Any = None, *, at: Any = None, label: str = "u", cmap: Any = "viridis", levels: Any = 30, colorbar: bool = True
    ) -> Any:
        """Draw the field: a line, filled contours, or three orthogonal slices; one to three axes.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Where to draw (three-dimensional axes for three axes); a new figure by default.
        at : tuple of float, optional
            Where the slices of a cuboid meet; its middle by default.
        label, cmap, levels, colorbar
            As of `tensorfem.plotting.draw`.

        Returns
        -------
        matplotlib axes

        Raises
        ------
        ValueError
            If the field has more than three axes, or `ax` is of the wrong kind.
        """
        samples = tuple(_samples(basis) for basis in self.space.bases)
        names = self.space.names
        return draw(self.on_grid(*samples), samples, names, ax=ax, at=at, label=label, cmap=cmap, levels=levels, colorbar=colorbar)

    def __repr__(self) -> str:
        return f"Field({self.space!r})"


def interpolate(space: Space, function: Any) -> Field:
    """The field with a function's values at the nodes.

    Parameters
    ----------
    space : Space
    function : number, string or function of all coordinates, or array of nodal values

    Raises
    ------
    ValueError
        If the function fails, or is not finite somewhere.
    """
    nodal = isinstance(function, np.ndarray) and function.ndim
    values = space.checked_nodal(function, "function") if nodal else space.datum(function, "function")(*space.coordinates)
    return Field.adopt(space, np.array(space.nodal_coefficients(np.ascontiguousarray(values))))


def project(space: Space, function: Any, *, points: int | None = None) -> Field:
    """The field nearest to a function in the L2 norm.

    Parameters
    ----------
    space : Space
    function : number, string, callable, Product or Sum
    points : int, optional
        Gauss points per cell and axis; ``degree + 1`` by default.

    Raises
    ------
    ValueError
        If the function fails, or is not finite somewhere.
    """
    coefficients = space.load(function, points=points, where="function")
    for axis, factor in enumerate(space.mass.factors):
        coefficients = mode_solve(factor, coefficients, axis)
    return Field.adopt(space, coefficients)


def _padded_rows(table: Any, count: int) -> tuple[NDArray[np.intp], FloatArray]:
    """The columns and values of a CSR array's rows, each padded with zeros to `count` entries."""
    lengths = np.diff(table.indptr)
    filled = np.arange(count) < lengths[:, None]
    columns, values = np.zeros(filled.shape, dtype=np.intp), np.zeros(filled.shape)
    columns[filled], values[filled] = table.indices, table.data
    return columns, values


def _samples(basis: Basis) -> FloatArray:
    """Points that show a basis: the cells' ends, and points within where cells are few and the degree is high. Periodic axes close."""
    mesh = basis.mesh
    parts = max(1, min(4 * (basis.degree - 1), PLOT_SAMPLES // mesh.cells))
    inner = mesh.nodes[:-1, None] + mesh.sizes[:, None] * (np.arange(parts) / parts)
    return np.append(inner.ravel(), mesh.nodes[-1])
