"""Data that no problem can be made of: each is refused with one clear message, and nothing of the caller's is changed."""

import math
import warnings
from typing import Any

import numpy as np
import pytest

import tensorfem as tfem

PLANE = tfem.box(x=(0, 1), y=(0, 2), cells=(4, 3), degree=2)
TUBE = tfem.box(x=(0, 1), y=(0, 2), cells=(4, 3), periodic="x")


def branching(*x: Any) -> Any:
    if x[0] > 0:
        return x[0]
    return 0.0


def failing(*x: Any) -> Any:
    raise KeyError("no such table")


def changing(*x: Any) -> Any:
    coordinate = x[0]
    coordinate *= 2
    return coordinate


# What a callable can do wrong, whatever the number of its coordinates, and what is said about it.
CALLABLES = {
    "wrong shape": (lambda *x: np.ones(7), r"returned shape \(7,\), which does not broadcast to the grid \(.*called with open arrays"),
    "too many axes": (lambda *x: np.ones((1, 1, 1)), r"returned shape \(1, 1, 1\)"),
    "ragged list": (lambda *x: [np.ones(2), np.ones(3)], "returned a list that makes no array"),
    "nothing": (lambda *x: None, "returned an object of type NoneType; it must return an array of real numbers"),
    "text": (lambda *x: "x", "returned data of type <U1; it must return an array of real numbers"),
    "complex": (lambda *x: 1j * x[0], "returned complex numbers; it must return an array of real numbers"),
    "math": (lambda *x: math.sin(x[0]), r"raised TypeError: .*seems to be written for single numbers: use NumPy's functions and np.where"),
    "if": (branching, "raised ValueError: .*ambiguous.*seems to be written for single numbers: use NumPy's functions and np.where"),
    "raising": (failing, r"raised KeyError: 'no such table'; it is called with \d arrays? \("),
    "changing its arguments": (changing, "raised ValueError: .*read-only"),
    "too many arguments": (lambda a, b, c, d: a, r"raised TypeError: .*missing . required.*it is called with \d arrays? \("),
    "no argument": (lambda: 1.0, r"raised TypeError: .*takes 0 positional.*it is called with \d arrays? \("),
    "nan": (lambda *x: np.where(x[0] > 0.5, np.nan, x[0]), r"the value is nan at \w = 0\.\d+.*; all must be finite"),
    "inf": (lambda *x: np.where(x[0] > 0.5, -np.inf, x[0]), r"the value is -inf at \w = 0\.\d+.*; all must be finite"),
}
PLACES = {  # where a callable may stand: the problem's data, and how messages call the place
    "source": (lambda f: {"source": f}, "source"),
    "source, product": (lambda f: {"source": tfem.Product(f, 1.0)}, "source, axis x"),
    "source, sum": (lambda f: {"source": tfem.Sum(0.0, f)}, "source, axis y"),
    "diffusion": (lambda f: {"diffusion": (2.0, f)}, "diffusion, axis y"),
    "diffusion, product": (lambda f: {"diffusion": tfem.Product(f, "1 + y")}, "diffusion, axis x"),
    "reaction": (lambda f: {"reaction": tfem.Sum(f, 0.0)}, "reaction, axis x"),
    "dirichlet": (lambda f: {"boundary": {"y+": f, "*": 0.0}}, 'boundary, face "y\\+"'),
    "neumann": (lambda f: {"boundary": {"y-": tfem.Neumann(f), "*": 0.0}}, 'boundary, face "y-"'),
    "robin": (lambda f: {"boundary": {"y-": tfem.Robin(1.0, flux=f), "*": 0.0}}, 'boundary, face "y-"'),
    "ambient": (lambda f: {"boundary": {"y+": tfem.Robin(1.0, ambient=f), "*": 0.0}}, 'boundary, face "y\\+"'),
}


def solve(**given: Any) -> tfem.Field:
    return tfem.Poisson(PLANE, **{"source": 1.0, "boundary": 0.0, **given}).solve()


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("fault", CALLABLES)
def test_callables(fault: str, place: str) -> None:
    function, said = CALLABLES[fault]
    data, where = PLACES[place]
    with pytest.raises(ValueError, match=f"^{where}: .*{said}"):
        solve(**data(function))


NO_NUMBERS = [math.nan, math.inf, -math.inf, 10**400, True, 1j, [1.0, 2.0], "x*q", "2 +", "1/0", b"x"]


@pytest.mark.parametrize("given", NO_NUMBERS, ids=lambda value: repr(value)[:12])
@pytest.mark.parametrize("place", PLACES)
def test_what_is_no_number_no_formula_and_no_function(place: str, given: Any) -> None:
    data, where = PLACES[place]
    with pytest.raises(ValueError, match=rf"(?s)^({where}|boundary): .*(got|formula|has) .*(llowed|needs|must|between|finite|give)"):
        solve(**data(given))


