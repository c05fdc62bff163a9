"""The interpolated load: the same orders for fewer samples."""

from typing import Any

import numpy as np
import pytest

import tensorfem as tfem

BOUNDARY = {"x-": tfem.Robin(2.0, ambient="cos(y)"), "y+": tfem.Neumann("x"), "*": 0.0}


def spaces(degree: int, cells: int, basis: str) -> tfem.Space:
    family: Any = {"lagrange": tfem.Lagrange, "bspline": tfem.BSpline}[basis]
    return tfem.Space(family(tfem.interval(0, 1, cells), degree), family(tfem.interval(0, 2, cells + 1), degree))


@pytest.mark.parametrize("basis", ["lagrange", "bspline"])
@pytest.mark.parametrize("degree", [1, 2, 3])
def test_the_order_is_that_of_the_elements(basis: str, degree: int) -> None:
    """Of -Lap u = f with u = sin(pi x) exp(y) x-y coupled: the error in L2 falls with h^(p + 1)."""
    exact = "sin(3*x*y + x)"
    source = "((3*y + 1)**2 + 9*x**2)*sin(3*x*y + x)"
    errors = []
    for cells in (6, 12, 24):
        problem = tfem.Poisson(spaces(degree, cells, basis), source, boundary=exact, load="interpolate")
        errors.append(problem.solve().l2_error(exact))
    assert np.log2(errors[1] / errors[2]) > degree + 1 - 0.2


@pytest.mark.parametrize("basis", ["lagrange", "bspline"])
@pytest.mark.parametrize("source", ["x*y + sin(x*y)", "exp(x)*y", tfem.Product("exp(x)", "y"), tfem.Sum("x**2", "cos(y)"), 2.0])
@pytest.mark.parametrize("dense", [0, 512], ids=["solved", "multiplied"])
def test_it_is_the_load_of_the_interpolant(basis: str, source: Any, dense: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tensorfem.load_vector.DENSE", dense)
    space = spaces(3, 4, basis)
    function = {"Product": "exp(x)*y", "Sum": "x**2 + cos(y)"}.get(type(source).__name__, source)
    expected = space.load(tfem.interpolate(space, function))
    assert np.allclose(space.load(source, method="interpolate"), expected, rtol=0, atol=1e-14 * np.abs(expected).max() * 20)
    rows = slice(1, -2), slice(3, None)
    some = space.load(source, method="interpolate", functions=rows)
    assert np.allclose(some, expected[rows], rtol=0, atol=1e-14 * np.abs(expected).max() * 20)


@pytest.mark.parametrize("source", ["sin(x*y)", "x*y", tfem.Product("x", "y"), tfem.Sum("x", 1.0), np.arange(35.0).reshape(7, 5), "field"])
def test_some_of_the_functions(source: Any) -> None:
    space = tfem.Space(tfem.Lagrange(tfem.interval(0, 1, 3), 2), tfem.BSpline(tfem.interval(0, 2, 3), 2))
    given = tfem.interpolate(space, "x*y**2") if isinstance(source, str) and source == "field" else source
    rows = slice(2, 6), slice(1, None)
    assert np.allclose(
        space.load(given, functions=rows), space.load(given)[rows], rtol=0, atol=1e-14 * np.abs(space.load(given)).max() * 20
    )


def test_fluxes_on_faces_meet_free_unknowns_only() -> None:
    """The reduced right-hand side is that of all unknowns, cut: against the problem with the Dirichlet faces made natural."""
    space = spaces(2, 5, "lagrange")
    held = tfem.Poisson(space, "sin(x*y)", boundary=BOUNDARY)
    natural = tfem.Poisson(space, "sin(x*y)", boundary={**BOUNDARY, "*": tfem.Neumann(0.0)})
    assert held.rhs.shape == (10, 12)
    assert np.allclose(held.rhs, natural.rhs[:-1, 1:], rtol=0, atol=1e-15)


def test_it_goes_along_with_refinement_and_shows() -> None:
    problem = tfem.Poisson(spaces(2, 4, "lagrange"), "sin(x*y)", boundary=0.0, load="interpolate")
    assert problem.refined().load == "interpolate"
    assert "load='interpolate'" in repr(problem)
    assert "load" not in repr(tfem.Poisson(problem.space, "sin(x*y)", boundary=0.0)).replace("load_vector", "")
    assert not np.array_equal(problem.rhs, tfem.Poisson(problem.space, "sin(x*y)", boundary=0.0).rhs)
    assert problem.explain().load > 0
    study = tfem.refinement_study(problem, levels=4, quantity=lambda u: u.integral())
    assert study.orders["quantity"] > 2.5


def test_wrong_methods() -> None:
    space = spaces(1, 3, "lagrange")
    with pytest.raises(ValueError, match=r"^load: got 'nodes'; allowed are 'quadrature', 'interpolate'"):
        tfem.Poisson(space, 1.0, boundary=0.0, load="nodes")
    for source in ("x", tfem.interpolate(space, "x")):
        with pytest.raises(ValueError, match=r"^method: got None; allowed are 'quadrature', 'interpolate'"):
            space.load(source, method=None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^points: got 3 for the interpolated load, which takes the nodes; leave points out"):
        space.load("x", method="interpolate", points=3)
