"""The operator of an elliptic problem whose coefficients depend on all coordinates."""

import functools
import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import scipy.sparse as sparse

from tensorfem.cells.axis_cells import AxisCells
from tensorfem.cells.face_term import FaceTerm
from tensorfem.cells.factorized_form import FactorizedForm
from tensorfem.cells.image import image
from tensorfem.cells.kernels import pays
from tensorfem.cells.linear_form import LinearForm
from tensorfem.kron import Array, KroneckerOperator, KroneckerProduct, KroneckerSum, outer
from tensorfem.late import late
from tensorfem.solvers.forecast import Promise

NAMES = (
    "assembly.assembled coarsening.coarser clusters.find_clusters low_order.low_order jacobi_bound.jacobi_bound norm_bound.norm_bound "
    "approximation.scaled_sum approximation.best approximation.is_rough soft_regions.has_soft_regions "
    "multiple.multiple quadrature_form.diagonal bands.bands bands.strong_axes bands.width_of"
)
_late = late("tensorfem.cells", {name: module for module, name in (place.split(".") for place in NAMES.split())})
Entry = tuple[int, int]  # a place in the tensor of diffusion


class CellOperator(KroneckerOperator):
    """The form ``int (a grad u) . grad v + c u v``, with its coefficients known in the cells of a tensor-product grid.

    It is applied cell by cell, by sum factorization; no matrix is formed.

    Parameters
    ----------
    axes : sequence of AxisCells
    diffusion : (k, \\*grid) array
        The grid has, along each axis, one entry per cell, or one per Gauss point. k is 1 for a number a, d for a diagonal tensor,
        d (d + 1) / 2 for a symmetric one, in the order xx, xy, xz, yy, yz, zz.
    reaction : (\\*grid) array, optional
        c, on the same grid.
    faces : sequence of FaceTerm
        What Robin conditions add.
    definite : bool
        Whether the operator is known to be positive definite or semi-definite.
    null_vector : tuple of arrays, optional
        The 1D factors of the vector that spans the null space.
    compiled : bool
        Whether compiled kernels are to be used however small the fields are: they are loaded already.

    References
    ----------
    Orszag, J. Comput. Phys. 37 (1980); Kronbichler & Kormann, Computers & Fluids 63 (2012).

    Examples
    --------
    >>> from tensorfem.axis import Lagrange, interval
    >>> axis = AxisCells(Lagrange(interval(0, 1, cells=2), degree=1), slice(0, 3), points=2)
    >>> CellOperator([axis], np.array([[1.0, 3.0]])).toarray()
    array([[ 2., -2.,  0.],
           [-2.,  8., -6.],
           [ 0., -6.,  6.]])
    """

    def __init__(
        self,
        axes: Sequence[AxisCells],
        diffusion: Array,
        reaction: Array | None = None,
        *,
        faces: Sequence[FaceTerm] = (),
        definite: bool = True,
        null_vector: tuple[Array, ...] | None = None,
        compiled: bool = False,
    ) -> None:
        self.axes = tuple(axes)
        self.diffusion = diffusion
        self.reaction = reaction
        self.faces = tuple(faces)
        self.definite = definite
        self._null_vector = null_vector
        self._size_matters = not compiled
        self.input_shape = self.output_shape = tuple(axis.size for axis in self.axes)
        self.dtype = diffusion.dtype

    @property
    def dimension(self) -> int:
        """Number of axes."""
        return len(self.axes)

    @property
    def null_vector(self) -> tuple[Array, ...] | None:
        """As given."""
        return self._null_vector

    @property
    def shift(self) -> float:
        """The least reaction: negative in an indefinite operator."""
        return 0.0 if self.reaction is None else float(self.reaction.min())

    @functools.cached_property
    def mass(self) -> KroneckerProduct:
        """The mass matrix, without coefficients."""
        weights = [sparse.diags_array(axis.weights.ravel()) for axis in self.axes]
        return KroneckerProduct(*(sparse.csr_array(a.values.T @ w @ a.values) for a, w in zip(self.axes, weights, strict=True)))

    def mass_vector(self, factors: Sequence[Array]) -> Array:
        """The mass matrix times the outer product of one vector per axis."""
        return outer([matrix @ factor for matrix, factor in zip(self.mass.factors, factors, strict=True)])

    @property
    def per_cell(self) -> bool:
        """Whether the coefficients are one number per cell."""
        return self.diffusion.shape[1:] == tuple(axis.count for axis in self.axes)

    def components(self) -> Iterator[tuple[Entry, Array]]:
        """The entries (i, j) of the tensor of diffusion, i <= j, that are not zero, with their samples."""
        number, dimension = len(self.diffusion), self.dimension
        if number == 1:
            yield from (((i, i), self.diffusion[0]) for i in range(dimension))
        elif number == dimension:
            yield from (((i, i), self.diffusion[i]) for i in range(dimension))
        else:
            yield from zip(itertools.combinations_with_replacement(range(dimension), 2), self.diffusion, strict=True)

    def apply(self, array: Array, *, out: Array | None = None) -> Array:
        """The image, cell by cell.

        Parameters
        ----------
        array : (\\*batch, \\*shape) array
        out : array, optional
            Where to put it: C-contiguous, of its shape and type, not overlapping `array`.

        Raises
        ------
        ValueError
            If an array has another shape, or `out` is no such array.
        """
        return image(self, array, None, out)

    def residual(self, rhs: Array, array: Array, *, out: Array | None = None) -> Array:
        """``rhs - A array``, in one pass.

        Parameters
        ----------
        rhs, array : (\\*batch, \\*shape) arrays
        out : array, optional
            Where to put it: C-contiguous, of its shape and type, not overlapping `array`. It may be `rhs`.

        Raises
        ------
        ValueError
            If an array has another shape, or `out` is no such array.
        """
        return image(self, array, rhs, out)

    @property
    def relaxes(self) -> bool:
        """Whether `relax` is there: one pass of compiled kernels."""
        return not self.faces and isinstance(self.form(self.dtype), LinearForm)

    def relax(
        self, value: Array | None, rhs: Array, *, step: Array, inverse: Array, factors: tuple[float, float, float], out: Array
    ) -> None:
        """A step of a smoothing polynomial: with r the residual, ``step = momentum step + factor inverse r`` and ``out = value + step``.

        Parameters
        ----------
        value : (\\*shape) array or None
            With None two steps are made at once: the value and the step are what the first one, ``first inverse rhs``, has made of zero.
        rhs, inverse : (\\*shape) arrays
            The right-hand side; the inverse of the diagonal.
        step : (\\*shape) array
            Changed in place; with None for a value it is only written.
        factors : (momentum, factor, first)
        out : (\\*shape) array
            The new value, overlapping none of the others. All are C-contiguous, and of the operator's type, else there is a ValueError.
        """
        self.form(self.dtype).relax(value, rhs, step, inverse, factors, out)

    def form(self, dtype: Any) -> Any:
        """The form by compiled kernels, where they pay."""
        if self._size_matters and not pays(math.prod(self.output_shape)):
            return None
        if dtype not in self._forms:
            self._forms[dtype] = LinearForm.of(self, dtype) or FactorizedForm.of(self, dtype)
        return self._forms[dtype]

    @property
    def compiled(self) -> bool:
        """Whether it is applied by compiled kernels."""
        return self.form(self.dtype) is not None

    @functools.cached_property
    def _forms(self) -> dict[Any, Any]:
        return {}

    def coarser(self) -> Any:
        """The next coarser operator, and the prolongation from it, a KroneckerProduct; None where nothing is left to coarsen."""
        return _late("coarser")(self)

    def is_rough(self) -> bool:
        """Whether diffusion jumps between neighbouring cells, so far that no operator that fast diagonalization inverts is near."""
        return bool(_late("is_rough")(self))

    @functools.cached_property
    def has_soft_regions(self) -> bool:
        """Whether some regions conduct so much better than others that single precision loses constants on them."""
        return bool(_late("has_soft_regions")(self))

    def scaled_promise(self) -> Promise:
        """How many iterations `scaled_approximation` leaves, found by a rehearsal, once; it is not made for that."""
        promise: Promise = self._way[1]
        return promise

    @functools.cached_property
    def _way(self) -> Any:
        return _late("best")(self)

    def scaled_approximation(self) -> Any:
        """The nearest operator that fast diagonalization inverts, a `ScaledSum`, made once and kept; None of an indefinite one."""
        return self._scaled_sum

    @functools.cached_property
    def _scaled_sum(self) -> Any:
        return _late("scaled_sum")(self, *self._way) if self.definite or self.null_vector is not None else None

    def kronecker_approximation(self) -> KroneckerSum | None:
        """The Kronecker sum in it, which is near the operator up to a diagonal scaling."""
        found = self.scaled_approximation()
        return None if found is None else found.nearest

    def low_order(self) -> Any:
        """The operator of linear elements on the nodes, for preconditioning; None where there is none, or none is needed."""
        return _late("low_order")(self)

    def clusters(self, diagonal: Array) -> Any:
        """What point smoothers of this diagonal miss: `Clusters`, or None."""
        return _late("find_clusters")(self, diagonal)

    @functools.cached_property
    def strong_axes(self) -> tuple[int, ...]:
        """Those along which smoothers solve for whole lines."""
        return tuple(_late("strong_axes")(self))

    def bands(self) -> Any:
        """The blocks of the lines along these axes: a list of `Band`."""
        return _late("bands")(self)

    def band_fields(self) -> int:
        """How many fields these blocks are."""
        return sum(1 + _late("width_of")(self.axes[k]) for k in self.strong_axes)

    def jacobi_bound(self, lines: Sequence[int] = ()) -> float | None:
        """An upper bound of its eigenvalues over its diagonal, or over its lines along some axes; None where there is no quick one."""
        bound: float | None = _late("jacobi_bound")(self, lines)
        return bound

    def astype(self, dtype: Any, scale: float = 1.0) -> "CellOperator":
        """The operator, or a multiple, with its coefficients in another precision."""
        multiple: CellOperator = _late("multiple")(self, dtype, scale)
        return multiple

    @property
    def T(self) -> "CellOperator":
        """Itself: the form is symmetric."""
        return self

    def diagonal(self) -> Array:
        """The exact diagonal."""
        return np.asarray(_late("diagonal")(self))

    @property
    def entries(self) -> int:
        """Those of the mass matrix's pattern."""
        return math.prod(int((axis.values.T @ axis.values).nnz) for axis in self.axes)

    def norm_bound(self) -> float:
        """From the largest coefficients and one-dimensional matrices."""
        return float(_late("norm_bound")(self))

    def _sparse(self) -> Any:
        matrix = _late("assembled")(self)
        return sparse.csr_array(sum((face.matrix(self.output_shape) for face in self.faces), matrix))

    def at_points(self, samples: Array) -> Array:
        """Samples of a coefficient at every Gauss point."""
        for k, axis in enumerate(self.axes):
            samples = axis.per_point(samples, k)
        return samples
