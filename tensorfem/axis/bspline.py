"""B-splines of any degree and continuity."""

import functools

import numpy as np
from numpy.typing import NDArray

from tensorfem.axis.basis import Basis, FloatArray
from tensorfem.axis.mesh import Mesh
from tensorfem.checks import integer


class BSpline(Basis):
    """B-splines: piecewise polynomials with continuous derivatives, clamped at the ends of the axis or periodic.

    Parameters
    ----------
    mesh : Mesh
    degree : int
        From 1 to 24.
    continuity : int, optional
        How many derivatives are continuous between cells: 0 to ``degree - 1``, which is the default.

    Raises
    ------
    ValueError
        If degree or continuity are out of range.

    References
    ----------
    de Boor, A Practical Guide to Splines; Piegl & Tiller, The NURBS Book, algorithm A2.2.

    Examples
    --------
    >>> from tensorfem.axis import interval
    >>> BSpline(interval(0, 1, cells=2), degree=2).evaluate([0.5]).toarray()
    array([[0. , 0.5, 0.5, 0. ]])
    """

    def __init__(self, mesh: Mesh, degree: int, continuity: int | None = None) -> None:
        super().__init__(mesh, degree)
        self.continuity = self.degree - 1 if continuity is None else integer(continuity, "continuity", 0, self.degree - 1)

    @property
    def _multiplicity(self) -> int:
        return self.degree - self.continuity

    @functools.cached_property
    def _knots(self) -> tuple[FloatArray, NDArray[np.intp]]:
        """The knots, and for each cell the position of the last knot at its left end."""
        mesh, times = self.mesh, self._multiplicity
        if not mesh.periodic:
            counts = np.full(mesh.cells + 1, times)
            counts[[0, -1]] = self.degree + 1
            return np.repeat(mesh.nodes, counts), self.degree + times * np.arange(mesh.cells)
        turns = -(-(self.degree + 1) // (times * mesh.cells)) + 1
        shifts = mesh.length * np.arange(-turns, turns + 1)
        nodes = (shifts[:, None] + mesh.nodes[:-1]).ravel()
        return np.repeat(nodes, times), times * (turns * mesh.cells + np.arange(mesh.cells) + 1) - 1

    def local(self, cells: NDArray[np.intp], reference: FloatArray, derivative: int) -> FloatArray:
        """Values by the Cox-de Boor recursion, from knot differences and reference coordinates alone."""
        knots, spans = self._knots
        return _splines(knots, spans[cells], reference, self.degree, derivative)

    @functools.cached_property
    def unknowns(self) -> NDArray[np.intp]:
        """Each cell sees the functions of its ``degree + 1`` knot spans, wrapped around on a periodic axis."""
        numbers = self._multiplicity * np.arange(self.mesh.cells)[:, None] + np.arange(self.degree + 1)
        return (numbers - self._rotation) % self._period if self.mesh.periodic else numbers

    @property
    def _period(self) -> int:
        return self._multiplicity * self.mesh.cells

    @functools.cached_property
    def _rotation(self) -> int:
        """On a periodic axis functions are numbered from the first Greville point right of the axis' start."""
        return int(np.argmin(self._greville(self._period)))

    def _greville(self, count: int) -> FloatArray:
        """The mean of the inner knots of the first functions, wrapped into a periodic axis."""
        knots, spans = self._knots
        first = spans[0] - self.degree
        windows = np.lib.stride_tricks.sliding_window_view(knots[first + 1 : first + count + self.degree], self.degree)
        points = windows.mean(axis=1)
        if not self.mesh.periodic:
            return np.asarray(np.clip(points, *self.mesh.bounds))
        start, length = self.mesh.nodes[0], self.mesh.length
        offsets = np.mod(points - start, length)
        return np.asarray(start + np.where(offsets > (1 - 1e-12) * length, 0.0, offsets))

    @functools.cached_property
    def nodes(self) -> FloatArray:
        """The Greville points."""
        return np.roll(self._greville(self._period), -self._rotation) if self.mesh.periodic else self._greville(self.size)

    def on(self, mesh: Mesh) -> "BSpline":
        """Splines of this degree and continuity on another mesh."""
        return BSpline(mesh, self.degree, self.continuity)

    @property
    def nodal(self) -> bool:
        """Whether the functions are hats: of degree 1, coefficients are values."""
        return self.degree == 1


def _splines(knots: FloatArray, spans: NDArray[np.intp], reference: FloatArray, degree: int, derivative: int) -> FloatArray:
    """The ``degree + 1`` splines alive in each span, (m, degree + 1)."""
    if derivative > degree:
        return np.zeros((spans.size, degree + 1))
    if derivative:
        lower = _splines(knots, spans, reference, degree - 1, derivative - 1)
        slopes = degree * lower / np.stack([knots[spans + 1 + a] - knots[spans + 1 + a - degree] for a in range(degree)], axis=1)
        values = np.zeros((spans.size, degree + 1))
        values[:, 1:] += slopes
        values[:, :-1] -= slopes
        return values
    left_end, right_end = knots[spans], knots[spans + 1]
    size = right_end - left_end
    values = np.zeros((spans.size, degree + 1))
    values[:, 0] = 1.0
    for j in range(1, degree + 1):
        carried = np.zeros(spans.size)
        for r in range(j):
            low, high = knots[spans + 1 - j + r], knots[spans + 1 + r]
            share = values[:, r] / (high - low)
            values[:, r] = carried + ((high - right_end) + (1 - reference) * size) * share
            carried = ((left_end - low) + reference * size) * share
        values[:, j] = carried
    return values
