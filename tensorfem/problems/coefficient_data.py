"""What may be given for a coefficient of all coordinates, as problems keep it, and as a function of all coordinates."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tensorfem.coefficient import Datum, Product, Sum
from tensorfem.field import Field
from tensorfem.load_vector import TensorFunction, require_axes, require_cover
from tensorfem.problems.cell_values import CellValues, checked_cells
from tensorfem.space import Space

FloatArray = NDArray[np.float64]


def kept(space: Space, given: Any, where: str) -> Any:
    """A coefficient as a problem keeps it: arrays copied, one number per cell as `CellValues`, a tensor as nested tuples.

    Raises
    ------
    ValueError
        If an array, a field or a tensor does not fit the space.
    """
    if is_tensor(given):
        return tuple(tuple(kept(space, entry, f"{where}, row {i}") for entry in row) for i, row in enumerate(_square(space, given, where)))
    if isinstance(given, CellValues):
        _require_cells(space, given.array, where)
    elif isinstance(given, np.ndarray) and given.ndim:
        return _kept_array(space, given, where)
    elif isinstance(given, TensorFunction):
        require_axes(given, space.names, where)
        require_cover(space.bases, given.bases, space.names, where)
    return given


def is_tensor(given: Any) -> bool:
    """Whether a coefficient is given row by row."""
    return (
        isinstance(given, tuple | list)
        and bool(given)
        and all(np.ndim(row) > 0 if isinstance(row, np.ndarray) else isinstance(row, tuple | list) for row in given)
    )


def is_of_all_coordinates(space: Space, given: Any) -> bool:
    """Whether a coefficient is of a kind that may depend on all coordinates; numbers, `Product`, `Sum` and tuples do not."""
    if isinstance(given, Product | Sum):
        return False
    if isinstance(given, TensorFunction | CellValues) or is_tensor(given) or (isinstance(given, np.ndarray) and given.ndim):
        return True
    return space.dimension > 1 and (callable(given) or isinstance(given, str))


def function_of(space: Space, given: Any, where: str) -> Datum:
    """A coefficient, as `kept` returns it, as a checked function of all coordinates.

    Raises
    ------
    ValueError
        If it is nothing that can be one.
    """
    if isinstance(given, CellValues):
        return space.datum(CellFunction(space, given.array), where)
    if isinstance(given, np.ndarray) and given.ndim:
        given = Field.adopt(space, space.nodal_coefficients(given))
    return space.datum(TensorSamples(given) if isinstance(given, TensorFunction) else given, where)


@dataclass(frozen=True, eq=False)
class CellFunction:
    """One number per cell, as a function of open coordinate arrays."""

    space: Space
    array: FloatArray

    def __call__(self, *coordinates: FloatArray) -> FloatArray:
        """The numbers of the cells that points lie in."""
        cells = [basis.mesh.locate(x.ravel())[0] for basis, x in zip(self.space.bases, coordinates, strict=True)]
        return np.asarray(self.array[np.ix_(*cells)])


class TensorSamples:
    """A function in a tensor-product basis, as a function of open coordinate arrays; those of the last calls keep their tables."""

    def __init__(self, function: TensorFunction) -> None:
        self._function = function
        self._table = functools.lru_cache(maxsize=2 * len(function.bases))(self._evaluated)

    def __call__(self, *coordinates: FloatArray) -> FloatArray:
        """Values on the tensor grid."""
        return self._function.contract([self._table(axis, x.tobytes()) for axis, x in enumerate(coordinates)])

    def _evaluated(self, axis: int, points: bytes) -> Any:
        return self._function.bases[axis].evaluate(np.frombuffer(points))


def refined(given: Any, axes: Sequence[int], where: str) -> Any:
    """A coefficient on the mesh with the cells of some axes halved.

    Raises
    ------
    ValueError
        If it is an array of nodal values, which says nothing between the nodes.
    """
    if is_tensor(given):
        return tuple(tuple(refined(entry, axes, where) for entry in row) for row in given)
    if isinstance(given, np.ndarray) and given.ndim:
        raise ValueError(f"{where}: an array of nodal values cannot be refined; give a number, a string, a function, a Field or CellValues")
    return given.refined(axes) if isinstance(given, CellValues) else given


def _square(space: Space, given: Any, where: str) -> list[list[Any]]:
    rows = [list(row) for row in given]
    lengths = [len(row) for row in rows]
    if lengths != [space.dimension] * space.dimension:
        raise ValueError(
            f"{where}: got a tensor with rows of {', '.join(map(str, lengths))} entries; this space has {space.dimension} axes "
            f"({', '.join(space.names)}), and a tensor as many rows of as many entries"
        )
    return rows


def _kept_array(space: Space, array: NDArray[Any], where: str) -> Any:
    cells = tuple(basis.mesh.cells for basis in space.bases)
    kinds = {"nodal values": space.shape, "one number per cell": cells}
    if where == "diffusion":
        kinds["a tensor"] = (space.dimension,) * 2
    fitting = [kind for kind, shape in kinds.items() if array.shape == shape]
    if array.dtype.kind not in "iuf" or not fitting:
        allowed = ", ".join(f"{kind} {shape}" for kind, shape in kinds.items())
        raise ValueError(f"{where}: got an array of shape {array.shape} and type {array.dtype}; allowed are real ones: {allowed}")
    if len(fitting) > 1:
        raise ValueError(
            f"{where}: an array of shape {array.shape} may be {' or '.join(fitting)} here; say which: Field(space, array) has values at "
            "the nodes, CellValues(array) one number per cell, and a tensor is a list of lists"
        )
    if fitting == ["nodal values"]:
        values = space.checked_nodal(array, where)
        if where == "diffusion" and values.min() < 0:  # zeros may be those of a coefficient that vanishes on the boundary alone
            node = tuple(int(i) for i in np.argwhere(values < 0)[0])
            raise ValueError(f"{where}: the value at node {node} is {values[node]:.6g}; diffusion must be positive everywhere")
        return values
    return CellValues.adopt(checked_cells(array, where)) if fitting == ["one number per cell"] else kept(space, array.tolist(), where)


def _require_cells(space: Space, array: FloatArray, where: str) -> None:
    cells = tuple(basis.mesh.cells for basis in space.bases)
    if array.shape != cells:
        raise ValueError(f"{where}: got CellValues of shape {array.shape}; this space has {cells} cells")
