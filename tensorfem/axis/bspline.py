"""B-splines of any degree and continuity."""

import functools

import numpy as np
from numpy.typing import NDArray

from tensorfem.axis.basis import Basis, FloatArray
from tensorfem.axis.mesh import Mesh
from tensorfem.checks import integer

ROUNDING = 1e-14  # a Greville point this close to a periodic axis' end, relative to its length, is the one at its start


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
    def _knots(self) -> tuple[FloatArray, FloatArray]:
        """The distances of the ``degree`` knots left of each cell from its left end, and of those right of it from its right end.

        They are sums of cell sizes, zero beyond a clamped end: where a periodic axis closes, differences of shifted nodes would not know
        the size of small cells.
        """
        steps = np.arange(self.degree) // self._multiplicity
        reach = int(steps[-1])
        sizes = np.pad(self.mesh.sizes, reach, mode="wrap") if self.mesh.periodic else np.zeros(self.mesh.cells + 2 * reach)
        sizes[reach : reach + self.mesh.cells] = self.mesh.sizes

        def side(direction: int) -> FloatArray:
            neighbours = [sizes[reach + direction * k :][: self.mesh.cells] for k in range(1, reach + 1)]
            return np.asarray(np.cumsum([np.zeros(self.mesh.cells), *neighbours], axis=0)[steps].T)

        return side(-1), side(+1)

    def local(self, cells: NDArray[np.intp], reference: FloatArray, derivative: int) -> FloatArray:
        """Values by the Cox-de Boor recursion, from distances of knots and reference coordinates alone: no digit cancels."""
        left, right = self._knots
        return _splines(left[cells], self.mesh.sizes[cells], right[cells], reference, self.degree, derivative)

    @functools.cached_property
    def unknowns(self) -> NDArray[np.intp]:
        """Each cell sees the functions of its knot spans; on a periodic axis they are numbered from the first node on."""
        return (self._spans - self._rotation) % self._greville.size if self.mesh.periodic else self._spans

    @functools.cached_property
    def nodes(self) -> FloatArray:
        """The Greville points."""
        return np.roll(self._greville, -self._rotation)

    @property
    def _spans(self) -> NDArray[np.intp]:
        """Each cell's ``degree + 1`` functions by the knot spans that they start with, wrapped around on a periodic axis."""
        numbers = self._multiplicity * np.arange(self.mesh.cells)[:, None] + np.arange(self.degree + 1)
        return numbers % (self._multiplicity * self.mesh.cells) if self.mesh.periodic else numbers

    @functools.cached_property
    def _rotation(self) -> int:
        return int(np.argmin(self._greville))

    @functools.cached_property
    def _greville(self) -> FloatArray:
        """The mean of the inner knots of each function, wrapped into a periodic axis."""
        mesh, degree = self.mesh, self.degree
        left, right = self._knots
        sums = [right[:, :a].sum(axis=1) + a * mesh.sizes - left[:, : degree - a].sum(axis=1) for a in range(degree + 1)]
        points = np.empty(int(self._spans.max()) + 1)
        points[self._spans] = mesh.nodes[:-1, None] + np.transpose(sums) / degree
        if not mesh.periodic:
            points[-1] = mesh.nodes[-1]
            return points
        offsets = np.mod(points - mesh.nodes[0], mesh.length)
        return np.asarray(mesh.nodes[0] + np.where(offsets > (1 - ROUNDING) * mesh.length, 0.0, offsets))

    def on(self, mesh: Mesh) -> "BSpline":
        """Splines of this degree and continuity on another mesh."""
        return BSpline(mesh, self.degree, self.continuity)

    @property
    def nodal(self) -> bool:
        """Whether the functions are hats: of degree 1, coefficients are values."""
        return self.degree == 1


def _splines(left: FloatArray, size: FloatArray, right: FloatArray, reference: FloatArray, degree: int, derivative: int) -> FloatArray:
    """The ``degree + 1`` splines alive in cells of these sizes with knots at these distances from their ends, (m, degree + 1)."""
    values = np.zeros((size.size, degree + 1))
    if derivative > degree:
        return values
    if derivative:
        lower = _splines(left, size, right, reference, degree - 1, derivative - 1)
        slopes = degree * lower / np.stack([left[:, degree - 1 - a] + size + right[:, a] for a in range(degree)], axis=1)
        values[:, 1:] += slopes
        values[:, :-1] -= slopes
        return values
    values[:, 0] = 1.0
    for j in range(1, degree + 1):
        carried = np.zeros(size.size)
        for r in range(j):
            before, after = left[:, j - 1 - r], right[:, r]
            share = values[:, r] / (before + size + after)
            values[:, r] = carried + (after + (1 - reference) * size) * share
            carried = (before + reference * size) * share
        values[:, j] = carried
    return values
