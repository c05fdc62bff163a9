"""Formulas in sympy: the same values as in NumPy, derivatives against differences, and one message for what has none."""

import sys

import numpy as np
import pytest

from tensorfem import _grammar
from tensorfem.expression import parse
from tensorfem.study import symbolic
from tensorfem.study.formula import Formula
from tensorfem.study.symbolic import MAX_OPERATIONS, DerivationError

XY = ("x", "y")
X, Y = np.linspace(0.2, 0.9, 7)[:, None], np.linspace(1.1, 1.7, 5)
STEP = 1e-5  # of central differences, whose relative error is about STEP**2 times the third derivative plus eps / STEP
ARGUMENTS = {"acosh": "x + y", "arccosh": "x + y", "atan2": "x*y, y - x", "arctan2": "x*y, y - x", "hypot": "x, y", "cbrt": "x*y - 1"}
WITHOUT = {"abs", "sign", "floor", "ceil", "min", "minimum", "max", "maximum", "heaviside", "where"}
WITH = sorted(set(_grammar.FUNCTIONS) - WITHOUT)
FORMULAS = [f"{name}({ARGUMENTS.get(name, 'x/y')})" for name in WITH] + [
    "3",
    "pi*e",
    "x",
    "-(x - y)/(x + y) + +x",
    "x**3*y**-2",
    "x**0.6",
    "x**y",
    "2**x + e**y",
    "1/(2*x)**3",
    "sqrt(x**2 + y)",
    "tan(x + pi/2)",
    "1.5e300*x*1e-290",
    "(0.1*x + 0.2)*(y - 0.3)",
    "exp(-10*((x - 0.5)**2 + (y - 1.5)**2))",
    "atan(20*(hypot(x + 0.05, y + 0.05) - 0.7))",
    "123456789*x + 5000*y",
]


@pytest.mark.parametrize("text", FORMULAS)
class TestFormula:
    def test_values(self, text):
        np.testing.assert_allclose(
            np.broadcast_to(Formula.of(parse(text, XY))(X, Y), (7, 5)), parse(text, XY)(X, Y) + 0 * X * Y, rtol=1e-13
        )

    def test_derivatives(self, text):
        expression, formula = parse(text, XY), Formula.of(parse(text, XY))
        for name, shift in (("x", (STEP, 0)), ("y", (0, STEP))):
            high, low = (expression(X + s * shift[0], Y + s * shift[1]) for s in (1, -1))
            difference = np.broadcast_to((high - low) / (2 * STEP), np.broadcast_shapes(X.shape, Y.shape))
            found = np.broadcast_to(formula.derivative(name)(X, Y), difference.shape)
            np.testing.assert_allclose(found, difference, rtol=1e-5, atol=1e-7 * np.abs(high).max())

    def test_prints_as_a_formula(self, text):
        derivative = Formula.of(parse(text, XY)).derivative("x")
        np.testing.assert_allclose(parse(repr(derivative), XY)(X, Y), derivative(X, Y), rtol=1e-12)


def test_computes_on_the_axes_that_occur_only():
    assert Formula.of(parse("sin(x) + 1", XY))(X, Y).shape == (7, 1)
    assert Formula.of(parse("y", ("y",)), XY)(X, Y).shape == (5,)


@pytest.mark.parametrize("name", sorted(WITHOUT))
def test_functions_with_jumps_and_kinks(name):
    count = _grammar.FUNCTIONS[name].arities.start
    text = f"1 + {name}({'x < 1, x, y' if name == 'where' else ', '.join(['x'] * count)})"
    with pytest.raises(DerivationError, match=rf'formula "1 \+ {name}\(.*": {name} has no derivative everywhere; use numbers, .* acos'):
        Formula.of(parse(text, XY))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("((2*x)**1000)**2", "powers up to 2000 are too high"),
        ("(3*x)**1e30", "powers up to 1e.30 are too high"),
        ("x**-1e9", "powers up to 1e.09 are too high"),
        ("x/(x - x)", "has no finite real values"),
        ("(" + " + ".join(["x"] * 60) + ")*(" + " + ".join(["x"] * 60) + ")", f"119 operations .* the limit is {MAX_OPERATIONS}"),
    ],
)
def test_too_large(text, message):
    with pytest.raises(DerivationError, match=message):
        Formula.of(parse(text, XY))


def test_numbers_too_large_for_floats_become_infinite():
    tall = Formula.of(parse("(1e200*x)**2", XY))
    assert tall(2.0, 0.0) == np.inf
    assert Formula(-tall.tree, XY)(2.0, 0.0) == -np.inf


def test_without_sympy(monkeypatch):
    monkeypatch.setitem(sys.modules, "sympy", None)
    symbolic.import_sympy.cache_clear()
    with pytest.raises(ImportError, match=r'need sympy, which is not installed: pip install "tensorfem\[symbolic\]"'):
        Formula.of(parse("x", XY))
