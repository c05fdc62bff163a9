"""Boundary values on the right-hand side: taken off face by face, as the whole matrix would take them off."""

from typing import Any

import numpy as np
import pytest

import tensorfem as tfem

BASES = (
    tfem.Lagrange(tfem.graded(0, 1, 3, 3), 2),
    tfem.BSpline(tfem.interval(0, 2, 3), 2),
    tfem.Lagrange(tfem.interval(0, 1, 3), 1),
    tfem.BSpline(tfem.interval(0, 1, 2), 1),
)
VALUES = {
    "all faces": {"*": tfem.Dirichlet(lambda *x: 1 + sum((i + 1) * t for i, t in enumerate(x)) ** 2)},
    "two faces": {"x+": tfem.Dirichlet(lambda *x: np.exp(x[0]) + x[-1]), "x-": tfem.Dirichlet("2"), "*": tfem.Neumann(0.0)},
    "one side": {"x-": tfem.Dirichlet(3.0), "*": tfem.Neumann(1.0)},
}


@pytest.mark.parametrize("dimension", [1, 2, 3, 4])
@pytest.mark.parametrize("faces", VALUES)
@pytest.mark.parametrize("kind", ["sum", "product"])
def test_as_the_whole_matrix_does(dimension: int, faces: str, kind: str) -> None:
    """The matrix of all unknowns is that of the problem whose Dirichlet faces are natural."""
    space = tfem.Space(*BASES[:dimension])
    parts = ("1 + x", "2 - y/2", "1 + z") if dimension < 4 else ("1 + x1", 2.0, 1.0, 3.0)
    data: dict[str, Any] = {"diffusion": 2.0 if kind == "sum" else tfem.Product(*parts[:dimension]), "reaction": 0.5}
    boundary = {face.replace("x", space.names[0]): condition for face, condition in VALUES[faces].items()}
    problem = tfem.Poisson(space, 0.0, boundary=boundary, on_conflict="average", **data)
    natural = tfem.Poisson(space, 0.0, boundary=tfem.Neumann(0.0), **data).operator
    matrix = natural.tosparse()
    values = problem.field(np.zeros(problem.operator.output_shape)).coefficients
    fluxes = {face: c if isinstance(c, tfem.Neumann) else tfem.Neumann(0.0) for face, c in problem.conditions.items()}
    load = tfem.Poisson(space, 0.0, boundary=fluxes, **data).rhs
    free = tuple(slice(*ends) for ends in held(problem))
    expected = (load - (matrix @ values.ravel()).reshape(space.shape))[free]
    scale = np.abs(expected).max() + np.abs(matrix).max() * np.abs(values).max()
    assert np.allclose(problem.rhs, expected, rtol=0, atol=1e-14 * scale * 10)


def held(problem: tfem.Poisson) -> list[tuple[int, int]]:
    """Where the free unknowns of each axis begin and end."""
    dirichlet = [[isinstance(problem.conditions[name + end], tfem.Dirichlet) for end in "-+"] for name in problem.space.names]
    return [(int(low), n - int(high)) for (low, high), n in zip(dirichlet, problem.space.shape, strict=True)]
