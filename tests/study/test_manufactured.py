"""Manufactured problems: the problem that comes back has the solution it was made for, whatever its coefficients and faces."""

import numpy as np
import pytest

import tensorfem as tfem

ROBIN = ("robin", 2.0)
LINE, SQUARE, BOX = {"x": (0.5, 2.0)}, {"x": (0.5, 2.0), "y": (-1.0, 2.0)}, {"x": (0.5, 2.0), "y": (-1.0, 2.0), "z": (0.0, 1.5)}
CASES = {
    "line, general coefficients": (
        "exp(x)*sin(2*x)",
        LINE,
        {"diffusion": "1 + x**2", "reaction": "x", "boundary": {"x-": "neumann", "x+": ROBIN}},
    ),
    "all Dirichlet": ("exp(x)*sin(2*y) + x*y**2", SQUARE, {}),
    "all kinds": (
        "exp(x)*sin(2*y) + x*y**2",
        SQUARE,
        {
            "diffusion": ("1 + x", 2.5),
            "reaction": tfem.Sum("x**2", "exp(-y)"),
            "boundary": {"x-": "neumann", "x+": ROBIN, "y-": ROBIN, "*": "dirichlet"},
        },
    ),
    "product": (
        "log(1 + x)*cos(y) + y",
        SQUARE,
        {
            "diffusion": tfem.Product("1 + x", "2 + sin(y)"),
            "reaction": 0.5,
            "boundary": {("x-", "y+"): "neumann", "x+": ROBIN, "y-": "dirichlet"},
        },
    ),
    "mean fixed by nothing": ("exp(x)*cos(y)", SQUARE, {"diffusion": (2, 3), "boundary": "neumann"}),
    "all coordinates": (
        "exp(x)*cos(y)",
        SQUARE,
        {"diffusion": "2 + sin(x*y)", "reaction": "x*y", "boundary": {"x+": "neumann", "y-": ROBIN, "*": "dirichlet"}},
    ),
    "tensor": (
        "exp(x)*cos(y)",
        SQUARE,
        {"diffusion": [["3 + sin(x*y)", "0.5*x"], ["0.5*x", 1]], "boundary": {"x+": "neumann", "y-": ROBIN, "*": "dirichlet"}},
    ),
    "Helmholtz": ("sin(x)*exp(-y)", SQUARE, {"reaction": -3.5}),
    "three axes": (
        "sin(x + 0.3)*cos(y)*exp(z)",
        BOX,
        {"diffusion": (1.0, "2 + y", 3), "boundary": {"x+": "neumann", "y-": ROBIN, "z-": ROBIN, "*": "dirichlet"}},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_solution_is_met_at_the_orders_of_the_degree(case):
    text, ends, data = CASES[case]
    space = tfem.box(**ends, cells=(6, 5, 4)[: len(ends)], degree=2)
    problem, exact = tfem.manufactured(text, space, **data)
    study = tfem.refinement_study(problem, levels=4 if len(ends) < 3 else 3, exact=exact)
    assert study.verdict == "PASS", study
    assert study.errors["l2"][-1] < 1e-3
    assert "h1" in study.orders


@pytest.mark.parametrize("text", ["exp(sin(2*pi*x))*y**4", "cos(2*pi*(x + y))*sin(pi*y)", "y"])
def test_periodic_axes(text):
    space = tfem.box(x=(0.3, 1.3), y=(0, 2), cells=(12, 10), degree=3, periodic="x", basis="bspline")
    problem, exact = tfem.manufactured(text, space, boundary={"y-": "neumann", "y+": "dirichlet"})
    assert set(problem.conditions) == {"y-", "y+"}
    assert tfem.refinement_study(problem, levels=4, exact=exact).verdict == "PASS"


def test_all_axes_periodic_and_nothing_that_fixes_the_mean():
    space = tfem.box(x=(0, 1), cells=32, degree=4, periodic="x")
    problem, exact = tfem.manufactured("exp(sin(2*pi*x)) + 7", space)
    assert exact.shift + 7 == pytest.approx(-1.2660658777520084, rel=1e-13)  # the Bessel function I0(1)
    assert problem.solve().l2_error(exact) < 1e-6
    assert repr(exact) == "ManufacturedSolution(exp(sin(2*pi*x)) + 7 -8.266065878)"


def test_data_that_balance_are_not_refused_where_few_points_do_not_show_it():
    """The source is a peak whose integral is zero; three cells see a part of it."""
    problem, exact = tfem.manufactured("exp(-300*(x - 0.4)**2)", tfem.box(x=(0, 1), cells=3), boundary="neumann")
    with pytest.raises(ValueError, match="not compatible"):
        tfem.Poisson(problem.space, problem.source, boundary=problem.boundary).solve()
    assert tfem.refinement_study(problem, 8, exact=exact).verdict == "PASS"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sin(x)*y", r"axis x is periodic, but the solution is 0 at x = 0 and .* at x = 1; take a solution of period 1 along x"),
        ("x*(1 - x)", r"axis x is periodic, but its flux is 1 at x = 0 and -1 at x = 1"),
    ],
)
def test_not_periodic(text, message):
    with pytest.raises(ValueError, match=message):
        tfem.manufactured(text, tfem.box(x=(0, 1), y=(0, 2), cells=4, periodic="x"))


