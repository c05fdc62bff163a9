"""Spaces: tensor products of one-dimensional bases."""

import functools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem import html
from tensorfem.axis import Basis, mass
from tensorfem.coefficient import Datum, Product, Sum
from tensorfem.kron import KroneckerProduct, mode_product, require_memory
from tensorfem.kron.mode_solve import mode_solve
from tensorfem.kron.slab_contraction import contract
from tensorfem.load_vector import (
    TensorFunction,
    axis_loads,
    load,
    open_grid,
    product_load,
    require_axes,
    require_method,
    sum_load,
    tensor_load,
)

FloatArray = NDArray[np.float64]


class Space:
    """The tensor product of one basis per axis; axis 0 is x.

    Parameters
    ----------
    *bases : Basis
        `Lagrange` or `BSpline`, in any mixture.

    Raises
    ------
    ValueError
        Without any basis, or if an argument is none.

    Examples
    --------
    >>> import tensorfem as tfem
    >>> space = tfem.Space(tfem.Lagrange(tfem.interval(0, 1, cells=4), 2), tfem.BSpline(tfem.interval(0, 2, cells=3), 3))
    >>> space.shape, space.names, space.faces
    ((9, 6), ('x', 'y'), ('x-', 'x+', 'y-', 'y+'))
    """

    def __init__(self, *bases: Basis) -> None:
        if not bases or not all(isinstance(basis, Basis) for basis in bases):
            raise ValueError(f"Space: got {bases!r}; allowed is one basis per axis, Lagrange(mesh, degree) or BSpline(mesh, degree)")
        self.bases = bases

    @property
    def dimension(self) -> int:
        """Number of axes."""
        return len(self.bases)

    @property
    def names(self) -> tuple[str, ...]:
        """The axes' names: x, y, z up to three, else x1, x2, ..."""
        return ("x", "y", "z")[: self.dimension] if self.dimension <= 3 else tuple(f"x{i + 1}" for i in range(self.dimension))

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of basis functions per axis, boundary included."""
        return tuple(basis.size for basis in self.bases)

    @property
    def size(self) -> int:
        """Number of basis functions, boundary included."""
        return int(np.prod(self.shape, dtype=object))

    @property
    def bounds(self) -> tuple[tuple[float, float], ...]:
        """The ends of each axis."""
        return tuple(basis.mesh.bounds for basis in self.bases)

    @property
    def volume(self) -> float:
        """The box's length, area or volume."""
        return float(np.prod([basis.mesh.length for basis in self.bases]))

    @property
    def faces(self) -> tuple[str, ...]:
        """The faces that take boundary conditions: "x-", "x+", ...; a periodic axis has none."""
        return tuple(name + end for name, basis in zip(self.names, self.bases, strict=True) if not basis.mesh.periodic for end in "-+")

    @property
    def nodes(self) -> tuple[FloatArray, ...]:
        """The nodes of each axis, at which `Field.values` lie."""
        return tuple(basis.nodes for basis in self.bases)

    @property
    def coordinates(self) -> tuple[FloatArray, ...]:
        """The nodes as open arrays, which broadcast to the grid."""
        return open_grid(self.nodes)

    @functools.cached_property
    def mass(self) -> KroneckerProduct:
        """The mass matrix as a Kronecker product, boundary included."""
        return KroneckerProduct(*(mass(basis) for basis in self.bases))

    def refined(self, axes: Sequence[str] | None = None) -> "Space":
        """The space on the mesh with every cell of every axis halved, or of the axes named, as ("x",)."""
        chosen = self.names if axes is None else tuple(axes)
        unknown = [name for name in chosen if name not in self.names]
        if unknown or not chosen:
            raise ValueError(f"axes: got {axes!r}; the axes of this space are {', '.join(self.names)}")
        return Space(*(basis.refined() if name in chosen else basis for name, basis in zip(self.names, self.bases, strict=True)))

    def datum(self, given: Any, where: str) -> Datum:
        """A number, string or callable as a checked function of this space's coordinates."""
        return Datum(given, self.names, where)

    def nodal_coefficients(self, values: FloatArray) -> FloatArray:
        """The coefficients of the function with these values at the nodes."""
        for axis, basis in enumerate(self.bases):
            if not basis.nodal:
                values = mode_solve(basis.collocation, values, axis)
        return values

    def nodal_values(self, coefficients: FloatArray) -> FloatArray:
        """The values at the nodes of the function with these coefficients."""
        for axis, basis in enumerate(self.bases):
            if not basis.nodal:
                coefficients = mode_product(basis.collocation, coefficients, axis)
        return coefficients

    def load(
        self,
        source: Any,
        *,
        points: int | None = None,
        method: str = "quadrature",
        functions: Sequence[slice] | None = None,
        where: str = "source",
    ) -> FloatArray:
        """The load vector: the integrals of a function against every basis function.

        Parameters
        ----------
        source : number, string, callable, Product, Sum, Field, or array of nodal values
            A `Product`, a `Sum` and nodal values are integrated at 1D cost; so is a `Field` or a sum of products, and exactly, whatever
            its mesh is. A callable is sampled in threads where it is seen to be an expression in NumPy that keeps no state.
        points : int, optional
            Gauss points per cell and axis; ``degree + 1`` by default.
        method : {"quadrature", "interpolate"}
            How a number, string, callable, Product or Sum is integrated: by Gauss points, or as the function of this space that takes its
            values at the nodes. That needs fewer samples, and the order of convergence is the same.
        functions : sequence of slice, optional
            The basis functions of each axis that are wanted; all by default.
        where : str
            What error messages call the source.

        Returns
        -------
        array of `shape`, or of as many entries per axis as there are `functions`

        Raises
        ------
        ValueError
            If the source is nothing of this, fails, or is not finite somewhere; if `method` is unknown.
        MemoryError
            If the result would not fit into memory.
        """
        wanted = (slice(None),) * self.dimension if functions is None else tuple(functions)
        require_method(method, points)
        shape = tuple(len(range(size)[own]) for size, own in zip(self.shape, wanted, strict=True))
        require_memory(8.0 * math.prod(shape), f"{where}: the load of shape {shape}", "use fewer cells")
        if isinstance(source, TensorFunction):
            return tensor_load(self.bases, source, self.names, where, wanted)
        if isinstance(source, np.ndarray) and source.ndim:
            rows = [factor[own] for factor, own in zip(self.mass.factors, wanted, strict=True)]
            return contract(rows, self.nodal_coefficients(self.checked_nodal(source, where)))
        axes = axis_loads(self.bases, wanted, points, method)
        if isinstance(source, Product):
            return product_load(axes, source.data(self.names, where))
        if isinstance(source, Sum):
            return sum_load(axes, source.data(self.names, where))
        return load(axes, self.datum(source, where))

    def checked_source(self, source: Any, where: str) -> Any:
        """A source as `load` takes it: checked as far as it can be before it is sampled, an array copied.

        Raises
        ------
        ValueError
            If it is nothing that `load` takes.
        """
        if isinstance(source, np.ndarray) and source.ndim:
            return self.checked_nodal(source, where)
        if isinstance(source, Product | Sum):
            source.data(self.names, where)
        elif isinstance(source, TensorFunction):
            require_axes(source, self.names, where)
        else:
            self.datum(source, where)
        return source

    def checked_nodal(self, values: Any, where: str) -> FloatArray:
        """An array of nodal values: of this space's shape, real and finite.

        Raises
        ------
        ValueError
            If it is not; the first bad entry is named.
        """
        array = np.asarray(values)
        if array.shape != self.shape or array.dtype.kind not in "iuf":
            raise ValueError(
                f"{where}: got an array of shape {array.shape} and type {array.dtype}; nodal values here are real, of shape {self.shape}"
            )
        with np.errstate(all="ignore"):
            suspicious = not np.isfinite(array.sum())  # one pass; finite values whose sum overflows are looked at again
        if suspicious and not np.isfinite(array).all():
            index = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
            raise ValueError(f"{where}: the value at node {index} is {array[index]}; all must be finite")
        return array.astype(np.float64)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """The name of each axis and what its basis is."""
        return [(name, repr(basis)) for name, basis in zip(self.names, self.bases, strict=True)]

    def _repr_html_(self) -> str:
        return html.table(self.facts, caption=f"Space of {self.size:,} unknowns")

    def __repr__(self) -> str:
        return f"Space({', '.join(f'{name}: {basis!r}' for name, basis in zip(self.names, self.bases, strict=True))})"


def spread(value: Any, names: Sequence[str], where: str) -> tuple[Any, ...]:
    """One entry per axis: from a sequence of as many, a mapping by name, or one value for all.

    Raises
    ------
    ValueError
        If the number of entries, or a name, does not fit the axes.

    Examples
    --------
    >>> spread((8, 4), ("x", "y"), "cells"), spread(8, ("x", "y"), "cells")
    ((8, 4), (8, 8))
    """
    if isinstance(value, Mapping):
        if set(value) != set(names):
            raise ValueError(f"{where}: got entries for {', '.join(map(str, value))}; this box has the axes {', '.join(names)}")
        return tuple(value[name] for name in names)
    if not isinstance(value, tuple | list):
        return (value,) * len(names)
    if len(value) != len(names):
        raise ValueError(f"{where}: got {len(value)} entries, {value!r}; this box has {len(names)} axes ({', '.join(names)})")
    return tuple(value)
