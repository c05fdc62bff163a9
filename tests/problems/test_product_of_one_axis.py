"""A product diffusion beside a reaction or Robin ends is a Kronecker sum still, where all that varies belongs to one axis."""

import functools

import numpy as np
import pytest

import tensorfem as tfem
from tensorfem.axis import AxisMatrices
from tensorfem.axis.matrices import mass, stiffness
from tensorfem.kron import KroneckerSum, SeparableOperator

SIZES, WEIGHTS = (5, 4, 3), (2.0, 3.0, 0.5)


def varying(x):
    return 1 + x**2


@pytest.mark.parametrize("busy", [0, 1, 2])
@pytest.mark.parametrize("reaction", ["number", "function", "none"])
@pytest.mark.parametrize("robin", [False, True])
def test_it_is_what_its_terms_add_up_to(busy: int, reaction: str, robin: bool) -> None:
    space = tfem.box(x=(0, 1), y=(0, 2), z=(0, 3), cells=SIZES, degree=2)
    name = "xyz"[busy]
    weights = [varying if i == busy else weight for i, weight in enumerate(WEIGHTS)]
    react = {"number": lambda x: 0.7 + 0 * x, "function": lambda x: 0.7 + x, "none": lambda x: 0 * x}[reaction]
    parts = [react if i == busy else 0.0 for i in range(3)]
    boundary = {f"{name}-": tfem.Robin(1.5 if robin else 0.0), "*": 0.0}
    operator = tfem.Poisson(space, 1.0, diffusion=tfem.Product(*weights), reaction=tfem.Sum(*parts), boundary=boundary).operator
    free = [slice(0 if i == busy else 1, basis.size - 1) for i, basis in enumerate(space.bases)]

    def along(factors):
        return functools.reduce(np.kron, [factor.toarray()[part, part] for factor, part in zip(factors, free, strict=True)])

    plain = [mass(basis) for basis in space.bases]
    masses = [mass(basis, weight) for basis, weight in zip(space.bases, weights, strict=True)]
    expected = along([*plain[:busy], mass(space.bases[busy], react), *plain[busy + 1 :]])
    for i, (basis, weight) in enumerate(zip(space.bases, weights, strict=True)):
        expected = expected + along([*masses[:i], stiffness(basis, weight), *masses[i + 1 :]])
    if robin:
        corner = AxisMatrices(space.bases[busy], diffusion=0.0, robin=(1.5, 0.0)).root()
        expected = expected + along([*plain[:busy], corner.T @ corner, *plain[busy + 1 :]])
    assert isinstance(operator, KroneckerSum)
    assert np.abs(operator.toarray() - expected).max() < 1e-13 * np.abs(expected).max()


def test_more_than_one_axis_or_a_negative_reaction_leave_it_a_sum_of_terms() -> None:
    space = tfem.box(x=(0, 1), y=(0, 2), cells=(5, 4))
    data = [
        (tfem.Product(varying, varying), 1.0, {}),
        (tfem.Product(varying, 1.0), -1.0, {}),
        (tfem.Product(varying, 1.0), tfem.Sum(0.0, varying), {}),
    ]
    data.append((tfem.Product(varying, 1.0), 0.0, {"y+": tfem.Robin(1.0)}))
    for diffusion, reaction, faces in data:
        problem = tfem.Poisson(space, 1.0, diffusion=diffusion, reaction=reaction, boundary={**faces, "*": 0.0})
        assert type(problem.operator) is SeparableOperator


def test_the_constant_is_no_null_vector_beside_a_reaction() -> None:
    space = tfem.box(x=(0, 1), y=(0, 2), cells=(5, 4))
    u = tfem.Poisson(space, 3.0, diffusion=tfem.Product(varying, 2.0), reaction=1.5, boundary={"*": tfem.Neumann(0.0)}).solve()
    assert np.allclose(u.values, 2.0, rtol=1e-12)
    free = tfem.Poisson(space, 0.0, diffusion=tfem.Product(varying, 2.0), boundary={"*": tfem.Neumann(0.0)}).operator
    assert free.null_vector is not None
