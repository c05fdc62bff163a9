"""Fields that approximate given functions: interpolation and projection."""

from typing import Any

import numpy as np

from tensorfem.field import Field
from tensorfem.kron.mode_solve import mode_solve
from tensorfem.space import Space


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