def test_the_solution_object():
    _, exact = tfem.manufactured("x**2*y", tfem.box(x=(0, 1), y=(0, 2), cells=(3, 2)))
    x, y = np.array([[1.0], [2.0]]), np.array([3.0, 4.0, 5.0])
    np.testing.assert_allclose(exact(x, y), x**2 * y)
    for found, wanted in zip(exact.gradient(x, y), (2 * x * y, x**2 + 0 * y), strict=True):
        np.testing.assert_allclose(np.broadcast_to(found, (2, 3)), wanted)
    assert repr(exact) == "ManufacturedSolution(x**2*y)"


def test_data_are_formulas_that_can_be_read():
    problem, _ = tfem.manufactured(
        "sin(pi*x)*y**2",
        tfem.box(x=(0, 1), y=(0, 2), cells=4),
        diffusion=(1, 3),
        boundary={"x-": "neumann", "y-": ("robin", 2), "*": "dirichlet"},
    )
    assert repr(problem.source) == "pi**2*y**2*sin(pi*x) - 6*sin(pi*x)"
    assert repr(problem.conditions["x-"]) == "Neumann(flux=-pi*y**2*cos(pi*x))"
    assert repr(problem.conditions["y-"].flux) == "2*y**2*sin(pi*x) - 6*y*sin(pi*x)"
    assert repr(problem.conditions["x+"]) == "Dirichlet(value=y**2*sin(pi*x))"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"solution": "exp(z)"}, 'unknown name "z"'),
        ({"solution": "abs(x)"}, 'formula "abs.x.": abs has no derivative everywhere'),
        ({"solution": "__import__('os')"}, "is not part of formulas|unknown name"),
        ({"solution": 3}, "a formula is a string"),
        ({"space": "box"}, "space: got 'box'; allowed is a Space"),
        ({"diffusion": np.sin}, "diffusion: got <ufunc 'sin'>, which cannot be differentiated; give a number or a string in x, y"),
        ({"diffusion": (1.0, lambda y: y)}, "diffusion, axis y: got <function .*, which cannot be differentiated; .* in y$"),
        ({"diffusion": tfem.Product("1 + x", np.exp)}, "diffusion, axis y: got <ufunc 'exp'>, which cannot be differentiated"),
        ({"diffusion": (1.0, "where(y < 1, 1, 2)")}, "where has no derivative everywhere"),
        ({"diffusion": (1.0,)}, "diffusion: got 1 entries; this space has 2 axes"),
        ({"diffusion": -1.0}, "diffusion.*must be positive"),
        ({"reaction": tfem.Sum(np.exp, 1.0)}, "reaction, axis x: got <ufunc 'exp'>, which cannot be differentiated"),
        ({"reaction": np.sin}, "reaction: got <ufunc 'sin'>, which cannot be differentiated"),
        ({"diffusion": [[1, 0], [0]]}, "diffusion: got a tensor with rows of 2, 1 entries"),
        ({"diffusion": [[1, np.sin], [np.sin, 2]]}, "diffusion, entry 0, 1: "),
        ({"diffusion": [[1.0, "x"], ["x", "-1"]]}, "diffusion: the tensor at x = .* has the eigenvalue -1"),
        ({"boundary": "periodic"}, 'boundary: got \'periodic\'; allowed are "dirichlet", "neumann" and'),
        ({"boundary": ("robin",)}, "boundary: got ..robin.,.; allowed are"),
        ({"boundary": ("robin", -1.0)}, "Robin: got coefficient -1.0"),
        ({"boundary": {"left": "neumann"}}, 'boundary: unknown face "left"'),
        ({"boundary": {"x-": "neumann"}}, 'boundary: faces "x.", "y-", "y." have no condition'),
    ],
)
def test_bad_arguments(change, message):
    arguments = {"solution": "x*y", "space": tfem.box(x=(0, 1), y=(0, 2), cells=3)} | change
    with pytest.raises(ValueError, match=message):
        tfem.manufactured(arguments.pop("solution"), arguments.pop("space"), **arguments)