def test_array_of_no_dimension_is_a_number() -> None:
    """What a field returns at one point can be given on."""
    number = np.array(2.0)
    u = solve(source=number, diffusion=number, reaction=number, boundary={"x-": number, "*": tfem.Robin(number, ambient=number)})
    again = solve(source=2, diffusion=2, reaction=2, boundary={"x-": 2, "*": tfem.Robin(2, ambient=2)})
    assert np.array_equal(u.values, again.values)


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.ones((9, 6)), r"source: got an array of shape \(9, 6\) and type float64; nodal values here are real, of shape \(9, 7\)"),
        (np.full((9, 7), 1j), r"source: got an array of .* type complex128; nodal values here are real"),
        (np.where(np.arange(63).reshape(9, 7) == 9, np.nan, 1.0), r"source: the value at node \(1, 2\) is nan; all must be finite"),
        (np.where(np.arange(63).reshape(9, 7) == 62, np.inf, 1.0), r"source: the value at node \(8, 6\) is inf; all must be finite"),
    ],
)
def test_nodal_sources(array: np.ndarray, said: str) -> None:
    given = array.copy()
    with pytest.raises(ValueError, match=said):
        solve(source=given)
    assert np.array_equal(given, array, equal_nan=True)


@pytest.mark.parametrize(
    ("diffusion", "said"),
    [
        (0, "^diffusion: the smallest value is 0; diffusion must be positive everywhere"),
        (-1.5, "^diffusion: the smallest value is -1.5"),
        ((1.0, -2.0), "^diffusion, axis y: the smallest value is -2"),
        ((1.0, lambda y: 1 - y), "^diffusion, axis y: the smallest value is -0.9"),
        (tfem.Product("x - 2", -1.0), "^diffusion, axis x: the smallest value is -1.9"),
    ],
)
def test_diffusion_must_be_positive(diffusion: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        solve(diffusion=diffusion)


FACES = [
    (PLANE, {"left": 0.0}, 'boundary: unknown face "left"; the faces of this space are "x-", "x[+]", "y-", "y[+]"'),
    (PLANE, {"z-": 0.0, "*": 1.0}, 'unknown face "z-"'),
    (PLANE, {0: 0.0}, "unknown face 0"),
    (PLANE, {"x-": 0.0}, r'faces "x[+]", "y-", "y[+]" have no condition; name them, or cover all unnamed faces with "[*]"'),
    (PLANE, {("x-", "x+", "y-"): 0.0}, r'face "y[+]" has no condition; name it, or cover all unnamed faces with "[*]"'),
    (PLANE, None, r'faces "x-", "x[+]", "y-", "y[+]" have no condition'),
    (PLANE, {"x-": 0.0, ("y-", "x-"): 1.0, "*": 2.0}, 'face "x-" is given twice; name each face once'),
    (PLANE, {("*", "*"): 0.0}, r'face "[*]" is given twice'),
    (PLANE, {"x-": [0.0], "*": 1.0}, r'face "x-" has \[0.0\] \(list\); allowed are Dirichlet\(value\), Neumann\(flux\), Robin'),
    (PLANE, {"x-": tfem.Neumann, "*": 1.0}, r"has <class .*Neumann'> \(type\); allowed are"),
    (PLANE, [0.0, 1.0], r"has \[0.0, 1.0\] \(list\); allowed are Dirichlet"),
    (TUBE, {"x-": 0.0, "*": 1.0}, r'unknown face "x-"; the faces of this space are "y-", "y[+]" \(periodic axes have none\)'),
    (tfem.box(x=(0, 1), cells=4, periodic="x"), {"x+": 0.0}, "all axes of this space are periodic, and it has no faces"),
]


@pytest.mark.parametrize(("space", "boundary", "said"), FACES)
def test_faces(space: tfem.Space, boundary: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        tfem.Poisson(space, 1.0, boundary=boundary)


@pytest.mark.parametrize(
    "given", [tfem.Lagrange(tfem.interval(0, 1, 3), 1), None, "plane", (PLANE,)], ids=["basis", "None", "str", "tuple"]
)
def test_what_is_no_space(given: Any) -> None:
    with pytest.raises(ValueError, match=r"^space: got .*; allowed is a Space, as made by box or Space"):
        tfem.Poisson(given, 1.0, boundary=0.0)


@pytest.mark.parametrize("given", ["cg", tfem.CG, tfem.Jacobi(), 1e-8], ids=repr)
def test_what_is_no_solver(given: Any) -> None:
    with pytest.raises(
        ValueError, match=r"^solver: got .*; allowed are Direct\(\), CG\(\), AMG\(\), Multigrid\(\), FastDiagonalization\(\) and Auto\(\)"
    ):
        tfem.Poisson(PLANE, 1.0, boundary=0.0).solve(given)


@pytest.mark.parametrize("fault", ["math", "complex", "raising", "changing its arguments"])
def test_a_refusal_changes_nothing(fault: str) -> None:
    """Boundary dictionaries, nodes, NumPy's error state and the warning filters are as they were; the space can be used again."""
    function = CALLABLES[fault][0]
    nodes = np.array([0.0, 0.3, 1.0])
    space = tfem.Space(tfem.Lagrange(tfem.Mesh(nodes), 2), tfem.BSpline(tfem.Mesh(nodes), 2))
    boundary = {"x-": function, "*": 0.0}
    kept = (nodes.copy(), dict(boundary), np.geterr(), list(warnings.filters), [x.copy() for x in space.nodes])
    with pytest.raises(ValueError, match="boundary, face"):
        tfem.Poisson(space, 1.0, boundary=boundary).solve()
    assert np.array_equal(nodes, kept[0])
    assert (boundary, np.geterr(), list(warnings.filters)) == kept[1:4]
    assert all(np.array_equal(a, b) for a, b in zip(space.nodes, kept[4], strict=True))
    tfem.Poisson(space, 1.0, boundary=0.0).solve()
